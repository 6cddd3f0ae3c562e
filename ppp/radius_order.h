/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_ORDER_H
#define RADIUS_ORDER_H

/*
 * What a RADIUS server orders of sessions that it has let in (RFC 5176):
 * Disconnect-Request and CoA-Request.  Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "radius_attr.h"
#include "radius_map.h"
#include "radius_packet.h"

struct radius_order {
	bool disconnect; /* else a change: */
	bool has_session_timeout;
	unsigned int session_timeout_s; /* from the start; 0: never */
	bool has_idle_timeout;
	unsigned int idle_timeout_s;
	bool has_interim;
	unsigned int interim_s;
	bool has_rate_up, has_rate_down;
	struct rate_limit rate;
	bool has_time;
	uint32_t time_s; /* Event-Timestamp, since 1970 */
};

/* A request that is genuine.  0, or why it is refused. */
enum radius_error_cause radius_take_order(struct radius_order *,
    const struct radius_view *, const char *nas_identifier) must_check;

struct radius_target {
	const struct radius_station *station;
	const char *user;      /* as he calls himself */
	const char *told_user; /* as accounting calls him; "": the same */
	struct in_addr address;
};

/* Whether the request means this session: all that it says of it is so. */
bool radius_order_is_for(
    const struct radius_view *, const struct radius_target *) must_check;

/* error 0: it was carried out. */
void radius_from_order(struct radius_request *reply, const struct radius_view *,
    enum radius_error_cause error);

/* "no such session". */
const char *radius_error_text(enum radius_error_cause);

#endif
