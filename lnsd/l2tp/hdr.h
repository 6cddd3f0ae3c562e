/* SPDX-License-Identifier: ISC */
#ifndef L2TP_HDR_H
#define L2TP_HDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* RFC 2661 3.1.  Of a data message only `control` (false) is filled in: the
 * engine has no use for more. */
struct l2tp_hdr {
	bool control;
	uint16_t tid, sid; /* the receiver's ids */
	uint16_t ns, nr;
};

/*
 * Reads the header of one datagram; body gets what follows it, up to Length
 * (bytes behind that are padding and left out).  Returns 0, L2TP_E_SHORT,
 * L2TP_E_VERSION, L2TP_E_FLAGS or L2TP_E_LENGTH.
 */
must_check int hdr_decode(
    const uint8_t *data, size_t len, struct l2tp_hdr *, struct rbuf *body);

/* Writes a control header at the start of w; Length is still to be set. */
void hdr_put(struct wbuf *w, const struct l2tp_hdr *);
/* Sets Length to all that has been written. */
void hdr_finish(struct wbuf *w);
/* Sets Ns and Nr of a control message that hdr_put() began. */
void hdr_set_sequence(uint8_t *msg, uint16_t ns, uint16_t nr);

#endif
