/* SPDX-License-Identifier: ISC */
#ifndef TRIES_H
#define TRIES_H

/*
 * Failed logins, each counted under what it is to be limited by: the user who
 * was named, the address that it came from.  Bounded: when the table is full,
 * what would be forgotten first anyway makes room.  Pure.
 */

#include <stdint.h>

#include "compiler.h"
#include "mono.h"

struct tries;

/* A longer key is cut, so that it shares its count with its like. */
#define TRIES_KEY 264
/* Keys that are counted at the same time. */
#define TRIES_MAX 1024

/* NULL: out of memory. */
struct tries *tries_new(void) must_check;
void tries_free(struct tries *);

/* Counts one, and forgets all of this key at forget_at; how many there are
 * now. */
unsigned int tries_add(
    struct tries *, const char *key, struct mono now, struct mono forget_at);
/* How many there are, and the milliseconds (> 0) until they are forgotten. */
unsigned int tries_count(
    const struct tries *, const char *key, struct mono now, int64_t *left_ms);
void tries_forget(struct tries *, const char *key);

#endif
