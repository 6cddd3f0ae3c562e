/* SPDX-License-Identifier: ISC */
/*
 * The scripted client.  Three families are imitated: Android's mtpd (stop and
 * wait, drops whatever is not exactly in step), Apple's L2TP plugin (hurries,
 * and gets the Result Code AVP wrong) and clients that follow the RFC.
 */
#include "lac.h"

#include <string.h>

/* RFC 2661 3.1: T, L and S set, version 2. */
#define CONTROL_FLAGS 0xc802
#define HEADER_LEN 12
#define AVP_M 0x8000
#define AVP_H 0x4000
#define AVP_LEN 0x03ff
#define AVP_HEADER_LEN 6

/* Attribute types, RFC 2661 4.4. */
enum {
	A_MESSAGE_TYPE = 0,
	A_RESULT = 1,
	A_PROTOCOL = 2,
	A_FRAMING_CAP = 3,
	A_BEARER_CAP = 4,
	A_FIRMWARE = 6,
	A_HOST_NAME = 7,
	A_VENDOR = 8,
	A_TUNNEL_ID = 9,
	A_WINDOW = 10,
	A_SESSION_ID = 14,
	A_CALL_SERIAL = 15,
	A_BEARER_TYPE = 18,
	A_FRAMING_TYPE = 19,
	A_CALLED = 21,
	A_CALLING = 22,
	A_SUB_ADDRESS = 23,
	A_TX_SPEED = 24,
	A_PHYS_CHANNEL = 25,
	A_INITIAL_CONFREQ = 26,
	A_LAST_SENT_CONFREQ = 27,
	A_LAST_RECEIVED_CONFREQ = 28,
	A_PROXY_TYPE = 29,
	A_PROXY_NAME = 30,
	A_PROXY_CHALLENGE = 31,
	A_PROXY_ID = 32,
	A_PROXY_RESPONSE = 33,
	A_CALL_ERRORS = 34,
	A_ACCM = 35,
	A_PRIVATE_GROUP = 37,
	A_RX_SPEED = 38,
	A_SEQUENCING = 39,
	A_KNOWN = 39, /* highest of RFC 2661 */
};

const struct lac_style lac_styles[LAC_NKINDS] = {
	/* mtpd: 2 s, for ever; its user loses patience, see the tests. */
	[LAC_ANDROID] = {
		.name = "android", .host = "anonymous", .host_len = 9,
		.window = 1, .rto_ms = 2000, .rto_cap_ms = 2000,
		.max_tries = 30, .strict = true, .waits_iccn_ack = true,
		.fire_and_forget = true, .result_octets = 2,
	},
	[LAC_APPLE] = {
		.name = "apple", .host = "phone", .host_len = 6,
		.window = 4, .rto_ms = 1000, .rto_cap_ms = 1000,
		.max_tries = 60, .eager = true, .cdn_first = true,
		.fire_and_forget = true, .result_octets = 8,
	},
	/* RFC 2661 5.8: 1, 2, 4, 8 s, and five repetitions. */
	[LAC_XL2TPD] = {
		.name = "xl2tpd", .host = "box", .host_len = 3,
		.window = 4, .rto_ms = 1000, .rto_cap_ms = 8000,
		.max_tries = 6, .result_octets = 4,
	},
	[LAC_WINDOWS] = {
		.name = "windows", .host = "DESKTOP-1", .host_len = 9,
		.window = 8, .port = 1701, .rto_ms = 1000,
		.rto_cap_ms = 8000, .max_tries = 6, .eager = true,
		.cdn_first = true, .result_octets = 4,
	},
	/* RFC 2661 from cover to cover: what a provider has. */
	[LAC_PROXY] = {
		.name = "lac", .host = "lac.example", .host_len = 11,
		.window = 8, .port = 1701, .rto_ms = 1000,
		.rto_cap_ms = 8000, .max_tries = 6, .cdn_first = true,
		.result_octets = 4, .proxy = true,
	},
};

static void
put16(struct lac_msg *m, unsigned v)
{
	m->data[m->len++] = (uint8_t)(v >> 8);
	m->data[m->len++] = (uint8_t)v;
}

static void
patch16(struct lac_msg *m, size_t at, unsigned v)
{
	m->data[at] = (uint8_t)(v >> 8);
	m->data[at + 1] = (uint8_t)v;
}

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void
put_avp(struct lac_msg *m, unsigned m_bit, unsigned type, const void *value,
    size_t len)
{
	put16(m, m_bit | (unsigned)(AVP_HEADER_LEN + len));
	put16(m, 0);
	put16(m, type);
	memcpy(m->data + m->len, value, len);
	m->len += len;
}

static void
put_avp16(struct lac_msg *m, unsigned type, unsigned v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put_avp(m, AVP_M, type, b, sizeof(b));
}

static void
put_avp32(struct lac_msg *m, unsigned m_bit, unsigned type, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };

	put_avp(m, m_bit, type, b, sizeof(b));
}

static void
put_header(const struct lac *l, struct lac_msg *m, unsigned sid)
{
	m->len = 0;
	put16(m, CONTROL_FLAGS);
	put16(m, HEADER_LEN);
	put16(m, l->peer_tid);
	put16(m, sid);
	put16(m, l->ns);
	put16(m, l->nr);
}

static void
put_sccrq(const struct lac *l, struct lac_msg *m)
{
	const struct lac_style *s = l->style;
	bool android = s == &lac_styles[LAC_ANDROID];
	bool apple = s == &lac_styles[LAC_APPLE];

	put_avp16(m, A_PROTOCOL, 0x0100);
	if (android)
		put_avp(m, AVP_M, A_HOST_NAME, s->host, s->host_len);
	put_avp32(m, AVP_M, A_FRAMING_CAP, s->port != 0 && !s->proxy ? 1 : 3);
	if (!android && !apple) {
		put_avp32(m, AVP_M, A_BEARER_CAP, s->proxy ? 3 : 0);
		put_avp(m, 0, A_FIRMWARE, "\x06\x90", 2);
	}
	if (!android)
		put_avp(m, AVP_M, A_HOST_NAME, s->host, s->host_len);
	if (!android && !apple)
		put_avp(m, 0, A_VENDOR, s->name, strlen(s->name));
	put_avp16(m, A_TUNNEL_ID, l->tid);
	put_avp16(m, A_WINDOW, s->window);
}

/* StopCCN 6 "requester is being shut down", CDN 3 "administrative reasons"
 * (RFC 2661 4.4.2); Apple writes the code in host order and six octets of
 * whatever its stack holds. */
static void
put_result(const struct lac *l, struct lac_msg *m, unsigned code)
{
	uint8_t v[8] = { 0, (uint8_t)code, 0, 0, 0xde, 0xad, 0xbe, 0xef };

	if (l->style == &lac_styles[LAC_APPLE]) {
		v[0] = (uint8_t)code;
		v[1] = 0;
	}
	put_avp(m, AVP_M, A_RESULT, v, l->style->result_octets);
}

static void
put_icrq(const struct lac *l, struct lac_msg *m)
{
	bool windows = l->style == &lac_styles[LAC_WINDOWS];

	put_avp16(m, A_SESSION_ID, l->sid);
	put_avp32(m, AVP_M, A_CALL_SERIAL, 1);
	if (windows) {
		put_avp32(m, AVP_M, A_BEARER_TYPE, 2);
		/* RFC 2661 4.4.4 clears M here; Windows sets it. */
		put_avp32(m, AVP_M, A_PHYS_CHANNEL, 0);
	}
	if (l->style->proxy) {
		put_avp32(m, AVP_M, A_BEARER_TYPE, 1);
		put_avp32(m, 0, A_PHYS_CHANNEL, 17);
		put_avp(m, AVP_M, A_CALLED, "5550100", 7);
		put_avp(m, AVP_M, A_CALLING, "5550199", 7);
		put_avp(m, AVP_M, A_SUB_ADDRESS, "12", 2);
	}
}

/* RFC 2661 4.4.5: what the caller and the LAC have agreed on, LCP options
 * without the header of their packet; CHAP with MD5 as authentication. */
static void
put_proxy(struct lac_msg *m)
{
	static const uint8_t asked[] = { 1, 4, 0x05, 0xdc, 5, 6, 0x0a, 0x0b,
		0x0c, 0x0d, 7, 2, 8, 2 };
	static const uint8_t sent[] = { 1, 4, 0x05, 0xdc, 3, 5, 0xc2, 0x23, 5,
		5, 6, 0x1a, 0x1b, 0x1c, 0x1d };
	static const uint8_t octets[16] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
		0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f };

	put_avp(m, 0, A_INITIAL_CONFREQ, asked, sizeof(asked));
	put_avp(m, 0, A_LAST_SENT_CONFREQ, sent, sizeof(sent));
	put_avp(m, 0, A_LAST_RECEIVED_CONFREQ, asked, sizeof(asked));
	put_avp(m, 0, A_PROXY_TYPE, "\0\2", 2);
	put_avp(m, 0, A_PROXY_NAME, "alice@example.net", 17);
	put_avp(m, 0, A_PROXY_CHALLENGE, octets, sizeof(octets));
	put_avp(m, 0, A_PROXY_ID, "\0\1", 2);
	put_avp(m, 0, A_PROXY_RESPONSE, octets, sizeof(octets));
	put_avp(m, 0, A_PRIVATE_GROUP, "blue", 4);
	put_avp(m, 0, A_RX_SPEED, "\0\0\xfa\0", 4);
	put_avp(m, AVP_M, A_SEQUENCING, "", 0);
}

static void
put_iccn(const struct lac *l, struct lac_msg *m)
{
	bool sync = l->style->port != 0 && !l->style->proxy;

	put_avp32(m, AVP_M, A_TX_SPEED, 100000000);
	put_avp32(m, AVP_M, A_FRAMING_TYPE, sync ? 1 : 3);
	if (l->style->proxy)
		put_proxy(m);
}

void
lac_encode(const struct lac *l, enum lac_message type, struct lac_msg *m)
{
	static const uint8_t zeros[26];
	bool call = type >= LAC_ICRP && type <= LAC_SLI;

	put_header(l, m, call ? l->peer_sid : 0);
	put_avp16(m, A_MESSAGE_TYPE, (unsigned)type);
	if (type == LAC_SCCRQ) {
		put_sccrq(l, m);
	} else if (type == LAC_STOPCCN) {
		put_avp16(m, A_TUNNEL_ID, l->tid);
		put_result(l, m, l->style->cdn_first ? 1 : 6);
	} else if (type == LAC_ICRQ) {
		put_icrq(l, m);
	} else if (type == LAC_ICCN) {
		put_iccn(l, m);
	} else if (type == LAC_CDN) {
		put_result(l, m, 3);
		put_avp16(m, A_SESSION_ID, l->sid);
	} else if (type == LAC_WEN && l->style->proxy) {
		/* RFC 2661 4.4.6: reserved, then six counters. */
		put_avp(m, AVP_M, A_CALL_ERRORS, zeros, 26);
	} else if (type == LAC_SLI && l->style->proxy) {
		put_avp(m, AVP_M, A_ACCM, zeros, 10);
	}
	patch16(m, 2, (unsigned)m->len);
}

static void
send_zlb(struct lac *l)
{
	struct lac_msg m;

	put_header(l, &m, 0);
	l->send(l->arg, m.data, m.len);
}

static void
transmit(struct lac *l, struct lac_msg *m)
{
	/* RFC 2661 5.8: a repetition carries the Nr of now, the old Ns. */
	patch16(m, 10, l->nr);
	l->sent++;
	l->send(l->arg, m->data, m->len);
}

/* Sends what the peer's window lets through; arms the timer. */
static void
pump(struct lac *l, struct mono now)
{
	size_t limit = l->style->strict ? 1 : l->peer_window;

	while (l->in_flight < l->queued && l->in_flight < limit) {
		if (l->in_flight == 0)
			l->deadline = mono_add_ms(now, l->rto_ms);
		transmit(l, &l->queue[l->in_flight++]);
	}
}

static void
submit(struct lac *l, enum lac_message type, struct mono now)
{
	if (l->queued == LAC_QUEUE)
		return;
	lac_encode(l, type, &l->queue[l->queued++]);
	l->ns++;
	pump(l, now);
}

static void
close_now(struct lac *l, enum lac_state state)
{
	if (!l->was_up)
		l->failed = true;
	l->state = state;
	l->queued = l->in_flight = 0;
	l->deadline = MONO_NEVER;
}

static void
complain(struct lac *l, const char *text)
{
	if (l->complaint == NULL && !l->reborn)
		l->complaint = text;
}

void
lac_init(
    struct lac *l, const struct lac_style *style, lac_send_fn send, void *arg)
{
	memset(l, 0, sizeof(*l));
	l->style = style;
	l->send = send;
	l->arg = arg;
	l->deadline = MONO_NEVER;
}

void
lac_dial(struct lac *l, uint16_t tid, uint16_t sid, struct mono now)
{
	lac_init(l, l->style, l->send, l->arg);
	l->tid = tid;
	l->sid = sid;
	l->peer_window = 1; /* until SCCRP says more */
	l->rto_ms = l->style->rto_ms;
	l->state = LAC_WAIT_SCCRP;
	submit(l, LAC_SCCRQ, now);
}

void
lac_hangup(struct lac *l, struct mono now)
{
	struct lac_msg m;

	if (l->state == LAC_IDLE || l->state >= LAC_CLOSING)
		return;
	if (!l->style->fire_and_forget) {
		if (l->style->cdn_first && l->state == LAC_UP)
			submit(l, LAC_CDN, now);
		l->state = LAC_CLOSING;
		submit(l, LAC_STOPCCN, now);
		return;
	}
	if (l->style->cdn_first && l->state == LAC_UP) {
		lac_encode(l, LAC_CDN, &m);
		l->send(l->arg, m.data, m.len);
		l->ns++;
	}
	lac_encode(l, LAC_STOPCCN, &m);
	l->send(l->arg, m.data, m.len);
	close_now(l, LAC_GONE);
}

void
lac_vanish(struct lac *l)
{
	close_now(l, LAC_GONE);
}

struct mono
lac_deadline(const struct lac *l)
{
	return l->deadline;
}

void
lac_expire(struct lac *l, struct mono now)
{
	if (mono_before(now, l->deadline))
		return;
	if (++l->tries >= l->style->max_tries) {
		close_now(l, LAC_GONE);
		return;
	}
	for (size_t i = 0; i < l->in_flight; i++) {
		l->resent++;
		transmit(l, &l->queue[i]);
	}
	l->rto_ms *= 2;
	if (l->rto_ms > l->style->rto_cap_ms)
		l->rto_ms = l->style->rto_cap_ms;
	l->deadline = mono_add_ms(now, l->rto_ms);
}

/* What was waiting for the server to have everything. */
static void
all_acknowledged(struct lac *l, struct mono now)
{
	if (l->state == LAC_WAIT_SCCCN_ACK) {
		l->state = LAC_WAIT_ICRP;
		submit(l, LAC_ICRQ, now);
	} else if (l->state == LAC_WAIT_ICCN_ACK) {
		l->state = LAC_UP;
		l->was_up = true;
	} else if (l->state == LAC_CLOSING) {
		close_now(l, LAC_CLOSED);
	}
}

static void
acknowledge(struct lac *l, uint16_t nr, struct mono now)
{
	uint16_t oldest = (uint16_t)(l->ns - l->queued);
	uint16_t n = (uint16_t)(nr - oldest);

	if (n > l->queued) {
		/* Older than the queue is a repetition; newer is a breach. */
		if ((int16_t)(nr - l->ns) > 0)
			complain(l, "Nr acknowledges what was never sent");
		return;
	}
	if (n == 0)
		return;
	l->queued -= n;
	l->in_flight = l->in_flight > n ? l->in_flight - n : 0;
	memmove(l->queue, l->queue + n, l->queued * sizeof(l->queue[0]));
	l->tries = 0;
	l->rto_ms = l->style->rto_ms;
	l->deadline =
	    l->in_flight > 0 ? mono_add_ms(now, l->rto_ms) : MONO_NEVER;
	pump(l, now);
}

/* The AVPs of a message from the server, as far as a client reads them. */
struct seen {
	unsigned type, window, tunnel_id, session_id, result;
	bool host_name, framing_cap, protocol;
};

static const char *
read_avp(const uint8_t *p, size_t len, struct seen *s)
{
	unsigned type = get16(p + 4);
	const uint8_t *v = p + AVP_HEADER_LEN;

	if ((get16(p) & AVP_H) != 0)
		return "hidden AVP without a secret";
	if (get16(p + 2) != 0 || type > A_KNOWN)
		return get16(p) & AVP_M ? "unknown AVP with M" : NULL;
	len -= AVP_HEADER_LEN;
	if (type == A_HOST_NAME)
		s->host_name = len > 0;
	else if (type == A_FRAMING_CAP)
		s->framing_cap = len == 4;
	else if (len < 2)
		return "AVP too short";
	else if (type == A_WINDOW)
		s->window = get16(v);
	else if (type == A_PROTOCOL)
		s->protocol = get16(v) == 0x0100;
	else if (type == A_TUNNEL_ID)
		s->tunnel_id = get16(v);
	else if (type == A_SESSION_ID)
		s->session_id = get16(v);
	else if (type == A_RESULT)
		s->result = get16(v);
	return NULL;
}

/* RFC 2661 4.1.  mtpd takes the first AVP with the flags 0x8008 only. */
static const char *
read_avps(const uint8_t *p, size_t left, struct seen *s)
{
	const char *error;
	size_t len;

	if (left < 8 || get16(p) != (AVP_M | 8) || get16(p + 2) != 0 ||
	    get16(p + 4) != A_MESSAGE_TYPE)
		return "first AVP is not a Message Type with M";
	s->type = get16(p + 6);
	for (p += 8, left -= 8; left > 0; p += len, left -= len) {
		len = left < AVP_HEADER_LEN ? 0 : get16(p) & AVP_LEN;
		if (len < AVP_HEADER_LEN || len > left)
			return "AVP length";
		if ((get16(p) & 0x3c00) != 0)
			return "reserved bits of an AVP";
		if ((error = read_avp(p, len, s)) != NULL)
			return error;
	}
	return NULL;
}

static void
on_sccrp(struct lac *l, const struct seen *s, struct mono now)
{
	if (l->state != LAC_WAIT_SCCRP)
		return;
	if (s->tunnel_id == 0 || !s->host_name || !s->framing_cap ||
	    !s->protocol)
		complain(l, "SCCRP lacks what RFC 2661 6.2 demands");
	l->peer_tid = (uint16_t)s->tunnel_id;
	/* RFC 2661 4.4.3: 4 when the AVP is absent. */
	l->peer_window = s->window != 0 ? (uint16_t)s->window : 4;
	l->state = LAC_WAIT_SCCCN_ACK;
	submit(l, LAC_SCCCN, now);
	if (l->style->eager) {
		l->state = LAC_WAIT_ICRP;
		submit(l, LAC_ICRQ, now);
	}
}

static void
on_icrp(struct lac *l, const struct seen *s, struct mono now)
{
	if (l->state != LAC_WAIT_ICRP)
		return;
	if (s->session_id == 0)
		complain(l, "ICRP without a session id");
	l->peer_sid = (uint16_t)s->session_id;
	l->state = LAC_WAIT_ICCN_ACK;
	submit(l, LAC_ICCN, now);
	if (l->style->proxy) {
		submit(l, LAC_SLI, now);
		submit(l, LAC_WEN, now);
	}
	if (!l->style->waits_iccn_ack) {
		l->state = LAC_UP;
		l->was_up = true;
	}
}

/* False: the message has no acknowledgement from this client. */
static bool
on_message(struct lac *l, const struct seen *s, struct mono now)
{
	switch (s->type) {
	case LAC_SCCRP:
		on_sccrp(l, s, now);
		return true;
	case LAC_ICRP:
		on_icrp(l, s, now);
		return true;
	case LAC_HELLO:
		l->hellos++;
		return true;
	case LAC_CDN:
		l->got_cdn = true;
		if (l->state < LAC_CLOSING)
			lac_hangup(l, now);
		return !l->style->fire_and_forget;
	case LAC_STOPCCN:
		l->got_stop = true;
		l->stop_result = (uint16_t)s->result;
		close_now(l, l->style->fire_and_forget ? LAC_GONE : LAC_CLOSED);
		return !l->style->fire_and_forget;
	default:
		complain(l, "message that a client never expects");
		return true;
	}
}

/* The header's fields that make a datagram this client's; RFC 2661 3.1. */
static bool
header_is_ours(struct lac *l, const uint8_t *p, size_t len)
{
	if (l->state == LAC_IDLE || l->state == LAC_GONE)
		return false;
	/* mtpd: no P, no O, nothing reserved, and the exact length. */
	if (len < HEADER_LEN || get16(p) != CONTROL_FLAGS ||
	    get16(p + 2) != len) {
		complain(l, "header is not what mtpd takes");
		return false;
	}
	return get16(p + 4) == l->tid;
}

void
lac_receive(struct lac *l, const uint8_t *p, size_t len, struct mono now)
{
	struct seen s = { 0 };
	const char *error;
	uint16_t ns, nr;
	int16_t ahead;
	bool wants_ack, call;
	unsigned sent;

	if (!header_is_ours(l, p, len))
		return;
	l->heard = true;
	ns = (uint16_t)get16(p + 8);
	nr = (uint16_t)get16(p + 10);
	ahead = (int16_t)(ns - l->nr);
	if (len > HEADER_LEN && ahead < 0) {
		send_zlb(l);
		/* RFC 2661 5.8 has the Nr of a duplicate count; not mtpd. */
		if (!l->style->strict)
			acknowledge(l, nr, now);
		if (l->queued == 0)
			all_acknowledged(l, now);
		return;
	}
	/* A StopCCN may be the last thing that the server says. */
	if (len >= HEADER_LEN + 8 && ahead >= l->style->window &&
	    get16(p + HEADER_LEN + 6) != LAC_STOPCCN)
		complain(l, "server overruns the window");
	if (l->style->strict && nr != l->ns)
		return;
	acknowledge(l, nr, now);
	if (len > HEADER_LEN && ahead == 0) {
		l->nr++;
		if ((error = read_avps(p + HEADER_LEN, len - HEADER_LEN, &s)))
			complain(l, error);
		call = s.type == LAC_ICRP || s.type == LAC_CDN;
		if (get16(p + 6) != (call ? l->sid : 0))
			complain(l, "session id in the header");
		sent = l->sent;
		wants_ack = on_message(l, &s, now);
		/* A message of ours that leaves now carries Nr. */
		if (wants_ack && sent == l->sent)
			send_zlb(l);
	}
	if (l->queued == 0)
		all_acknowledged(l, now);
}
