/* SPDX-License-Identifier: ISC */
#ifndef L2TP_TUNNEL_H
#define L2TP_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "chan.h"
#include "env.h"
#include "hdr.h"
#include "lns.h"
#include "mono.h"
#include "msg.h"
#include "timerq.h"

/* A control connection, LNS side (RFC 2661 7.2.1). */

struct session;

enum tun_state {
	TUN_IDLE,
	TUN_WAIT_CTL_CONN,
	TUN_ESTABLISHED,
	TUN_CLOSING, /* our StopCCN is not acknowledged yet */
	TUN_LINGER,  /* closed; answers retransmissions for a cycle (5.7) */
	TUN_DEAD,    /* to be freed */
	TUN_STATE_N,
};

enum tun_event {
	TUN_RX_SCCRQ,
	TUN_RX_SCCRP,
	TUN_RX_SCCCN,
	TUN_RX_STOPCCN,
	TUN_RX_HELLO,
	TUN_RX_SESSION,	 /* any message of a session */
	TUN_RX_BAD,	 /* malformed, or with something mandatory unknown */
	TUN_OPEN_FAILED, /* there is no socket for it */
	TUN_CLOSE,	 /* we want to end it */
	TUN_YIELD,	 /* the peer has dialled again */
	TUN_TIMER,	 /* too long in this state */
	TUN_SILENT,	 /* the peer does not answer HELLO */
	TUN_CHAN_FAILED, /* the peer does not acknowledge */
	TUN_CHAN_EMPTY,	 /* the peer has acknowledged all */
	TUN_EVENT_N,
};

enum {
	/* Sessions of one tunnel, those that linger included. */
	TUN_SESSIONS = 16,
	/* How long a tunnel may be without a session, at first or later. */
	TUN_IDLE_MS = 30000,
	/* The same when we ended the last session: phones follow with a
	 * StopCCN of their own. */
	TUN_GRACE_MS = 5000,
	/* How long the acknowledgement of ICRQ waits for ICRP to carry it. */
	TUN_ICRP_MS = 100,
};

struct tunnel {
	struct env *env;
	enum tun_state state;
	uint16_t tid, peer_tid;
	uint32_t slot;
	uint32_t peer; /* index into env->config.peers */
	struct lns_path path;
	struct chan chan;
	struct session *sessions[TUN_SESSIONS]; /* NULL: free */
	struct mono born;			/* when SCCRQ came */
	struct mono due;			/* of the state */
	const char *cause; /* of its end, a constant; NULL: none yet */
	struct mono hello_due;
	uint32_t hello_left; /* how many more may stay unanswered */
	bool hello_waits;    /* for any sign of life */
	bool opened;	     /* TUNNEL_CLOSE is owed */
	bool reserved;	     /* room for that effect */
	bool finished;	     /* it is over, but for retransmissions */
	bool used;	     /* has had a session */
	bool indexed;	     /* the engine's: found by peer, has a slot */

	/* The engine's. */
	struct timer timer;
	struct tunnel *peer_next;
	struct tunnel *linger_prev, *linger_next;
};

/* What comes with an event; msg, hdr: with TUN_RX_ events. */
struct tun_input {
	const struct l2tp_msg *msg;
	const struct l2tp_hdr *hdr;
	int err;	       /* TUN_RX_BAD, TUN_RX_SESSION: of msg_decode() */
	struct msg_reason why; /* TUN_CLOSE */
	struct mono now;
};

/* NULL: out of memory.  The caller sets up who it is for and indexes it. */
struct tunnel *tunnel_new(struct env *);
/* Frees a tunnel that is finished, and its sessions. */
void tunnel_free(struct tunnel *);

void tunnel_step(struct tunnel *, enum tun_event, const struct tun_input *);
/* A control datagram for this tunnel; data is all of it. */
void tunnel_receive(struct tunnel *, const struct l2tp_hdr *, struct rbuf data,
    struct rbuf body, struct mono now);
/* The peer has shown a sign of life. */
void tunnel_heard(struct tunnel *, struct mono now);
void tunnel_close(struct tunnel *, struct msg_reason, struct mono now);
/* Like tunnel_close(), and does not wait long. */
void tunnel_shutdown(struct tunnel *, struct mono now);
void tunnel_expire(struct tunnel *, struct mono now);
struct mono tunnel_deadline(const struct tunnel *);
/* Frees what has died during the input call. */
void tunnel_reap(struct tunnel *);

/* Between tunnel.c, tunnel_io.c and session.c. */

/* A message header for the peer: its tid, this sid. */
struct l2tp_hdr tunnel_hdr(const struct tunnel *, uint16_t peer_sid);
/* Traces and queues a message that was built with that header, and sends what
 * may leave.  0 or L2TP_E_MEMORY. */
must_check int tunnel_send(
    struct tunnel *, const struct wbuf *, uint16_t type, struct mono now);
/* The same, traced below this header line; NULL: not traced. */
must_check int tunnel_send_as(struct tunnel *, const char *header,
    const struct wbuf *, uint16_t type, struct mono now);
void tunnel_send_hello(struct tunnel *, struct mono now);
/* Sends the acknowledgement owed now, if any. */
void tunnel_ack(struct tunnel *, struct mono now);
/* Sends whatever may leave. */
void tunnel_flush(struct tunnel *, struct mono now);
/* The end of an input: flushes, and sees whether all is said. */
void tunnel_settle(struct tunnel *, struct mono now);
/* An effect with the tunnel's part filled in. */
struct lns_effect tunnel_effect(const struct tunnel *, enum lns_effect_type);
void tunnel_log(const struct tunnel *, int level, const char *fmt, ...)
    printf_like(3, 4);
const char *tunnel_peer_text(const struct tunnel *, char buf[LNS_ADDR_TEXT]);
/* Traces the summary line of a received message. */
void tunnel_trace_recv(const struct tunnel *, uint16_t type, const char *state);
/* No session is left; none is expected for longer than this. */
void tunnel_idle_for(struct tunnel *, int64_t ms, struct mono now);

/* For the table's test. */
bool tunnel_cell_is_error(enum tun_state, enum tun_event);

#endif
