/* SPDX-License-Identifier: ISC */
/* Source addresses of clients; contract in source6.h. */

#include "source6.h"

#include <errno.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netfilter/nf_tables.h>

#include "nft.h"
#include "plugin/wire.h"

#define TABLE "lnsd_source"

struct source6 {
	struct mnl_socket *nl; /* the table's owner */
};

static const struct nft_chain chain_in = { "in", "filter", NF_INET_PRE_ROUTING,
	NF_IP6_PRI_RAW };

/* RFC 4291 2.5.6: the first 10 bits; RFC 8200 3: where they are. */
enum { AT_SADDR = 8 };
static const uint8_t link_local_mask[] = { 0xff, 0xc0 };
static const uint8_t link_local[] = { 0xfe, 0x80 };

/*
 * Packets of all interfaces pass it: the group, which ends it for others, comes
 * first.  Link-local addresses, and "::" of who has none yet, no router passes
 * on; a client may use its own before we have the route to it.
 */
static void
put_rule(struct nft_batch *b)
{
	const uint32_t group = WIRE_LINK_GROUP;
	const uint8_t missing = 0;

	nft_rule(b, chain_in.name);
	nft_meta(b, NFT_META_IIFGROUP, NFT_REG32_00);
	nft_cmp(b, NFT_REG32_00, NFT_CMP_EQ, &group, sizeof(group));
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, AT_SADDR, sizeof(link_local),
	    NFT_REG32_00);
	nft_mask(b, NFT_REG32_00, link_local_mask, sizeof(link_local_mask));
	nft_cmp(b, NFT_REG32_00, NFT_CMP_NEQ, link_local, sizeof(link_local));
	nft_way_back(b, NFT_REG32_00);
	nft_cmp(b, NFT_REG32_00, NFT_CMP_EQ, &missing, sizeof(missing));
	nft_addr_load(b, NFT_SADDR, NFT_REG32_00);
	nft_cmp(
	    b, NFT_REG32_00, NFT_CMP_NEQ, &in6addr_any, sizeof(in6addr_any));
	nft_counter(b);
	nft_verdict(b, NF_DROP);
	nft_rule_end(b);
}

struct source6 *
source6_new(void)
{
	struct source6 *s = calloc(1, sizeof(*s));
	struct nft_batch b;
	int err;

	if (s == NULL)
		return NULL;
	s->nl = nft_open();
	if (s->nl != NULL) {
		nft_begin(&b, NFPROTO_IPV6, TABLE);
		nft_table(&b, NFT_TABLE_F_OWNER);
		nft_chain(&b, &chain_in);
		put_rule(&b);
		if (nft_commit(&b, s->nl) == 0)
			return s;
	}
	err = errno;
	source6_free(s);
	errno = err;
	return NULL;
}

void
source6_free(struct source6 *s)
{
	if (s == NULL)
		return;
	if (s->nl != NULL)
		mnl_socket_close(s->nl);
	free(s);
}
