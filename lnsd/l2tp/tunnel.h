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
struct tunnel_list;

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
	TUN_UNUSED,	 /* no user data for long */
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
	/* Lines about sessions, of which a client makes as many as it likes:
	 * so many at once, then one in this time. */
	TUN_LOG_BURST = 32,
	TUN_LOG_EVERY_MS = 250,
	/* New sessions, each of which costs the kernel an RCU grace period or
	 * two: a full tunnel at once, then one in this time. */
	TUN_CALL_BURST = TUN_SESSIONS,
	TUN_CALL_EVERY_MS = 500,
	/* A tunnel that must prove that it lives is sent HELLO at once and so
	 * many times in all, so far apart. */
	TUN_PROBES = 3,
	TUN_PROBE_MS = 1000,
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
	/* As the peer names itself in SCCRQ; "": not at all. */
	char hostname[LNS_NAME_MAX], vendor[LNS_NAME_MAX];
	uint16_t firmware;
	struct mono born;  /* when SCCRQ came */
	struct mono up;	   /* when it was established */
	struct mono heard; /* the last sign of life, since it is established */
	struct mono due;   /* of the state */
	enum cause cause;  /* of its end; CAUSE_NONE: none yet */
	const char *cause_text; /* the same in words, a constant, or NULL */
	struct mono hello_due;
	uint32_t hello_left; /* how many more may stay unanswered */
	bool hello_waits;    /* for any sign of life */
	bool probed;	     /* must give one soon, or yields */
	bool uncounted;	     /* what was told last is older than the probe */
	struct limit log;    /* of lines about sessions */
	struct limit calls;  /* of new sessions */
	struct mono idle_due;
	struct mono asked; /* the decision that LNS_TRAFFIC was asked for */
	uint64_t rx_packets, user_packets; /* as last told */
	bool opened;			   /* TUNNEL_CLOSE is owed */
	bool reserved;			   /* room for that effect */
	bool lost;			   /* the peer has stopped answering */
	bool finished;	   /* it is over, but for retransmissions */
	bool used;	   /* has had a session */
	bool was_up;	   /* has been established */
	bool served;	   /* and a session in it */
	uint8_t announced; /* lines of its beginning that were written */
	bool indexed;	   /* the engine's: found by peer, has a slot */
	bool challenged;   /* SCCCN must bring this response: */
	uint8_t response[HIDE_MD5_LEN];

	/* The engine's. */
	struct timer timer;
	struct tunnel *peer_next;
	struct tunnel *client_next, *client_prev;
	struct tunnel_list *list; /* NULL: in none */
	struct tunnel *prev, *next;
};

/* The oldest first. */
struct tunnel_list {
	struct tunnel *first, *last;
	size_t n;
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
/* What its sessions have carried. */
void tunnel_traffic(struct tunnel *, uint64_t rx_packets, uint64_t user_packets,
    struct mono now);
/* Must prove that it lives, within TUN_PROBES * TUN_PROBE_MS, or yields. */
void tunnel_probe(struct tunnel *, struct mono now);
/* Has a session. */
bool tunnel_is_used(const struct tunnel *);
/* The HELLO that is due, or the end of a peer that has missed too many. */
void tunnel_keepalive(struct tunnel *, struct mono now);
/* Asks for traffic when it could make a difference, and has not been asked
 * for; tunnel_ask_due() says when that will be. */
void tunnel_ask(struct tunnel *, struct mono now);
struct mono tunnel_ask_due(const struct tunnel *);
/* The idle clock starts anew. */
void tunnel_used(struct tunnel *, struct mono now);
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
/* The key that hides AVPs for this peer, made in room; NULL: none are. */
const struct hide_key *tunnel_key(const struct tunnel *, struct hide_key *room);
/* Traces and queues a message that was built with that header, and sends what
 * may leave.  0 or L2TP_E_MEMORY. */
must_check int tunnel_send(
    struct tunnel *, const struct wbuf *, uint16_t type, struct mono now);
/* The same, traced below this header line; NULL: not traced. */
must_check int tunnel_send_as(struct tunnel *, const char *header,
    const struct wbuf *, uint16_t type, struct mono now);
void tunnel_send_hello(struct tunnel *, struct mono now);
/* Tells that a StopCCN or CDN is sent, and why. */
void tunnel_tell_end(struct tunnel *, uint16_t type, const struct msg_reason *);
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
/* Writes the lines of its beginning that were not written yet: 1, or 2 when
 * it is established. */
void tunnel_announce(struct tunnel *, uint8_t lines);
/* May a line about a session be written? */
bool tunnel_may_log(struct tunnel *);
/* The same for a step in the life of a tunnel that may be nobody's: is only
 * written if its beginning was, or it has had a session. */
void tunnel_log_life(const struct tunnel *, const char *fmt, ...)
    printf_like(2, 3);
const char *tunnel_peer_text(const struct tunnel *, char buf[LNS_ADDR_TEXT]);
/* See env_trace(). */
int tunnel_trace(const struct tunnel *);
/* As the trace writes it. */
const char *tunnel_state_name(enum tun_state);
/* Traces the summary line of a received message. */
void tunnel_trace_recv(const struct tunnel *, uint16_t type, const char *state);
/* No session is left; none is expected for longer than this. */
void tunnel_idle_for(struct tunnel *, int64_t ms, struct mono now);

/* For the table's test. */
bool tunnel_cell_is_error(enum tun_state, enum tun_event);

#endif
