/* SPDX-License-Identifier: ISC */
/* Which addresses a machine has, told one interface at a time. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "../../lnsd/addr_set.h"

static char told[512];

static void
tell(const struct lns_addr *a, enum addr_use use, void *arg)
{
	static const char *const words[] = { "none", "named", "any" };
	char ip[LNS_ADDR_TEXT];
	size_t len = strlen(told);

	ck_assert_ptr_eq(arg, told);
	snprintf(told + len, sizeof(told) - len, "%s %s\n",
	    lns_addr_text(a, ip), words[use]);
}

static void
assert_told(const char *text)
{
	ck_assert_str_eq(told, text);
	told[0] = '\0';
}

static struct lns_addr
addr(const char *text)
{
	struct lns_addr a = { .family = strchr(text, ':') == NULL ? 4 : 6 };

	ck_assert_int_eq(
	    inet_pton(a.family == 4 ? AF_INET : AF_INET6, text, a.ip), 1);
	return a;
}

static struct addr_set *
new_set(void)
{
	struct addr_set *s = addr_set_new(tell, told);

	ck_assert_ptr_nonnull(s);
	told[0] = '\0';
	return s;
}

static void
put(struct addr_set *s, unsigned int ifindex, const char *text,
    enum addr_use use)
{
	struct lns_addr a = addr(text);

	addr_set_put(s, ifindex, &a, use);
}

START_TEST(address_repeated_is_told_once)
{
	struct addr_set *s = new_set();

	/* A renewed lease or a router advertisement. */
	put(s, 2, "203.0.113.1", ADDR_ANY);
	put(s, 2, "203.0.113.1", ADDR_ANY);
	put(s, 2, "2001:db8::1", ADDR_ANY);
	put(s, 2, "2001:db8::1", ADDR_ANY);
	assert_told("203.0.113.1 any\n2001:db8::1 any\n");
	put(s, 2, "203.0.113.1", ADDR_NONE);
	put(s, 2, "203.0.113.1", ADDR_NONE);
	put(s, 2, "2001:db8::1", ADDR_NONE);
	assert_told("203.0.113.1 none\n2001:db8::1 none\n");
	addr_set_free(s);
}
END_TEST

START_TEST(address_on_two_interfaces_goes_with_the_last)
{
	struct addr_set *s = new_set();

	put(s, 2, "203.0.113.1", ADDR_ANY);
	put(s, 3, "203.0.113.1", ADDR_ANY);
	put(s, 2, "203.0.113.1", ADDR_NONE);
	assert_told("203.0.113.1 any\n");
	put(s, 3, "203.0.113.1", ADDR_NONE);
	assert_told("203.0.113.1 none\n");
	addr_set_free(s);
}
END_TEST

START_TEST(address_is_good_for_what_its_best_interface_says)
{
	struct addr_set *s = new_set();

	put(s, 2, "2001:db8::1", ADDR_NAMED);
	assert_told("2001:db8::1 named\n");
	put(s, 3, "2001:db8::1", ADDR_ANY);
	assert_told("2001:db8::1 any\n");
	put(s, 2, "2001:db8::1", ADDR_ANY);
	put(s, 2, "2001:db8::1", ADDR_NAMED);
	assert_told("");
	put(s, 3, "2001:db8::1", ADDR_NONE);
	assert_told("2001:db8::1 named\n");
	addr_set_free(s);
}
END_TEST

START_TEST(address_missing_in_a_full_list_has_gone)
{
	struct addr_set *s = new_set();

	put(s, 2, "203.0.113.1", ADDR_ANY);
	put(s, 2, "203.0.113.2", ADDR_ANY);
	put(s, 2, "203.0.113.3", ADDR_ANY);
	told[0] = '\0';
	addr_set_begin(s);
	put(s, 2, "203.0.113.4", ADDR_ANY);
	put(s, 2, "203.0.113.2", ADDR_ANY);
	/* A list that broke off and is read again. */
	addr_set_begin(s);
	put(s, 2, "203.0.113.2", ADDR_ANY);
	put(s, 2, "203.0.113.4", ADDR_ANY);
	put(s, 2, "203.0.113.3", ADDR_NAMED);
	addr_set_end(s);
	assert_told("203.0.113.4 any\n203.0.113.3 named\n203.0.113.1 none\n");
	addr_set_free(s);
}
END_TEST

START_TEST(use_follows_scope_and_flags)
{
	static const struct {
		const char *address;
		uint8_t scope;
		uint32_t flags;
		enum addr_use use;
	} cases[] = {
		{ "203.0.113.1", RT_SCOPE_UNIVERSE, IFA_F_PERMANENT, ADDR_ANY },
		/* The same bit as IFA_F_TEMPORARY. */
		{ "203.0.113.1", RT_SCOPE_UNIVERSE, IFA_F_SECONDARY, ADDR_ANY },
		{ "169.254.3.4", RT_SCOPE_LINK, 0, ADDR_ANY },
		{ "127.0.0.1", RT_SCOPE_HOST, IFA_F_PERMANENT, ADDR_NONE },
		{ "::1", RT_SCOPE_HOST, IFA_F_PERMANENT, ADDR_NONE },
		{ "fe80::1", RT_SCOPE_LINK, IFA_F_PERMANENT, ADDR_NONE },
		{ "2001:db8::1", RT_SCOPE_UNIVERSE, 0, ADDR_ANY },
		{ "fd00::1", RT_SCOPE_UNIVERSE, IFA_F_NODAD, ADDR_ANY },
		{ "2001:db8::1", RT_SCOPE_UNIVERSE,
		    IFA_F_PERMANENT | IFA_F_TENTATIVE, ADDR_NONE },
		{ "2001:db8::1", RT_SCOPE_UNIVERSE,
		    IFA_F_TENTATIVE | IFA_F_OPTIMISTIC, ADDR_NONE },
		{ "2001:db8::1", RT_SCOPE_UNIVERSE,
		    IFA_F_PERMANENT | IFA_F_DADFAILED, ADDR_NONE },
		{ "2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_DEPRECATED,
		    ADDR_NAMED },
		{ "2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_TEMPORARY,
		    ADDR_NAMED },
	};
	struct lns_addr a;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		a = addr(cases[i].address);
		ck_assert_msg(addr_use_of(&a, cases[i].scope, cases[i].flags) ==
				  cases[i].use,
		    "%s, scope %u, flags %#x", cases[i].address, cases[i].scope,
		    cases[i].flags);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("addr_set");
	TCase *t = tcase_create("addr_set");
	SRunner *r;
	int failed;

	tcase_add_test(t, address_repeated_is_told_once);
	tcase_add_test(t, address_on_two_interfaces_goes_with_the_last);
	tcase_add_test(t, address_is_good_for_what_its_best_interface_says);
	tcase_add_test(t, address_missing_in_a_full_list_has_gone);
	tcase_add_test(t, use_follows_scope_and_flags);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
