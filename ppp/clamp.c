/* SPDX-License-Identifier: ISC */
/* The MSS of forwarded TCP; contract in clamp.h. */

#include "clamp.h"

#include <errno.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include "nft.h"

#define TABLE "lnsd_ppp"
/* iface_index of nft(8), for those who list the table. */
#define TYPE_IFINDEX 20

struct clamp {
	struct mnl_socket *nl; /* the table's owner */
};

static const struct nft_set clients = {
	.name = "clients",
	.key_type = TYPE_IFINDEX,
	.key_len = sizeof(uint32_t),
	.id = 1,
};
static const struct nft_chain chain_forward = { "forward", "filter",
	NF_INET_FORWARD, NF_IP_PRI_MANGLE };
static const struct nft_chain chain_syn = { .name = "syn" };

/* RFC 9293 3.1: where the flags are, and two of them. */
enum { AT_FLAGS = 13, SYN = 0x02, RST = 0x04 };

static void
put_is_syn(struct nft_batch *b)
{
	const uint8_t tcp = IPPROTO_TCP, mask = SYN | RST, syn = SYN;

	nft_rule(b, chain_forward.name);
	nft_meta(b, NFT_META_L4PROTO, NFT_REG_1);
	nft_cmp(b, NFT_REG_1, NFT_CMP_EQ, &tcp, sizeof(tcp));
	nft_payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, AT_FLAGS, 1, NFT_REG_1);
	nft_mask(b, NFT_REG_1, &mask, sizeof(mask));
	nft_cmp(b, NFT_REG_1, NFT_CMP_EQ, &syn, sizeof(syn));
	nft_goto(b, chain_syn.name);
	nft_rule_end(b);
}

/* side: NFT_META_IIF or NFT_META_OIF. */
static void
put_clamp(struct nft_batch *b, uint32_t side)
{
	nft_rule(b, chain_syn.name);
	nft_meta(b, side, NFT_REG_1);
	nft_lookup(b, &clients, NFT_REG_1, 0);
	nft_tcp_mss(b, NFT_REG_1);
	nft_tcp_mss_set(b, NFT_REG_1);
	nft_rule_end(b);
}

static int
make_table(struct mnl_socket *nl)
{
	struct nft_batch b;

	nft_begin(&b, NFPROTO_INET, TABLE);
	nft_table(&b, NFT_TABLE_F_OWNER);
	nft_set(&b, &clients);
	nft_chain(&b, &chain_forward);
	nft_chain(&b, &chain_syn);
	put_is_syn(&b);
	put_clamp(&b, NFT_META_IIF);
	put_clamp(&b, NFT_META_OIF);
	return nft_commit(&b, nl);
}

struct clamp *
clamp_new(void)
{
	struct clamp *c = calloc(1, sizeof(*c));
	int err;

	if (c == NULL)
		return NULL;
	c->nl = nft_open();
	if (c->nl != NULL && make_table(c->nl) == 0)
		return c;
	err = errno;
	if (c->nl != NULL)
		mnl_socket_close(c->nl);
	free(c);
	errno = err;
	return NULL;
}

void
clamp_free(struct clamp *c)
{
	if (c == NULL)
		return;
	mnl_socket_close(c->nl);
	free(c);
}

int
clamp_interface(struct clamp *c, uint32_t ifindex, bool present)
{
	struct nft_batch b;

	nft_begin(&b, NFPROTO_INET, TABLE);
	nft_element(
	    &b, clients.name, present, &ifindex, sizeof(ifindex), NULL, 0);
	return nft_commit(&b, c->nl);
}
