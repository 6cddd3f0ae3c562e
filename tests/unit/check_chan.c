/* SPDX-License-Identifier: ISC */

#include "l2tp_world.h"

#include "../../lnsd/l2tp/chan.h"

static struct chan c;
static struct mono now;

static void
queue(bool patient)
{
	uint8_t msg[L2TP_CTL_HDR_LEN] = { 0 };

	world_assert(chan_queue(&c, msg, sizeof(msg), patient) == 0);
}

/* Sends what may leave; returns how much, the last Ns and Nr. */
static int
transmit(uint16_t *ns, uint16_t *nr)
{
	const struct chan_msg *m;
	bool again;
	int n;

	for (n = 0; (m = chan_transmit(&c, now, &again)) != NULL; n++) {
		if (ns != NULL)
			*ns = (uint16_t)(m->data[8] << 8 | m->data[9]);
		if (nr != NULL)
			*nr = (uint16_t)(m->data[10] << 8 | m->data[11]);
	}
	return n;
}

static void
setup(void)
{
	now = (struct mono){ 5000 };
	chan_init(&c, 4, 0);
}

static void
teardown(void)
{
	chan_fini(&c);
}

/* When, after the first, the message is sent again; and when no more. */
static const int64_t resends[] = { 1000, 3000, 7000, 15000, 23000 };

START_TEST(chan_lost_message_is_sent_again_with_back_off)
{
	struct mono start = now;
	size_t i;

	queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	for (i = 0; i < nitems(resends); i++) {
		ck_assert_int_eq(
		    mono_diff_ms(chan_deadline(&c), start), resends[i]);
		now = mono_add_ms(start, resends[i] - 1);
		ck_assert(chan_expire(&c, now));
		ck_assert_int_eq(transmit(NULL, NULL), 0);
		now = mono_add_ms(start, resends[i]);
		ck_assert(chan_expire(&c, now));
		ck_assert_int_eq(transmit(NULL, NULL), 1);
	}
	ck_assert_int_eq(mono_diff_ms(chan_deadline(&c), start), CHAN_CYCLE_MS);
	now = mono_add_ms(start, CHAN_CYCLE_MS - 1);
	ck_assert(chan_expire(&c, now));
	now = mono_add_ms(start, CHAN_CYCLE_MS);
	ck_assert(!chan_expire(&c, now));
}
END_TEST

START_TEST(chan_acknowledged_message_is_forgotten_and_the_clock_stops)
{
	queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	ck_assert(!chan_is_empty(&c));
	chan_acknowledged(&c, 1, now);
	ck_assert(chan_is_empty(&c));
	ck_assert(mono_is_never(chan_deadline(&c)));
}
END_TEST

/* Lets so many messages of the peer's window through, one by one. */
static void
warm_up(uint16_t window)
{
	chan_set_peer_window(&c, window);
	while (c.cwnd < window) {
		queue(false);
		world_assert(transmit(NULL, NULL) == 1);
		chan_acknowledged(&c, c.max, now);
	}
}

/* A message is sent and acknowledged after this time. */
static void
round_trip(int64_t ms)
{
	queue(false);
	world_assert(transmit(NULL, NULL) == 1);
	now = mono_add_ms(now, ms);
	chan_acknowledged(&c, c.max, now);
}

/* How long the next message would wait. */
static int64_t
first_wait(void)
{
	struct mono due;

	queue(false);
	world_assert(transmit(NULL, NULL) == 1);
	due = chan_deadline(&c);
	chan_acknowledged(&c, c.max, now);
	return mono_diff_ms(due, now);
}

static void
lose_once(void)
{
	queue(false);
	world_assert(transmit(NULL, NULL) == 1);
	now = chan_deadline(&c);
	world_assert(chan_expire(&c, now));
	world_assert(transmit(NULL, NULL) == 1);
	chan_acknowledged(&c, c.max, now);
}

START_TEST(chan_back_off_starts_afresh_with_the_next_message)
{
	lose_once();
	lose_once();
	ck_assert_int_eq(first_wait(), CHAN_RTO_MS);
}
END_TEST

static const struct {
	int64_t rtt, want;
} waits[] = {
	{ 0, 1000 },
	{ 50, 1000 },
	{ 333, 1000 },
	{ 334, 1003 }, /* srtt + 4 * rtt / 2 */
	{ 900, 2701 },
	{ 60000, 8000 },
};

START_TEST(chan_first_wait_follows_the_round_trip)
{
	round_trip(waits[_i].rtt);
	ck_assert_int_eq(first_wait(), waits[_i].want);
}
END_TEST

START_TEST(chan_first_wait_settles_on_a_steady_round_trip)
{
	int i;

	for (i = 0; i < 50; i++)
		round_trip(2000);
	ck_assert_int_ge(first_wait(), 2000);
	for (i = 0; i < 50; i++)
		round_trip(2000);
	ck_assert_int_le(first_wait(), 2100 + 4 * 600);
	for (i = 0; i < 100; i++)
		round_trip(10);
	ck_assert_int_eq(first_wait(), CHAN_RTO_MS);
}
END_TEST

START_TEST(chan_answer_to_what_was_sent_twice_measures_nothing)
{
	round_trip(100);
	lose_once();
	ck_assert_int_eq(c.srtt_ms, 101);
	/* Not even that of another message behind it. */
	ck_assert(!c.timing);
}
END_TEST

START_TEST(chan_patient_message_measures_nothing)
{
	queue(true);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	now = mono_add_ms(now, 50000);
	chan_acknowledged(&c, 1, now);
	ck_assert_int_eq(first_wait(), CHAN_RTO_MS);
}
END_TEST

START_TEST(chan_retransmission_limit_is_kept)
{
	static const uint8_t limits[] = { 1, 3, 5, 8 };
	static const int64_t cycles[] = { 3000, 15000, 31000, 55000 };
	struct mono start = now;
	int i;

	chan_init(&c, 4, limits[_i]);
	queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	for (i = 0; i < limits[_i]; i++) {
		now = chan_deadline(&c);
		ck_assert(chan_expire(&c, now));
		ck_assert_int_eq(transmit(NULL, NULL), 1);
	}
	now = chan_deadline(&c);
	ck_assert(!chan_expire(&c, now));
	ck_assert_int_eq(mono_diff_ms(now, start), cycles[_i]);
	ck_assert_int_eq(chan_cycle_ms(limits[_i]), cycles[_i]);
	ck_assert_int_eq(chan_cycle_ms(0), CHAN_CYCLE_MS);
}
END_TEST

START_TEST(chan_slow_start_doubles_the_window_each_round_trip)
{
	static const int rounds[] = { 1, 2, 4, 8, 8, 8 };
	size_t i;
	int k;

	chan_set_peer_window(&c, 8);
	for (k = 0; k < 40; k++)
		queue(false);
	for (i = 0; i < nitems(rounds); i++) {
		ck_assert_int_eq(c.cwnd, rounds[i]);
		for (k = 0; k < rounds[i]; k++)
			ck_assert_int_eq(
			    transmit(NULL, NULL), k == 0 && i == 0 ? 1 : 0);
		/* Each is acknowledged on its own; what that lets out is
		 * the next round. */
		for (k = 0; k < rounds[i]; k++) {
			chan_acknowledged(&c, (uint16_t)(c.una + 1), now);
			ck_assert_int_ge(transmit(NULL, NULL), 1);
		}
	}
}
END_TEST

START_TEST(chan_loss_closes_the_window_and_half_of_it_is_avoided)
{
	int i;

	warm_up(8);
	for (i = 0; i < 40; i++)
		queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), 8);
	now = chan_deadline(&c);
	ck_assert(chan_expire(&c, now));
	ck_assert_uint_eq(c.ssthresh, 4);
	ck_assert_uint_eq(c.cwnd, 1);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	/* Slow start up to half of what it was. */
	for (i = 2; i <= 4; i++) {
		chan_acknowledged(&c, (uint16_t)(c.una + 1), now);
		ck_assert_uint_eq(c.cwnd, (unsigned)i);
		ck_assert_int_eq(transmit(NULL, NULL), 2);
	}
	/* Then one more for a whole window. */
	for (i = 0; i < 4; i++) {
		ck_assert_uint_eq(c.cwnd, 4);
		chan_acknowledged(&c, (uint16_t)(c.una + 1), now);
		ck_assert_int_ge(transmit(NULL, NULL), 1);
	}
	ck_assert_uint_eq(c.cwnd, 5);
}
END_TEST

START_TEST(chan_window_of_the_peer_is_honoured)
{
	/* 4.4.3: without an AVP the window is 4. */
	int i, window = _i == 0 ? 4 : _i;
	uint16_t ns = 0, first;

	warm_up((uint16_t)window);
	first = c.una;
	for (i = 0; i < 10; i++)
		queue(false);
	ck_assert_int_eq(transmit(&ns, NULL), window);
	chan_acknowledged(&c, (uint16_t)(first + 1), now);
	ck_assert_int_eq(transmit(&ns, NULL), 1);
	ck_assert_int_eq(ns, first + window);
}
END_TEST

START_TEST(chan_window_of_zero_counts_as_one)
{
	chan_set_peer_window(&c, 0);
	queue(false);
	queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
}
END_TEST

START_TEST(chan_timeout_sends_the_oldest_again_and_then_the_others)
{
	uint16_t first, ns = 0;
	int i;

	warm_up(4);
	first = c.una;
	for (i = 0; i < 6; i++)
		queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), 4);
	now = mono_add_ms(now, 1000);
	ck_assert(chan_expire(&c, now));
	ck_assert_int_eq(transmit(&ns, NULL), 1);
	ck_assert_uint_eq(ns, first);
	/* The peer had only that one more: the others are sent again. */
	chan_acknowledged(&c, (uint16_t)(first + 1), now);
	ck_assert_int_eq(transmit(&ns, NULL), 2);
	/* It had the others: nothing is sent a third time. */
	chan_acknowledged(&c, (uint16_t)(first + 4), now);
	ck_assert_int_eq(transmit(&ns, NULL), 2);
	ck_assert_uint_eq(ns, first + 5);
}
END_TEST

START_TEST(chan_nr_beyond_what_was_sent_is_ignored)
{
	queue(false);
	queue(false);
	chan_set_peer_window(&c, 1);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	chan_acknowledged(&c, 2, now); /* queued, but never sent */
	chan_acknowledged(&c, 0x8000, now);
	chan_acknowledged(&c, 0xffff, now);
	chan_acknowledged(&c, 0, now);
	ck_assert_uint_eq(c.una, 0);
	ck_assert_int_eq(transmit(NULL, NULL), 0);
	chan_acknowledged(&c, 1, now);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
}
END_TEST

START_TEST(chan_sequence_wraps_around)
{
	uint16_t ns = 0, nr = 0;
	uint32_t i;

	for (i = 0; i < 70000; i++) {
		world_assert(
		    chan_receive(&c, (uint16_t)i, now) == CHAN_RX_NEXT);
		queue(false);
		world_assert(transmit(&ns, &nr) == 1);
		world_assert(ns == (uint16_t)i);
		world_assert(nr == (uint16_t)(i + 1));
		world_assert(
		    chan_receive(&c, (uint16_t)i, now) == CHAN_RX_DUPLICATE);
		chan_acknowledged(&c, (uint16_t)(i + 1), now);
		world_assert(chan_is_empty(&c));
	}
}
END_TEST

START_TEST(chan_window_across_the_wrap_is_acknowledged)
{
	int i;

	warm_up(4);
	c.una = c.nxt = c.max = c.end = 65534;
	for (i = 0; i < 4; i++)
		queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), 4);
	chan_acknowledged(&c, 65533, now);
	ck_assert_uint_eq(c.una, 65534);
	chan_acknowledged(&c, 1, now);
	ck_assert_uint_eq(c.una, 1);
	chan_acknowledged(&c, 2, now);
	ck_assert(chan_is_empty(&c));
}
END_TEST

static const struct {
	uint16_t nr, ns;
	enum chan_rx want;
} receives[] = {
	{ 0, 0, CHAN_RX_NEXT },
	{ 0, 1, CHAN_RX_EARLY },
	{ 0, 3, CHAN_RX_EARLY },
	{ 0, 4, CHAN_RX_BEYOND },
	{ 0, 0x7fff, CHAN_RX_BEYOND },
	{ 0, 0x8000, CHAN_RX_DUPLICATE },
	{ 0, 0xffff, CHAN_RX_DUPLICATE },
	{ 0xffff, 0xffff, CHAN_RX_NEXT },
	{ 0xffff, 0, CHAN_RX_EARLY },
	{ 0xffff, 0xfffe, CHAN_RX_DUPLICATE },
	{ 5, 4, CHAN_RX_DUPLICATE },
};

START_TEST(chan_ns_decides_what_a_message_is)
{
	bool owed = receives[_i].want == CHAN_RX_NEXT ||
		    receives[_i].want == CHAN_RX_DUPLICATE;

	c.nr = receives[_i].nr;
	ck_assert_int_eq(
	    chan_receive(&c, receives[_i].ns, now), receives[_i].want);
	ck_assert(chan_owes_ack(&c, now) == owed);
}
END_TEST

START_TEST(chan_acknowledgement_rides_on_a_message)
{
	uint16_t nr = 0;

	ck_assert_int_eq(chan_receive(&c, 0, now), CHAN_RX_NEXT);
	ck_assert(chan_owes_ack(&c, now));
	queue(false);
	ck_assert_int_eq(transmit(NULL, &nr), 1);
	ck_assert_uint_eq(nr, 1);
	ck_assert(!chan_owes_ack(&c, now));
}
END_TEST

START_TEST(chan_delayed_acknowledgement_is_owed_later)
{
	struct mono later = mono_add_ms(now, 100);

	chan_delay_ack(&c, later);
	ck_assert(mono_is_never(chan_deadline(&c))); /* none was owed */
	ck_assert_int_eq(chan_receive(&c, 0, now), CHAN_RX_NEXT);
	chan_delay_ack(&c, later);
	ck_assert(!chan_owes_ack(&c, now));
	ck_assert_int_eq(chan_deadline(&c).ms, later.ms);
	ck_assert(chan_owes_ack(&c, later));
	/* A duplicate does not wait. */
	ck_assert_int_eq(chan_receive(&c, 0, now), CHAN_RX_DUPLICATE);
	ck_assert(chan_owes_ack(&c, now));
}
END_TEST

static void
keep(uint16_t ns)
{
	const uint8_t data[] = { (uint8_t)ns };

	chan_keep(&c, ns, data, sizeof(data));
}

START_TEST(chan_early_messages_are_given_in_order)
{
	static const uint16_t order[] = { 0xffff, 1, 0 };
	struct chan_msg *m;
	uint16_t ns;
	size_t i;

	c.nr = 0xfffe;
	for (i = 0; i < nitems(order); i++) {
		ck_assert_int_eq(
		    chan_receive(&c, order[i], now), CHAN_RX_EARLY);
		keep(order[i]);
		keep(order[i]); /* twice */
	}
	ck_assert_ptr_null(chan_take(&c));
	ck_assert_int_eq(chan_receive(&c, 0xfffe, now), CHAN_RX_NEXT);
	for (ns = 0xffff; ns != 2; ns++) {
		m = chan_take(&c);
		ck_assert_ptr_nonnull(m);
		ck_assert_uint_eq(m->ns, ns);
		ck_assert_uint_eq(m->data[0], (uint8_t)ns);
		ck_assert_int_eq(chan_receive(&c, ns, now), CHAN_RX_NEXT);
		free(m);
	}
	ck_assert_ptr_null(chan_take(&c));
	ck_assert_uint_eq(c.n_early, 0);
}
END_TEST

START_TEST(chan_early_message_that_came_again_is_dropped)
{
	keep(1);
	ck_assert_int_eq(chan_receive(&c, 0, now), CHAN_RX_NEXT);
	ck_assert_int_eq(chan_receive(&c, 1, now), CHAN_RX_NEXT);
	ck_assert_ptr_null(chan_take(&c));
	ck_assert_ptr_null(c.early);
	ck_assert_uint_eq(c.n_early, 0);
}
END_TEST

START_TEST(chan_early_messages_are_bounded)
{
	uint8_t big[CHAN_EARLY_LEN_MAX + 1] = { 0 };
	uint16_t i;

	chan_keep(&c, 1, big, sizeof(big));
	ck_assert_uint_eq(c.n_early, 0);
	for (i = 1; i < 100; i++)
		keep(i);
	ck_assert_uint_eq(c.n_early, CHAN_EARLY_MAX);
}
END_TEST

START_TEST(chan_patient_message_waits_for_its_owner)
{
	queue(true);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	ck_assert(chan_is_patient(&c));
	ck_assert(mono_is_never(chan_deadline(&c)));
	now = mono_add_ms(now, 1000000);
	ck_assert(chan_expire(&c, now));
	ck_assert_int_eq(transmit(NULL, NULL), 0);
	chan_resend(&c);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	chan_acknowledged(&c, 1, now);
	ck_assert(!chan_is_patient(&c));
}
END_TEST

START_TEST(chan_message_behind_a_patient_one_is_urged)
{
	int i;

	warm_up((uint16_t)_i);
	queue(true);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), _i > 1);
	for (i = 0; i < 5; i++) {
		now = chan_deadline(&c);
		ck_assert(chan_expire(&c, now));
		ck_assert_int_eq(transmit(NULL, NULL), 1);
	}
	now = chan_deadline(&c);
	ck_assert(!chan_expire(&c, now));
}
END_TEST

START_TEST(chan_hurried_message_waits_for_no_window)
{
	uint16_t ns = 0;

	chan_set_peer_window(&c, 1);
	queue(false);
	queue(false);
	queue(false);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	now = mono_add_ms(now, 1000);
	ck_assert(chan_expire(&c, now));
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	chan_hurry(&c);
	queue(false);
	ck_assert_int_eq(transmit(&ns, NULL), 1);
	ck_assert_uint_eq(ns, 1); /* the two that never left are gone */
	ck_assert_int_eq(mono_diff_ms(chan_deadline(&c), now), CHAN_RTO_MS);
	chan_acknowledged(&c, 2, now);
	ck_assert(chan_is_empty(&c));
}
END_TEST

START_TEST(chan_limited_gives_up_sooner)
{
	struct mono start = now;
	int i;

	queue(false);
	chan_limit(&c, 2, 1000, now);
	ck_assert_int_eq(transmit(NULL, NULL), 1);
	for (i = 0; i < 2; i++) {
		now = chan_deadline(&c);
		ck_assert(chan_expire(&c, now));
		ck_assert_int_eq(transmit(NULL, NULL), 1);
	}
	now = chan_deadline(&c);
	ck_assert_int_eq(mono_diff_ms(now, start), 3000);
	ck_assert(!chan_expire(&c, now));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("chan");
	TCase *t = tcase_create("chan");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, chan_lost_message_is_sent_again_with_back_off);
	tcase_add_test(
	    t, chan_acknowledged_message_is_forgotten_and_the_clock_stops);
	tcase_add_test(t, chan_back_off_starts_afresh_with_the_next_message);
	tcase_add_loop_test(
	    t, chan_first_wait_follows_the_round_trip, 0, (int)nitems(waits));
	tcase_add_test(t, chan_first_wait_settles_on_a_steady_round_trip);
	tcase_add_test(t, chan_answer_to_what_was_sent_twice_measures_nothing);
	tcase_add_test(t, chan_patient_message_measures_nothing);
	tcase_add_loop_test(t, chan_retransmission_limit_is_kept, 0, 4);
	tcase_add_test(t, chan_slow_start_doubles_the_window_each_round_trip);
	tcase_add_test(
	    t, chan_loss_closes_the_window_and_half_of_it_is_avoided);
	tcase_add_loop_test(t, chan_window_of_the_peer_is_honoured, 0, 9);
	tcase_add_test(t, chan_window_of_zero_counts_as_one);
	tcase_add_test(
	    t, chan_timeout_sends_the_oldest_again_and_then_the_others);
	tcase_add_test(t, chan_nr_beyond_what_was_sent_is_ignored);
	tcase_add_test(t, chan_sequence_wraps_around);
	tcase_add_test(t, chan_window_across_the_wrap_is_acknowledged);
	tcase_add_loop_test(
	    t, chan_ns_decides_what_a_message_is, 0, (int)nitems(receives));
	tcase_add_test(t, chan_acknowledgement_rides_on_a_message);
	tcase_add_test(t, chan_delayed_acknowledgement_is_owed_later);
	tcase_add_test(t, chan_early_messages_are_given_in_order);
	tcase_add_test(t, chan_early_message_that_came_again_is_dropped);
	tcase_add_test(t, chan_early_messages_are_bounded);
	tcase_add_test(t, chan_patient_message_waits_for_its_owner);
	tcase_add_loop_test(
	    t, chan_message_behind_a_patient_one_is_urged, 1, 3);
	tcase_add_test(t, chan_hurried_message_waits_for_no_window);
	tcase_add_test(t, chan_limited_gives_up_sooner);
	suite_add_tcase(s, t);
	return world_main(s);
}
