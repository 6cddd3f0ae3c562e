/* SPDX-License-Identifier: ISC */

/* Numbers that tunnels get: ids at random, slots the lowest first. */

#include "ids.h"

void
idpool_init(struct idpool *p)
{
	size_t i;

	for (i = 0; i < ID_N; i++)
		p->free[i] = (uint16_t)(i + 1);
	p->n_free = ID_N;
}

uint16_t
idpool_take(struct idpool *p, uint32_t random)
{
	size_t i;
	uint16_t id;

	if (p->n_free == 0)
		return 0;
	i = random % p->n_free;
	id = p->free[i];
	p->free[i] = p->free[--p->n_free];
	return id;
}

void
idpool_put(struct idpool *p, uint16_t id)
{
	p->free[p->n_free++] = id;
}

void
slots_init(struct slots *s)
{
	*s = (struct slots){ .used = { 1 } }; /* there is no slot 0 */
}

/* The lowest clear bit; w has one. */
static uint32_t
lowest_clear(uint64_t w)
{
	return (uint32_t)__builtin_ctzll(~w);
}

uint32_t
slots_take(struct slots *s)
{
	uint32_t i, word, bit;

	for (i = 0; i < SLOT_WORDS / 64; i++) {
		if (s->full[i] == UINT64_MAX)
			continue;
		word = i * 64 + lowest_clear(s->full[i]);
		bit = lowest_clear(s->used[word]);
		s->used[word] |= UINT64_C(1) << bit;
		if (s->used[word] == UINT64_MAX)
			s->full[i] |= UINT64_C(1) << (word % 64);
		return word * 64 + bit;
	}
	return 0;
}

void
slots_put(struct slots *s, uint32_t slot)
{
	uint32_t word = slot / 64;

	s->used[word] &= ~(UINT64_C(1) << (slot % 64));
	s->full[word / 64] &= ~(UINT64_C(1) << (word % 64));
}
