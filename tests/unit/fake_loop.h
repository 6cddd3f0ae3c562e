/* SPDX-License-Identifier: ISC */
#ifndef FAKE_LOOP_H
#define FAKE_LOOP_H

/*
 * The loop for a module that is tested alone, in the place of lnsd/loop.c and
 * lnsd/clock.c: the time is fake_now and only the test lets it pass.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <check.h>
#include <sys/queue.h>

#include "loop.h"

struct loop_timer {
	LIST_ENTRY(loop_timer) entry;
	loop_timer_fn cb;
	void *arg;
	struct mono due; /* MONO_NEVER: not armed */
};

struct loop_io {
	loop_io_fn cb;
	void *arg;
	int fd;
};

static struct mono fake_now = { 1000000 };
static LIST_HEAD(, loop_timer) fake_timers = LIST_HEAD_INITIALIZER(fake_timers);
static struct loop_io *fake_io; /* the only one */

struct mono
clock_now(void)
{
	return fake_now;
}

struct loop_timer *
loop_timer_new(loop_timer_fn cb, void *arg)
{
	struct loop_timer *t = malloc(sizeof(*t));

	ck_assert_ptr_nonnull(t);
	t->cb = cb;
	t->arg = arg;
	t->due = MONO_NEVER;
	LIST_INSERT_HEAD(&fake_timers, t, entry);
	return t;
}

void
loop_timer_set(struct loop_timer *t, int64_t delay_ms)
{
	t->due = mono_add_ms(fake_now, delay_ms < 0 ? 0 : delay_ms);
}

void
loop_timer_stop(struct loop_timer *t)
{
	t->due = MONO_NEVER;
}

void
loop_timer_free(struct loop_timer *t)
{
	LIST_REMOVE(t, entry);
	free(t);
}

struct loop_io *
loop_io_new(int fd, loop_io_fn cb, void *arg)
{
	ck_assert_ptr_null(fake_io);
	fake_io = malloc(sizeof(*fake_io));
	ck_assert_ptr_nonnull(fake_io);
	*fake_io = (struct loop_io){ cb, arg, fd };
	return fake_io;
}

void
loop_io_free(struct loop_io *io)
{
	ck_assert_ptr_eq(io, fake_io);
	free(io);
	fake_io = NULL;
}

static inline void
fake_readable(void)
{
	fake_io->cb(fake_io->fd, fake_io->arg);
}

static inline struct loop_timer *
fake_next_timer(void)
{
	struct loop_timer *t, *first = NULL;

	LIST_FOREACH (t, &fake_timers, entry)
		if (!mono_is_never(t->due) &&
		    (first == NULL || mono_before(t->due, first->due)))
			first = t;
	return first;
}

/* Time passes; what is due meanwhile fires. */
static inline void
fake_pass(int64_t ms)
{
	struct mono end = mono_add_ms(fake_now, ms);
	struct loop_timer *t;

	while ((t = fake_next_timer()) != NULL && !mono_before(end, t->due)) {
		fake_now = t->due;
		t->due = MONO_NEVER;
		t->cb(t->arg);
	}
	fake_now = end;
}

#endif
