/* SPDX-License-Identifier: ISC */

#include "l2tp_world.h"

#include "../../lnsd/l2tp/timerq.h"

#define N 500

static struct timerq q;
static struct timer timers[N];

START_TEST(timerq_empty_has_no_first)
{
	ck_assert_ptr_null(timerq_first(&q));
}
END_TEST

START_TEST(timerq_gives_the_earliest_whatever_the_order)
{
	struct mono last = { INT64_MIN };
	uint64_t seed = (uint64_t)_i;
	struct timer *t;
	uint16_t v;
	size_t i;

	ck_assert_int_eq(timerq_reserve(&q, N), 0);
	for (i = 0; i < 4 * N; i++) { /* each is moved about */
		world_random(&seed, &v, sizeof(v));
		timerq_set(&q, &timers[i % N], (struct mono){ v });
	}
	for (i = 0; i < N; i += 3)
		timerq_set(&q, &timers[i], MONO_NEVER);
	for (i = 0; (t = timerq_first(&q)) != NULL; i++) {
		ck_assert(!mono_before(t->when, last));
		ck_assert_uint_ne((size_t)(t - timers) % 3, 0);
		last = t->when;
		timerq_set(&q, t, MONO_NEVER);
	}
	ck_assert_uint_eq(i, N - (N + 2) / 3);
	timerq_fini(&q);
}
END_TEST

START_TEST(timerq_taken_out_twice_is_out)
{
	ck_assert_int_eq(timerq_reserve(&q, 1), 0);
	timerq_set(&q, &timers[0], (struct mono){ 1 });
	timerq_set(&q, &timers[0], MONO_NEVER);
	timerq_set(&q, &timers[0], MONO_NEVER);
	ck_assert_ptr_null(timerq_first(&q));
	timerq_fini(&q);
}
END_TEST

START_TEST(timerq_keeps_its_timers_when_it_grows)
{
	size_t i;

	for (i = 0; i < N; i++) {
		ck_assert_int_eq(timerq_reserve(&q, i + 1), 0);
		timerq_set(&q, &timers[i], (struct mono){ (int64_t)(N - i) });
		ck_assert_ptr_eq(timerq_first(&q), &timers[i]);
	}
	timerq_fini(&q);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("timerq");
	TCase *t = tcase_create("timerq");

	tcase_add_test(t, timerq_empty_has_no_first);
	tcase_add_loop_test(
	    t, timerq_gives_the_earliest_whatever_the_order, 1, 20);
	tcase_add_test(t, timerq_taken_out_twice_is_out);
	tcase_add_test(t, timerq_keeps_its_timers_when_it_grows);
	suite_add_tcase(s, t);
	return world_main(s);
}
