/* SPDX-License-Identifier: ISC */
#ifndef IKESTORY_H
#define IKESTORY_H

/*
 * What becomes of each client's IKE, as one line for each event, made from
 * pluto's many.  Pure: time comes in.  Memory is bounded: of more clients at
 * once the one heard of least recently is forgotten, and its next line may
 * say a little less.
 */

#include <stdbool.h>

#include "algs.h"
#include "compiler.h"
#include "conf.h"
#include "ike.h"
#include "mono.h"

struct ikestory;

/* NULL: out of memory.  Both must outlive it. */
struct ikestory *ikestory_new(
    const struct conf *, const struct algs *) must_check;
void ikestory_free(struct ikestory *);
/* conf's place is taken. */
void ikestory_reload(struct ikestory *, const struct conf *);

/* Takes a line of pluto's.  Returns what is to be logged behind "[IKE] ",
 * valid until the next call; NULL: nothing. */
const char *ikestory_take(struct ikestory *, const char *line, struct mono now);
/* What the line taken last was, whether it is to be logged or not: texts are
 * valid until the next call.  False: nothing that matters. */
bool ikestory_told(const struct ikestory *, struct ike_told *);
/* pluto has ended: all it told of is gone. */
void ikestory_reset(struct ikestory *);
/* How many lines have been kept back since it was last asked. */
unsigned int ikestory_suppressed(struct ikestory *);

#endif
