/* SPDX-License-Identifier: ISC */
/* DHCP: messages, and the life of a lease. */

#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../ppp/dhcp_lease.h"

#define XID 0x01020304u
#define OPTIONS 240 /* where they begin */

static const struct dhcp_identity id = { { 2, 1, 2, 3, 4, 5 }, "alice" };
static struct dhcp_lease lease;
static uint8_t buf[DHCP_MSG_MAX];

static struct mono
at(int64_t ms)
{
	return (struct mono){ ms };
}

static struct in_addr
ip(const char *text)
{
	return (struct in_addr){ inet_addr(text) };
}

/* The value of an option, or NULL. */
static const uint8_t *
option(uint8_t which, size_t *len)
{
	const uint8_t *p = buf + OPTIONS;

	for (; *p != 255; p += 2 + p[1]) {
		*len = p[1];
		if (*p == which)
			return p + 2;
	}
	return NULL;
}

static void
assert_option(uint8_t which, const void *value, size_t value_len)
{
	size_t len;
	const uint8_t *p = option(which, &len);

	ck_assert_msg(p != NULL, "option %u", which);
	ck_assert_uint_eq(len, value_len);
	ck_assert_mem_eq(p, value, len);
}

/* --- messages --- */

START_TEST(discover_says_who_asks)
{
	const struct dhcp_request r = {
		.type = DHCP_DISCOVER, .xid = XID, .secs = 3, .id = &id
	};
	size_t len = dhcp_msg_write(buf, &r), none;

	ck_assert_uint_eq(len, 300);
	ck_assert_mem_eq(buf, "\1\1\6\0\1\2\3\4\0\3\x80\0", 12);
	ck_assert_mem_eq(buf + 28, "\2\1\2\3\4\5\0", 7);
	ck_assert_mem_eq(buf + 236, "\x63\x82\x53\x63", 4);
	assert_option(53, "\1", 1);
	assert_option(61, "\1\2\1\2\3\4\5", 7);
	assert_option(12, "alice", 5);
	assert_option(57, "\x02\x40", 2);
	assert_option(55, "\6\x33\x3a", 3);
	ck_assert_ptr_null(option(50, &none));
	ck_assert_ptr_null(option(54, &none));
}
END_TEST

START_TEST(request_names_address_and_server)
{
	const struct dhcp_request r = { .type = DHCP_REQUEST,
		.id = &id,
		.wanted = ip("10.0.0.7"),
		.server = ip("10.0.0.1") };

	dhcp_msg_write(buf, &r);
	assert_option(53, "\3", 1);
	assert_option(50, "\x0a\0\0\7", 4);
	assert_option(54, "\x0a\0\0\1", 4);
}
END_TEST

START_TEST(longest_message_fits)
{
	struct dhcp_identity longest = id;
	struct dhcp_request r = { .type = DHCP_REQUEST,
		.id = &longest,
		.wanted = ip("10.0.0.7"),
		.server = ip("10.0.0.1") };

	memset(longest.name, 'x', DHCP_NAME_MAX);
	ck_assert_uint_le(dhcp_msg_write(buf, &r), DHCP_MSG_MAX);
}
END_TEST

/* A reply with these options behind the cookie. */
static size_t
reply(const void *options, size_t len)
{
	memset(buf, 0, sizeof(buf));
	memcpy(buf, "\2\1\6\0\1\2\3\4", 8);
	memcpy(buf + 16, "\x0a\0\0\7", 4);
	memcpy(buf + 28, id.mac, sizeof(id.mac));
	memcpy(buf + 236, "\x63\x82\x53\x63", 4);
	memcpy(buf + OPTIONS, options, len);
	return OPTIONS + len;
}

#define REPLY(s) reply(s, sizeof(s) - 1)

START_TEST(reply_is_read)
{
	struct dhcp_reply r;
	size_t len = REPLY("\0\0\x35\1\5\x36\4\x0a\0\0\1\x33\4\0\0\x0e\x10"
			   "\x3a\4\0\0\x07\x08\6\x0c\x0a\0\0\2\x0a\0\0\3\x0a\0"
			   "\0\4\x01\4\xff\xff\xff\0\xff\x35\1\6");

	ck_assert(dhcp_msg_read(&r, buf, len));
	ck_assert_int_eq(r.type, DHCP_ACK);
	ck_assert_uint_eq(r.xid, XID);
	ck_assert_mem_eq(r.mac, id.mac, sizeof(r.mac));
	ck_assert_uint_eq(r.address.s_addr, inet_addr("10.0.0.7"));
	ck_assert_uint_eq(r.server.s_addr, inet_addr("10.0.0.1"));
	ck_assert_uint_eq(r.lease_s, 3600);
	ck_assert_uint_eq(r.renew_s, 1800);
	ck_assert_uint_eq(r.dns[0].s_addr, inet_addr("10.0.0.2"));
	ck_assert_uint_eq(r.dns[1].s_addr, inet_addr("10.0.0.3"));
}
END_TEST

START_TEST(reply_that_is_cut_is_no_reply)
{
	static const char options[] = "\x35\1\2\x36\4\x0a\0\0\1\xff";
	struct dhcp_reply r;
	size_t len = reply(options, sizeof(options) - 1), n;
	uint8_t *exact;

	for (n = 0; n < len; n++) {
		/* Of its own, for valgrind and the sanitizers. */
		exact = malloc(n + 1);
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, buf, n);
		/* Between two options a message is whole. */
		ck_assert_int_eq(dhcp_msg_read(&r, exact, n),
		    n == OPTIONS + 3 || n == OPTIONS + 9);
		free(exact);
	}
	ck_assert(dhcp_msg_read(&r, buf, len));
}
END_TEST

START_TEST(other_messages_are_no_replies)
{
	struct dhcp_reply r;
	size_t len = REPLY("\x35\1\2\xff");

	ck_assert(dhcp_msg_read(&r, buf, len));
	buf[0] = 1; /* of a client */
	ck_assert(!dhcp_msg_read(&r, buf, len));
	len = REPLY("\x35\1\2\xff");
	buf[2] = 16; /* another kind of wire */
	ck_assert(!dhcp_msg_read(&r, buf, len));
	len = REPLY("\x35\1\2\xff");
	buf[236] = 0; /* BOOTP */
	ck_assert(!dhcp_msg_read(&r, buf, len));
	len = REPLY("\x35\1\x08\xff"); /* INFORM */
	ck_assert(!dhcp_msg_read(&r, buf, len));
	len = REPLY("\xff");
	ck_assert(!dhcp_msg_read(&r, buf, len));
}
END_TEST

/* --- lease --- */

static struct dhcp_reply
answer(enum dhcp_type type, uint32_t lease_s)
{
	return (struct dhcp_reply){ .type = type,
		.xid = XID,
		.address = ip("10.0.0.7"),
		.server = ip("10.0.0.1"),
		.lease_s = lease_s,
		.dns = { ip("10.0.0.2") } };
}

static enum dhcp_step
hear(enum dhcp_type type, uint32_t lease_s, int64_t ms)
{
	struct dhcp_reply r = answer(type, lease_s);

	return dhcp_lease_reply(&lease, &r, at(ms));
}

static struct dhcp_request
request(int64_t ms)
{
	struct dhcp_request r;

	dhcp_lease_request(&lease, at(ms), &r);
	return r;
}

static void
begin(void)
{
	dhcp_lease_begin(&lease, &id, XID, at(0));
}

/* Bound at 0 for lease_s. */
static void
bind_for(uint32_t lease_s)
{
	begin();
	ck_assert_int_eq(hear(DHCP_OFFER, lease_s, 0), DHCP_SEND);
	ck_assert_int_eq(hear(DHCP_ACK, lease_s, 0), DHCP_GOT);
}

START_TEST(lease_is_discovered_and_requested)
{
	struct dhcp_request r;

	begin();
	r = request(0);
	ck_assert_int_eq(r.type, DHCP_DISCOVER);
	ck_assert_uint_eq(r.xid, XID);
	ck_assert_uint_eq(r.wanted.s_addr, 0);
	ck_assert_int_eq(hear(DHCP_OFFER, 600, 1500), DHCP_SEND);
	r = request(1500);
	ck_assert_int_eq(r.type, DHCP_REQUEST);
	ck_assert_uint_eq(r.secs, 1);
	ck_assert_uint_eq(r.wanted.s_addr, inet_addr("10.0.0.7"));
	ck_assert_uint_eq(r.server.s_addr, inet_addr("10.0.0.1"));
	ck_assert_uint_eq(r.ciaddr.s_addr, 0);
	/* Another server's offer comes too late. */
	ck_assert_int_eq(hear(DHCP_OFFER, 600, 1600), DHCP_WAIT);
	ck_assert_int_eq(hear(DHCP_ACK, 600, 1700), DHCP_GOT);
	ck_assert_uint_eq(lease.address.s_addr, inet_addr("10.0.0.7"));
	ck_assert_uint_eq(lease.dns[0].s_addr, inet_addr("10.0.0.2"));
	ck_assert_int_eq(lease.deadline.ms, 1700 + 300000);
	ck_assert_int_eq(hear(DHCP_ACK, 600, 1800), DHCP_WAIT);
}
END_TEST

START_TEST(discover_is_repeated_until_patience_ends)
{
	static const int64_t when[] = { 1000, 3000, 7000, 11000 };
	size_t i;

	begin();
	for (i = 0; i < sizeof(when) / sizeof(when[0]); i++) {
		ck_assert_int_eq(lease.deadline.ms, when[i]);
		ck_assert_int_eq(
		    dhcp_lease_expire(&lease, at(when[i] - 1)), DHCP_WAIT);
		ck_assert_int_eq(
		    dhcp_lease_expire(&lease, at(when[i])), DHCP_SEND);
		ck_assert_int_eq(request(when[i]).type, DHCP_DISCOVER);
	}
	ck_assert_int_eq(lease.deadline.ms, DHCP_PATIENCE_MS);
	ck_assert_int_eq(
	    dhcp_lease_expire(&lease, at(DHCP_PATIENCE_MS)), DHCP_LOST);
	ck_assert_str_eq(lease.why, "no DHCP server offers an address");
	ck_assert(mono_is_never(lease.deadline));
	/* And whatever comes now is too late. */
	ck_assert_int_eq(hear(DHCP_OFFER, 600, 12001), DHCP_WAIT);
	ck_assert_int_eq(dhcp_lease_expire(&lease, at(99999)), DHCP_WAIT);
}
END_TEST

START_TEST(offer_that_is_not_confirmed_is_none)
{
	begin();
	ck_assert_int_eq(hear(DHCP_OFFER, 600, 500), DHCP_SEND);
	ck_assert_int_eq(dhcp_lease_expire(&lease, at(1500)), DHCP_SEND);
	ck_assert_int_eq(request(1500).type, DHCP_REQUEST);
	while (lease.deadline.ms < DHCP_PATIENCE_MS)
		ck_assert_int_eq(
		    dhcp_lease_expire(&lease, lease.deadline), DHCP_SEND);
	ck_assert_int_eq(dhcp_lease_expire(&lease, lease.deadline), DHCP_LOST);
	ck_assert_str_eq(
	    lease.why, "the DHCP server does not confirm its offer");
}
END_TEST

START_TEST(nak_begins_anew_after_a_while)
{
	begin();
	ck_assert_int_eq(hear(DHCP_OFFER, 600, 0), DHCP_SEND);
	ck_assert_int_eq(hear(DHCP_NAK, 0, 100), DHCP_WAIT);
	ck_assert_int_eq(lease.deadline.ms, 1100);
	ck_assert_int_eq(dhcp_lease_expire(&lease, at(1100)), DHCP_SEND);
	ck_assert_int_eq(request(1100).type, DHCP_DISCOVER);
	ck_assert_uint_eq(request(1100).wanted.s_addr, 0);
}
END_TEST

START_TEST(offer_without_address_or_server_is_none)
{
	struct dhcp_reply r = answer(DHCP_OFFER, 600);

	begin();
	r.address.s_addr = 0;
	ck_assert_int_eq(dhcp_lease_reply(&lease, &r, at(1)), DHCP_WAIT);
	r = answer(DHCP_OFFER, 600);
	r.server.s_addr = 0;
	ck_assert_int_eq(dhcp_lease_reply(&lease, &r, at(1)), DHCP_WAIT);
	r = answer(DHCP_OFFER, 600);
	r.address = ip("224.0.0.5");
	ck_assert_int_eq(dhcp_lease_reply(&lease, &r, at(1)), DHCP_WAIT);
	r.address = ip("127.0.0.5");
	ck_assert_int_eq(dhcp_lease_reply(&lease, &r, at(1)), DHCP_WAIT);
	r.address = ip("255.255.255.255");
	ck_assert_int_eq(dhcp_lease_reply(&lease, &r, at(1)), DHCP_WAIT);
}
END_TEST

START_TEST(lease_is_asked_for_again_at_half_its_time)
{
	struct dhcp_request r;

	bind_for(600);
	ck_assert_int_eq(dhcp_lease_expire(&lease, at(299999)), DHCP_WAIT);
	ck_assert_int_eq(dhcp_lease_expire(&lease, at(300000)), DHCP_SEND);
	r = request(300000);
	ck_assert_int_eq(r.type, DHCP_REQUEST);
	/* As after a restart: 2131 4.3.2. */
	ck_assert_uint_eq(r.wanted.s_addr, inet_addr("10.0.0.7"));
	ck_assert_uint_eq(r.server.s_addr, 0);
	ck_assert_uint_eq(r.ciaddr.s_addr, 0);
	ck_assert_int_eq(hear(DHCP_ACK, 600, 300100), DHCP_WAIT);
	ck_assert_int_eq(lease.deadline.ms, 600100);
}
END_TEST

START_TEST(lease_ends_when_nobody_renews_it)
{
	int sent = 0;

	bind_for(600);
	while (dhcp_lease_expire(&lease, lease.deadline) == DHCP_SEND)
		sent++;
	ck_assert_int_ge(sent, 3);
	ck_assert_int_eq(lease.state, DHCP_OVER);
	ck_assert_str_eq(lease.why, "the DHCP lease has ended without another");
}
END_TEST

START_TEST(server_takes_the_address_back)
{
	struct dhcp_reply r = answer(DHCP_NAK, 0);

	bind_for(600);
	ck_assert_int_eq(dhcp_lease_expire(&lease, at(300000)), DHCP_SEND);
	r.server = ip("10.0.0.99"); /* whose it is not */
	ck_assert_int_eq(dhcp_lease_reply(&lease, &r, at(300001)), DHCP_WAIT);
	ck_assert_int_eq(hear(DHCP_NAK, 0, 300002), DHCP_LOST);
	ck_assert_str_eq(
	    lease.why, "the DHCP server has taken the address back");
}
END_TEST

START_TEST(other_address_does_not_renew)
{
	struct dhcp_reply r = answer(DHCP_ACK, 600);

	bind_for(600);
	ck_assert_int_eq(dhcp_lease_expire(&lease, at(300000)), DHCP_SEND);
	r.address = ip("10.0.0.8");
	ck_assert_int_eq(dhcp_lease_reply(&lease, &r, at(300001)), DHCP_WAIT);
	ck_assert_int_eq(lease.state, DHCP_RENEWING);
}
END_TEST

START_TEST(lease_without_end_is_kept)
{
	bind_for(DHCP_FOREVER);
	ck_assert(mono_is_never(lease.deadline));
	ck_assert_int_eq(dhcp_lease_expire(&lease, at(INT32_MAX)), DHCP_WAIT);
}
END_TEST

START_TEST(times_that_make_no_sense_are_mended)
{
	struct dhcp_reply r = answer(DHCP_ACK, 600);

	begin();
	ck_assert_int_eq(hear(DHCP_OFFER, 600, 0), DHCP_SEND);
	r.renew_s = 601;
	ck_assert_int_eq(dhcp_lease_reply(&lease, &r, at(0)), DHCP_GOT);
	ck_assert_int_eq(lease.deadline.ms, 300000);
	begin();
	ck_assert_int_eq(hear(DHCP_OFFER, 600, 0), DHCP_SEND);
	ck_assert_int_eq(hear(DHCP_ACK, 0, 0), DHCP_WAIT);
}
END_TEST

START_TEST(only_what_was_given_is_given_back)
{
	struct dhcp_request r;

	begin();
	ck_assert(!dhcp_lease_release(&lease, &r));
	bind_for(600);
	ck_assert(dhcp_lease_release(&lease, &r));
	ck_assert_int_eq(r.type, DHCP_RELEASE);
	ck_assert_uint_eq(r.ciaddr.s_addr, inet_addr("10.0.0.7"));
	ck_assert_uint_eq(r.server.s_addr, inet_addr("10.0.0.1"));
	ck_assert_uint_eq(r.wanted.s_addr, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("dhcp");
	TCase *tc = tcase_create("message");

	tcase_add_test(tc, discover_says_who_asks);
	tcase_add_test(tc, request_names_address_and_server);
	tcase_add_test(tc, longest_message_fits);
	tcase_add_test(tc, reply_is_read);
	tcase_add_test(tc, reply_that_is_cut_is_no_reply);
	tcase_add_test(tc, other_messages_are_no_replies);
	suite_add_tcase(s, tc);
	tc = tcase_create("lease");
	tcase_add_test(tc, lease_is_discovered_and_requested);
	tcase_add_test(tc, discover_is_repeated_until_patience_ends);
	tcase_add_test(tc, offer_that_is_not_confirmed_is_none);
	tcase_add_test(tc, nak_begins_anew_after_a_while);
	tcase_add_test(tc, offer_without_address_or_server_is_none);
	tcase_add_test(tc, lease_is_asked_for_again_at_half_its_time);
	tcase_add_test(tc, lease_ends_when_nobody_renews_it);
	tcase_add_test(tc, server_takes_the_address_back);
	tcase_add_test(tc, other_address_does_not_renew);
	tcase_add_test(tc, lease_without_end_is_kept);
	tcase_add_test(tc, times_that_make_no_sense_are_mended);
	tcase_add_test(tc, only_what_was_given_is_given_back);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
