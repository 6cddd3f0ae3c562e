/* SPDX-License-Identifier: ISC */

/* AVPs: walking them, writing them, and what RFC 2661 says of each. */

#include "avp.h"

#include <string.h>

#include "compiler.h"

#define ANY AVP_VALUE_MAX
#define IN(type) (UINT32_C(1) << L2TP_##type)
#define ALL UINT32_MAX

/* clang-format off */
static const struct avp_spec specs[L2TP_AVP_N] = {
	/* 4.4.1 all control messages */
	[AVP_MESSAGE_TYPE] = { "message type", AVP_U16, 2, 2, true, false,
	    ALL },
	[AVP_RANDOM_VECTOR] =
	    { "random vector", AVP_OCTETS, 1, ANY, true, false,
	    ALL },
	/* 4.4.2 result and error codes.  Android sends no error code, Apple
	 * six octets of it, so only the result code itself is asked for. */
	[AVP_RESULT_CODE] = { "result code", AVP_U16, 2, ANY, true, false,
	    IN(CDN) | IN(STOPCCN) },
	/* 4.4.3 control connection management */
	[AVP_PROTOCOL_VERSION] =
	    { "protocol version", AVP_U16, 2, 2, true, false,
	    IN(SCCRP) | IN(SCCRQ) },
	[AVP_FRAMING_CAP] = { "framing capability", AVP_U32, 4, 4, true, true,
	    IN(SCCRP) | IN(SCCRQ) },
	[AVP_BEARER_CAP] = { "bearer capability", AVP_U32, 4, 4, true, true,
	    IN(SCCRP) | IN(SCCRQ) },
	[AVP_TIE_BREAKER] = { "tie breaker", AVP_OCTETS, 8, 8, false, false,
	    IN(SCCRQ) },
	[AVP_FIRMWARE] = { "firmware revision", AVP_U16, 2, 2, false, true,
	    IN(SCCRP) | IN(SCCRQ) },
	[AVP_HOST_NAME] = { "hostname", AVP_TEXT, 1, ANY, true, false,
	    IN(SCCRP) | IN(SCCRQ) },
	[AVP_VENDOR_NAME] = { "vendorname", AVP_TEXT, 0, ANY, false, true,
	    IN(SCCRP) | IN(SCCRQ) },
	[AVP_ASSIGNED_TID] = { "assigned tunnel id", AVP_U16, 2, 2, true, true,
	    IN(SCCRP) | IN(SCCRQ) | IN(STOPCCN) },
	[AVP_RWS] = { "receive window size", AVP_U16, 2, 2, true, false,
	    IN(SCCRQ) | IN(SCCRP) },
	[AVP_CHALLENGE] = { "challenge", AVP_SECRET, 1, ANY, true, true,
	    IN(SCCRP) | IN(SCCRQ) },
	[AVP_CHALLENGE_RESPONSE] =
	    { "challenge response", AVP_SECRET, 16, 16, true, true,
	    IN(SCCCN) | IN(SCCRP) },
	/* 4.4.4 call management */
	[AVP_Q931_CAUSE] =
	    { "Q.931 cause code", AVP_OCTETS, 3, ANY, true, false,
	    IN(CDN) },
	[AVP_ASSIGNED_SID] = { "assigned session id", AVP_U16, 2, 2, true, true,
	    IN(CDN) | IN(ICRP) | IN(ICRQ) | IN(OCRP) | IN(OCRQ) },
	[AVP_CALL_SERIAL] = { "call serial number", AVP_U32, 4, 4, true, true,
	    IN(ICRQ) | IN(OCRQ) },
	[AVP_MIN_BPS] = { "minimum bps", AVP_U32, 4, 4, true, true,
	    IN(OCRQ) },
	[AVP_MAX_BPS] = { "maximum bps", AVP_U32, 4, 4, true, true,
	    IN(OCRQ) },
	[AVP_BEARER_TYPE] = { "bearer type", AVP_U32, 4, 4, true, true,
	    IN(ICRQ) | IN(OCRQ) },
	[AVP_FRAMING_TYPE] = { "framing type", AVP_U32, 4, 4, true, true,
	    IN(ICCN) | IN(OCCN) | IN(OCRQ) },
	[AVP_CALLED_NUMBER] = { "called number", AVP_TEXT, 0, ANY, true, true,
	    IN(ICRQ) | IN(OCRQ) },
	[AVP_CALLING_NUMBER] = { "calling number", AVP_TEXT, 0, ANY, true, true,
	    IN(ICRQ) },
	[AVP_SUB_ADDRESS] = { "sub-address", AVP_TEXT, 0, ANY, true, true,
	    IN(ICRQ) | IN(OCRQ) },
	[AVP_TX_SPEED] = { "tx connect speed", AVP_U32, 4, 4, true, true,
	    IN(ICCN) | IN(OCCN) },
	[AVP_RX_SPEED] = { "rx connect speed", AVP_U32, 4, 4, false, true,
	    IN(ICCN) | IN(OCCN) },
	/* Old Windows sets M here. */
	[AVP_PHYS_CHANNEL] =
	    { "physical channel id", AVP_U32, 4, 4, false, true,
	    IN(ICRQ) | IN(OCRP) },
	[AVP_PRIVATE_GROUP] =
	    { "private group id", AVP_TEXT, 0, ANY, false, true,
	    IN(ICCN) },
	[AVP_SEQUENCING] =
	    { "sequencing required", AVP_OCTETS, 0, 0, true, false,
	    IN(ICCN) | IN(OCCN) },
	/* 4.4.5 proxy LCP and authentication */
	[AVP_INITIAL_CONFREQ] =
	    { "initial received LCP CONFREQ", AVP_OCTETS, 0, ANY, false, true,
	    IN(ICCN) },
	[AVP_LAST_SENT_CONFREQ] =
	    { "last sent LCP CONFREQ", AVP_OCTETS, 0, ANY, false, true,
	    IN(ICCN) },
	[AVP_LAST_RECV_CONFREQ] =
	    { "last received LCP CONFREQ", AVP_OCTETS, 0, ANY, false, true,
	    IN(ICCN) },
	[AVP_PROXY_AUTH_TYPE] =
	    { "proxy authen type", AVP_U16, 2, 2, false, true,
	    IN(ICCN) },
	[AVP_PROXY_AUTH_NAME] =
	    { "proxy authen name", AVP_TEXT, 0, ANY, false, true,
	    IN(ICCN) },
	[AVP_PROXY_AUTH_CHALLENGE] =
	    { "proxy authen challenge", AVP_SECRET, 1, ANY, false, true,
	    IN(ICCN) },
	[AVP_PROXY_AUTH_ID] = { "proxy authen id", AVP_U16, 2, 2, false, true,
	    IN(ICCN) },
	[AVP_PROXY_AUTH_RESPONSE] =
	    { "proxy authen response", AVP_SECRET, 0, ANY, false, true,
	    IN(ICCN) },
	/* 4.4.6 call status */
	[AVP_CALL_ERRORS] = { "call errors", AVP_OCTETS, 26, 26, true, true,
	    IN(WEN) },
	[AVP_ACCM] = { "ACCM", AVP_OCTETS, 10, 10, true, true,
	    IN(SLI) },
};
/* clang-format on */

const struct avp_spec *
avp_spec(uint16_t type)
{
	if (type >= nitems(specs) || specs[type].name == NULL)
		return NULL;
	return &specs[type];
}

int
avp_next(struct rbuf *r, struct avp *a)
{
	uint16_t flags, len;

	if (!rbuf_u16(r, &flags) || !rbuf_u16(r, &a->vendor) ||
	    !rbuf_u16(r, &a->type))
		return L2TP_E_AVP_LENGTH;
	a->mandatory = flags & AVP_FLAG_M;
	a->hidden = flags & AVP_FLAG_H;
	a->reserved = flags & AVP_RESERVED_MASK;

	/* The length counts the header that has just been read. */
	len = flags & AVP_LEN_MASK;
	if (len < AVP_HDR_LEN ||
	    !rbuf_sub(r, len - (size_t)AVP_HDR_LEN, &a->value))
		return L2TP_E_AVP_LENGTH;
	return 0;
}

static void
put(struct wbuf *w, unsigned flags, enum l2tp_avp type, const void *value,
    size_t len)
{
	if (specs[type].mandatory)
		flags |= AVP_FLAG_M;
	if (len > AVP_VALUE_MAX) {
		w->failed = true;
		return;
	}
	wbuf_u16(w, (uint16_t)(flags | (AVP_HDR_LEN + len)));
	wbuf_u16(w, 0);
	wbuf_u16(w, (uint16_t)type);
	wbuf_bytes(w, value, len);
}

void
avp_put(struct wbuf *w, enum l2tp_avp type, const void *value, size_t len)
{
	put(w, 0, type, value, len);
}

void
avp_put_hidden(
    struct wbuf *w, enum l2tp_avp type, const void *value, size_t len)
{
	put(w, AVP_FLAG_H, type, value, len);
}

void
avp_put_u16(struct wbuf *w, enum l2tp_avp type, uint16_t v)
{
	const uint8_t b[] = { (uint8_t)(v >> 8), (uint8_t)v };

	avp_put(w, type, b, sizeof(b));
}

void
avp_put_u32(struct wbuf *w, enum l2tp_avp type, uint32_t v)
{
	const uint8_t b[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };

	avp_put(w, type, b, sizeof(b));
}

void
avp_put_text(struct wbuf *w, enum l2tp_avp type, const char *text)
{
	avp_put(w, type, text, strlen(text));
}
