/* SPDX-License-Identifier: ISC */
#ifndef LNS_H
#define LNS_H

/*
 * The L2TP protocol engine (RFC 2661, LNS side): a pure machine.
 *
 * Datagrams, PPP exits, kernel answers and the time go in; an ordered queue of
 * effects and the next deadline come out.  The engine has no socket, no clock,
 * no global; it calls nothing back.  After every input the caller takes the
 * effects with lns_next_effect() until it returns false, carries them out in
 * that order, and arms one timer for lns_deadline().
 *
 * Ids: tid/sid are ours, peer_tid/peer_sid the peer's, never 0 once assigned.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cause.h"
#include "compiler.h"
#include "mono.h"

struct lns; /* opaque: the whole engine */

/* An address and UDP port.  port is in host order; ip in network order, IPv4
 * in the first four bytes and the others zero, so that memcmp() compares. */
struct lns_addr {
	uint8_t family; /* 4 or 6 */
	uint8_t ip[16];
	uint16_t port;
};

/* "203.0.113.1" or "2001:db8::1", without the port. */
#define LNS_ADDR_TEXT 46
const char *lns_addr_text(const struct lns_addr *, char buf[LNS_ADDR_TEXT]);
/* Whatever the ports. */
bool lns_same_ip(const struct lns_addr *, const struct lns_addr *);

/* Between which two ends a datagram travelled. */
struct lns_path {
	struct lns_addr local; /* what the client dialled */
	struct lns_addr peer;
	/* Which client of the IPsec layer; 0: not told.  Where it is, a client
	 * that dials from another port has probably dialled again: its other
	 * tunnels have 3 s to prove that they live; at a limit, one of them
	 * yields at once. */
	uint32_t client;
};

#define LNS_NAME_MAX 64
#define LNS_SECRET_MAX 256

/* How tunnels of one configured peer behave; copied by lns_new(). */
struct lns_peer {
	char name[LNS_NAME_MAX];
	bool gone; /* nobody is this peer any more; the number is kept */
	bool any;  /* anonymous: any address */
	struct lns_addr address;       /* if !any; the port is ignored */
	uint32_t max_tunnels;	       /* 0: no limit of its own */
	uint32_t max_sessions;	       /* of all its tunnels; 0: no limit */
	uint32_t keepalive_interval_s; /* 0: no HELLO of ours */
	uint32_t keepalive_count;
	uint32_t disconnect_time_s; /* without user data; 0: never */
	/* Tunnel authentication and hidden AVPs (5.1.1, 4.3).  A client's
	 * challenge is answered whenever there is a secret. */
	char secret[LNS_SECRET_MAX]; /* "": none */
	bool challenge; /* we send one; without a secret nobody may enter */
	bool hide;	/* we hide the AVPs that may be hidden */
};

struct lns_config {
	char hostname[LNS_NAME_MAX]; /* Host Name AVP, 4.4.3 */
	char vendor[LNS_NAME_MAX];   /* Vendor Name AVP */
	uint16_t firmware;	     /* Firmware Revision AVP */
	uint16_t rws;		     /* Receive Window Size AVP, ours */
	uint8_t retries;	     /* retransmissions; 0: 5 (5.8) */
	uint32_t max_tunnels;	     /* of all peers; 0: no limit */
	/* Tunnels that were never established, 0: 1000; and a third of those
	 * that never had a session.  At the limit the oldest yields. */
	uint32_t max_half_open;
	bool trace;		      /* AVP trace, at LOG_DEBUG */
	bool keepalive_log;	      /* HELLO trace, at LOG_DEBUG */
	const struct lns_peer *peers; /* fixed ones are tried before any */
	size_t n_peers;
};

/* Fills buf with len random bytes; the engine's only source of randomness. */
typedef void (*lns_random_fn)(void *arg, void *buf, size_t len);

/* NULL: out of memory.  The configuration is copied. */
struct lns *lns_new(const struct lns_config *, lns_random_fn, void *arg);
void lns_free(struct lns *);
/*
 * Another configuration takes the place of the one before.  Its peers have the
 * numbers that they had, so that there are no fewer.  What is agreed once
 * (window, retransmissions, challenge) is for tunnels to come; the rest is for
 * all at once.  Tunnels of a peer that is gone end with StopCCN.  -1: out of
 * memory, and nothing has changed.
 */
int lns_reconfigure(
    struct lns *, const struct lns_config *, struct mono now) must_check;

/* Why a session's PPP ended, as lns_ppp_exited() is told: decides the result
 * code of the CDN (4.4.2). */
enum lns_ppp_end {
	LNS_PPP_ADMIN,	/* ended on our side */
	LNS_PPP_PEER,	/* the peer hung up (LCP Terminate-Request) */
	LNS_PPP_AUTH,	/* the peer did not authenticate */
	LNS_PPP_IDLE,	/* idle or session time limit */
	LNS_PPP_LOST,	/* the peer stopped answering */
	LNS_PPP_FAILED, /* could not start, or broke */
};

/* Inputs.  Each takes the time; none reads it. */

/* A datagram, whatever it holds.  tid: which tunnel's socket it arrived on, 0
 * for a listening socket. */
void lns_packet(struct lns *, uint16_t tid, const struct lns_path *,
    const uint8_t *data, size_t len, struct mono now);
/* The deadline has passed.  Calling it early does nothing. */
void lns_expire(struct lns *, struct mono now);
/* Answer to LNS_TUNNEL_OPEN or LNS_TUNNEL_UP that failed (success needs no
 * answer). */
void lns_tunnel_failed(struct lns *, uint16_t tid, struct mono now);
/* Answer to LNS_SESSION_OPEN, always. */
void lns_session_opened(
    struct lns *, uint16_t tid, uint16_t sid, bool ok, struct mono now);
/* PPP of this session has ended, asked for or not. */
void lns_ppp_exited(struct lns *, uint16_t tid, uint16_t sid,
    enum lns_ppp_end why, struct mono now);
/*
 * What the sessions of a tunnel have carried so far, all together; an answer
 * to LNS_TRAFFIC, or any time.  rx_packets counts whatever came from the peer,
 * PPP's own packets included: a change proves that it lives.  user_packets
 * counts network data in both directions and no LCP: a change means that the
 * tunnel is in use.
 */
void lns_traffic(struct lns *, uint16_t tid, uint64_t rx_packets,
    uint64_t user_packets, struct mono now);
/*
 * The IPsec layer has lost this client (not 0) at this address, whatever its
 * port: its SA is gone, and nothing can be sent to it.  All of its tunnels end
 * at once, without a word.
 */
void lns_client_gone(struct lns *, const struct lns_addr *peer_ip,
    uint32_t client, struct mono now);
/* Close everything: CDN is left out, StopCCN 6 goes to every tunnel, for 3 s
 * at most.  Effects end once lns_idle() says so.  No tunnel begins any more. */
void lns_shutdown(struct lns *, struct mono now);

/* We end this tunnel: StopCCN 1 goes to the peer.  False: there is none. */
bool lns_close_tunnel(struct lns *, uint16_t tid, struct mono now);
/* No tunnel and no call begins any more: they are refused (StopCCN 6, CDN 4);
 * those that are there go on. */
void lns_drain(struct lns *);
/*
 * Whether the control messages of a peer's address are traced, whatever the
 * configuration says; at LOG_INFO, so that they are seen.  NULL: those of all,
 * and off forgets the configuration's trace, too.  False: of too many, or it
 * was not.
 */
#define LNS_TRACED_MAX 16
bool lns_trace(struct lns *, const struct lns_addr *peer, bool on);

/* How long before it matters LNS_TRAFFIC asks. */
#define LNS_TRAFFIC_MS 200

/* A string of octets in struct lns_call; len 0: none, or too long. */
#define LNS_OCTETS_MAX 255
struct lns_octets {
	uint8_t len;
	uint8_t data[LNS_OCTETS_MAX];
};

/* Proxy Authen Type, 4.4.5. */
enum lns_proxy_auth {
	LNS_PROXY_NONE, /* not given */
	LNS_PROXY_TEXT, /* user name and password */
	LNS_PROXY_CHAP,
	LNS_PROXY_PAP,
	LNS_PROXY_NO_AUTH, /* the LAC did not authenticate */
	LNS_PROXY_MSCHAP,  /* version 1 */
};

/*
 * What the LAC has told of a call, in ICRQ and ICCN (4.4.4, 4.4.5).  Nothing
 * of it has been verified.  Texts end with NUL and may hold any octet else;
 * too long, they are cut.
 */
struct lns_call {
	uint32_t serial;
	uint32_t bearer, framing; /* bits */
	uint32_t physical_channel;
	uint32_t tx_bps, rx_bps; /* of the LAC's line; rx 0: as tx */
	bool sequencing;	 /* required in data */
	char called[LNS_NAME_MAX];
	char calling[LNS_NAME_MAX];
	char sub_address[LNS_NAME_MAX];
	char private_group[LNS_NAME_MAX];
	/* LCP options between the LAC and its client, without header. */
	struct lns_octets first_received, last_sent, last_received;
	enum lns_proxy_auth auth;
	uint8_t auth_id;
	struct lns_octets auth_name, auth_challenge;
	struct lns_octets auth_response; /* may be a password: a secret */
};

/* Outputs. */
enum lns_effect_type {
	/* Send bytes to path.peer: from the socket of tid if that is open, else
	 * from the listening socket of path.local. */
	LNS_SEND,
	/* A tunnel begins, which may have a socket of its own, bound to
	 * path.local and connected to path.peer, from now on. */
	LNS_TUNNEL_OPEN,
	/* Both ids are known and the control connection stands: it must have
	 * that socket now. */
	LNS_TUNNEL_UP,
	/* The socket and everything on it goes.  The id stays reserved in the
	 * engine for a retransmission cycle. */
	LNS_TUNNEL_CLOSE,
	/* Make the kernel session, ready to queue PPP frames; answer with
	 * lns_session_opened().  ICRP leaves after that.  SESSION_CLOSE may
	 * come before the answer, which is then ignored. */
	LNS_SESSION_OPEN,
	/* ICCN has come: start PPP.  Ends with lns_ppp_exited(). */
	LNS_PPP_START,
	/* End PPP; lns_ppp_exited() need not follow.  text is the cause. */
	LNS_PPP_STOP,
	/* The kernel session goes, after its PPP. */
	LNS_SESSION_CLOSE,
	/* Tell lns_traffic() what this tunnel's sessions have carried: soon
	 * (LNS_TRAFFIC_MS) it will be taken for dead or unused otherwise.
	 * Without an answer it is as if there had been no data. */
	LNS_TRAFFIC,
	/* A control message was received (text of SCCRQ: the Host Name) or
	 * sent; not those that only acknowledge, nor HELLO but again.  text of
	 * StopCCN and CDN: what it says of the reason, if anything. */
	LNS_MESSAGE,
	/* One line for the log: level and text (a line of the documented
	 * vocabulary, without the prefix "[L2TP] "). */
	LNS_LOG,
};

struct lns_effect {
	enum lns_effect_type type;
	uint16_t tid, peer_tid;
	uint16_t sid, peer_sid;
	uint32_t slot;	  /* n of TUNNEL[n] */
	uint32_t peer;	  /* index into lns_config.peers */
	bool sequencing;  /* PPP_START: the peer requires Ns/Nr in data (its
			   * wish comes with ICCN; false elsewhere) */
	bool lost;	  /* TUNNEL_CLOSE: the peer has stopped answering */
	uint16_t message; /* MESSAGE: its type, as RFC 2661 3.2 numbers them */
	bool sent, again; /* MESSAGE: by us; for the second time or more */
	struct lns_path path;
	const uint8_t *data; /* SEND: valid until the next input call */
	size_t len;
	const struct lns_call *call; /* PPP_START: valid as long */
	int level;		     /* LOG: of syslog */
	/* LOG, MESSAGE: valid until the next input call.  PPP_STOP,
	 * TUNNEL_CLOSE: the cause, a constant; NULL: not told. */
	const char *text;
	/* The same, for programs.  MESSAGE: of StopCCN and CDN that we send;
	 * CAUSE_NONE: not told, or PPP has. */
	enum cause cause;
};

/* The next effect in order; false when there is none. */
bool lns_next_effect(struct lns *, struct lns_effect *);
/* When lns_expire() wants to be called; MONO_NEVER: nothing is pending. */
struct mono lns_deadline(const struct lns *);
/* True when no tunnel is left, but for those that linger: they have given up
 * all they had and only acknowledge retransmissions. */
bool lns_idle(const struct lns *);

struct lns_stats {
	uint32_t tunnels; /* not yet closed, half-open ones included */
	uint32_t tunnels_established;
	uint32_t sessions;
	uint32_t lingering; /* closed, kept for a retransmission cycle */
	uint64_t rx_malformed, rx_unknown, rx_duplicate, tx_retransmit;
	uint64_t out_of_memory;
	uint64_t rx_limited;	 /* SCCRQ dropped: its host asks too often */
	uint64_t rx_refused;	 /* SCCRQ and ICRQ answered with a refusal */
	uint64_t calls_limited;	 /* of these, ICRQ that came too often */
	uint64_t half_open_lost; /* half-open or unused, had to yield */
	uint64_t log_suppressed;
	uint64_t hello_sent; /* also what was sent again */
	/* No sign of life came before the next was due, or the tunnel ended
	 * for want of one. */
	uint64_t hello_missed;
};
void lns_stats(const struct lns *, struct lns_stats *);

#endif
