/* SPDX-License-Identifier: ISC */

/* The queue of effects, and the pools of numbers. */

#include "l2tp_world.h"

#include "../../lnsd/l2tp/effect.h"
#include "../../lnsd/l2tp/ids.h"

static struct fx_queue q;

static void
push(enum lns_effect_type type, const char *text)
{
	const struct lns_effect e = { .type = type };

	world_assert(fx_push(&q, &e, text, strlen(text) + 1));
}

START_TEST(effects_come_out_in_order_with_their_bytes)
{
	struct lns_effect e;

	push(LNS_LOG, "one");
	push(LNS_TUNNEL_OPEN, "");
	push(LNS_SEND, "two");
	ck_assert(fx_next(&q, &e));
	ck_assert_int_eq(e.type, LNS_LOG);
	ck_assert_str_eq(e.text, "one");
	ck_assert(fx_next(&q, &e));
	ck_assert_int_eq(e.type, LNS_TUNNEL_OPEN);
	ck_assert_ptr_null(e.data);
	ck_assert(fx_next(&q, &e));
	ck_assert_uint_eq(e.len, 4);
	ck_assert_mem_eq(e.data, "two", 4);
	ck_assert(!fx_next(&q, &e));
	fx_fini(&q);
}
END_TEST

START_TEST(effects_survive_that_the_queue_grows)
{
	struct lns_effect e;
	char text[32];
	int i;

	for (i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		push(LNS_LOG, text);
		fx_begin(&q); /* has no effect while some are left */
	}
	for (i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		world_assert(fx_next(&q, &e));
		world_assert(strcmp(e.text, text) == 0);
	}
	ck_assert(!fx_next(&q, &e));
	fx_begin(&q);
	ck_assert_uint_eq(q.n, 0);
	ck_assert_uint_eq(q.used, 0);
	fx_fini(&q);
}
END_TEST

START_TEST(effects_reserved_have_room_whatever_else_is_queued)
{
	const struct lns_effect end = { .type = LNS_TUNNEL_CLOSE };
	size_t i;

	for (i = 0; i < 300; i++) {
		ck_assert(fx_reserve(&q, FX_TUNNEL_ENDINGS));
		push(LNS_LOG, "x");
		push(LNS_LOG, "y");
		ck_assert_uint_ge(q.cap - q.n, q.reserved);
	}
	for (i = 0; i < 299; i++)
		fx_push_ending(&q, &end);
	ck_assert_uint_eq(q.reserved, 1);
	fx_release(&q, 1);
	ck_assert_uint_eq(q.n, 899);
	fx_fini(&q);
}
END_TEST

START_TEST(effects_give_back_what_a_burst_needed)
{
	struct lns_effect e;
	int i;

	ck_assert(fx_reserve(&q, 3000));
	for (i = 0; i < 50000; i++)
		push(LNS_LOG, "a line of a long burst");
	while (fx_next(&q, &e))
		;
	for (i = 0; i < 20; i++)
		fx_begin(&q);
	/* What is reserved stays. */
	ck_assert_uint_ge(q.cap, 3000);
	ck_assert_uint_lt(q.cap, 8 * 3000);
	fx_release(&q, 3000);
	for (i = 0; i < 20; i++)
		fx_begin(&q);
	ck_assert_uint_le(q.cap, 256);
	ck_assert_uint_le(q.size, 64 * 1024);
	push(LNS_LOG, "and on it goes");
	ck_assert(fx_next(&q, &e));
	fx_fini(&q);
}
END_TEST

START_TEST(effects_carry_an_aligned_call_record)
{
	const struct lns_effect start = { .type = LNS_PPP_START };
	struct lns_call call = { .serial = 77, .called = "5550100" };
	struct lns_effect e;

	push(LNS_LOG, "x"); /* two octets */
	ck_assert(fx_push(&q, &start, &call, sizeof(call)));
	ck_assert(fx_next(&q, &e));
	ck_assert(fx_next(&q, &e));
	ck_assert_uint_eq((uintptr_t)e.call % _Alignof(struct lns_call), 0);
	ck_assert_uint_eq(e.call->serial, 77);
	ck_assert_str_eq(e.call->called, "5550100");
	fx_fini(&q);
}
END_TEST

START_TEST(ids_are_all_given_once_and_never_0)
{
	static struct idpool p;
	static bool seen[65536];
	uint64_t seed = 1;
	uint32_t i, r;
	uint16_t id;

	idpool_init(&p);
	for (i = 0; i < ID_N; i++) {
		world_random(&seed, &r, sizeof(r));
		id = idpool_take(&p, r);
		world_assert(id != 0 && !seen[id]);
		seen[id] = true;
	}
	ck_assert_uint_eq(idpool_take(&p, 7), 0);
	idpool_put(&p, 99);
	ck_assert_uint_eq(idpool_take(&p, 7), 99);
}
END_TEST

START_TEST(slots_are_given_lowest_first)
{
	static struct slots s;
	uint32_t i;

	slots_init(&s);
	for (i = 1; i <= 65535; i++)
		world_assert(slots_take(&s) == i);
	ck_assert_uint_eq(slots_take(&s), 0);
	slots_put(&s, 40000);
	slots_put(&s, 64);
	slots_put(&s, 65535);
	ck_assert_uint_eq(slots_take(&s), 64);
	ck_assert_uint_eq(slots_take(&s), 40000);
	ck_assert_uint_eq(slots_take(&s), 65535);
	ck_assert_uint_eq(slots_take(&s), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("effect");
	TCase *t = tcase_create("effect");

	tcase_add_test(t, effects_come_out_in_order_with_their_bytes);
	tcase_add_test(t, effects_survive_that_the_queue_grows);
	tcase_add_test(t, effects_reserved_have_room_whatever_else_is_queued);
	tcase_add_test(t, effects_give_back_what_a_burst_needed);
	tcase_add_test(t, effects_carry_an_aligned_call_record);
	tcase_add_test(t, ids_are_all_given_once_and_never_0);
	tcase_add_test(t, slots_are_given_lowest_first);
	suite_add_tcase(s, t);
	return world_main(s);
}
