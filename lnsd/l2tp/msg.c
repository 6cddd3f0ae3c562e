/* SPDX-License-Identifier: ISC */

/* Control messages: bytes to struct l2tp_msg, and the messages we send. */

#include "msg.h"

#include <stdio.h>
#include <string.h>

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

void
msg_text(const struct l2tp_msg *m, enum l2tp_avp type, char *out, size_t size)
{
	size_t len = msg_has(m, type) ? m->avp[type].len : 0;

	if (len > size - 1)
		len = size - 1;
	if (len != 0)
		memcpy(out, m->avp[type].data, len);
	out[len] = '\0';
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

const char *
msg_told(const struct l2tp_msg *m, char *buf, size_t size)
{
	const struct l2tp_field *f = &m->avp[AVP_RESULT_CODE];
	size_t from = 0, i, n = 0;

	if (m->type == L2TP_SCCRQ)
		f = &m->avp[AVP_HOST_NAME];
	else if (m->type != L2TP_STOPCCN && m->type != L2TP_CDN)
		return NULL;
	if (f->data == NULL)
		return NULL;
	if (m->type != L2TP_SCCRQ) {
		n = (size_t)snprintf(buf, size, "result %u", f->num);
		from = 4; /* 4.4.2: result and error code, then a message */
		if (f->len > from)
			n += (size_t)snprintf(buf + n, size - n, ": ");
	}
	for (i = from; i < f->len && n + 1 < size && f->data[i] != 0; i++)
		buf[n++] = (char)f->data[i];
	buf[n] = '\0';
	return buf;
}

const char *
msg_err_text(const struct l2tp_msg *m, int err, char buf[MSG_TEXT_MAX])
{
	if (err != L2TP_E_UNKNOWN_AVP)
		return l2tp_err_text(err);
	snprintf(buf, MSG_TEXT_MAX, "unknown mandatory AVP %u of vendor %u",
	    m->bad_type, m->bad_vendor);
	return buf;
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

/* A message while it is read. */
struct reader {
	struct l2tp_msg *m;
	struct msg_key *key; /* NULL: no secret is shared */
	size_t used;	     /* of the key's room */
	struct rbuf vector;  /* the Random Vector AVP seen last */
};

/* 4.3: the value of a hidden AVP in clear, or an error. */
static int
uncover(struct reader *r, struct avp *a)
{
	size_t len = rbuf_left(&a->value);
	uint8_t *room;

	/* Without a secret and a vector: cannot be understood. */
	if (r->key == NULL || rbuf_left(&r->vector) == 0)
		return L2TP_E_UNKNOWN_AVP;
	if (len > MSG_ROOM - r->used)
		return L2TP_E_VALUE_LENGTH;
	room = r->key->room + r->used;
	r->used += len;
	return hide_open(
	    a->type, r->key->secret, r->vector, a->value, room, &a->value);
}

/* Takes over the value of a known AVP that is in clear.  One that the message
 * may not carry says nothing. */
static int
record(struct l2tp_msg *m, const struct avp *a, const struct avp_spec *spec)
{
	size_t len = rbuf_left(&a->value);
	struct l2tp_field *f;

	if (!(spec->messages & UINT32_C(1) << m->type))
		return 0;
	if (len < spec->min || len > spec->max)
		return L2TP_E_VALUE_LENGTH;
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

/* Reads one AVP.  4.1: what is not understood matters only if M says so. */
static int
take(struct reader *r, struct avp *a)
{
	const struct avp_spec *spec = avp_spec(a->type);
	int err = 0;

	if (a->vendor != 0 || a->reserved || spec == NULL ||
	    (a->hidden && !spec->hideable))
		return a->mandatory ? L2TP_E_UNKNOWN_AVP : 0;
	if (a->hidden)
		err = uncover(r, a);
	if (err == L2TP_E_UNKNOWN_AVP)
		return a->mandatory ? err : 0;
	if (err == 0)
		err = record(r->m, a, spec);
	if (err == L2TP_E_VALUE_LENGTH)
		return a->mandatory && spec->mandatory ? err : 0;
	if (a->type == AVP_RANDOM_VECTOR)
		r->vector = a->value;
	return err;
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
	return msg_decode_hidden(body, NULL, m);
}

int
msg_decode_hidden(struct rbuf body, struct msg_key *key, struct l2tp_msg *m)
{
	struct reader r = { .m = m };
	struct avp a;
	int err, first;

	if (key != NULL && key->secret != NULL && key->secret[0] != '\0')
		r.key = key;
	*m = (struct l2tp_msg){ 0 };
	if ((err = take_type(m, &body)) != 0)
		return err;
	first = 0;
	while (rbuf_left(&body) != 0) {
		/* The rest cannot be told apart any more. */
		if ((err = avp_next(&body, &a)) != 0)
			return first != 0 ? first : err;
		err = take(&r, &a);
		if (first == 0 && err != 0) {
			first = err;
			m->bad_vendor = a.vendor;
			m->bad_type = a.type;
		}
	}
	if (first == 0 &&
	    (m->present & specs[m->type].required) != specs[m->type].required)
		return L2TP_E_MISSING;
	return first;
}

static void
begin(struct wbuf *w, const struct l2tp_hdr *h, const struct hide_key *k,
    enum l2tp_type type)
{
	hdr_put(w, h);
	avp_put_u16(w, AVP_MESSAGE_TYPE, (uint16_t)type);
	if (k != NULL)
		avp_put(w, AVP_RANDOM_VECTOR, k->vector, sizeof(k->vector));
}

static void
put(struct wbuf *w, const struct hide_key *k, enum l2tp_avp type,
    const void *value, size_t len)
{
	if (k != NULL && avp_spec((uint16_t)type)->hideable)
		hide_put(w, k, type, value, len);
	else
		avp_put(w, type, value, len);
}

static void
put_u16(
    struct wbuf *w, const struct hide_key *k, enum l2tp_avp type, uint16_t v)
{
	const uint8_t b[] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(w, k, type, b, sizeof(b));
}

static void
put_u32(
    struct wbuf *w, const struct hide_key *k, enum l2tp_avp type, uint32_t v)
{
	const uint8_t b[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };

	put(w, k, type, b, sizeof(b));
}

void
msg_put_sccrp(struct wbuf *w, const struct l2tp_hdr *h,
    const struct hide_key *k, const struct msg_sccrp *m)
{
	begin(w, h, k, L2TP_SCCRP);
	avp_put_u16(w, AVP_PROTOCOL_VERSION, L2TP_PROTOCOL_VERSION);
	put_u32(w, k, AVP_FRAMING_CAP, FRAMING_SYNC);
	put_u32(w, k, AVP_BEARER_CAP, 0);
	put_u16(w, k, AVP_FIRMWARE, m->firmware);
	avp_put_text(w, AVP_HOST_NAME, m->hostname);
	put(w, k, AVP_VENDOR_NAME, m->vendor, strlen(m->vendor));
	put_u16(w, k, AVP_ASSIGNED_TID, m->tid);
	avp_put_u16(w, AVP_RWS, m->rws);
	if (m->challenge != NULL)
		put(w, k, AVP_CHALLENGE, m->challenge, HIDE_VECTOR_LEN);
	if (m->response != NULL)
		put(w, k, AVP_CHALLENGE_RESPONSE, m->response, HIDE_MD5_LEN);
	hdr_finish(w);
}

void
msg_put_hello(struct wbuf *w, const struct l2tp_hdr *h)
{
	begin(w, h, NULL, L2TP_HELLO);
	hdr_finish(w);
}

void
msg_put_icrp(struct wbuf *w, const struct l2tp_hdr *h, const struct hide_key *k,
    uint16_t sid)
{
	begin(w, h, k, L2TP_ICRP);
	put_u16(w, k, AVP_ASSIGNED_SID, sid);
	hdr_finish(w);
}

/* The error code goes along even if there is none: xl2tpd takes a Result Code
 * AVP without it for malformed. */
static void
put_reason(struct wbuf *w, struct msg_reason why)
{
	uint8_t b[4 + MSG_TEXT_MAX];
	struct wbuf v;

	wbuf_init(&v, b, sizeof(b));
	wbuf_u16(&v, why.result);
	wbuf_u16(&v, why.error);
	if (why.text != NULL)
		wbuf_bytes(&v, why.text, strlen(why.text));
	avp_put(w, AVP_RESULT_CODE, b, v.len);
}

void
msg_put_stopccn(struct wbuf *w, const struct l2tp_hdr *h,
    const struct hide_key *k, uint16_t tid, struct msg_reason why)
{
	begin(w, h, k, L2TP_STOPCCN);
	put_u16(w, k, AVP_ASSIGNED_TID, tid);
	put_reason(w, why);
	hdr_finish(w);
}

void
msg_put_cdn(struct wbuf *w, const struct l2tp_hdr *h, const struct hide_key *k,
    uint16_t sid, struct msg_reason why)
{
	begin(w, h, k, L2TP_CDN);
	put_reason(w, why);
	put_u16(w, k, AVP_ASSIGNED_SID, sid);
	hdr_finish(w);
}
