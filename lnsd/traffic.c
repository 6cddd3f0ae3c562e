/* SPDX-License-Identifier: ISC */
/* What sessions have carried; contract in traffic.h. */

#include "traffic.h"

#include <stdlib.h>
#include <string.h>

static int
by_ifindex(const void *va, const void *vb)
{
	const struct traffic_link *a = va, *b = vb;

	return (a->ifindex > b->ifindex) - (a->ifindex < b->ifindex);
}

static uint64_t
since(uint64_t now, uint64_t was)
{
	return now >= was ? now - was : now;
}

void
traffic_add(struct traffic *t, struct traffic_link *links, size_t n)
{
	static const struct traffic_link none;
	const struct traffic_link *was;
	struct traffic_link *kept;
	size_t i, k = 0, n_kept = 0;

	kept = calloc(n + 1, sizeof(*kept));
	if (kept == NULL)
		return;
	if (n > 0)
		qsort(links, n, sizeof(*links), by_ifindex);
	for (i = 0; i < n; i++) {
		while (k < t->n_links && t->links[k].ifindex < links[i].ifindex)
			k++;
		was = k < t->n_links && t->links[k].ifindex == links[i].ifindex
			  ? &t->links[k]
			  : &none;
		if (links[i].unknown) {
			if (was != &none)
				kept[n_kept++] = *was;
			continue;
		}
		t->rx += since(links[i].rx, was->rx);
		t->tx += since(links[i].tx, was->tx);
		kept[n_kept++] = links[i];
	}
	free(t->links);
	t->links = kept;
	t->n_links = n_kept;
}

void
traffic_keep(struct traffic *t, int64_t wall_s, uint32_t sessions)
{
	size_t at = (t->first + t->n_samples) % TRAFFIC_SAMPLES;

	t->samples[at] =
	    (struct traffic_sample){ wall_s, sessions, t->rx, t->tx };
	if (t->n_samples < TRAFFIC_SAMPLES)
		t->n_samples++;
	else
		t->first = (t->first + 1) % TRAFFIC_SAMPLES;
}

const struct traffic_sample *
traffic_sample(const struct traffic *t, size_t i)
{
	return &t->samples[(t->first + i) % TRAFFIC_SAMPLES];
}

void
traffic_fini(struct traffic *t)
{
	free(t->links);
	t->links = NULL;
	t->n_links = 0;
}
