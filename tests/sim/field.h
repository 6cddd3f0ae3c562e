/* SPDX-License-Identifier: ISC */
#ifndef FIELD_H
#define FIELD_H

/*
 * Where attacks take place: one established client of each kind on a good
 * line, Mallory, who is established, too, and a newcomer who dials while the
 * attack lasts; and what an attack may not do to them, or to the server.
 */

#include "net.h"
#include "run.h"

#define KEEPALIVE_S 2
#define DELAY_MS 20

#define MALLORY LAC_NKINDS
#define NEWCOMER (LAC_NKINDS + 1)
#define CLIENTS (LAC_NKINDS + 2)

/* All that an attack has left is forgotten after this: two cycles of RFC 2661
 * 5.8, for a half-open tunnel and for its lingering. */
#define FORGET_MS 90000

struct field {
	struct net n;
	size_t heap;	     /* before the attack */
	size_t heap_max;     /* while it lasts */
	struct mono dialled; /* the newcomer */
	int64_t usual_ms;    /* how long a dial takes in peace */
	int64_t took_ms;     /* and took now; -1: not yet */
	unsigned hellos[CLIENTS];
	const char *name;
};

/* Ends the test unless ok, or when the net has an error. */
void field_expect(struct field *, bool ok, const char *wrong);
void field_begin(struct field *, const char *name);
/* A client dials in peace; how long it took. */
int64_t field_call(struct field *, size_t client);
/* A moment of the attack is over. */
void field_moment(struct field *, int64_t ms);
void field_newcomer_dials(struct field *);
/* Demands everything; mad: Mallory may have lost his call by his own fault. */
void field_end(struct field *, bool mad);

/* A path of RFC 2544's addresses: not those of any client. */
struct lns_path field_stranger(uint32_t who, uint16_t port);

#endif
