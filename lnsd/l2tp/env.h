/* SPDX-License-Identifier: ISC */
#ifndef L2TP_ENV_H
#define L2TP_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "effect.h"
#include "lns.h"

/* What tunnels and sessions share with the engine that holds them. */
struct env {
	struct lns_config config; /* peers: a copy */
	lns_random_fn random;
	void *random_arg;
	struct fx_queue fx;
	struct lns_stats stats;
};

uint32_t env_random(struct env *);
/* Queues an effect; without memory it is lost, and counted. */
void env_push(
    struct env *, const struct lns_effect *, const void *data, size_t len);
/* Queues a line for the log; cut at LOG_LINE_MAX. */
#define LOG_LINE_MAX 256
void env_log(struct env *, int level, const char *fmt, ...) printf_like(3, 4);

#endif
