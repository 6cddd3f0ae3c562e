/* SPDX-License-Identifier: ISC */
#ifndef SWARM_H
#define SWARM_H

/*
 * As many clients as there are tunnel ids, in one engine, on a perfect line
 * without delay.  Each client is a few numbers; it has one tunnel with one
 * session, behaves well and says what it is told to say.  The effects are
 * checked for being complete, by counting.
 *
 * One call of swarm_feed() is one input of the engine and all its effects: a
 * benchmark measures around many of them, with the datagrams made before.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lac.h"
#include "lns.h"

#define SWARM_MAX 65535
/* More than there are types. */
#define SWARM_EFFECTS 32

struct swarm_client {
	uint16_t tid, sid; /* of the server */
	uint16_t ns, nr;
};

/* A datagram that is ready to be fed. */
struct swarm_datagram {
	size_t client;
	struct lac_msg msg;
};

struct swarm {
	struct lns *lns;
	struct mono now;
	struct swarm_client *clients;
	size_t n;
	uint32_t of_tid[SWARM_MAX + 1]; /* client + 1; 0: nobody's */
	struct lac scratch;		/* encodes */
	uint64_t rng;
	size_t effects[SWARM_EFFECTS]; /* counters, by enum lns_effect_type */
	size_t hellos, stopccns;       /* of those sent */
	/* Clients that owe a ZLB: to HELLO and StopCCN. */
	uint32_t *owed;
	size_t n_owed, max_owed;
};

/* keepalive_s: interval of HELLO; 0: none. */
void swarm_init(struct swarm *, size_t n, uint32_t keepalive_s);
void swarm_fini(struct swarm *);

/* The next message of a client; ZLB: LAC_ZLB. */
#define LAC_ZLB ((enum lac_message)0)
void swarm_make(struct swarm *, size_t client, enum lac_message,
    struct swarm_datagram *out);
/* Gives it to the engine and takes the effects.  SESSION_OPEN is answered at
 * once. */
void swarm_feed(struct swarm *, const struct swarm_datagram *);
/* Both. */
void swarm_say(struct swarm *, size_t client, enum lac_message);

/* Control connection and call. */
void swarm_dial(struct swarm *, size_t client);
/* CDN and StopCCN. */
void swarm_hangup(struct swarm *, size_t client);
/* Calls the engine for its deadline, which is now. */
void swarm_expire(struct swarm *);
/* Makes the ZLB that a client owes, the last of them. */
void swarm_make_owed(struct swarm *, struct swarm_datagram *);
/* Lets the time go on; what is owed is sent in the same moment. */
void swarm_run(struct swarm *, struct mono until);

#endif
