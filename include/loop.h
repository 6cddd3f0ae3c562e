/* SPDX-License-Identifier: ISC */
#ifndef LOOP_H
#define LOOP_H

/*
 * The event loop.  Only lnsd/loop.c and lnsd/http.c know libevent.
 * Callbacks run on the main thread, never from inside a call of this API; a
 * callback may free the very object it was called for.
 */

#include <stdint.h>

#include "compiler.h"
#include "mono.h"

struct loop_io;
struct loop_timer;

typedef void (*loop_io_fn)(int fd, void *arg);
typedef void (*loop_timer_fn)(void *arg);
typedef void (*loop_signal_fn)(int sig);

/* Fatal on failure. */
void loop_init(void);
void loop_fini(void);
/* Runs until loop_stop(). */
void loop_run(void);
void loop_stop(void);

/* cb whenever fd is readable (or broken).  The fd stays the caller's and must
 * be open until loop_io_free().  NULL: out of memory. */
struct loop_io *loop_io_new(int fd, loop_io_fn cb, void *arg) must_check;
/* The same whenever fd takes data: only while there is some. */
struct loop_io *loop_io_new_writer(int fd, loop_io_fn cb, void *arg) must_check;
void loop_io_free(struct loop_io *);

/* A one-shot timer, not armed yet.  NULL: out of memory. */
struct loop_timer *loop_timer_new(loop_timer_fn cb, void *arg) must_check;
/* Arm (again): cb once, delay_ms from now; 0 means the next turn. */
void loop_timer_set(struct loop_timer *, int64_t delay_ms);
void loop_timer_stop(struct loop_timer *);
void loop_timer_free(struct loop_timer *);

/* Fatal on failure; for the life of the loop. */
void loop_signal(int sig, loop_signal_fn cb);

/* For libevent's HTTP server, which needs it: for lnsd/http.c alone. */
struct event_base;
struct event_base *loop_base(void);

/* The time (the only reader of the clock is lnsd/clock.c). */
struct mono clock_now(void);
/* Seconds since 1970, for others to read: it may jump. */
int64_t clock_wall_s(void);

#endif
