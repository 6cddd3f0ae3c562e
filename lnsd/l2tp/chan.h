/* SPDX-License-Identifier: ISC */
#ifndef L2TP_CHAN_H
#define L2TP_CHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "mono.h"

/*
 * The reliable channel under a control connection (RFC 2661 5.8, Appendix A):
 * sequence numbers, windows, acknowledgements, retransmission.  It knows
 * nothing of what the messages say.
 */

enum {
	/* 4.4.3: the window of a peer that names none. */
	CHAN_DEFAULT_RWS = 4,
	/*
	 * 5.8: the recommended first wait, the cap (at least 8 s), and how
	 * often a message is sent again.  The first wait follows the round
	 * trips that were measured, but is never shorter than recommended:
	 * phones take their time to acknowledge, and a shorter one would cut
	 * the cycle in which a peer may be out of reach.
	 */
	CHAN_RTO_MS = 1000,
	CHAN_RTO_MAX_MS = 8000,
	CHAN_RETRIES = 5,
	/* The wait of CHAN_RETRIES and the last one: 1+2+4+8+8+8 s.  Whoever
	 * has closed keeps its state this long (5.7). */
	CHAN_CYCLE_MS = 31000,
	/* More messages ahead of their turn are not kept, whatever the window
	 * that we offer; nor are larger ones. */
	CHAN_EARLY_MAX = 8,
	CHAN_EARLY_LEN_MAX = 2048,
};

struct chan_msg {
	struct chan_msg *next;
	uint16_t ns;
	uint16_t len;
	bool patient; /* see chan_queue() */
	uint8_t data[];
};

struct chan {
	uint16_t nr;		/* of the next message to receive */
	uint16_t una, nxt, max; /* sent: oldest unacknowledged, next, end */
	uint16_t end;		/* of the next message to queue */
	uint16_t rws, peer_rws;
	/* Appendix A; cwnd_acks: how many have come since it grew last. */
	uint16_t cwnd, cwnd_acks, ssthresh;
	uint16_t timed; /* Ns of the message whose round trip is measured */
	bool timing;
	bool urgent; /* the window is not waited for */
	uint8_t n_early;
	uint8_t tries, retries;
	struct chan_msg *out;	/* una .. end - 1 */
	struct chan_msg *early; /* received ahead of their turn, in order */
	/* By the samples; of the message that waits now; the cap. */
	int64_t first_ms, rto_ms, rto_max_ms;
	int64_t srtt_ms, rttvar_ms; /* RFC 6298; srtt 0: no sample yet */
	struct mono timed_at;
	struct mono resend_due, ack_due; /* MONO_NEVER: nothing is owed */
};

/* retries: how often a message is sent again; 0: the recommended number. */
void chan_init(struct chan *, uint16_t rws, uint8_t retries);
/* Frees what is queued in either direction. */
void chan_fini(struct chan *);
void chan_set_peer_window(struct chan *, uint16_t rws);

/*
 * Appends a copy of a control message to what is to be sent.  A patient one
 * (HELLO) is not sent again by the channel's own clock, and does not exhaust
 * it, unless other messages wait too: chan_resend() is called for it.
 * Returns 0 or L2TP_E_MEMORY.
 */
must_check int chan_queue(
    struct chan *, const uint8_t *msg, size_t len, bool patient);
/* Forgets what was never sent, and sends the rest without regard to the
 * window: for the last message of all. */
void chan_hurry(struct chan *);
/* From now on: this often, this far apart at most. */
void chan_limit(
    struct chan *, uint8_t retries, int64_t rto_max_ms, struct mono now);

/*
 * The next message that may leave now, its Ns and Nr set, or NULL.  Counts as
 * an acknowledgement.  Valid until the next call.  *again: was sent before.
 */
const struct chan_msg *chan_transmit(
    struct chan *, struct mono now, bool *again);
bool chan_is_empty(const struct chan *); /* all is acknowledged */
/* The oldest message that is not acknowledged is a patient one. */
bool chan_is_patient(const struct chan *);

enum chan_rx {
	CHAN_RX_NEXT,	   /* take it; is owed an acknowledgement */
	CHAN_RX_DUPLICATE, /* had that; is owed an acknowledgement */
	CHAN_RX_EARLY,	   /* within the window: may be kept by chan_keep() */
	CHAN_RX_BEYOND,	   /* drop it */
};
/* A message (no ZLB) with this Ns has come. */
enum chan_rx chan_receive(struct chan *, uint16_t ns, struct mono now);
/* Takes for received what lies before this Ns. */
void chan_skip(struct chan *, uint16_t ns);
/* Nr of any message.  Beyond what was sent, or old: ignored. */
void chan_acknowledged(struct chan *, uint16_t nr, struct mono now);
/* Keeps a copy of an early datagram, if there is room. */
void chan_keep(struct chan *, uint16_t ns, const uint8_t *data, size_t len);
/* The kept datagram whose turn it is now, or NULL; the caller frees it. */
struct chan_msg *chan_take(struct chan *);

/* Puts the acknowledgement owed off until then. */
void chan_delay_ack(struct chan *, struct mono until);
bool chan_owes_ack(const struct chan *, struct mono now);
void chan_ack_sent(struct chan *);

/* Makes chan_transmit() return all unacknowledged messages again. */
void chan_resend(struct chan *);
/* How long a message is waited for that is sent again this often, when no
 * round trip has been measured. */
int64_t chan_cycle_ms(uint8_t retries);
/* The time has come, or not yet.  False: the peer does not answer. */
must_check bool chan_expire(struct chan *, struct mono now);
struct mono chan_deadline(const struct chan *);

#endif
