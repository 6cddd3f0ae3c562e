/* SPDX-License-Identifier: ISC */
/* Failed logins; contract in tries.h. */

#include "tries.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char key[TRIES_KEY];
	unsigned int n; /* 0: free */
	struct mono forget_at;
};

struct tries {
	struct entry entries[TRIES_MAX];
};

struct tries *
tries_new(void)
{
	return calloc(1, sizeof(struct tries));
}

void
tries_free(struct tries *t)
{
	free(t);
}

static bool
counts(const struct entry *e, struct mono now)
{
	return e->n > 0 && mono_before(now, e->forget_at);
}

static const struct entry *
find(const struct tries *t, const char *key, struct mono now)
{
	size_t i;

	for (i = 0; i < TRIES_MAX; i++)
		if (counts(&t->entries[i], now) &&
		    strncmp(t->entries[i].key, key, TRIES_KEY - 1) == 0)
			return &t->entries[i];
	return NULL;
}

static struct entry *
make_room(struct tries *t, struct mono now)
{
	struct entry *first = &t->entries[0];
	size_t i;

	for (i = 0; i < TRIES_MAX; i++) {
		if (!counts(&t->entries[i], now))
			return &t->entries[i];
		if (mono_before(t->entries[i].forget_at, first->forget_at))
			first = &t->entries[i];
	}
	return first;
}

unsigned int
tries_add(
    struct tries *t, const char *key, struct mono now, struct mono forget_at)
{
	const struct entry *known = find(t, key, now);
	struct entry *e;

	if (known != NULL) {
		e = &t->entries[known - t->entries];
	} else {
		e = make_room(t, now);
		e->n = 0;
		snprintf(e->key, sizeof(e->key), "%s", key);
	}
	e->forget_at = forget_at;
	return ++e->n;
}

unsigned int
tries_count(
    const struct tries *t, const char *key, struct mono now, int64_t *left_ms)
{
	const struct entry *e = find(t, key, now);

	*left_ms = e == NULL ? 0 : mono_diff_ms(e->forget_at, now);
	return e == NULL ? 0 : e->n;
}

void
tries_forget(struct tries *t, const char *key)
{
	size_t i;

	for (i = 0; i < TRIES_MAX; i++)
		if (strncmp(t->entries[i].key, key, TRIES_KEY - 1) == 0)
			t->entries[i].n = 0;
}
