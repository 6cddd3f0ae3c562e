/* SPDX-License-Identifier: ISC */

#include "../../ipsec/sadb.h"

#include <check.h>
#include <string.h>
#include <arpa/inet.h>

static struct sadb *t;

static void
setup(void)
{
	t = sadb_new();
	ck_assert_ptr_nonnull(t);
}

static void
teardown(void)
{
	sadb_free(t);
}

static struct lns_addr
addr(const char *text)
{
	struct lns_addr a = { .family = strchr(text, ':') ? 6 : 4 };

	ck_assert_int_eq(
	    inet_pton(a.family == 6 ? AF_INET6 : AF_INET, text, a.ip), 1);
	return a;
}

/* An SA between the server and a client whose ESP comes from port. */
static struct sa_info
info(const char *client, uint16_t port, uint32_t spi, bool inbound)
{
	struct sa_info i = { .spi = spi, .reqid = 16401 };

	i.src = addr(inbound ? client : "203.0.113.1");
	i.dst = addr(inbound ? "203.0.113.1" : client);
	i.encap_sport = inbound ? port : 4500;
	i.encap_dport = inbound ? 4500 : port;
	if (port == 0)
		i.encap_sport = i.encap_dport = 0;
	i.sel_sport = i.sel_dport = 1701;
	return i;
}

static struct sa *
add(const char *client, uint16_t port, uint32_t spi, bool inbound)
{
	struct sa_info i = info(client, port, spi, inbound);
	struct sa *sa = sadb_add(t, &i, inbound);

	ck_assert_ptr_nonnull(sa);
	return sa;
}

START_TEST(sas_of_both_directions_make_one_client)
{
	struct sa *out = add("198.51.100.1", 4500, 7, false);
	struct sa *in = add("198.51.100.1", 4500, 9, true);

	ck_assert_ptr_eq(out->client, in->client);
	ck_assert_uint_ne(in->client->n, 0);
	ck_assert_ptr_eq(sadb_find(t, in->client->n), in->client);
	ck_assert(client_is_protected(in->client));
}
END_TEST

START_TEST(clients_behind_one_nat_differ_by_their_port)
{
	struct sa *a = add("198.51.100.1", 4500, 7, true);
	struct sa *b = add("198.51.100.1", 1027, 8, true);
	struct sa *c = add("198.51.100.1", 0, 9, true);

	ck_assert_ptr_ne(a->client, b->client);
	ck_assert_ptr_ne(a->client, c->client);
	ck_assert_uint_ne(a->client->n, b->client->n);
}
END_TEST

START_TEST(same_port_of_another_address_is_another_client)
{
	struct sa *a = add("198.51.100.1", 4500, 7, true);
	struct sa *b = add("198.51.100.2", 4500, 8, true);
	struct sa *c = add("2001:db8::2", 0, 9, true);

	ck_assert_ptr_ne(a->client, b->client);
	ck_assert_ptr_ne(b->client, c->client);
}
END_TEST

START_TEST(same_client_at_another_of_our_addresses_is_another)
{
	struct sa *a = add("198.51.100.1", 4500, 7, true), *b;
	struct sa_info i = info("198.51.100.1", 4500, 8, true);

	i.dst = addr("203.0.113.130");
	b = sadb_add(t, &i, true);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_ne(a->client, b->client);
	i = info("198.51.100.1", 4500, 9, false);
	i.src = addr("203.0.113.130");
	ck_assert_ptr_eq(sadb_add(t, &i, false)->client, b->client);
	ck_assert_ptr_eq(
	    add("198.51.100.1", 4500, 10, false)->client, a->client);
	/* Each moves by itself. */
	sadb_move(t, b->client, 1027);
	ck_assert_uint_eq(a->info.encap_sport, 4500);
	ck_assert_ptr_eq(
	    add("198.51.100.1", 4500, 11, true)->client, a->client);
}
END_TEST

START_TEST(an_sa_is_found_by_destination_and_spi)
{
	struct lns_addr server = addr("203.0.113.1");
	struct lns_addr client = addr("198.51.100.1");
	struct sa *in = add("198.51.100.1", 4500, 7, true);
	struct sa *out = add("198.51.100.1", 4500, 7, false);

	ck_assert_ptr_eq(sadb_find_sa(t, &server, 7), in);
	ck_assert_ptr_eq(sadb_find_sa(t, &client, 7), out);
	ck_assert_ptr_null(sadb_find_sa(t, &server, 8));
}
END_TEST

START_TEST(a_known_sa_is_not_added_twice)
{
	struct sa *sa = add("198.51.100.1", 4500, 7, true);

	ck_assert_ptr_eq(add("198.51.100.1", 1027, 7, true), sa);
	ck_assert_uint_eq(sa->info.encap_sport, 1027);
	sadb_remove(t, sa);
	ck_assert_ptr_null(TAILQ_FIRST(&sadb_find(t, 1)->in));
}
END_TEST

START_TEST(the_newest_sa_to_the_port_is_chosen)
{
	struct sa_info i = info("198.51.100.1", 4500, 20, false);
	struct sa *sa, *other;
	struct client *c;

	add("198.51.100.1", 4500, 7, false);
	sa = add("198.51.100.1", 4500, 8, false);
	c = sa->client;
	ck_assert_uint_eq(client_out(c, 1701)->info.spi, 8);
	/* Another program of the same PC, with another port. */
	i.sel_dport = 40000;
	other = sadb_add(t, &i, false);
	ck_assert_ptr_eq(other->client, c);
	ck_assert_uint_eq(client_out(c, 1701)->info.spi, 8);
	ck_assert_uint_eq(client_out(c, 40000)->info.spi, 20);
	ck_assert_ptr_null(client_out(c, 40001));
	/* One that is for any port. */
	i.spi = 21;
	i.sel_dport = 0;
	ck_assert_ptr_nonnull(sadb_add(t, &i, false));
	ck_assert_uint_eq(client_out(c, 40001)->info.spi, 21);
	sadb_remove(t, sa);
	sadb_remove(t, other);
	ck_assert_uint_eq(client_out(c, 1701)->info.spi, 21);
}
END_TEST

START_TEST(older_sas_from_the_port_follow_the_newest)
{
	struct sa_info i = info("198.51.100.1", 4500, 20, true);
	const struct client *c = add("198.51.100.1", 4500, 7, true)->client;
	const struct sa *sa;

	/* Of another program, and one that is for any port. */
	i.sel_sport = 40000;
	ck_assert_ptr_nonnull(sadb_add(t, &i, true));
	i.spi = 21;
	i.sel_sport = 0;
	ck_assert_ptr_nonnull(sadb_add(t, &i, true));
	add("198.51.100.1", 4500, 8, true);
	sa = client_in(c, NULL, 1701);
	ck_assert_uint_eq(sa->info.spi, 8);
	sa = client_in(c, sa, 1701);
	ck_assert_uint_eq(sa->info.spi, 21);
	sa = client_in(c, sa, 1701);
	ck_assert_uint_eq(sa->info.spi, 7);
	ck_assert_ptr_null(client_in(c, sa, 1701));
	sa = client_in(c, NULL, 40001);
	ck_assert_uint_eq(sa->info.spi, 21);
	ck_assert_ptr_null(client_in(c, sa, 40001));
}
END_TEST

START_TEST(a_client_without_sas_stays_until_it_is_dropped)
{
	struct sa *sa = add("198.51.100.1", 4500, 7, true);
	struct client *c = sa->client;
	uint16_t n = c->n;

	sadb_remove(t, sa);
	ck_assert(!client_is_protected(c));
	ck_assert_ptr_eq(sadb_find(t, n), c);
	/* The same client again. */
	sa = add("198.51.100.1", 4500, 8, true);
	ck_assert_ptr_eq(sa->client, c);
	sadb_remove(t, sa);
	sadb_drop(t, c);
	ck_assert_ptr_null(sadb_find(t, n));
}
END_TEST

START_TEST(a_number_rests_after_it_was_given_back)
{
	struct sa *sa = add("198.51.100.1", 4500, 7, true);
	struct client *c = sa->client;
	uint16_t first = c->n;
	uint32_t i;

	sadb_remove(t, sa);
	sadb_drop(t, c);
	for (i = 1; i < SADB_CLIENTS_MAX; i++) {
		sa = add("198.51.100.1", 4500, 7, true);
		c = sa->client;
		ck_assert_uint_ne(c->n, first);
		sadb_remove(t, sa);
		sadb_drop(t, c);
	}
	ck_assert_uint_eq(add("198.51.100.1", 4500, 7, true)->client->n, first);
}
END_TEST

START_TEST(numbers_run_out)
{
	struct sa_info i = info("198.51.100.1", 1, 1, true);
	uint32_t n;

	for (n = 1; n <= SADB_CLIENTS_MAX; n++) {
		i.spi = n;
		i.encap_sport = (uint16_t)n;
		ck_assert_ptr_nonnull(sadb_add(t, &i, true));
	}
	i.spi = n;
	i.encap_sport = (uint16_t)n;
	ck_assert_ptr_null(sadb_add(t, &i, true));
	ck_assert_ptr_null(sadb_find_sa(t, &i.dst, n));
	/* One more SA of one that is there. */
	i.encap_sport = 1;
	ck_assert_ptr_nonnull(sadb_add(t, &i, true));
	ck_assert_ptr_null(sadb_find(t, 0));
	ck_assert_ptr_null(sadb_find(t, SADB_CLIENTS_MAX + 1));
}
END_TEST

START_TEST(a_client_that_moves_takes_its_sas_along)
{
	struct sa *in = add("198.51.100.1", 4500, 7, true);
	struct sa *out = add("198.51.100.1", 4500, 8, false);
	struct client *c = in->client;

	sadb_move(t, c, 1027);
	ck_assert_uint_eq(in->info.encap_sport, 1027);
	ck_assert_uint_eq(in->info.encap_dport, 4500);
	ck_assert_uint_eq(out->info.encap_dport, 1027);
	/* It is found by the new port, and whoever has the old one is not
	 * it. */
	ck_assert_ptr_eq(add("198.51.100.1", 1027, 9, true)->client, c);
	ck_assert_ptr_ne(add("198.51.100.1", 4500, 10, true)->client, c);
}
END_TEST

static void
remove_inbound(struct sa *sa, void *arg)
{
	unsigned int *n = arg;

	(*n)++;
	if (sa->inbound)
		sadb_remove(t, sa);
}

START_TEST(each_may_remove_what_it_is_called_for)
{
	unsigned int n = 0;
	uint32_t i;

	for (i = 1; i <= 1000; i++)
		add("198.51.100.1", (uint16_t)i, i, i % 2 == 0);
	sadb_each(t, remove_inbound, &n);
	ck_assert_uint_eq(n, 1000);
	n = 0;
	sadb_each(t, remove_inbound, &n);
	ck_assert_uint_eq(n, 500);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sadb");
	TCase *tc = tcase_create("sadb");
	SRunner *r;
	int failed;

	/* Some count to 65534. */
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, sas_of_both_directions_make_one_client);
	tcase_add_test(tc, clients_behind_one_nat_differ_by_their_port);
	tcase_add_test(tc, same_port_of_another_address_is_another_client);
	tcase_add_test(tc, same_client_at_another_of_our_addresses_is_another);
	tcase_add_test(tc, an_sa_is_found_by_destination_and_spi);
	tcase_add_test(tc, a_known_sa_is_not_added_twice);
	tcase_add_test(tc, the_newest_sa_to_the_port_is_chosen);
	tcase_add_test(tc, older_sas_from_the_port_follow_the_newest);
	tcase_add_test(tc, a_client_without_sas_stays_until_it_is_dropped);
	tcase_add_test(tc, a_number_rests_after_it_was_given_back);
	tcase_add_test(tc, numbers_run_out);
	tcase_add_test(tc, a_client_that_moves_takes_its_sas_along);
	tcase_add_test(tc, each_may_remove_what_it_is_called_for);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
