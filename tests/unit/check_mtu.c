/* SPDX-License-Identifier: ISC */
/* The MTU that fits. */

#include <stdlib.h>
#include <check.h>

#include "../../ppp/mtu.h"

#define V4 4, true, false
#define V4_NAT 4, true, true
#define V6 6, true, false
#define V6_NAT 6, true, true
#define V4_CLEAR 4, false, false
#define V6_CLEAR 6, false, false

static const struct {
	struct ppp_underlay path;
	unsigned int mtu;
} fits[] = {
	/* 1454 - 20 - 8 (UDP) - 8 - 16 - 32 is 1370, in blocks 1360;
	 * - 2 - 8 - 12 - 4. */
	{ { 1500, V4_NAT }, 1334 },
	{ { 1460, V4_NAT }, 1334 },
	{ { 1454, V4_NAT }, 1334 },
	{ { 9000, V4_NAT }, 1334 },
	{ { 0, V4_NAT }, 1334 },
	/* The next block is lost. */
	{ { 1444, V4_NAT }, 1334 },
	{ { 1443, V4_NAT }, 1318 },
	{ { 1500, V4 }, 1350 },
	{ { 1500, V6 }, 1318 },
	{ { 1500, V6_NAT }, 1318 },
	{ { 1500, V4_CLEAR }, 1400 },
	{ { 1434, V4_CLEAR }, 1390 },
	{ { 1500, V6_CLEAR }, 1390 },
	/* Less is never offered. */
	{ { 1390, V4_NAT }, 1280 },
	{ { 1280, V6 }, 1280 },
	{ { 68, V6_NAT }, 1280 },
	{ { 1, V4_CLEAR }, 1280 },
};

START_TEST(mtu_fits_the_path)
{
	ck_assert_uint_eq(mtu_auto(&fits[_i].path), fits[_i].mtu);
}
END_TEST

static unsigned int
align(unsigned int n)
{
	return (n + 15) / 16 * 16;
}

/* From inside to outside, and no fragment: whatever is between the bounds. */
START_TEST(mtu_with_everything_around_it_is_no_longer_than_the_path)
{
	struct ppp_underlay u = { .esp = true };
	unsigned int len;

	for (u.mtu = 1300; u.mtu < 1600; u.mtu++)
		for (u.family = 4; u.family <= 6; u.family += 2) {
			u.in_udp = !u.in_udp;
			len = mtu_auto(&u);
			if (len == MTU_AUTO_MIN)
				continue;
			len = align(len + 4 + 12 + 8 + 2) + 8 + 16 + 32 +
			      (u.in_udp ? 8 : 0) + (u.family == 6 ? 40 : 20);
			ck_assert_uint_le(len, u.mtu);
			ck_assert_uint_le(len, 1454);
		}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("mtu");
	TCase *tc = tcase_create("mtu");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, mtu_fits_the_path, 0, (int)nitems(fits));
	tcase_add_test(
	    tc, mtu_with_everything_around_it_is_no_longer_than_the_path);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
