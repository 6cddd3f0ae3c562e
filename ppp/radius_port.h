/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_PORT_H
#define RADIUS_PORT_H

/*
 * The authentication or accounting port of the servers of one radius block:
 * radius_client with sockets and a timer.  Nothing waits here; answers come by
 * the event loop.
 */

#include "compiler.h"
#include "conf.h"
#include "mono.h"
#include "ppp_view.h"
#include "radius_packet.h"

struct radius_port;

/* reply NULL: no server has answered.  It is valid until this returns. */
typedef void (*radius_done_fn)(void *arg, const struct radius_view *reply);

struct radius_port_spec {
	const struct conf_radius *conf; /* must outlive the port */
	bool accounting;
	const char *label; /* of the profile, in log lines; outlives it, too */
	int64_t patience_ms;
};

/* NULL: out of memory. */
struct radius_port *radius_port_new(const struct radius_port_spec *) must_check;
/* Nothing is heard of what is under way. */
void radius_port_free(struct radius_port *);

/* done is called once, later and never from in here, unless it is cancelled.
 * since: see radius_client_submit().  The handle, or 0: it cannot be sent. */
uint64_t radius_port_ask(struct radius_port *, const struct radius_request *,
    struct mono since, radius_done_fn done, void *arg) must_check;
/* One that is done already is ignored. */
void radius_port_cancel(struct radius_port *, uint64_t handle);
/* How many are under way. */
size_t radius_port_pending(const struct radius_port *);
/* Its servers, or as many as there is room for; how many. */
size_t radius_port_view(
    const struct radius_port *, struct ppp_radius_view *, size_t room);

#endif
