/* SPDX-License-Identifier: ISC */
#ifndef STORY_WORLD_H
#define STORY_WORLD_H

/* One client, or some, whose stories are told. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/l2tp/proto.h"
#include "../../lnsd/story_take.h"

static struct stories *st;
static struct story_time now;

static inline void
begin(void)
{
	now = (struct story_time){ { 1000 }, 1700000000 };
	st = stories_new();
	ck_assert_ptr_nonnull(st);
}

static inline void
finish(void)
{
	stories_free(st);
}

static inline void
ike(enum ike_event event, unsigned long instance, unsigned long state,
    uint32_t client, const char *text)
{
	const struct ike_told t = { .event = event,
		.peer = "198.51.100.1",
		.conn = "anyone",
		.instance = instance,
		.state = state,
		.id = "",
		.detail = event == IKE_SA ? "ESP in UDP, X" : "",
		.text = text,
		.client = client,
		.failed = strncmp(text, "failed", 6) == 0 };

	now.mono.ms += 10;
	story_take_ike(st, &t, now);
}

static inline void
l2tp(uint16_t type, uint16_t tid, uint32_t client, bool sent, const char *text)
{
	const struct lns_effect e = { .type = LNS_MESSAGE,
		.message = type,
		.tid = tid,
		.sent = sent,
		.text = text,
		.path = { .peer = { 4, { 198, 51, 100, 1 }, 4500 },
		    .client = client } };

	now.mono.ms += 10;
	story_take_effect(st, &e, now);
}

/* We end something, and know why. */
static inline void
says(uint16_t type, uint16_t tid, enum cause cause)
{
	const struct lns_effect e = { .type = LNS_MESSAGE,
		.message = type,
		.tid = tid,
		.sent = true,
		.cause = cause,
		.text = "any words",
		.path = {
		    .peer = { 4, { 198, 51, 100, 1 }, 4500 }, .client = 11 } };

	now.mono.ms += 10;
	story_take_effect(st, &e, now);
}

static inline size_t
count(void)
{
	const struct story *s;
	size_t n = 0;

	for (s = stories_first(st); s != NULL; s = stories_next(s))
		n++;
	return n;
}

static inline void
closes(uint16_t tid, enum cause cause)
{
	const struct lns_effect e = {
		.type = LNS_TUNNEL_CLOSE, .tid = tid, .cause = cause
	};

	now.mono.ms += 10;
	story_take_effect(st, &e, now);
}

#endif
