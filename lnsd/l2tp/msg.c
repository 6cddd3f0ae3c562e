/* SPDX-License-Identifier: ISC */

/* Control messages: bytes to struct l2tp_msg, and the messages we send. */

#include "msg.h"

#include "compiler.h"

#define BIT(avp) (UINT64_C(1) << (avp))

/* RFC 2661 6: the AVPs that must be there, besides Message Type. */
static const struct msg_spec {
	bool known, session;
	uint64_t required;
} specs[L2TP_TYPE_N] = {
	/* 6.1 */
	[L2TP_SCCRQ] = { true, false,
	    BIT(AVP_PROTOCOL_VERSION) | BIT(AVP_HOST_NAME) |
		BIT(AVP_FRAMING_CAP) | BIT(AVP_ASSIGNED_TID) },
	/* 6.2 */
	[L2TP_SCCRP] = { true, false,
	    BIT(AVP_PROTOCOL_VERSION) | BIT(AVP_FRAMING_CAP) |
		BIT(AVP_HOST_NAME) | BIT(AVP_ASSIGNED_TID) },
	/* 6.3 */
	[L2TP_SCCCN] = { true, false, 0 },
	/* 6.4 */
	[L2TP_STOPCCN] = { true, false,
	    BIT(AVP_ASSIGNED_TID) | BIT(AVP_RESULT_CODE) },
	/* 6.5 */
	[L2TP_HELLO] = { true, false, 0 },
	/* 6.6 */
	[L2TP_ICRQ] = { true, true,
	    BIT(AVP_ASSIGNED_SID) | BIT(AVP_CALL_SERIAL) },
	/* 6.7 */
	[L2TP_ICRP] = { true, true, BIT(AVP_ASSIGNED_SID) },
	/* 6.8 */
	[L2TP_ICCN] = { true, true, BIT(AVP_TX_SPEED) | BIT(AVP_FRAMING_TYPE) },
	/* 6.9 */
	[L2TP_OCRQ] = { true, true,
	    BIT(AVP_ASSIGNED_SID) | BIT(AVP_CALL_SERIAL) | BIT(AVP_MIN_BPS) |
		BIT(AVP_MAX_BPS) | BIT(AVP_BEARER_TYPE) |
		BIT(AVP_FRAMING_TYPE) | BIT(AVP_CALLED_NUMBER) },
	/* 6.10 */
	[L2TP_OCRP] = { true, true, BIT(AVP_ASSIGNED_SID) },
	/* 6.11 */
	[L2TP_OCCN] = { true, true, BIT(AVP_TX_SPEED) | BIT(AVP_FRAMING_TYPE) },
	/* 6.12 */
	[L2TP_CDN] = { true, true,
	    BIT(AVP_RESULT_CODE) | BIT(AVP_ASSIGNED_SID) },
	/* 6.13 */
	[L2TP_WEN] = { true, true, BIT(AVP_CALL_ERRORS) },
	/* 6.14 */
	[L2TP_SLI] = { true, true, BIT(AVP_ACCM) },
};

static bool
known(uint16_t type)
{
	return type < nitems(specs) && specs[type].known;
}

bool
msg_is_session(uint16_t type)
{
	return known(type) && specs[type].session;
}

bool
msg_has(const struct l2tp_msg *m, enum l2tp_avp type)
{
	return (m->present & BIT(type)) != 0;
}

uint32_t
msg_num(const struct l2tp_msg *m, enum l2tp_avp type, uint32_t otherwise)
{
	return msg_has(m, type) ? m->avp[type].num : otherwise;
}

uint16_t
msg_result(const uint8_t *value)
{
	/* Apple sends its code in host order, little endian; no code that
	 * RFC 2661 knows has anything in its high octet. */
	if (value[1] == 0)
		return value[0];
	return (uint16_t)(value[0] << 8 | value[1]);
}

static uint32_t
number(const struct avp_spec *spec, struct rbuf value)
{
	uint16_t v16;
	uint32_t v32;

	if (spec->kind == AVP_U16 && rbuf_u16(&value, &v16))
		return v16;
	if (spec->kind == AVP_U32 && rbuf_u32(&value, &v32))
		return v32;
	return 0;
}

/* Records one AVP.  4.1: what is not understood matters only if M says so. */
static int
take(struct l2tp_msg *m, const struct avp *a)
{
	const struct avp_spec *spec = avp_spec(a->type);
	size_t len = rbuf_left(&a->value);
	struct l2tp_field *f;

	/* Hidden without a secret that we share: cannot be understood. */
	if (a->vendor != 0 || a->reserved || a->hidden || spec == NULL)
		return a->mandatory ? L2TP_E_UNKNOWN_AVP : 0;
	if (len < spec->min || len > spec->max)
		return a->mandatory && spec->mandatory ? L2TP_E_VALUE_LENGTH
						       : 0;
	if (m->present & BIT(a->type))
		return 0;
	f = &m->avp[a->type];
	f->data = a->value.p;
	f->len = (uint16_t)len;
	f->num = number(spec, a->value);
	if (a->type == AVP_RESULT_CODE)
		f->num = msg_result(f->data);
	/* 4.4.3, 4.4.4: ids are non-zero. */
	if ((a->type == AVP_ASSIGNED_TID || a->type == AVP_ASSIGNED_SID) &&
	    f->num == 0)
		return L2TP_E_RANGE;
	m->present |= BIT(a->type);
	return 0;
}

/* 4.4.1: Message Type comes first, and is never hidden. */
static int
take_type(struct l2tp_msg *m, struct rbuf *body)
{
	struct avp a;
	int err = avp_next(body, &a);

	if (err != 0)
		return err;
	if (a.vendor != 0 || a.type != AVP_MESSAGE_TYPE || a.hidden ||
	    !rbuf_u16(&a.value, &m->type) || rbuf_left(&a.value) != 0)
		return L2TP_E_NO_TYPE;
	m->present = BIT(AVP_MESSAGE_TYPE);
	if (!known(m->type))
		return a.mandatory ? L2TP_E_TYPE : L2TP_E_TYPE_OPTIONAL;
	return 0;
}

int
msg_decode(struct rbuf body, struct l2tp_msg *m)
{
	struct avp a;
	int err, first;

	*m = (struct l2tp_msg){ 0 };
	if ((err = take_type(m, &body)) != 0)
		return err;
	first = 0;
	while (rbuf_left(&body) != 0) {
		/* The rest cannot be told apart any more. */
		if ((err = avp_next(&body, &a)) != 0)
			return first != 0 ? first : err;
		err = take(m, &a);
		if (first == 0)
			first = err;
	}
	if (first == 0 &&
	    (m->present & specs[m->type].required) != specs[m->type].required)
		return L2TP_E_MISSING;
	return first;
}

static void
begin(struct wbuf *w, const struct l2tp_hdr *h, enum l2tp_type type)
{
	hdr_put(w, h);
	avp_put_u16(w, AVP_MESSAGE_TYPE, (uint16_t)type);
}

void
msg_put_sccrp(
    struct wbuf *w, const struct l2tp_hdr *h, const struct msg_sccrp *m)
{
	begin(w, h, L2TP_SCCRP);
	avp_put_u16(w, AVP_PROTOCOL_VERSION, L2TP_PROTOCOL_VERSION);
	avp_put_u32(w, AVP_FRAMING_CAP, FRAMING_SYNC);
	avp_put_u32(w, AVP_BEARER_CAP, 0);
	avp_put_u16(w, AVP_FIRMWARE, m->firmware);
	avp_put_text(w, AVP_HOST_NAME, m->hostname);
	avp_put_text(w, AVP_VENDOR_NAME, m->vendor);
	avp_put_u16(w, AVP_ASSIGNED_TID, m->tid);
	avp_put_u16(w, AVP_RWS, m->rws);
	hdr_finish(w);
}

void
msg_put_hello(struct wbuf *w, const struct l2tp_hdr *h)
{
	begin(w, h, L2TP_HELLO);
	hdr_finish(w);
}

void
msg_put_icrp(struct wbuf *w, const struct l2tp_hdr *h, uint16_t sid)
{
	begin(w, h, L2TP_ICRP);
	avp_put_u16(w, AVP_ASSIGNED_SID, sid);
	hdr_finish(w);
}

/* The error code goes along even if there is none: xl2tpd takes a Result Code
 * AVP without it for malformed. */
static void
put_reason(struct wbuf *w, struct msg_reason why)
{
	const uint8_t b[] = { (uint8_t)(why.result >> 8), (uint8_t)why.result,
		(uint8_t)(why.error >> 8), (uint8_t)why.error };

	avp_put(w, AVP_RESULT_CODE, b, sizeof(b));
}

void
msg_put_stopccn(struct wbuf *w, const struct l2tp_hdr *h, uint16_t tid,
    struct msg_reason why)
{
	begin(w, h, L2TP_STOPCCN);
	avp_put_u16(w, AVP_ASSIGNED_TID, tid);
	put_reason(w, why);
	hdr_finish(w);
}

void
msg_put_cdn(struct wbuf *w, const struct l2tp_hdr *h, uint16_t sid,
    struct msg_reason why)
{
	begin(w, h, L2TP_CDN);
	put_reason(w, why);
	avp_put_u16(w, AVP_ASSIGNED_SID, sid);
	hdr_finish(w);
}
