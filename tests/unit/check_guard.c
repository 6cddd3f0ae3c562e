/* SPDX-License-Identifier: ISC */
/* The guard's rule set as text. */

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "../../ipsec/guard.h"

static char *text;
static size_t text_len;

static void
write_rules(const struct conf *c)
{
	FILE *f;

	free(text);
	text = NULL;
	f = open_memstream(&text, &text_len);
	ck_assert_ptr_nonnull(f);
	guard_write(f, c);
	ck_assert_int_eq(fclose(f), 0);
}

static void
assert_has(const char *what)
{
	ck_assert_msg(
	    strstr(text, what) != NULL, "no '%s' in:\n%s", what, text);
}

static struct conf_uplink
uplink(const char *address, unsigned int fwmark)
{
	struct conf_uplink u = { .fwmark = fwmark };

	ck_assert_int_eq(inet_pton(AF_INET, address, &u.address), 1);
	return u;
}

START_TEST(guard_without_uplinks_marks_nothing)
{
	struct conf c = { 0 };

	write_rules(&c);
	/* Over tables that are there, in one transaction. */
	ck_assert_ptr_eq(strstr(text, "table ip lnsd_guard {\n}\n"
				      "delete table ip lnsd_guard\n"
				      "table ip6 lnsd_guard {\n}\n"
				      "delete table ip6 lnsd_guard\n"),
	    text);
	assert_has("@th,0,16 1701 meta l4proto udp goto l2tp\n");
	assert_has("rt ipsec missing counter drop comment \"clear_out\"\n"
		   "		notrack\n");
	assert_has("type filter hook output priority raw;");
	ck_assert_ptr_null(strstr(text, "priority 10;"));
	ck_assert_ptr_null(strstr(text, "mark"));
	ck_assert_ptr_null(strstr(text, "route"));
}
END_TEST

START_TEST(guard_marks_what_leaves_from_each_uplink)
{
	struct conf_uplink uplinks[] = { uplink("203.0.113.130", 1000),
		uplink("198.51.100.7", 4294967295u), uplink("192.0.2.1", 0) };
	struct conf c = { .uplinks = uplinks, .n_uplinks = 3 };

	write_rules(&c);
	assert_has("rt ipsec missing counter drop");
	assert_has("type route hook output priority -150;");
	/* Asked again, when the route is another. */
	assert_has("type filter hook output priority 10;\n"
		   "		@th,0,16 1701 meta l4proto udp goto l2tp\n");
	assert_has("\n\t\tip saddr 203.0.113.130 udp sport { 500, 1701, 4500 } "
		   "meta mark set 1000\n");
	assert_has("\n\t\tip saddr 203.0.113.130 ip protocol esp "
		   "meta mark set 1000\n");
	assert_has("\n\t\tip saddr 198.51.100.7 udp sport { 500, 1701, 4500 } "
		   "meta mark set 4294967295\n");
	assert_has("\n\t\tip saddr 198.51.100.7 ip protocol esp "
		   "meta mark set 4294967295\n");
	ck_assert_ptr_null(strstr(text, "192.0.2.1"));
	/* Only those that have one. */
	c.uplinks = &uplinks[2];
	c.n_uplinks = 1;
	write_rules(&c);
	ck_assert_ptr_null(strstr(text, "route"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("guard");
	TCase *tc = tcase_create("guard");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(tc, guard_without_uplinks_marks_nothing);
	tcase_add_test(tc, guard_marks_what_leaves_from_each_uplink);
	suite_add_tcase(s, tc);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	free(text);
	return failed == 0 ? 0 : 1;
}
