/* SPDX-License-Identifier: ISC */
/* What the sessions of a tunnel have carried; contract in datapath.h. */

#include "datapath_parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

/* More sessions in one tunnel than this are not looked at. */
#define PROBE_SESSIONS 16

struct dp_probe {
	struct datapath *dp;
	uint16_t tid;
	size_t n;
	struct {
		int fd; /* ours: the session may close meanwhile */
		char ifname[IFNAMSIZ];
	} sessions[PROBE_SESSIONS];
	struct pppox_traffic traffic;
};

static void
probe_work(void *arg)
{
	struct dp_probe *p = arg;
	size_t i;

	for (i = 0; i < p->n; i++) {
		pppox_add_traffic(
		    p->sessions[i].fd, p->sessions[i].ifname, &p->traffic);
		close(p->sessions[i].fd);
	}
}

static void
probe_done(void *arg)
{
	struct dp_probe *p = arg;
	struct datapath *dp = p->dp;

	dp->n_probes--;
	if (datapath_find_tunnel(dp, p->tid) != NULL)
		dp->ops.traffic(dp->arg, p->tid, &p->traffic);
	free(p);
	if (datapath_is_empty(dp))
		dp->ops.empty(dp->arg);
}

static void
probe_add(struct dp_probe *p, const struct dp_session *s)
{
	int fd;

	if (s->fd == -1 || s->closing || p->n == PROBE_SESSIONS)
		return;
	fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
	if (fd == -1)
		return;
	p->sessions[p->n].fd = fd;
	memcpy(p->sessions[p->n].ifname, s->ifname, IFNAMSIZ);
	p->n++;
}

void
datapath_ask_traffic(struct datapath *dp, uint16_t tid)
{
	struct dp_tunnel *t = datapath_find_tunnel(dp, tid);
	struct dp_session *s;
	struct dp_probe *p;

	p = t == NULL ? NULL : calloc(1, sizeof(*p));
	if (p == NULL)
		return;
	p->dp = dp;
	p->tid = tid;
	LIST_FOREACH (s, &t->sessions, entry)
		probe_add(p, s);
	if (worker_submit(probe_work, probe_done, p) == 0) {
		dp->n_probes++;
		return;
	}
	while (p->n > 0)
		close(p->sessions[--p->n].fd);
	free(p);
}
