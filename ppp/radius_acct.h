/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_ACCT_H
#define RADIUS_ACCT_H

/*
 * Accounting (RFC 2866): what is told of a session, which is pure, and the
 * records on their way.  A record that no server takes is sent again every now
 * and then, with its delay; nobody waits for it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "conf.h"
#include "lns.h"
#include "ppp_view.h"
#include "radius_attr.h"
#include "radius_map.h"
#include "radius_packet.h"

/* Of the client's user data. */
struct radius_usage {
	uint64_t rx_octets, tx_octets; /* from it, to it */
	uint64_t rx_packets, tx_packets;
};

struct radius_record {
	enum radius_acct_status status;
	const char *user;
	struct in_addr address;
	const struct radius_class *class;
	bool by_radius;			   /* who has let him in; else we */
	int64_t at_s;			   /* when it was, since 1970 */
	struct radius_usage usage;	   /* STOP, INTERIM */
	uint32_t session_s;		   /* the same */
	enum radius_terminate_cause cause; /* STOP */
};

void radius_from_record(struct radius_request *, const struct radius_record *,
    const struct radius_station *);
/* Of the NAS as a whole: ON or OFF. */
void radius_from_nas(struct radius_request *, enum radius_acct_status,
    int64_t at_s, const struct radius_station *);
/* As struct ppp_end has it. */
enum radius_terminate_cause radius_cause(enum lns_ppp_end why, enum cause);

struct radius_acct;

/* idle(arg): no record is on its way any more.  conf and label must outlive it.
 * NULL: out of memory. */
struct radius_acct *radius_acct_new(const struct conf_radius *,
    const char *label, void (*idle)(void *arg), void *arg) must_check;
/* What is on its way is lost. */
void radius_acct_free(struct radius_acct *);
/* insist: again for some minutes if no server takes it. */
void radius_acct_send(
    struct radius_acct *, const struct radius_request *, bool insist);
size_t radius_acct_pending(const struct radius_acct *);
/* See radius_port_view(). */
size_t radius_acct_view(
    const struct radius_acct *, struct ppp_radius_view *, size_t room);

#endif
