/* SPDX-License-Identifier: ISC */

#include "../../ipsec/policy.h"

#include <check.h>
#include <arpa/inet.h>
#include <netinet/in.h>

static const struct lns_path path = {
	.local = { .family = 4, .ip = { 203, 0, 113, 1 }, .port = 1701 },
	.peer = { .family = 4, .ip = { 198, 51, 100, 1 }, .port = 40000 },
};

START_TEST(in_demands_esp_of_any_sa)
{
	struct policy p;

	policy_in(&p, 4);
	ck_assert_uint_eq(p.len, sizeof(p.info) + sizeof(p.tmpl));
	ck_assert_uint_eq(p.info.dir, XFRM_POLICY_IN);
	ck_assert_uint_eq(p.info.action, XFRM_POLICY_ALLOW);
	ck_assert_uint_eq(p.info.sel.family, AF_INET);
	ck_assert_uint_eq(p.info.sel.prefixlen_s, 0);
	ck_assert_uint_eq(p.tmpl.id.proto, IPPROTO_ESP);
	ck_assert_uint_eq(p.tmpl.mode, XFRM_MODE_TRANSPORT);
	ck_assert_uint_eq(p.tmpl.optional, 0);
	ck_assert_uint_eq(p.tmpl.reqid, 0);
	ck_assert_uint_eq(p.tmpl.id.spi, 0);
	policy_in(&p, 6);
	ck_assert_uint_eq(p.info.sel.family, AF_INET6);
	ck_assert_uint_eq(p.tmpl.family, AF_INET6);
}
END_TEST

START_TEST(block_has_no_template)
{
	struct policy p;

	policy_block(&p, 4);
	ck_assert_uint_eq(p.len, sizeof(p.info));
	ck_assert_uint_eq(p.info.dir, XFRM_POLICY_OUT);
	ck_assert_uint_eq(p.info.action, XFRM_POLICY_BLOCK);
}
END_TEST

START_TEST(out_is_for_one_sa_between_two_ends)
{
	struct policy p;

	policy_out(&p, &path, 16401, 0x01020304);
	ck_assert_uint_eq(p.len, sizeof(p.info) + sizeof(p.tmpl));
	ck_assert_uint_eq(p.info.dir, XFRM_POLICY_OUT);
	ck_assert_uint_eq(p.info.action, XFRM_POLICY_ALLOW);
	ck_assert_uint_eq(p.info.sel.saddr.a4, inet_addr("203.0.113.1"));
	ck_assert_uint_eq(p.info.sel.daddr.a4, inet_addr("198.51.100.1"));
	ck_assert_uint_eq(p.info.sel.prefixlen_s, 32);
	ck_assert_uint_eq(p.info.sel.prefixlen_d, 32);
	ck_assert_uint_eq(p.info.sel.proto, IPPROTO_UDP);
	ck_assert_uint_eq(ntohs(p.info.sel.sport), 1701);
	ck_assert_uint_eq(ntohs(p.info.sel.dport), 40000);
	ck_assert_uint_eq(p.info.sel.dport_mask, 0xffff);
	ck_assert_uint_eq(p.tmpl.reqid, 16401);
	ck_assert_uint_eq(ntohl(p.tmpl.id.spi), 0x01020304);
	ck_assert_uint_eq(p.tmpl.aalgos, UINT32_MAX);
	ck_assert_uint_eq(p.tmpl.ealgos, UINT32_MAX);
}
END_TEST

/* The socket's own address is not the one that the datagram gets. */
START_TEST(out_in_ipv6_is_from_anywhere)
{
	const struct lns_path path6 = { .local = { .family = 6, .port = 1701 },
		.peer = { .family = 6, .port = 40000, .ip = { 0x20, 1 } } };
	struct policy p;

	policy_out(&p, &path6, 16401, 0x01020304);
	ck_assert_uint_eq(p.info.sel.family, AF_INET6);
	ck_assert_uint_eq(p.info.sel.prefixlen_s, 0);
	ck_assert_uint_eq(p.info.sel.prefixlen_d, 128);
	ck_assert_uint_eq(ntohs(p.info.sel.dport), 40000);
	ck_assert_uint_eq(ntohl(p.tmpl.id.spi), 0x01020304);
}
END_TEST

START_TEST(nothing_ends_by_itself)
{
	struct policy p;

	policy_out(&p, &path, 1, 1);
	ck_assert(p.info.lft.hard_byte_limit == XFRM_INF);
	ck_assert(p.info.lft.hard_packet_limit == XFRM_INF);
	ck_assert(p.info.lft.hard_add_expires_seconds == 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("policy");
	TCase *tc = tcase_create("policy");
	SRunner *r;
	int failed;

	tcase_add_test(tc, in_demands_esp_of_any_sa);
	tcase_add_test(tc, block_has_no_template);
	tcase_add_test(tc, out_is_for_one_sa_between_two_ends);
	tcase_add_test(tc, out_in_ipv6_is_from_anywhere);
	tcase_add_test(tc, nothing_ends_by_itself);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
