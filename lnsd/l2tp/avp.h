/* SPDX-License-Identifier: ISC */
#ifndef L2TP_AVP_H
#define L2TP_AVP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "proto.h"

/* What the value of an AVP is, for decoding and for the trace. */
enum avp_kind {
	AVP_U16,
	AVP_U32,
	AVP_TEXT,
	AVP_OCTETS, /* shown by their number only */
	AVP_SECRET, /* not even that */
};

/* RFC 2661 4.4: the properties of an AVP. */
struct avp_spec {
	const char *name; /* as the trace writes it */
	enum avp_kind kind;
	uint16_t min, max; /* length of the value */
	bool mandatory;	   /* the M bit that it must carry */
	bool hideable;	   /* may have the H bit */
	uint32_t messages; /* bit per type that may carry it */
};

/* NULL: no AVP of RFC 2661. */
const struct avp_spec *avp_spec(uint16_t type);

/* One AVP as received; the value points into the message. */
struct avp {
	bool mandatory, hidden;
	bool reserved; /* a reserved bit is set: unrecognised (4.1) */
	uint16_t vendor, type;
	struct rbuf value;
};

/* Takes the next AVP off r, which must not be empty.  Returns 0 or
 * L2TP_E_AVP_LENGTH. */
must_check int avp_next(struct rbuf *r, struct avp *);

/* Appends an AVP of RFC 2661 with the M bit of the table, not hidden. */
void avp_put(struct wbuf *, enum l2tp_avp, const void *value, size_t len);
/* The same with the H bit, for a value that has been hidden. */
void avp_put_hidden(
    struct wbuf *, enum l2tp_avp, const void *value, size_t len);
void avp_put_u16(struct wbuf *, enum l2tp_avp, uint16_t);
void avp_put_u32(struct wbuf *, enum l2tp_avp, uint32_t);
void avp_put_text(struct wbuf *, enum l2tp_avp, const char *);

#endif
