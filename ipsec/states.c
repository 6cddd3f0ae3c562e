/* SPDX-License-Identifier: ISC */
/* Which states of pluto are out of date; contract in states.h. */

#include "states.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IKE_PORT 500

static bool
skip(const char **s, const char *what)
{
	size_t len = strlen(what);

	if (strncmp(*s, what, len) != 0)
		return false;
	*s += len;
	return true;
}

static bool
parse_ip(const char *s, size_t len, struct lns_addr *a)
{
	char text[LNS_ADDR_TEXT];

	if (len == 0 || len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	a->family = strchr(text, ':') != NULL ? 6 : 4;
	return inet_pton(a->family == 6 ? AF_INET6 : AF_INET, text, a->ip) == 1;
}

/* '198.51.100.1:4500'; of a peer that is fixed, ':4500'. */
static bool
parse_peer(
    const char *s, size_t len, const struct conf_peer *p, struct state *st)
{
	const char *colon = memrchr(s, ':', len);
	unsigned long port;
	char *end;

	if (colon == NULL)
		return false;
	if (colon != s && !parse_ip(s, (size_t)(colon - s), &st->peer))
		return false;
	if (colon == s) {
		if (p->any)
			return false;
		st->peer = p->address;
	}
	port = strtoul(colon + 1, &end, 10);
	st->peer.port = (uint16_t)port;
	return end == s + len && port > 0 && port <= UINT16_MAX;
}

static bool
parse_name(const char *s, struct state *st)
{
	static const struct {
		const char *name;
		bool phase1;
	} names[] = {
		{ "MAIN_R3 ", true },
		{ "MAIN_I4 ", true },
		{ "AGGR_R2 ", true },
		{ "AGGR_I2 ", true },
		{ "QUICK_R2 ", false },
		{ "QUICK_I2 ", false },
	};
	size_t i;

	(void)skip(&s, "STATE_");
	for (i = 0; i < nitems(names); i++)
		if (strncmp(s, names[i].name, strlen(names[i].name)) == 0) {
			st->phase1 = names[i].phase1;
			return true;
		}
	return false;
}

bool
states_parse(const struct conf *c, const char *line, struct state *st)
{
	const char *s = line, *begin, *quote;
	char name[CONN_NAME_MAX];
	size_t peer, len;
	char *end;

	memset(st, 0, sizeof(*st));
	(void)skip(&s, "000 ");
	if (!skip(&s, "#"))
		return false;
	st->n = strtoul(s, &end, 10);
	s = end;
	if (!skip(&s, ": \"") || (quote = strchr(s, '"')) == NULL ||
	    (size_t)(quote - s) >= sizeof(name))
		return false;
	begin = s - 1;
	memcpy(name, s, (size_t)(quote - s));
	name[quote - s] = '\0';
	if (!conn_find_peer(c, name, &peer))
		return false;
	s = quote + 1;
	if (*s == '[')
		s += strcspn(s, " ");
	len = (size_t)(s - begin);
	if (len >= sizeof(st->conn))
		return false;
	memcpy(st->conn, begin, len);
	(void)skip(&s, " ");
	len = strcspn(s, " ");
	return s[len] == ' ' && parse_peer(s, len, &c->peers[peer], st) &&
	       parse_name(s + len + 1, st);
}

int
states_add(struct states *t, const struct state *st)
{
	size_t cap = t->cap == 0 ? 64 : 2 * t->cap;
	struct state *more;

	if (t->n == t->cap) {
		more = reallocarray(t->at, cap, sizeof(*more));
		if (more == NULL)
			return -1;
		t->at = more;
		t->cap = cap;
	}
	t->at[t->n++] = *st;
	return 0;
}

void
states_clear(struct states *t)
{
	free(t->at);
	memset(t, 0, sizeof(*t));
}

static int
by_ip(const struct lns_addr *a, const struct lns_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->ip, b->ip, sizeof(a->ip));
}

/* By address, then the newest first. */
static int
by_peer(const void *va, const void *vb)
{
	const struct state *a = va, *b = vb;
	int order = by_ip(&a->peer, &b->peer);

	if (order != 0)
		return order;
	return a->n > b->n ? -1 : a->n < b->n;
}

/* The first of this address. */
static size_t
find(const struct states *t, const struct lns_addr *peer)
{
	size_t low = 0, high = t->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (by_ip(&t->at[mid].peer, peer) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Another client, at the same address, has the same instance. */
static bool
is_shared(
    const struct states *t, size_t from, size_t end, const struct state *st)
{
	size_t i;

	for (i = from; i < end; i++)
		if (t->at[i].peer.port != st->peer.port &&
		    strcmp(t->at[i].conn, st->conn) == 0)
			return true;
	return false;
}

static void
choose(struct states *t, const struct stale *s)
{
	const uint16_t port = s->peer.port == 0 ? IKE_PORT : s->peer.port;
	bool newest[2] = { true, true };
	size_t from = find(t, &s->peer), end = from, i;
	struct state *st;

	while (end < t->n && by_ip(&t->at[end].peer, &s->peer) == 0)
		end++;
	for (i = from; i < end; i++) {
		st = &t->at[i];
		if (st->peer.port != port)
			continue;
		if (s->lost ? is_shared(t, from, end, st) : !newest[st->phase1])
			st->doomed = true;
		newest[st->phase1] = false;
	}
}

size_t
states_choose(struct states *t, const struct stale *stale, size_t n_stale,
    unsigned long *numbers)
{
	size_t i, n = 0;

	if (t->n > 0)
		qsort(t->at, t->n, sizeof(*t->at), by_peer);
	for (i = 0; i < n_stale; i++)
		choose(t, &stale[i]);
	for (i = 0; i < t->n; i++)
		if (t->at[i].doomed)
			numbers[n++] = t->at[i].n;
	return n;
}
