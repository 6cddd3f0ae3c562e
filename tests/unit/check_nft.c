/* SPDX-License-Identifier: ISC */

#include "../../include/nft.h"

#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

static struct nft_batch b;
static const struct nft_set set = {
	.name = "s", .flags = NFT_SET_MAP, .key_len = 4, .data_len = 8, .id = 1
};

static const struct nlmsghdr *
nth(uint32_t n)
{
	const struct nlmsghdr *h = (const void *)b.buf;
	int left = (int)b.len;

	while (n-- > 0) {
		ck_assert(mnl_nlmsg_ok(h, left));
		h = mnl_nlmsg_next(h, &left);
	}
	ck_assert(mnl_nlmsg_ok(h, left));
	return h;
}

struct wanted {
	uint16_t type;
	const struct nlattr *attr;
};

static int
on_attr(const struct nlattr *attr, void *arg)
{
	struct wanted *w = arg;

	if (mnl_attr_get_type(attr) == w->type)
		w->attr = attr;
	return MNL_CB_OK;
}

static const struct nlattr *
attr_of(const struct nlmsghdr *h, uint16_t type)
{
	struct wanted w = { .type = type };

	mnl_attr_parse(h, sizeof(struct nfgenmsg), on_attr, &w);
	ck_assert_ptr_nonnull(w.attr);
	return w.attr;
}

START_TEST(batch_begins_with_its_frame)
{
	const struct nfgenmsg *g;

	nft_begin(&b, NFPROTO_IPV4, "t");
	ck_assert_uint_eq(nth(0)->nlmsg_type, NFNL_MSG_BATCH_BEGIN);
	g = mnl_nlmsg_get_payload(nth(0));
	ck_assert_uint_eq(ntohs(g->res_id), NFNL_SUBSYS_NFTABLES);
}
END_TEST

START_TEST(element_names_table_and_set)
{
	const uint32_t key = htonl(7);
	const uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct nlattr *a;

	nft_begin(&b, NFPROTO_IPV4, "t");
	nft_element(&b, "s", true, &key, 4, data, sizeof(data));
	nft_element(&b, "s", false, &key, 4, NULL, 0);
	ck_assert_uint_eq(
	    nth(1)->nlmsg_type, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM);
	ck_assert_uint_eq(
	    nth(2)->nlmsg_type, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELSETELEM);
	ck_assert(nth(1)->nlmsg_flags & NLM_F_ACK);
	ck_assert_uint_eq(nth(2)->nlmsg_seq, nth(1)->nlmsg_seq + 1);
	a = attr_of(nth(1), NFTA_SET_ELEM_LIST_TABLE);
	ck_assert_str_eq(mnl_attr_get_str(a), "t");
	a = attr_of(nth(1), NFTA_SET_ELEM_LIST_SET);
	ck_assert_str_eq(mnl_attr_get_str(a), "s");
}
END_TEST

static const char *const names[] = { "payload", "bitwise", "cmp", "xfrm",
	"lookup", "payload", "rt", "fib", "rt", "byteorder", "exthdr", "fib",
	"notrack", "counter", "immediate" };
static size_t n_exprs;

static int
on_expr(const struct nlattr *attr, void *arg)
{
	const struct nlattr *name = mnl_attr_get_payload(attr);

	(void)arg;
	ck_assert_uint_lt(n_exprs, nitems(names));
	ck_assert_str_eq(mnl_attr_get_str(name), names[n_exprs]);
	n_exprs++;
	return MNL_CB_OK;
}

START_TEST(rule_holds_its_expressions_in_order)
{
	const uint8_t one = 1;

	nft_begin(&b, NFPROTO_IPV4, "t");
	nft_rule(&b, "c");
	nft_payload(&b, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, NFT_REG_1);
	nft_mask(&b, NFT_REG_1, &one, 1);
	nft_cmp(&b, NFT_REG_1, NFT_CMP_EQ, &one, 1);
	nft_spi_in(&b, NFT_REG_1);
	nft_lookup(&b, &set, NFT_REG_1, NFT_REG_2);
	nft_addr_set(&b, NFT_DADDR, NFT_REG_2);
	nft_ipsec_out(&b, NFT_REG_2);
	nft_daddr_type(&b, NFT_REG_2);
	nft_tcp_mss(&b, NFT_REG_2);
	nft_tcp_mss_set(&b, NFT_REG_2);
	nft_way_back(&b, NFT_REG_2);
	nft_notrack(&b);
	nft_counter(&b);
	nft_verdict(&b, NF_DROP);
	nft_rule_end(&b);
	n_exprs = 0;
	mnl_attr_parse_nested(
	    attr_of(nth(1), NFTA_RULE_EXPRESSIONS), on_expr, NULL);
	ck_assert_uint_eq(n_exprs, nitems(names));
}
END_TEST

/* Type, length, octets with their NUL: as libnftnl has it. */
START_TEST(rule_has_its_comment_behind_its_expressions)
{
	static const uint8_t want[] = { 0, 4, 'w', 'h', 'y', '\0' };
	const struct nlattr *a;

	nft_begin(&b, NFPROTO_IPV4, "t");
	nft_rule(&b, "c");
	nft_notrack(&b);
	nft_rule_end_with(&b, "why");
	nft_rule(&b, "c");
	nft_notrack(&b);
	nft_rule_end(&b);
	a = attr_of(nth(1), NFTA_RULE_USERDATA);
	ck_assert_uint_eq(mnl_attr_get_payload_len(a), sizeof(want));
	ck_assert_mem_eq(mnl_attr_get_payload(a), want, sizeof(want));
	(void)attr_of(nth(1), NFTA_RULE_EXPRESSIONS);
	(void)attr_of(nth(2), NFTA_RULE_EXPRESSIONS);
}
END_TEST

/* It never writes behind its buffer, and says so in the end. */
START_TEST(batch_without_room_is_refused)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_ROUTE);
	uint32_t i;

	ck_assert_ptr_nonnull(nl);
	nft_begin(&b, NFPROTO_IPV4, "t");
	for (i = 0; i < 1000; i++) {
		nft_element(&b, "s", true, &i, 4, NULL, 0);
		nft_rule(&b, "c");
		nft_spi_in(&b, NFT_REG_1);
		nft_verdict(&b, NF_DROP);
		if (i % 2 == 0)
			nft_rule_end(&b);
		else
			nft_rule_end_with(&b, "why");
	}
	errno = 0;
	ck_assert_int_eq(nft_commit(&b, nl), -1);
	ck_assert_int_eq(errno, EMSGSIZE);
	mnl_socket_close(nl);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nft");
	TCase *tc = tcase_create("nft");
	SRunner *r;
	int failed;

	tcase_add_test(tc, batch_begins_with_its_frame);
	tcase_add_test(tc, element_names_table_and_set);
	tcase_add_test(tc, rule_holds_its_expressions_in_order);
	tcase_add_test(tc, rule_has_its_comment_behind_its_expressions);
	tcase_add_test(tc, batch_without_room_is_refused);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
