/* SPDX-License-Identifier: ISC */
#ifndef CAUSE_H
#define CAUSE_H

/*
 * Why a client does not get in, or had to go.  Who knows it (the engine, ppp/)
 * gives it beside a text for people; the text may be any.  What lnsctl explain
 * says of each, and doc/troubleshooting.md lists, is in lnsd/cause.c.
 */

#include <stdio.h>

enum cause {
	CAUSE_NONE,
	/* IKE */
	CAUSE_PSK,
	CAUSE_NO_PSK,
	CAUSE_IKE_PROPOSAL,
	CAUSE_ESP_PROPOSAL,
	CAUSE_NO_PEER,
	CAUSE_IDENTITY,
	CAUSE_CERTIFICATE,
	CAUSE_SELECTOR,
	CAUSE_NO_NATT,
	CAUSE_AGGRESSIVE,
	CAUSE_IKEV2,
	CAUSE_PORT_4500,
	CAUSE_LARGE_IKE,
	CAUSE_IKE_SILENT,
	CAUSE_NO_QUICK,
	CAUSE_IKE_CLOSED,
	/* ESP */
	CAUSE_ESP_BLOCKED,
	CAUSE_NO_L2TP,
	/* L2TP */
	CAUSE_MAX_TUNNELS,
	CAUSE_MAX_SESSIONS,
	CAUSE_TUNNEL_SECRET,
	CAUSE_L2TP_PEER,
	CAUSE_L2TP_PROTOCOL,
	CAUSE_L2TP_SILENT,
	CAUSE_NO_CALL,
	CAUSE_KERNEL,
	/* PPP */
	CAUSE_PPPD,
	CAUSE_LCP_SILENT,
	CAUSE_AUTH_METHOD,
	CAUSE_AUTH_SILENT,
	CAUSE_USER_UNKNOWN,
	CAUSE_PASSWORD,
	CAUSE_USER_DISABLED,
	CAUSE_LOGIN_FAILURES,
	CAUSE_USER_SESSIONS,
	CAUSE_POOL,
	CAUSE_ADDRESS_TAKEN,
	CAUSE_DHCP,
	CAUSE_RADIUS_SILENT,
	CAUSE_RADIUS_REFUSED,
	CAUSE_RADIUS_ANSWER,
	CAUSE_NO_IP,
	CAUSE_GAVE_UP,
	/* the end of a session */
	CAUSE_HUNG_UP,
	CAUSE_DEAD_PEER,
	CAUSE_IDLE,
	CAUSE_SESSION_TIME,
	CAUSE_DUPLICATE_LOGIN,
	CAUSE_REDIALLED,
	CAUSE_ADMIN,
	CAUSE_SHUTDOWN,
	CAUSE_KEYS_LOST,
	CAUSE_OTHER,
	CAUSE_N,
};

/* lnsd/cause.c.  All are constants; a cause that is none has "" for each. */

/* "wrong-password": stable, for programs. */
const char *cause_name(enum cause);
/* One sentence. */
const char *cause_text(enum cause);
/* What to do about it, in a sentence or two. */
const char *cause_mend(enum cause);
/* What the user of the client sees of it, most often. */
const char *cause_symptom(enum cause);

/* All of them as rows of a table in Markdown. */
void cause_print_table(FILE *);

#endif
