/* SPDX-License-Identifier: ISC */
/* RADIUS of a profile whose configuration is replaced. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../ppp/radius.h"
#include "loop.h"

static struct conf *
make(const char *hostname)
{
	struct conf *c = calloc(1, sizeof(*c));

	ck_assert_ptr_nonnull(c);
	c->self = c;
	c->hostname = strdup(hostname);
	c->ppp = calloc(1, sizeof(*c->ppp));
	ck_assert_ptr_nonnull(c->ppp);
	c->n_ppp = 1;
	c->ppp[0].name = strdup("phones");
	return c;
}

static const char *
identifier(const struct radius *r)
{
	struct radius_station st = { .label = NULL };

	radius_fill_station(r, &st);
	return st.nas_identifier;
}

/* The one after that does not have it any more, and a session lives on. */
START_TEST(radius_keeps_the_last_configuration_of_its_profile)
{
	struct conf *first = make("one"), *second = make("two"),
		    *third = make("three");
	struct radius *r;

	loop_init();
	r = radius_new(first, &first->ppp[0]);
	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(identifier(r), "one");
	radius_reload(r, second, &second->ppp[0]);
	ck_assert_uint_eq(second->holders, 1);
	conf_free(second);
	ck_assert_str_eq(identifier(r), "two");
	radius_reload(r, third, &third->ppp[0]);
	conf_free(third);
	ck_assert_str_eq(identifier(r), "three");
	radius_free(r);
	conf_free(first);
	loop_fini();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("radius_reload");
	TCase *tc = tcase_create("radius_reload");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, radius_keeps_the_last_configuration_of_its_profile);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
