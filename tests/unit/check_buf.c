/* SPDX-License-Identifier: ISC */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/l2tp/buf.h"

static const uint8_t bytes[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07 };

START_TEST(rbuf_reads_in_network_order)
{
	struct rbuf r = rbuf_of(bytes, sizeof(bytes));
	uint8_t v8;
	uint16_t v16;
	uint32_t v32;

	ck_assert(rbuf_u8(&r, &v8));
	ck_assert(rbuf_u16(&r, &v16));
	ck_assert(rbuf_u32(&r, &v32));
	ck_assert_uint_eq(v8, 0x01);
	ck_assert_uint_eq(v16, 0x0203);
	ck_assert_uint_eq(v32, 0x04050607);
	ck_assert_uint_eq(rbuf_left(&r), 0);
}
END_TEST

START_TEST(rbuf_read_beyond_the_end_fails_and_moves_nothing)
{
	struct rbuf r = rbuf_of(bytes, (size_t)_i), sub;
	uint8_t v8;
	uint16_t v16;
	uint32_t v32;

	ck_assert(!rbuf_u32(&r, &v32));
	ck_assert(!rbuf_sub(&r, 4, &sub));
	ck_assert(!rbuf_sub(&r, SIZE_MAX, &sub));
	ck_assert(rbuf_u16(&r, &v16) == (_i >= 2));
	ck_assert(rbuf_u8(&r, &v8) == (_i == 1 || _i == 3));
	ck_assert_uint_eq(rbuf_left(&r), 0);
}
END_TEST

START_TEST(rbuf_of_nothing_is_empty)
{
	struct rbuf r = rbuf_of(NULL, 0), sub;
	uint8_t v;

	ck_assert(!rbuf_u8(&r, &v));
	ck_assert(rbuf_sub(&r, 0, &sub));
	ck_assert_uint_eq(rbuf_left(&sub), 0);
}
END_TEST

START_TEST(rbuf_sub_sees_only_its_own_bytes)
{
	struct rbuf r = rbuf_of(bytes, sizeof(bytes)), sub;
	uint32_t v32;
	uint16_t v16;

	ck_assert(rbuf_sub(&r, 3, &sub));
	ck_assert(!rbuf_u32(&sub, &v32));
	ck_assert_uint_eq(rbuf_left(&sub), 3);
	ck_assert(rbuf_u16(&r, &v16));
	ck_assert_uint_eq(v16, 0x0405);
}
END_TEST

START_TEST(wbuf_writes_in_network_order)
{
	uint8_t out[7];
	struct wbuf w;

	wbuf_init(&w, out, sizeof(out));
	wbuf_u8(&w, 0x01);
	wbuf_u16(&w, 0x0203);
	wbuf_u32(&w, 0x04050607);
	ck_assert(wbuf_ok(&w));
	ck_assert_mem_eq(out, bytes, sizeof(bytes));
}
END_TEST

START_TEST(wbuf_overflow_sticks_and_writes_nothing)
{
	uint8_t out[4] = { 9, 9, 9, 9 };
	struct wbuf w;

	wbuf_init(&w, out, 3);
	wbuf_u16(&w, 0x0102);
	wbuf_u16(&w, 0x0304);
	ck_assert(!wbuf_ok(&w));
	wbuf_u8(&w, 5);
	ck_assert(!wbuf_ok(&w));
	ck_assert_uint_eq(w.len, 2);
	ck_assert_uint_eq(out[2], 9);
	ck_assert_uint_eq(out[3], 9);
}
END_TEST

START_TEST(wbuf_patch_outside_of_what_is_written_fails)
{
	uint8_t out[8] = { 0 };
	struct wbuf w;

	wbuf_init(&w, out, sizeof(out));
	wbuf_u32(&w, 0);
	wbuf_patch_u16(&w, 2, 0xabcd);
	ck_assert(wbuf_ok(&w));
	ck_assert_uint_eq(out[2], 0xab);
	ck_assert_uint_eq(out[3], 0xcd);
	wbuf_patch_u16(&w, 3, 0xffff);
	ck_assert(!wbuf_ok(&w));
	ck_assert_uint_eq(out[3], 0xcd);
	wbuf_init(&w, out, sizeof(out));
	wbuf_u8(&w, 0);
	wbuf_patch_u16(&w, 0, 0xffff);
	ck_assert(!wbuf_ok(&w));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("buf");
	TCase *t = tcase_create("buf");
	SRunner *r;
	int failed;

	tcase_add_test(t, rbuf_reads_in_network_order);
	tcase_add_loop_test(
	    t, rbuf_read_beyond_the_end_fails_and_moves_nothing, 0, 4);
	tcase_add_test(t, rbuf_of_nothing_is_empty);
	tcase_add_test(t, rbuf_sub_sees_only_its_own_bytes);
	tcase_add_test(t, wbuf_writes_in_network_order);
	tcase_add_test(t, wbuf_overflow_sticks_and_writes_nothing);
	tcase_add_test(t, wbuf_patch_outside_of_what_is_written_fails);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
