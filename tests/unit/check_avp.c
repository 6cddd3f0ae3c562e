/* SPDX-License-Identifier: ISC */

#include "l2tp_world.h"

static const uint8_t tid_avp[] = { 0x80, 0x08, 0x00, 0x00, 0x00, 0x09, 0xf0,
	0x1f };

START_TEST(avp_is_read)
{
	struct rbuf r = rbuf_of(tid_avp, sizeof(tid_avp));
	struct avp a;
	uint16_t v;

	ck_assert_int_eq(avp_next(&r, &a), 0);
	ck_assert(a.mandatory && !a.hidden && !a.reserved);
	ck_assert_uint_eq(a.vendor, 0);
	ck_assert_uint_eq(a.type, AVP_ASSIGNED_TID);
	ck_assert(rbuf_u16(&a.value, &v));
	ck_assert_uint_eq(v, 0xf01f);
	ck_assert_uint_eq(rbuf_left(&a.value), 0);
	ck_assert_uint_eq(rbuf_left(&r), 0);
}
END_TEST

START_TEST(avp_truncated_at_every_length_is_rejected)
{
	uint8_t *copy = malloc((size_t)_i);
	struct rbuf r;
	struct avp a;

	memcpy(copy, tid_avp, (size_t)_i);
	r = rbuf_of(copy, (size_t)_i);
	ck_assert_int_eq(avp_next(&r, &a), L2TP_E_AVP_LENGTH);
	free(copy);
}
END_TEST

START_TEST(avp_length_decides_what_the_value_is)
{
	uint8_t b[sizeof(tid_avp)];
	struct rbuf r;
	struct avp a;
	int err;

	memcpy(b, tid_avp, sizeof(b));
	r = rbuf_of(b, sizeof(b));
	b[0] = (uint8_t)(0x80 | _i >> 8);
	b[1] = (uint8_t)_i;
	err = avp_next(&r, &a);
	if (_i < AVP_HDR_LEN || _i > (int)sizeof(b)) {
		ck_assert_int_eq(err, L2TP_E_AVP_LENGTH);
		return;
	}
	ck_assert_int_eq(err, 0);
	ck_assert_uint_eq(rbuf_left(&a.value), (size_t)_i - AVP_HDR_LEN);
	ck_assert_uint_eq(rbuf_left(&r), sizeof(b) - (size_t)_i);
}
END_TEST

START_TEST(avp_flags_are_told_apart)
{
	uint8_t b[sizeof(tid_avp)];
	struct rbuf r;
	uint8_t f = (uint8_t)(_i << 2);
	struct avp a;

	memcpy(b, tid_avp, sizeof(b));
	r = rbuf_of(b, sizeof(b));
	b[0] = f;
	ck_assert_int_eq(avp_next(&r, &a), 0);
	ck_assert(a.mandatory == ((f & 0x80) != 0));
	ck_assert(a.hidden == ((f & 0x40) != 0));
	ck_assert(a.reserved == ((f & 0x3c) != 0));
}
END_TEST

/* RFC 2661 4.4, read again: number, M, and the length of the value. */
static const struct {
	uint16_t type;
	bool m;
	uint16_t min, max;
} rfc[] = {
	{ 0, true, 2, 2 },
	{ 1, true, 2, 1017 },
	{ 2, true, 2, 2 },
	{ 3, true, 4, 4 },
	{ 4, true, 4, 4 },
	{ 5, false, 8, 8 },
	{ 6, false, 2, 2 },
	{ 7, true, 1, 1017 },
	{ 8, false, 0, 1017 },
	{ 9, true, 2, 2 },
	{ 10, true, 2, 2 },
	{ 11, true, 1, 1017 },
	{ 12, true, 3, 1017 },
	{ 13, true, 16, 16 },
	{ 14, true, 2, 2 },
	{ 15, true, 4, 4 },
	{ 16, true, 4, 4 },
	{ 17, true, 4, 4 },
	{ 18, true, 4, 4 },
	{ 19, true, 4, 4 },
	{ 21, true, 0, 1017 },
	{ 22, true, 0, 1017 },
	{ 23, true, 0, 1017 },
	{ 24, true, 4, 4 },
	{ 25, false, 4, 4 },
	{ 26, false, 0, 1017 },
	{ 27, false, 0, 1017 },
	{ 28, false, 0, 1017 },
	{ 29, false, 2, 2 },
	{ 30, false, 0, 1017 },
	{ 31, false, 1, 1017 },
	{ 32, false, 2, 2 },
	{ 33, false, 0, 1017 },
	{ 34, true, 26, 26 },
	{ 35, true, 10, 10 },
	{ 36, true, 1, 1017 },
	{ 37, false, 0, 1017 },
	{ 38, false, 4, 4 },
	{ 39, true, 0, 0 },
};

START_TEST(avp_properties_are_those_of_the_rfc)
{
	const struct avp_spec *s = avp_spec(rfc[_i].type);

	ck_assert_ptr_nonnull(s);
	ck_assert(s->mandatory == rfc[_i].m);
	ck_assert_uint_eq(s->min, rfc[_i].min);
	ck_assert_uint_eq(s->max, rfc[_i].max);
}
END_TEST

/* RFC 2661 6.1 to 6.14: which AVPs a message must or may carry, besides Message
 * Type and Random Vector. */
static const struct {
	enum l2tp_type type;
	uint8_t avps[24]; /* ends with 0 */
} carried[] = {
	{ L2TP_SCCRQ, { 2, 7, 3, 9, 4, 10, 11, 5, 6, 8 } },
	{ L2TP_SCCRP, { 2, 3, 7, 9, 4, 6, 8, 10, 11, 13 } },
	{ L2TP_SCCCN, { 13 } },
	{ L2TP_STOPCCN, { 9, 1 } },
	{ L2TP_HELLO, { 0 } },
	{ L2TP_ICRQ, { 14, 15, 18, 25, 22, 21, 23 } },
	{ L2TP_ICRP, { 14 } },
	{ L2TP_ICCN, { 24, 19, 26, 27, 28, 29, 30, 31, 32, 33, 37, 38, 39 } },
	{ L2TP_OCRQ, { 14, 15, 16, 17, 18, 19, 21, 23 } },
	{ L2TP_OCRP, { 14, 25 } },
	{ L2TP_OCCN, { 24, 19, 38, 39 } },
	{ L2TP_CDN, { 1, 14, 12 } },
	{ L2TP_WEN, { 34 } },
	{ L2TP_SLI, { 35 } },
};

START_TEST(avp_is_carried_where_the_rfc_says)
{
	const uint8_t *avps = carried[_i].avps;
	const struct avp_spec *s;
	uint16_t type;
	bool want;

	for (type = 0; type < L2TP_AVP_N; type++) {
		s = avp_spec(type);
		if (s == NULL)
			continue;
		want = type == AVP_MESSAGE_TYPE || type == AVP_RANDOM_VECTOR ||
		       memchr(avps, type, strlen((const char *)avps)) != NULL;
		ck_assert_msg(
		    ((s->messages >> carried[_i].type & 1) != 0) == want,
		    "AVP %u in %s", type,
		    l2tp_type_name((uint16_t)carried[_i].type));
	}
}
END_TEST

/* 4.4: "MUST NOT be hidden"; all others may be. */
START_TEST(avp_is_hidden_where_the_rfc_allows)
{
	static const uint8_t never[] = { 1, 2, 5, 7, 10, 12, 36, 39 };
	uint16_t type;

	ck_assert(!avp_spec(AVP_MESSAGE_TYPE)->hideable);
	for (type = 1; type < L2TP_AVP_N; type++)
		if (avp_spec(type) != NULL)
			ck_assert(avp_spec(type)->hideable ==
				  (memchr(never, type, sizeof(never)) == NULL));
}
END_TEST

START_TEST(avp_numbers_never_assigned_are_unknown)
{
	ck_assert_ptr_null(avp_spec(20));
	ck_assert_ptr_null(avp_spec(40));
	ck_assert_ptr_null(avp_spec(0xffff));
}
END_TEST

START_TEST(avp_written_is_read_back)
{
	uint16_t type = rfc[_i].type, len = rfc[_i].max;
	uint8_t value[AVP_VALUE_MAX], out[AVP_LEN_MASK];
	struct avp a;
	struct wbuf w;
	struct rbuf r;

	memset(value, 0xa5, sizeof(value));
	wbuf_init(&w, out, sizeof(out));
	avp_put(&w, (enum l2tp_avp)type, value, len);
	ck_assert(wbuf_ok(&w));
	r = rbuf_of(out, w.len);
	ck_assert_int_eq(avp_next(&r, &a), 0);
	ck_assert_uint_eq(a.type, type);
	ck_assert(a.mandatory == rfc[_i].m);
	ck_assert(!a.hidden && !a.reserved);
	ck_assert_uint_eq(rbuf_left(&a.value), len);
	ck_assert_mem_eq(a.value.p, value, len);
	ck_assert_uint_eq(rbuf_left(&r), 0);
}
END_TEST

START_TEST(avp_too_long_to_write_fails)
{
	uint8_t value[AVP_VALUE_MAX + 1] = { 0 }, out[2048];
	struct wbuf w;

	wbuf_init(&w, out, sizeof(out));
	avp_put(&w, AVP_HOST_NAME, value, sizeof(value));
	ck_assert(!wbuf_ok(&w));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("avp");
	TCase *t = tcase_create("avp");

	tcase_add_test(t, avp_is_read);
	tcase_add_loop_test(t, avp_truncated_at_every_length_is_rejected, 1,
	    (int)sizeof(tid_avp));
	tcase_add_loop_test(
	    t, avp_length_decides_what_the_value_is, 0, AVP_LEN_MASK + 1);
	tcase_add_loop_test(t, avp_flags_are_told_apart, 0, 64);
	tcase_add_loop_test(
	    t, avp_properties_are_those_of_the_rfc, 0, (int)nitems(rfc));
	tcase_add_loop_test(
	    t, avp_is_carried_where_the_rfc_says, 0, (int)nitems(carried));
	tcase_add_test(t, avp_is_hidden_where_the_rfc_allows);
	tcase_add_test(t, avp_numbers_never_assigned_are_unknown);
	tcase_add_loop_test(t, avp_written_is_read_back, 0, (int)nitems(rfc));
	tcase_add_test(t, avp_too_long_to_write_fails);
	suite_add_tcase(s, t);
	return world_main(s);
}
