/* SPDX-License-Identifier: ISC */
#ifndef STATES_H
#define STATES_H

/*
 * pluto's states, as whack --showstates lists them, and which of them belong
 * to a call that is over.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "conf.h"
#include "conn.h"

/* Of a connection, '"name"[3] 198.51.100.1', or '"name"' of one that is no
 * instance. */
#define STATES_CONN_MAX (CONN_NAME_MAX + 24 + LNS_ADDR_TEXT)

/* One that is established. */
struct state {
	unsigned long n;      /* #n, larger than those of older ones */
	unsigned long parent; /* of phase 2: #n of phase 1; 0: not known */
	uint32_t spi;	      /* of phase 2: inbound; 0: not known */
	uint32_t spi_out;     /* the other; known if spi is */
	int64_t left_s;	      /* until it ends, or is renewed; -1: not known */
	bool renewed;	      /* by pluto, then */
	uint16_t port;	      /* that its IKE comes from */
	bool phase1;
	bool doomed, gone; /* for states_choose() */
	char conn[STATES_CONN_MAX];
};

struct states {
	struct state *at;
	size_t n, cap;
};

/* An IPsec SA that is out of date. */
struct stale {
	uint32_t spi; /* inbound */
	bool lost;    /* its client does not answer any more */
};

/* Whether *s begins with what, and behind that, then. */
bool states_skip(const char **s, const char *what);

/* Adds what a line tells, if it is about a state.  -1: out of memory; nothing
 * can be said without the state that is missing then. */
int states_take(struct states *, const char *line) must_check;
void states_clear(struct states *);
/*
 * Which states shall go, of those that stale names: phase 2 that has been
 * replaced by a newer one of the same client; if it is lost, also one that
 * shares its instance with another client's; and the phase 1 that nothing else
 * needs then.  Only of our connections.  Sorts both lists.  numbers has room
 * for all states; returns how many are in it.
 */
size_t states_choose(struct states *, const struct conf *, struct stale *,
    size_t n_stale, unsigned long *numbers);

#endif
