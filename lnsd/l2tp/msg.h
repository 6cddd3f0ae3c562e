/* SPDX-License-Identifier: ISC */
#ifndef L2TP_MSG_H
#define L2TP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "avp.h"
#include "cause.h"
#include "hdr.h"
#include "hide.h"
#include "proto.h"

/* Room for every message that we send: header, fixed AVPs, two names. */
#define MSG_MAX 512

/* Of a text for the peer. */
#define MSG_TEXT_MAX 64

struct l2tp_field {
	const uint8_t *data; /* into the message */
	uint16_t len;
	uint32_t num; /* if the AVP is a number */
};

/* A control message, decoded: the AVPs of RFC 2661 by their number. */
struct l2tp_msg {
	uint16_t type;
	uint64_t present; /* bit per AVP */
	/* The first AVP that was the error. */
	uint16_t bad_vendor, bad_type;
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
/* What hidden AVPs are read with: the secret, and room for their values, into
 * which the message points then. */
#define MSG_ROOM 4096
struct msg_key {
	const char *secret; /* NULL or "": none */
	uint8_t room[MSG_ROOM];
};
/* The same; NULL: hidden AVPs are not understood. */
must_check int msg_decode_hidden(
    struct rbuf body, struct msg_key *, struct l2tp_msg *);

bool msg_has(const struct l2tp_msg *, enum l2tp_avp);
/* The number in an AVP; without that AVP, otherwise. */
uint32_t msg_num(const struct l2tp_msg *, enum l2tp_avp, uint32_t otherwise);

/* The text in an AVP, cut to size with its NUL; "" without that AVP. */
void msg_text(const struct l2tp_msg *, enum l2tp_avp, char *out, size_t size);

/* The error's text for the peer (4.4.2), which names the AVP if one is not
 * known; in buf or a constant. */
const char *msg_err_text(
    const struct l2tp_msg *, int err, char buf[MSG_TEXT_MAX]);

/* What a message tells in words: the Host Name of a SCCRQ, the reason of a
 * StopCCN or CDN.  Kept in buf; NULL: nothing. */
const char *msg_told(const struct l2tp_msg *, char *buf, size_t size);

/* The code in the value of a Result Code AVP (at least two octets). */
uint16_t msg_result(const uint8_t *value);

/* Builders.  Each writes a whole message, sequence numbers from h.  With a
 * key all is hidden that may be, without one (NULL) nothing. */
struct msg_sccrp {
	const char *hostname, *vendor;
	uint16_t firmware, tid, rws;
	const uint8_t *challenge; /* HIDE_VECTOR_LEN octets, or NULL */
	const uint8_t *response;  /* HIDE_MD5_LEN octets, or NULL */
};
void msg_put_sccrp(struct wbuf *, const struct l2tp_hdr *,
    const struct hide_key *, const struct msg_sccrp *);
void msg_put_hello(struct wbuf *, const struct l2tp_hdr *);
void msg_put_icrp(struct wbuf *, const struct l2tp_hdr *,
    const struct hide_key *, uint16_t sid);
/* Result and error code, and a text for people (4.4.2), shorter than
 * MSG_TEXT_MAX octets; NULL: none.  The cause stays here. */
struct msg_reason {
	uint16_t result, error;
	const char *text;
	enum cause cause;
};
void msg_put_stopccn(struct wbuf *, const struct l2tp_hdr *,
    const struct hide_key *, uint16_t tid, struct msg_reason);
void msg_put_cdn(struct wbuf *, const struct l2tp_hdr *,
    const struct hide_key *, uint16_t sid, struct msg_reason);

#endif
