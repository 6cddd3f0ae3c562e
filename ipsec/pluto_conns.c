/* SPDX-License-Identifier: ISC */
/* The connections in a pluto that answers; contract in pluto_parts.h. */

#include "pluto_parts.h"

#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "log.h"
#include "loop.h"

int
pluto_write_files(struct pluto *p)
{
	struct lns_addr *locals;
	size_t i;
	int rc;

	locals = calloc(p->n_addrs + 1, sizeof(*locals));
	if (locals == NULL)
		return -1;
	for (i = 0; i < p->n_addrs; i++)
		locals[i] = p->addrs[i].a;
	rc =
	    pluto_files_write(&p->files, p->conf, locals, p->n_addrs, &p->algs);
	free(locals);
	return rc;
}

static void
status_line(void *arg, const char *line)
{
	char name[CONN_NAME_MAX];
	struct pluto *p = arg;

	if (conn_of_status(p->conf, line, name))
		p->n_taken++;
}

static void
listened(void *arg, int status)
{
	struct pluto *p = arg;

	if (!pluto_step_ok(p, "whack --listen", status)) {
		pluto_give_up(p);
		return;
	}
	p->rescan = false;
	if (p->own.log != NULL)
		plutolog_ready(p->own.log);
	if (!p->was_ready || p->was_lost)
		p->ops.ready(p->arg);
	else
		log_info("ipsec", "pluto has taken the changes");
	p->was_ready = true;
	p->was_lost = false;
	pluto_next(p);
}

/* Reads the secrets too. */
void
pluto_listen_again(struct pluto *p)
{
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--listen" }, NULL };

	pluto_run_step(p, WHACK_BIN, argv, pluto_step_line, listened);
}

/* How many connections there are to be. */
static size_t
count_wanted(const struct pluto *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->n_addrs; i++)
		n += conn_count(p->conf, &p->addrs[i].a);
	return n;
}

static void
conns_counted(void *arg, int status)
{
	struct pluto *p = arg;
	size_t wanted = count_wanted(p);

	p->count = !pluto_step_ok(p, "whack --status", status);
	p->rescan = true;
	if (!p->count && p->n_taken >= wanted) {
		pluto_next(p);
		return;
	}
	log_warnx("ipsec", "pluto has %zu of %zu connections: see its log",
	    p->n_taken, wanted);
	pluto_give_up(p);
}

/* addconn does not tell what pluto thought of each connection. */
void
pluto_count_conns(struct pluto *p)
{
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--status" }, NULL };

	p->n_taken = 0;
	pluto_run_step(p, WHACK_BIN, argv, status_line, conns_counted);
}

static void
conns_loaded(void *arg, int status)
{
	struct pluto *p = arg;

	(void)pluto_step_ok(p, "addconn", status);
	p->count = true;
	pluto_next(p);
}

bool
pluto_all_loaded(const struct pluto *p)
{
	size_t i;

	for (i = 0; i < p->n_addrs; i++)
		if (!p->addrs[i].loaded)
			return false;
	return true;
}

/* Adds the names of the connections of an address behind the first n. */
static size_t
name_conns(const struct pluto *p, const struct lns_addr *a,
    char (*names)[CONN_NAME_MAX], size_t n)
{
	enum conn_kind kind;
	size_t i;
	int k;

	for (i = 0; i < p->conf->n_peers; i++)
		for (k = 0; k < CONN_KINDS; k++) {
			kind = (enum conn_kind)k;
			if (conn_exists(p->conf, i, kind, a))
				(void)conn_name(
				    p->conf, i, kind, a, names[n++]);
		}
	return n;
}

/* addconn reads ipsec.conf and hands the named connections to pluto; one that
 * is there already would lose its SAs, so each is named once. */
void
pluto_load_conns(struct pluto *p)
{
	size_t n = count_wanted(p), i, at = 5, n_names = 0;
	char(*names)[CONN_NAME_MAX];
	char **argv;

	argv = calloc(at + n + 1, sizeof(*argv));
	names = calloc(n + 1, sizeof(*names));
	if (argv == NULL || names == NULL || pluto_write_files(p) == -1) {
		pluto_give_up(p);
		goto out;
	}
	argv[0] = (char[]){ "addconn" };
	argv[1] = (char[]){ "--config" };
	argv[2] = p->files.conf;
	argv[3] = (char[]){ "--ctlsocket" };
	argv[4] = p->files.ctl;
	for (i = 0; i < p->n_addrs; i++) {
		if (p->addrs[i].loaded)
			continue;
		p->addrs[i].loaded = true;
		n_names = name_conns(p, &p->addrs[i].a, names, n_names);
	}
	for (i = 0; i < n_names; i++)
		argv[at++] = names[i];
	if (n_names > 0) {
		pluto_run_step(
		    p, ADDCONN_BIN, argv, pluto_step_line, conns_loaded);
	} else {
		/* No peer is of the family of these addresses. */
		p->count = true;
		pluto_next(p);
	}
out:
	free(argv);
	free(names);
}
