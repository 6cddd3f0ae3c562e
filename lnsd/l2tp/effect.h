/* SPDX-License-Identifier: ISC */
#ifndef L2TP_EFFECT_H
#define L2TP_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "lns.h"

/*
 * The queue of effects.  Bytes, texts and call records are copied behind each
 * other into one block that starts anew with the first effect after the queue
 * was empty.
 *
 * Effects that end something may not be lost for want of memory: each
 * beginning reserves room for its end.
 */

struct fx_item {
	struct lns_effect e;
	size_t at; /* of its bytes in the block */
};

struct fx_queue {
	struct fx_item *items;
	size_t head, n, cap;
	size_t reserved; /* of the free items, those for endings */
	uint8_t *block;
	size_t used, size;
};

/* Endings that a tunnel and a session reserve: TUNNEL_CLOSE; PPP_STOP and
 * SESSION_CLOSE. */
enum {
	FX_TUNNEL_ENDINGS = 1,
	FX_SESSION_ENDINGS = 2,
};

void fx_fini(struct fx_queue *);
/* To be called when an input call begins. */
void fx_begin(struct fx_queue *);
/* False: no memory. */
must_check bool fx_reserve(struct fx_queue *, size_t endings);
void fx_release(struct fx_queue *, size_t endings);

/* Appends an effect with a copy of len bytes as its data.  False: no memory,
 * nothing was appended. */
must_check bool fx_push(
    struct fx_queue *, const struct lns_effect *, const void *data, size_t len);
/* Appends an ending, which uses up one that was reserved. */
void fx_push_ending(struct fx_queue *, const struct lns_effect *);
bool fx_next(struct fx_queue *, struct lns_effect *);

#endif
