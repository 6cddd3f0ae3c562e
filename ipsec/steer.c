/* SPDX-License-Identifier: ISC */
/* Packets to the socket of their client; contract in steer.h. */

#include "steer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include "guard.h"
#include "log.h"
#include "nl.h"
#include "nft.h"

#define L2TP_PORT 1701

/* Types of nft(8), for those who list the table. */
enum {
	TYPE_IPADDR = 7,
	TYPE_IP6ADDR = 8,
	TYPE_MARK = 19,
	TYPE_CONCAT_BITS = 6,
};

struct steer {
	struct in_addr range;
	struct mnl_socket *nl;	   /* the tables' owner */
	struct lns_addr *networks; /* IPv6, of addresses that are dialled */
	size_t n_networks;
};

/* IPv6 addresses of clients: the network of the one that is dialled, so that
 * routes and rules by the source hold for both; this; the IPv4 address. */
enum { NETWORK_LEN = 8 };
static const uint8_t host6[4] = { 0x6c, 0x6e, 0x73, 0x64 };

enum {
	REG_KEY = NFT_REG32_00,
	REG_ADDR = NFT_REG32_08,
};

/* What differs between the families. */
struct layout {
	uint32_t ip_len;
	uint32_t reg_spi; /* behind an address in REG_KEY */
	/* The addresses that clients dial. */
	struct nft_set local;
	/* Of the inbound SAs of clients with a socket, destination and SPI: to
	 * the client's address. */
	struct nft_set sa;
	/* Of a client's address: to the one that it has dialled. */
	struct nft_set dialled;
};

static const struct layout layout4 = { .ip_len = 4,
	.reg_spi = NFT_REG32_01,
	.local = { .name = "local",
	    .key_type = TYPE_IPADDR,
	    .key_len = 4,
	    .id = 1 },
	.sa = { .name = "sa",
	    .flags = NFT_SET_MAP,
	    .key_type = TYPE_IPADDR << TYPE_CONCAT_BITS | TYPE_MARK,
	    .key_len = 8,
	    .data_type = TYPE_IPADDR,
	    .data_len = 4,
	    .id = 2 } };
static const struct layout layout6 = { .ip_len = 16,
	.reg_spi = NFT_REG32_04,
	.local = { .name = "local",
	    .key_type = TYPE_IP6ADDR,
	    .key_len = 16,
	    .id = 1 },
	.sa = { .name = "sa",
	    .flags = NFT_SET_MAP,
	    .key_type = TYPE_IP6ADDR << TYPE_CONCAT_BITS | TYPE_MARK,
	    .key_len = 20,
	    .data_type = TYPE_IP6ADDR,
	    .data_len = 16,
	    .id = 2 },
	.dialled = { .name = "dialled",
	    .flags = NFT_SET_MAP,
	    .key_type = TYPE_IP6ADDR,
	    .key_len = 16,
	    .data_type = TYPE_IP6ADDR,
	    .data_len = 16,
	    .id = 3 } };

static const struct layout *
layout_of(const struct nft_batch *b)
{
	return b->family == NFPROTO_IPV6 ? &layout6 : &layout4;
}

static uint8_t
nfproto_of(const struct lns_addr *a)
{
	return a->family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

/* Before connection tracking, which these packets do not need. */
static const struct nft_chain chain_in = { "in", "filter", NF_INET_PRE_ROUTING,
	NF_IP_PRI_RAW };
static const struct nft_chain chain_out = { "out", "filter", NF_INET_LOCAL_OUT,
	NF_IP_PRI_RAW };
static const struct nft_chain chain_l2tp = { .name = "l2tp" };
static const struct nft_chain chain_rest = { .name = "rest" };
static const struct nft_chain chain_l2tp_out = { .name = "l2tp_out" };

/* RFC 768, RFC 8200: where ports and addresses are. */
enum { AT_SPORT = 0, AT_DPORT = 2, AT_SADDR6 = 8, AT_DADDR6 = 24 };

/* --- rules --- */

/* All packets pass this rule, ESP and those of users too: the port, which ends
 * it for nearly all of them, is the cheaper comparison. */
static void
put_first_rule(
    struct nft_batch *b, const char *chain, uint32_t port_at, const char *l2tp)
{
	const uint16_t port = htons(L2TP_PORT);
	const uint8_t udp = IPPROTO_UDP;

	nft_rule(b, chain);
	nft_payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, port_at, 2, REG_KEY);
	nft_cmp(b, REG_KEY, NFT_CMP_EQ, &port, sizeof(port));
	nft_meta(b, NFT_META_L4PROTO, REG_KEY);
	nft_cmp(b, REG_KEY, NFT_CMP_EQ, &udp, sizeof(udp));
	nft_goto(b, l2tp);
	nft_rule_end(b);
}

static void
match_local(struct nft_batch *b)
{
	nft_addr_load(b, NFT_DADDR, REG_KEY);
	nft_lookup(b, &layout_of(b)->local, REG_KEY, 0);
}

/* RFC 2661 3.1: the T bit; in a control message the length is always there,
 * so that the tunnel id is in the fifth and sixth octet. */
static void
match_data(struct nft_batch *b)
{
	const uint8_t t = 0x80, data = 0;

	nft_payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, 8, 1, REG_KEY);
	nft_mask(b, REG_KEY, &t, sizeof(t));
	nft_cmp(b, REG_KEY, NFT_CMP_EQ, &data, sizeof(data));
}

static void
match_no_tunnel(struct nft_batch *b)
{
	const uint16_t none = 0;

	nft_payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, 12, 2, REG_KEY);
	nft_cmp(b, REG_KEY, NFT_CMP_EQ, &none, sizeof(none));
}

static void
to_listener(struct nft_batch *b)
{
	nft_spi_in(b, REG_KEY);
	nft_meta_set(b, NFT_META_MARK, REG_KEY);
	nft_notrack(b);
	nft_verdict(b, NF_ACCEPT);
	nft_rule_end(b);
}

/* The SA says to which socket. */
static void
to_client(struct nft_batch *b)
{
	const struct layout *l = layout_of(b);

	nft_addr_load(b, NFT_DADDR, REG_KEY);
	nft_spi_in(b, l->reg_spi);
	nft_lookup(b, &l->sa, REG_KEY, REG_ADDR);
	nft_addr_set(b, NFT_DADDR, REG_ADDR);
	nft_notrack(b);
	nft_verdict(b, NF_ACCEPT);
	nft_rule_end(b);
}

static void
end_with_drop(struct nft_batch *b, const char *why)
{
	nft_counter(b);
	nft_verdict(b, NF_DROP);
	nft_rule_end_with(b, why);
}

/* To this machine, in clear: the guard's other half.  What it forwards is not
 * its business. */
static void
put_drop_clear(struct nft_batch *b)
{
	const uint32_t first = RTN_LOCAL, last = RTN_MULTICAST;
	const uint8_t missing = 0;

	nft_rule(b, chain_rest.name);
	nft_meta(b, NFT_META_SECPATH, REG_KEY);
	nft_cmp(b, REG_KEY, NFT_CMP_EQ, &missing, sizeof(missing));
	/* Local, broadcast, anycast, multicast: small numbers, so that the
	 * order of octets does not matter. */
	nft_daddr_type(b, REG_KEY);
	nft_cmp(b, REG_KEY, NFT_CMP_GTE, &first, sizeof(first));
	nft_cmp(b, REG_KEY, NFT_CMP_LTE, &last, sizeof(last));
	end_with_drop(b, GUARD_CLEAR_IN);
}

static void
match_host6(struct nft_batch *b, uint32_t addr_at)
{
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, addr_at + NETWORK_LEN,
	    sizeof(host6), REG_KEY);
	nft_cmp(b, REG_KEY, NFT_CMP_EQ, host6, sizeof(host6));
}

/* Nobody outside may address a client's socket. */
static void
put_drop_range(struct nft_batch *b, struct in_addr range)
{
	const uint8_t mask[4] = { 255, 255, 0, 0 };

	nft_rule(b, chain_rest.name);
	if (b->family == NFPROTO_IPV6) {
		match_host6(b, AT_DADDR6);
	} else {
		nft_addr_load(b, NFT_DADDR, REG_KEY);
		nft_mask(b, REG_KEY, mask, sizeof(mask));
		nft_cmp(b, REG_KEY, NFT_CMP_EQ, &range, sizeof(range));
	}
	end_with_drop(b, GUARD_FORGED);
}

static void
put_rules(struct nft_batch *b, struct in_addr range)
{
	put_first_rule(b, chain_in.name, AT_DPORT, chain_l2tp.name);

	/* What there is most of comes first. */
	nft_rule(b, chain_l2tp.name);
	match_data(b);
	to_client(b);
	nft_rule(b, chain_l2tp.name);
	match_data(b);
	nft_goto(b, chain_rest.name);
	nft_rule_end(b);
	nft_rule(b, chain_l2tp.name);
	match_no_tunnel(b);
	match_local(b);
	to_listener(b);
	nft_rule(b, chain_l2tp.name);
	to_client(b);
	nft_rule(b, chain_l2tp.name);
	match_local(b);
	to_listener(b);
	nft_rule(b, chain_l2tp.name);
	nft_goto(b, chain_rest.name);
	nft_rule_end(b);

	put_drop_clear(b);
	put_drop_range(b, range);
	/* Data without a tunnel. */
	nft_rule(b, chain_rest.name);
	match_local(b);
	end_with_drop(b, GUARD_NO_TUNNEL);
}

/* IPv6: what a client's socket sends comes from the address that the client
 * has dialled, as in IPv4 by itself. */
static void
put_source(struct nft_batch *b)
{
	nft_rule(b, chain_l2tp_out.name);
	nft_addr_load(b, NFT_SADDR, REG_KEY);
	nft_lookup(b, &layout_of(b)->dialled, REG_KEY, REG_ADDR);
	nft_addr_set(b, NFT_SADDR, REG_ADDR);
	nft_verdict(b, NF_ACCEPT);
	nft_rule_end(b);
	nft_rule(b, chain_l2tp_out.name);
	match_host6(b, AT_SADDR6);
	end_with_drop(b, GUARD_FORGED);
}

/* As in guard.c, but nobody can flush it. */
static void
put_rules_out(struct nft_batch *b)
{
	const uint8_t missing = 0;

	put_first_rule(b, chain_out.name, AT_SPORT, chain_l2tp_out.name);

	nft_rule(b, chain_l2tp_out.name);
	nft_ipsec_out(b, REG_KEY);
	nft_cmp(b, REG_KEY, NFT_CMP_EQ, &missing, sizeof(missing));
	end_with_drop(b, GUARD_CLEAR_OUT);
	nft_rule(b, chain_l2tp_out.name);
	nft_notrack(b);
	nft_rule_end(b);
	if (b->family == NFPROTO_IPV6)
		put_source(b);
}

static int
make_table(const struct steer *s, uint8_t family)
{
	const struct layout *l;
	struct nft_batch b;

	nft_begin(&b, family, STEER_TABLE);
	l = layout_of(&b);
	nft_table(&b, NFT_TABLE_F_OWNER);
	nft_set(&b, &l->local);
	nft_set(&b, &l->sa);
	nft_chain(&b, &chain_in);
	nft_chain(&b, &chain_l2tp);
	nft_chain(&b, &chain_rest);
	nft_chain(&b, &chain_out);
	nft_chain(&b, &chain_l2tp_out);
	if (family == NFPROTO_IPV6)
		nft_set(&b, &l->dialled);
	put_rules(&b, s->range);
	put_rules_out(&b);
	return nft_commit(&b, s->nl);
}

/* --- route --- */

/* A route of the table local comes or goes. */
static int
change_route(const struct lns_addr *dst, uint8_t bits, uint8_t type, bool add)
{
	char buf[512];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct rtmsg *r;

	h->nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	if (add)
		h->nlmsg_flags |= NLM_F_CREATE | NLM_F_REPLACE;
	r = mnl_nlmsg_put_extra_header(h, sizeof(*r));
	r->rtm_family = dst->family == 6 ? AF_INET6 : AF_INET;
	r->rtm_dst_len = bits;
	r->rtm_table = RT_TABLE_LOCAL;
	r->rtm_protocol = RTPROT_STATIC;
	r->rtm_scope = RT_SCOPE_LINK;
	r->rtm_type = type;
	mnl_attr_put(h, RTA_DST, dst->family == 6 ? 16 : 4, dst->ip);
	mnl_attr_put_u32(h, RTA_OIF, if_nametoindex("lo"));
	return nl_ask(NETLINK_ROUTE, h, NULL, NULL) == -1 ? -1 : 0;
}

/* "broadcast RANGE/16 dev lo" */
static int
route_range(const struct steer *s, bool add)
{
	struct lns_addr dst = { .family = 4 };

	memcpy(dst.ip, &s->range, sizeof(s->range));
	return change_route(&dst, 16, RTN_BROADCAST, add);
}

/* "local NETWORK:6c6e:7364::/96 dev lo", for a packet whose route is looked up
 * after it was given its new destination. */
static int
route_network(const struct lns_addr *network, bool add)
{
	struct lns_addr dst = { .family = 6 };

	memcpy(dst.ip, network->ip, NETWORK_LEN);
	memcpy(&dst.ip[NETWORK_LEN], host6, sizeof(host6));
	return change_route(
	    &dst, 8 * (NETWORK_LEN + sizeof(host6)), RTN_LOCAL, add);
}

/* The route stays when the address goes: others may be of the same network. */
static void
learn_network(struct steer *s, const struct lns_addr *a)
{
	struct lns_addr *more;
	size_t i;

	for (i = 0; i < s->n_networks; i++)
		if (memcmp(s->networks[i].ip, a->ip, NETWORK_LEN) == 0)
			return;
	more = reallocarray(s->networks, i + 1, sizeof(*more));
	if (more != NULL)
		s->networks = more;
	/* Tried again with the next address. */
	if (more == NULL || route_network(a, true) == -1)
		log_warn("ipsec", "cannot make a route for IPv6 clients");
	else
		s->networks[s->n_networks++] = *a;
}

/* --- interface --- */

struct steer *
steer_new(struct in_addr range)
{
	struct steer *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->range = range;
	s->nl = nft_open();
	if (s->nl != NULL && make_table(s, NFPROTO_IPV4) == 0 &&
	    make_table(s, NFPROTO_IPV6) == 0) {
		if (route_range(s, true) == 0)
			return s;
		log_warn("ipsec", "cannot make the route of client-range");
	} else {
		log_warn(
		    "ipsec", "cannot make the nftables table " STEER_TABLE);
	}
	if (s->nl != NULL)
		mnl_socket_close(s->nl);
	free(s);
	return NULL;
}

void
steer_free(struct steer *s)
{
	size_t i;

	if (s == NULL)
		return;
	if (route_range(s, false) == -1)
		log_debug(
		    "ipsec", "route of client-range: %s", strerror(errno));
	for (i = 0; i < s->n_networks; i++)
		if (route_network(&s->networks[i], false) == -1)
			log_debug("ipsec", "route of IPv6 clients: %s",
			    strerror(errno));
	free(s->networks);
	/* The table goes with its owner. */
	mnl_socket_close(s->nl);
	free(s);
}

void
steer_address(struct steer *s, const struct lns_addr *a, bool present)
{
	struct nft_batch b;

	if (present && a->family == 6)
		learn_network(s, a);
	nft_begin(&b, nfproto_of(a), STEER_TABLE);
	nft_element(&b, layout_of(&b)->local.name, present, a->ip,
	    layout_of(&b)->ip_len, NULL, 0);
	if (nft_commit(&b, s->nl) == -1)
		log_warn("ipsec", "nftables: local address");
}

void
steer_client_addr(const struct steer *s, const struct lns_addr *dst,
    uint32_t client, struct lns_addr *a)
{
	const uint32_t ip = s->range.s_addr | htonl(client & 0xffff);
	size_t at = 0;

	memset(a, 0, sizeof(*a));
	a->family = dst->family;
	a->port = L2TP_PORT;
	if (dst->family == 6) {
		memcpy(a->ip, dst->ip, NETWORK_LEN);
		memcpy(&a->ip[NETWORK_LEN], host6, sizeof(host6));
		at = NETWORK_LEN + sizeof(host6);
	}
	memcpy(&a->ip[at], &ip, sizeof(ip));
}

/* Puts the elements of a client into the batch that it begins, or takes them
 * out. */
static void
change_sa(const struct steer *s, struct nft_batch *b,
    const struct lns_addr *dst, uint32_t spi, uint32_t client, bool add)
{
	const struct layout *l;
	const uint32_t spi_be = htonl(spi);
	struct lns_addr addr;
	uint8_t key[16 + sizeof(spi_be)];

	nft_begin(b, nfproto_of(dst), STEER_TABLE);
	l = layout_of(b);
	steer_client_addr(s, dst, client, &addr);
	memcpy(key, dst->ip, l->ip_len);
	memcpy(&key[l->ip_len], &spi_be, sizeof(spi_be));
	nft_element(b, l->sa.name, add, key, l->sa.key_len,
	    add ? addr.ip : NULL, l->ip_len);
}

int
steer_add(
    struct steer *s, const struct lns_addr *dst, uint32_t spi, uint32_t client)
{
	struct nft_batch b;

	change_sa(s, &b, dst, spi, client, true);
	return nft_commit(&b, s->nl);
}

void
steer_remove(struct steer *s, const struct lns_addr *dst, uint32_t spi)
{
	struct nft_batch b;

	change_sa(s, &b, dst, spi, 0, false);
	if (nft_commit(&b, s->nl) == -1)
		log_debug("ipsec", "nftables: SA: %s", strerror(errno));
}

int
steer_client(
    struct steer *s, const struct lns_addr *dst, uint32_t client, bool present)
{
	struct lns_addr addr;
	struct nft_batch b;

	if (dst->family != 6)
		return 0;
	steer_client_addr(s, dst, client, &addr);
	nft_begin(&b, NFPROTO_IPV6, STEER_TABLE);
	nft_element(&b, layout6.dialled.name, present, addr.ip, layout6.ip_len,
	    present ? dst->ip : NULL, layout6.ip_len);
	return nft_commit(&b, s->nl);
}

const char *
steer_missing(void)
{
	struct mnl_socket *nl = nft_open();

	if (nl == NULL)
		return "no nftables (module nf_tables)";
	mnl_socket_close(nl);
	return NULL;
}
