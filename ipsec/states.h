/* SPDX-License-Identifier: ISC */
#ifndef STATES_H
#define STATES_H

/*
 * pluto's states, as whack --showstates lists them, and which of them belong
 * to a call that is over.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "conf.h"
#include "conn.h"

/* One that is established. */
struct state {
	unsigned long n;      /* #n, larger than those of older ones */
	struct lns_addr peer; /* where its IKE comes from */
	bool phase1;
	bool doomed;		       /* for states_choose() */
	char conn[CONN_NAME_MAX + 24]; /* the instance: "name"[2] */
};

struct states {
	struct state *at;
	size_t n, cap;
};

/* A client with states that are out of date: all but the newest of either
 * phase; or (lost) all that share their instance with another client's. */
struct stale {
	struct lns_addr peer; /* port 0: 500 */
	bool lost;
};

/* Is this a line about an established state of a connection of ours? */
bool states_parse(const struct conf *, const char *line, struct state *);
/* -1: out of memory. */
int states_add(struct states *, const struct state *) must_check;
void states_clear(struct states *);
/* Sorts the states, and puts the numbers of those that are out of date into
 * numbers, which has room for all; returns how many. */
size_t states_choose(struct states *, const struct stale *, size_t n_stale,
    unsigned long *numbers);

#endif
