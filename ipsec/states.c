/* SPDX-License-Identifier: ISC */
/* Which states of pluto are out of date; contract in states.h. */

#include "states.h"

#include <stdlib.h>
#include <string.h>

/* --- lines --- */

bool
states_skip(const char **s, const char *what)
{
	size_t len = strlen(what);

	if (strncmp(*s, what, len) != 0)
		return false;
	*s += len;
	return true;
}

/* 'STATE_MAIN_R3 (IKE SA established); ...', in 5.3 'MAIN_R3 (...'. */
static bool
is_established(const char *s, bool *phase1)
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

	(void)states_skip(&s, "STATE_");
	for (i = 0; i < nitems(names); i++)
		if (states_skip(&s, names[i].name)) {
			*phase1 = names[i].phase1;
			return true;
		}
	return false;
}

/* '... eroute owner; ISAKMP SA #3; idle;' */
static unsigned long
parent_of(const char *s)
{
	const char *parent = strstr(s, " SA #");

	return parent == NULL ? 0 : strtoul(parent + 5, NULL, 10);
}

/* '(IKE SA established); EXPIRE in 28785s; ...', 'REPLACE in ...' */
static void
read_life(const char *s, struct state *st)
{
	const char *at = strstr(s, "EXPIRE in ");
	unsigned long left;
	char *end;

	st->left_s = -1;
	st->renewed = at == NULL;
	if (at == NULL)
		at = strstr(s, "REPLACE in ");
	if (at == NULL)
		return;
	at = strstr(at, " in ") + 4;
	left = strtoul(at, &end, 10);
	if (end != at && *end == 's' && left <= UINT32_MAX)
		st->left_s = (int64_t)left;
}

/* '... esp.4291233@198.51.100.1 esp.c14267a@203.0.113.1 ...': the one to the
 * client, then the one from it. */
static void
read_spis(const char *s, struct state *st)
{
	static const char esp[] = " esp.";
	const char *out = strstr(s, esp);
	const char *in = out == NULL ? NULL : strstr(out + 1, esp);
	unsigned long spi, spi_out;
	char *end, *end_out;

	st->spi = st->spi_out = 0;
	if (in == NULL)
		return;
	spi_out = strtoul(out + sizeof(esp) - 1, &end_out, 16);
	spi = strtoul(in + sizeof(esp) - 1, &end, 16);
	if (*end != '@' || *end_out != '@' || spi > UINT32_MAX ||
	    spi_out > UINT32_MAX)
		return;
	st->spi = (uint32_t)spi;
	st->spi_out = (uint32_t)spi_out;
}

static int
add(struct states *t, const struct state *st)
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

/* A state has a line of its own, and phase 2 another, with the SPIs and
 * without the port, behind it. */
int
states_take(struct states *t, const char *line)
{
	struct state st = { .n = 0 };
	const char *s = line, *conn, *colon;
	unsigned long port;
	char *end;
	size_t len;

	(void)states_skip(&s, "000 ");
	if (!states_skip(&s, "#"))
		return 0;
	st.n = strtoul(s, &end, 10);
	s = end;
	if (!states_skip(&s, ": ") || *s != '"')
		return 0;
	conn = s;
	s = strchr(s + 1, '"');
	if (s == NULL)
		return 0;
	s++;
	if (*s == '[') {
		s += strcspn(s, " ");
		(void)states_skip(&s, " ");
	}
	s += strcspn(s, " ");
	if (*s == '\0')
		return 0;
	colon = memrchr(conn, ':', (size_t)(s - conn));
	if (colon == NULL || !is_established(s + 1, &st.phase1)) {
		if (t->n > 0 && t->at[t->n - 1].n == st.n)
			read_spis(s, &t->at[t->n - 1]);
		return 0;
	}
	port = strtoul(colon + 1, &end, 10);
	len = (size_t)(colon - conn);
	if (end != s || port == 0 || port > UINT16_MAX ||
	    len >= sizeof(st.conn))
		return 0;
	st.port = (uint16_t)port;
	read_life(s, &st);
	if (!st.phase1)
		st.parent = parent_of(s);
	memcpy(st.conn, conn, len);
	return add(t, &st);
}

void
states_clear(struct states *t)
{
	free(t->at);
	memset(t, 0, sizeof(*t));
}

/* --- choice --- */

static bool
is_ours(const struct conf *c, const struct state *st)
{
	char name[STATES_CONN_MAX];
	size_t peer;

	memcpy(name, st->conn + 1, sizeof(name) - 1);
	name[strcspn(name, "\"")] = '\0';
	return conn_find_peer(c, name, &peer);
}

static int
by_conn(const void *va, const void *vb)
{
	const struct state *a = va, *b = vb;

	return strcmp(a->conn, b->conn);
}

static int
by_spi(const void *va, const void *vb)
{
	const struct stale *a = va, *b = vb;

	return a->spi < b->spi ? -1 : a->spi > b->spi;
}

/* The rest is about the n states of one connection. */

static bool
is_shared(const struct state *all, size_t n, const struct state *st)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (all[i].port != st->port)
			return true;
	return false;
}

/* By a newer one of the same phase and client. */
static bool
is_replaced(const struct state *all, size_t n, const struct state *st)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (all[i].port == st->port && all[i].n > st->n &&
		    all[i].phase1 == st->phase1)
			return true;
	return false;
}

static void
doom_phase2(struct state *all, size_t n, struct state *st,
    const struct stale *stale, size_t n_stale, const struct conf *c)
{
	const struct stale key = { .spi = st->spi };
	const struct stale *s;
	bool replaced = is_replaced(all, n, st);

	if (st->spi == 0)
		return;
	s = bsearch(&key, stale, n_stale, sizeof(*stale), by_spi);
	if (s == NULL || !is_ours(c, st))
		return;
	st->gone = s->lost && !replaced;
	st->doomed = replaced || (st->gone && is_shared(all, n, st));
}

/* When phase 2 is through. */
static void
doom_phase1(const struct state *all, size_t n, struct state *st)
{
	bool over = false, replaced = is_replaced(all, n, st);
	size_t i;

	for (i = 0; i < n; i++) {
		if (all[i].phase1)
			continue;
		if (!all[i].doomed &&
		    (all[i].parent == st->n || all[i].parent == 0))
			return;
		if (all[i].doomed && all[i].port == st->port &&
		    (all[i].gone || replaced))
			over = true;
	}
	st->doomed = over;
}

static void
doom(struct state *all, size_t n, const struct stale *stale, size_t n_stale,
    const struct conf *c)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!all[i].phase1)
			doom_phase2(all, n, &all[i], stale, n_stale, c);
	for (i = 0; i < n; i++)
		if (all[i].phase1)
			doom_phase1(all, n, &all[i]);
}

size_t
states_choose(struct states *t, const struct conf *c, struct stale *stale,
    size_t n_stale, unsigned long *numbers)
{
	size_t i, from, n = 0;

	if (t->n == 0 || n_stale == 0)
		return 0;
	qsort(t->at, t->n, sizeof(*t->at), by_conn);
	qsort(stale, n_stale, sizeof(*stale), by_spi);
	for (i = 1, from = 0; i <= t->n; i++) {
		if (i < t->n && by_conn(&t->at[from], &t->at[i]) == 0)
			continue;
		doom(&t->at[from], i - from, stale, n_stale, c);
		from = i;
	}
	for (i = 0; i < t->n; i++)
		if (t->at[i].doomed)
			numbers[n++] = t->at[i].n;
	return n;
}
