/* SPDX-License-Identifier: ISC */

/* Hidden AVPs and the challenge response; the expected octets were computed
 * from RFC 2661 4.3 and 5.1.1 with another implementation of MD5. */

#include "../../lnsd/l2tp/hide.h"
#include "l2tp_world.h"

#define SECRET "s3cret"
#define LONG_TEXT "the quick brown fox jumps over the lazy"

static const uint8_t vector[HIDE_VECTOR_LEN] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
	10, 11, 12, 13, 14, 15 };
/* Assigned Session ID 0x1234. */
static const uint8_t hidden_sid[] = { 0xa3, 0x69, 0xf6, 0xc9 };
/* Proxy Authen Name, with five octets of padding. */
static const uint8_t hidden_name[] = { 0xe6, 0x50, 0x06, 0xa7, 0x78, 0xb2, 0x46,
	0x28, 0x56, 0x9b, 0x0b, 0xaf, 0x0f, 0x07, 0x80, 0xdf, 0x70, 0x66, 0x77,
	0x46, 0x22, 0x5e, 0xa6, 0x84, 0x21, 0x62, 0x98, 0xc0, 0xeb, 0x7b, 0x51,
	0x01, 0x95, 0x17, 0xd9, 0xa2, 0x49, 0xf0, 0x77, 0x73, 0x77, 0x47, 0x19,
	0xa9, 0x66, 0xc8 };

static struct rbuf
the_vector(void)
{
	return rbuf_of(vector, sizeof(vector));
}

static int
open_hidden(uint16_t type, const uint8_t *data, size_t len, struct rbuf *value)
{
	static uint8_t *room;

	/* Of exactly that size, so that a sanitizer sees what is beyond. */
	free(room);
	room = malloc(len + 1);
	ck_assert_ptr_nonnull(room);
	return hide_open(type, SECRET, the_vector(), rbuf_of(data, len),
	    len == 0 ? room + 1 : room, value);
}

START_TEST(hide_opens_what_another_has_hidden)
{
	struct rbuf v;
	uint16_t sid;

	ck_assert_int_eq(
	    open_hidden(AVP_ASSIGNED_SID, hidden_sid, sizeof(hidden_sid), &v),
	    0);
	ck_assert_uint_eq(rbuf_left(&v), 2);
	ck_assert(rbuf_u16(&v, &sid));
	ck_assert_uint_eq(sid, 0x1234);
	ck_assert_int_eq(open_hidden(AVP_PROXY_AUTH_NAME, hidden_name,
			     sizeof(hidden_name), &v),
	    0);
	ck_assert_uint_eq(rbuf_left(&v), strlen(LONG_TEXT));
	ck_assert_mem_eq(v.p, LONG_TEXT, strlen(LONG_TEXT));
}
END_TEST

START_TEST(hide_hides_as_another_does)
{
	struct hide_key k = { .secret = SECRET };
	static const uint8_t sid[] = { 0x12, 0x34 };
	uint8_t buf[64];
	struct wbuf w;

	memcpy(k.vector, vector, sizeof(vector));
	wbuf_init(&w, buf, sizeof(buf));
	hide_put(&w, &k, AVP_ASSIGNED_SID, sid, sizeof(sid));
	ck_assert(wbuf_ok(&w));
	ck_assert_uint_eq(w.len, 6 + sizeof(hidden_sid));
	ck_assert_uint_eq(buf[0], 0xc0); /* M and H */
	ck_assert_uint_eq(buf[1], w.len);
	ck_assert_mem_eq(buf + 6, hidden_sid, sizeof(hidden_sid));
	/* The first 41 octets do not depend on the padding behind them. */
	wbuf_init(&w, buf, sizeof(buf));
	hide_put(&w, &k, AVP_PROXY_AUTH_NAME, LONG_TEXT, strlen(LONG_TEXT));
	ck_assert_uint_eq(w.len, 6 + 41);
	ck_assert_uint_eq(buf[0], 0x40);
	ck_assert_mem_eq(buf + 6, hidden_name, 41);
}
END_TEST

START_TEST(hide_truncated_at_every_length_is_rejected)
{
	struct rbuf v;
	size_t len;

	/* Whole as long as the padding alone is cut. */
	for (len = 0; len <= sizeof(hidden_name); len++)
		ck_assert_int_eq(
		    open_hidden(AVP_PROXY_AUTH_NAME, hidden_name, len, &v),
		    len < 41 ? L2TP_E_VALUE_LENGTH : 0);
}
END_TEST

START_TEST(hide_trusts_no_length_inside)
{
	uint8_t b[sizeof(hidden_name)];
	unsigned len;
	struct rbuf v;
	int want;

	/* The first two octets are XORed: any length can be forged. */
	for (len = 0; len < 65536; len++) {
		memcpy(b, hidden_name, sizeof(b));
		b[0] ^= (uint8_t)(len >> 8);
		b[1] ^= (uint8_t)(strlen(LONG_TEXT) ^ len);
		want = len <= sizeof(b) - 2 ? 0 : L2TP_E_VALUE_LENGTH;
		world_assert(
		    open_hidden(AVP_PROXY_AUTH_NAME, b, sizeof(b), &v) == want);
		world_assert(want != 0 || rbuf_left(&v) == len);
	}
}
END_TEST

START_TEST(hide_every_length_is_read_back)
{
	uint8_t value[AVP_VALUE_MAX], buf[2048];
	struct hide_key k = { .secret = SECRET };
	struct avp a;
	struct rbuf r, v;
	struct wbuf w;
	size_t len, i;

	for (i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(i * 7);
	memcpy(k.vector, vector, sizeof(vector));
	for (len = 0; len <= AVP_VALUE_MAX - 2; len++) {
		wbuf_init(&w, buf, sizeof(buf));
		hide_put(&w, &k, AVP_PROXY_AUTH_RESPONSE, value, len);
		world_assert(wbuf_ok(&w));
		r = rbuf_of(buf, w.len);
		world_assert(avp_next(&r, &a) == 0 && a.hidden);
		world_assert(open_hidden(AVP_PROXY_AUTH_RESPONSE, a.value.p,
				 rbuf_left(&a.value), &v) == 0);
		world_assert(rbuf_left(&v) == len);
		world_assert(len == 0 || memcmp(v.p, value, len) == 0);
	}
	wbuf_init(&w, buf, sizeof(buf));
	hide_put(&w, &k, AVP_PROXY_AUTH_RESPONSE, value, AVP_VALUE_MAX - 1);
	ck_assert(!wbuf_ok(&w));
}
END_TEST

START_TEST(hide_response_is_that_of_chap)
{
	static const uint8_t want[] = { 0xd7, 0xcd, 0xc5, 0x8a, 0xe8, 0xfe,
		0xc2, 0xb9, 0x94, 0xe7, 0xed, 0xd0, 0xb9, 0x4b, 0xd8, 0xa1 };
	static const uint8_t want_x[] = { 0xc8, 0x96, 0xbe, 0x3e, 0xaa, 0xec,
		0x67, 0xa6, 0x0d, 0xec, 0x3f, 0x77, 0x54, 0x49, 0xeb, 0xb9 };
	uint8_t got[HIDE_MD5_LEN];

	ck_assert_int_eq(
	    hide_response(L2TP_SCCRP, SECRET, the_vector(), got), 0);
	ck_assert_mem_eq(got, want, sizeof(want));
	ck_assert_int_eq(
	    hide_response(L2TP_SCCCN, SECRET, rbuf_of("x", 1), got), 0);
	ck_assert_mem_eq(got, want_x, sizeof(want_x));
}
END_TEST

START_TEST(hide_equal_sees_every_bit)
{
	uint8_t a[HIDE_MD5_LEN], b[HIDE_MD5_LEN];
	size_t i;

	memset(a, 0x5a, sizeof(a));
	memcpy(b, a, sizeof(b));
	ck_assert(hide_equal(a, b, sizeof(a)));
	for (i = 0; i < 8 * sizeof(a); i++) {
		b[i / 8] ^= (uint8_t)(1u << i % 8);
		ck_assert(!hide_equal(a, b, sizeof(a)));
		b[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}
END_TEST

START_TEST(hide_wipe_leaves_nothing)
{
	uint8_t a[4] = { 1, 2, 3, 4 };

	hide_wipe(a, 3);
	ck_assert_uint_eq(a[0] | a[1] | a[2], 0);
	ck_assert_uint_eq(a[3], 4);
}
END_TEST

/* A CDN as the client hides it; flaws say what is wrong with it. */
enum flaw {
	FLAW_NONE,
	FLAW_NO_VECTOR,
	FLAW_VECTOR_BEHIND,
	FLAW_OTHER_SECRET,
	FLAW_EMPTY,
	FLAW_HIDDEN_TWICE,
	FLAW_N,
};

static const int flaw_errs[FLAW_N] = {
	[FLAW_NONE] = 0,
	[FLAW_NO_VECTOR] = L2TP_E_UNKNOWN_AVP,
	[FLAW_VECTOR_BEHIND] = L2TP_E_UNKNOWN_AVP,
	[FLAW_OTHER_SECRET] = L2TP_E_VALUE_LENGTH,
	[FLAW_EMPTY] = L2TP_E_VALUE_LENGTH,
	[FLAW_HIDDEN_TWICE] = L2TP_E_UNKNOWN_AVP,
};

static size_t
put_cdn(uint8_t buf[512], enum flaw flaw)
{
	static const uint8_t other[HIDE_VECTOR_LEN] = { 9 };
	static const uint8_t sid[] = { 0x12, 0x34 };
	struct hide_key k = { .secret = SECRET };
	struct wbuf w;

	memcpy(k.vector, vector, sizeof(vector));
	if (flaw == FLAW_OTHER_SECRET)
		k.secret = "other";
	wbuf_init(&w, buf, 512);
	avp_put_u16(&w, AVP_MESSAGE_TYPE, L2TP_CDN);
	avp_put_u16(&w, AVP_RESULT_CODE, 3);
	/* The vector next before it counts. */
	if (flaw != FLAW_NO_VECTOR && flaw != FLAW_VECTOR_BEHIND) {
		avp_put(&w, AVP_RANDOM_VECTOR, other, sizeof(other));
		avp_put(&w, AVP_RANDOM_VECTOR, vector, sizeof(vector));
	}
	if (flaw == FLAW_EMPTY)
		avp_put_hidden(&w, AVP_ASSIGNED_SID, NULL, 0);
	else
		hide_put(&w, &k, AVP_ASSIGNED_SID, sid, sizeof(sid));
	if (flaw == FLAW_VECTOR_BEHIND)
		avp_put(&w, AVP_RANDOM_VECTOR, vector, sizeof(vector));
	if (flaw == FLAW_HIDDEN_TWICE) /* 4.4.1: never */
		hide_put(&w, &k, AVP_RANDOM_VECTOR, sid, sizeof(sid));
	world_assert(wbuf_ok(&w));
	return w.len;
}

START_TEST(msg_with_a_hidden_avp)
{
	struct msg_key key = { .secret = SECRET };
	uint8_t buf[512];
	size_t len = put_cdn(buf, (enum flaw)_i);
	struct l2tp_msg m;

	ck_assert_int_eq(
	    msg_decode_hidden(rbuf_of(buf, len), &key, &m), flaw_errs[_i]);
	if (_i == FLAW_NONE)
		ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_SID, 0), 0x1234);
	else
		ck_assert(
		    _i == FLAW_HIDDEN_TWICE || !msg_has(&m, AVP_ASSIGNED_SID));
}
END_TEST

START_TEST(msg_with_a_hidden_avp_without_a_secret_is_not_understood)
{
	struct msg_key key = { .secret = "" };
	uint8_t buf[512];
	size_t len = put_cdn(buf, FLAW_NONE);
	struct l2tp_msg m;

	ck_assert_int_eq(
	    msg_decode_hidden(rbuf_of(buf, len), &key, &m), L2TP_E_UNKNOWN_AVP);
	ck_assert_int_eq(msg_decode(rbuf_of(buf, len), &m), L2TP_E_UNKNOWN_AVP);
}
END_TEST

START_TEST(msg_with_hidden_avps_truncated_at_every_length_never_hurts)
{
	struct msg_key key = { .secret = SECRET };
	uint8_t buf[512], *exact;
	size_t len = put_cdn(buf, FLAW_NONE), n;
	struct l2tp_msg m;

	for (n = 0; n < len; n++) {
		exact = malloc(n == 0 ? 1 : n);
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, buf, n);
		ck_assert_int_ne(
		    msg_decode_hidden(rbuf_of(exact, n), &key, &m), 0);
		free(exact);
	}
}
END_TEST

START_TEST(msg_with_more_hidden_than_there_is_room_is_rejected)
{
	static uint8_t buf[MSG_ROOM + 4096];
	static const uint8_t junk[1000];
	struct msg_key key = { .secret = SECRET };
	struct hide_key k = { .secret = SECRET };
	struct l2tp_msg m;
	struct wbuf w;
	int i;

	memcpy(k.vector, vector, sizeof(vector));
	for (i = 3; i <= 6; i++) {
		wbuf_init(&w, buf, sizeof(buf));
		avp_put_u16(&w, AVP_MESSAGE_TYPE, L2TP_HELLO);
		avp_put(&w, AVP_RANDOM_VECTOR, vector, sizeof(vector));
		while (w.len < (size_t)i * 1000)
			hide_put(&w, &k, AVP_CALLED_NUMBER, junk, sizeof(junk));
		ck_assert(wbuf_ok(&w));
		ck_assert_int_eq(
		    msg_decode_hidden(rbuf_of(buf, w.len), &key, &m),
		    i <= 4 ? 0 : L2TP_E_VALUE_LENGTH);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hide");
	TCase *t = tcase_create("hide");

	tcase_add_test(t, hide_opens_what_another_has_hidden);
	tcase_add_test(t, hide_hides_as_another_does);
	tcase_add_test(t, hide_truncated_at_every_length_is_rejected);
	tcase_add_test(t, hide_trusts_no_length_inside);
	tcase_add_test(t, hide_every_length_is_read_back);
	tcase_add_test(t, hide_response_is_that_of_chap);
	tcase_add_test(t, hide_equal_sees_every_bit);
	tcase_add_test(t, hide_wipe_leaves_nothing);
	tcase_add_loop_test(t, msg_with_a_hidden_avp, 0, FLAW_N);
	tcase_add_test(
	    t, msg_with_a_hidden_avp_without_a_secret_is_not_understood);
	tcase_add_test(
	    t, msg_with_hidden_avps_truncated_at_every_length_never_hurts);
	tcase_add_test(t, msg_with_more_hidden_than_there_is_room_is_rejected);
	suite_add_tcase(s, t);
	return world_main(s);
}
