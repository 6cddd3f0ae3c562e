/* SPDX-License-Identifier: ISC */
/* What the guard's rules have dropped. */

#include <check.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "../../ipsec/drops.h"

static _Alignas(8) char buf[1024];
static uint64_t packets[IPSEC_DROP_N];

static void
setup(void)
{
	memset(packets, 0, sizeof(packets));
}

static void
put_expression(struct nlmsghdr *h, const char *name, uint64_t n)
{
	struct nlattr *elem = mnl_attr_nest_start(h, NFTA_LIST_ELEM), *data;

	mnl_attr_put_strz(h, NFTA_EXPR_NAME, name);
	data = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	mnl_attr_put_u64(h, NFTA_COUNTER_BYTES, htobe64(100 * n));
	mnl_attr_put_u64(h, NFTA_COUNTER_PACKETS, htobe64(n));
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, elem);
}

/* A rule with this comment, whose counter says so; as the kernel tells it. */
static struct nlmsghdr *
rule(const char *comment, uint64_t n)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	uint8_t udata[64] = { 7, 1, 'x', 0 };
	struct nlattr *list;
	struct nfgenmsg *g;
	size_t len = strlen(comment) + 1;

	h->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->nfgen_family = NFPROTO_IPV4;
	mnl_attr_put_strz(h, NFTA_RULE_TABLE, "lnsd");
	list = mnl_attr_nest_start(h, NFTA_RULE_EXPRESSIONS);
	put_expression(h, "payload", 77);
	put_expression(h, "counter", n);
	mnl_attr_nest_end(h, list);
	/* Behind something else, which is skipped. */
	udata[4] = (uint8_t)len;
	memcpy(&udata[5], comment, len);
	mnl_attr_put(h, NFTA_RULE_USERDATA, 5 + len, udata);
	return h;
}

START_TEST(rule_is_counted_by_its_comment)
{
	ck_assert(drops_take_rule(rule("clear_in", 3), packets));
	ck_assert(drops_take_rule(rule("forged", UINT64_C(1) << 40), packets));
	ck_assert(drops_take_rule(rule("forged", 1), packets));
	ck_assert_uint_eq(packets[IPSEC_DROP_CLEAR_IN], 3);
	ck_assert_uint_eq(packets[IPSEC_DROP_FORGED], (UINT64_C(1) << 40) + 1);
}
END_TEST

START_TEST(rule_of_somebody_else_is_not_counted)
{
	struct nlmsghdr *h;
	unsigned int i;

	ck_assert(!drops_take_rule(rule("", 3), packets));
	ck_assert(!drops_take_rule(rule("clear_i", 3), packets));
	h = rule("clear_in", 3);
	h->nlmsg_type++;
	ck_assert(!drops_take_rule(h, packets));
	for (i = 0; i < IPSEC_DROP_N; i++)
		ck_assert_uint_eq(packets[i], 0);
}
END_TEST

START_TEST(rule_truncated_at_every_length_never_hurts)
{
	struct nlmsghdr *h = rule("clear_in", 3);
	uint32_t n, len = h->nlmsg_len;
	char *copy;

	for (n = sizeof(*h); n <= len; n++) {
		/* A message is followed by its padding. */
		copy = malloc(NLMSG_ALIGN(n));
		memcpy(copy, buf, NLMSG_ALIGN(n));
		((struct nlmsghdr *)(void *)copy)->nlmsg_len = n;
		(void)drops_take_rule((void *)copy, packets);
		free(copy);
	}
	ck_assert_uint_ge(packets[IPSEC_DROP_CLEAR_IN], 3);
}
END_TEST

/* Each length field of the comment, too. */
START_TEST(comment_of_any_length_never_hurts)
{
	struct nlmsghdr *h = rule("clear_in", 3);
	const size_t at = h->nlmsg_len - 16; /* udata, without its padding */
	unsigned int i, k;

	for (k = 0; k < 16; k++)
		for (i = 0; i < 256; i++) {
			h = rule("clear_in", 3);
			buf[at + k] = (char)i;
			(void)drops_take_rule(h, packets);
		}
}
END_TEST

START_TEST(sum_goes_on_when_a_table_is_made_anew)
{
	static struct drops d;
	uint64_t now[IPSEC_DROP_N] = { 0 };

	memset(&d, 0, sizeof(d));
	now[IPSEC_DROP_CLEAR_IN] = 5;
	drops_add(&d, 0, now);
	drops_add(&d, 0, now);
	ck_assert_uint_eq(d.sum.packets[IPSEC_DROP_CLEAR_IN], 5);
	/* Another table of the same reason. */
	drops_add(&d, 3, now);
	ck_assert_uint_eq(d.sum.packets[IPSEC_DROP_CLEAR_IN], 10);
	/* Made anew, and 2 since. */
	now[IPSEC_DROP_CLEAR_IN] = 2;
	drops_add(&d, 0, now);
	ck_assert_uint_eq(d.sum.packets[IPSEC_DROP_CLEAR_IN], 12);
	/* Gone, and back. */
	now[IPSEC_DROP_CLEAR_IN] = 0;
	drops_add(&d, 0, now);
	ck_assert_uint_eq(d.sum.packets[IPSEC_DROP_CLEAR_IN], 12);
	now[IPSEC_DROP_CLEAR_IN] = 7;
	drops_add(&d, 0, now);
	ck_assert_uint_eq(d.sum.packets[IPSEC_DROP_CLEAR_IN], 19);
	ck_assert_uint_eq(d.sum.packets[IPSEC_DROP_CLEAR_OUT], 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("drops");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, rule_is_counted_by_its_comment);
	tcase_add_test(tc, rule_of_somebody_else_is_not_counted);
	tcase_add_test(tc, rule_truncated_at_every_length_never_hurts);
	tcase_add_test(tc, comment_of_any_length_never_hurts);
	tcase_add_test(tc, sum_goes_on_when_a_table_is_made_anew);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
