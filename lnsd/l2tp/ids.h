/* SPDX-License-Identifier: ISC */
#ifndef L2TP_IDS_H
#define L2TP_IDS_H

#include <stddef.h>
#include <stdint.h>

/* The ids 1..65535 in no order that can be foreseen. */
#define ID_N 65535

struct idpool {
	uint16_t free[ID_N];
	size_t n_free;
};

void idpool_init(struct idpool *);
/* Takes the id that the random number picks; 0: none is left. */
uint16_t idpool_take(struct idpool *, uint32_t random);
void idpool_put(struct idpool *, uint16_t id);

/* The numbers 1..65535, the lowest first: n of TUNNEL[n]. */
#define SLOT_WORDS 1024

struct slots {
	uint64_t used[SLOT_WORDS];
	uint64_t full[SLOT_WORDS / 64];
};

void slots_init(struct slots *);
uint32_t slots_take(struct slots *); /* 0: none is left */
void slots_put(struct slots *, uint32_t slot);

#endif
