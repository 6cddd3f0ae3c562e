/* SPDX-License-Identifier: ISC */
#ifndef NFT_H
#define NFT_H

/*
 * nf_tables by netlink, as much of it as we need: a batch of messages is
 * built in memory, sent as one transaction, and takes effect as a whole or not
 * at all.  libnftables cannot be linked (licences), and running nft(8) for
 * each client would cost more than the client does.
 *
 * Names, registers and expressions are those of linux/netfilter/nf_tables.h.
 * A builder that runs out of room remembers it; nft_commit() tells.
 */

#include <stddef.h>
#include <stdint.h>
#include <libmnl/libmnl.h>

#include "compiler.h"

#define NFT_BATCH_SIZE 16384

struct nft_batch {
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_INET */
	const char *table;
	uint32_t seq, n;      /* first sequence number; messages */
	struct nlmsghdr *msg; /* the one under construction */
	struct nlattr *exprs; /* its expressions */
	size_t len;
	_Alignas(struct nlmsghdr) uint8_t buf[NFT_BATCH_SIZE];
};

struct nft_chain {
	const char *name, *type; /* "filter"; NULL: it has no hook */
	uint32_t hook;
	int32_t priority;
};

struct nft_set {
	const char *name;
	uint32_t flags; /* NFT_SET_... */
	uint32_t key_type, key_len, data_type, data_len;
	uint32_t id; /* unique in the batch */
};

/* A socket for transactions; NULL with errno.  What a table with the flag
 * owner holds dies with it. */
struct mnl_socket *nft_open(void) must_check;

void nft_begin(struct nft_batch *, uint8_t family, const char *table);
/* Sends it and waits for the kernel's word.  0, or -1 with errno: of the first
 * message that was refused. */
int nft_commit(struct nft_batch *, struct mnl_socket *) must_check;

void nft_table(struct nft_batch *, uint32_t flags);
void nft_chain(struct nft_batch *, const struct nft_chain *);
void nft_set(struct nft_batch *, const struct nft_set *);
/* data NULL: of a set that is no map.  add false: the element goes. */
void nft_element(struct nft_batch *, const char *set, bool add, const void *key,
    size_t key_len, const void *data, size_t data_len);

/* A rule at the end of chain, of the expressions that follow. */
void nft_rule(struct nft_batch *, const char *chain);
void nft_rule_end(struct nft_batch *);
/* The same, with a comment of at most 127 octets, as nft(8) shows it. */
#define NFT_UDATA_COMMENT 0 /* its type in NFTA_RULE_USERDATA */
void nft_rule_end_with(struct nft_batch *, const char *comment);
void nft_payload(struct nft_batch *, uint32_t base, uint32_t offset,
    uint32_t len, uint32_t dreg);
void nft_mask(struct nft_batch *, uint32_t reg, const void *mask, size_t len);
/* op: NFT_CMP_EQ ... */
void nft_cmp(struct nft_batch *, uint32_t sreg, uint32_t op, const void *data,
    size_t len);
void nft_meta(struct nft_batch *, uint32_t key, uint32_t dreg);
void nft_meta_set(struct nft_batch *, uint32_t key, uint32_t sreg);
/* The SPI of the SA that the packet came out of; the rule ends without. */
void nft_spi_in(struct nft_batch *, uint32_t dreg);
/* The rule ends if sreg is not in the set; dreg 0: no data wanted. */
void nft_lookup(
    struct nft_batch *, const struct nft_set *, uint32_t sreg, uint32_t dreg);
/* The addresses of the batch's family; written with the checksums that cover
 * them. */
enum nft_addr { NFT_SADDR, NFT_DADDR };
void nft_addr_load(struct nft_batch *, enum nft_addr, uint32_t dreg);
void nft_addr_set(struct nft_batch *, enum nft_addr, uint32_t sreg);
/* 1: the packet will leave by an SA, or 0; one octet. */
void nft_ipsec_out(struct nft_batch *, uint32_t dreg);
/* RTN_... of the destination address, in the machine's order. */
void nft_daddr_type(struct nft_batch *, uint32_t dreg);
/* The MSS that fits the smaller of the routes there and back, in the network's
 * order; two octets, in a chain of the hook forward. */
void nft_tcp_mss(struct nft_batch *, uint32_t dreg);
/* Writes the MSS option of a SYN that has one, unless it is smaller already. */
void nft_tcp_mss_set(struct nft_batch *, uint32_t sreg);
/* 1 if the way back to the source address is by the interface that the packet
 * came in by, or 0; one octet. */
void nft_way_back(struct nft_batch *, uint32_t dreg);
void nft_notrack(struct nft_batch *);
void nft_counter(struct nft_batch *);
/* NF_ACCEPT or NF_DROP. */
void nft_verdict(struct nft_batch *, uint32_t verdict);
void nft_goto(struct nft_batch *, const char *chain);

#endif
