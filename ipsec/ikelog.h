/* SPDX-License-Identifier: ISC */
#ifndef IKELOG_H
#define IKELOG_H

/*
 * What a line of pluto's log says about a client.  Pure.  Understands
 * libreswan 4.10 and 5.x; the lines are no interface of libreswan's, so what
 * is not known is IKE_NOTHING and never an error.
 */

#include <arpa/inet.h>
#include <stdbool.h>

#include "conn.h"

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

#define IKE_DETAIL_MAX 128

struct ike_line {
	enum ike_event event;
	char conn[CONN_NAME_MAX];    /* "": none is named */
	unsigned long instance;	     /* 0: none, of a peer that is fixed */
	unsigned long state;	     /* #n of phase 1 or 2; 0: none */
	unsigned long switched_to;   /* the new instance */
	char peer[INET6_ADDRSTRLEN]; /* "": not in the line */
	char detail[IKE_DETAIL_MAX]; /* cut to fit */
};

/* False: nothing that matters. */
bool ikelog_parse(const char *line, struct ike_line *);

/* Is pluto in trouble, or we?  False for whatever a client may have caused. */
bool ikelog_is_serious(const char *line);

#endif
