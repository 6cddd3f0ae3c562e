/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_MAP_H
#define RADIUS_MAP_H

/*
 * From what pppd asks to RADIUS attributes, and from the attributes of a reply
 * to what a user gets.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chap.h"
#include "compiler.h"
#include "conf.h"
#include "grant.h"
#include "lns.h"
#include "plugin/wire.h"
#include "radius_packet.h"

#define RADIUS_SESSION_ID_SIZE 17

/* Where a session is; told with every request of it. */
struct radius_station {
	const char *nas_identifier;
	struct in_addr nas_address;  /* 0: that which the client has dialled */
	struct lns_addr local, peer; /* ends of the tunnel; family 0: unknown */
	uint32_t port;		     /* NAS-Port */
	const char *label;	     /* NAS-Port-Id; NULL: none */
	const char *calling, *called; /* numbers of a LAC's call; NULL: none */
	const char *session_id;
};

/* The NAS itself; no session. */
void radius_add_nas(struct radius_attrs *, const struct radius_station *);
/* That, and the session. */
void radius_add_station(struct radius_attrs *, const struct radius_station *);

/*
 * An Access-Request that asks about this.  NULL, or why it cannot be asked (a
 * constant).  The request holds a password: wipe it.
 */
const char *radius_from_ask(struct radius_request *, const struct wire_ask *,
    const struct radius_station *) must_check;

#define RADIUS_CLASS_MAX 512

/* Class, RFC 2865 5.25: given back with accounting, as it came. */
struct radius_class {
	uint8_t octets[RADIUS_CLASS_MAX]; /* attributes with their headers */
	size_t len;
};

void radius_add_class(struct radius_attrs *, const struct radius_class *);

/* What a reply says. */
struct radius_answer {
	const char *reason; /* why not (a constant); NULL: granted */
	enum cause cause;   /* the same, for programs */
	/* Not granted, and it may have been a guess. */
	bool failed;
	char proof[CHAP_PROOF_SIZE]; /* MS-CHAPv2 and granted, else "" */
	struct grant grant;
	char user[254]; /* as he is to be called in accounting; "": as he is */
	/* Framed-IP-Netmask: the network around the address that is told is
	 * behind the user; 0: none is. */
	unsigned int network_bits;
	char pool[64];	/* Framed-Pool; "": none */
	char pool6[64]; /* Framed-IPv6-Pool; the same */
	struct radius_class class;
	unsigned int interim_s; /* Acct-Interim-Interval; 0: not told */
	char message[128];	/* Reply-Message, for the log; "": none */
};

/* Called for each attribute of a reply that has no effect here. */
typedef void (*radius_unheeded_fn)(void *arg, const struct radius_attr *);

/* a->grant is what holds where the reply says nothing.  method and id are those
 * of the question. */
void radius_take_reply(struct radius_answer *a, const struct radius_view *,
    uint8_t method, uint8_t id, radius_unheeded_fn, void *arg);

/* Acct-Interim-Interval, in seconds, 60 at least; 0: none.  False: it is none.
 */
bool radius_take_interim(const struct radius_attr *, unsigned int *) must_check;

/* WISPr-Bandwidth-Max-Up or -Down, bit/s; 0: no limit.  False: it is neither,
 * or no rate that can be. */
bool radius_take_rate(
    const struct radius_attr *, struct rate_limit *) must_check;

/* Framed-Route, RFC 2865 5.22: a network behind the user, whose own address is
 * given if RADIUS has told it.  False: it is none that can go to him. */
bool radius_take_route(const struct radius_attr *, struct in_addr user,
    struct conf_route *) must_check;

/* Framed-IPv6-Route, RFC 3162 2.5, in the same way. */
bool radius_take_route6(
    const struct radius_attr *, struct conf_prefix *) must_check;

/* A network of the Internet or of an intranet begins with it. */
bool radius_may_be_routed(const struct in6_addr *) must_check;

/* "Filter-Id", or "attribute 22", or "attribute 1 of vendor 9". */
#define RADIUS_NAME_SIZE 48
const char *radius_attr_name(
    const struct radius_attr *, char buf[RADIUS_NAME_SIZE]);

#endif
