/* SPDX-License-Identifier: ISC */
#ifndef L2TP_TIMERQ_H
#define L2TP_TIMERQ_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "mono.h"

/* Embedded in what has a deadline; zeroed: not in a queue. */
struct timer {
	size_t pos; /* in the heap, from 1; 0: not set */
	struct mono when;
};

/* A heap of timers, the earliest first.  Zeroed: empty. */
struct timerq {
	struct timer **heap; /* heap[0] is not used */
	size_t n, cap;
};

void timerq_fini(struct timerq *);
/* Room for n timers, so that timerq_set() cannot fail.  0 or
 * L2TP_E_MEMORY. */
must_check int timerq_reserve(struct timerq *, size_t n);
/* Sets or moves a timer; MONO_NEVER takes it out. */
void timerq_set(struct timerq *, struct timer *, struct mono when);
/* The earliest timer, or NULL. */
struct timer *timerq_first(const struct timerq *);

#endif
