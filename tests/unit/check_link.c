/* SPDX-License-Identifier: ISC */
/*
 * Links with a pppd that is this very program: started again by link.c with
 * pppd's arguments, it plays the part that the label names.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <check.h>

#include "../../include/log.h"
#include "../../include/proc.h"
#include "../../ppp/link.h"
#include "../../ppp/reserve.h"
#include "fake_prepared.h"
#include "known_causes.h"

/* The fake pppd. */

static int ctl;
static volatile sig_atomic_t told_to_stop;

static void
on_term(int sig)
{
	(void)sig;
	told_to_stop = 1;
}

static void
say(struct wire_msg *m, uint32_t type)
{
	m->magic = WIRE_MAGIC;
	m->type = type;
	if (send(ctl, m, sizeof(*m), MSG_NOSIGNAL) == -1)
		_exit(98);
}

static void
say_phase(uint32_t phase)
{
	struct wire_msg m = { .u.phase = phase };

	say(&m, WIRE_PHASE);
}

static struct wire_verdict
ask_about(struct wire_msg *m)
{
	struct pollfd p = { .fd = ctl, .events = POLLIN };

	m->serial = 77;
	say(m, WIRE_ASK);
	while (poll(&p, 1, 10000) == -1)
		if (told_to_stop)
			_exit(5);
	if (recv(ctl, m, sizeof(*m), 0) != (ssize_t)sizeof(*m) ||
	    !wire_valid(m, sizeof(*m)) || m->type != WIRE_VERDICT ||
	    m->serial != 77)
		_exit(97);
	return m->u.verdict;
}

/* Nothing may lie in the socket but WIRE_PROXY, and only if expected. */
static struct wire_verdict
log_in_proxied(const char *expected)
{
	struct wire_msg m = { 0 };
	ssize_t n = recv(ctl, &m, sizeof(m), MSG_DONTWAIT);

	if (strcmp(expected, "nothing") == 0) {
		if (n != -1)
			_exit(96);
	} else {
		if (n != (ssize_t)sizeof(m) || !wire_valid(&m, sizeof(m)) ||
		    m.type != WIRE_PROXY || !m.u.proxy.answered ||
		    memmem(&m, sizeof(m), "secret", 6) != NULL)
			_exit(95);
	}
	say_phase(WIRE_PHASE_AUTH);
	memset(&m, 0, sizeof(m));
	m.u.ask.method = WIRE_PROXIED;
	if (strcmp(expected, "twice") == 0) {
		ask_about(&m);
		memset(&m, 0, sizeof(m));
		m.u.ask.method = WIRE_PROXIED;
	}
	return ask_about(&m);
}

static struct wire_verdict
log_in(const char *name, const char *password)
{
	struct wire_msg m = { 0 };

	if (strcmp(name, "proxied") == 0)
		return log_in_proxied(password);
	say_phase(WIRE_PHASE_AUTH);
	m.u.ask.method = WIRE_PAP;
	m.u.ask.name_len = (uint16_t)strlen(name);
	memcpy(m.u.ask.name, name, m.u.ask.name_len);
	m.u.ask.response_len = (uint16_t)strlen(password);
	memcpy(m.u.ask.response, password, m.u.ask.response_len);
	return ask_about(&m);
}

static void
say_up(uint32_t remote)
{
	struct wire_msg m = { .u.up.ifname = "ppp7" };

	say_phase(WIRE_PHASE_NETWORK);
	m.u.up.local = inet_addr("10.0.0.1");
	m.u.up.remote = remote;
	say(&m, WIRE_UP);
}

static void no_return
say_end(uint32_t flags, uint32_t status)
{
	struct wire_msg m = { .u.down = { 5000000000u, 300 } };

	say(&m, WIRE_DOWN);
	m = (struct wire_msg){ .u.end = { flags, status } };
	say(&m, WIRE_END);
	/* As pppd does it, whatever the status was. */
	_exit(16);
}

static void
wait_for_stop(void)
{
	while (!told_to_stop)
		(void)poll(NULL, 0, 10);
}

static void no_return
act_login(const char *name, const char *password, const char *then)
{
	struct wire_verdict v = log_in(name, password);

	if (!v.granted)
		_exit(11);
	say_up(v.address);
	if (strcmp(then, "stay") == 0)
		wait_for_stop();
	if (strcmp(then, "hangup") == 0)
		say_end(WIRE_END_PEER_TERMINATED, 0);
	say_end(0, told_to_stop ? 5 : 15);
}

static void no_return
act_nonsense(const char *what)
{
	struct wire_msg m = { 0 };

	if (strcmp(what, "short") == 0)
		(void)send(ctl, &m, 3, MSG_NOSIGNAL);
	else if (strcmp(what, "verdict") == 0)
		say(&m, WIRE_VERDICT);
	else if (strcmp(what, "proxy") == 0) {
		m.u.proxy.method = WIRE_PAP;
		say(&m, WIRE_PROXY);
	} else if (strcmp(what, "ipv6") == 0) {
		/* Of a profile without. */
		m.u.ipv6_up = (struct wire_ipv6_up){ .ifname = "lo",
			.local = { 1 },
			.remote = { 2 },
			.mtu = WIRE_IPV6_MTU_MIN };
		say(&m, WIRE_IPV6_UP);
	} else
		say_up(inet_addr("10.0.0.99"));
	wait_for_stop();
	_exit(5);
}

static void no_return
fake_pppd(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_term };
	char label[64] = "", *part[3] = { label, label, label };
	int requests = fake_requests(argc, argv), i;

	if (requests != -1)
		snprintf(
		    label, sizeof(label), "%s", fake_prepared(requests, &ctl));

	for (i = 1; requests == -1 && i + 1 < argc; i++) {
		if (strcmp(argv[i], "lnsd-ctl") == 0)
			ctl = atoi(argv[i + 1]);
		if (strcmp(argv[i], "lnsd-label") == 0)
			snprintf(label, sizeof(label), "%s", argv[i + 1]);
	}
	for (i = 0; i < 3; i++)
		part[i] = strtok(i == 0 ? label : NULL, "/");
	sigaction(SIGTERM, &sa, NULL);
	if (strcmp(part[0], "exit") == 0)
		_exit(atoi(part[1]));
	if (strcmp(part[0], "nonsense") == 0)
		act_nonsense(part[1]);
	if (strcmp(part[0], "stubborn") == 0)
		for (;;)
			pause();
	act_login(part[0], part[1], part[2]);
}

/* The owner of the links. */

struct seen {
	struct ppp_link *link;
	bool authed, up, ended;
	char user[64], reason[128], cause[192], end_user[64];
	struct in_addr remote;
	enum lns_ppp_end why;
	uint64_t rx_bytes;
	/* What to do when it is up. */
	bool stop_when_up;
	struct seen *then;
	const char *then_label;
	struct seen *stops; /* when it has ended */
	struct seen *ends_before;
	bool frees_own; /* when up: bob's address is his no more */
	const struct lns_call *call;
};

static char n_alice[] = "alice", n_bob[] = "bob", pw[] = "secret",
	    n_ppp[] = "phones", n_host[] = "vpn";
static struct conf_user users[] = {
	{ .name = n_alice, .password = pw },
	{ .name = n_bob, .password = pw, .has_address = true },
};
static struct conf_range range;
static struct conf_ppp ppp = { .name = n_ppp,
	.auth = CONF_AUTH_PAP,
	.pool = &range,
	.n_pool = 1,
	.mtu = 1280 };
static struct conf conf = { .hostname = n_host,
	.ppp = &ppp,
	.n_ppp = 1,
	.users = users,
	.n_users = 2 };
static struct ppp_service *svc;
static int session_fd;
static const struct lns_addr *from; /* where clients are */

static void start(struct seen *s, const char *label);

static void
on_auth(void *arg, const char *user, enum cause code, const char *reason)
{
	struct seen *s = arg;

	ck_assert(!s->ended);
	s->authed = true;
	snprintf(s->user, sizeof(s->user), "%s", user);
	snprintf(
	    s->reason, sizeof(s->reason), "%s", reason != NULL ? reason : "");
	ck_assert_int_eq(code == CAUSE_NONE, reason == NULL);
	if (reason != NULL)
		assert_cause_of(reason, code);
}

static void
on_up(void *arg, const struct ppp_up *up)
{
	struct seen *s = arg;

	ck_assert(!s->ended);
	ck_assert_str_eq(up->ifname, "ppp7");
	ck_assert_str_eq(up->user, s->user);
	s->up = true;
	s->remote = up->remote;
	if (s->frees_own) {
		users[1].has_address = false;
		ck_assert(reserve(svc, &(const struct conf_users){ NULL, 0 }));
	}
	if (s->then != NULL)
		start(s->then, s->then_label);
	if (s->stop_when_up)
		ppp_link_stop(s->link, CAUSE_ADMIN, "stopped");
}

static void
on_ended(void *arg, const struct ppp_end *end)
{
	struct seen *s = arg;

	ck_assert(!s->ended);
	ck_assert(s->ends_before == NULL || !s->ends_before->ended);
	s->ended = true;
	s->why = end->why;
	assert_cause_of(end->cause, end->code);
	s->rx_bytes = end->rx_bytes;
	snprintf(s->cause, sizeof(s->cause), "%s", end->cause);
	snprintf(s->end_user, sizeof(s->end_user), "%s",
	    end->user != NULL ? end->user : "(none)");
	if (s->stops != NULL)
		ppp_link_stop(s->stops->link, CAUSE_ADMIN, "stopped");
	if (ppp_service_links(svc) == 0)
		loop_stop();
}

static const struct ppp_ops ops = {
	.auth = on_auth, .up = on_up, .ended = on_ended
};

static void
start(struct seen *s, const char *label)
{
	const struct ppp_start st = {
		.session_fd = session_fd,
		.from = from,
		.label = label,
		.call = s->call,
	};

	s->link = ppp_link_start(svc, &st, &ops, s);
	ck_assert_ptr_nonnull(s->link);
}

static void
run(struct seen *s, const char *label)
{
	memset(s, 0, sizeof(*s));
	start(s, label);
	loop_run();
	ck_assert(s->ended);
}

static void
quiet(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

static void
setup(void)
{
	log_sink(quiet, NULL);
	loop_init();
	session_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	range.first.s_addr = inet_addr("10.0.0.1");
	range.last.s_addr = inet_addr("10.0.0.3");
	ppp.local_address.s_addr = inet_addr("10.0.0.1");
	users[1].address.s_addr = inet_addr("10.0.0.2");
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
}

/* The same with pppds that a prepared one makes. */
static void
setup_prepared(void)
{
	static const struct prepared_times times = { 20000, 20000, 1 };
	struct pppd_spec spec;

	setup();
	link_pppd_spec(svc, 0, &spec);
	svc->prepared[0] = prepared_new(&spec, &times);
	ck_assert_ptr_nonnull(svc->prepared[0]);
}

static void
teardown(void)
{
	ck_assert_uint_eq(ppp_service_links(svc), 0);
	ck_assert_uint_eq(pool_in_use(svc->pools[0]), 0);
	ppp_service_free(svc);
	ck_assert_uint_eq(proc_count(), 0);
	close(session_fd);
	loop_fini();
}

START_TEST(link_login_and_hangup_is_reported_in_full)
{
	struct seen s;

	run(&s, "alice/secret/hangup");
	ck_assert_str_eq(s.user, "alice");
	ck_assert_str_eq(s.reason, "");
	ck_assert(s.up);
	/* Neither our own address nor bob's. */
	ck_assert_uint_eq(s.remote.s_addr, inet_addr("10.0.0.3"));
	ck_assert_int_eq(s.why, LNS_PPP_PEER);
	ck_assert_str_eq(s.cause, "peer hung up");
	ck_assert_str_eq(s.end_user, "alice");
	ck_assert_uint_eq(s.rx_bytes, 5000000000u);
}
END_TEST

START_TEST(link_wrong_password_ends_with_auth_and_reason)
{
	struct seen s;

	run(&s, "alice/guess/hangup");
	ck_assert_str_eq(s.reason, "wrong password");
	ck_assert(!s.up);
	ck_assert_int_eq(s.why, LNS_PPP_AUTH);
	ck_assert_str_eq(s.cause, "authentication failed (wrong password)");
	ck_assert_str_eq(s.end_user, "alice");
}
END_TEST

START_TEST(link_unknown_user_is_named_in_the_end)
{
	struct seen s;

	run(&s, "mallory/secret/hangup");
	ck_assert_str_eq(s.reason, "unknown user");
	ck_assert_str_eq(s.end_user, "mallory");
	ck_assert_int_eq(s.why, LNS_PPP_AUTH);
}
END_TEST

START_TEST(link_stop_ends_it_as_ours)
{
	struct seen s = { .stop_when_up = true };

	start(&s, "alice/secret/stay");
	loop_run();
	ck_assert(s.ended);
	ck_assert_int_eq(s.why, LNS_PPP_ADMIN);
	ck_assert_str_eq(s.cause, "stopped");
}
END_TEST

START_TEST(link_that_ignores_stop_is_killed)
{
	struct seen s = { 0 };

	svc->kill_after_ms = 50;
	start(&s, "stubborn/x/x");
	/* Its handler must stand before the signal comes. */
	(void)poll(NULL, 0, 200);
	ppp_link_stop(s.link, CAUSE_ADMIN, "stopped");
	ppp_link_stop(s.link, CAUSE_ADMIN, "stopped");
	loop_run();
	ck_assert(s.ended);
	ck_assert_int_eq(s.why, LNS_PPP_ADMIN);
	ck_assert_str_eq(s.end_user, "(none)");
}
END_TEST

START_TEST(link_exit_code_without_a_word_is_told)
{
	struct seen s;

	run(&s, "exit/15/x");
	ck_assert_int_eq(s.why, LNS_PPP_LOST);
	ck_assert(!s.authed);
	run(&s, "exit/10/x");
	ck_assert_str_eq(s.cause, "could not negotiate lcp with the peer");
}
END_TEST

START_TEST(link_pppd_missing_is_told)
{
	struct seen s;

	svc->pppd = "/nowhere/pppd";
	run(&s, "exit/0/x");
	ck_assert_int_eq(s.why, LNS_PPP_FAILED);
	ck_assert_str_eq(s.cause, "pppd could not be started");
}
END_TEST

START_TEST(link_nonsense_from_pppd_ends_it)
{
	static const char *const label[] = { "nonsense/short/x",
		"nonsense/verdict/x", "nonsense/proxy/x", "nonsense/ipv6/x",
		"nonsense/up/x" };
	struct seen s;
	size_t i;

	for (i = 0; i < nitems(label); i++) {
		run(&s, label[i]);
		ck_assert(!s.up);
		ck_assert_int_eq(s.why, LNS_PPP_FAILED);
		ck_assert_ptr_nonnull(strstr(s.cause, "no sense"));
	}
}
END_TEST

START_TEST(link_empty_pool_refuses_in_words)
{
	struct seen a = { 0 }, b = { 0 };

	/* One address is alice's to have; she takes it and stays. */
	a.then = &b;
	a.then_label = "alice/secret/hangup";
	b.stops = &a;
	start(&a, "alice/secret/stay");
	loop_run();
	ck_assert_str_eq(b.reason, "no address left in pool of ppp \"phones\"");
	ck_assert_int_eq(b.why, LNS_PPP_AUTH);
}
END_TEST

START_TEST(link_without_a_lan_has_no_dhcp_server)
{
	struct seen s;

	ppp_service_free(svc);
	ppp.dhcp = true;
	ppp.local_address.s_addr = inet_addr("203.0.113.253");
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
	run(&s, "alice/secret/hangup");
	ck_assert_str_eq(s.reason, "cannot ask a DHCP server for an address: "
				   "No such device");
	ck_assert_int_eq(s.why, LNS_PPP_AUTH);
}
END_TEST

START_TEST(link_users_own_address_is_given)
{
	struct seen s;

	run(&s, "bob/secret/hangup");
	ck_assert_uint_eq(s.remote.s_addr, inet_addr("10.0.0.2"));
}
END_TEST

START_TEST(link_keeps_an_own_address_that_is_reserved_no_more)
{
	struct seen a = { .frees_own = true }, b = { 0 }, c = { 0 };

	a.then = &b;
	a.then_label = "alice/secret/stay";
	b.then = &c;
	b.then_label = "alice/secret/hangup";
	c.stops = &b;
	b.stops = &a;
	start(&a, "bob/secret/stay");
	loop_run();
	ck_assert_uint_eq(a.remote.s_addr, inet_addr("10.0.0.2"));
	ck_assert_uint_eq(b.remote.s_addr, inet_addr("10.0.0.3"));
	ck_assert_str_eq(c.reason, "no address left in pool of ppp \"phones\"");
	users[1].has_address = true;
}
END_TEST

START_TEST(link_second_login_of_own_address_takes_over)
{
	struct seen a = { 0 }, b = { 0 };

	a.then = &b;
	a.then_label = "bob/secret/hangup";
	start(&a, "bob/secret/stay");
	loop_run();
	ck_assert(a.ended && b.ended);
	ck_assert_int_eq(a.why, LNS_PPP_ADMIN);
	ck_assert_str_eq(a.cause, "the same user dialled again");
	ck_assert(b.up);
	ck_assert_str_eq(b.reason, "");
	ck_assert_uint_eq(b.remote.s_addr, inet_addr("10.0.0.2"));
}
END_TEST

/* An address of his own is for one session: the limit does not refuse him. */
START_TEST(link_limit_of_one_does_not_keep_own_address_from_taking_over)
{
	struct seen a = { 0 }, b = { 0 };

	users[1].max_sessions = 1;
	a.then = &b;
	a.then_label = "bob/secret/hangup";
	start(&a, "bob/secret/stay");
	loop_run();
	ck_assert_str_eq(a.cause, "the same user dialled again");
	ck_assert_str_eq(b.reason, "");
	ck_assert(b.up);
	users[1].max_sessions = 0;
}
END_TEST

START_TEST(link_beyond_the_users_sessions_is_refused)
{
	struct seen first = { 0 }, second = { 0 };

	users[0].max_sessions = 1;
	first.then = &second;
	first.then_label = "alice/secret/hangup";
	second.stops = &first;
	start(&first, "alice/secret/stay");
	loop_run();
	ck_assert_str_eq(
	    second.reason, "the user has as many sessions as he may");
	ck_assert(!second.up && second.ended);
	ck_assert_str_eq(first.cause, "stopped");
	/* Those that have ended do not count. */
	run(&first, "alice/secret/hangup");
	ck_assert(first.up);
	users[0].max_sessions = 0;
}
END_TEST

START_TEST(link_with_one_login_per_user_ends_the_older_one)
{
	struct seen first = { 0 }, second = { 0 };

	ppp.one_login_per_user = true;
	/* It does not count: it is going. */
	users[0].max_sessions = 1;
	first.then = &second;
	first.then_label = "alice/secret/hangup";
	start(&first, "alice/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "the same user dialled again");
	ck_assert(second.up && second.reason[0] == '\0');
	ck_assert_uint_eq(second.remote.s_addr, first.remote.s_addr);
	users[0].max_sessions = 0;
	ppp.one_login_per_user = false;
}
END_TEST

START_TEST(link_third_login_takes_over_from_two)
{
	struct seen a = { 0 }, b = { 0 }, c = { 0 };

	a.then = &b;
	a.then_label = "bob/secret/stay";
	b.then = &c;
	b.then_label = "bob/secret/hangup";
	start(&a, "bob/secret/stay");
	loop_run();
	ck_assert(a.ended && b.ended && c.ended);
	ck_assert(a.up && b.up && c.up);
	ck_assert_str_eq(b.cause, "the same user dialled again");
	ck_assert_str_eq(c.cause, "peer hung up");
}
END_TEST

static void
limit_failures(unsigned int n)
{
	ppp.max_login_failures = n;
	ppp.login_failure_time_s = 86400;
	svc->refusal_step_ms = 1;
}

static void
assert_barred(const struct seen *s)
{
	ck_assert_msg(
	    strncmp(s->reason, "too many failed logins, wait 86", 31) == 0,
	    "%s", s->reason);
	ck_assert(!s->up);
}

START_TEST(link_failures_bar_the_user_from_everywhere)
{
	static const struct lns_addr here = { .family = 4, .ip = { 1 } };
	struct seen s;
	int i;

	limit_failures(3);
	for (i = 0; i < 3; i++) {
		run(&s, "alice/wrong");
		ck_assert_str_eq(s.reason, "wrong password");
	}
	run(&s, "alice/wrong");
	assert_barred(&s);
	run(&s, "alice/secret/hangup");
	assert_barred(&s);
	ck_assert_int_eq(s.why, LNS_PPP_AUTH);
	from = &here;
	run(&s, "alice/secret/hangup");
	assert_barred(&s);
	run(&s, "bob/secret/hangup");
	ck_assert(s.up);
	from = NULL;
	limit_failures(0);
}
END_TEST

START_TEST(link_failures_bar_the_address_for_everybody)
{
	static const struct lns_addr bad = { .family = 4, .ip = { 1 } },
				     good = { .family = 4, .ip = { 2 } };
	struct seen s;

	limit_failures(3);
	from = &bad;
	run(&s, "carol/secret");
	run(&s, "dave/secret");
	/* That one guesser has an account does not help him. */
	run(&s, "bob/secret/hangup");
	ck_assert(s.up);
	run(&s, "erin/secret");
	ck_assert_str_eq(s.reason, "unknown user");
	run(&s, "bob/secret/hangup");
	assert_barred(&s);
	from = &good;
	run(&s, "bob/secret/hangup");
	ck_assert(s.up);
	from = NULL;
	limit_failures(0);
}
END_TEST

START_TEST(link_failures_of_a_user_who_got_in_are_forgotten)
{
	struct seen s;
	int i;

	limit_failures(2);
	for (i = 0; i < 3; i++) {
		run(&s, "alice/wrong");
		run(&s, "alice/secret/hangup");
		ck_assert(s.up);
	}
	limit_failures(0);
}
END_TEST

START_TEST(link_what_is_no_guess_does_not_count)
{
	struct seen s;
	int i;

	limit_failures(1);
	ppp.auth = CONF_AUTH_CHAP;
	for (i = 0; i < 2; i++) {
		run(&s, "alice/secret");
		ck_assert_str_eq(s.reason, "protocol not allowed");
	}
	ppp.auth = CONF_AUTH_PAP;
	run(&s, "alice/secret/hangup");
	ck_assert(s.up);
	/* Under nothing that it could be counted by. */
	svc->refusal_step_ms = 3600000;
	for (i = 0; i < 2; i++) {
		run(&s, "carol/secret");
		ck_assert_str_eq(s.reason, "unknown user");
	}
	limit_failures(0);
}
END_TEST

/* From a new address: at once; again: after another has got in. */
static void
assert_held_back(uint8_t n, const char *label, const char *reason)
{
	const struct lns_addr here = { .family = 4, .ip = { 1, n } };
	struct seen a, b = { 0 };

	from = &here;
	svc->refusal_step_ms = 3600000;
	run(&a, label);
	svc->refusal_step_ms = 1000;
	memset(&a, 0, sizeof(a));
	start(&a, label);
	from = NULL;
	b.ends_before = &a;
	start(&b, "bob/secret/hangup");
	loop_run();
	ck_assert(a.ended && b.ended && b.up);
	ck_assert_msg(strncmp(a.reason, reason, strlen(reason)) == 0, "%s: %s",
	    label, a.reason);
	ck_assert_int_eq(a.why, LNS_PPP_AUTH);
}

/* The time does not tell one from the other. */
START_TEST(link_second_failure_is_held_back_whatever_it_is)
{
	limit_failures(3);
	assert_held_back(1, "carol/secret", "unknown user");
	assert_held_back(2, "alice/wrong", "wrong password");
	users[0].disabled = true;
	assert_held_back(3, "alice/secret", "too many");
	tries_forget(svc->tries, "user alice");
	assert_held_back(4, "alice/secret", "the user is disabled");
	users[0].disabled = false;
	tries_forget(svc->tries, "user alice");
	assert_held_back(5, "alice/wrong", "wrong password");
	assert_held_back(6, "alice/wrong", "too many");
	assert_held_back(7, "alice/secret", "too many");
	limit_failures(0);
}
END_TEST

START_TEST(link_address_comes_back_after_every_end)
{
	struct seen s;
	int i;

	/* The pool has one address: a leak would show at once. */
	for (i = 0; i < 5; i++) {
		run(&s, "alice/secret/hangup");
		ck_assert(s.up);
		run(&s, "alice/secret/echo");
		ck_assert(s.up);
		ck_assert_int_eq(s.why, LNS_PPP_LOST);
	}
}
END_TEST

/* A LAC has taken alice's password by PAP. */
static struct lns_call
proxied_call(const char *password)
{
	struct lns_call c = { .auth = LNS_PROXY_PAP,
		.auth_id = 9,
		.last_sent = { 8, { 1, 4, 5, 0, 3, 4, 0xc0, 0x23 } },
		.last_received = { 4, { 1, 4, 5, 0 } },
		.auth_name = { 5, "alice" } };

	c.auth_response.len = (uint8_t)strlen(password);
	memcpy(c.auth_response.data, password, strlen(password));
	return c;
}

static void
run_proxied(struct seen *s, const char *label, const struct lns_call *call)
{
	memset(s, 0, sizeof(*s));
	s->call = call;
	start(s, label);
	loop_run();
	ck_assert(s->ended);
}

START_TEST(link_proxied_password_is_granted_without_pppd_seeing_it)
{
	struct lns_call call = proxied_call("secret");
	struct seen s;

	run_proxied(&s, "proxied/once/hangup", &call);
	ck_assert_str_eq(s.cause, "peer hung up");
	ck_assert_str_eq(s.user, "alice");
	ck_assert(s.up);
	ck_assert_uint_eq(s.remote.s_addr, inet_addr("10.0.0.3"));
}
END_TEST

START_TEST(link_proxied_wrong_password_ends_with_auth_and_reason)
{
	struct lns_call call = proxied_call("guess");
	struct seen s;

	run_proxied(&s, "proxied/once/hangup", &call);
	ck_assert(!s.up);
	ck_assert_int_eq(s.why, LNS_PPP_AUTH);
	ck_assert_str_eq(s.cause, "authentication failed (wrong password)");
	ck_assert_str_eq(s.end_user, "alice");
}
END_TEST

START_TEST(link_proxied_answer_serves_once)
{
	struct lns_call call = proxied_call("secret");
	struct seen s;

	run_proxied(&s, "proxied/twice/hangup", &call);
	ck_assert(!s.up);
	ck_assert_str_eq(s.reason, "protocol not allowed");
	ck_assert_int_eq(s.why, LNS_PPP_AUTH);
}
END_TEST

START_TEST(link_unusable_proxy_is_kept_from_pppd_and_grants_nothing)
{
	struct lns_call call = proxied_call("secret");
	struct seen s;

	/* pppd claims it all the same. */
	call.last_sent.data[2] = 0xff;
	run_proxied(&s, "proxied/nothing/hangup", &call);
	ck_assert(!s.up);
	ck_assert_str_eq(s.reason, "protocol not allowed");
	run_proxied(&s, "proxied/nothing/hangup", NULL);
	ck_assert_str_eq(s.reason, "protocol not allowed");
	memset(&call, 0, sizeof(call));
	run_proxied(&s, "proxied/nothing/hangup", &call);
	ck_assert_str_eq(s.reason, "protocol not allowed");
}
END_TEST

START_TEST(link_stopped_before_it_has_a_pppd_ends_as_ours)
{
	struct seen s = { 0 };

	start(&s, "alice/secret/stay");
	ck_assert(s.link->starting);
	ppp_link_stop(s.link, CAUSE_ADMIN, "stopped");
	loop_run();
	ck_assert(s.ended);
	ck_assert_int_eq(s.why, LNS_PPP_ADMIN);
	ck_assert_str_eq(s.cause, "stopped");
}
END_TEST

/* The fake pppd that is executed knows nothing of these labels and logs a user
 * of that name in. */
START_TEST(link_without_a_child_has_a_pppd_of_its_own)
{
	static const char *const labels[] = { "die/x/x", "refuse/11/x",
		"babble/x/x" };
	struct seen s;
	size_t i;

	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		run(&s, labels[i]);
		ck_assert_str_eq(s.reason, "unknown user");
		ck_assert_int_eq(s.why, LNS_PPP_AUTH);
	}
}
END_TEST

START_TEST(link_stopped_meanwhile_needs_no_pppd_of_its_own)
{
	struct seen s = { 0 };

	start(&s, "die/x/x");
	ppp_link_stop(s.link, CAUSE_ADMIN, "stopped");
	loop_run();
	ck_assert(s.ended);
	ck_assert(!s.authed);
	ck_assert_int_eq(s.why, LNS_PPP_ADMIN);
	ck_assert_str_eq(s.cause, "stopped");
}
END_TEST

START_TEST(link_that_cannot_have_a_pppd_at_all_is_told)
{
	struct seen s = { 0 };

	start(&s, "die/x/x");
	svc->pppd = "/nonexistent";
	loop_run();
	ck_assert(s.ended);
	ck_assert_int_eq(s.why, LNS_PPP_FAILED);
	ck_assert_str_eq(s.cause, "pppd could not be started");
}
END_TEST

static TCase *
tests(const char *name, SFun begin)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, begin, teardown);
	tcase_set_timeout(tc, 60); /* of answers that are held back */
	tcase_add_test(tc, link_login_and_hangup_is_reported_in_full);
	tcase_add_test(tc, link_wrong_password_ends_with_auth_and_reason);
	tcase_add_test(tc, link_unknown_user_is_named_in_the_end);
	tcase_add_test(tc, link_stop_ends_it_as_ours);
	tcase_add_test(tc, link_that_ignores_stop_is_killed);
	tcase_add_test(tc, link_exit_code_without_a_word_is_told);
	tcase_add_test(tc, link_nonsense_from_pppd_ends_it);
	tcase_add_test(tc, link_empty_pool_refuses_in_words);
	tcase_add_test(tc, link_without_a_lan_has_no_dhcp_server);
	tcase_add_test(tc, link_users_own_address_is_given);
	tcase_add_test(tc, link_keeps_an_own_address_that_is_reserved_no_more);
	tcase_add_test(tc, link_second_login_of_own_address_takes_over);
	tcase_add_test(
	    tc, link_limit_of_one_does_not_keep_own_address_from_taking_over);
	tcase_add_test(tc, link_beyond_the_users_sessions_is_refused);
	tcase_add_test(tc, link_with_one_login_per_user_ends_the_older_one);
	tcase_add_test(tc, link_third_login_takes_over_from_two);
	tcase_add_test(tc, link_failures_bar_the_user_from_everywhere);
	tcase_add_test(tc, link_failures_bar_the_address_for_everybody);
	tcase_add_test(tc, link_failures_of_a_user_who_got_in_are_forgotten);
	tcase_add_test(tc, link_what_is_no_guess_does_not_count);
	tcase_add_test(tc, link_second_failure_is_held_back_whatever_it_is);
	tcase_add_test(tc, link_address_comes_back_after_every_end);
	tcase_add_test(
	    tc, link_proxied_password_is_granted_without_pppd_seeing_it);
	tcase_add_test(
	    tc, link_proxied_wrong_password_ends_with_auth_and_reason);
	tcase_add_test(tc, link_proxied_answer_serves_once);
	tcase_add_test(
	    tc, link_unusable_proxy_is_kept_from_pppd_and_grants_nothing);
	return tc;
}

int
main(int argc, char **argv)
{
	Suite *s;
	TCase *tc;
	SRunner *sr;
	int failed;

	if (argc > 1 && strcmp(argv[1], "plugin") == 0)
		fake_pppd(argc, argv);
	s = suite_create("link");
	tc = tests("executed", setup);
	tcase_add_test(tc, link_pppd_missing_is_told);
	suite_add_tcase(s, tc);
	tc = tests("prepared", setup_prepared);
	tcase_add_test(tc, link_stopped_before_it_has_a_pppd_ends_as_ours);
	tcase_add_test(tc, link_without_a_child_has_a_pppd_of_its_own);
	tcase_add_test(tc, link_stopped_meanwhile_needs_no_pppd_of_its_own);
	tcase_add_test(tc, link_that_cannot_have_a_pppd_at_all_is_told);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
