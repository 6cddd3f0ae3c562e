/* SPDX-License-Identifier: ISC */

#include "l2tp_world.h"

static const enum l2tp_type types[] = { L2TP_SCCRQ, L2TP_SCCRP, L2TP_SCCCN,
	L2TP_STOPCCN, L2TP_HELLO, L2TP_OCRQ, L2TP_OCRP, L2TP_OCCN, L2TP_ICRQ,
	L2TP_ICRP, L2TP_ICCN, L2TP_CDN, L2TP_WEN, L2TP_SLI };
#define N_TYPES ((int)nitems(types))

/* RFC 2661 6, read again: what must be there. */
static const struct {
	enum l2tp_type type;
	uint16_t avps[8]; /* ends with 0 */
} required[] = {
	{ L2TP_SCCRQ, { 2, 3, 7, 9 } },
	{ L2TP_SCCRP, { 2, 3, 7, 9 } },
	{ L2TP_STOPCCN, { 1, 9 } },
	{ L2TP_ICRQ, { 14, 15 } },
	{ L2TP_ICRP, { 14 } },
	{ L2TP_ICCN, { 19, 24 } },
	{ L2TP_OCRQ, { 14, 15, 16, 17, 18, 19, 21 } },
	{ L2TP_OCRP, { 14 } },
	{ L2TP_OCCN, { 19, 24 } },
	{ L2TP_CDN, { 1, 14 } },
	{ L2TP_WEN, { 34 } },
	{ L2TP_SLI, { 35 } },
};

static const struct world client = {
	.peer_tid = 61471, .peer_sid = 6819, .tid = 1, .sid = 2
};

static size_t
valid(enum l2tp_type type, uint8_t out[512])
{
	size_t len = world_build(&client, type, out);

	memmove(out, out + L2TP_CTL_HDR_LEN, len - L2TP_CTL_HDR_LEN);
	return len - L2TP_CTL_HDR_LEN;
}

/* Decodes from a block exactly as long. */
static int
decode(const uint8_t *body, size_t len, struct l2tp_msg *m)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	int err;

	memcpy(copy, body, len);
	err = msg_decode(rbuf_of(copy, len), m);
	free(copy);
	return err;
}

START_TEST(msg_of_every_type_is_read)
{
	uint8_t b[512];
	struct l2tp_msg m;

	ck_assert_int_eq(decode(b, valid(types[_i], b), &m), 0);
	ck_assert_uint_eq(m.type, types[_i]);
	ck_assert(msg_has(&m, AVP_MESSAGE_TYPE));
	ck_assert(msg_is_session(m.type) == (types[_i] >= L2TP_OCRQ));
}
END_TEST

START_TEST(msg_truncated_at_every_length_is_rejected)
{
	uint8_t b[512];
	size_t len, full = valid(types[_i], b);
	struct l2tp_msg m;
	int err;

	for (len = 0; len < full; len++) {
		err = decode(b, len, &m);
		/* Cut between two AVPs it may lack one, or be whole: what
		 * is not required stands at the end. */
		if (err == 0)
			ck_assert_uint_ge(len, AVP_HDR_LEN + 2);
		else
			ck_assert(
			    err == L2TP_E_AVP_LENGTH || err == L2TP_E_MISSING);
	}
	ck_assert_int_eq(decode(b, full, &m), 0);
}
END_TEST

START_TEST(msg_with_every_wrong_avp_length_is_rejected)
{
	uint8_t b[512], bad[512];
	size_t full = valid(types[_i], b), at, len, right;
	struct l2tp_msg m;

	for (at = 0; at < full; at += right) {
		right = (size_t)(b[at] << 8 | b[at + 1]) & AVP_LEN_MASK;
		for (len = 0; len <= AVP_LEN_MASK; len++) {
			if (len == right)
				continue;
			memcpy(bad, b, full);
			bad[at] = (uint8_t)((b[at] & 0xfc) | len >> 8);
			bad[at + 1] = (uint8_t)len;
			ck_assert_int_ne(decode(bad, full, &m), 0);
		}
	}
}
END_TEST

/* The message without the AVP; returns its length. */
static size_t
without(const uint8_t *b, size_t len, uint16_t type, uint8_t *out)
{
	struct rbuf r = rbuf_of(b, len);
	const uint8_t *start;
	size_t n = 0;
	struct avp a;

	while (rbuf_left(&r) != 0) {
		start = r.p;
		ck_assert_int_eq(avp_next(&r, &a), 0);
		if (a.type == type)
			continue;
		memcpy(out + n, start, (size_t)(r.p - start));
		n += (size_t)(r.p - start);
	}
	return n;
}

START_TEST(msg_lacking_a_required_avp_is_rejected)
{
	uint8_t b[512], lacking[512];
	size_t len = valid(required[_i].type, b), n;
	struct l2tp_msg m;
	const uint16_t *a;

	for (a = required[_i].avps; *a != 0; a++) {
		n = without(b, len, *a, lacking);
		ck_assert_uint_lt(n, len);
		ck_assert_int_eq(decode(lacking, n, &m), L2TP_E_MISSING);
		ck_assert(!msg_has(&m, (enum l2tp_avp) * a));
	}
}
END_TEST

START_TEST(msg_without_message_type_first_is_rejected)
{
	static const uint8_t other[] = { 0x80, 0x08, 0, 0, 0, 9, 0, 1 };
	static const uint8_t hidden[] = { 0xc0, 0x08, 0, 0, 0, 0, 0, 6 };
	static const uint8_t vendor[] = { 0x80, 0x08, 0, 9, 0, 0, 0, 6 };
	static const uint8_t wide[] = { 0x80, 0x09, 0, 0, 0, 0, 0, 6, 0 };
	static const uint8_t narrow[] = { 0x80, 0x07, 0, 0, 0, 0, 6 };
	struct l2tp_msg m;

	ck_assert_int_eq(decode(other, sizeof(other), &m), L2TP_E_NO_TYPE);
	ck_assert_int_eq(decode(hidden, sizeof(hidden), &m), L2TP_E_NO_TYPE);
	ck_assert_int_eq(decode(vendor, sizeof(vendor), &m), L2TP_E_NO_TYPE);
	ck_assert_int_eq(decode(wide, sizeof(wide), &m), L2TP_E_NO_TYPE);
	ck_assert_int_eq(decode(narrow, sizeof(narrow), &m), L2TP_E_NO_TYPE);
}
END_TEST

START_TEST(msg_of_an_unknown_type_depends_on_its_m_bit)
{
	static const uint16_t unknown[] = { 0, 5, 13, 17, 0xffff };
	uint8_t b[] = { 0x80, 0x08, 0, 0, 0, 0, 0, 0 };
	struct l2tp_msg m;
	size_t i;

	for (i = 0; i < nitems(unknown); i++) {
		b[6] = (uint8_t)(unknown[i] >> 8);
		b[7] = (uint8_t)unknown[i];
		b[0] = 0x80;
		ck_assert_int_eq(decode(b, sizeof(b), &m), L2TP_E_TYPE);
		b[0] = 0;
		ck_assert_int_eq(
		    decode(b, sizeof(b), &m), L2TP_E_TYPE_OPTIONAL);
	}
}
END_TEST

/* An AVP behind a valid HELLO, and what it does. */
static const struct {
	const char *name;
	uint8_t avp[24];
	size_t len;
	int err;
} extras[] = {
	{ "unknown, M", { 0x80, 0x06, 0, 0, 0, 20 }, 6, L2TP_E_UNKNOWN_AVP },
	{ "unknown", { 0, 0x06, 0, 0, 0, 20 }, 6, 0 },
	{ "unknown, high", { 0, 0x06, 0, 0, 0xff, 0xff }, 6, 0 },
	{ "vendor, M", { 0x80, 0x06, 1, 0x37, 0, 9 }, 6, L2TP_E_UNKNOWN_AVP },
	{ "vendor", { 0, 0x06, 1, 0x37, 0, 9 }, 6, 0 },
	{ "hidden, M", { 0xc0, 0x08, 0, 0, 0, 14, 0, 1 }, 8,
	    L2TP_E_UNKNOWN_AVP },
	{ "hidden", { 0x40, 0x08, 0, 0, 0, 14, 0, 1 }, 8, 0 },
	{ "reserved bit, M", { 0x84, 0x08, 0, 0, 0, 14, 0, 1 }, 8,
	    L2TP_E_UNKNOWN_AVP },
	{ "reserved bit", { 0x04, 0x08, 0, 0, 0, 14, 0, 1 }, 8, 0 },
	{ "known, M clear", { 0, 0x08, 0, 0, 0, 14, 0, 1 }, 8, 0 },
	{ "known, M set though optional",
	    { 0x80, 0x0a, 0, 0, 0, 25, 0, 0, 0, 1 }, 10, 0 },
	{ "optional, wrong size, M set", { 0x80, 0x08, 0, 0, 0, 25, 0, 1 }, 8,
	    0 },
	{ "mandatory, wrong size", { 0x80, 0x06, 0, 0, 0, 36 }, 6,
	    L2TP_E_VALUE_LENGTH },
	{ "mandatory, wrong size, M clear", { 0, 0x06, 0, 0, 0, 36 }, 6, 0 },
	{ "of another message", { 0x80, 0x08, 0, 0, 0, 14, 0, 1 }, 8, 0 },
	{ "of another message, wrong size", { 0x80, 0x07, 0, 0, 0, 14, 1 }, 7,
	    0 },
	{ "of another message, id 0", { 0x80, 0x08, 0, 0, 0, 9, 0, 0 }, 8, 0 },
	{ "challenge", { 0x80, 0x0a, 0, 0, 0, 11, 1, 2, 3, 4 }, 10, 0 },
};

START_TEST(msg_with_an_extra_avp)
{
	uint8_t b[64] = { 0x80, 0x08, 0, 0, 0, 0, 0, 6 };
	struct l2tp_msg m;

	memcpy(b + 8, extras[_i].avp, extras[_i].len);
	ck_assert_msg(decode(b, 8 + extras[_i].len, &m) == extras[_i].err, "%s",
	    extras[_i].name);
	ck_assert_uint_eq(m.type, L2TP_HELLO);
}
END_TEST

START_TEST(msg_with_an_id_of_0_is_rejected)
{
	static const struct {
		enum l2tp_type type;
		enum l2tp_avp avp;
	} ids[] = {
		{ L2TP_SCCRQ, AVP_ASSIGNED_TID },
		{ L2TP_STOPCCN, AVP_ASSIGNED_TID },
		{ L2TP_ICRQ, AVP_ASSIGNED_SID },
		{ L2TP_CDN, AVP_ASSIGNED_SID },
	};
	uint8_t b[64];
	struct l2tp_msg m;
	struct wbuf w;
	size_t i;

	for (i = 0; i < nitems(ids); i++) {
		wbuf_init(&w, b, sizeof(b));
		avp_put_u16(&w, AVP_MESSAGE_TYPE, (uint16_t)ids[i].type);
		avp_put_u16(&w, ids[i].avp, 0);
		ck_assert_int_eq(decode(b, w.len, &m), L2TP_E_RANGE);
		ck_assert(!msg_has(&m, ids[i].avp));
		ck_assert_uint_eq(m.bad_type, ids[i].avp);
	}
}
END_TEST

START_TEST(msg_error_text_names_the_unknown_avp)
{
	static const uint8_t unknown[] = { 0x80, 0x08, 0, 0, 0, 0, 0, 6, 0x80,
		0x06, 1, 0x37, 0, 99 };
	char text[MSG_TEXT_MAX];
	struct l2tp_msg m;
	int err = decode(unknown, sizeof(unknown), &m);

	ck_assert_int_eq(err, L2TP_E_UNKNOWN_AVP);
	ck_assert_str_eq(msg_err_text(&m, err, text),
	    "unknown mandatory AVP 99 of vendor 311");
	ck_assert_str_eq(msg_err_text(&m, L2TP_E_MISSING, text),
	    l2tp_err_text(L2TP_E_MISSING));
}
END_TEST

START_TEST(msg_with_an_unknown_mandatory_avp_still_tells_its_ids)
{
	static const uint8_t unknown[] = { 0x80, 0x06, 0, 0, 0, 20 };
	uint8_t b[512], bad[512];
	size_t len = valid(L2TP_ICRQ, b);
	struct l2tp_msg m;

	memcpy(bad, b, 8);
	memcpy(bad + 8, unknown, sizeof(unknown));
	memcpy(bad + 8 + sizeof(unknown), b + 8, len - 8);
	ck_assert_int_eq(
	    decode(bad, len + sizeof(unknown), &m), L2TP_E_UNKNOWN_AVP);
	ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_SID, 0), 6819);
}
END_TEST

START_TEST(msg_with_an_avp_twice_keeps_the_first)
{
	static const uint8_t b[] = { 0x80, 8, 0, 0, 0, 0, 0, 11, 0x80, 8, 0, 0,
		0, 14, 0, 1, 0x80, 8, 0, 0, 0, 14, 0, 2 };
	struct l2tp_msg m;

	ck_assert_int_eq(decode(b, sizeof(b), &m), 0);
	ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_SID, 0), 1);
	ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_TID, 77), 77);
}
END_TEST

START_TEST(msg_result_of_every_client_is_understood)
{
	static const uint8_t android[] = { 0x80, 8, 0, 0, 0, 0, 0, 4, 0x80, 8,
		0, 0, 0, 9, 0xf0, 0x1f, 0x80, 8, 0, 0, 0, 1, 0, 6 };
	static const uint8_t apple[] = { 0x80, 8, 0, 0, 0, 0, 0, 14, 0x80, 14,
		0, 0, 0, 1, 3, 0, 0xde, 0xad, 0xbe, 0xef, 1, 2, 0x80, 8, 0, 0,
		0, 14, 0x12, 0x34 };
	static const uint8_t text[] = { 0x80, 8, 0, 0, 0, 0, 0, 14, 0x80, 13, 0,
		0, 0, 1, 0, 2, 0, 6, 'b', 'y', 'e', 0x80, 8, 0, 0, 0, 14, 0x12,
		0x34 };
	struct l2tp_msg m;

	ck_assert_int_eq(decode(android, sizeof(android), &m), 0);
	ck_assert_uint_eq(msg_num(&m, AVP_RESULT_CODE, 0), 6);
	ck_assert_int_eq(decode(apple, sizeof(apple), &m), 0);
	ck_assert_uint_eq(msg_num(&m, AVP_RESULT_CODE, 0), 3);
	ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_SID, 0), 0x1234);
	ck_assert_int_eq(decode(text, sizeof(text), &m), 0);
	ck_assert_uint_eq(msg_num(&m, AVP_RESULT_CODE, 0), 2);
}
END_TEST

/* Our own messages, octet by octet. */
static const struct l2tp_hdr hdr = { .tid = 0xf01f, .sid = 0x1aa3, .nr = 1 };

static void
expect(const struct wbuf *w, const char *hex)
{
	char got[2 * MSG_MAX + 1] = "";
	size_t i;

	ck_assert(wbuf_ok(w));
	for (i = 0; i < w->len; i++)
		snprintf(got + 2 * i, 3, "%02x", w->p[i]);
	ck_assert_str_eq(got, hex);
}

START_TEST(msg_sccrp_is_written_as_documented)
{
	const struct msg_sccrp m = { .hostname = "vpn",
		.vendor = "lnsd",
		.firmware = 0x500,
		.tid = 0x8072,
		.rws = 4 };
	uint8_t b[MSG_MAX];
	struct wbuf w;

	wbuf_init(&w, b, sizeof(b));
	msg_put_sccrp(&w, &hdr, NULL, &m);
	expect(&w, "c802005bf01f1aa300000001"
		   "8008000000000002"
		   "8008000000020100"
		   "800a0000000300000001"
		   "800a0000000400000000"
		   "0008000000060500"
		   "80090000000776706e"
		   "000a000000086c6e7364"
		   "8008000000098072"
		   "80080000000a0004");
}
END_TEST

START_TEST(msg_others_are_written_as_documented)
{
	uint8_t b[MSG_MAX];
	struct wbuf w;

	wbuf_init(&w, b, sizeof(b));
	msg_put_icrp(&w, &hdr, NULL, 0x41fc);
	expect(&w, "c802001cf01f1aa3000000018008000000000"
		   "00b80080000000e41fc");
	wbuf_init(&w, b, sizeof(b));
	msg_put_hello(&w, &hdr);
	expect(&w, "c8020014f01f1aa3000000018008000000000006");
	wbuf_init(&w, b, sizeof(b));
	msg_put_stopccn(&w, &hdr, NULL, 0x8072,
	    (struct msg_reason){ 2, 8, NULL, CAUSE_NONE });
	expect(&w, "c8020026f01f1aa3000000018008000000000004"
		   "8008000000098072800a0000000100020008");
	wbuf_init(&w, b, sizeof(b));
	msg_put_cdn(&w, &hdr, NULL, 0x41fc,
	    (struct msg_reason){ 3, 0, NULL, CAUSE_NONE });
	expect(&w, "c8020026f01f1aa300000001800800000000000e"
		   "800a000000010003000080080000000e41fc");
}
END_TEST

START_TEST(msg_of_ours_is_read_back)
{
	const struct msg_sccrp p = {
		.hostname = "vpn", .vendor = "lnsd", .tid = 9, .rws = 4
	};
	uint8_t b[MSG_MAX];
	struct l2tp_msg m;
	struct wbuf w;

	wbuf_init(&w, b, sizeof(b));
	msg_put_sccrp(&w, &hdr, NULL, &p);
	ck_assert_int_eq(
	    decode(b + L2TP_CTL_HDR_LEN, w.len - L2TP_CTL_HDR_LEN, &m), 0);
	ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_TID, 0), 9);
	ck_assert_uint_eq(m.avp[AVP_HOST_NAME].len, 3);
	wbuf_init(&w, b, sizeof(b));
	msg_put_cdn(
	    &w, &hdr, NULL, 5, (struct msg_reason){ 2, 8, NULL, CAUSE_NONE });
	ck_assert_int_eq(
	    decode(b + L2TP_CTL_HDR_LEN, w.len - L2TP_CTL_HDR_LEN, &m), 0);
	ck_assert_uint_eq(msg_num(&m, AVP_RESULT_CODE, 0), 2);
	ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_SID, 0), 5);
}
END_TEST

START_TEST(msg_errors_have_a_text_and_a_code)
{
	int err;

	for (err = L2TP_E_MEMORY; err < 0; err++) {
		ck_assert_str_ne(l2tp_err_text(err), "no error");
		ck_assert_uint_ne(l2tp_err_code(err), ERROR_NONE);
	}
	ck_assert_uint_eq(l2tp_err_code(L2TP_E_UNKNOWN_AVP), ERROR_UNKNOWN_AVP);
	ck_assert_uint_eq(l2tp_err_code(-1000), ERROR_NONE);
	ck_assert_str_eq(l2tp_type_name(5), "unknown");
	ck_assert_str_eq(l2tp_type_name(4), "StopCCN");
	ck_assert_str_eq(l2tp_type_name(0xffff), "unknown");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("msg");
	TCase *t = tcase_create("msg");

	tcase_add_loop_test(t, msg_of_every_type_is_read, 0, N_TYPES);
	tcase_add_loop_test(
	    t, msg_truncated_at_every_length_is_rejected, 0, N_TYPES);
	tcase_add_loop_test(
	    t, msg_with_every_wrong_avp_length_is_rejected, 0, N_TYPES);
	tcase_add_loop_test(t, msg_lacking_a_required_avp_is_rejected, 0,
	    (int)nitems(required));
	tcase_add_test(t, msg_without_message_type_first_is_rejected);
	tcase_add_test(t, msg_of_an_unknown_type_depends_on_its_m_bit);
	tcase_add_loop_test(t, msg_with_an_extra_avp, 0, (int)nitems(extras));
	tcase_add_test(t, msg_with_an_id_of_0_is_rejected);
	tcase_add_test(t, msg_error_text_names_the_unknown_avp);
	tcase_add_test(
	    t, msg_with_an_unknown_mandatory_avp_still_tells_its_ids);
	tcase_add_test(t, msg_with_an_avp_twice_keeps_the_first);
	tcase_add_test(t, msg_result_of_every_client_is_understood);
	tcase_add_test(t, msg_sccrp_is_written_as_documented);
	tcase_add_test(t, msg_others_are_written_as_documented);
	tcase_add_test(t, msg_of_ours_is_read_back);
	tcase_add_test(t, msg_errors_have_a_text_and_a_code);
	suite_add_tcase(s, t);
	return world_main(s);
}
