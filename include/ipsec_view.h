/* SPDX-License-Identifier: ISC */
#ifndef IPSEC_VIEW_H
#define IPSEC_VIEW_H

/* Protection as values, for whoever shows it; see ipsec.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "ipsec.h"
#include "lns.h"

struct ipsec_status {
	/* A constant: "off", "starting", "running", "stopping". */
	const char *pluto;
	bool guarded; /* the kernel's guard stands */
};
void ipsec_view_status(const struct ipsec *, struct ipsec_status *);

/* Where a client's ESP comes from; port 0: it is not in UDP.  False: no such
 * client. */
bool ipsec_view_client(
    const struct ipsec *, uint32_t client, struct lns_addr *) must_check;

struct ipsec_sa_view {
	struct lns_addr local, peer; /* peer.port as above */
	uint32_t spi, reqid;
	uint32_t client; /* as in struct lns_path */
	bool inbound;
};
/* Calls fn for each SA of a client. */
void ipsec_view_sas(const struct ipsec *,
    void (*fn)(void *arg, const struct ipsec_sa_view *), void *arg);

/* What only the kernel knows of an SA. */
#define IPSEC_CIPHER_TEXT 48
struct ipsec_sa_detail {
	struct lns_addr dst; /* port 0 */
	uint32_t spi;
	char cipher[IPSEC_CIPHER_TEXT]; /* "aes256-sha1" */
	uint64_t octets, packets;
	uint64_t made_s; /* since 1970 */
};
/* Of all SAs, sorted by SPI, for the caller to free; NULL: they could not be
 * read.  Waits for the kernel: for a worker. */
struct ipsec_sa_detail *ipsec_read_sas(size_t *n) must_check;
/* NULL: there is none. */
const struct ipsec_sa_detail *ipsec_find_sa(const struct ipsec_sa_detail *,
    size_t n, uint32_t spi, const struct lns_addr *dst);

/* What only pluto knows of SAs.  A time that is left is -1 if it is not known;
 * renewed: pluto renews the SA then, else it ends unless the client has. */
#define IPSEC_PROPOSAL_TEXT 64
struct ipsec_ike_sa {
	unsigned long n;      /* pluto's #n */
	struct lns_addr peer; /* and the port that its IKE comes from; family
			       * 0: not known */
	/* "AES_CBC_256-HMAC_SHA1-MODP2048"; "": not known, as of one that a
	 * newer of the same client has replaced. */
	char proposal[IPSEC_PROPOSAL_TEXT];
	int64_t left_s;
	bool renewed;
};
struct ipsec_ike_esp {
	uint32_t spi;
	bool inbound;
	struct lns_addr peer;
	unsigned long ike; /* n of the IKE SA that it was made by; 0: unknown */
	int64_t left_s;
	bool renewed;
};
struct ipsec_ike {
	struct ipsec_ike_sa *sas;
	size_t n_sas;
	struct ipsec_ike_esp *esp;
	size_t n_esp;
};
void ipsec_ike_free(struct ipsec_ike *);
/* NULL: it is not known, or nothing is (ike NULL). */
const struct ipsec_ike_esp *ipsec_ike_find(const struct ipsec_ike *ike,
    uint32_t spi, bool inbound, const struct lns_addr *peer);

/* For the callee to free; NULL: pluto did not answer, or no memory. */
typedef void (*ipsec_ike_fn)(void *arg, struct ipsec_ike *);
struct ipsec_ask;
/* Asks pluto: done is called once, later and never from in here, unless it is
 * cancelled; the asking may outlive the struct ipsec.  NULL: pluto cannot be
 * asked. */
struct ipsec_ask *ipsec_ask_ike(
    const struct ipsec *, ipsec_ike_fn done, void *arg) must_check;
/* Not after done; NULL does nothing. */
void ipsec_ask_cancel(struct ipsec_ask *);

/* Why the guard has dropped a packet of UDP 1701. */
enum ipsec_drop {
	IPSEC_DROP_CLEAR_IN,  /* it came, and not out of an SA */
	IPSEC_DROP_CLEAR_OUT, /* it would have left, and not by an SA */
	IPSEC_DROP_ICMP_OUT,  /* the same of an error that quotes one */
	IPSEC_DROP_FORGED,    /* of an address that only we use */
	IPSEC_DROP_NO_TUNNEL, /* data of an SA without a tunnel */
	IPSEC_DROP_N,
};
/* "clear_in": a constant. */
const char *ipsec_drop_name(enum ipsec_drop);

struct ipsec_drops {
	uint64_t packets[IPSEC_DROP_N]; /* since the start; never less */
};
/* What has been dropped between two tables of the same name is missing, if
 * nobody asked in between.  Waits for the kernel: for a worker. */
void ipsec_read_drops(struct ipsec_drops *);

#endif
