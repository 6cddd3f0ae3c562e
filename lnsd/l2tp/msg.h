/* SPDX-License-Identifier: ISC */
#ifndef L2TP_MSG_H
#define L2TP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "avp.h"
#include "hdr.h"
#include "proto.h"

/* Room for every message that we send: header, fixed AVPs, two names. */
#define MSG_MAX 512

struct l2tp_field {
	const uint8_t *data; /* into the message */
	uint16_t len;
	uint32_t num; /* if the AVP is a number */
};

/* A control message, decoded: the AVPs of RFC 2661 by their number. */
struct l2tp_msg {
	uint16_t type;
	uint64_t present; /* bit per AVP */
	struct l2tp_field avp[L2TP_AVP_N];
};

/* True when the message belongs to a session, known or new. */
bool msg_is_session(uint16_t type);

/*
 * Reads the AVPs of a message that is not a ZLB.  Returns 0, or the first of
 * L2TP_E_NO_TYPE, L2TP_E_TYPE, L2TP_E_TYPE_OPTIONAL, L2TP_E_AVP_LENGTH,
 * L2TP_E_VALUE_LENGTH, L2TP_E_RANGE, L2TP_E_UNKNOWN_AVP, L2TP_E_MISSING; what
 * could be read is in the message nevertheless, so that an answer knows ids.
 */
must_check int msg_decode(struct rbuf body, struct l2tp_msg *);

bool msg_has(const struct l2tp_msg *, enum l2tp_avp);
/* The number in an AVP; without that AVP, otherwise. */
uint32_t msg_num(const struct l2tp_msg *, enum l2tp_avp, uint32_t otherwise);

/* The code in the value of a Result Code AVP (at least two octets). */
uint16_t msg_result(const uint8_t *value);

/* Builders.  Each writes a whole message, sequence numbers from h. */
struct msg_sccrp {
	const char *hostname, *vendor;
	uint16_t firmware, tid, rws;
};
void msg_put_sccrp(
    struct wbuf *, const struct l2tp_hdr *, const struct msg_sccrp *);
void msg_put_hello(struct wbuf *, const struct l2tp_hdr *);
void msg_put_icrp(struct wbuf *, const struct l2tp_hdr *, uint16_t sid);
/* Result and error code (4.4.2). */
struct msg_reason {
	uint16_t result, error;
};
void msg_put_stopccn(
    struct wbuf *, const struct l2tp_hdr *, uint16_t tid, struct msg_reason);
void msg_put_cdn(
    struct wbuf *, const struct l2tp_hdr *, uint16_t sid, struct msg_reason);

#endif
