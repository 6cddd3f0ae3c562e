/* SPDX-License-Identifier: ISC */
#ifndef PLUTOLOG_H
#define PLUTOLOG_H

/*
 * Where pluto's own log goes: to ours, or to a file; and the line of ours for
 * each event of a client's IKE that is made of it.
 */

#include "algs.h"
#include "compiler.h"
#include "conf.h"
#include "ike.h"

struct plutolog;

/* conf must outlive it.  NULL: out of memory. */
struct plutolog *plutolog_new(
    const struct conf *, const struct algs *) must_check;
void plutolog_free(struct plutolog *);
/* conf's place is taken; its log is the same file. */
void plutolog_reload(struct plutolog *, const struct conf *);

/* A pluto starts; until plutolog_ready() its lines are those of a start. */
void plutolog_start(struct plutolog *);
void plutolog_ready(struct plutolog *);
/* We end it: what it says of its clients from here on is our doing. */
void plutolog_stop(struct plutolog *);
/* It has ended.  unexpected: its last lines may tell why. */
void plutolog_end(struct plutolog *, bool unexpected);

/* fn(arg) is told what each line means that is about a client. */
typedef void (*plutolog_told_fn)(void *arg, struct ike_told *);
void plutolog_on_told(struct plutolog *, plutolog_told_fn, void *arg);

void plutolog_line(struct plutolog *, const char *line);

#endif
