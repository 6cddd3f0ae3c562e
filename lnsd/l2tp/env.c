/* SPDX-License-Identifier: ISC */

/* What tunnels and sessions share: effects, log lines, randomness; and how an
 * address is written. */

#include "env.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

const char *
lns_addr_text(const struct lns_addr *a, char buf[LNS_ADDR_TEXT])
{
	int family = a->family == 6 ? AF_INET6 : AF_INET;

	if (inet_ntop(family, a->ip, buf, LNS_ADDR_TEXT) == NULL)
		buf[0] = '\0';
	return buf;
}

bool
lns_same_ip(const struct lns_addr *a, const struct lns_addr *b)
{
	return a->family == b->family &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

uint32_t
env_random(struct env *env)
{
	uint32_t v;

	env->random(env->random_arg, &v, sizeof(v));
	return v;
}

struct msg_key *
env_key(struct env *env, uint32_t peer)
{
	env->key.secret = env->config.peers[peer].secret;
	return &env->key;
}

/* n_traced: it is not. */
static size_t
find_traced(const struct env *env, const struct lns_addr *peer)
{
	size_t i;

	for (i = 0; i < env->n_traced; i++)
		if (lns_same_ip(&env->traced[i], peer))
			break;
	return i;
}

int
env_trace(const struct env *env, const struct lns_addr *peer)
{
	if (env->trace_all || find_traced(env, peer) < env->n_traced)
		return LOG_INFO;
	return env->config.trace ? LOG_DEBUG : LNS_NO_TRACE;
}

bool
env_set_trace(struct env *env, const struct lns_addr *peer, bool on)
{
	size_t i;

	if (peer == NULL) {
		env->trace_all = on;
		env->n_traced = 0;
		if (!on)
			env->config.trace = false;
		return true;
	}
	i = find_traced(env, peer);
	if (!on && i < env->n_traced) {
		env->traced[i] = env->traced[--env->n_traced];
		return true;
	}
	if (on && i == env->n_traced && i < LNS_TRACED_MAX)
		env->traced[env->n_traced++] = *peer;
	return on && i < env->n_traced;
}

void
env_push(
    struct env *env, const struct lns_effect *e, const void *data, size_t len)
{
	if (!fx_push(&env->fx, e, data, len))
		env->stats.out_of_memory++;
}

void
env_tell(struct env *env, const struct lns_effect *e, const char *text)
{
	env_push(env, e, text, text == NULL ? 0 : strlen(text) + 1);
}

void
env_unlogged(struct env *env)
{
	env->unlogged++;
	env->stats.log_suppressed++;
}

bool
env_may_log(struct env *env)
{
	uint32_t n = env->unlogged;

	if (!limit_take(&env->log, ENV_LOG_EVERY_MS, ENV_LOG_BURST, env->now)) {
		env_unlogged(env);
		return false;
	}
	env->unlogged = 0;
	if (n != 0)
		env_log(env, LOG_INFO, "%u lines suppressed", n);
	return true;
}

void
env_log(struct env *env, int level, const char *fmt, ...)
{
	const struct lns_effect e = { .type = LNS_LOG, .level = level };
	char line[LOG_LINE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	env_push(env, &e, line, (size_t)n + 1);
}
