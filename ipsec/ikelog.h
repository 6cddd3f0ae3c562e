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
#include "ike.h"

#define IKE_DETAIL_MAX 128

struct ike_line {
	enum ike_event event;
	char conn[CONN_NAME_MAX];    /* "": none is named */
	unsigned long instance;	     /* 0: none, of a peer that is fixed */
	unsigned long state;	     /* #n of phase 1 or 2; 0: none */
	unsigned long switched_to;   /* the new instance */
	char peer[INET6_ADDRSTRLEN]; /* "": not in the line */
	char detail[IKE_DETAIL_MAX]; /* cut to fit */
	uint32_t spi;		     /* IKE_SA: inbound; 0: not told */
	uint16_t port; /* IKE_CALLING, IKE_SA: the client's; 0: not told */
};

/* False: nothing that matters. */
bool ikelog_parse(const char *line, struct ike_line *);

/* Is pluto in trouble, or we?  False for whatever a client may have caused. */
bool ikelog_is_serious(const char *line);

#endif
