/* SPDX-License-Identifier: ISC */

/* The life of a tunnel: its beginning and end; what the log tells of it;
 * keepalive, and whether it is in use. */

#include "tunnel.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "session.h"

void
tunnel_log(const struct tunnel *t, int level, const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	env_log(t->env, level, "TUNNEL[%u] %s", t->slot, line);
}

void
tunnel_log_life(const struct tunnel *t, const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	va_list ap;

	if (!t->served && (t->announced == 0 || !env_may_log(t->env)))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	env_log(t->env, LOG_INFO, "%s", line);
}

bool
tunnel_may_log(struct tunnel *t)
{
	if (limit_take(&t->log, TUN_LOG_EVERY_MS, TUN_LOG_BURST, t->env->now))
		return true;
	env_unlogged(t->env);
	return false;
}

void
tunnel_announce(struct tunnel *t, uint8_t lines)
{
	char ip[LNS_ADDR_TEXT];

	if (t->announced < 1)
		tunnel_log(
		    t, LOG_INFO, "connected from %s", tunnel_peer_text(t, ip));
	if (t->announced < 2 && lines >= 2)
		tunnel_log(t, LOG_INFO, "tunnel %u established", t->tid);
	if (t->announced < lines)
		t->announced = lines;
}

/* When the next HELLO is due. */
static struct mono
keepalive_due(const struct tunnel *t, struct mono now)
{
	const struct lns_peer *p = &t->env->config.peers[t->peer];

	if (t->probed)
		return mono_add_ms(now, TUN_PROBE_MS);
	return p->keepalive_interval_s == 0
		   ? MONO_NEVER
		   : mono_add_ms(now, (int64_t)p->keepalive_interval_s * 1000);
}

void
tunnel_heard(struct tunnel *t, struct mono now)
{
	const struct lns_peer *p = &t->env->config.peers[t->peer];

	if (t->state != TUN_ESTABLISHED)
		return;
	t->heard = now;
	t->probed = t->uncounted = false;
	t->hello_due = keepalive_due(t, now);
	t->hello_left = p->keepalive_count == 0 ? 1 : p->keepalive_count;
	t->hello_waits = false;
}

void
tunnel_used(struct tunnel *t, struct mono now)
{
	const struct lns_peer *p = &t->env->config.peers[t->peer];

	if (t->state == TUN_ESTABLISHED && p->disconnect_time_s != 0)
		t->idle_due =
		    mono_add_ms(now, (int64_t)p->disconnect_time_s * 1000);
}

void
tunnel_traffic(struct tunnel *t, uint64_t rx_packets, uint64_t user_packets,
    struct mono now)
{
	if (rx_packets != t->rx_packets && !t->uncounted)
		tunnel_heard(t, now);
	t->uncounted = false;
	if (user_packets != t->user_packets)
		tunnel_used(t, now);
	t->rx_packets = rx_packets;
	t->user_packets = user_packets;
}

static bool
has_ppp(const struct tunnel *t)
{
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL && t->sessions[i]->ppp)
			return true;
	return false;
}

/* When data could make a difference, if it can and has not been asked for. */
struct mono
tunnel_ask_due(const struct tunnel *t)
{
	struct mono decision = mono_min(t->hello_due, t->idle_due);

	if (mono_is_never(decision) || decision.ms == t->asked.ms)
		return MONO_NEVER;
	return has_ppp(t) ? mono_add_ms(decision, -LNS_TRAFFIC_MS) : MONO_NEVER;
}

void
tunnel_ask(struct tunnel *t, struct mono now)
{
	const struct lns_effect e = tunnel_effect(t, LNS_TRAFFIC);

	if (mono_before(now, tunnel_ask_due(t)))
		return;
	t->asked = mono_min(t->hello_due, t->idle_due);
	env_push(t->env, &e, NULL, 0);
}

void
tunnel_keepalive(struct tunnel *t, struct mono now)
{
	const struct tun_input in = { .now = now };

	if (mono_before(now, t->hello_due))
		return;
	t->hello_due = keepalive_due(t, now);
	if (t->hello_waits) {
		t->env->stats.hello_missed++;
		if (t->env->config.keepalive_log)
			env_log(t->env, LOG_DEBUG,
			    " keepalive timeout count=%u", t->hello_left);
		if (--t->hello_left == 0) {
			tunnel_step(t, t->probed ? TUN_YIELD : TUN_SILENT, &in);
			return;
		}
	}
	tunnel_send_hello(t, now);
}

bool
tunnel_is_used(const struct tunnel *t)
{
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL &&
		    session_is_live(t->sessions[i]->state))
			return true;
	return false;
}

void
tunnel_probe(struct tunnel *t, struct mono now)
{
	const struct lns_effect e = tunnel_effect(t, LNS_TRAFFIC);

	if (t->state != TUN_ESTABLISHED || t->probed)
		return;
	t->probed = true;
	t->hello_left = TUN_PROBES;
	t->hello_due = keepalive_due(t, now);
	tunnel_send_hello(t, now);
	/* If another message waits, that tests the peer as well. */
	t->hello_waits = true;
	/* Data proves it, too; what has come since it was counted last may
	 * have come long ago. */
	if (has_ppp(t)) {
		t->uncounted = true;
		env_push(t->env, &e, NULL, 0);
	}
}

struct tunnel *
tunnel_new(struct env *env)
{
	struct tunnel *t = calloc(1, sizeof(*t));

	if (t == NULL || !fx_reserve(&env->fx, FX_TUNNEL_ENDINGS)) {
		free(t);
		return NULL;
	}
	t->env = env;
	t->state = TUN_IDLE;
	t->reserved = true;
	t->due = t->hello_due = t->idle_due = t->asked = MONO_NEVER;
	chan_init(&t->chan, env->config.rws, env->config.retries);
	env->stats.tunnels++;
	return t;
}

void
tunnel_reap(struct tunnel *t)
{
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL && t->sessions[i]->state == SES_DEAD)
			session_free(t, t->sessions[i]);
}

void
tunnel_free(struct tunnel *t)
{
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL)
			session_free(t, t->sessions[i]);
	if (t->reserved)
		fx_release(&t->env->fx, FX_TUNNEL_ENDINGS);
	chan_fini(&t->chan);
	free(t);
}
