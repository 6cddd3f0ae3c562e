/* SPDX-License-Identifier: ISC */
/* The store of stories; contract in story.h. */

#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watcher {
	story_fn fn;
	void *arg;
};

struct stories {
	struct story_list list; /* the newest first */
	size_t n, n_strangers;
	uint64_t last_n;
	struct story_counts counts;
	struct story *by_tid[UINT16_MAX + 1];
	struct watcher watchers[STORY_WATCHERS];
};

static const char *const stage_names[STORY_STAGES] = { "ike", "esp", "l2tp",
	"ppp", "up", "down" };

const int64_t story_bucket_ms[STORY_BUCKETS] = { 50, 100, 250, 500, 1000, 2500,
	5000, 10000, 30000 };

struct stories *
stories_new(void)
{
	struct stories *st = calloc(1, sizeof(*st));

	if (st != NULL)
		TAILQ_INIT(&st->list);
	return st;
}

void
stories_free(struct stories *st)
{
	struct story *s, *next;

	if (st == NULL)
		return;
	for (s = TAILQ_FIRST(&st->list); s != NULL; s = next) {
		next = TAILQ_NEXT(s, entry);
		free(s->events);
		free(s);
	}
	free(st);
}

const struct story_counts *
stories_counts(const struct stories *st)
{
	return &st->counts;
}

const struct story *
stories_first(const struct stories *st)
{
	return TAILQ_FIRST(&st->list);
}

const struct story *
stories_next(const struct story *s)
{
	return TAILQ_NEXT(s, entry);
}

struct story_list *
stories_list(struct stories *st)
{
	return &st->list;
}

bool
stories_watch(struct stories *st, story_fn fn, void *arg)
{
	size_t i;

	for (i = 0; i < STORY_WATCHERS; i++)
		if (st->watchers[i].fn == NULL) {
			st->watchers[i] = (struct watcher){ fn, arg };
			return true;
		}
	return false;
}

void
stories_unwatch(struct stories *st, story_fn fn, const void *arg)
{
	size_t i;

	for (i = 0; i < STORY_WATCHERS; i++)
		if (st->watchers[i].fn == fn && st->watchers[i].arg == arg)
			st->watchers[i] = (struct watcher){ NULL, NULL };
}

/* --- room --- */

void
story_set_tid(struct stories *st, struct story *s, uint16_t tid)
{
	if (s->tid != 0 && st->by_tid[s->tid] == s)
		st->by_tid[s->tid] = NULL;
	s->tid = tid;
	if (tid != 0)
		st->by_tid[tid] = s;
}

struct story *
story_by_tid(const struct stories *st, uint16_t tid)
{
	return tid == 0 ? NULL : st->by_tid[tid];
}

void
story_drop(struct stories *st, struct story *s)
{
	story_set_tid(st, s, 0);
	TAILQ_REMOVE(&st->list, s, entry);
	st->n--;
	st->n_strangers -= s->stranger;
	free(s->events);
	free(s);
}

/* How much it would be missed. */
static int
worth(const struct story *s)
{
	if (s->result == STORY_IS_UP)
		return 3;
	return s->result == STORY_CONNECTING && !s->stranger ? 2 : 1;
}

/* The oldest of those that are worth least: of this address, which are not up;
 * of strangers; or (NULL, false) of all. */
static struct story *
least(
    struct stories *st, const struct lns_addr *peer, bool strangers, size_t *n)
{
	struct story *s, *found = NULL;

	*n = 0;
	TAILQ_FOREACH (s, &st->list, entry) {
		if ((strangers && !s->stranger) ||
		    (peer != NULL && (s->result == STORY_IS_UP ||
					 !lns_same_ip(&s->peer, peer))))
			continue;
		(*n)++;
		if (found == NULL || worth(s) <= worth(found))
			found = s;
	}
	return found;
}

static void
evict(struct stories *st, struct story *s)
{
	if (s == NULL)
		return;
	st->counts.evicted++;
	story_drop(st, s);
}

static void
make_room(struct stories *st, const struct lns_addr *peer, bool stranger)
{
	struct story *s;
	size_t n;

	s = least(st, peer, false, &n);
	if (n >= STORY_OF_ADDRESS)
		evict(st, s);
	if (stranger && st->n_strangers >= STORY_STRANGERS)
		evict(st, least(st, NULL, true, &n));
	if (st->n >= STORY_MAX)
		evict(st, least(st, NULL, false, &n));
}

struct story *
story_begin(struct stories *st, const struct lns_addr *peer, bool stranger,
    struct story_time t)
{
	struct story *s;
	size_t i;

	make_room(st, peer, stranger);
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->n = ++st->last_n;
	s->peer = *peer;
	s->stranger = stranger;
	s->begun = s->last = t.mono;
	s->wall_s = t.wall_s;
	for (i = 0; i < STORY_STAGES; i++)
		s->reached[i] = MONO_NEVER;
	TAILQ_INSERT_HEAD(&st->list, s, entry);
	st->n++;
	st->n_strangers += stranger;
	st->counts.begun++;
	return s;
}

/* --- events --- */

static struct story_event *
new_event(struct story *s)
{
	struct story_event *events;
	size_t cap;

	if (s->n_events == STORY_EVENTS) {
		memmove(s->events + STORY_FIRST, s->events + STORY_FIRST + 1,
		    (STORY_EVENTS - STORY_FIRST - 1) * sizeof(*s->events));
		s->left_out++;
		return &s->events[STORY_EVENTS - 1];
	}
	if (s->n_events == s->cap) {
		cap = s->cap == 0 ? 8 : s->cap * 2;
		events = reallocarray(s->events, cap, sizeof(*events));
		if (events == NULL)
			return NULL;
		s->events = events;
		s->cap = cap;
	}
	return &s->events[s->n_events++];
}

static void
tell(struct stories *st, const struct story *s, const struct story_event *e)
{
	size_t i;

	for (i = 0; i < STORY_WATCHERS; i++)
		if (st->watchers[i].fn != NULL)
			st->watchers[i].fn(st->watchers[i].arg, s, e);
}

/* It gets from the stage that it was in to this one. */
static void
take_time(
    struct stories *st, const struct story *s, uint8_t stage, struct mono at)
{
	struct story_times *t;
	size_t was = stage, i;
	int64_t ms;

	while (was > 0 && mono_is_never(s->reached[was - 1]))
		was--;
	if (was == 0 || stage > STORY_UP)
		return;
	t = &st->counts.times[was - 1];
	ms = mono_diff_ms(at, s->reached[was - 1]);
	if (ms < 0)
		ms = 0;
	for (i = 0; i < STORY_BUCKETS && ms > story_bucket_ms[i]; i++)
		;
	if (i < STORY_BUCKETS)
		t->bucket[i]++;
	t->n++;
	t->sum_ms += (uint64_t)ms;
}

static void
reach(struct stories *st, struct story *s, uint8_t stage, struct mono at)
{
	if (!mono_is_never(s->reached[stage]))
		return;
	/* New keys are of its life, and no step to it. */
	if (s->result == STORY_IS_UP && stage < STORY_UP)
		return;
	take_time(st, s, stage, at);
	s->reached[stage] = at;
	st->counts.reached[stage]++;
}

/* The same once more: counted, not told anew. */
static bool
is_repeated(
    const struct story *s, const struct story_event *e, const char *text)
{
	const struct story_event *was;

	if (s->n_events == 0)
		return false;
	was = &s->events[s->n_events - 1];
	return was->stage == e->stage && was->dir == e->dir &&
	       was->cause == e->cause && strcmp(was->text, text) == 0;
}

void
story_add(struct stories *st, struct story *s, struct mono at,
    const struct story_event *e, const char *text)
{
	struct story_event *to;
	char clean[STORY_TEXT];

	story_text(clean, sizeof(clean), text);
	reach(st, s, e->stage, at);
	s->last = at;
	if (is_repeated(s, e, clean)) {
		to = &s->events[s->n_events - 1];
		if (to->again < UINT8_MAX)
			to->again++;
		to->last = at;
	} else {
		to = new_event(s);
		if (to == NULL)
			return;
		*to = *e;
		to->at = to->last = at;
		memcpy(to->text, clean, sizeof(clean));
	}
	tell(st, s, to);
}

void
story_finish(struct stories *st, struct story *s, enum story_result result,
    enum cause cause, const char *detail, struct mono at)
{
	const struct story_event e = {
		.stage = STORY_DOWN, .dir = STORY_NOTE, .cause = (uint8_t)cause
	};
	char text[STORY_TEXT];

	s->result = result;
	s->cause = cause;
	if (detail != s->detail)
		story_text(s->detail, sizeof(s->detail), detail);
	if (result == STORY_FAILED && !s->counted)
		st->counts.failed[story_stage(s)][cause]++;
	s->counted = s->counted || result == STORY_FAILED;
	snprintf(text, sizeof(text), "%s: %s", story_result_name(result),
	    cause_name(cause));
	story_add(st, s, at, &e, text);
}

void
story_prove(struct stories *st, struct story *s)
{
	st->n_strangers -= s->stranger;
	s->stranger = false;
}

void
story_reopen(struct story *s)
{
	s->result = STORY_CONNECTING;
	s->cause = CAUSE_NONE;
	s->detail[0] = '\0';
}

void
story_merge(struct stories *st, struct story *to, struct story *from)
{
	struct story_event *e;
	uint16_t tid = from->tid;
	size_t i, k, stage;

	for (i = 0; i < from->n_events; i++) {
		e = new_event(to);
		if (e == NULL)
			break;
		*e = from->events[i];
		/* Most are in order already. */
		for (k = (size_t)(e - to->events);
		     k > 0 && mono_before(e->at, to->events[k - 1].at); k--)
			;
		if (&to->events[k] != e) {
			const struct story_event moved = *e;

			memmove(&to->events[k + 1], &to->events[k],
			    ((size_t)(e - to->events) - k) * sizeof(moved));
			to->events[k] = moved;
		}
	}
	/* Time passed between the two, too. */
	for (stage = STORY_L2TP; stage <= STORY_UP; stage++)
		if (!mono_is_never(from->reached[stage])) {
			take_time(st, to, (uint8_t)stage, from->reached[stage]);
			break;
		}
	to->left_out += from->left_out;
	for (stage = 0; stage < STORY_STAGES; stage++)
		to->reached[stage] =
		    mono_min(to->reached[stage], from->reached[stage]);
	to->begun = mono_min(to->begun, from->begun);
	if (mono_before(to->last, from->last))
		to->last = from->last;
	if (to->peer.port == 0)
		to->peer.port = from->peer.port;
	memcpy(to->host, from->host, sizeof(to->host));
	memcpy(to->user, from->user, sizeof(to->user));
	memcpy(to->address, from->address, sizeof(to->address));
	to->result = from->result;
	to->cause = from->cause;
	to->counted = to->counted || from->counted;
	to->n_ppp += from->n_ppp;
	memcpy(to->detail, from->detail, sizeof(to->detail));
	story_drop(st, from);
	story_set_tid(st, to, tid);
	st->counts.begun--;
}

/* --- time --- */

/* A client that renews its keys begins like one that dials. */
static struct story *
renewed(struct stories *st, const struct story *s)
{
	struct story *o;

	TAILQ_FOREACH (o, &st->list, entry)
		if (o != s && o->result == STORY_IS_UP &&
		    ((s->client != 0 && o->client == s->client) ||
			(s->client == 0 && o->conn[0] != '\0' &&
			    o->instance == s->instance &&
			    strcmp(o->conn, s->conn) == 0)))
			return o;
	return NULL;
}

static struct mono
quiet_until(const struct story *s)
{
	if (s->result != STORY_CONNECTING)
		return MONO_NEVER;
	if (story_stage(s) == STORY_ESP)
		return mono_add_ms(s->last,
		    s->closed ? STORY_CLOSED_QUIET_MS : STORY_ESP_QUIET_MS);
	if (story_stage(s) == STORY_IKE)
		return mono_add_ms(s->last, STORY_IKE_QUIET_MS);
	return MONO_NEVER; /* the engine and pppd have their own clocks */
}

static void
give_up(struct stories *st, struct story *s, struct mono now)
{
	const struct story_event keys = { .stage = STORY_ESP };
	struct story *old = s->authentic ? renewed(st, s) : NULL;
	enum cause cause = s->cause;

	if (old != NULL) {
		story_add(st, old, s->begun, &keys, "keys renewed");
		st->counts.begun--;
		story_drop(st, s);
		return;
	}
	if (s->closed && s->detail[0] == '\0')
		story_text(s->detail, sizeof(s->detail),
		    "the client ended IPsec itself before that");
	if (cause == CAUSE_NONE && story_stage(s) == STORY_ESP)
		cause = s->in_udp ? CAUSE_NO_L2TP : CAUSE_ESP_BLOCKED;
	else if (cause == CAUSE_NONE)
		cause = s->authentic ? CAUSE_NO_QUICK : CAUSE_IKE_SILENT;
	story_finish(st, s, STORY_FAILED, cause, s->detail, now);
}

struct mono
stories_expire(struct stories *st, struct mono now)
{
	struct mono until, next = MONO_NEVER;
	struct story *s, *older;

	for (s = TAILQ_FIRST(&st->list); s != NULL; s = older) {
		older = TAILQ_NEXT(s, entry);
		until = quiet_until(s);
		if (mono_is_never(until))
			continue;
		if (mono_before(now, until))
			next = mono_min(next, until);
		else
			give_up(st, s, now);
	}
	return next;
}

/* --- for readers --- */

bool
story_is_of(const struct story *s, const char *who)
{
	char ip[LNS_ADDR_TEXT], with_port[LNS_ADDR_TEXT + 10], number[24];

	lns_addr_text(&s->peer, ip);
	snprintf(with_port, sizeof(with_port),
	    s->peer.family == 6 ? "[%s]:%u" : "%s:%u", ip, s->peer.port);
	snprintf(number, sizeof(number), "#%llu", (unsigned long long)s->n);
	return strcmp(who, ip) == 0 || strcmp(who, with_port) == 0 ||
	       strcmp(who, number) == 0 || strcmp(who, s->user) == 0 ||
	       strcmp(who, s->id) == 0 || strcmp(who, s->host) == 0 ||
	       (s->address[0] != '\0' && strcmp(who, s->address) == 0);
}

const struct story *
stories_find(const struct stories *st, const char *who)
{
	const struct story *s;

	if (who == NULL || strcmp(who, "last") == 0)
		return TAILQ_FIRST(&st->list);
	if (who[0] == '\0')
		return NULL;
	TAILQ_FOREACH (s, &st->list, entry)
		if (story_is_of(s, who))
			return s;
	return NULL;
}

enum story_stage
story_stage(const struct story *s)
{
	enum story_stage stage = STORY_IKE, i;

	for (i = STORY_IKE; i <= STORY_UP; i++)
		if (!mono_is_never(s->reached[i]))
			stage = i;
	return stage;
}

int64_t
story_stage_ms(const struct story *s, enum story_stage stage)
{
	struct mono until = s->last;
	enum story_stage next;

	if (mono_is_never(s->reached[stage]))
		return -1;
	for (next = stage + 1; next < STORY_STAGES; next++)
		if (!mono_is_never(s->reached[next])) {
			until = s->reached[next];
			break;
		}
	/* L2TP may have been quicker than pluto's log. */
	if (mono_before(until, s->reached[stage]))
		return 0;
	return mono_diff_ms(until, s->reached[stage]);
}

const char *
story_stage_name(enum story_stage stage)
{
	return stage < STORY_STAGES ? stage_names[stage] : "";
}

const char *
story_result_name(enum story_result result)
{
	static const char *const names[] = { "connecting", "up", "failed",
		"ended" };

	return (size_t)result < nitems(names) ? names[result] : "";
}

const char *
story_dir_name(enum story_dir dir)
{
	static const char *const names[] = { "note", "in", "out" };

	return (size_t)dir < nitems(names) ? names[dir] : "";
}
