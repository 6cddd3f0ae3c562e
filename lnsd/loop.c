/* SPDX-License-Identifier: ISC */
/*
 * The event loop over libevent, which http.c knows, too.  What it offers is in
 * include/loop.h; an object may be freed inside its own callback, because
 * libevent takes the event out of its queues before it calls us and
 * event_free() only undoes what is pending.
 */

#include "loop.h"

#include <stdlib.h>
#include <event2/event.h>

#include "log.h"

struct loop_io {
	struct event *ev;
	loop_io_fn cb;
	void *arg;
};

struct loop_timer {
	struct event *ev;
	loop_timer_fn cb;
	void *arg;
};

struct loop_sig {
	struct event *ev;
	loop_signal_fn cb;
};

static struct event_base *base;
static struct loop_sig *sigs[8];
static size_t n_sigs;

void
loop_init(void)
{
	struct event_config *cfg;

	cfg = event_config_new();
	if (cfg == NULL)
		fatalx("loop", "event_config_new failed");
	/* Timers must not be late by the cached time of a long turn. */
	event_config_set_flag(cfg, EVENT_BASE_FLAG_NO_CACHE_TIME);
	base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	if (base == NULL)
		fatalx("loop", "event_base_new failed");
}

void
loop_fini(void)
{
	while (n_sigs > 0) {
		event_free(sigs[--n_sigs]->ev);
		free(sigs[n_sigs]);
	}
	if (base != NULL)
		event_base_free(base);
	base = NULL;
	libevent_global_shutdown();
}

struct event_base *
loop_base(void)
{
	return base;
}

void
loop_run(void)
{
	if (event_base_dispatch(base) == -1)
		log_warnx("loop", "event_base_dispatch failed");
}

void
loop_stop(void)
{
	event_base_loopbreak(base);
}

static void
io_ready(evutil_socket_t fd, short what, void *arg)
{
	struct loop_io *io = arg;

	(void)what;
	io->cb(fd, io->arg);
}

static struct loop_io *
io_new(int fd, short what, loop_io_fn cb, void *arg)
{
	struct loop_io *io;

	io = calloc(1, sizeof(*io));
	if (io == NULL)
		return NULL;
	io->cb = cb;
	io->arg = arg;
	io->ev = event_new(base, fd, what | EV_PERSIST, io_ready, io);
	if (io->ev == NULL || event_add(io->ev, NULL) == -1) {
		loop_io_free(io);
		return NULL;
	}
	return io;
}

struct loop_io *
loop_io_new(int fd, loop_io_fn cb, void *arg)
{
	return io_new(fd, EV_READ, cb, arg);
}

struct loop_io *
loop_io_new_writer(int fd, loop_io_fn cb, void *arg)
{
	return io_new(fd, EV_WRITE, cb, arg);
}

void
loop_io_free(struct loop_io *io)
{
	if (io == NULL)
		return;
	if (io->ev != NULL)
		event_free(io->ev);
	free(io);
}

static void
timer_ready(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)what;
	t->cb(t->arg);
}

struct loop_timer *
loop_timer_new(loop_timer_fn cb, void *arg)
{
	struct loop_timer *t;

	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->cb = cb;
	t->arg = arg;
	t->ev = event_new(base, -1, 0, timer_ready, t);
	if (t->ev == NULL) {
		free(t);
		return NULL;
	}
	return t;
}

void
loop_timer_set(struct loop_timer *t, int64_t delay_ms)
{
	struct timeval tv;

	if (delay_ms < 0)
		delay_ms = 0;
	tv.tv_sec = (time_t)(delay_ms / 1000);
	tv.tv_usec = (suseconds_t)(delay_ms % 1000 * 1000);
	if (event_add(t->ev, &tv) == -1)
		log_warnx("loop", "cannot arm a timer");
}

void
loop_timer_stop(struct loop_timer *t)
{
	(void)event_del(t->ev);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (t == NULL)
		return;
	event_free(t->ev);
	free(t);
}

static void
signal_ready(evutil_socket_t sig, short what, void *arg)
{
	struct loop_sig *s = arg;

	(void)what;
	s->cb((int)sig);
}

void
loop_signal(int sig, loop_signal_fn cb)
{
	struct loop_sig *s;

	s = calloc(1, sizeof(*s));
	if (s == NULL || n_sigs == nitems(sigs))
		fatalx("loop", "cannot watch signal %d", sig);
	s->cb = cb;
	s->ev = evsignal_new(base, sig, signal_ready, s);
	if (s->ev == NULL || event_add(s->ev, NULL) == -1)
		fatalx("loop", "cannot watch signal %d", sig);
	sigs[n_sigs++] = s;
}
