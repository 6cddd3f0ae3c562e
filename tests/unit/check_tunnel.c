/* SPDX-License-Identifier: ISC */

/* The machine of a control connection, cell by cell, without an engine. */

#include "l2tp_world.h"

#include "../../lnsd/l2tp/session.h"
#include "../../lnsd/l2tp/tunnel.h"

/*
 * What each state becomes by each event, in the order of enum tun_event:
 * SCCRQ SCCRP SCCCN StopCCN HELLO session bad | no socket, close, yield,
 * timer, silent, unused, channel failed, channel empty.
 */
static const char *const next_states[TUN_STATE_N] = {
	[TUN_IDLE] = "WDDDDDD"
		     "DDDDDDDI",
	[TUN_WAIT_CTL_CONN] = "CCELWCC"
			      "CCDCWWDW",
	[TUN_ESTABLISHED] = "CCCLEEC"
			    "CCDCCCDE",
	[TUN_CLOSING] = "CCCLCCC"
			"CCDCCCDL",
	[TUN_LINGER] = "LLLLLLL"
		       "LLDDLLDL",
	[TUN_DEAD] = "DDDDDDD"
		     "DDDDDDDD",
};
static const char letters[] = "IWECLD";

static const enum l2tp_type types[TUN_EVENT_N] = {
	[TUN_RX_SCCRQ] = L2TP_SCCRQ,
	[TUN_RX_SCCRP] = L2TP_SCCRP,
	[TUN_RX_SCCCN] = L2TP_SCCCN,
	[TUN_RX_STOPCCN] = L2TP_STOPCCN,
	[TUN_RX_HELLO] = L2TP_HELLO,
	[TUN_RX_SESSION] = L2TP_ICRQ,
	[TUN_RX_BAD] = L2TP_HELLO,
};

static struct env env;
static struct lns_peer peer;
static uint32_t peer_sessions[1];
static uint64_t seed;
static struct tunnel *t;
static struct mono now = { 1000 };

static void
step(enum tun_event ev)
{
	const struct world client = { .peer_tid = 7, .peer_sid = 9, .tid = 5 };
	struct tun_input in = { .now = now,
		.err = ev == TUN_RX_BAD ? L2TP_E_UNKNOWN_AVP : 0,
		.why = { STOPCCN_SHUTDOWN, 0, NULL, CAUSE_SHUTDOWN } };
	uint8_t buf[512];
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct rbuf body;
	size_t len;

	if (ev <= TUN_RX_BAD) {
		len = world_build(&client, types[ev], buf);
		ck_assert_int_eq(hdr_decode(buf, len, &h, &body), 0);
		ck_assert_int_eq(msg_decode(body, &m), 0);
		in.hdr = &h;
		in.msg = &m;
	}
	tunnel_step(t, ev, &in);
}

static void
reach(enum tun_state state)
{
	peer = world_peer();
	seed = 3;
	env = (struct env){ .config = { .hostname = "vpn",
				.vendor = "lnsd",
				.rws = 4,
				.peers = &peer,
				.n_peers = 1 },
		.random = world_random,
		.random_arg = &seed,
		.peer_sessions = peer_sessions };
	t = tunnel_new(&env);
	ck_assert_ptr_nonnull(t);
	t->tid = 5;
	t->slot = 1;
	t->peer_tid = 7;
	if (state == TUN_IDLE)
		return;
	step(TUN_RX_SCCRQ);
	if (state == TUN_WAIT_CTL_CONN)
		return;
	step(TUN_RX_SCCCN);
	if (state == TUN_CLOSING)
		step(TUN_CLOSE);
	if (state == TUN_LINGER)
		step(TUN_RX_STOPCCN);
	if (state == TUN_DEAD)
		step(TUN_YIELD);
	ck_assert_int_eq(t->state, state);
}

/* Counts the effects so far; *why: of the last StopCCN. */
static size_t
count(enum lns_effect_type type, struct msg_reason *why)
{
	struct lns_effect e;
	struct rbuf body;
	struct l2tp_hdr h;
	struct l2tp_msg m;
	size_t n = 0;

	while (fx_next(&env.fx, &e)) {
		n += e.type == type;
		if (e.type == LNS_MESSAGE && e.sent && why != NULL)
			why->cause = e.cause;
		if (e.type != LNS_SEND || why == NULL)
			continue;
		ck_assert_int_eq(hdr_decode(e.data, e.len, &h, &body), 0);
		if (rbuf_left(&body) == 0 || msg_decode(body, &m) != 0 ||
		    m.type != L2TP_STOPCCN)
			continue;
		ck_assert_uint_eq(h.tid, 7);
		ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_TID, 0), 5);
		why->result = (uint16_t)msg_num(&m, AVP_RESULT_CODE, 0);
		why->error = (uint16_t)(m.avp[AVP_RESULT_CODE].data[2] << 8 |
					m.avp[AVP_RESULT_CODE].data[3]);
	}
	return n;
}

static void
drop(void)
{
	tunnel_free(t);
	ck_assert_uint_eq(env.fx.reserved, 0);
	fx_fini(&env.fx);
}

START_TEST(tunnel_cell_leads_where_the_rfc_says)
{
	enum tun_state state = (enum tun_state)(_i / TUN_EVENT_N);
	enum tun_event ev = (enum tun_event)(_i % TUN_EVENT_N);
	bool was_open;

	reach(state);
	(void)count(LNS_SEND, NULL);
	was_open = t->opened;
	step(ev);
	ck_assert_msg(letters[t->state] == next_states[state][ev],
	    "state %d event %d: %c, not %c", state, ev, letters[t->state],
	    next_states[state][ev]);
	/* The socket is closed when it is over, once, and not before. */
	if (ev == TUN_OPEN_FAILED && state <= TUN_ESTABLISHED)
		was_open = false;
	ck_assert_uint_eq(count(LNS_TUNNEL_CLOSE, NULL),
	    was_open && (t->state == TUN_LINGER || t->state == TUN_DEAD));
	ck_assert(t->finished == (t->state >= TUN_LINGER));
	ck_assert_uint_eq(env.stats.tunnels, !t->finished);
	ck_assert_uint_eq(
	    env.stats.tunnels_established, t->state == TUN_ESTABLISHED);
	ck_assert_uint_eq(env.stats.lingering, t->state == TUN_LINGER);
	drop();
}
END_TEST

START_TEST(tunnel_error_cell_sends_stopccn)
{
	enum tun_state state =
	    _i < TUN_EVENT_N ? TUN_WAIT_CTL_CONN : TUN_ESTABLISHED;
	enum tun_event ev = (enum tun_event)(_i % TUN_EVENT_N);
	struct msg_reason why = { 0 };

	if (!tunnel_cell_is_error(state, ev))
		return;
	reach(state);
	(void)count(LNS_SEND, NULL);
	step(ev);
	(void)count(LNS_SEND, &why);
	if (ev == TUN_RX_BAD) {
		ck_assert_uint_eq(why.result, STOPCCN_ERROR);
		ck_assert_uint_eq(why.error, ERROR_UNKNOWN_AVP);
	} else {
		ck_assert_uint_eq(why.result, STOPCCN_FSM);
	}
	drop();
}
END_TEST

START_TEST(tunnel_machine_has_no_error_cell_for_what_is_not_a_message)
{
	int state, ev;

	for (state = 0; state < TUN_STATE_N; state++)
		for (ev = TUN_OPEN_FAILED; ev < TUN_EVENT_N; ev++)
			ck_assert(!tunnel_cell_is_error(
			    (enum tun_state)state, (enum tun_event)ev));
}
END_TEST

static const struct {
	enum tun_state state;
	enum tun_event ev;
	struct msg_reason why;
} reasons[] = {
	{ TUN_WAIT_CTL_CONN, TUN_OPEN_FAILED,
	    { STOPCCN_ERROR, ERROR_RESOURCES, NULL, CAUSE_KEYS_LOST } },
	{ TUN_WAIT_CTL_CONN, TUN_TIMER,
	    { STOPCCN_CLEAR, 0, NULL, CAUSE_L2TP_SILENT } },
	{ TUN_ESTABLISHED, TUN_TIMER,
	    { STOPCCN_CLEAR, 0, NULL, CAUSE_NO_CALL } },
	{ TUN_ESTABLISHED, TUN_CLOSE,
	    { STOPCCN_SHUTDOWN, 0, NULL, CAUSE_SHUTDOWN } },
	{ TUN_ESTABLISHED, TUN_SILENT,
	    { STOPCCN_ERROR, 0, NULL, CAUSE_DEAD_PEER } },
	{ TUN_ESTABLISHED, TUN_UNUSED, { STOPCCN_CLEAR, 0, NULL, CAUSE_IDLE } },
};

START_TEST(tunnel_end_by_us_gives_its_reason)
{
	struct msg_reason why = { 0 };

	reach(reasons[_i].state);
	(void)count(LNS_SEND, NULL);
	step(reasons[_i].ev);
	(void)count(LNS_SEND, &why);
	ck_assert_uint_eq(why.result, reasons[_i].why.result);
	ck_assert_uint_eq(why.error, reasons[_i].why.error);
	ck_assert_int_eq(why.cause, reasons[_i].why.cause);
	drop();
}
END_TEST

START_TEST(tunnel_and_session_are_small)
{
	/* One message queued, of our usual size, and two effects each. */
	size_t size =
	    sizeof(struct tunnel) + sizeof(struct session) +
	    sizeof(struct chan_msg) + 128 + 4 * sizeof(void *) +
	    (FX_TUNNEL_ENDINGS + FX_SESSION_ENDINGS) * sizeof(struct fx_item);

	ck_assert_uint_le(size, 2048);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tunnel");
	TCase *c = tcase_create("tunnel");

	tcase_add_loop_test(c, tunnel_cell_leads_where_the_rfc_says, 0,
	    TUN_STATE_N * TUN_EVENT_N);
	tcase_add_loop_test(
	    c, tunnel_error_cell_sends_stopccn, 0, 2 * TUN_EVENT_N);
	tcase_add_test(
	    c, tunnel_machine_has_no_error_cell_for_what_is_not_a_message);
	tcase_add_loop_test(
	    c, tunnel_end_by_us_gives_its_reason, 0, (int)nitems(reasons));
	tcase_add_test(c, tunnel_and_session_are_small);
	suite_add_tcase(s, c);
	return world_main(s);
}
