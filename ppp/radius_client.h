/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_CLIENT_H
#define RADIUS_CLIENT_H

/*
 * Requests on their way to RADIUS servers, as a pure machine: requests,
 * datagrams and the time go in; datagrams to be sent and what became of the
 * requests come out.  After every input the caller takes the effects with
 * radius_client_next() until it returns false and arms one timer for
 * radius_client_deadline().
 *
 * The servers are tried in their order.  A request is sent again, the same
 * octets, until it has been sent `tries` times; then the next server has its
 * turn, with an id and an authenticator of its own.  A server that has been
 * silent for so long is dead and passed over for dead_ms, unless all are; who
 * waits for it goes on at once.  Each server is spoken with from as many
 * sockets ("lanes") as are needed for one id of 256 per request.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "mono.h"
#include "ppp_view.h"
#include "radius_packet.h"

#define RADIUS_SERVERS_MAX 4
#define RADIUS_LANES_MAX 16

struct radius_client_config {
	const char *secrets[RADIUS_SERVERS_MAX]; /* must outlive the client */
	size_t n_servers;
	int64_t timeout_ms; /* until a request is sent again */
	unsigned int tries; /* to one server */
	int64_t dead_ms;
	int64_t patience_ms; /* after which a request has failed */
	bool require_ma;     /* of replies; see radius_packet.h */
	/* Fills buf with len random octets. */
	void (*random)(void *arg, void *buf, size_t len);
	void *arg;
};

struct radius_client;

/* The configuration is copied.  NULL: out of memory. */
struct radius_client *radius_client_new(
    const struct radius_client_config *) must_check;
void radius_client_free(struct radius_client *);

/*
 * Inputs.
 */

/* Copies the request.  Its handle, never 0; 0: too many are on their way, or no
 * memory, or it does not fit into a packet.  since: of the event that it tells,
 * for Acct-Delay-Time. */
uint64_t radius_client_submit(struct radius_client *,
    const struct radius_request *, struct mono since, struct mono now);
/* Nothing more is heard of it.  A handle that is done already is ignored. */
void radius_client_cancel(struct radius_client *, uint64_t handle);
/* A datagram on this lane. */
void radius_client_packet(struct radius_client *, size_t server, size_t lane,
    const uint8_t *data, size_t len, struct mono now);
/* Nobody listens there, says the kernel. */
void radius_client_refused(
    struct radius_client *, size_t server, struct mono now);
void radius_client_expire(struct radius_client *, struct mono now);

/*
 * Outputs.
 */

enum radius_effect_type {
	RADIUS_SEND,
	RADIUS_REPLY,  /* the request is done */
	RADIUS_FAILED, /* it is, too: no server has answered */
	RADIUS_DEAD,   /* the server has not answered, ... */
	RADIUS_ALIVE,  /* ... and has again */
	/* A reply of the server was discarded as it was not signed well: the
	 * first since the last good one. */
	RADIUS_DISCARDED,
};

struct radius_effect {
	enum radius_effect_type type;
	size_t server; /* but for FAILED */
	size_t lane;   /* SEND */
	/* SEND: valid until the next call but radius_client_next(). */
	const uint8_t *data;
	size_t len;
	uint64_t handle;	   /* REPLY, FAILED */
	enum radius_check why;	   /* DISCARDED */
	struct radius_view packet; /* REPLY: into the input's octets */
};

bool radius_client_next(
    struct radius_client *, struct radius_effect *) must_check;
/* MONO_NEVER: nothing is pending. */
struct mono radius_client_deadline(const struct radius_client *);
/* How many are not done. */
size_t radius_client_pending(const struct radius_client *);

struct radius_client_stats {
	uint64_t sent, resent, failed;
	/* Discarded: no packets, not asked for, or not signed well. */
	uint64_t malformed, unexpected, forged, unsealed;
};
const struct radius_client_stats *radius_client_stats(
    const struct radius_client *);

struct radius_server_view {
	bool dead;
	uint64_t resent;
	uint64_t unanswered; /* given up there, in time or refused */
	struct radius_times times;
};
void radius_client_view_server(
    const struct radius_client *, size_t server, struct radius_server_view *);

#endif
