/* SPDX-License-Identifier: ISC */
/* What the guard has dropped; contracts in drops.h, include/ipsec_view.h. */

#include "drops.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <libmnl/libmnl.h>

#include "guard.h"
#include "nft.h"
#include "nl.h"
#include "steer.h"

/* Of a list that changes while it is read. */
#define TRIES 3

const char *
ipsec_drop_name(enum ipsec_drop why)
{
	static const char *const names[IPSEC_DROP_N] = {
		[IPSEC_DROP_CLEAR_IN] = GUARD_CLEAR_IN,
		[IPSEC_DROP_CLEAR_OUT] = GUARD_CLEAR_OUT,
		[IPSEC_DROP_ICMP_OUT] = GUARD_ICMP_OUT,
		[IPSEC_DROP_FORGED] = GUARD_FORGED,
		[IPSEC_DROP_NO_TUNNEL] = GUARD_NO_TUNNEL,
	};

	return names[why];
}

/* --- a rule --- */

struct rule {
	const char *comment; /* with its NUL; NULL: none */
	uint64_t packets;
};

static int
take_counter_value(const struct nlattr *attr, void *arg)
{
	uint64_t *packets = arg;

	if (mnl_attr_get_type(attr) == NFTA_COUNTER_PACKETS &&
	    mnl_attr_validate(attr, MNL_TYPE_U64) == 0)
		*packets = be64toh(mnl_attr_get_u64(attr));
	return MNL_CB_OK;
}

struct expression {
	const struct nlattr *data; /* NULL: none */
	bool counter;
};

static int
take_expression(const struct nlattr *attr, void *arg)
{
	struct expression *e = arg;

	if (mnl_attr_get_type(attr) == NFTA_EXPR_DATA)
		e->data = attr;
	else if (mnl_attr_get_type(attr) == NFTA_EXPR_NAME &&
		 mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		e->counter = strcmp(mnl_attr_get_str(attr), "counter") == 0;
	return MNL_CB_OK;
}

static int
take_element(const struct nlattr *attr, void *arg)
{
	struct expression e = { .data = NULL };
	struct rule *r = arg;

	if (mnl_attr_get_type(attr) != NFTA_LIST_ELEM)
		return MNL_CB_OK;
	(void)mnl_attr_parse_nested(attr, take_expression, &e);
	if (e.counter && e.data != NULL)
		(void)mnl_attr_parse_nested(
		    e.data, take_counter_value, &r->packets);
	return MNL_CB_OK;
}

/* As nft(8) puts it there: type, length, octets, one behind another. */
static const char *
find_comment(const uint8_t *p, size_t len)
{
	while (len >= 2 && len - 2 >= p[1]) {
		if (p[0] == NFT_UDATA_COMMENT)
			return p[1] > 0 && p[1 + p[1]] == '\0'
				   ? (const char *)&p[2]
				   : NULL;
		len -= 2u + p[1];
		p += 2 + p[1];
	}
	return NULL;
}

static int
take_attr(const struct nlattr *attr, void *arg)
{
	struct rule *r = arg;

	if (mnl_attr_get_type(attr) == NFTA_RULE_USERDATA)
		r->comment = find_comment(
		    mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	else if (mnl_attr_get_type(attr) == NFTA_RULE_EXPRESSIONS)
		(void)mnl_attr_parse_nested(attr, take_element, r);
	return MNL_CB_OK;
}

bool
drops_take_rule(const struct nlmsghdr *h, uint64_t packets[IPSEC_DROP_N])
{
	struct rule r = { .comment = NULL };
	unsigned int why;

	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE) ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(struct nfgenmsg)))
		return false;
	(void)mnl_attr_parse(h, sizeof(struct nfgenmsg), take_attr, &r);
	for (why = 0; r.comment != NULL && why < IPSEC_DROP_N; why++)
		if (strcmp(r.comment, ipsec_drop_name(why)) == 0) {
			packets[why] += r.packets;
			return true;
		}
	return false;
}

void
drops_add(
    struct drops *d, unsigned int table, const uint64_t packets[IPSEC_DROP_N])
{
	uint64_t *last = d->last[table];
	unsigned int i;

	for (i = 0; i < IPSEC_DROP_N; i++) {
		/* Fewer than before: it has been made anew. */
		d->sum.packets[i] +=
		    packets[i] - (packets[i] < last[i] ? 0 : last[i]);
		last[i] = packets[i];
	}
}

/* --- the kernel's --- */

static const struct {
	uint8_t family;
	const char *name;
} tables[DROPS_TABLES] = {
	{ NFPROTO_IPV4, GUARD_TABLE },
	{ NFPROTO_IPV6, GUARD_TABLE },
	{ NFPROTO_IPV4, STEER_TABLE },
	{ NFPROTO_IPV6, STEER_TABLE },
};

static int
on_rule(const struct nlmsghdr *h, void *arg)
{
	(void)drops_take_rule(h, arg);
	return MNL_CB_OK;
}

/* Of any family, the kernel would tell of the first table alone. */
static int
dump_table(size_t table, uint64_t packets[IPSEC_DROP_N])
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *h;
	struct nfgenmsg *g;
	int rc = -1, i;

	for (i = 0; rc == -1 && i < TRIES; i++) {
		memset(packets, 0, IPSEC_DROP_N * sizeof(*packets));
		h = mnl_nlmsg_put_header(buf);
		h->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE;
		h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		h->nlmsg_seq = 1;
		g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
		g->nfgen_family = tables[table].family;
		g->version = NFNETLINK_V0;
		mnl_attr_put_strz(h, NFTA_RULE_TABLE, tables[table].name);
		rc = nl_ask(NETLINK_NETFILTER, h, on_rule, packets);
		if (rc == -1 && errno != EINTR)
			break;
	}
	return rc;
}

void
ipsec_read_drops(struct ipsec_drops *out)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct drops drops;
	uint64_t packets[IPSEC_DROP_N];
	unsigned int i;

	/* What is read later is added later. */
	pthread_mutex_lock(&lock);
	for (i = 0; i < DROPS_TABLES; i++)
		if (dump_table(i, packets) != -1)
			drops_add(&drops, i, packets);
	*out = drops.sum;
	pthread_mutex_unlock(&lock);
}
