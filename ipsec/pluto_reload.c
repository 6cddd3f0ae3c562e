/* SPDX-License-Identifier: ISC */
/* Another configuration for a pluto that runs; contract in pluto.h. */

#include "pluto_parts.h"

#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "log.h"

static void
add_name(char (**list)[CONN_NAME_MAX], size_t *n, const char *name)
{
	char(*more)[CONN_NAME_MAX];

	more = reallocarray(*list, *n + 1, sizeof(*more));
	if (more == NULL) {
		log_warnx("ipsec", "no memory for the change of %s", name);
		return;
	}
	*list = more;
	snprintf(more[(*n)++], CONN_NAME_MAX, "%s", name);
}

static void
find_change(struct pluto *p, const struct conf *next, size_t peer,
    enum conn_kind kind, const struct lns_addr *local)
{
	struct pluto_changes *ch = &p->changes;
	char name[CONN_NAME_MAX];

	switch (conn_compare(p->conf, next, peer, kind, local, &p->algs)) {
	case CONN_SAME:
		break;
	case CONN_GONE:
		add_name(&ch->gone, &ch->n_gone,
		    conn_name(p->conf, peer, kind, local, name));
		break;
	case CONN_ADDED:
	case CONN_CHANGED:
	case CONN_UNKNOWN:
		add_name(&ch->fresh, &ch->n_fresh,
		    conn_name(next, peer, kind, local, name));
		break;
	}
}

/* An address whose connections are not loaded yet gets all of them anyway. */
static void
find_changes(struct pluto *p, const struct conf *next)
{
	size_t i, peer;
	int k;

	for (i = 0; i < p->n_addrs; i++)
		for (peer = 0; p->addrs[i].loaded && peer < next->n_peers;
		     peer++)
			for (k = 0; k < CONN_KINDS; k++)
				find_change(p, next, peer, (enum conn_kind)k,
				    &p->addrs[i].a);
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
	/* One that does not answer yet is told all, and the files are written
	 * then. */
	if (!p->answers || p->stopping)
		return;
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
