/* SPDX-License-Identifier: ISC */
/* Which of the machine's addresses are listened on. */

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "../../lnsd/listener.h"

static struct lns_addr
addr(const char *text)
{
	struct lns_addr a = { .family = strchr(text, ':') == NULL ? 4 : 6 };

	ck_assert_int_eq(
	    inet_pton(a.family == 4 ? AF_INET : AF_INET6, text, a.ip), 1);
	return a;
}

/* With listen = { first, second }, and 192.168.100.1 as the server's address
 * on PPP links. */
static bool
wants(const char *first, const char *second, const char *address,
    enum addr_use use)
{
	struct lns_addr listen[2] = { addr(first), addr(second) };
	struct conf_ppp ppp = { .local_address = { htonl(0xc0a86401) } };
	struct conf c = {
		.listen = listen, .n_listen = 2, .ppp = &ppp, .n_ppp = 1
	};
	struct lns_addr a = addr(address);

	return listener_wants(&c, &a, use);
}

START_TEST(all_zero_is_every_address_of_its_family)
{
	ck_assert(wants("0.0.0.0", "::", "203.0.113.1", ADDR_ANY));
	ck_assert(wants("0.0.0.0", "::", "2001:db8::1", ADDR_ANY));
	ck_assert(wants("0.0.0.0", "2001:db8::2", "203.0.113.1", ADDR_ANY));
	ck_assert(!wants("0.0.0.0", "2001:db8::2", "2001:db8::1", ADDR_ANY));
	ck_assert(wants("203.0.113.2", "::", "2001:db8::1", ADDR_ANY));
	ck_assert(!wants("203.0.113.2", "::", "203.0.113.1", ADDR_ANY));
}
END_TEST

START_TEST(address_that_is_not_for_all_must_be_named)
{
	ck_assert(!wants("0.0.0.0", "::", "2001:db8::1", ADDR_NAMED));
	ck_assert(wants("0.0.0.0", "2001:db8::1", "2001:db8::1", ADDR_NAMED));
	ck_assert(wants("0.0.0.0", "2001:db8::1", "2001:db8::1", ADDR_ANY));
}
END_TEST

START_TEST(address_that_has_gone_is_not_wanted)
{
	ck_assert(!wants("0.0.0.0", "::", "203.0.113.1", ADDR_NONE));
	ck_assert(!wants("0.0.0.0", "2001:db8::1", "2001:db8::1", ADDR_NONE));
}
END_TEST

START_TEST(address_of_ppp_links_must_be_named)
{
	ck_assert(!wants("0.0.0.0", "::", "192.168.100.1", ADDR_ANY));
	ck_assert(wants("192.168.100.1", "::", "192.168.100.1", ADDR_ANY));
	/* Which begins with the same octets. */
	ck_assert(wants("0.0.0.0", "::", "c0a8:6401::", ADDR_ANY));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("listener");
	TCase *t = tcase_create("listener");
	SRunner *r;
	int failed;

	tcase_add_test(t, all_zero_is_every_address_of_its_family);
	tcase_add_test(t, address_that_is_not_for_all_must_be_named);
	tcase_add_test(t, address_that_has_gone_is_not_wanted);
	tcase_add_test(t, address_of_ppp_links_must_be_named);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
