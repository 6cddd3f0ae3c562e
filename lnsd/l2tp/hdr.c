/* SPDX-License-Identifier: ISC */

/* The L2TP header (RFC 2661 3.1). */

#include "hdr.h"

#include "proto.h"

enum {
	LENGTH_AT = 2,
	NS_AT = 8,
	NR_AT = 10,
};

int
hdr_decode(
    const uint8_t *data, size_t len, struct l2tp_hdr *h, struct rbuf *body)
{
	struct rbuf r = rbuf_of(data, len);
	uint16_t flags, length;

	*h = (struct l2tp_hdr){ 0 };
	if (!rbuf_u16(&r, &flags))
		return L2TP_E_SHORT;
	if ((flags & L2TP_VERSION_MASK) != L2TP_VERSION)
		return L2TP_E_VERSION;
	if (!(flags & L2TP_FLAG_T)) {
		*body = r;
		return 0;
	}
	h->control = true;
	/* Reserved bits are ignored on receipt. */
	if (!(flags & L2TP_FLAG_L) || !(flags & L2TP_FLAG_S) ||
	    flags & (L2TP_FLAG_O | L2TP_FLAG_P))
		return L2TP_E_FLAGS;
	if (!rbuf_u16(&r, &length) || !rbuf_u16(&r, &h->tid) ||
	    !rbuf_u16(&r, &h->sid) || !rbuf_u16(&r, &h->ns) ||
	    !rbuf_u16(&r, &h->nr))
		return L2TP_E_SHORT;
	if (length < L2TP_CTL_HDR_LEN ||
	    !rbuf_sub(&r, length - (size_t)L2TP_CTL_HDR_LEN, body))
		return L2TP_E_LENGTH;
	return 0;
}

void
hdr_put(struct wbuf *w, const struct l2tp_hdr *h)
{
	wbuf_u16(w, L2TP_CTL_FLAGS);
	wbuf_u16(w, L2TP_CTL_HDR_LEN);
	wbuf_u16(w, h->tid);
	wbuf_u16(w, h->sid);
	wbuf_u16(w, h->ns);
	wbuf_u16(w, h->nr);
}

void
hdr_finish(struct wbuf *w)
{
	wbuf_patch_u16(w, LENGTH_AT, (uint16_t)w->len);
}

void
hdr_set_sequence(uint8_t *msg, uint16_t ns, uint16_t nr)
{
	msg[NS_AT] = (uint8_t)(ns >> 8);
	msg[NS_AT + 1] = (uint8_t)ns;
	msg[NR_AT] = (uint8_t)(nr >> 8);
	msg[NR_AT + 1] = (uint8_t)nr;
}
