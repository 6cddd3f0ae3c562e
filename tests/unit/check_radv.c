/* SPDX-License-Identifier: ISC */
/*
 * The router of a client's link, with the calls of its socket in here: what it
 * hears is what a test says, and what it sends is looked at.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <sys/socket.h>
#include <check.h>

#include "../../ppp/radv.h"
#include "fake_loop.h"

/* --- the socket --- */

struct heard {
	const char *from;
	unsigned int ifindex; /* 0: the kernel does not tell */
	int hop_limit;	      /* -1: the kernel does not tell */
	int flags;
	uint8_t data[64];
	size_t len;
};

static struct heard heard;
static bool anything_heard;
static unsigned int n_sent;
static struct {
	struct in6_addr to, from;
	unsigned int ifindex, scope;
	uint8_t type;
} sent;
static int hops[2]; /* unicast, multicast */

int
socket(int domain, int type, int protocol)
{
	ck_assert_int_eq(domain, AF_INET6);
	ck_assert_int_eq(type & ~SOCK_CLOEXEC, SOCK_RAW);
	ck_assert_int_eq(protocol, IPPROTO_ICMPV6);
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd;
	if (level == IPPROTO_IPV6 && name == IPV6_UNICAST_HOPS)
		memcpy(&hops[0], value, len);
	if (level == IPPROTO_IPV6 && name == IPV6_MULTICAST_HOPS)
		memcpy(&hops[1], value, len);
	return 0;
}

static void
put_control(struct msghdr *m, int type, const void *data, size_t len)
{
	struct cmsghdr c = { .cmsg_len = CMSG_LEN(len),
		.cmsg_level = IPPROTO_IPV6,
		.cmsg_type = type };
	uint8_t *at = (uint8_t *)m->msg_control + m->msg_controllen;

	memcpy(at, &c, sizeof(c));
	memcpy(at + CMSG_LEN(0), data, len);
	m->msg_controllen += CMSG_SPACE(len);
}

ssize_t
recvmsg(int fd, struct msghdr *m, int flags)
{
	struct sockaddr_in6 *from = m->msg_name;
	struct in6_pktinfo info = { .ipi6_ifindex = heard.ifindex };
	size_t room = m->msg_controllen;

	(void)fd;
	ck_assert_int_ne(flags & MSG_DONTWAIT, 0);
	if (!anything_heard) {
		errno = EAGAIN;
		return -1;
	}
	anything_heard = false;
	memset(from, 0, sizeof(*from));
	ck_assert_int_eq(inet_pton(AF_INET6, heard.from, &from->sin6_addr), 1);
	m->msg_flags = heard.flags;
	m->msg_controllen = 0;
	if (heard.ifindex != 0)
		put_control(m, IPV6_PKTINFO, &info, sizeof(info));
	if (heard.hop_limit != -1)
		put_control(m, IPV6_HOPLIMIT, &heard.hop_limit, sizeof(int));
	ck_assert_uint_le(m->msg_controllen, room);
	memcpy(m->msg_iov->iov_base, heard.data, heard.len);
	return (ssize_t)heard.len;
}

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	const struct sockaddr_in6 *to = m->msg_name;
	struct in6_pktinfo info;

	(void)fd;
	(void)flags;
	ck_assert_uint_eq(m->msg_controllen, CMSG_SPACE(sizeof(info)));
	memcpy(&info, (uint8_t *)m->msg_control + CMSG_LEN(0), sizeof(info));
	sent.to = to->sin6_addr;
	sent.from = info.ipi6_addr;
	sent.ifindex = info.ipi6_ifindex;
	sent.scope = to->sin6_scope_id;
	sent.type = *(uint8_t *)m->msg_iov->iov_base;
	n_sent++;
	return (ssize_t)m->msg_iov->iov_len;
}

/* --- a link and what it answers --- */

static struct radv *radv;
static struct radv_link *link5;

static struct radv_spec
spec_of(unsigned int ifindex)
{
	struct radv_spec s = { .ifindex = ifindex, .mtu = 1280 };

	ck_assert_int_eq(inet_pton(AF_INET6, "fe80::1", &s.source), 1);
	ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8:5::", &s.prefix), 1);
	return s;
}

/* Link 5 has said hello and is silent for long. */
static void
set_up(void)
{
	struct radv_spec spec = spec_of(5);

	radv = radv_new();
	ck_assert_ptr_nonnull(radv);
	link5 = radv_start(radv, &spec);
	ck_assert_ptr_nonnull(link5);
	fake_pass(60000);
	n_sent = 0;
}

static void
tear_down(void)
{
	radv_stop(link5);
	radv_free(radv);
	ck_assert(LIST_EMPTY(&fake_timers));
	ck_assert_ptr_null(fake_io);
}

static struct heard
solicitation(void)
{
	return (struct heard){ .from = "fe80::2",
		.ifindex = 5,
		.hop_limit = 255,
		.data = { ND_ROUTER_SOLICIT },
		.len = 8 };
}

static unsigned int
answers(const struct heard *h)
{
	heard = *h;
	anything_heard = true;
	n_sent = 0;
	fake_readable();
	ck_assert(!anything_heard);
	return n_sent;
}

static void
is_sent_to(const char *text)
{
	struct in6_addr to;

	ck_assert_int_eq(inet_pton(AF_INET6, text, &to), 1);
	ck_assert_mem_eq(&sent.to, &to, sizeof(to));
	ck_assert_int_eq(inet_pton(AF_INET6, "fe80::1", &to), 1);
	ck_assert_mem_eq(&sent.from, &to, sizeof(to));
	ck_assert_uint_eq(sent.ifindex, 5);
	ck_assert_uint_eq(sent.scope, 5);
	ck_assert_uint_eq(sent.type, ND_ROUTER_ADVERT);
}

START_TEST(solicitation_is_answered_to_who_asks)
{
	struct heard h = solicitation();

	ck_assert_uint_eq(answers(&h), 1);
	is_sent_to("fe80::2");
}
END_TEST

START_TEST(solicitation_from_no_address_is_answered_to_all)
{
	struct heard h = solicitation();

	h.from = "::";
	ck_assert_uint_eq(answers(&h), 1);
	is_sent_to("ff02::1");
}
END_TEST

START_TEST(solicitation_from_elsewhere_is_answered_on_the_link)
{
	struct heard h = solicitation();

	h.from = "2001:db8:5::2";
	ck_assert_uint_eq(answers(&h), 1);
	is_sent_to("ff02::1");
}
END_TEST

START_TEST(solicitation_that_came_over_a_router_is_not_answered)
{
	struct heard h = solicitation();

	for (h.hop_limit = -1; h.hop_limit < 255; h.hop_limit++)
		ck_assert_uint_eq(answers(&h), 0);
	ck_assert_uint_eq(answers(&h), 1);
	/* What was told of one says nothing about the next. */
	fake_pass(3000);
	h.hop_limit = -1;
	ck_assert_uint_eq(answers(&h), 0);
}
END_TEST

START_TEST(solicitation_of_no_clients_link_is_not_answered)
{
	struct heard h = solicitation();

	h.ifindex = 0;
	ck_assert_uint_eq(answers(&h), 0);
	h.ifindex = 4;
	ck_assert_uint_eq(answers(&h), 0);
	/* In the same place of the table. */
	h.ifindex = 5 + 256;
	ck_assert_uint_eq(answers(&h), 0);
}
END_TEST

START_TEST(other_code_or_type_is_not_answered)
{
	struct heard h = solicitation();

	h.data[1] = 1;
	ck_assert_uint_eq(answers(&h), 0);
	h = solicitation();
	h.data[0] = ND_NEIGHBOR_SOLICIT;
	ck_assert_uint_eq(answers(&h), 0);
}
END_TEST

START_TEST(solicitation_that_is_cut_is_not_answered)
{
	struct heard h = solicitation();

	h.flags = MSG_TRUNC;
	ck_assert_uint_eq(answers(&h), 0);
	h.flags = MSG_CTRUNC;
	ck_assert_uint_eq(answers(&h), 0);
	h.flags = 0;
	/* An option of eight octets, and one that says it has more. */
	h.data[8] = 1;
	h.data[9] = 1;
	for (h.len = 0; h.len <= 16; h.len++)
		if (h.len != 8 && h.len != 16)
			ck_assert_uint_eq(answers(&h), 0);
	h.len = 16;
	h.data[9] = 2;
	ck_assert_uint_eq(answers(&h), 0);
	h.data[9] = 1;
	ck_assert_uint_eq(answers(&h), 1);
}
END_TEST

/* RFC 4861 6.2.6. */
START_TEST(who_asks_again_at_once_waits_three_seconds)
{
	struct heard h = solicitation();

	ck_assert_uint_eq(answers(&h), 1);
	ck_assert_uint_eq(answers(&h), 0);
	fake_pass(2999);
	ck_assert_uint_eq(answers(&h), 0);
	fake_pass(1);
	ck_assert_uint_eq(answers(&h), 1);
}
END_TEST

START_TEST(links_do_not_share_their_patience)
{
	struct radv_spec spec = spec_of(5 + 256);
	struct radv_link *other = radv_start(radv, &spec);
	struct heard h = solicitation();

	ck_assert_ptr_nonnull(other);
	ck_assert_uint_eq(answers(&h), 1);
	h.ifindex = spec.ifindex;
	ck_assert_uint_eq(answers(&h), 1);
	ck_assert_uint_eq(sent.ifindex, spec.ifindex);
	radv_stop(other);
	ck_assert_uint_eq(answers(&h), 0);
}
END_TEST

START_TEST(link_is_told_at_once_and_twice_soon_after)
{
	struct radv_spec spec = spec_of(7);
	struct radv_link *l;

	l = radv_start(radv, &spec);
	ck_assert_ptr_nonnull(l);
	ck_assert_uint_eq(n_sent, 1);
	fake_pass(16000);
	ck_assert_uint_eq(n_sent, 2);
	fake_pass(16000);
	ck_assert_uint_eq(n_sent, 3);
	fake_pass(3600000);
	ck_assert_uint_eq(n_sent, 3);
	radv_stop(l);
	fake_pass(RA_INTERVAL_MAX_S * 1000);
	ck_assert_uint_eq(sent.ifindex, 5);
}
END_TEST

START_TEST(what_is_sent_cannot_come_from_afar)
{
	ck_assert_int_eq(hops[0], 255);
	ck_assert_int_eq(hops[1], 255);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("radv");
	TCase *tc = tcase_create("radv");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, solicitation_is_answered_to_who_asks);
	tcase_add_test(tc, solicitation_from_no_address_is_answered_to_all);
	tcase_add_test(tc, solicitation_from_elsewhere_is_answered_on_the_link);
	tcase_add_test(
	    tc, solicitation_that_came_over_a_router_is_not_answered);
	tcase_add_test(tc, solicitation_of_no_clients_link_is_not_answered);
	tcase_add_test(tc, other_code_or_type_is_not_answered);
	tcase_add_test(tc, solicitation_that_is_cut_is_not_answered);
	tcase_add_test(tc, who_asks_again_at_once_waits_three_seconds);
	tcase_add_test(tc, links_do_not_share_their_patience);
	tcase_add_test(tc, link_is_told_at_once_and_twice_soon_after);
	tcase_add_test(tc, what_is_sent_cannot_come_from_afar);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
