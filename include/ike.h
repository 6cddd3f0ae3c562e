/* SPDX-License-Identifier: ISC */
#ifndef IKE_H
#define IKE_H

#include <stdint.h>

/* What a line of pluto's log tells of a client. */
enum ike_event {
	IKE_NOTHING,
	IKE_CALLING,	   /* its first message has been answered */
	IKE_ID,		   /* detail: the identity it claims */
	IKE_SWITCHED,	   /* it is this connection now: detail, switched_to */
	IKE_OFFER,	   /* detail: one it offers, and we do not accept */
	IKE_PHASE1,	   /* detail: "AES_CBC_256, HMAC_SHA1, MODP2048" */
	IKE_SA,		   /* detail: "ESP in UDP, AES_CBC_128-HMAC_SHA1_96" */
	IKE_NO_PROPOSAL,   /* of phase 1 */
	IKE_NO_ESP,	   /* no proposal of phase 2 */
	IKE_BAD_PSK,	   /* what it sent cannot be decrypted */
	IKE_NO_PSK,	   /* we have no key for it */
	IKE_NO_PEER,	   /* no connection is for its address */
	IKE_BAD_ID,	   /* no connection is for its identity */
	IKE_BAD_CERT,	   /* detail: what is wrong with its certificate */
	IKE_BAD_SELECTOR,  /* it wants other traffic than UDP 1701 */
	IKE_NO_NATT,	   /* it is behind a NAT, and does not say so */
	IKE_AGGRESSIVE,	   /* it begins with aggressive mode */
	IKE_VERSION2,	   /* it speaks IKEv2 */
	IKE_WAITING,	   /* detail: the state; it is slow to go on */
	IKE_LAPSED,	   /* an IPsec SA has no phase 1 any more */
	IKE_DEAD,	   /* dead peer detection */
	IKE_CLOSED_SA,	   /* it has closed the IPsec SA */
	IKE_CLOSED_PHASE1, /* it has closed phase 1 */
	IKE_ENDED,	   /* detail: the state that is deleted */
	IKE_FORGOTTEN,	   /* the instance is gone */
};

/* The same, with what is known of the client besides.  Texts are what pluto
 * wrote, "" where it did not say. */
struct ike_told {
	enum ike_event event;
	const char *peer; /* address */
	const char *conn; /* pluto's connection, as it is called now */
	unsigned long instance, state; /* of it; #n of phase 1 or 2 */
	const char *id;		       /* identity of the client */
	const char *detail;
	const char *text; /* what the log says of it, without the address */
	uint16_t port;	  /* IKE_CALLING, IKE_SA: the client's; 0: unknown */
	uint32_t spi;	  /* IKE_SA: inbound; 0: unknown */
	uint32_t client;  /* IKE_SA: see struct lns_path; 0: unknown */
	int failed;	  /* the attempt has */
	int large;	  /* the client's next message is: a certificate */
};

#endif
