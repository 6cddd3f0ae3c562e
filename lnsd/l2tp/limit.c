/* SPDX-License-Identifier: ISC */

/* Rates: of one thing, and of each host. */

#include "limit.h"

#include <string.h>

bool
limit_take(struct limit *l, int64_t every_ms, unsigned burst, struct mono now)
{
	int64_t full_ms = l->full_ms > now.ms ? l->full_ms : now.ms;

	if (full_ms + every_ms > now.ms + every_ms * (int64_t)burst)
		return false;
	l->full_ms = full_ms + every_ms;
	return true;
}

void
limit_refund(struct limit *l, int64_t every_ms)
{
	l->full_ms -= every_ms;
}

static bool
is_host(const struct limit_host *h, const struct lns_path *p)
{
	return h->family == p->peer.family && h->client == p->client &&
	       memcmp(h->ip, p->peer.ip, sizeof(h->ip)) == 0;
}

struct limit *
limit_of_host(struct limit_hosts *t, const struct lns_path *p, uint32_t hash)
{
	struct limit_host *set = t->hosts[hash % LIMIT_SETS], *h = &set[0];
	size_t i;

	for (i = 0; i < LIMIT_WAYS; i++) {
		if (is_host(&set[i], p))
			return &set[i].limit;
		if (set[i].limit.full_ms < h->limit.full_ms)
			h = &set[i];
	}
	*h = (struct limit_host){ .family = p->peer.family,
		.client = p->client };
	memcpy(h->ip, p->peer.ip, sizeof(h->ip));
	return &h->limit;
}
