/* SPDX-License-Identifier: ISC */
/* XFRM netlink on the loop; contract in xfrm_watch.h. */

#include "xfrm_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>

#include "log.h"
#include "loop.h"
#include "nl.h"
#include "xfrm_sa.h"

/* Room for some thousand events between two turns of the loop. */
#define RCVBUF (4 << 20)
/* One after the other. */
#define RESYNCS_MAX 3

struct xfrm_watch {
	struct xfrm_watch_ops ops;
	void *arg;
	struct mnl_socket *nl;
	struct mnl_socket *change; /* blocks, for a moment */
	struct loop_io *io;
	bool lost; /* a resync is due */
};

static int
on_message(const struct nlmsghdr *h, void *arg)
{
	struct xfrm_watch *w = arg;
	struct xfrm_event e;

	/* What xfrm_watch_widen() does to an SA changes nothing here. */
	if (h->nlmsg_pid == mnl_socket_get_portid(w->change))
		return MNL_CB_OK;
	xfrm_event_parse(h, &e);
	if (e.type == XFRM_EVENT_FLUSH)
		w->lost = true;
	else if (e.type != XFRM_EVENT_NONE)
		w->ops.event(w->arg, &e);
	return MNL_CB_OK;
}

static int
join(struct mnl_socket *nl)
{
	static const int groups[] = { XFRMNLGRP_SA, XFRMNLGRP_EXPIRE,
		XFRMNLGRP_MAPPING };
	const int room = RCVBUF;
	size_t i;

	/* Without the privilege the usual room has to do. */
	(void)setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE,
	    &room, sizeof(room));
	for (i = 0; i < nitems(groups); i++)
		if (setsockopt(mnl_socket_get_fd(nl), SOL_NETLINK,
			NETLINK_ADD_MEMBERSHIP, &groups[i],
			sizeof(groups[i])) == -1)
			return -1;
	return 0;
}

static int
dump(struct xfrm_watch *w)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct mnl_socket *nl = nl_open(NETLINK_XFRM, 0);
	int rc;

	if (nl == NULL)
		return -1;
	h->nlmsg_type = XFRM_MSG_GETSA;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	rc = nl_talk(nl, h, on_message, w);
	mnl_socket_close(nl);
	return rc;
}

void
xfrm_watch_resync(struct xfrm_watch *w)
{
	unsigned int tries = 0;

	/* What was widened meanwhile may have been lost. */
	do {
		w->lost = false;
		w->ops.resync(w->arg, false);
		if (dump(w) == -1) {
			/* Nothing is concluded from half a list. */
			log_warn("ipsec", "cannot list the kernel's SAs");
			return;
		}
		w->ops.resync(w->arg, true);
	} while (w->lost && ++tries < RESYNCS_MAX);
}

void
xfrm_watch_drain(struct xfrm_watch *w)
{
	char buf[NL_BUF];
	ssize_t n;

	for (;;) {
		n = mnl_socket_recvfrom(w->nl, buf, sizeof(buf));
		if (n != -1) {
			(void)mnl_cb_run(buf, (size_t)n, 0, 0, on_message, w);
			explicit_bzero(buf, (size_t)n); /* keys of SAs */
		} else if (errno == ENOBUFS)
			w->lost = true;
		else if (errno != EINTR)
			break;
	}
	if (w->lost)
		xfrm_watch_resync(w);
}

static void
ready(int fd, void *arg)
{
	(void)fd;
	xfrm_watch_drain(arg);
}

struct xfrm_watch *
xfrm_watch_new(const struct xfrm_watch_ops *ops, void *arg)
{
	struct xfrm_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->ops = *ops;
	w->arg = arg;
	w->nl = nl_open(NETLINK_XFRM, SOCK_NONBLOCK);
	w->change = nl_open(NETLINK_XFRM, 0);
	if (w->nl != NULL && w->change != NULL && join(w->nl) == 0)
		w->io = loop_io_new(mnl_socket_get_fd(w->nl), ready, w);
	if (w->io == NULL) {
		log_warn("ipsec", "cannot listen to XFRM netlink");
		xfrm_watch_free(w);
		return NULL;
	}
	xfrm_watch_resync(w);
	return w;
}

void
xfrm_watch_free(struct xfrm_watch *w)
{
	if (w == NULL)
		return;
	loop_io_free(w->io);
	if (w->nl != NULL)
		mnl_socket_close(w->nl);
	if (w->change != NULL)
		mnl_socket_close(w->change);
	free(w);
}

/* --- changes --- */

int
xfrm_watch_remap(struct xfrm_watch *w, const struct sa_info *sa)
{
	return xfrm_sa_remap(w->change, sa);
}

int
xfrm_watch_widen(struct xfrm_watch *w, const struct sa_info *sa, bool inbound)
{
	bool lost;
	int rc = xfrm_sa_widen(w->change, sa, inbound, &lost);

	/* Of what this side does, nothing else is told. */
	if (lost)
		w->lost = true;
	return rc;
}
