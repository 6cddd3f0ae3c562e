/* SPDX-License-Identifier: ISC */
#ifndef PPP_CLIENT_H
#define PPP_CLIENT_H

/*
 * A scripted PPP client: LCP, authentication and IPCP, as much as a server
 * needs to see of a client that is content with everything.  A pure machine
 * like the L2TP client beside it (tests/sim/lac.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../ppp/chap.h"
#include "mono.h"

typedef void (*ppp_client_send_fn)(void *arg, const uint8_t *data, size_t len);

struct ppp_client_user {
	struct chap *chap;
	const char *name, *password;
	uint8_t nt_hash[CHAP_NT_HASH_LEN];
};

struct ppp_client {
	const struct ppp_client_user *user;
	ppp_client_send_fn send; /* a frame, from the address field on */
	void *arg;
	uint32_t magic;
	bool lcp_mine, lcp_theirs; /* acknowledged */
	bool pap, md5; /* what the server asks for; neither: MS-CHAPv2 */
	bool authenticated;
	bool ipcp_mine, ipcp_theirs;
	bool failed; /* refused, or it wants what we cannot */
	uint8_t address[4];
	uint8_t id;
	unsigned int resent;
	struct mono deadline; /* when the last request is repeated */
};

void ppp_client_init(struct ppp_client *, const struct ppp_client_user *,
    uint32_t magic, ppp_client_send_fn, void *arg);
/* The link is there. */
void ppp_client_start(struct ppp_client *, struct mono now);
void ppp_client_receive(
    struct ppp_client *, const uint8_t *data, size_t len, struct mono now);
void ppp_client_expire(struct ppp_client *, struct mono now);
bool ppp_client_is_up(const struct ppp_client *);

#endif
