/* SPDX-License-Identifier: ISC */
/* Another configuration for a pluto that runs; contract in pluto.h. */

#include "pluto_parts.h"

#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "log.h"

/* A connection as it is and as it is to be. */
struct pair {
	size_t peer;
	enum conn_kind kind;
	const struct lns_addr *local;
};

/* What libreswan is told of it, to be freed; NULL: it does not exist, or there
 * is no memory. */
static char *
text_of(const struct pluto *p, const struct conf *c, const struct pair *x)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	if (x->peer >= c->n_peers ||
	    !conn_exists(c, x->peer, x->kind, x->local))
		return NULL;
	f = open_memstream(&text, &len);
	if (f == NULL)
		return NULL;
	conn_write(f, c, x->peer, x->kind, x->local, &p->algs);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void
add_name(char (**list)[CONN_NAME_MAX], size_t *n, const struct conf *c,
    const struct pair *x)
{
	char(*more)[CONN_NAME_MAX];

	more = reallocarray(*list, *n + 1, sizeof(*more));
	if (more == NULL) {
		log_warnx("ipsec", "no memory for a connection's change");
		return;
	}
	*list = more;
	(void)conn_name(c, x->peer, x->kind, x->local, more[(*n)++]);
}

static void
compare(struct pluto *p, const struct conf *next, const struct pair *x)
{
	struct pluto_changes *ch = &p->changes;
	char *was = text_of(p, p->conf, x), *is = text_of(p, next, x);

	if (was != NULL && is == NULL)
		add_name(&ch->gone, &ch->n_gone, p->conf, x);
	else if (is != NULL && (was == NULL || strcmp(was, is) != 0))
		add_name(&ch->fresh, &ch->n_fresh, next, x);
	free(was);
	free(is);
}

/* An address whose connections are not loaded yet gets all of them anyway. */
static void
find_changes(struct pluto *p, const struct conf *next)
{
	struct pair x;
	size_t i;
	int k;

	for (i = 0; i < p->n_addrs; i++) {
		x.local = &p->addrs[i].a;
		for (x.peer = 0; p->addrs[i].loaded && x.peer < next->n_peers;
		     x.peer++)
			for (k = 0; k < CONN_KINDS; k++) {
				x.kind = (enum conn_kind)k;
				compare(p, next, &x);
			}
	}
}

void
pluto_reload(struct pluto *p, const struct conf *next, bool keep)
{
	if (keep) {
		if (p->held == NULL)
			p->held = conf_hold(p->conf);
		return;
	}
	find_changes(p, next);
	conf_free(p->held);
	p->held = NULL;
	p->conf = next;
	p->own.keys.conf = next;
	if (p->own.log != NULL)
		plutolog_reload(p->own.log, next);
	if (!p->was_ready || p->stopping)
		return;
	/* What is read when it is started again; and its keys, now. */
	if (pluto_write_files(p) == -1)
		return;
	if (p->changes.n_gone + p->changes.n_fresh > 0)
		p->count = true;
	p->rescan = true;
	pluto_next(p);
}

void
pluto_forget_changes(struct pluto *p)
{
	free(p->changes.gone);
	free(p->changes.fresh);
	p->changes = (struct pluto_changes){ 0 };
}

/* --- steps --- */

static void
change_made(void *arg, int status)
{
	struct pluto *p = arg;

	(void)pluto_step_ok(p, "a change of the connections", status);
	pluto_next(p);
}

static void
delete_one(struct pluto *p)
{
	char name[CONN_NAME_MAX];
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--name" }, name,
		(char[]){ "--delete" }, NULL };

	memcpy(name, p->changes.gone[--p->changes.n_gone], sizeof(name));
	pluto_run_step(p, WHACK_BIN, argv, pluto_step_line, change_made);
}

/* One that is there is replaced, and its SAs go. */
static void
add_one(struct pluto *p)
{
	char name[CONN_NAME_MAX];
	char *const argv[] = { (char[]){ "addconn" }, (char[]){ "--config" },
		p->files.conf, (char[]){ "--ctlsocket" }, p->files.ctl, name,
		NULL };

	memcpy(name, p->changes.fresh[--p->changes.n_fresh], sizeof(name));
	pluto_run_step(p, ADDCONN_BIN, argv, pluto_step_line, change_made);
}

bool
pluto_take_changes(struct pluto *p)
{
	if (p->changes.n_gone > 0)
		delete_one(p);
	else if (p->changes.n_fresh > 0)
		add_one(p);
	else
		return false;
	return true;
}
