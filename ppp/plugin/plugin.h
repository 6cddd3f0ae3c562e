/* SPDX-License-Identifier: ISC */
#ifndef PLUGIN_H
#define PLUGIN_H

/* What the parts of the plugin share: one pppd, one link, one lnsd. */

#include "compat.h"
#include "wire.h"

/* pppd exports all its symbols, and they would take the place of ours. */
#pragma GCC visibility push(hidden)

/* talk.c: the socket to lnsd. */
void talk_init(int fd);
/* Nonzero while lnsd holds the other end. */
int talk_alive(void);
void talk_send(struct wire_msg *);
/* Asks and waits, at most TALK_TIMEOUT_S.  Nonzero if v is the answer; it is
 * not if lnsd has gone or pppd has been told to end. */
int talk_ask(struct wire_msg *ask, struct wire_verdict *v);

/* auth.c: the peer's name, secret and address. */
void auth_init(void);
/* Nonzero after lnsd has granted the peer an address. */
int auth_granted(void);

/* nak.c: which authentication protocol is proposed first. */
void nak_init(void);

/* stats.c: 64-bit counters of our interface; zeroes if there are none. */
void stats_read(struct wire_down *);

#pragma GCC visibility pop

#endif
