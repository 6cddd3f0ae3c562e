/* SPDX-License-Identifier: ISC */
#ifndef L2TP_WORLD_H
#define L2TP_WORLD_H

/*
 * An engine and a client of it that says what it is told to say; what the
 * engine answers is kept as text, one entry per effect.
 */

#include <check.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "../../lnsd/l2tp/avp.h"
#include "../../lnsd/l2tp/engine.h"
#include "../../lnsd/l2tp/hdr.h"
#include "../../lnsd/l2tp/msg.h"
#include "../../lnsd/l2tp/proto.h"
#include "lns.h"
#include "mono.h"

/* ck_assert() writes to its parent every time, which is slow. */
#define world_assert(cond)                         \
	do {                                       \
		if (!(cond))                       \
			ck_abort_msg("%s", #cond); \
	} while (0)

#define WORLD_ENTRIES 512
#define WORLD_TEXT 200

struct world {
	struct lns *e;
	struct lns_path path;
	struct mono now;
	uint64_t seed;
	/* The client's view of the control connection. */
	uint16_t peer_tid, peer_sid; /* the client's own ids */
	uint16_t tid, sid;	     /* the engine's */
	uint16_t ns, nr;
	bool follow; /* answers LNS_SESSION_OPEN at once, with this: */
	bool open_ok;
	bool tells; /* answers LNS_TRAFFIC at once, with these: */
	uint64_t rx_packets, user_packets;
	size_t n_asked; /* how often it was asked for; not an entry of fx */
	/* All effects since world_clear(). */
	char fx[WORLD_ENTRIES][WORLD_TEXT];
	char lines[WORLD_ENTRIES][WORLD_TEXT]; /* log lines alone */
	int levels[WORLD_ENTRIES];
	size_t n_fx, n_lines;
	struct lns_effect last[LNS_LOG + 1]; /* of each type */
	uint8_t sent[2048];		     /* the last datagram */
	size_t sent_len;
	size_t n_sent;
	char secret[LNS_SECRET_MAX]; /* that of the first peer */
	struct msg_key key;
};

static inline void
world_random(void *arg, void *buf, size_t len)
{
	uint64_t *seed = arg;
	uint8_t *p = buf;

	while (len-- > 0) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		*p++ = (uint8_t)(*seed >> 56);
	}
}

static inline struct lns_addr
world_addr(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
	return (
	    struct lns_addr){ .family = 4, .ip = { a, b, c, d }, .port = port };
}

static inline void
world_clear(struct world *w)
{
	w->n_fx = w->n_lines = w->n_sent = w->n_asked = 0;
}

static inline void
world_note(struct world *w, const char *fmt, ...)
{
	va_list ap;

	world_assert(w->n_fx < WORLD_ENTRIES);
	va_start(ap, fmt);
	vsnprintf(w->fx[w->n_fx++], WORLD_TEXT, fmt, ap);
	va_end(ap);
}

/* What the engine must never send, whatever happens. */
static inline uint16_t
world_check_sent(
    struct world *w, const uint8_t *data, size_t len, struct l2tp_hdr *h)
{
	struct rbuf body, r;
	struct l2tp_msg m;
	struct avp a;
	bool vector = false;

	world_assert(hdr_decode(data, len, h, &body) == 0);
	world_assert(h->control);
	world_assert((data[0] << 8 | data[1]) == 0xc802);
	world_assert(((size_t)(data[2] << 8 | data[3])) == len);
	if (rbuf_left(&body) == 0)
		return L2TP_ZLB;
	world_assert((data[12] << 8 | data[13]) == 0x8008);
	world_assert(msg_decode_hidden(body, &w->key, &m) == 0);
	for (r = body; rbuf_left(&r) != 0;) {
		world_assert(avp_next(&r, &a) == 0);
		world_assert(a.vendor == 0);
		vector |= a.type == AVP_RANDOM_VECTOR;
		world_assert(!a.hidden || vector);
		world_assert(!a.reserved);
		world_assert(avp_spec(a.type) != NULL);
		world_assert(a.mandatory == avp_spec(a.type)->mandatory);
	}
	return m.type;
}

static inline void
world_note_send(struct world *w, const struct lns_effect *e)
{
	struct l2tp_hdr h;
	uint16_t type = world_check_sent(w, e->data, e->len, &h);
	struct rbuf body;
	struct l2tp_msg m;

	world_assert(e->len <= sizeof(w->sent));
	memcpy(w->sent, e->data, e->len);
	w->sent_len = e->len;
	w->n_sent++;
	world_note(w, "SEND %s ns=%u nr=%u", l2tp_type_name(type), h.ns, h.nr);
	if (type == L2TP_ZLB)
		return;
	world_assert(hdr_decode(e->data, e->len, &h, &body) == 0);
	world_assert(msg_decode_hidden(body, &w->key, &m) == 0);
	if (type == L2TP_SCCRP)
		w->tid = (uint16_t)msg_num(&m, AVP_ASSIGNED_TID, 0);
	if (type == L2TP_ICRP)
		w->sid = (uint16_t)msg_num(&m, AVP_ASSIGNED_SID, 0);
	if (h.ns == w->nr)
		w->nr++;
}

static inline void
world_drain(struct world *w)
{
	static const char *const names[] = {
		[LNS_SEND] = "SEND",
		[LNS_TUNNEL_OPEN] = "TUNNEL_OPEN",
		[LNS_TUNNEL_UP] = "TUNNEL_UP",
		[LNS_TUNNEL_CLOSE] = "TUNNEL_CLOSE",
		[LNS_SESSION_OPEN] = "SESSION_OPEN",
		[LNS_PPP_START] = "PPP_START",
		[LNS_PPP_STOP] = "PPP_STOP",
		[LNS_SESSION_CLOSE] = "SESSION_CLOSE",
		[LNS_MESSAGE] = "MESSAGE",
		[LNS_LOG] = "LOG",
	};
	struct lns_effect e;

	while (lns_next_effect(w->e, &e)) {
		w->last[e.type] = e;
		if (e.type == LNS_MESSAGE)
			continue;
		if (e.type == LNS_TRAFFIC) {
			w->n_asked++;
			if (w->tells)
				lns_traffic(w->e, e.tid, w->rx_packets,
				    w->user_packets, w->now);
		} else if (e.type == LNS_SEND) {
			world_note_send(w, &e);
		} else if (e.type == LNS_LOG) {
			w->levels[w->n_lines] = e.level;
			snprintf(
			    w->lines[w->n_lines++], WORLD_TEXT, "%s", e.text);
			world_note(w, "LOG %s", e.text);
		} else {
			world_note(w, "%s", names[e.type]);
		}
		if (e.type == LNS_SESSION_OPEN && w->follow)
			lns_session_opened(
			    w->e, e.tid, e.sid, w->open_ok, w->now);
	}
}

static inline struct lns_peer
world_peer(void)
{
	return (struct lns_peer){ .name = "anyone", .any = true };
}

/* The engine and client of the documented sample. */
static inline void
world_init(
    struct world *w, const struct lns_config *base, const struct lns_peer *peer)
{
	struct lns_peer p = peer == NULL ? world_peer() : *peer;
	struct lns_config c = { .hostname = "RTX1200",
		.vendor = "YAMAHA Corporation",
		.firmware = 0x500,
		.rws = 1 };

	if (base != NULL)
		c = *base;
	if (c.peers == NULL) {
		c.peers = &p;
		c.n_peers = 1;
	}
	*w = (struct world){ .seed = 7,
		.now = { 1000000 },
		.peer_tid = 61471,
		.peer_sid = 6819,
		.follow = true,
		.open_ok = true };
	w->path.local = world_addr(192, 0, 2, 1, 1701);
	w->path.peer = world_addr(203, 0, 113, 1, 40000);
	w->key.secret = w->secret;
	memcpy(w->secret, c.peers[0].secret, sizeof(w->secret));
	w->e = lns_new(&c, world_random, &w->seed);
	ck_assert_ptr_nonnull(w->e);
}

static inline void
world_fini(struct world *w)
{
	lns_free(w->e);
}

static inline void
world_raw(struct world *w, const uint8_t *data, size_t len)
{
	lns_packet(w->e, 0, &w->path, data, len, w->now);
	world_drain(w);
}

/* Time passes, and the engine is called whenever it wants to be. */
static inline void
world_pass(struct world *w, int64_t ms)
{
	struct mono end = mono_add_ms(w->now, ms), due;

	while (due = lns_deadline(w->e), !mono_before(end, due)) {
		world_assert(!mono_before(due, w->now));
		w->now = due;
		lns_expire(w->e, w->now);
		world_drain(w);
		world_assert(mono_before(w->now, lns_deadline(w->e)));
	}
	w->now = end;
}

static inline void
world_begin(const struct world *w, struct wbuf *b, enum l2tp_type type,
    uint16_t tid, uint16_t sid)
{
	const struct l2tp_hdr h = {
		.tid = tid, .sid = sid, .ns = w->ns, .nr = w->nr
	};

	hdr_put(b, &h);
	if (type != L2TP_ZLB)
		avp_put_u16(b, AVP_MESSAGE_TYPE, (uint16_t)type);
}

static inline void
world_put(struct wbuf *b, const struct world *w, enum l2tp_type type)
{
	static const uint8_t zeros[32];

	switch (type) {
	case L2TP_SCCRQ: /* in the order of Android's mtpd */
		avp_put_u16(b, AVP_PROTOCOL_VERSION, 0x0100);
		avp_put_text(b, AVP_HOST_NAME, "anonymous");
		avp_put_u32(b, AVP_FRAMING_CAP, 2);
		avp_put_u16(b, AVP_ASSIGNED_TID, w->peer_tid);
		avp_put_u16(b, AVP_RWS, 1);
		break;
	case L2TP_SCCRP:
		avp_put_u16(b, AVP_PROTOCOL_VERSION, 0x0100);
		avp_put_u32(b, AVP_FRAMING_CAP, 3);
		avp_put_text(b, AVP_HOST_NAME, "anonymous");
		avp_put_u16(b, AVP_ASSIGNED_TID, w->peer_tid);
		break;
	case L2TP_STOPCCN:
		avp_put_u16(b, AVP_ASSIGNED_TID, w->peer_tid);
		avp_put_u16(b, AVP_RESULT_CODE, 6);
		break;
	case L2TP_ICRQ:
		avp_put_u16(b, AVP_ASSIGNED_SID, w->peer_sid);
		avp_put_u32(b, AVP_CALL_SERIAL, 1548737386);
		break;
	case L2TP_OCRQ:
		avp_put_u16(b, AVP_ASSIGNED_SID, w->peer_sid);
		avp_put_u32(b, AVP_CALL_SERIAL, 1);
		avp_put_u32(b, AVP_MIN_BPS, 1);
		avp_put_u32(b, AVP_MAX_BPS, 2);
		avp_put_u32(b, AVP_BEARER_TYPE, 1);
		avp_put_u32(b, AVP_FRAMING_TYPE, 1);
		avp_put_text(b, AVP_CALLED_NUMBER, "1");
		break;
	case L2TP_ICRP:
	case L2TP_OCRP:
		avp_put_u16(b, AVP_ASSIGNED_SID, w->peer_sid);
		break;
	case L2TP_ICCN:
	case L2TP_OCCN:
		avp_put_u32(b, AVP_TX_SPEED, 100000000);
		avp_put_u32(b, AVP_FRAMING_TYPE, 3);
		break;
	case L2TP_CDN:
		avp_put_u16(b, AVP_RESULT_CODE, 3);
		avp_put_u16(b, AVP_ASSIGNED_SID, w->peer_sid);
		break;
	case L2TP_WEN:
		avp_put(b, AVP_CALL_ERRORS, zeros, 26);
		break;
	case L2TP_SLI:
		avp_put(b, AVP_ACCM, zeros, 10);
		break;
	case L2TP_ZLB:
	case L2TP_SCCCN:
	case L2TP_HELLO:
	case L2TP_TYPE_N:
		break;
	}
}

/* Builds a whole valid message of the client's; returns its length. */
static inline size_t
world_build(const struct world *w, enum l2tp_type type, uint8_t buf[512])
{
	bool session = msg_is_session((uint16_t)type);
	uint16_t sid = w->sid;
	struct wbuf b;

	if (!session || type == L2TP_ICRQ || type == L2TP_OCRQ)
		sid = 0;
	wbuf_init(&b, buf, 512);
	world_begin(w, &b, type, type == L2TP_SCCRQ ? 0 : w->tid, sid);
	world_put(&b, w, type);
	hdr_finish(&b);
	world_assert(wbuf_ok(&b));
	return b.len;
}

/* The client says this, in sequence. */
static inline void
world_say(struct world *w, enum l2tp_type type)
{
	uint8_t buf[512];
	size_t len = world_build(w, type, buf);

	if (type != L2TP_ZLB)
		w->ns++;
	world_raw(w, buf, len);
}

/* The client dials anew, from scratch. */
static inline void
world_dial(struct world *w)
{
	w->ns = w->nr = w->tid = w->sid = 0;
	world_say(w, L2TP_SCCRQ);
}

static inline void
world_tunnel_up(struct world *w)
{
	world_dial(w);
	world_say(w, L2TP_SCCCN);
}

static inline void
world_session_up(struct world *w)
{
	world_tunnel_up(w);
	world_say(w, L2TP_ICRQ);
	world_say(w, L2TP_ICCN);
}

static inline struct lns_stats
world_stats(const struct world *w)
{
	struct lns_stats s;

	lns_stats(w->e, &s);
	return s;
}

/* Compares a list of texts that ends with NULL. */
static inline void
world_compare(char got[][WORLD_TEXT], size_t n, const char *const *want)
{
	size_t i;

	for (i = 0; i < n && want[i] != NULL; i++)
		ck_assert_str_eq(got[i], want[i]);
	ck_assert_msg(i == n, "more than expected: %s", got[i]);
	ck_assert_msg(want[i] == NULL, "missing: %s", want[i]);
}

#define world_expect_fx(w, ...) \
	world_compare(          \
	    (w)->fx, (w)->n_fx, (const char *const[]){ __VA_ARGS__, NULL })
#define world_expect_lines(w, ...)              \
	world_compare((w)->lines, (w)->n_lines, \
	    (const char *const[]){ __VA_ARGS__, NULL })
#define world_expect_silence(w) ck_assert_uint_eq((w)->n_fx, 0)

/* How often this effect has come. */
static inline size_t
world_count(const struct world *w, const char *prefix)
{
	size_t i, n = 0;

	for (i = 0; i < w->n_fx; i++)
		n += strncmp(w->fx[i], prefix, strlen(prefix)) == 0;
	return n;
}

/* The text with this id in place of its '#'. */
static inline char *
world_line(const char *fmt, uint16_t id)
{
	static char bufs[4][WORLD_TEXT];
	static size_t next;
	char *b = bufs[next++ % 4], tail[WORLD_TEXT], *at;

	snprintf(b, WORLD_TEXT, "%s", fmt);
	at = strchr(b, '#');
	if (at != NULL) {
		snprintf(tail, sizeof(tail), "%s", at + 1);
		snprintf(at, WORLD_TEXT - (size_t)(at - b), "%u%s", id, tail);
	}
	return b;
}

/* The last datagram, read. */
static inline struct l2tp_msg
world_last(struct world *w)
{
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct rbuf body;

	world_assert(hdr_decode(w->sent, w->sent_len, &h, &body) == 0);
	world_assert(msg_decode_hidden(body, &w->key, &m) == 0);
	return m;
}

/* The result code in the last datagram. */
static inline uint16_t
world_last_result(struct world *w)
{
	struct l2tp_msg m = world_last(w);

	return (uint16_t)msg_num(&m, AVP_RESULT_CODE, 0);
}

/* The error message in the last datagram. */
static inline const char *
world_last_text(struct world *w)
{
	static char text[MSG_TEXT_MAX];
	struct l2tp_msg m = world_last(w);
	const struct l2tp_field *f = &m.avp[AVP_RESULT_CODE];

	world_assert(msg_has(&m, AVP_RESULT_CODE) && f->len >= 4);
	snprintf(
	    text, sizeof(text), "%.*s", f->len - 4, (const char *)f->data + 4);
	return text;
}

/* Begins a message of the client's in sequence; more AVPs may follow.  It is
 * said with world_finish(). */
static inline void
world_start(struct world *w, struct wbuf *b, uint8_t buf[1500],
    enum l2tp_type type, bool with_avps)
{
	bool fresh = type == L2TP_ICRQ || type == L2TP_OCRQ;
	bool session = msg_is_session((uint16_t)type) && !fresh;

	wbuf_init(b, buf, 1500);
	world_begin(
	    w, b, type, type == L2TP_SCCRQ ? 0 : w->tid, session ? w->sid : 0);
	if (with_avps)
		world_put(b, w, type);
}

static inline void
world_finish(struct world *w, struct wbuf *b)
{
	hdr_finish(b);
	world_assert(wbuf_ok(b));
	w->ns++;
	world_raw(w, b->p, b->len);
}

static inline int
world_main(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
