/* SPDX-License-Identifier: ISC */
/* nf_tables by netlink; contract in nft.h. */

#include "nft.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <stddef.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "nl.h"

/* What one message may need at most. */
#define MESSAGE_MAX 1024

struct mnl_socket *
nft_open(void)
{
	return nl_open(NETLINK_NETFILTER, 0);
}

/* The next message of the batch; NULL: no room. */
static struct nlmsghdr *
message(struct nft_batch *b, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *h;
	struct nfgenmsg *g;

	if (b->len + MESSAGE_MAX > sizeof(b->buf)) {
		b->len = sizeof(b->buf);
		return NULL;
	}
	h = mnl_nlmsg_put_header(b->buf + b->len);
	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	h->nlmsg_seq = b->seq + b->n;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	b->n++;
	b->msg = h;
	return h;
}

static void
finish(struct nft_batch *b)
{
	if (b->len < sizeof(b->buf))
		b->len += b->msg->nlmsg_len;
}

/* A message of the table's own; it is acknowledged. */
static struct nlmsghdr *
table_message(struct nft_batch *b, uint16_t type, uint16_t flags)
{
	return message(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
	    (uint16_t)(flags | NLM_F_ACK), b->family);
}

static void
frame(struct nft_batch *b, uint16_t type)
{
	struct nlmsghdr *h = message(b, type, 0, AF_UNSPEC);
	struct nfgenmsg *g;

	if (h == NULL)
		return;
	g = mnl_nlmsg_get_payload(h);
	g->res_id = htons(NFNL_SUBSYS_NFTABLES);
	finish(b);
}

void
nft_begin(struct nft_batch *b, uint8_t family, const char *table)
{
	static uint32_t seq = 1;

	memset(b, 0, sizeof(*b));
	b->family = family;
	b->table = table;
	b->seq = seq;
	seq += NFT_BATCH_SIZE;
	frame(b, NFNL_MSG_BATCH_BEGIN);
}

/* Reads what there is; every message but the frame is acknowledged, and of a
 * refused batch the first error is the cause. */
static int
read_answers(struct mnl_socket *nl, uint32_t first, uint32_t n)
{
	char buf[NFT_BATCH_SIZE];
	const struct nlmsgerr *e;
	struct nlmsghdr *h;
	int left, error = 0;
	ssize_t got;

	while (n > 0) {
		got = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (got == -1)
			return -1;
		left = (int)got;
		for (h = (void *)buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left)) {
			if (h->nlmsg_type != NLMSG_ERROR ||
			    h->nlmsg_seq - first >= NFT_BATCH_SIZE)
				continue;
			e = mnl_nlmsg_get_payload(h);
			if (e->error != 0 && error == 0)
				error = -e->error;
			/* The frame only answers if something is wrong with
			 * the whole. */
			if (h->nlmsg_seq == first)
				n = 1;
			n--;
		}
	}
	errno = error;
	return error == 0 ? 0 : -1;
}

int
nft_commit(struct nft_batch *b, struct mnl_socket *nl)
{
	frame(b, NFNL_MSG_BATCH_END);
	if (b->len == sizeof(b->buf)) {
		errno = EMSGSIZE;
		return -1;
	}
	if (mnl_socket_sendto(nl, b->buf, b->len) == -1)
		return -1;
	return read_answers(nl, b->seq, b->n - 2);
}

static void
put_be32(struct nlmsghdr *h, uint16_t type, uint32_t value)
{
	mnl_attr_put_u32(h, type, htonl(value));
}

void
nft_table(struct nft_batch *b, uint32_t flags)
{
	struct nlmsghdr *h = table_message(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);

	if (h == NULL)
		return;
	mnl_attr_put_strz(h, NFTA_TABLE_NAME, b->table);
	put_be32(h, NFTA_TABLE_FLAGS, flags);
	finish(b);
}

void
nft_chain(struct nft_batch *b, const struct nft_chain *c)
{
	struct nlmsghdr *h = table_message(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *hook;

	if (h == NULL)
		return;
	mnl_attr_put_strz(h, NFTA_CHAIN_TABLE, b->table);
	mnl_attr_put_strz(h, NFTA_CHAIN_NAME, c->name);
	if (c->type == NULL) {
		finish(b);
		return;
	}
	hook = mnl_attr_nest_start(h, NFTA_CHAIN_HOOK);
	put_be32(h, NFTA_HOOK_HOOKNUM, c->hook);
	put_be32(h, NFTA_HOOK_PRIORITY, (uint32_t)c->priority);
	mnl_attr_nest_end(h, hook);
	put_be32(h, NFTA_CHAIN_POLICY, NF_ACCEPT);
	mnl_attr_put_strz(h, NFTA_CHAIN_TYPE, c->type);
	finish(b);
}

void
nft_set(struct nft_batch *b, const struct nft_set *s)
{
	struct nlmsghdr *h = table_message(b, NFT_MSG_NEWSET, NLM_F_CREATE);

	if (h == NULL)
		return;
	mnl_attr_put_strz(h, NFTA_SET_TABLE, b->table);
	mnl_attr_put_strz(h, NFTA_SET_NAME, s->name);
	put_be32(h, NFTA_SET_FLAGS, s->flags);
	put_be32(h, NFTA_SET_KEY_TYPE, s->key_type);
	put_be32(h, NFTA_SET_KEY_LEN, s->key_len);
	if (s->flags & NFT_SET_MAP) {
		put_be32(h, NFTA_SET_DATA_TYPE, s->data_type);
		put_be32(h, NFTA_SET_DATA_LEN, s->data_len);
	}
	put_be32(h, NFTA_SET_ID, s->id);
	finish(b);
}

static void
put_value(struct nlmsghdr *h, uint16_t type, const void *data, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(h, type);

	mnl_attr_put(h, NFTA_DATA_VALUE, len, data);
	mnl_attr_nest_end(h, nest);
}

void
nft_element(struct nft_batch *b, const char *set, bool add, const void *key,
    size_t key_len, const void *data, size_t data_len)
{
	struct nlmsghdr *h =
	    table_message(b, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
		add ? NLM_F_CREATE : 0);
	struct nlattr *list, *element;

	if (h == NULL)
		return;
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, b->table);
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, set);
	list = mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS);
	element = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	put_value(h, NFTA_SET_ELEM_KEY, key, key_len);
	if (add && data != NULL)
		put_value(h, NFTA_SET_ELEM_DATA, data, data_len);
	mnl_attr_nest_end(h, element);
	mnl_attr_nest_end(h, list);
	finish(b);
}

void
nft_rule(struct nft_batch *b, const char *chain)
{
	struct nlmsghdr *h =
	    table_message(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	if (h == NULL)
		return;
	mnl_attr_put_strz(h, NFTA_RULE_TABLE, b->table);
	mnl_attr_put_strz(h, NFTA_RULE_CHAIN, chain);
	b->exprs = mnl_attr_nest_start(h, NFTA_RULE_EXPRESSIONS);
}

void
nft_rule_end(struct nft_batch *b)
{
	if (b->len == sizeof(b->buf))
		return;
	mnl_attr_nest_end(b->msg, b->exprs);
	finish(b);
}

void
nft_rule_end_with(struct nft_batch *b, const char *comment)
{
	const size_t len = strlen(comment) + 1;
	uint8_t udata[2 + 128] = { NFT_UDATA_COMMENT, (uint8_t)len };

	if (b->len == sizeof(b->buf))
		return;
	assert(len <= 128);
	memcpy(&udata[2], comment, len);
	mnl_attr_nest_end(b->msg, b->exprs);
	mnl_attr_put(b->msg, NFTA_RULE_USERDATA, 2 + len, udata);
	finish(b);
}

/* An expression under construction. */
struct expr {
	struct nlattr *elem, *data;
};

/* False: there is no rule to put it in. */
static bool
expr_begin(struct nft_batch *b, struct expr *e, const char *name)
{
	if (b->len == sizeof(b->buf))
		return false;
	e->elem = mnl_attr_nest_start(b->msg, NFTA_LIST_ELEM);
	mnl_attr_put_strz(b->msg, NFTA_EXPR_NAME, name);
	e->data = mnl_attr_nest_start(b->msg, NFTA_EXPR_DATA);
	return true;
}

static void
expr_end(struct nft_batch *b, const struct expr *e)
{
	mnl_attr_nest_end(b->msg, e->data);
	mnl_attr_nest_end(b->msg, e->elem);
}

void
nft_payload(struct nft_batch *b, uint32_t base, uint32_t offset, uint32_t len,
    uint32_t dreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "payload"))
		return;
	put_be32(b->msg, NFTA_PAYLOAD_DREG, dreg);
	put_be32(b->msg, NFTA_PAYLOAD_BASE, base);
	put_be32(b->msg, NFTA_PAYLOAD_OFFSET, offset);
	put_be32(b->msg, NFTA_PAYLOAD_LEN, len);
	expr_end(b, &e);
}

void
nft_mask(struct nft_batch *b, uint32_t reg, const void *mask, size_t len)
{
	static const uint8_t zero[16];
	struct expr e;

	if (!expr_begin(b, &e, "bitwise"))
		return;
	put_be32(b->msg, NFTA_BITWISE_SREG, reg);
	put_be32(b->msg, NFTA_BITWISE_DREG, reg);
	put_be32(b->msg, NFTA_BITWISE_LEN, (uint32_t)len);
	put_value(b->msg, NFTA_BITWISE_MASK, mask, len);
	put_value(b->msg, NFTA_BITWISE_XOR, zero, len);
	expr_end(b, &e);
}

void
nft_cmp(struct nft_batch *b, uint32_t sreg, uint32_t op, const void *data,
    size_t len)
{
	struct expr e;

	if (!expr_begin(b, &e, "cmp"))
		return;
	put_be32(b->msg, NFTA_CMP_SREG, sreg);
	put_be32(b->msg, NFTA_CMP_OP, op);
	put_value(b->msg, NFTA_CMP_DATA, data, len);
	expr_end(b, &e);
}

void
nft_meta(struct nft_batch *b, uint32_t key, uint32_t dreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "meta"))
		return;
	put_be32(b->msg, NFTA_META_KEY, key);
	put_be32(b->msg, NFTA_META_DREG, dreg);
	expr_end(b, &e);
}

void
nft_meta_set(struct nft_batch *b, uint32_t key, uint32_t sreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "meta"))
		return;
	put_be32(b->msg, NFTA_META_KEY, key);
	put_be32(b->msg, NFTA_META_SREG, sreg);
	expr_end(b, &e);
}

void
nft_spi_in(struct nft_batch *b, uint32_t dreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "xfrm"))
		return;
	put_be32(b->msg, NFTA_XFRM_DREG, dreg);
	put_be32(b->msg, NFTA_XFRM_KEY, NFT_XFRM_KEY_SPI);
	mnl_attr_put_u8(b->msg, NFTA_XFRM_DIR, 0);
	put_be32(b->msg, NFTA_XFRM_SPNUM, 0);
	expr_end(b, &e);
}

void
nft_lookup(
    struct nft_batch *b, const struct nft_set *s, uint32_t sreg, uint32_t dreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "lookup"))
		return;
	mnl_attr_put_strz(b->msg, NFTA_LOOKUP_SET, s->name);
	put_be32(b->msg, NFTA_LOOKUP_SET_ID, s->id);
	put_be32(b->msg, NFTA_LOOKUP_SREG, sreg);
	if (dreg != 0)
		put_be32(b->msg, NFTA_LOOKUP_DREG, dreg);
	expr_end(b, &e);
}

struct place {
	uint32_t offset, len;
};

static struct place
place_of(const struct nft_batch *b, enum nft_addr which)
{
	if (b->family == NFPROTO_IPV6)
		return (struct place){ which == NFT_SADDR
					   ? offsetof(struct ip6_hdr, ip6_src)
					   : offsetof(struct ip6_hdr, ip6_dst),
			sizeof(struct in6_addr) };
	return (struct place){ which == NFT_SADDR
				   ? offsetof(struct iphdr, saddr)
				   : offsetof(struct iphdr, daddr),
		sizeof(struct in_addr) };
}

void
nft_addr_load(struct nft_batch *b, enum nft_addr which, uint32_t dreg)
{
	const struct place p = place_of(b, which);

	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, p.offset, p.len, dreg);
}

void
nft_addr_set(struct nft_batch *b, enum nft_addr which, uint32_t sreg)
{
	const struct place p = place_of(b, which);
	struct expr e;

	if (!expr_begin(b, &e, "payload"))
		return;
	put_be32(b->msg, NFTA_PAYLOAD_SREG, sreg);
	put_be32(b->msg, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	put_be32(b->msg, NFTA_PAYLOAD_OFFSET, p.offset);
	put_be32(b->msg, NFTA_PAYLOAD_LEN, p.len);
	if (b->family == NFPROTO_IPV4) {
		put_be32(b->msg, NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
		put_be32(b->msg, NFTA_PAYLOAD_CSUM_OFFSET,
		    offsetof(struct iphdr, check));
	}
	put_be32(b->msg, NFTA_PAYLOAD_CSUM_FLAGS, NFT_PAYLOAD_L4CSUM_PSEUDOHDR);
	expr_end(b, &e);
}

void
nft_ipsec_out(struct nft_batch *b, uint32_t dreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "rt"))
		return;
	put_be32(b->msg, NFTA_RT_DREG, dreg);
	put_be32(b->msg, NFTA_RT_KEY, NFT_RT_XFRM);
	expr_end(b, &e);
}

void
nft_daddr_type(struct nft_batch *b, uint32_t dreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "fib"))
		return;
	put_be32(b->msg, NFTA_FIB_DREG, dreg);
	put_be32(b->msg, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	put_be32(b->msg, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	expr_end(b, &e);
}

void
nft_tcp_mss(struct nft_batch *b, uint32_t dreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "rt"))
		return;
	put_be32(b->msg, NFTA_RT_DREG, dreg);
	put_be32(b->msg, NFTA_RT_KEY, NFT_RT_TCPMSS);
	expr_end(b, &e);
	if (!expr_begin(b, &e, "byteorder"))
		return;
	put_be32(b->msg, NFTA_BYTEORDER_SREG, dreg);
	put_be32(b->msg, NFTA_BYTEORDER_DREG, dreg);
	put_be32(b->msg, NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	put_be32(b->msg, NFTA_BYTEORDER_LEN, sizeof(uint16_t));
	put_be32(b->msg, NFTA_BYTEORDER_SIZE, sizeof(uint16_t));
	expr_end(b, &e);
}

void
nft_tcp_mss_set(struct nft_batch *b, uint32_t sreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "exthdr"))
		return;
	put_be32(b->msg, NFTA_EXTHDR_SREG, sreg);
	mnl_attr_put_u8(b->msg, NFTA_EXTHDR_TYPE, TCPOPT_MAXSEG);
	put_be32(b->msg, NFTA_EXTHDR_OFFSET, 2);
	put_be32(b->msg, NFTA_EXTHDR_LEN, sizeof(uint16_t));
	put_be32(b->msg, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
	expr_end(b, &e);
}

void
nft_way_back(struct nft_batch *b, uint32_t dreg)
{
	struct expr e;

	if (!expr_begin(b, &e, "fib"))
		return;
	put_be32(b->msg, NFTA_FIB_DREG, dreg);
	put_be32(b->msg, NFTA_FIB_RESULT, NFT_FIB_RESULT_OIF);
	put_be32(b->msg, NFTA_FIB_FLAGS,
	    NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF | NFTA_FIB_F_PRESENT);
	expr_end(b, &e);
}

void
nft_notrack(struct nft_batch *b)
{
	struct expr e;

	if (expr_begin(b, &e, "notrack"))
		expr_end(b, &e);
}

void
nft_counter(struct nft_batch *b)
{
	struct expr e;

	if (expr_begin(b, &e, "counter"))
		expr_end(b, &e);
}

static void
put_verdict(struct nft_batch *b, uint32_t verdict, const char *chain)
{
	struct nlattr *data, *code;
	struct expr e;

	if (!expr_begin(b, &e, "immediate"))
		return;
	put_be32(b->msg, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = mnl_attr_nest_start(b->msg, NFTA_IMMEDIATE_DATA);
	code = mnl_attr_nest_start(b->msg, NFTA_DATA_VERDICT);
	put_be32(b->msg, NFTA_VERDICT_CODE, verdict);
	if (chain != NULL)
		mnl_attr_put_strz(b->msg, NFTA_VERDICT_CHAIN, chain);
	mnl_attr_nest_end(b->msg, code);
	mnl_attr_nest_end(b->msg, data);
	expr_end(b, &e);
}

void
nft_verdict(struct nft_batch *b, uint32_t verdict)
{
	put_verdict(b, verdict, NULL);
}

void
nft_goto(struct nft_batch *b, const char *chain)
{
	put_verdict(b, (uint32_t)NFT_GOTO, chain);
}
