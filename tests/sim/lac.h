/* SPDX-License-Identifier: ISC */
#ifndef LAC_H
#define LAC_H

/*
 * A scripted L2TP client (RFC 2661, LAC side), with an encoder and a decoder
 * of its own: nothing here comes from the engine, so that a misreading of the
 * RFC there is not repeated here.  A pure machine like the engine; it never
 * allocates.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mono.h"

/* Message types, RFC 2661 3.2. */
enum lac_message {
	LAC_SCCRQ = 1,
	LAC_SCCRP = 2,
	LAC_SCCCN = 3,
	LAC_STOPCCN = 4,
	LAC_HELLO = 6,
	LAC_OCRQ = 7,
	LAC_ICRQ = 10,
	LAC_ICRP = 11,
	LAC_ICCN = 12,
	LAC_CDN = 14,
	LAC_WEN = 15,
	LAC_SLI = 16,
};

/* Whose behaviour is imitated; index into lac_styles[]. */
enum lac_kind {
	LAC_ANDROID,
	LAC_APPLE,
	LAC_XL2TPD,
	LAC_WINDOWS,
	LAC_PROXY, /* an access concentrator that has begun PPP itself */
	LAC_NKINDS
};

struct lac_style {
	const char *name;
	const char *host;
	uint8_t host_len; /* Apple counts the NUL */
	uint16_t window;  /* Receive Window Size AVP, RFC 2661 4.4.3 */
	uint16_t port;	  /* source port; 0: an ephemeral one */
	int64_t rto_ms;	  /* first retransmission */
	int64_t rto_cap_ms;
	unsigned max_tries;    /* then the dial has failed */
	bool strict;	       /* exact header, exact Ns and Nr, or dropped */
	bool eager;	       /* ICRQ without waiting for the ack of SCCCN */
	bool waits_iccn_ack;   /* PPP only after the ack of ICCN */
	bool cdn_first;	       /* hangs up by CDN, then StopCCN */
	bool fire_and_forget;  /* the process exits with its StopCCN */
	bool proxy;	       /* number AVPs, proxy LCP and authentication; SLI
				* and WEN when up */
	uint8_t result_octets; /* value of its Result Code AVP */
};
extern const struct lac_style lac_styles[LAC_NKINDS];

enum lac_state {
	LAC_IDLE,
	LAC_WAIT_SCCRP,
	LAC_WAIT_SCCCN_ACK,
	LAC_WAIT_ICRP,
	LAC_WAIT_ICCN_ACK,
	LAC_UP,
	LAC_CLOSING, /* StopCCN sent, not acknowledged */
	LAC_CLOSED,  /* acknowledges what is repeated, and nothing else */
	LAC_GONE,    /* no process: answers nothing */
};

#define LAC_MSG_MAX 384
#define LAC_QUEUE 8

struct lac_msg {
	uint8_t data[LAC_MSG_MAX];
	size_t len;
};

typedef void (*lac_send_fn)(void *arg, const uint8_t *data, size_t len);

struct lac {
	const struct lac_style *style;
	lac_send_fn send;
	void *arg;

	enum lac_state state;
	uint16_t tid, peer_tid, sid, peer_sid;
	uint16_t ns, nr;
	uint16_t peer_window;
	struct lac_msg queue[LAC_QUEUE]; /* not acknowledged, oldest first */
	size_t queued, in_flight;
	unsigned tries; /* of the oldest */
	int64_t rto_ms;
	struct mono deadline;

	bool was_up;   /* reached LAC_UP in this dial */
	bool failed;   /* gave up, or was refused, before LAC_UP */
	bool heard;    /* has received anything in this dial */
	bool got_stop; /* the server sent StopCCN */
	bool got_cdn;
	uint16_t stop_result; /* of that StopCCN */
	bool reborn; /* by a test: what comes may be for a former life */
	const char *complaint; /* first breach of protocol by the server */
	unsigned hellos, sent, resent; /* counters */
};

void lac_init(struct lac *, const struct lac_style *, lac_send_fn, void *arg);
/* A new life: everything of the last dial is forgotten.  tid, sid: the ids
 * that it assigns. */
void lac_dial(struct lac *, uint16_t tid, uint16_t sid, struct mono now);
void lac_hangup(struct lac *, struct mono now);
/* Gone without a word. */
void lac_vanish(struct lac *);

void lac_receive(
    struct lac *, const uint8_t *data, size_t len, struct mono now);
void lac_expire(struct lac *, struct mono now);
/* MONO_NEVER: nothing to be repeated. */
struct mono lac_deadline(const struct lac *);

/* One message as this client would send it now (header, AVPs), without
 * queueing it or counting Ns. */
void lac_encode(const struct lac *, enum lac_message type, struct lac_msg *out);

#endif
