/* SPDX-License-Identifier: ISC */
#ifndef AAA_WORLD_H
#define AAA_WORLD_H

/*
 * Links of users whom RADIUS knows.  pppd is the test program itself, started
 * again by link.c; the RADIUS server is a socket on the same loop.
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
#include "known_causes.h"

/* --- the fake pppd: "name/password/what" --- */

static int ctl;

static inline void
say(struct wire_msg *m, uint32_t type)
{
	m->magic = WIRE_MAGIC;
	m->type = type;
	if (send(ctl, m, sizeof(*m), MSG_NOSIGNAL) == -1)
		_exit(98);
}

static inline void
say_down(void)
{
	struct wire_msg m = { .u.down = { 5000000000u, 300, 70, 3 } };

	say(&m, WIRE_DOWN);
}

static inline void no_return
on_term(int sig)
{
	(void)sig;
	say_down();
	_exit(5);
}

static inline void
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

static inline struct wire_verdict
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

static inline void no_return
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
	const char *pool;
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

static inline bool
is_right(const struct radius_view *v)
{
	uint8_t plain[RADIUS_PASSWORD_MAX] = { 0 };
	struct radius_attr a;

	ck_assert(radius_find(v, 0, RADIUS_USER_PASSWORD, &a));
	ck_assert(radius_unhide(
	    secret, radius_authenticator(v), a.value, a.len, plain));
	return strcmp((char *)plain, "secret") == 0;
}

static inline void
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
	radius_add_text(&rq.attrs, RADIUS_FRAMED_POOL, server.pool);
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

static inline void
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

static inline uint32_t
number_in(const struct radius_view *v, uint8_t type)
{
	struct radius_attr a;
	uint32_t value;

	ck_assert_msg(radius_find(v, 0, type, &a), "no %u", type);
	ck_assert(radius_u32(&a, &value));
	return value;
}

static inline void
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

static inline int
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

static inline void
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
	unsigned int asked; /* RADIUS, by the steps told */
	char reason[128], cause[192];
	struct in_addr remote;
	enum lns_ppp_end why;
	struct seen *then; /* started when it is up */
	const char *then_label;
	struct seen *stops; /* when it has ended */
	struct seen *ends_before;
};

static char n_alice[] = "alice", pw[] = "local", n_ppp[] = "phones",
	    n_host[] = "vpn", n_other[] = "guests", n_any[] = CONF_ANY_USER,
	    pw_any[] = "open";
/* The second is there if a test has it. */
static struct conf_user users[] = { { .name = n_alice, .password = pw },
	{ .name = n_any, .password = pw_any, .max_sessions = 7 } };
static struct conf_range range, other_range;
static struct conf_ppp ppps[2]; /* the second is a pool and no more */
static struct conf_ppp *const ppp = &ppps[0];
static struct conf conf = { .hostname = n_host,
	.ppp = ppps,
	.n_ppp = 2,
	.users = users,
	.n_users = 1 };
static struct ppp_service *svc;
static int session_fd;
static struct seen first;
static void (*when_up)(void);

static void start(struct seen *, const char *label);

static inline void
on_step(void *arg, enum ppp_step step)
{
	struct seen *s = arg;

	s->asked += step == PPP_STEP_RADIUS;
}

static inline void
on_auth(void *arg, const char *user, enum cause code, const char *reason)
{
	struct seen *s = arg;

	(void)user;
	snprintf(
	    s->reason, sizeof(s->reason), "%s", reason != NULL ? reason : "");
	ck_assert_int_eq(code == CAUSE_NONE, reason == NULL);
	if (reason != NULL)
		assert_cause_of(reason, code);
}

static inline void
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

static inline void
on_ended(void *arg, const struct ppp_end *end)
{
	struct seen *s = arg;

	ck_assert(!s->ended);
	ck_assert(s->ends_before == NULL || !s->ends_before->ended);
	s->ended = true;
	s->why = end->why;
	assert_cause_of(end->cause, end->code);
	snprintf(s->cause, sizeof(s->cause), "%s", end->cause);
	if (s->stops != NULL)
		ppp_link_stop(s->stops->link, CAUSE_ADMIN, "stopped");
	if (ppp_service_links(svc) == 0)
		loop_stop();
}

static inline void
start(struct seen *s, const char *label)
{
	static const struct ppp_ops ops = {
		.step = on_step, .auth = on_auth, .up = on_up, .ended = on_ended
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

static inline void
run(struct seen *s, const char *label)
{
	memset(s, 0, sizeof(*s));
	start(s, label);
	loop_run();
	ck_assert(s->ended);
}

static inline void
quiet(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

static inline void
setup(void)
{
	log_sink(quiet, NULL);
	loop_init();
	worker_init();
	session_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	range.first.s_addr = inet_addr("10.0.0.1");
	range.last.s_addr = inet_addr("10.0.0.3");
	*ppp = (struct conf_ppp){ .name = n_ppp,
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
	other_range.first.s_addr = inet_addr("10.2.0.1");
	other_range.last.s_addr = inet_addr("10.2.0.1");
	ppps[1] = (struct conf_ppp){
		.name = n_other, .pool = &other_range, .n_pool = 1
	};
	server_open(&ppp->radius.servers[0]);
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
	svc->refusal_step_ms = 1;
	memset(&first, 0, sizeof(first));
	when_up = NULL;
}

static inline void
teardown(void)
{
	ck_assert_uint_eq(ppp_service_links(svc), 0);
	ck_assert_uint_eq(pool_in_use(svc->pools[0]), 0);
	ck_assert_uint_eq(pool_in_use(svc->pools[1]), 0);
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

static inline int
run_suite(int argc, char **argv, Suite *s, TCase *tc)
{
	SRunner *sr;
	int failed;

	if (argc > 1 && strcmp(argv[1], "plugin") == 0)
		fake_pppd(argc, argv);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60); /* of a server that is silent */
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

#endif
