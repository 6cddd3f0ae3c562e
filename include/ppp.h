/* SPDX-License-Identifier: ISC */
#ifndef PPP_H
#define PPP_H

/*
 * PPP on a session: one pppd with our plugin, the verdict on its user, its
 * address.  The owner starts a link on a PPPoL2TP session socket, is told what
 * becomes of it, and may stop it; the end is always reported once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include "cause.h"
#include "compiler.h"
#include "conf.h"
#include "lns.h"

struct ppp_service; /* users, pools and running links of one configuration */
struct ppp_link;

struct ppp_up {
	const char *ifname; /* "ppp0" */
	const char *user;
	struct in_addr local, remote;
};

struct ppp_ipv6_up {
	struct in6_addr local, remote; /* link-local */
	const struct in6_addr *prefix; /* a /64; NULL: none is left */
};

struct ppp_end {
	enum lns_ppp_end why;
	const char *cause; /* in words, never NULL: "peer hung up" */
	enum cause code;   /* the same, for programs */
	const char *user;  /* NULL: never named one */
	uint64_t rx_bytes,
	    tx_bytes; /* of the peer's user data; 0 if never up */
	uint32_t connect_s;
};

enum ppp_step {
	PPP_STEP_AUTH,	  /* LCP is open, and the peer is asked who it is */
	PPP_STEP_RADIUS,  /* it has said so, and RADIUS is asked about it */
	PPP_STEP_NETWORK, /* it is in, and is asked for its address */
};

struct ppp_ops {
	/* May be NULL. */
	void (*step)(void *arg, enum ppp_step);
	/* A name was given and a verdict spoken: CAUSE_NONE if it is granted,
	 * and reason is NULL. */
	void (*auth)(
	    void *arg, const char *user, enum cause, const char *reason);
	void (*up)(void *arg, const struct ppp_up *);
	/* IPv6 is up besides, and routed if there is a prefix; again if there
	 * is one later.  Not called if no profile has IPv6. */
	void (*ipv6_up)(void *arg, const struct ppp_ipv6_up *);
	/* The link is freed after this returns. */
	void (*ended)(void *arg, const struct ppp_end *);
};

/* plugin: absolute path of the pppd plugin; debug: let pppd log every control
 * packet, without passwords.  The conf must outlive the service.  NULL: out of
 * memory, or the cause has been logged. */
struct ppp_service *ppp_service_new(
    const struct conf *, const char *plugin, bool debug) must_check;
/* Only when no link is left. */
void ppp_service_free(struct ppp_service *);
/* No link is left and none will start: accounting is closed.  finished(arg) is
 * called once, later and never from in here: when all records have arrived and
 * all hooks have ended, or after a few seconds. */
void ppp_service_finish(
    struct ppp_service *, void (*finished)(void *arg), void *arg);
/*
 * next takes the place of conf, see conf_follow().  Links that are there go on
 * as they began, and hold what they need of conf, which may be given up when
 * this has returned 0.  -1: out of memory, and conf stays.
 */
int ppp_service_reload(struct ppp_service *, const struct conf *next,
    const struct conf_changes *) must_check;
/* Reads users-file again, if there is one; log lines tell the result. */
void ppp_service_read_users(struct ppp_service *);
size_t ppp_service_links(const struct ppp_service *);

/* What packets to a client go by. */
struct ppp_underlay {
	unsigned int mtu; /* of the route; 0: unknown */
	uint8_t family;	  /* 4 or 6 */
	bool esp, in_udp; /* protected, and that in UDP */
};

struct ppp_start {
	size_t profile; /* index into conf.ppp */
	/* A connected PPPoL2TP socket, which stays the caller's and must stay
	 * open until ended(). */
	int session_fd;
	/* Where the user is; failed logins are limited by it, whatever the
	 * port.  NULL: unknown, they are limited by the user's name only. */
	const struct lns_addr *from;
	/* Where the tunnel lies, and a number that no other session has at the
	 * same time: for RADIUS.  NULL: not told. */
	const struct lns_path *path;
	uint32_t port;
	struct ppp_underlay underlay; /* for mtu = auto */
	const char *label;	      /* in pppd's own log lines: "TUNNEL[1]" */
	/* What the LAC has negotiated in our place; NULL: the peer is not to
	 * be believed (RFC 2661 9.5), PPP begins with LCP. */
	const struct lns_call *call;
};

/* Starts pppd; the struct need not outlive the call.  NULL with errno set. */
struct ppp_link *ppp_link_start(struct ppp_service *, const struct ppp_start *,
    const struct ppp_ops *, void *arg) must_check;
/* Ask pppd to hang up; ended() follows, by force after a few seconds, with
 * this cause (the text is copied) unless it was ending already. */
void ppp_link_stop(struct ppp_link *, enum cause, const char *text);

#endif
