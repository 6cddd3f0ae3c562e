/* SPDX-License-Identifier: ISC */

/*
 * The reliable channel of RFC 2661 5.8.  All arithmetic on sequence numbers
 * is modulo 65536; a number is behind another if it is one of the 32767
 * before it.
 */

#include "chan.h"

#include <stdlib.h>
#include <string.h>

#include "hdr.h"
#include "proto.h"

/* How far a lies ahead of b; the result is large if it lies behind. */
static uint16_t
ahead(uint16_t a, uint16_t b)
{
	return (uint16_t)(a - b);
}

void
chan_init(struct chan *c, uint16_t rws, uint8_t retries)
{
	*c = (struct chan){
		.rws = rws,
		.peer_rws = CHAN_DEFAULT_RWS,
		.cwnd = 1,
		.ssthresh = CHAN_DEFAULT_RWS,
		.retries = retries == 0 ? CHAN_RETRIES : retries,
		.first_ms = CHAN_RTO_MS,
		.rto_ms = CHAN_RTO_MS,
		.rto_max_ms = CHAN_RTO_MAX_MS,
		.resend_due = MONO_NEVER,
		.ack_due = MONO_NEVER,
	};
}

static void
free_list(struct chan_msg **list)
{
	struct chan_msg *m;

	while ((m = *list) != NULL) {
		*list = m->next;
		free(m);
	}
}

void
chan_fini(struct chan *c)
{
	free_list(&c->out);
	free_list(&c->early);
	c->n_early = 0;
	c->una = c->nxt = c->max = c->end;
	c->resend_due = MONO_NEVER;
}

void
chan_set_peer_window(struct chan *c, uint16_t rws)
{
	/* 0 may not be; such a peer would never hear from us. */
	c->peer_rws = rws == 0 ? 1 : rws;
	c->ssthresh = c->peer_rws;
}

static struct chan_msg *
msg_new(uint16_t ns, const uint8_t *data, size_t len)
{
	struct chan_msg *m = calloc(1, sizeof(*m) + len);

	if (m == NULL)
		return NULL;
	m->ns = ns;
	m->len = (uint16_t)len;
	memcpy(m->data, data, len);
	return m;
}

int
chan_queue(struct chan *c, const uint8_t *data, size_t len, bool patient)
{
	struct chan_msg *m, **at;

	m = msg_new(c->end, data, len);
	if (m == NULL)
		return L2TP_E_MEMORY;
	m->patient = patient;
	for (at = &c->out; *at != NULL; at = &(*at)->next)
		;
	*at = m;
	c->end++;
	return 0;
}

void
chan_hurry(struct chan *c)
{
	struct chan_msg **at = &c->out;

	while (*at != NULL && ahead((*at)->ns, c->una) < ahead(c->max, c->una))
		at = &(*at)->next;
	free_list(at);
	c->end = c->max;
	c->urgent = true;
	c->resend_due = MONO_NEVER; /* the last message starts afresh */
}

void
chan_limit(struct chan *c, uint8_t retries, int64_t rto_max_ms, struct mono now)
{
	c->retries = retries;
	c->rto_max_ms = rto_max_ms;
	if (!mono_is_never(c->resend_due))
		c->resend_due =
		    mono_min(c->resend_due, mono_add_ms(now, rto_max_ms));
}

bool
chan_is_patient(const struct chan *c)
{
	return c->out != NULL && c->out->patient;
}

bool
chan_is_empty(const struct chan *c)
{
	return c->out == NULL;
}

/* A message is waited for impatiently: the channel's clock runs. */
static bool
is_urged(const struct chan *c)
{
	const struct chan_msg *m;

	for (m = c->out; m != NULL; m = m->next)
		if (!m->patient)
			return true;
	return false;
}

/* Starts the clock, unless it runs or nothing needs it. */
static void
arm(struct chan *c, struct mono now)
{
	if (mono_is_never(c->resend_due) && c->max != c->una && is_urged(c)) {
		c->tries = 0;
		c->rto_ms = c->first_ms;
		if (c->rto_ms > c->rto_max_ms)
			c->rto_ms = c->rto_max_ms;
		c->resend_due = mono_add_ms(now, c->rto_ms);
	}
}

static bool
window_is_full(const struct chan *c)
{
	uint16_t in_flight = ahead(c->nxt, c->una);

	return !c->urgent && (in_flight >= c->peer_rws || in_flight >= c->cwnd);
}

/* Appendix A: slow start, then congestion avoidance. */
static void
open_window(struct chan *c)
{
	if (c->cwnd >= c->peer_rws)
		return;
	if (c->cwnd >= c->ssthresh && ++c->cwnd_acks < c->cwnd)
		return;
	c->cwnd++;
	c->cwnd_acks = 0;
}

/* Appendix A: a message had to be sent again. */
static void
close_window(struct chan *c)
{
	c->ssthresh = c->cwnd > 1 ? c->cwnd / 2 : 1;
	c->cwnd = 1;
	c->cwnd_acks = 0;
}

/* RFC 6298 2, with the bounds of this channel. */
static void
take_sample(struct chan *c, int64_t rtt_ms)
{
	int64_t error = c->srtt_ms - rtt_ms;

	if (c->srtt_ms == 0) {
		c->srtt_ms = rtt_ms + 1; /* never 0 again */
		c->rttvar_ms = rtt_ms / 2;
	} else {
		c->rttvar_ms +=
		    ((error < 0 ? -error : error) - c->rttvar_ms) / 4;
		c->srtt_ms -= error / 8;
	}
	c->first_ms = c->srtt_ms + 4 * c->rttvar_ms;
	if (c->first_ms < CHAN_RTO_MS)
		c->first_ms = CHAN_RTO_MS;
	if (c->first_ms > CHAN_RTO_MAX_MS)
		c->first_ms = CHAN_RTO_MAX_MS;
}

/*
 * Karn: an acknowledgement of what was sent twice measures nothing.  The back-
 * off is not held for the next message, as it would be in TCP: a lost datagram
 * is likelier than a slow path, on which a second copy does no harm.
 */
static void
measure(struct chan *c, uint16_t acked, struct mono now)
{
	if (!c->timing || ahead(c->timed, c->una) >= acked)
		return;
	c->timing = false;
	take_sample(c, mono_diff_ms(now, c->timed_at));
}

const struct chan_msg *
chan_transmit(struct chan *c, struct mono now, bool *again)
{
	struct chan_msg *m;

	if (c->nxt == c->end || window_is_full(c)) {
		arm(c, now);
		return NULL;
	}
	for (m = c->out; m->ns != c->nxt; m = m->next)
		;
	*again = c->nxt != c->max;
	c->nxt++;
	if (!*again)
		c->max = c->nxt;
	/* A patient one is answered when the phone awakes. */
	if (!*again && !c->timing && !m->patient) {
		c->timing = true;
		c->timed = m->ns;
		c->timed_at = now;
	}
	hdr_set_sequence(m->data, m->ns, c->nr);
	chan_ack_sent(c);
	arm(c, now);
	return m;
}

enum chan_rx
chan_receive(struct chan *c, uint16_t ns, struct mono now)
{
	uint16_t d = ahead(ns, c->nr);

	if (d == 0) {
		c->nr++;
		c->ack_due = now;
		return CHAN_RX_NEXT;
	}
	if (d >= 0x8000) {
		c->ack_due = now;
		return CHAN_RX_DUPLICATE;
	}
	return d < c->rws ? CHAN_RX_EARLY : CHAN_RX_BEYOND;
}

void
chan_skip(struct chan *c, uint16_t ns)
{
	c->nr = ns;
}

void
chan_acknowledged(struct chan *c, uint16_t nr, struct mono now)
{
	struct chan_msg *m;
	uint16_t acked = ahead(nr, c->una);

	if (acked == 0 || acked > ahead(c->max, c->una))
		return;
	measure(c, acked, now);
	open_window(c);
	while ((m = c->out) != NULL && m->ns != nr) {
		c->out = m->next;
		free(m);
	}
	if (ahead(c->nxt, c->una) < acked)
		c->nxt = nr;
	c->una = nr;
	c->resend_due = MONO_NEVER;
	arm(c, now);
}

void
chan_keep(struct chan *c, uint16_t ns, const uint8_t *data, size_t len)
{
	struct chan_msg *m, **at;

	if (c->n_early == CHAN_EARLY_MAX || len > CHAN_EARLY_LEN_MAX)
		return;
	for (at = &c->early; *at != NULL; at = &(*at)->next)
		if (ahead((*at)->ns, c->nr) >= ahead(ns, c->nr))
			break;
	if (*at != NULL && (*at)->ns == ns)
		return;
	/* Without memory it is as if it had been lost. */
	m = msg_new(ns, data, len);
	if (m == NULL)
		return;
	m->next = *at;
	*at = m;
	c->n_early++;
}

struct chan_msg *
chan_take(struct chan *c)
{
	struct chan_msg *m;

	/* What has come a second time in the meantime is behind. */
	while ((m = c->early) != NULL && ahead(m->ns, c->nr) >= 0x8000) {
		c->early = m->next;
		c->n_early--;
		free(m);
	}
	if (m == NULL || m->ns != c->nr)
		return NULL;
	c->early = m->next;
	c->n_early--;
	return m;
}

void
chan_delay_ack(struct chan *c, struct mono until)
{
	if (!mono_is_never(c->ack_due))
		c->ack_due = until;
}

bool
chan_owes_ack(const struct chan *c, struct mono now)
{
	return !mono_before(now, c->ack_due);
}

void
chan_ack_sent(struct chan *c)
{
	c->ack_due = MONO_NEVER;
}

void
chan_resend(struct chan *c)
{
	c->nxt = c->una;
	c->timing = false;
}

int64_t
chan_cycle_ms(uint8_t retries)
{
	int64_t wait = CHAN_RTO_MS, sum = 0;
	int i;

	if (retries == 0)
		retries = CHAN_RETRIES;
	for (i = 0; i <= retries; i++) {
		sum += wait;
		wait = wait * 2 > CHAN_RTO_MAX_MS ? CHAN_RTO_MAX_MS : wait * 2;
	}
	return sum;
}

bool
chan_expire(struct chan *c, struct mono now)
{
	if (mono_before(now, c->resend_due))
		return true;
	if (c->tries >= c->retries)
		return false;
	c->tries++;
	c->rto_ms *= 2;
	if (c->rto_ms > c->rto_max_ms)
		c->rto_ms = c->rto_max_ms;
	c->resend_due = mono_add_ms(now, c->rto_ms);
	close_window(c);
	chan_resend(c);
	return true;
}

struct mono
chan_deadline(const struct chan *c)
{
	return mono_min(c->resend_due, c->ack_due);
}
