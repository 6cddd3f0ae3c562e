/* SPDX-License-Identifier: ISC */
/*
 * Many clients in one engine, and what clients do besides calling and hanging
 * up: vanish, dial again while their old tunnel still stands, repeat
 * themselves, and boot.
 */
#include <stdio.h>
#include <string.h>

#include "run.h"

#define KEEPALIVE_S 10
#define KEEPALIVE_COUNT 3
/* HELLO after an interval of silence, then count of them unanswered. */
#define KEEPALIVE_MS ((int64_t)(KEEPALIVE_COUNT + 1) * KEEPALIVE_S * 1000)
/* RFC 2661 5.8: 1 + 2 + 4 + 8 + 8 + 8 s of repetitions. */
#define CYCLE_MS 31000
#define DELAY_MS 20
#define CROWD 500

static const struct net_config good_line = {
	.delay_ms = DELAY_MS,
	.open_ms = 20,
	.keepalive_interval_s = KEEPALIVE_S,
	.keepalive_count = KEEPALIVE_COUNT,
};

/* Ends a test's run: wrong says what was expected in vain. */
static void
expect(struct net *n, bool ok, const char *name, const char *wrong)
{
	if (!ok || n->error[0] != '\0')
		run_failed(n, name, n->error[0] != '\0' ? NULL : wrong);
}

static bool
client_up(struct net *n, void *arg)
{
	return net_client_up(n, *(size_t *)arg);
}

/* The client dials on a good line: up at once, without a repetition. */
static void
call(struct net *n, size_t client, const char *name)
{
	net_dial(n, client, true);
	expect(n,
	    net_run_until(n, client_up, &client, mono_add_ms(n->now, 400)),
	    name, "call does not stand at once");
}

static void
finish(struct net *n, const char *name)
{
	net_shutdown(n);
	expect(n, net_run_dry(n, mono_add_ms(n->now, 4 * CYCLE_MS)), name,
	    "left over");
	net_fini(n);
}

static size_t
count_up(const struct net *n)
{
	size_t up = 0;

	for (size_t i = 0; i < n->n_clients; i++)
		up += net_client_up(n, i);
	return up;
}

/* Every client that has no call after a minute dials again. */
static void
dial_all(struct net *n, unsigned rounds)
{
	while (rounds-- > 0 && count_up(n) < n->n_clients) {
		for (size_t i = 0; i < n->n_clients; i++)
			if (!net_client_up(n, i))
				net_dial(n, i, false);
		if (!net_run(n, mono_add_ms(n->now, 60000)))
			return;
	}
}

/* Dials of 500 mixed clients in one instant, with a tenth of the datagrams
 * lost.  The chance that a dial fails is below 1e-3 (see sim_loss.c: eight
 * messages of six tries at q = 0.27), so three rounds are plenty. */
START_TEST(crowd_at_once_gets_in_and_out)
{
	static const char name[] = "crowd";
	struct net_config f = good_line;
	struct net n;
	struct lns_stats st;
	uint64_t end, seed = run_seeds(1, &end);

	f.loss_pm = 100;
	f.dup_pm = f.reorder_pm = 50;
	f.jitter_ms = f.reorder_ms = 50;
	f.keepalive_count = 6;
	f.seed = seed;
	net_init(&n, &f, CROWD, LAC_ANDROID);
	for (size_t i = 0; i < CROWD; i++)
		net_set_style(&n, i, (enum lac_kind)(i % LAC_NKINDS));
	dial_all(&n, 3);
	expect(&n, count_up(&n) == CROWD, name, "a client is without a call");
	lns_stats(n.lns, &st);
	expect(&n, st.sessions >= CROWD, name, "stats miss sessions");

	/* A third hangs up, a third is cut, a third hears the shutdown. */
	for (size_t i = 0; i < CROWD; i++) {
		if (i % 3 == 0)
			net_hangup(&n, i);
		else if (i % 3 == 1)
			net_ppp_exit(&n, i, LNS_PPP_IDLE);
	}
	expect(&n, net_run(&n, mono_add_ms(n.now, 5000)), name, NULL);
	finish(&n, name);
}
END_TEST

/* Ids from a bad source: 256 values, most of them taken. */
START_TEST(ids_from_few_values_are_unique)
{
	static const char name[] = "ids";
	struct net_config f = good_line;
	struct net n;
	uint64_t end;

	f.seed = run_seeds(1, &end);
	f.random_mask = 0xf00f;
	net_init(&n, &f, 200, LAC_XL2TPD);
	dial_all(&n, 1);
	/* The contract sees an id that is given twice. */
	expect(&n, count_up(&n) == 200, name, "a client is without a call");
	finish(&n, name);
}
END_TEST

static bool
all_gone(struct net *n, void *arg)
{
	(void)arg;
	return n->contract.n_tunnels == 0 && n->contract.n_sessions == 0;
}

static bool
no_session(struct net *n, void *arg)
{
	(void)arg;
	return n->contract.n_sessions == 0;
}

START_TEST(client_vanished_is_cut_by_keepalive)
{
	static const char name[] = "vanish";
	struct net_config f = good_line;
	struct net n;
	struct mono last;
	uint64_t end;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, LAC_NKINDS, (enum lac_kind)0);
	for (size_t i = 0; i < LAC_NKINDS; i++) {
		net_set_style(&n, i, (enum lac_kind)i);
		call(&n, i, name);
	}
	expect(&n, net_run(&n, mono_add_ms(n.now, 95000)), name, NULL);
	expect(
	    &n, count_up(&n) == LAC_NKINDS, name, "keepalive cut the living");
	for (size_t i = 0; i < LAC_NKINDS; i++) {
		expect(&n, n.clients[i].lac.hellos >= 5, name, "no HELLO");
		lac_vanish(&n.clients[i].lac);
	}
	/* The last sign of life may still be on its way. */
	last = mono_add_ms(n.now, DELAY_MS);
	expect(&n,
	    net_run_until(
		&n, no_session, NULL, mono_add_ms(last, KEEPALIVE_MS)),
	    name, "the vanished still have sessions");
	expect(&n,
	    net_run_until(
		&n, all_gone, NULL, mono_add_ms(last, KEEPALIVE_MS + CYCLE_MS)),
	    name, "the vanished still have tunnels");
	expect(
	    &n, net_run_dry(&n, mono_add_ms(n.now, 2 * CYCLE_MS)), name, NULL);
	net_fini(&n);
}
END_TEST

static void
expect_cut(struct net *n, int64_t within_ms, const char *name)
{
	expect(n,
	    net_run_until(n, no_session, NULL, mono_add_ms(n->now, within_ms)),
	    name, "not cut");
	expect(
	    n, net_run_dry(n, mono_add_ms(n->now, 4 * CYCLE_MS)), name, NULL);
	net_fini(n);
}

/* A sleeping phone acknowledges no HELLO for hours, but its data, or the LCP
 * echo replies of its PPP, show that it lives.  When they end, it is gone. */
START_TEST(phone_that_only_sends_data_is_never_cut)
{
	static const char name[] = "asleep";
	struct net_config f = good_line;
	struct net n;
	uint64_t end;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 1, (enum lac_kind)_i);
	call(&n, 0, name);
	lac_vanish(&n.clients[0].lac);
	for (unsigned i = 0; i < 3600 / 15; i++) {
		expect(&n, net_run(&n, mono_add_ms(n.now, 15000)), name, NULL);
		n.clients[0].rx_packets++;
		expect(&n, n.contract.n_sessions == 1, name, "it was cut");
	}
	/* The last packet may be seen an interval later. */
	expect_cut(&n, KEEPALIVE_MS + KEEPALIVE_S * 1000, name);
}
END_TEST

/* Same address and port, another tunnel id: it lost its line, and nobody
 * waits for the keepalive to notice. */
START_TEST(redial_is_served_at_once_and_the_dead_tunnel_yields)
{
	struct net n;
	const char *name = lac_styles[_i].name;
	struct net_config f = good_line;
	uint64_t end;
	uint16_t old;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 1, (enum lac_kind)_i);
	call(&n, 0, name);
	for (unsigned i = 0; i < 5; i++) {
		old = n.clients[0].tid;
		expect(&n, net_run(&n, mono_add_ms(n.now, 1 + i * 700)), name,
		    NULL);
		lac_vanish(&n.clients[0].lac);
		call(&n, 0, name);
		expect(&n, contract_tunnel(&n.contract, old) == NULL, name,
		    "the dead tunnel is still open");
		expect(&n, n.contract.n_tunnels == 1, name, "tunnels");
		expect(&n, n.contract.n_sessions == 1, name, "sessions");
	}
	finish(&n, name);
}
END_TEST

/* From another port, over the same SA: the old tunnel cannot prove that it
 * lives. */
START_TEST(redial_from_another_port_is_served_and_the_dead_tunnel_goes)
{
	struct net n;
	const char *name = lac_styles[_i].name;
	struct net_config f = good_line;
	uint64_t end;
	uint16_t old;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 1, (enum lac_kind)_i);
	call(&n, 0, name);
	for (unsigned i = 0; i < 5; i++) {
		old = n.clients[0].tid;
		expect(&n, net_run(&n, mono_add_ms(n.now, 1 + i * 700)), name,
		    NULL);
		lac_vanish(&n.clients[0].lac);
		n.clients[0].path.peer.port++;
		call(&n, 0, name);
		expect(&n, net_run(&n, mono_add_ms(n.now, 3000)), name, NULL);
		expect(&n, contract_tunnel(&n.contract, old) == NULL, name,
		    "the dead tunnel is still open");
		expect(&n, n.contract.n_tunnels == 1, name, "tunnels");
		expect(&n, n.contract.n_sessions == 1, name, "sessions");
		expect(&n, net_client_up(&n, 0), name, "the call was lost");
	}
	finish(&n, name);
}
END_TEST

/* A new SA instead of the old one, as after INITIAL-CONTACT: nothing that
 * belonged to the old one is left, in every moment of a dial. */
START_TEST(redial_over_a_new_sa_is_served_at_once)
{
	static const char name[] = "new-sa";
	struct net_config f = good_line;
	struct net n;
	uint64_t end;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 1, (enum lac_kind)(_i % LAC_NKINDS));
	net_dial(&n, 0, true);
	net_run(&n, mono_add_ms(n.now, _i / LAC_NKINDS * (DELAY_MS / 2)));
	net_client_gone(&n, 0);
	expect(&n, n.contract.n_tunnels == 0, name, "a tunnel is open");
	expect(&n, n.contract.n_sessions == 0, name, "a session is open");
	call(&n, 0, name);
	expect(&n, n.contract.n_tunnels == 1, name, "not one tunnel");
	finish(&n, name);
}
END_TEST

/* The same in every moment of the first dial, with its datagrams still in
 * flight. */
START_TEST(redial_in_the_middle_of_a_dial_is_served_at_once)
{
	static const char name[] = "redial-early";
	struct net_config f = good_line;
	struct net n;
	uint64_t end;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 1, (enum lac_kind)(_i % LAC_NKINDS));
	net_dial(&n, 0, true);
	net_run(&n, mono_add_ms(n.now, _i / LAC_NKINDS * (DELAY_MS / 2)));
	call(&n, 0, name);
	expect(&n, n.contract.n_tunnels == 1, name, "not one tunnel");
	finish(&n, name);
}
END_TEST

START_TEST(sccrq_repeated_makes_one_tunnel)
{
	static const char name[] = "sccrq";
	struct net_config f = good_line;
	struct lac_msg m;
	struct net n;
	struct lns_stats st;
	uint64_t end;
	size_t client = 0;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 1, (enum lac_kind)_i);
	net_dial(&n, 0, true);
	/* What a client of its ids sends first. */
	n.clients[0].lac.ns--;
	lac_encode(&n.clients[0].lac, LAC_SCCRQ, &m);
	n.clients[0].lac.ns++;
	for (unsigned i = 0; i < 9; i++)
		net_inject(&n, 0, m.data, m.len);
	expect(&n,
	    net_run_until(&n, client_up, &client, mono_add_ms(n.now, 400)),
	    name, "call does not stand");
	/* Late copies, after the tunnel and the session stand. */
	for (unsigned i = 0; i < 9; i++)
		net_inject(&n, 0, m.data, m.len);
	expect(&n, net_run(&n, mono_add_ms(n.now, 3000)), name, NULL);
	expect(&n, n.clients[0].tunnels == 1, name, "more than one tunnel");
	expect(&n, net_client_up(&n, 0), name, "a late copy ended the call");
	lns_stats(n.lns, &st);
	expect(&n, st.tunnels == 1 && st.sessions == 1, name, "stats");
	finish(&n, name);
}
END_TEST

/* A hasty client's ICRQ may be faster than its SCCCN: kept, not lost. */
START_TEST(icrq_before_scccn_needs_no_repetition)
{
	static const char name[] = "overtake";
	static const enum lac_kind hasty[] = { LAC_APPLE, LAC_WINDOWS };
	struct net_config f = good_line;
	struct net n;
	uint64_t end;
	size_t client = 0;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 1, hasty[_i]);
	net_dial(&n, 0, true);
	while (n.clients[0].lac.state == LAC_WAIT_SCCRP)
		net_run(&n, mono_add_ms(n.now, 1));
	expect(&n, net_overtake(&n, 0), name, "not both in flight");
	expect(&n,
	    net_run_until(&n, client_up, &client, mono_add_ms(n.now, 400)),
	    name, "call does not stand at once");
	finish(&n, name);
}
END_TEST

/* A PC that lost its power: same address, port 1701, and the same tunnel id
 * again.  Its SCCRQ looks like a late copy, so the old tunnel may have to die
 * first; then it must be let in, also while the old one lingers. */
START_TEST(reboot_with_the_same_ids_is_served_after_keepalive)
{
	static const char name[] = "reboot";
	struct net_config f = good_line;
	struct net n;
	struct lac *l;
	struct mono limit;
	uint64_t end;
	uint16_t tid, sid;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 1, (enum lac_kind)_i);
	call(&n, 0, name);
	l = &n.clients[0].lac;
	tid = l->tid;
	sid = l->sid;
	lac_vanish(l);
	expect(&n, net_run(&n, mono_add_ms(n.now, 5000)), name, NULL);
	/* Its user tries every ten seconds. */
	limit = mono_add_ms(n.now, KEEPALIVE_MS + 2 * CYCLE_MS + 10000);
	n.clients[0].ppp_at = MONO_NEVER;
	while (!net_client_up(&n, 0)) {
		expect(&n, mono_before(n.now, limit), name, "never served");
		lac_dial(l, tid, sid, n.now);
		l->reborn = true;
		expect(&n, net_run(&n, mono_add_ms(n.now, 10000)), name, NULL);
	}
	finish(&n, name);
}
END_TEST

/* Clients do not know that the server has lost its memory.  Whatever they say
 * in tunnels that were is not answered, and who dials is served. */
START_TEST(server_that_rebooted_serves_who_dials)
{
	static const char name[] = "server-reboot";
	struct net_config f = good_line;
	struct net n;
	uint64_t end;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, LAC_NKINDS, (enum lac_kind)0);
	for (size_t i = 0; i < LAC_NKINDS; i++) {
		net_set_style(&n, i, (enum lac_kind)i);
		call(&n, i, name);
	}
	net_restart(&n);
	for (size_t i = 0; i < LAC_NKINDS; i++)
		net_hangup(&n, i);
	/* All their repetitions, too. */
	expect(
	    &n, net_run(&n, mono_add_ms(n.now, CYCLE_MS + 1000)), name, NULL);
	expect(&n, n.contract.sends == 0, name, "the dead were answered");
	for (size_t i = 0; i < LAC_NKINDS; i++)
		call(&n, i, name);
	net_restart(&n);
	/* Again, and this time they are quick. */
	for (size_t i = 0; i < LAC_NKINDS; i++)
		call(&n, i, name);
	expect(&n, n.contract.n_sessions == LAC_NKINDS, name, "sessions");
	finish(&n, name);
}
END_TEST

/* The kernel refuses a session now and then: the client hears of it, and the
 * next dial is a clean one. */
START_TEST(session_open_failed_leaves_nothing)
{
	static const char name[] = "open-fail";
	struct net_config f = good_line;
	struct net n;
	uint64_t end, seed = run_seeds(20, &end);

	f.open_fail_pm = 500;
	for (; seed < end; seed++) {
		f.seed = seed;
		net_init(&n, &f, 1, (enum lac_kind)(seed % LAC_NKINDS));
		for (unsigned i = 0; i < 20 && !net_client_up(&n, 0); i++) {
			net_dial(&n, 0, true);
			net_run(&n, mono_add_ms(n.now, 1000));
		}
		expect(&n, net_client_up(&n, 0), name, "never served");
		finish(&n, name);
	}
}
END_TEST

/* Nothing but the end of the world: clients in every stage of a dial. */
START_TEST(shutdown_in_every_stage_leaves_nothing)
{
	static const char name[] = "shutdown";
	struct net_config f = good_line;
	struct net n;
	uint64_t end;

	f.seed = run_seeds(1, &end);
	net_init(&n, &f, 60, LAC_ANDROID);
	for (size_t i = 0; i < 60; i++) {
		net_set_style(&n, i, (enum lac_kind)(i % LAC_NKINDS));
		net_dial(&n, i, true);
		net_run(&n, mono_add_ms(n.now, 5));
	}
	finish(&n, name);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("sim_many");
	TCase *t = tcase_create("many");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, crowd_at_once_gets_in_and_out);
	tcase_add_test(t, ids_from_few_values_are_unique);
	tcase_add_test(t, client_vanished_is_cut_by_keepalive);
	tcase_add_loop_test(
	    t, phone_that_only_sends_data_is_never_cut, 0, LAC_NKINDS);
	tcase_add_loop_test(t,
	    redial_is_served_at_once_and_the_dead_tunnel_yields, 0, LAC_NKINDS);
	tcase_add_loop_test(t,
	    redial_from_another_port_is_served_and_the_dead_tunnel_goes, 0,
	    LAC_NKINDS);
	tcase_add_loop_test(
	    t, redial_over_a_new_sa_is_served_at_once, 0, 18 * LAC_NKINDS);
	tcase_add_loop_test(t, redial_in_the_middle_of_a_dial_is_served_at_once,
	    0, 18 * LAC_NKINDS);
	tcase_add_loop_test(t, sccrq_repeated_makes_one_tunnel, 0, LAC_NKINDS);
	tcase_add_loop_test(t, icrq_before_scccn_needs_no_repetition, 0, 2);
	tcase_add_loop_test(t,
	    reboot_with_the_same_ids_is_served_after_keepalive, 0, LAC_NKINDS);
	tcase_add_test(t, server_that_rebooted_serves_who_dials);
	tcase_add_test(t, session_open_failed_leaves_nothing);
	tcase_add_test(t, shutdown_in_every_stage_leaves_nothing);
	suite_add_tcase(s, t);
	return run_main(argc, argv, s);
}
