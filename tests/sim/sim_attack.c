/* SPDX-License-Identifier: ISC */
/*
 * Whoever reaches the port may send what he likes, as often as he likes: those
 * who have a call keep it, those who want one get it, and the server's memory
 * and log stay small.
 *
 * In each test there is one established client of each kind on a good line,
 * and an attacker: a stranger, or one of the clients gone mad.  While the
 * attack lasts another client dials.  IPsec keeps most of this away from a
 * real server; what a peer sends inside of its own SA, it does not.
 */
#include <string.h>

#include "field.h"

#define FLOOD_MS 10000
#define FLOOD_PER_MS 2

/* Sessions that one tunnel gets in that time: 16 and 2 a second. */
#define CALLS_MAX (16 + 2 * FLOOD_MS / 1000)

#define DATAGRAM_MAX 65507 /* of UDP over IPv4 */

static uint8_t big[DATAGRAM_MAX];

/* A first message that is right in every respect. */
static void
make_sccrq(uint16_t tid, struct lac_msg *m)
{
	struct lac l;

	lac_init(&l, &lac_styles[LAC_XL2TPD], NULL, NULL);
	l.tid = tid;
	lac_encode(&l, LAC_SCCRQ, m);
}

static void
flood(struct field *f, struct lns_path (*who)(uint32_t i))
{
	struct lns_path path;
	struct lac_msg m;
	uint32_t i = 0;

	for (int64_t ms = 0; ms < FLOOD_MS; ms++) {
		for (unsigned k = 0; k < FLOOD_PER_MS; k++, i++) {
			path = who(i);
			make_sccrq((uint16_t)(i % 65535 + 1), &m);
			net_attack(&f->n, &path, m.data, m.len);
		}
		if (ms == FLOOD_MS / 2)
			field_newcomer_dials(f);
		field_moment(f, 1);
	}
}

static struct lns_path
one_port(uint32_t i)
{
	(void)i;
	return field_stranger(1, 40000);
}

static struct lns_path
many_ports(uint32_t i)
{
	return field_stranger(1, (uint16_t)(1024 + i % 60000));
}

static struct lns_path
many_addresses(uint32_t i)
{
	return field_stranger(i, 40000);
}

/* Behind the same NAT as the newcomer, whom IPsec tells from him. */
static struct lns_path
neighbour(uint32_t i)
{
	struct lns_path p = field_stranger(2, (uint16_t)(1024 + i % 30000));

	p.peer.ip[0] = 10;
	p.peer.ip[1] = p.peer.ip[2] = 0;
	p.peer.ip[3] = NEWCOMER;
	return p;
}

static const struct {
	const char *name;
	struct lns_path (*who)(uint32_t);
} floods[] = {
	{ "one-port", one_port },
	{ "many-ports", many_ports },
	{ "many-hosts", many_addresses },
	{ "neighbour", neighbour },
};

START_TEST(sccrq_flood_harms_nobody)
{
	static struct field f;

	field_begin(&f, floods[_i].name);
	flood(&f, floods[_i].who);
	field_end(&f, false);
}
END_TEST

/* One who knows the secret of IPsec completes each tunnel, and asks for the
 * next from another port: a tunnel without a session lives for half a minute.
 */
START_TEST(tunnels_without_end_of_one_host_harm_nobody)
{
	static struct field f;
	struct lns_path path;
	struct lac_msg m;
	struct lac l;
	uint32_t i = 0;

	field_begin(&f, "tunnels");
	lac_init(&l, &lac_styles[LAC_XL2TPD], NULL, NULL);
	for (int64_t ms = 0; ms < FLOOD_MS; ms++) {
		for (unsigned k = 0; k < FLOOD_PER_MS; k++, i++) {
			path = many_ports(i);
			f.n.stray_tid = 0;
			make_sccrq((uint16_t)(i % 65535 + 1), &m);
			net_attack(&f.n, &path, m.data, m.len);
			if (f.n.stray_tid == 0)
				continue;
			l.peer_tid = f.n.stray_tid;
			l.ns = l.nr = 1;
			lac_encode(&l, LAC_SCCCN, &m);
			net_attack(&f.n, &path, m.data, m.len);
		}
		if (ms == FLOOD_MS / 2)
			field_newcomer_dials(&f);
		field_moment(&f, 1);
	}
	field_end(&f, false);
}
END_TEST

/* A client calls and hangs up in his own tunnel as fast as he can. */
START_TEST(calls_without_end_in_a_tunnel_harm_nobody_else)
{
	static const enum lac_message turn[] = { LAC_ICRQ, LAC_CDN };
	static struct field f;
	struct net_client *c;
	unsigned calls;
	struct lac_msg m;
	struct lac l;

	field_begin(&f, "calls");
	calls = f.n.contract.calls;
	c = &f.n.clients[MALLORY];
	l = c->lac;
	for (int64_t ms = 0; ms < FLOOD_MS; ms++) {
		l.sid = (uint16_t)(ms % 65535 + 1);
		l.peer_sid = 0;
		for (unsigned k = 0; k < 2; k++) {
			lac_encode(&l, turn[k], &m);
			/* Whatever it has sent is acknowledged. */
			m.data[10] = (uint8_t)(c->lac.nr >> 8);
			m.data[11] = (uint8_t)c->lac.nr;
			l.ns++;
			net_attack(&f.n, &c->path, m.data, m.len);
		}
		c->lac.reborn = true;
		if (ms == FLOOD_MS / 2)
			field_newcomer_dials(&f);
		field_moment(&f, 1);
	}
	/* What the kernel had to make for him, and for the newcomer. */
	field_expect(&f, f.n.contract.calls - calls <= CALLS_MAX + 1,
	    "too many sessions for one tunnel");
	lac_vanish(&c->lac);
	field_end(&f, true);
}
END_TEST

/* Octets without sense; half of them begin like a control message. */
static size_t
make_garbage(struct net *n, uint8_t *buf)
{
	size_t len = net_random(n, net_random(n, 10) == 0 ? 1500 : 80);

	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)net_random(n, 256);
	if (len < 12 || net_random(n, 2) == 0)
		return len;
	memcpy(buf, "\xc8\x02", 2);
	buf[2] = (uint8_t)(len >> 8);
	buf[3] = (uint8_t)len;
	if (net_random(n, 2) == 0)
		memset(buf + 4, 0, 8); /* ids and numbers */
	if (len >= 20 && net_random(n, 2) == 0) {
		memcpy(buf + 12, "\x80\x08\0\0\0\0\0", 7);
		buf[19] = (uint8_t)net_random(n, 18);
	}
	return len;
}

START_TEST(garbage_of_a_stranger_harms_nobody)
{
	static struct field f;
	struct lns_path path;

	field_begin(&f, "garbage");
	for (int64_t ms = 0; ms < FLOOD_MS; ms++) {
		for (unsigned k = 0; k < FLOOD_PER_MS; k++) {
			path = field_stranger(
			    (uint32_t)net_random(&f.n, 100), 1701);
			net_attack(&f.n, &path, big, make_garbage(&f.n, big));
		}
		if (ms == FLOOD_MS / 2)
			field_newcomer_dials(&f);
		field_moment(&f, 1);
	}
	field_end(&f, false);
}
END_TEST

/* A client's tunnel is his own to ruin. */
START_TEST(garbage_in_a_tunnel_harms_nobody_else)
{
	static struct field f;
	struct net_client *c;
	size_t len;

	field_begin(&f, "mad");
	c = &f.n.clients[MALLORY];
	for (int64_t ms = 0; ms < FLOOD_MS; ms++) {
		for (unsigned k = 0; k < FLOOD_PER_MS; k++) {
			len = make_garbage(&f.n, big);
			if (len >= 12 && big[0] == 0xc8) {
				big[4] = (uint8_t)(c->tid >> 8);
				big[5] = (uint8_t)c->tid;
				memset(big + 8, 0, 4);
				big[9] = (uint8_t)(4 + net_random(&f.n, 4));
			}
			net_attack(&f.n, &c->path, big, len);
		}
		/* He hears nothing; his rubbish has used up his numbers. */
		c->lac.reborn = true;
		if (ms == FLOOD_MS / 2)
			field_newcomer_dials(&f);
		field_moment(&f, 1);
	}
	lac_vanish(&c->lac);
	field_end(&f, true);
}
END_TEST

#define TAPE_MAX 64

/* What a client has sent so far. */
static struct {
	lac_send_fn send;
	struct lac_msg msgs[TAPE_MAX];
	size_t n;
} tape;

static void
tape_and_send(void *arg, const uint8_t *data, size_t len)
{
	if (tape.n < TAPE_MAX && len <= LAC_MSG_MAX) {
		memcpy(tape.msgs[tape.n].data, data, len);
		tape.msgs[tape.n++].len = len;
	}
	tape.send(arg, data, len);
}

/* The whole conversation again and again, from where it came.  (A SCCRQ that
 * is as old as a cycle is no copy: that is how a rebooted PC begins.  ESP does
 * not let copies through.) */
START_TEST(replayed_datagrams_change_nothing)
{
	static struct field f;
	struct net_client *c;
	size_t at = 0;

	field_begin(&f, "replay");
	net_hangup(&f.n, MALLORY);
	field_expect(&f, net_run(&f.n, mono_add_ms(f.n.now, FORGET_MS)), NULL);
	c = &f.n.clients[MALLORY];
	tape.n = 0;
	tape.send = c->lac.send;
	c->lac.send = tape_and_send;
	field_call(&f, MALLORY);
	for (int64_t ms = 0; ms < FLOOD_MS; ms++) {
		for (unsigned k = 0; k < FLOOD_PER_MS; k++, at++)
			net_attack(&f.n, &c->path, tape.msgs[at % tape.n].data,
			    tape.msgs[at % tape.n].len);
		if (ms == FLOOD_MS / 2)
			field_newcomer_dials(&f);
		field_moment(&f, 1);
	}
	field_expect(&f, net_client_up(&f.n, MALLORY), "the call was lost");
	field_expect(&f, c->tunnels == 2, "a copy has made a tunnel");
	field_end(&f, false);
}
END_TEST

/* Each tunnel id in turn, with messages that would end or feed it. */
START_TEST(spoofed_tunnel_ids_reach_no_tunnel)
{
	static const enum lac_message types[] = { LAC_STOPCCN, LAC_CDN,
		LAC_HELLO, LAC_ICRQ, LAC_SCCCN };
	static struct field f;
	struct lns_path path = field_stranger(7, 1701);
	struct lac_msg m;
	struct lac l;
	unsigned per_ms = 65536 * 5 / FLOOD_MS + 1;
	uint32_t i = 0;

	field_begin(&f, "spoof");
	lac_init(&l, &lac_styles[LAC_XL2TPD], NULL, NULL);
	for (int64_t ms = 0; ms < FLOOD_MS; ms++) {
		for (unsigned k = 0; k < per_ms; k++, i++) {
			l.peer_tid = (uint16_t)(i / 5);
			l.ns = (uint16_t)net_random(&f.n, 8);
			l.nr = (uint16_t)net_random(&f.n, 8);
			lac_encode(&l, types[i % 5], &m);
			net_attack(&f.n, &path, m.data, m.len);
		}
		if (ms == FLOOD_MS / 2)
			field_newcomer_dials(&f);
		field_moment(&f, 1);
	}
	/* He gets no answer either. */
	field_expect(&f, f.n.strays == 0, "a spoofed id was answered");
	field_end(&f, false);
}
END_TEST

/* Messages that may never be delivered: not kept, and the tunnel goes on. */
START_TEST(ns_far_ahead_is_dropped)
{
	static struct field f;
	struct net_client *c;
	struct lac_msg m;
	struct lac l;

	field_begin(&f, "ahead");
	c = &f.n.clients[MALLORY];
	for (int64_t ms = 0; ms < FLOOD_MS; ms++) {
		for (unsigned k = 0; k < FLOOD_PER_MS; k++) {
			l = c->lac;
			/* Beyond the window of 4. */
			l.ns = (uint16_t)(l.ns + 4 + net_random(&f.n, 32000));
			lac_encode(&l, k == 0 ? LAC_HELLO : LAC_ICRQ, &m);
			net_attack(&f.n, &c->path, m.data, m.len);
		}
		if (ms == FLOOD_MS / 2)
			field_newcomer_dials(&f);
		field_moment(&f, 1);
	}
	field_expect(&f, net_client_up(&f.n, MALLORY), "the call was lost");
	/* His right numbers still count. */
	field_moment(&f, (int64_t)KEEPALIVE_S * 2000);
	field_expect(
	    &f, c->lac.hellos > f.hellos[MALLORY], "keepalive has stopped");
	net_hangup(&f.n, MALLORY);
	field_moment(&f, 2 * DELAY_MS);
	field_expect(&f, c->lac.state == LAC_CLOSED, "StopCCN was not taken");
	field_end(&f, true);
}
END_TEST

/* A SCCRQ and n AVPs that nobody knows. */
static size_t
make_long_sccrq(size_t n, size_t value_len, bool mandatory)
{
	struct lac_msg m;
	size_t len;

	make_sccrq(9, &m);
	memcpy(big, m.data, m.len);
	for (len = m.len; n > 0 && len + 6 + value_len <= sizeof(big); n--) {
		memset(big + len, 0x5a, 6 + value_len);
		big[len] =
		    (uint8_t)((mandatory ? 0x80 : 0) | (6 + value_len) >> 8);
		big[len + 1] = (uint8_t)(6 + value_len);
		len += 6 + value_len;
	}
	big[2] = (uint8_t)(len >> 8);
	big[3] = (uint8_t)len;
	return len;
}

START_TEST(odd_sizes_harm_nobody)
{
	static struct field f;
	struct lns_path path = field_stranger(3, 1701), *from;
	size_t len;

	field_begin(&f, "sizes");
	field_newcomer_dials(&f);
	for (unsigned i = 0; i < 2000; i++) {
		from = i % 2 == 0 ? &path : &f.n.clients[MALLORY].path;
		memset(big, (int)(i & 0xff), sizeof(big));
		/* 0, 1, 2 … 65507 octets of one value. */
		net_attack(&f.n, from, big, i < 1000 ? i / 2 : sizeof(big));
		/* A control header that says so itself. */
		memcpy(big, "\xc8\x02\xff\xe3\0\0\0\0\0\0\0\0", 12);
		net_attack(&f.n, from, big, sizeof(big));
		len = make_long_sccrq(
		    i % 4 < 2 ? 1000 : 100000, i % 3 == 0 ? 1017 : 0, i & 1);
		net_attack(&f.n, &path, big, len);
		field_moment(&f, 5);
	}
	/* The rubbish of his own hits Mallory's tunnel only by tunnel id 0. */
	field_expect(&f, net_client_up(&f.n, MALLORY), "the call was lost");
	field_end(&f, false);
}
END_TEST

/* Every word that RFC 2661 3.1 can begin with (T, L, S, O, P, reserved bits,
 * version), from a stranger and from a client into his own tunnel. */
START_TEST(header_flags_of_all_kinds_harm_nobody)
{
	static struct field f;
	struct lns_path path = field_stranger(5, 1701);
	struct net_client *c;

	field_begin(&f, "flags");
	field_newcomer_dials(&f);
	c = &f.n.clients[MALLORY];
	for (unsigned flags = 0; flags < 65536; flags++) {
		memset(big, 0, 32);
		big[0] = (uint8_t)(flags >> 8);
		big[1] = (uint8_t)flags;
		big[3] = 20;
		net_attack(&f.n, &path, big, 20);
		big[4] = (uint8_t)(c->tid >> 8);
		big[5] = (uint8_t)c->tid;
		big[6] = (uint8_t)(c->sid >> 8);
		big[7] = (uint8_t)c->sid;
		/* Ns behind: no message that counts is right by chance. */
		net_attack(&f.n, &path, big, 20);
		net_attack(&f.n, &c->path, big, 20);
		if (flags % 8 == 0)
			field_moment(&f, 1);
	}
	field_expect(&f, net_client_up(&f.n, MALLORY), "the call was lost");
	field_end(&f, false);
}
END_TEST

/* The peer's first PPP frames may be faster than its ICCN, and reach the
 * server before the kernel's session takes them: they change nothing. */
START_TEST(data_before_iccn_changes_nothing)
{
	static struct field f;
	struct net_client *c;
	struct mono until;

	field_begin(&f, "data");
	field_newcomer_dials(&f);
	c = &f.n.clients[NEWCOMER];
	until = mono_add_ms(f.n.now, 2000);
	while (mono_before(f.n.now, until)) {
		/* Header of a data message, RFC 2661 3.1, with L and S and
		 * without; LCP Configure-Request. */
		memcpy(big, "\x00\x02\0\0\0\0\xff\x03\xc0\x21\1\1\0\4", 14);
		big[2] = (uint8_t)(c->lac.peer_tid >> 8);
		big[3] = (uint8_t)c->lac.peer_tid;
		big[4] = (uint8_t)(c->lac.peer_sid >> 8);
		big[5] = (uint8_t)c->lac.peer_sid;
		net_attack(&f.n, &c->path, big, 14);
		memcpy(big, "\x48\x02\0\x10\0\0\0\0\0\0\0\0\xc0\x21\1\1", 16);
		net_attack(&f.n, &c->path, big, 16);
		field_moment(&f, 1);
	}
	field_end(&f, false);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("sim_attack");
	TCase *t = tcase_create("attack");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, sccrq_flood_harms_nobody, 0,
	    (int)(sizeof(floods) / sizeof(floods[0])));
	tcase_add_test(t, tunnels_without_end_of_one_host_harm_nobody);
	tcase_add_test(t, calls_without_end_in_a_tunnel_harm_nobody_else);
	tcase_add_test(t, garbage_of_a_stranger_harms_nobody);
	tcase_add_test(t, garbage_in_a_tunnel_harms_nobody_else);
	tcase_add_test(t, replayed_datagrams_change_nothing);
	tcase_add_test(t, spoofed_tunnel_ids_reach_no_tunnel);
	tcase_add_test(t, ns_far_ahead_is_dropped);
	tcase_add_test(t, odd_sizes_harm_nobody);
	tcase_add_test(t, header_flags_of_all_kinds_harm_nobody);
	tcase_add_test(t, data_before_iccn_changes_nothing);
	suite_add_tcase(s, t);
	return run_main(argc, argv, s);
}
