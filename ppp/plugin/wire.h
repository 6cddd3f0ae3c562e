/* SPDX-License-Identifier: ISC */
#ifndef WIRE_H
#define WIRE_H

/*
 * What lnsd and its pppd plugin say to each other over a SOCK_SEQPACKET
 * socketpair: one struct wire_msg is one packet, always of full size.  Both
 * ends run on one machine and come from one build; WIRE_MAGIC catches the
 * rest.  lnsd trusts nothing of it before wire_valid() has agreed.
 *
 * Compiled into pppd too: pppd's headers make a bool of their own, so there
 * is none here.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WIRE_MAGIC 0x6c6e7334u /* changes with every change below */

#define WIRE_NAME_MAX 256
#define WIRE_CHALLENGE_MAX 64
/* A CHAP response (49 octets with MS-CHAPv2) or a PAP password. */
#define WIRE_RESPONSE_MAX 255
#define WIRE_IFNAME_MAX 16
/* 40 hexadecimal digits and a NUL; RFC 2759 8.7. */
#define WIRE_PROOF_MAX 41
#define WIRE_IPV6_ID_LEN 8	/* an interface identifier */
#define WIRE_IPV6_MTU_MIN 1280u /* RFC 8200 5 */

/* Of the interfaces of clients that may have IPv6 (IFLA_GROUP). */
#define WIRE_LINK_GROUP 0x6c6e7364u

enum wire_type {
	WIRE_ASK = 1, /* may this user in? the answer is WIRE_VERDICT */
	WIRE_VERDICT, /* to the plugin, as WIRE_PROXY is */
	WIRE_PHASE,   /* LCP is open, now comes ... */
	WIRE_UP,      /* IP is up */
	WIRE_DOWN,    /* IP is going down; the counters are final */
	WIRE_END,     /* pppd is about to exit */
	WIRE_PROXY,   /* LCP is open already; lies there before pppd starts */
	WIRE_IPV6_UP,
	WIRE_IPV6_DOWN, /* no data */
};

enum wire_method {
	WIRE_PAP = 1,
	WIRE_CHAP,
	WIRE_MSCHAPV2,
	WIRE_PROXIED, /* lnsd has the peer's answer from the LAC: no data */
};

enum wire_phase_step {
	WIRE_PHASE_AUTH = 1,
	WIRE_PHASE_NETWORK,
};

/* Flags of wire_end. */
#define WIRE_END_PEER_TERMINATED 0x1u /* LCP Terminate-Request from it */

#define WIRE_STATUS_MAX 255

struct wire_ask {
	uint8_t method;
	uint8_t id; /* of the CHAP packet */
	uint16_t name_len, challenge_len, response_len;
	uint8_t name[WIRE_NAME_MAX]; /* as it came, not terminated */
	uint8_t challenge[WIRE_CHALLENGE_MAX];
	uint8_t response[WIRE_RESPONSE_MAX];
};

/* Flags of wire_lcp. */
#define WIRE_LCP_MRU 0x1u
#define WIRE_LCP_ACCM 0x2u
#define WIRE_LCP_MAGIC 0x4u
#define WIRE_LCP_PFC 0x8u
#define WIRE_LCP_ACFC 0x10u
#define WIRE_LCP_ALL 0x1fu

/* What one end has asked for in LCP and the other has agreed to. */
struct wire_lcp {
	uint32_t flags;
	uint32_t asyncmap, magic;
	uint16_t mru;
};

/* What the LAC has negotiated in our place. */
struct wire_proxy {
	struct wire_lcp sent, received; /* by the LAC */
	uint8_t method;			/* of authentication, agreed on */
	uint8_t answered; /* the peer has; ask with WIRE_PROXIED */
	uint8_t reply;	  /* it waits for a reply, with this id */
	uint8_t id;
	uint16_t name_len; /* if answered: who it is */
	uint8_t name[WIRE_NAME_MAX];
};

struct wire_verdict {
	uint8_t granted;
	uint32_t address;	    /* of the peer, network order */
	uint32_t dns[2], wins[2];   /* what it may ask for; 0: none */
	uint32_t idle_s, session_s; /* until pppd ends it; 0: never */
	char proof[WIRE_PROOF_MAX]; /* MS-CHAPv2: lnsd's own response */
};

struct wire_up {
	char ifname[WIRE_IFNAME_MAX];
	uint32_t ifindex; /* which is never used again, other than the name */
	uint32_t local, remote; /* network order */
};

struct wire_ipv6_up {
	char ifname[WIRE_IFNAME_MAX];
	uint8_t local[WIRE_IPV6_ID_LEN], remote[WIRE_IPV6_ID_LEN];
	uint32_t mtu; /* of the interface */
};

struct wire_down {
	uint64_t rx_bytes, tx_bytes;
	uint64_t rx_packets, tx_packets;
};

struct wire_end {
	uint32_t flags;
	/* pppd's exit status as it was when the link began to end. */
	uint32_t status;
};

struct wire_msg {
	uint32_t magic;
	uint32_t type;
	uint32_t serial; /* ASK: a new one; VERDICT: that of its question */
	union {
		struct wire_ask ask;
		struct wire_verdict verdict;
		uint32_t phase;
		struct wire_up up;
		struct wire_ipv6_up ipv6_up;
		struct wire_down down;
		struct wire_end end;
		struct wire_proxy proxy;
	} u;
};

static inline int
wire_ask_valid(const struct wire_ask *a)
{
	return a->method >= WIRE_PAP && a->method <= WIRE_PROXIED &&
	       a->name_len <= sizeof(a->name) &&
	       a->challenge_len <= sizeof(a->challenge) &&
	       a->response_len <= sizeof(a->response);
}

static inline int
wire_proxy_valid(const struct wire_proxy *p)
{
	return p->method >= WIRE_PAP && p->method <= WIRE_MSCHAPV2 &&
	       p->answered <= 1 && p->reply <= p->answered &&
	       (p->method != WIRE_MSCHAPV2 || !p->answered) &&
	       p->sent.flags <= WIRE_LCP_ALL &&
	       p->received.flags <= WIRE_LCP_ALL &&
	       p->name_len <= sizeof(p->name);
}

static inline int
wire_ends(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL;
}

static inline int
wire_verdict_valid(const struct wire_verdict *v)
{
	return wire_ends(v->proof, sizeof(v->proof)) &&
	       v->idle_s <= INT32_MAX && v->session_s <= INT32_MAX;
}

static inline int
wire_ifname_valid(const char ifname[WIRE_IFNAME_MAX])
{
	return wire_ends(ifname, WIRE_IFNAME_MAX) && ifname[0] != '\0';
}

/* RFC 5072 4.1: two identifiers, neither of them zero. */
static inline int
wire_ipv6_up_valid(const struct wire_ipv6_up *u)
{
	static const uint8_t none[WIRE_IPV6_ID_LEN];

	return wire_ifname_valid(u->ifname) && u->mtu >= WIRE_IPV6_MTU_MIN &&
	       memcmp(u->local, none, sizeof(none)) != 0 &&
	       memcmp(u->remote, none, sizeof(none)) != 0 &&
	       memcmp(u->local, u->remote, sizeof(none)) != 0;
}

/* len: what the packet really had (MSG_TRUNC).  Nonzero when every length and
 * string in m may be relied upon. */
static inline int
wire_valid(const struct wire_msg *m, size_t len)
{
	if (len != sizeof(*m) || m->magic != WIRE_MAGIC)
		return 0;
	switch (m->type) {
	case WIRE_ASK:
		return wire_ask_valid(&m->u.ask);
	case WIRE_VERDICT:
		return wire_verdict_valid(&m->u.verdict);
	case WIRE_PHASE:
		return m->u.phase >= WIRE_PHASE_AUTH &&
		       m->u.phase <= WIRE_PHASE_NETWORK;
	case WIRE_UP:
		return wire_ifname_valid(m->u.up.ifname);
	case WIRE_DOWN:
	case WIRE_IPV6_DOWN:
		return 1;
	case WIRE_IPV6_UP:
		return wire_ipv6_up_valid(&m->u.ipv6_up);
	case WIRE_END:
		return m->u.end.status <= WIRE_STATUS_MAX;
	case WIRE_PROXY:
		return wire_proxy_valid(&m->u.proxy);
	default:
		return 0;
	}
}

#endif
