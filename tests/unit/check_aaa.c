/* SPDX-License-Identifier: ISC */
/*
 * Links of users whom RADIUS knows.  pppd is this very program, started again
 * by link.c; the RADIUS server is a socket on the same loop.
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
#include "../../include/worker.h"
#include "../../ppp/link.h"
#include "../../ppp/radius_socket.h"

/* --- the fake pppd: "name/password/what" --- */

static int ctl;

static void
say(struct wire_msg *m, uint32_t type)
{
	m->magic = WIRE_MAGIC;
	m->type = type;
	if (send(ctl, m, sizeof(*m), MSG_NOSIGNAL) == -1)
		_exit(98);
}

static void
say_down(void)
{
	struct wire_msg m = { .u.down = { 5000000000u, 300, 70, 3 } };

	say(&m, WIRE_DOWN);
}

static void no_return
on_term(int sig)
{
	(void)sig;
	say_down();
	_exit(5);
}

static void
ask(uint32_t serial, const char *name, const char *password)
{
	struct wire_msg m = { .serial = serial };

	m.u.ask.method = WIRE_PAP;
	m.u.ask.name_len = (uint16_t)strlen(name);
	memcpy(m.u.ask.name, name, m.u.ask.name_len);
	m.u.ask.response_len = (uint16_t)strlen(password);
	memcpy(m.u.ask.response, password, m.u.ask.response_len);
	say(&m, WIRE_ASK);
}

static struct wire_verdict
verdict_on(uint32_t serial)
{
	struct pollfd p = { .fd = ctl, .events = POLLIN };
	struct wire_msg m;

	if (poll(&p, 1, 20000) != 1 ||
	    recv(ctl, &m, sizeof(m), 0) != (ssize_t)sizeof(m) ||
	    !wire_valid(&m, sizeof(m)) || m.type != WIRE_VERDICT ||
	    m.serial != serial)
		_exit(97);
	return m.u.verdict;
}

static void no_return
fake_pppd(int argc, char **argv)
{
	struct wire_msg up = { .u.up.ifname = "ppp7" };
	struct sigaction sa = { .sa_handler = on_term };
	char label[64] = "", *part[3] = { label, label, label };
	struct wire_verdict v;
	uint32_t serial = 1;
	int i;

	for (i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], "lnsd-ctl") == 0)
			ctl = atoi(argv[i + 1]);
		if (strcmp(argv[i], "lnsd-label") == 0)
			snprintf(label, sizeof(label), "%s", argv[i + 1]);
	}
	for (i = 0; i < 3; i++)
		part[i] = strtok(i == 0 ? label : NULL, "/");
	sigaction(SIGTERM, &sa, NULL);
	if (strcmp(part[2], "twice") == 0)
		ask(serial++, part[0], "wrong");
	ask(serial, part[0], part[1]);
	v = verdict_on(serial);
	if (!v.granted)
		_exit(11);
	up.u.up.local = inet_addr("10.0.0.1");
	up.u.up.remote = v.address;
	say(&up, WIRE_UP);
	while (strcmp(part[2], "stay") == 0)
		pause();
	say_down();
	_exit(15);
}

/* --- the RADIUS server --- */

static char secret[] = "radius secret";

static struct {
	int fd;
	struct loop_io *io;
	bool silent;
	bool hold_first; /* answer it after the second */
	size_t asked;
	char user[64];	    /* of the last request */
	uint32_t address;   /* to grant; 0: none */
	const char *prefix; /* the same; NULL: none */
	/* The first one, if it is held. */
	uint8_t held[RADIUS_PACKET_MAX];
	ssize_t held_len;
	int acct_fd;
	struct loop_io *acct_io;
	size_t ignore;		   /* so many records have no answer */
	uint32_t told[8];	   /* Acct-Status-Type of each, */
	struct radius_packet last; /* the last one */
	size_t n_told;
	void (*on_record)(uint32_t status);
	struct radius_ends held_from;
	void (*on_request)(void);
} server;

static bool
is_right(const struct radius_view *v)
{
	uint8_t plain[RADIUS_PASSWORD_MAX] = { 0 };
	struct radius_attr a;

	ck_assert(radius_find(v, 0, RADIUS_USER_PASSWORD, &a));
	ck_assert(radius_unhide(
	    secret, radius_authenticator(v), a.value, a.len, plain));
	return strcmp((char *)plain, "secret") == 0;
}

static void
reply_to(const uint8_t *data, ssize_t len, const struct radius_ends *ends)
{
	struct radius_request rq = { 0 };
	struct radius_seal seal = { .secret = secret };
	struct radius_packet p;
	struct radius_view v;

	ck_assert(radius_view(&v, data, (size_t)len));
	rq.code = is_right(&v) ? RADIUS_ACCESS_ACCEPT : RADIUS_ACCESS_REJECT;
	if (server.address != 0)
		radius_add_u32(
		    &rq.attrs, RADIUS_FRAMED_IP_ADDRESS, ntohl(server.address));
	if (server.prefix != NULL) {
		uint8_t value[18] = { 0, 64 };

		ck_assert_int_eq(
		    inet_pton(AF_INET6, server.prefix, value + 2), 1);
		radius_add(
		    &rq.attrs, RADIUS_FRAMED_IPV6_PREFIX, value, sizeof(value));
	}
	seal.id = v.id;
	memcpy(seal.authenticator, radius_authenticator(&v), 16);
	ck_assert(radius_encode(&p, &rq, &seal));
	ck_assert_int_eq(
	    radius_socket_reply(server.fd, p.octets, p.len, ends), 0);
}

static void
serve(int fd, void *arg)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_ends ends;
	struct radius_view v;
	struct radius_attr a;
	ssize_t n;

	(void)arg;
	n = radius_socket_recv(fd, buf, sizeof(buf), &ends);
	ck_assert_int_gt(n, 0);
	ck_assert(radius_view(&v, buf, (size_t)n));
	ck_assert(radius_find(&v, 0, RADIUS_USER_NAME, &a));
	snprintf(server.user, sizeof(server.user), "%.*s", (int)a.len,
	    (const char *)a.value);
	server.asked++;
	if (server.on_request != NULL)
		server.on_request();
	if (server.hold_first && server.asked == 1) {
		memcpy(server.held, buf, (size_t)n);
		server.held_len = n;
		server.held_from = ends;
	} else if (!server.silent) {
		reply_to(buf, n, &ends);
	}
}

static uint32_t
number_in(const struct radius_view *v, uint8_t type)
{
	struct radius_attr a;
	uint32_t value;

	ck_assert_msg(radius_find(v, 0, type, &a), "no %u", type);
	ck_assert(radius_u32(&a, &value));
	return value;
}

static void
serve_acct(int fd, void *arg)
{
	struct radius_request rq = { .code = RADIUS_ACCOUNTING_RESPONSE };
	struct radius_seal seal = { .secret = secret };
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_ends ends;
	struct radius_packet p;
	struct radius_view v;
	ssize_t n;

	(void)arg;
	n = radius_socket_recv(fd, buf, sizeof(buf), &ends);
	ck_assert_int_gt(n, 0);
	ck_assert(radius_view(&v, buf, (size_t)n));
	ck_assert_int_eq(radius_check_request(&v, secret, false), RADIUS_GOOD);
	if (server.ignore > 0) {
		server.ignore--;
		return;
	}
	ck_assert_uint_lt(server.n_told, nitems(server.told));
	server.told[server.n_told++] = number_in(&v, RADIUS_ACCT_STATUS_TYPE);
	memcpy(server.last.octets, buf, (size_t)n);
	server.last.len = (size_t)n;
	seal.id = v.id;
	memcpy(seal.authenticator, radius_authenticator(&v), 16);
	ck_assert(radius_encode(&p, &rq, &seal));
	ck_assert_int_eq(radius_socket_reply(fd, p.octets, p.len, &ends), 0);
	if (server.on_record != NULL)
		server.on_record(server.told[server.n_told - 1]);
}

static int
open_port(struct lns_addr *at)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);
	int fd;

	*at = (struct lns_addr){ .family = 4, .ip = { 127, 0, 0, 1 } };
	fd = radius_socket_at(at);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	at->port = ntohs(sa.sin_port);
	return fd;
}

static void
server_open(struct lns_addr *at)
{
	memset(&server, 0, sizeof(server));
	server.fd = open_port(at);
	server.io = loop_io_new(server.fd, serve, NULL);
	ck_assert_ptr_nonnull(server.io);
}

/* --- the owner of the links --- */

struct seen {
	struct ppp_link *link;
	bool up, ended;
	char reason[128], cause[192];
	struct in_addr remote;
	enum lns_ppp_end why;
	struct seen *then; /* started when it is up */
	const char *then_label;
	struct seen *stops; /* when it has ended */
	struct seen *ends_before;
};

static char n_alice[] = "alice", pw[] = "local", n_ppp[] = "phones",
	    n_host[] = "vpn";
static struct conf_user users[] = { { .name = n_alice, .password = pw } };
static struct conf_range range;
static struct conf_ppp ppp;
static struct conf conf = { .hostname = n_host,
	.ppp = &ppp,
	.n_ppp = 1,
	.users = users,
	.n_users = 1 };
static struct ppp_service *svc;
static int session_fd;
static struct seen first;
static void (*when_up)(void);

static void start(struct seen *, const char *label);

static void
on_auth(void *arg, const char *user, const char *reason)
{
	struct seen *s = arg;

	(void)user;
	snprintf(
	    s->reason, sizeof(s->reason), "%s", reason != NULL ? reason : "");
}

static void
on_up(void *arg, const struct ppp_up *up)
{
	struct seen *s = arg;

	s->up = true;
	s->remote = up->remote;
	if (when_up != NULL)
		when_up();
	if (s->then != NULL)
		start(s->then, s->then_label);
}

static void
on_ended(void *arg, const struct ppp_end *end)
{
	struct seen *s = arg;

	ck_assert(!s->ended);
	ck_assert(s->ends_before == NULL || !s->ends_before->ended);
	s->ended = true;
	s->why = end->why;
	snprintf(s->cause, sizeof(s->cause), "%s", end->cause);
	if (s->stops != NULL)
		ppp_link_stop(s->stops->link, "stopped");
	if (ppp_service_links(svc) == 0)
		loop_stop();
}

static void
start(struct seen *s, const char *label)
{
	static const struct ppp_ops ops = {
		.auth = on_auth, .up = on_up, .ended = on_ended
	};
	static const struct lns_path path = { .local = { .family = 4,
						  .ip = { 203, 0, 113, 1 } },
		.peer = { .family = 4, .ip = { 192, 0, 2, 10 } } };
	const struct ppp_start st = { .session_fd = session_fd,
		.from = &path.peer,
		.path = &path,
		.label = label };

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
	worker_init();
	session_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	range.first.s_addr = inet_addr("10.0.0.1");
	range.last.s_addr = inet_addr("10.0.0.3");
	ppp = (struct conf_ppp){ .name = n_ppp,
		.auth = CONF_AUTH_PAP,
		.local_address.s_addr = inet_addr("10.0.0.1"),
		.pool = &range,
		.n_pool = 1,
		.mtu = 1280,
		.login_failure_time_s = 3600,
		.radius = { .n_servers = 1,
		    .secrets = { secret },
		    .n_secrets = 1,
		    .timeout_s = 1,
		    .tries = 1,
		    .dead_time_s = 60,
		    .require_message_authenticator = true } };
	server_open(&ppp.radius.servers[0]);
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
	svc->refusal_step_ms = 1;
	memset(&first, 0, sizeof(first));
	when_up = NULL;
}

static void
teardown(void)
{
	ck_assert_uint_eq(ppp_service_links(svc), 0);
	ck_assert_uint_eq(pool_in_use(svc->pools[0]), 0);
	ck_assert_uint_eq(proc_count(), 0);
	ppp_service_free(svc);
	loop_io_free(server.io);
	close(server.fd);
	if (server.acct_io != NULL)
		close(server.acct_fd);
	loop_io_free(server.acct_io);
	close(session_fd);
	worker_fini();
	loop_fini();
}

START_TEST(aaa_stranger_is_let_in_by_radius)
{
	run(&first, "carol/secret/x");
	ck_assert_uint_eq(server.asked, 1);
	ck_assert_str_eq(server.user, "carol");
	ck_assert_str_eq(first.reason, "");
	ck_assert(first.up);
	ck_assert_uint_eq(first.remote.s_addr, inet_addr("10.0.0.2"));
}
END_TEST

START_TEST(aaa_refusal_is_told_in_words)
{
	run(&first, "carol/guess/x");
	ck_assert_str_eq(first.reason, "refused by RADIUS");
	ck_assert_int_eq(first.why, LNS_PPP_AUTH);
	ck_assert(!first.up);
}
END_TEST

/* Whatever he presents. */
START_TEST(aaa_user_of_the_configuration_is_not_asked_about)
{
	run(&first, "alice/local/x");
	ck_assert(first.up);
	run(&first, "alice/secret/x");
	ck_assert_str_eq(first.reason, "wrong password");
	ck_assert_uint_eq(server.asked, 0);
}
END_TEST

START_TEST(aaa_method_that_is_not_allowed_is_not_asked_about)
{
	ppp.auth = CONF_AUTH_CHAP;
	run(&first, "carol/secret/x");
	ck_assert_str_eq(first.reason, "protocol not allowed");
	ck_assert_uint_eq(server.asked, 0);
}
END_TEST

START_TEST(aaa_silent_server_delays_nobody_else)
{
	struct seen alice = { .ends_before = &first };

	server.silent = true;
	start(&first, "carol/secret/x");
	start(&alice, "alice/local/x");
	loop_run();
	ck_assert(alice.up);
	ck_assert(first.ended && !first.up);
	ck_assert_str_eq(first.reason, "no RADIUS server answers");
}
END_TEST

static void
stop_first(void)
{
	ppp_link_stop(first.link, "stopped");
}

/* The reply comes, to nobody. */
START_TEST(aaa_link_that_is_stopped_wants_no_verdict)
{
	struct seen alice;

	server.on_request = stop_first;
	start(&first, "carol/secret/x");
	loop_run();
	ck_assert(first.ended && !first.up);
	ck_assert_str_eq(first.cause, "stopped");
	ck_assert_str_eq(first.reason, "");
	run(&alice, "alice/local/x");
	ck_assert(alice.up);
}
END_TEST

static void
answer_held(void)
{
	if (server.asked == 2)
		reply_to(server.held, server.held_len, &server.held_from);
}

/* The first one's refusal comes before the second one's verdict. */
START_TEST(aaa_new_question_takes_the_place_of_the_old)
{
	server.hold_first = true;
	server.on_request = answer_held;
	run(&first, "carol/secret/twice");
	ck_assert_uint_eq(server.asked, 2);
	ck_assert_str_eq(first.reason, "");
	ck_assert(first.up);
}
END_TEST

START_TEST(aaa_address_of_radius_is_kept_from_the_pool)
{
	struct seen alice = { .stops = &first };

	/* The one that alice would get. */
	server.address = inet_addr("10.0.0.2");
	first.then = &alice;
	first.then_label = "alice/local/x";
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_uint_eq(first.remote.s_addr, inet_addr("10.0.0.2"));
	ck_assert_uint_eq(alice.remote.s_addr, inet_addr("10.0.0.3"));
}
END_TEST

START_TEST(aaa_address_of_radius_outside_of_pools_is_given)
{
	server.address = inet_addr("10.7.7.7");
	run(&first, "carol/secret/x");
	ck_assert_uint_eq(first.remote.s_addr, inet_addr("10.7.7.7"));
}
END_TEST

START_TEST(aaa_address_of_somebody_else_is_refused)
{
	struct seen dave = { .stops = &first };

	server.address = inet_addr("10.0.0.2");
	first.then = &dave;
	first.then_label = "dave/secret/x";
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(
	    dave.reason, "the user's address 10.0.0.2 is somebody else's");
	ck_assert(!dave.up);
	ck_assert_str_eq(first.cause, "stopped");
	/* Our own is, too. */
	server.address = inet_addr("10.0.0.1");
	run(&first, "carol/secret/x");
	ck_assert_str_eq(
	    first.reason, "the user's address 10.0.0.1 is somebody else's");
}
END_TEST

START_TEST(aaa_second_login_with_its_own_address_takes_over)
{
	struct seen again = { 0 };

	server.address = inet_addr("10.0.0.2");
	first.then = &again;
	first.then_label = "carol/secret/x";
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "the same user dialled again");
	ck_assert(again.up);
	ck_assert_uint_eq(again.remote.s_addr, inet_addr("10.0.0.2"));
}
END_TEST

static unsigned int granted_len;

static void
note_prefix(void)
{
	granted_len = first.link->grant.ipv6_prefix.len;
}

static unsigned int
prefix_granted(const char *prefix)
{
	server.prefix = prefix;
	when_up = note_prefix;
	granted_len = 1;
	run(&first, "carol/secret/x");
	ck_assert(first.up);
	return granted_len;
}

/* What we could give to somebody else as well. */
START_TEST(aaa_prefix_of_radius_is_given_if_it_is_in_no_pool)
{
	ck_assert_uint_eq(prefix_granted("2001:db8:1:2::"), 0);
	ppp_service_free(svc);
	ppp.ipv6_pool.len = 60;
	inet_pton(AF_INET6, "2001:db8:7:20::", &ppp.ipv6_pool.address);
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
	ck_assert_uint_eq(prefix_granted("2001:db8:1:2::"), 64);
	ck_assert_uint_eq(prefix_granted("2001:db8:7:2f::"), 0);
	ck_assert_uint_eq(prefix_granted("2001:db8:7:30::"), 64);
	inet_pton(AF_INET6, "2001:db8:1:2::", &users[0].ipv6_prefix.address);
	users[0].ipv6_prefix.len = 64;
	ck_assert_uint_eq(prefix_granted("2001:db8:1:2::"), 0);
	users[0].ipv6_prefix.len = 0;
}
END_TEST

/* Nobody is asked for who tries things out. */
START_TEST(aaa_refusals_count_for_the_address)
{
	size_t i;

	ppp.max_login_failures = 2;
	for (i = 0; i < 2; i++) {
		run(&first, "carol/guess/x");
		ck_assert_str_eq(first.reason, "refused by RADIUS");
	}
	run(&first, "carol/secret/x");
	ck_assert_ptr_nonnull(strstr(first.reason, "too many failed"));
	ck_assert_uint_eq(server.asked, 2);
}
END_TEST

/* That a server is silent is not the user's fault. */
START_TEST(aaa_silence_does_not_count)
{
	ppp.max_login_failures = 1;
	server.silent = true;
	run(&first, "carol/secret/x");
	server.silent = false;
	run(&first, "carol/secret/x");
	ck_assert(first.up);
}
END_TEST

/* --- accounting --- */

/* The service again, with accounting. */
static void
account(void)
{
	struct lns_addr at;

	ppp_service_free(svc);
	server.acct_fd = open_port(&at);
	server.acct_io = loop_io_new(server.acct_fd, serve_acct, NULL);
	ck_assert_ptr_nonnull(server.acct_io);
	ppp.radius.accounting = true;
	ppp.radius.accounting_port = at.port;
	ppp.radius.tries = 2;
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
}

static void
stop_loop(void *arg)
{
	(void)arg;
	loop_stop();
}

static void
finish(void)
{
	ppp_service_finish(svc, stop_loop, NULL);
	loop_run();
}

static void
assert_told(const uint32_t *status, size_t n)
{
	size_t i;

	ck_assert_uint_eq(server.n_told, n);
	for (i = 0; i < n; i++)
		ck_assert_msg(server.told[i] == status[i], "record %zu is %u",
		    i, server.told[i]);
}

static struct radius_view stop_record;
static struct radius_packet stop_packet;

static void
keep_stop(uint32_t status)
{
	if (status != RADIUS_ACCT_STOP)
		return;
	stop_packet = server.last;
	ck_assert(
	    radius_view(&stop_record, stop_packet.octets, stop_packet.len));
}

START_TEST(aaa_session_is_accounted_for)
{
	static const uint32_t want[] = { RADIUS_ACCT_ON, RADIUS_ACCT_START,
		RADIUS_ACCT_STOP, RADIUS_ACCT_OFF };

	account();
	server.on_record = keep_stop;
	run(&first, "carol/secret/x");
	finish();
	assert_told(want, nitems(want));
	ck_assert_uint_eq(
	    number_in(&stop_record, RADIUS_ACCT_INPUT_GIGAWORDS), 1);
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_INPUT_OCTETS),
	    5000000000u & 0xffffffff);
	ck_assert_uint_eq(
	    number_in(&stop_record, RADIUS_ACCT_OUTPUT_OCTETS), 300);
	ck_assert_uint_eq(
	    number_in(&stop_record, RADIUS_ACCT_INPUT_PACKETS), 70);
	ck_assert_uint_eq(
	    number_in(&stop_record, RADIUS_ACCT_OUTPUT_PACKETS), 3);
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_TERMINATE_CAUSE),
	    RADIUS_LOST_CARRIER);
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_FRAMED_IP_ADDRESS),
	    ntohl(inet_addr("10.0.0.2")));
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_AUTHENTIC), 1);
}
END_TEST

START_TEST(aaa_user_of_the_configuration_is_accounted_for)
{
	account();
	server.on_record = keep_stop;
	run(&first, "alice/local/x");
	finish();
	ck_assert_uint_eq(server.n_told, 4);
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_AUTHENTIC), 2);
}
END_TEST

START_TEST(aaa_who_was_never_up_is_not_accounted_for)
{
	static const uint32_t want[] = { RADIUS_ACCT_ON, RADIUS_ACCT_OFF };

	account();
	run(&first, "carol/guess/x");
	finish();
	assert_told(want, nitems(want));
}
END_TEST

START_TEST(aaa_record_that_is_lost_is_sent_again)
{
	static const uint32_t want[] = { RADIUS_ACCT_ON, RADIUS_ACCT_OFF };

	account();
	server.ignore = 1;
	finish();
	ck_assert_uint_eq(server.n_told, 2);
	/* The first one came second. */
	ck_assert_uint_eq(server.told[0], want[1]);
	ck_assert_uint_eq(server.told[1], want[0]);
}
END_TEST

/* It does not hold up the end for ever. */
START_TEST(aaa_silent_accounting_server_does_not_keep_us)
{
	account();
	server.ignore = SIZE_MAX;
	run(&first, "carol/secret/x");
	finish();
	ck_assert_uint_eq(server.n_told, 0);
}
END_TEST

static void
stop_at_interim(uint32_t status)
{
	if (status == RADIUS_ACCT_INTERIM)
		ppp_link_stop(first.link, "the server stops");
	keep_stop(status);
}

START_TEST(aaa_session_that_lasts_is_accounted_for_meanwhile)
{
	static const uint32_t want[] = { RADIUS_ACCT_ON, RADIUS_ACCT_START,
		RADIUS_ACCT_INTERIM, RADIUS_ACCT_STOP, RADIUS_ACCT_OFF };

	account();
	ppp.radius.accounting_interval_s = 1;
	server.on_record = stop_at_interim;
	start(&first, "carol/secret/stay");
	loop_run();
	finish();
	assert_told(want, nitems(want));
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_TERMINATE_CAUSE),
	    RADIUS_ADMIN_REBOOT);
	ck_assert_uint_ge(number_in(&stop_record, RADIUS_ACCT_SESSION_TIME), 1);
}
END_TEST

/* --- orders --- */

static struct {
	int fd;
	struct loop_io *io;
	struct radius_packet sent;
	size_t replies;
	uint8_t code; /* of the last reply */
	uint8_t octets[RADIUS_PACKET_MAX];
	ssize_t len;
	void (*on_reply)(void);
} boss;

static void
take_reply(int fd, void *arg)
{
	struct radius_view v;

	(void)arg;
	boss.len = recv(fd, boss.octets, sizeof(boss.octets), 0);
	ck_assert_int_gt(boss.len, 0);
	ck_assert(radius_view(&v, boss.octets, (size_t)boss.len));
	ck_assert_int_eq(
	    radius_check_reply(&v, boss.sent.octets + 4, secret, true),
	    RADIUS_GOOD);
	boss.code = v.code;
	boss.replies++;
	if (boss.on_reply != NULL)
		boss.on_reply();
}

/* The service again, listening; and who speaks to it. */
static void
listen_to_orders(void)
{
	struct lns_addr at;
	int fd = open_port(&at);

	close(fd);
	ppp_service_free(svc);
	ppp.radius.coa_listen = at;
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
	memset(&boss, 0, sizeof(boss));
	boss.fd = radius_socket_to(&at);
	ck_assert_int_ne(boss.fd, -1);
	boss.io = loop_io_new(boss.fd, take_reply, NULL);
	ck_assert_ptr_nonnull(boss.io);
}

static void
boss_leaves(void)
{
	loop_io_free(boss.io);
	close(boss.fd);
}

static void
send_again(void)
{
	ck_assert_int_eq(send(boss.fd, boss.sent.octets, boss.sent.len, 0),
	    (ssize_t)boss.sent.len);
}

static void
give(enum radius_code code, const char *user, const char *with)
{
	static uint8_t id;
	struct radius_request rq = { .code = code };
	struct radius_seal seal = { .secret = with, .id = ++id };

	radius_add_text(&rq.attrs, RADIUS_USER_NAME, user);
	if (code == RADIUS_COA_REQUEST)
		radius_add_u32(&rq.attrs, RADIUS_SESSION_TIMEOUT, 1);
	ck_assert(radius_encode(&boss.sent, &rq, &seal));
	send_again();
}

/* It may still lie in the socket when the link has ended. */
static void
await_replies(size_t n)
{
	boss.on_reply = loop_stop;
	while (boss.replies < n)
		loop_run();
	ck_assert_uint_eq(boss.replies, n);
}

static void
disconnect_carol(void)
{
	/* The first one is not signed by a server of ours. */
	give(RADIUS_DISCONNECT_REQUEST, "carol", "wrong secret");
	give(RADIUS_DISCONNECT_REQUEST, "carol", secret);
}

START_TEST(aaa_session_is_ended_by_order)
{
	listen_to_orders();
	when_up = disconnect_carol;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "disconnected by RADIUS");
	ck_assert_int_eq(first.why, LNS_PPP_ADMIN);
	await_replies(1);
	ck_assert_uint_eq(boss.code, RADIUS_DISCONNECT_ACK);
	boss_leaves();
}
END_TEST

static void
disconnect_another(void)
{
	give(RADIUS_DISCONNECT_REQUEST, "dave", secret);
}

static void
ask_twice(void)
{
	if (boss.replies == 1)
		send_again();
	else
		ppp_link_stop(first.link, "stopped");
}

START_TEST(aaa_order_about_nobody_is_refused_and_remembered)
{
	listen_to_orders();
	when_up = disconnect_another;
	boss.on_reply = ask_twice;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "stopped");
	ck_assert_uint_eq(boss.replies, 2);
	ck_assert_uint_eq(boss.code, RADIUS_DISCONNECT_NAK);
	boss_leaves();
}
END_TEST

/* The session has gone, but it is the same order. */
START_TEST(aaa_order_that_comes_again_has_the_same_reply)
{
	listen_to_orders();
	when_up = disconnect_carol;
	start(&first, "carol/secret/stay");
	loop_run();
	await_replies(1);
	send_again();
	await_replies(2);
	ck_assert_uint_eq(boss.code, RADIUS_DISCONNECT_ACK);
	boss_leaves();
}
END_TEST

static void
change_carol(void)
{
	give(RADIUS_COA_REQUEST, "carol", secret);
}

START_TEST(aaa_session_time_is_changed_by_order)
{
	listen_to_orders();
	when_up = change_carol;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_uint_eq(boss.code, RADIUS_COA_ACK);
	ck_assert_str_eq(first.cause, "session time limit");
	ck_assert_int_eq(first.why, LNS_PPP_IDLE);
	boss_leaves();
}
END_TEST

/* pppd has no timer then. */
START_TEST(aaa_session_time_is_kept_where_it_may_be_changed)
{
	listen_to_orders();
	ppp.session_timeout_s = 1;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "session time limit");
	boss_leaves();
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s;
	TCase *tc;
	SRunner *sr;
	int failed;

	if (argc > 1 && strcmp(argv[1], "plugin") == 0)
		fake_pppd(argc, argv);
	s = suite_create("aaa");
	tc = tcase_create("aaa");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60); /* of a server that is silent */
	tcase_add_test(tc, aaa_stranger_is_let_in_by_radius);
	tcase_add_test(tc, aaa_refusal_is_told_in_words);
	tcase_add_test(tc, aaa_user_of_the_configuration_is_not_asked_about);
	tcase_add_test(tc, aaa_method_that_is_not_allowed_is_not_asked_about);
	tcase_add_test(tc, aaa_silent_server_delays_nobody_else);
	tcase_add_test(tc, aaa_link_that_is_stopped_wants_no_verdict);
	tcase_add_test(tc, aaa_new_question_takes_the_place_of_the_old);
	tcase_add_test(tc, aaa_address_of_radius_is_kept_from_the_pool);
	tcase_add_test(tc, aaa_address_of_radius_outside_of_pools_is_given);
	tcase_add_test(tc, aaa_address_of_somebody_else_is_refused);
	tcase_add_test(tc, aaa_second_login_with_its_own_address_takes_over);
	tcase_add_test(tc, aaa_prefix_of_radius_is_given_if_it_is_in_no_pool);
	tcase_add_test(tc, aaa_refusals_count_for_the_address);
	tcase_add_test(tc, aaa_silence_does_not_count);
	tcase_add_test(tc, aaa_session_is_accounted_for);
	tcase_add_test(tc, aaa_user_of_the_configuration_is_accounted_for);
	tcase_add_test(tc, aaa_who_was_never_up_is_not_accounted_for);
	tcase_add_test(tc, aaa_record_that_is_lost_is_sent_again);
	tcase_add_test(tc, aaa_silent_accounting_server_does_not_keep_us);
	tcase_add_test(tc, aaa_session_that_lasts_is_accounted_for_meanwhile);
	tcase_add_test(tc, aaa_session_is_ended_by_order);
	tcase_add_test(tc, aaa_order_about_nobody_is_refused_and_remembered);
	tcase_add_test(tc, aaa_order_that_comes_again_has_the_same_reply);
	tcase_add_test(tc, aaa_session_time_is_changed_by_order);
	tcase_add_test(tc, aaa_session_time_is_kept_where_it_may_be_changed);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
