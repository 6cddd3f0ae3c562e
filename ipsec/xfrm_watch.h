/* SPDX-License-Identifier: ISC */
#ifndef XFRM_WATCH_H
#define XFRM_WATCH_H

/*
 * The kernel's SAs as they come and go, from XFRM netlink on the loop.
 */

#include "compiler.h"
#include "xfrm_event.h"

struct xfrm_watch;

struct xfrm_watch_ops {
	/* XFRM_EVENT_SA, _GONE or _MAPPING. */
	void (*event)(void *arg, const struct xfrm_event *);
	/* Events were lost, or all SAs deleted: those that are there are told
	 * between begin (done false) and end (done true). */
	void (*resync)(void *arg, bool done);
};

/* Tells what is there (resync and events) before it returns.  NULL: the cause
 * has been logged. */
struct xfrm_watch *xfrm_watch_new(
    const struct xfrm_watch_ops *, void *arg) must_check;
void xfrm_watch_free(struct xfrm_watch *);
/* Tells at once what the kernel has said so far. */
void xfrm_watch_drain(struct xfrm_watch *);
/* Tells again what is there. */
void xfrm_watch_resync(struct xfrm_watch *);

/* As in xfrm_sa.h; none of it comes back as an event. */
int xfrm_watch_remap(struct xfrm_watch *, const struct sa_info *) must_check;
int xfrm_watch_widen(
    struct xfrm_watch *, const struct sa_info *, bool inbound) must_check;

#endif
