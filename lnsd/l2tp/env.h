/* SPDX-License-Identifier: ISC */
#ifndef L2TP_ENV_H
#define L2TP_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "effect.h"
#include "limit.h"
#include "lns.h"
#include "msg.h"

/* What tunnels and sessions share with the engine that holds them. */
struct env {
	struct lns_config config; /* peers: a copy */
	lns_random_fn random;
	void *random_arg;
	struct fx_queue fx;
	struct lns_stats stats;
	uint32_t *peer_sessions; /* of each peer, those that live */
	struct mono now;	 /* of the input */
	struct limit log;	 /* of what anybody can provoke */
	uint32_t unlogged;	 /* lines that this has suppressed */
	struct msg_key key;	 /* of the message that is read now */
	bool draining;		 /* who is new is refused */
	/* What is traced besides config.trace: everything, or the messages of
	 * these addresses. */
	bool trace_all;
	struct lns_addr traced[LNS_TRACED_MAX];
	size_t n_traced;
};

uint32_t env_random(struct env *);
/* What messages of this configured peer are read with. */
struct msg_key *env_key(struct env *, uint32_t peer);
/* At which level messages of this peer are traced; LNS_NO_TRACE: they are not.
 * What was ordered at run time is of LOG_INFO, to be seen. */
#define LNS_NO_TRACE (-1)
int env_trace(const struct env *, const struct lns_addr *peer);
/* As lns_trace(). */
bool env_set_trace(
    struct env *, const struct lns_addr *peer, bool on) must_check;
/* Queues an effect; without memory it is lost, and counted. */
void env_push(
    struct env *, const struct lns_effect *, const void *data, size_t len);
/* Tells of a control message; text NULL: none. */
void env_tell(struct env *, const struct lns_effect *, const char *text);
/* Queues a line for the log; cut at LOG_LINE_MAX. */
#define LOG_LINE_MAX 256
void env_log(struct env *, int level, const char *fmt, ...) printf_like(3, 4);

/*
 * May a line be written, at a stranger's instance, that is no part of the life
 * of an established tunnel?  Of those there are so many at once, and so many a
 * second.  What was suppressed is counted in a line of its own.
 */
enum {
	ENV_LOG_BURST = 25,
	ENV_LOG_EVERY_MS = 64,
};
bool env_may_log(struct env *);
/* A line was suppressed. */
void env_unlogged(struct env *);

#endif
