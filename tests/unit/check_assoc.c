/* SPDX-License-Identifier: ISC */
/*
 * Clients, SAs and sockets, with the kernel in here: nftables (steer.h), SA
 * events (xfrm_watch.h) and the policies of sockets (policy.h) are what a test
 * wants them to be, and are looked at.
 */

#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../ipsec/assoc.h"
#include "../../ipsec/policy.h"
#include "../../ipsec/steer.h"
#include "../../ipsec/xfrm_watch.h"
#include "fake_loop.h"

#define MANY 8u

/* --- the kernel --- */

struct steer {
	uint32_t spi[MANY]; /* 0: free */
	uint32_t client[MANY];
	int clients; /* with a socket */
};

struct xfrm_watch {
	const struct xfrm_watch_ops *ops;
	void *arg;
	struct xfrm_event pending; /* _NONE: nothing */
	uint32_t widened[MANY], remapped[MANY];
	size_t n_widened, n_remapped, n_resyncs;
};

static struct steer steer;
static struct xfrm_watch watch;
static bool steer_fails;
/* By descriptor: the SA that it sends by; 0: nothing leaves, NO_POLICY. */
static uint32_t sends_by[MANY];
static const uint32_t NO_POLICY = UINT32_MAX;

struct steer *
steer_new(struct in_addr range)
{
	(void)range;
	memset(&steer, 0, sizeof(steer));
	return &steer;
}

void
steer_free(struct steer *s)
{
	(void)s;
}

void
steer_address(struct steer *s, const struct lns_addr *a, bool present)
{
	(void)s;
	(void)a;
	(void)present;
}

void
steer_client_addr(const struct steer *s, const struct lns_addr *dst,
    uint32_t client, struct lns_addr *a)
{
	(void)s;
	*a = *dst;
	a->ip[0] = 127;
	a->ip[3] = (uint8_t)client;
}

int
steer_client(
    struct steer *s, const struct lns_addr *dst, uint32_t client, bool present)
{
	(void)dst;
	(void)client;
	s->clients += present ? 1 : -1;
	return 0;
}

static uint32_t *
steered(uint32_t spi)
{
	size_t i;

	for (i = 0; i < MANY; i++)
		if (steer.spi[i] == spi)
			return &steer.client[i];
	return NULL;
}

int
steer_add(
    struct steer *s, const struct lns_addr *dst, uint32_t spi, uint32_t client)
{
	uint32_t *to = steered(0);

	(void)dst;
	if (steer_fails) {
		errno = ENOBUFS;
		return -1;
	}
	ck_assert_ptr_null(steered(spi));
	ck_assert_ptr_nonnull(to);
	s->spi[to - s->client] = spi;
	*to = client;
	return 0;
}

void
steer_remove(struct steer *s, const struct lns_addr *dst, uint32_t spi)
{
	uint32_t *to = steered(spi);

	(void)dst;
	if (to != NULL)
		s->spi[to - s->client] = 0;
}

const char *
steer_missing(void)
{
	return NULL;
}

struct xfrm_watch *
xfrm_watch_new(const struct xfrm_watch_ops *ops, void *arg)
{
	memset(&watch, 0, sizeof(watch));
	watch.ops = ops;
	watch.arg = arg;
	return &watch;
}

void
xfrm_watch_free(struct xfrm_watch *w)
{
	(void)w;
}

void
xfrm_watch_drain(struct xfrm_watch *w)
{
	struct xfrm_event e = w->pending;

	w->pending.type = XFRM_EVENT_NONE;
	if (e.type != XFRM_EVENT_NONE)
		w->ops->event(w->arg, &e);
}

void
xfrm_watch_resync(struct xfrm_watch *w)
{
	w->n_resyncs++;
}

int
xfrm_watch_remap(struct xfrm_watch *w, const struct sa_info *sa)
{
	ck_assert_uint_lt(w->n_remapped, MANY);
	w->remapped[w->n_remapped++] = sa->spi;
	return 0;
}

int
xfrm_watch_widen(struct xfrm_watch *w, const struct sa_info *sa, bool inbound)
{
	(void)inbound;
	ck_assert_uint_lt(w->n_widened, MANY);
	w->widened[w->n_widened++] = sa->spi;
	return 0;
}

void
policy_in(struct policy *p, uint8_t family)
{
	(void)family;
	p->info.dir = XFRM_POLICY_IN;
}

void
policy_block(struct policy *p, uint8_t family)
{
	(void)family;
	p->info.dir = XFRM_POLICY_OUT;
	p->tmpl.id.spi = 0;
}

void
policy_out(
    struct policy *p, const struct lns_path *path, uint32_t reqid, uint32_t spi)
{
	(void)path;
	(void)reqid;
	p->info.dir = XFRM_POLICY_OUT;
	p->tmpl.id.spi = spi;
}

int
policy_set(int fd, const struct policy *p)
{
	if (p->info.dir == XFRM_POLICY_OUT)
		sends_by[fd] = p->tmpl.id.spi;
	return 0;
}

/* --- what assoc.c tells --- */

static uint32_t gone_client, stale_spi[MANY];
static size_t n_stale, n_lost;

static void
client_gone(void *arg, const struct lns_addr *peer, uint32_t client)
{
	(void)arg;
	(void)peer;
	ck_assert_uint_eq(gone_client, 0);
	gone_client = client;
}

static void
stale(void *arg, uint32_t spi, bool lost)
{
	(void)arg;
	ck_assert_uint_lt(n_stale, MANY);
	stale_spi[n_stale++] = spi;
	n_lost += lost;
}

static struct assoc *assoc;

static struct lns_addr
addr(const char *text)
{
	struct lns_addr a = { .family = strchr(text, ':') == NULL ? 4 : 6 };

	ck_assert_int_eq(
	    inet_pton(a.family == 4 ? AF_INET : AF_INET6, text, a.ip), 1);
	return a;
}

static const char *const ours = "203.0.113.1";
static const char *const ours6 = "2001:db8::1";

static void
set_up(void)
{
	static const struct assoc_ops ops = { client_gone, stale };
	const struct in_addr range = { htonl(0x7f400000) };
	struct lns_addr a = addr(ours), a6 = addr(ours6);

	gone_client = 0;
	n_stale = n_lost = 0;
	memset(sends_by, 0xff, sizeof(sends_by));
	assoc = assoc_new(range, &ops, NULL);
	ck_assert_ptr_nonnull(assoc);
	assoc_address(assoc, &a, true);
	assoc_address(assoc, &a6, true);
}

static void
tear_down(void)
{
	assoc_free(assoc);
	ck_assert(LIST_EMPTY(&fake_timers));
}

/* --- SAs come and go --- */

static const char *const peer = "198.51.100.1";
static const char *const peer6 = "2001:db8:9::1";
/* Inbound ones are 1xx, outbound ones 2xx. */
static bool
is_inbound(uint32_t spi)
{
	return spi < 200;
}

static struct xfrm_event
event(enum xfrm_event_type type, uint32_t spi, uint16_t port)
{
	struct xfrm_event e = { .type = type,
		.sa = { .spi = spi, .reqid = 16389 } };

	if (is_inbound(spi)) {
		e.sa.src = addr(peer);
		e.sa.dst = addr(ours);
		e.sa.encap_sport = port;
		e.sa.encap_dport = port == 0 ? 0 : 4500;
	} else {
		e.sa.src = addr(ours);
		e.sa.dst = addr(peer);
		e.sa.encap_sport = port == 0 ? 0 : 4500;
		e.sa.encap_dport = port;
	}
	return e;
}

static void
happens(enum xfrm_event_type type, uint32_t spi, uint16_t port)
{
	struct xfrm_event e = event(type, spi, port);

	watch.ops->event(watch.arg, &e);
}

static void
come(uint32_t spi)
{
	happens(XFRM_EVENT_SA, spi, 4500);
}

static void
go(uint32_t spi)
{
	happens(XFRM_EVENT_GONE, spi, 4500);
}

/* The client that a packet of this SA is from; 0: nobody. */
static uint32_t
client_of(uint32_t spi)
{
	struct lns_path path = { .local = addr(ours), .peer = addr(peer) };

	return assoc_client(assoc, &path, htonl(spi)) ? path.client : 0;
}

static struct ipsec_socket *
socket_of(uint32_t client, int fd, bool receives)
{
	struct lns_path path = {
		.local = addr(ours), .peer = addr(peer), .client = client
	};
	struct lns_addr bind_to;

	path.peer.port = 1701;
	return assoc_socket_new(assoc, &path, fd, receives, &bind_to);
}

/* SAs 101 and 201 and a socket that uses them. */
static struct ipsec_socket *
dialled(int fd)
{
	struct ipsec_socket *s;

	come(101);
	come(201);
	s = socket_of(client_of(101), fd, true);
	ck_assert_ptr_nonnull(s);
	return s;
}

START_TEST(packet_is_of_the_client_of_its_sa)
{
	uint32_t n;

	ck_assert_uint_eq(client_of(101), 0);
	come(101);
	come(201);
	n = client_of(101);
	ck_assert_uint_ne(n, 0);
	/* Nothing comes in by the way out. */
	ck_assert_uint_eq(client_of(201), 0);
	/* Another household behind the same NAT. */
	happens(XFRM_EVENT_SA, 102, 61000);
	ck_assert_uint_ne(client_of(102), n);
	go(101);
	ck_assert_uint_eq(client_of(101), 0);
}
END_TEST

START_TEST(sa_of_others_is_not_looked_at)
{
	struct xfrm_event e = event(XFRM_EVENT_SA, 101, 4500);

	e.sa.dst = addr("203.0.113.2");
	watch.ops->event(watch.arg, &e);
	ck_assert_uint_eq(watch.n_widened, 0);
	ck_assert_uint_eq(client_of(101), 0);
}
END_TEST

START_TEST(address_that_is_new_makes_us_look_again)
{
	struct lns_addr a = addr("203.0.113.2");
	size_t before = watch.n_resyncs;

	assoc_address(assoc, &a, true);
	ck_assert_uint_eq(watch.n_resyncs, before + 1);
	assoc_address(assoc, &a, false);
	assoc_address(assoc, &a, true);
	ck_assert_uint_eq(watch.n_resyncs, before + 1);
}
END_TEST

START_TEST(packet_that_overtakes_its_sa_is_known)
{
	watch.pending = event(XFRM_EVENT_SA, 101, 4500);
	ck_assert_uint_ne(client_of(101), 0);
}
END_TEST

START_TEST(sa_is_widened_once_where_addresses_change)
{
	struct xfrm_event e = event(XFRM_EVENT_SA, 202, 0);

	come(101);
	come(101);
	come(201);
	ck_assert_uint_eq(watch.n_widened, 1);
	ck_assert_uint_eq(watch.widened[0], 101);
	e.sa.src = addr(ours6);
	e.sa.dst = addr(peer6);
	watch.ops->event(watch.arg, &e);
	ck_assert_uint_eq(watch.n_widened, 2);
	ck_assert_uint_eq(watch.widened[1], 202);
}
END_TEST

START_TEST(socket_without_client_or_way_out_is_refused)
{
	ck_assert_ptr_null(socket_of(0, 1, true));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_null(socket_of(4711, 1, true));
	come(101);
	ck_assert_ptr_null(socket_of(client_of(101), 1, true));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_null(steered(101));
}
END_TEST

START_TEST(socket_that_cannot_be_steered_to_leaves_nothing)
{
	come(101);
	come(201);
	steer_fails = true;
	ck_assert_ptr_null(socket_of(client_of(101), 1, true));
	ck_assert_int_eq(steer.clients, 0);
	steer_fails = false;
	/* Nothing is left of it that would keep the client. */
	go(101);
	go(201);
	fake_pass(60000);
	ck_assert_uint_eq(gone_client, 0);
}
END_TEST

START_TEST(packets_are_steered_while_a_socket_receives)
{
	struct ipsec_socket *a = dialled(1), *b, *c;

	ck_assert_uint_eq(*steered(101), client_of(101));
	ck_assert_int_eq(steer.clients, 1);
	come(102);
	ck_assert_uint_eq(*steered(102), client_of(101));
	go(101);
	ck_assert_ptr_null(steered(101));
	b = socket_of(client_of(102), 2, true);
	c = socket_of(client_of(102), 3, false);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_nonnull(c);
	assoc_socket_free(a);
	ck_assert_ptr_nonnull(steered(102));
	assoc_socket_free(b);
	ck_assert_ptr_null(steered(102));
	ck_assert_int_eq(steer.clients, 0);
	assoc_socket_free(c);
}
END_TEST

START_TEST(new_keys_are_used_when_the_client_has_them)
{
	struct ipsec_socket *s = dialled(1);

	ck_assert_uint_eq(sends_by[1], 201);
	come(202);
	ck_assert_uint_eq(sends_by[1], 201);
	fake_pass(1499);
	ck_assert_uint_eq(sends_by[1], 201);
	fake_pass(1);
	ck_assert_uint_eq(sends_by[1], 202);
	/* The old one takes nothing with it. */
	go(201);
	ck_assert_uint_eq(sends_by[1], 202);
	assoc_socket_free(s);
}
END_TEST

START_TEST(new_keys_are_used_at_once_when_the_old_ones_go)
{
	struct ipsec_socket *s = dialled(1);

	come(202);
	go(201);
	ck_assert_uint_eq(sends_by[1], 202);
	assoc_socket_free(s);
}
END_TEST

START_TEST(nothing_leaves_without_keys)
{
	struct ipsec_socket *s = dialled(1);

	go(201);
	ck_assert_uint_eq(sends_by[1], 0);
	come(202);
	ck_assert_uint_eq(sends_by[1], 202);
	assoc_socket_free(s);
	ck_assert_uint_eq(sends_by[2], NO_POLICY);
}
END_TEST

START_TEST(socket_that_has_gone_does_not_turn)
{
	struct ipsec_socket *s = dialled(1);

	come(202);
	assoc_socket_free(s);
	fake_pass(60000);
	ck_assert_uint_eq(sends_by[1], 201);
}
END_TEST

START_TEST(client_is_gone_two_seconds_after_its_last_sa)
{
	struct ipsec_socket *s = dialled(1);
	uint32_t n = client_of(101);

	go(101);
	fake_pass(60000);
	ck_assert_uint_eq(gone_client, 0);
	go(201);
	fake_pass(1999);
	ck_assert_uint_eq(gone_client, 0);
	fake_pass(1);
	ck_assert_uint_eq(gone_client, n);
	/* It is told once. */
	fake_pass(60000);
	assoc_socket_free(s);
}
END_TEST

START_TEST(client_that_makes_new_keys_in_time_stays)
{
	struct ipsec_socket *s = dialled(1);
	uint32_t n = client_of(101);

	go(101);
	go(201);
	fake_pass(1000);
	come(102);
	come(202);
	fake_pass(60000);
	ck_assert_uint_eq(gone_client, 0);
	ck_assert_uint_eq(client_of(102), n);
	ck_assert_uint_eq(sends_by[1], 202);
	assoc_socket_free(s);
}
END_TEST

START_TEST(client_whose_socket_goes_first_is_not_told)
{
	struct ipsec_socket *s = dialled(1);

	go(101);
	go(201);
	assoc_socket_free(s);
	fake_pass(60000);
	ck_assert_uint_eq(gone_client, 0);
	come(101);
	ck_assert_uint_ne(client_of(101), 0);
}
END_TEST

START_TEST(client_behind_nat_is_followed_to_another_port)
{
	struct ipsec_socket *s = dialled(1);
	uint32_t n = client_of(101);

	/* Nothing new, or of what is not there, or not inbound. */
	happens(XFRM_EVENT_MAPPING, 101, 4500);
	happens(XFRM_EVENT_MAPPING, 109, 61000);
	happens(XFRM_EVENT_MAPPING, 201, 61000);
	ck_assert_uint_eq(watch.n_remapped, 0);
	happens(XFRM_EVENT_MAPPING, 101, 61000);
	ck_assert_uint_eq(watch.n_remapped, 2);
	ck_assert_uint_eq(watch.remapped[0], 101);
	ck_assert_uint_eq(watch.remapped[1], 201);
	/* Its next SA is still its own. */
	happens(XFRM_EVENT_SA, 102, 61000);
	ck_assert_uint_eq(client_of(102), n);
	assoc_socket_free(s);
}
END_TEST

START_TEST(bare_esp_has_no_port_to_follow)
{
	struct ipsec_socket *s;

	happens(XFRM_EVENT_SA, 101, 0);
	happens(XFRM_EVENT_SA, 201, 0);
	happens(XFRM_EVENT_MAPPING, 101, 61000);
	ck_assert_uint_eq(watch.n_remapped, 0);
	s = socket_of(client_of(101), 1, true);
	ck_assert_ptr_nonnull(s);
	ck_assert(!assoc_socket_in_udp(s));
	assoc_socket_free(s);
	s = dialled(1);
	ck_assert(!assoc_socket_in_udp(s));
	assoc_socket_free(s);
	ck_assert(!assoc_socket_in_udp(NULL));
}
END_TEST

START_TEST(sa_that_is_not_told_again_has_gone)
{
	struct ipsec_socket *s = dialled(1);

	ck_assert(assoc_socket_in_udp(s));
	watch.ops->resync(watch.arg, false);
	come(101);
	watch.ops->resync(watch.arg, true);
	ck_assert_uint_ne(client_of(101), 0);
	ck_assert_uint_eq(sends_by[1], 0);
	watch.ops->resync(watch.arg, false);
	watch.ops->resync(watch.arg, true);
	ck_assert_uint_eq(client_of(101), 0);
	fake_pass(2000);
	ck_assert_uint_ne(gone_client, 0);
	assoc_socket_free(s);
}
END_TEST

START_TEST(who_dials_again_leaves_old_sas_behind)
{
	struct ipsec_socket *a = dialled(1), *b;

	ck_assert_uint_eq(n_stale, 0);
	come(102);
	come(202);
	come(103);
	/* One that only sends says nothing about it. */
	b = socket_of(client_of(103), 2, false);
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq(n_stale, 0);
	assoc_socket_free(b);
	b = socket_of(client_of(103), 2, true);
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq(sends_by[2], 202);
	ck_assert_uint_eq(n_stale, 2);
	ck_assert_uint_eq(stale_spi[0], 102);
	ck_assert_uint_eq(stale_spi[1], 101);
	ck_assert_uint_eq(n_lost, 0);
	assoc_socket_free(a);
	assoc_socket_free(b);
}
END_TEST

START_TEST(client_that_is_lost_loses_all_its_sas)
{
	struct ipsec_socket *a = dialled(1), *b;

	come(102);
	b = socket_of(client_of(101), 2, false);
	ck_assert_ptr_nonnull(b);
	/* The other may be another program's. */
	assoc_socket_lost(a);
	ck_assert_uint_eq(n_stale, 0);
	assoc_socket_free(b);
	assoc_socket_lost(a);
	ck_assert_uint_eq(n_stale, 2);
	ck_assert_uint_eq(n_lost, 2);
	assoc_socket_lost(NULL);
	assoc_socket_free(a);
	assoc_socket_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("assoc");
	TCase *tc = tcase_create("assoc");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, packet_is_of_the_client_of_its_sa);
	tcase_add_test(tc, sa_of_others_is_not_looked_at);
	tcase_add_test(tc, address_that_is_new_makes_us_look_again);
	tcase_add_test(tc, packet_that_overtakes_its_sa_is_known);
	tcase_add_test(tc, sa_is_widened_once_where_addresses_change);
	tcase_add_test(tc, socket_without_client_or_way_out_is_refused);
	tcase_add_test(tc, socket_that_cannot_be_steered_to_leaves_nothing);
	tcase_add_test(tc, packets_are_steered_while_a_socket_receives);
	tcase_add_test(tc, new_keys_are_used_when_the_client_has_them);
	tcase_add_test(tc, new_keys_are_used_at_once_when_the_old_ones_go);
	tcase_add_test(tc, nothing_leaves_without_keys);
	tcase_add_test(tc, socket_that_has_gone_does_not_turn);
	tcase_add_test(tc, client_is_gone_two_seconds_after_its_last_sa);
	tcase_add_test(tc, client_that_makes_new_keys_in_time_stays);
	tcase_add_test(tc, client_whose_socket_goes_first_is_not_told);
	tcase_add_test(tc, client_behind_nat_is_followed_to_another_port);
	tcase_add_test(tc, bare_esp_has_no_port_to_follow);
	tcase_add_test(tc, sa_that_is_not_told_again_has_gone);
	tcase_add_test(tc, who_dials_again_leaves_old_sas_behind);
	tcase_add_test(tc, client_that_is_lost_loses_all_its_sas);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
