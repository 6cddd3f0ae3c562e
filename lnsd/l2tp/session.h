/* SPDX-License-Identifier: ISC */
#ifndef L2TP_SESSION_H
#define L2TP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lns.h"
#include "mono.h"
#include "tunnel.h"

/* An incoming call, LNS side (RFC 2661 7.4.2). */

enum ses_state {
	SES_IDLE,
	SES_OPENING, /* not of the RFC: the kernel's session is being made */
	SES_WAIT_CONNECT,
	SES_ESTABLISHED,
	SES_LINGER, /* ended; late messages for it are no error */
	SES_DEAD,   /* to be freed */
	SES_STATE_N,
};

/* Has begun and not ended. */
static inline bool
session_is_live(enum ses_state state)
{
	return state == SES_OPENING || state == SES_WAIT_CONNECT ||
	       state == SES_ESTABLISHED;
}

enum ses_event {
	SES_RX_ICRQ,
	SES_RX_ICRP,
	SES_RX_ICCN,
	SES_RX_OCRQ,
	SES_RX_OCRP,
	SES_RX_OCCN,
	SES_RX_CDN,
	SES_RX_WEN,
	SES_RX_SLI,
	SES_RX_BAD, /* malformed, or with something mandatory unknown */
	SES_OPENED,
	SES_OPEN_FAILED,
	SES_PPP_EXITED,
	SES_TIMER,  /* too long in this state */
	SES_TUNNEL, /* the tunnel goes */
	SES_EVENT_N,
};

enum {
	/* How long SESSION_OPEN and ICCN are waited for. */
	SES_WAIT_MS = 30000,
};

struct session {
	enum ses_state state;
	uint16_t sid, peer_sid;
	bool opened;	       /* SESSION_CLOSE is owed */
	bool ppp;	       /* PPP_STOP is owed */
	bool ended_here;       /* it was not the peer who ended it */
	uint8_t reserved;      /* effects, for these two */
	struct mono due;       /* of the state */
	struct mono up;	       /* when it was established */
	struct lns_call *call; /* from ICRQ until PPP starts */
};

struct ses_input {
	const struct l2tp_msg *msg;
	int err;	      /* SES_RX_BAD */
	enum lns_ppp_end end; /* SES_PPP_EXITED */
	struct mono now;
};

/* A message of a session, known or new: may make one.  0, or what makes the
 * tunnel untenable. */
must_check int session_receive(struct tunnel *, const struct tun_input *);
/* As the trace writes it; NULL: of none. */
const char *session_state_name(const struct session *);
struct session *session_find(const struct tunnel *, uint16_t sid);
void session_step(struct tunnel *, struct session *, enum ses_event,
    const struct ses_input *);
void session_expire(struct tunnel *, struct session *, struct mono now);
/* Makes one in the idle state; NULL: no memory, or no room. */
struct session *session_new(struct tunnel *, uint16_t peer_sid);
/* Ends PPP, for this cause (the text: a constant), and the kernel's session,
 * without any message or line. */
void session_halt(
    struct tunnel *, struct session *, enum cause, const char *text);
void session_free(struct tunnel *, struct session *);

bool session_cell_is_error(enum ses_state, enum ses_event);

#endif
