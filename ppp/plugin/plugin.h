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
/* Nonzero if lnsd has left us such a message before we began. */
int talk_take_proxy(struct wire_proxy *);
/* Asks and waits, at most TALK_TIMEOUT_S.  Nonzero if v is the answer; it is
 * not if lnsd has gone or pppd has been told to end. */
int talk_ask(struct wire_msg *ask, struct wire_verdict *v);

/* auth.c: the peer's name, secret and address. */
void auth_init(void);
/* Nonzero after lnsd has granted the peer an address. */
int auth_granted(void);
/* Asks about what the peer has answered to the LAC; as auth_granted(). */
int auth_proxied(void);
/* LCP begins: whoever was granted must say again who he is. */
void auth_reset_verdict(void);

/* proxy.c: LCP that a LAC has done for us.  proxy_init() comes before LCP,
 * proxy_establish() whenever LCP begins, proxy_repeat() with every answer of
 * the peer. */
void proxy_init(void);
void proxy_establish(void);
void proxy_repeat(int protocol, int id);

/* success.c: CHAP's Success again, until success_heard() tells of a packet of
 * the network phase, or success_forget() that the link begins anew or ends. */
void success_init(void);
void success_heard(int protocol);
void success_forget(void);

/* prepared.c: a pppd that makes a child for each session.  prepared_init(): fd
 * is its socket to lnsd; zero if this version of pppd cannot do it.
 * prepared_wait() returns in the children, whose session is known then, and in
 * a pppd of the ordinary kind. */
int prepared_init(int fd);
void prepared_wait(void);

/* nak.c: which authentication protocol is proposed first. */
void nak_init(void);

/* ipv6.c: IPV6CP, if pppd is to do it.  ipv6_begin() comes before the network
 * phase. */
void ipv6_init(void);
void ipv6_begin(void);

/* stats.c: 64-bit counters of our interface; zeroes if there are none. */
void stats_read(struct wire_down *);

#pragma GCC visibility pop

#endif
