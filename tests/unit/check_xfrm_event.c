/* SPDX-License-Identifier: ISC */

#include "../../ipsec/xfrm_event.h"

#include <check.h>
#include <string.h>
#include <arpa/inet.h>
#include <libmnl/libmnl.h>

static _Alignas(struct nlmsghdr) char buf[1024];
static struct nlmsghdr *h;
static struct xfrm_event e;

static void
setup(void)
{
	memset(buf, 0, sizeof(buf));
	h = mnl_nlmsg_put_header(buf);
}

static void
parse(uint16_t type)
{
	h->nlmsg_type = type;
	xfrm_event_parse(h, &e);
}

/* What pluto makes for a client behind a NAT. */
static struct xfrm_usersa_info *
fill_sa(struct xfrm_usersa_info *sa)
{
	inet_pton(AF_INET, "198.51.100.1", &sa->saddr.a4);
	inet_pton(AF_INET, "203.0.113.1", &sa->id.daddr.a4);
	sa->id.spi = htonl(0x11223344);
	sa->id.proto = IPPROTO_ESP;
	sa->family = AF_INET;
	sa->mode = XFRM_MODE_TRANSPORT;
	sa->reqid = 16401;
	sa->sel.proto = IPPROTO_UDP;
	sa->sel.sport = htons(40000);
	sa->sel.dport = htons(1701);
	return sa;
}

static struct xfrm_usersa_info *
put_sa(void)
{
	return fill_sa(
	    mnl_nlmsg_put_extra_header(h, sizeof(struct xfrm_usersa_info)));
}

static void
put_encap(void)
{
	const struct xfrm_encap_tmpl encap = { .encap_type = 2,
		.encap_sport = htons(1027),
		.encap_dport = htons(4500) };

	mnl_attr_put(h, XFRMA_ENCAP, sizeof(encap), &encap);
}

static void
is_addr(const struct lns_addr *a, const char *text)
{
	char ip[INET6_ADDRSTRLEN];

	inet_ntop(a->family == 6 ? AF_INET6 : AF_INET, a->ip, ip, sizeof(ip));
	ck_assert_str_eq(ip, text);
}

START_TEST(new_sa_is_told_with_its_encapsulation)
{
	put_sa();
	put_encap();
	parse(XFRM_MSG_NEWSA);
	ck_assert_int_eq(e.type, XFRM_EVENT_SA);
	is_addr(&e.sa.src, "198.51.100.1");
	is_addr(&e.sa.dst, "203.0.113.1");
	ck_assert_uint_eq(e.sa.spi, 0x11223344);
	ck_assert_uint_eq(e.sa.reqid, 16401);
	ck_assert_uint_eq(e.sa.encap_sport, 1027);
	ck_assert_uint_eq(e.sa.encap_dport, 4500);
	ck_assert_uint_eq(e.sa.sel_sport, 40000);
	ck_assert_uint_eq(e.sa.sel_dport, 1701);
}
END_TEST

START_TEST(updated_sa_without_encapsulation_has_port_0)
{
	put_sa();
	parse(XFRM_MSG_UPDSA);
	ck_assert_int_eq(e.type, XFRM_EVENT_SA);
	ck_assert_uint_eq(e.sa.encap_sport, 0);
	ck_assert_uint_eq(e.sa.encap_dport, 0);
}
END_TEST

START_TEST(sa_of_ipv6_is_told)
{
	struct xfrm_usersa_info *sa = put_sa();

	sa->family = AF_INET6;
	inet_pton(AF_INET6, "2001:db8::1", &sa->saddr.a6);
	inet_pton(AF_INET6, "2001:db8::2", &sa->id.daddr.a6);
	parse(XFRM_MSG_NEWSA);
	ck_assert_int_eq(e.type, XFRM_EVENT_SA);
	is_addr(&e.sa.src, "2001:db8::1");
	is_addr(&e.sa.dst, "2001:db8::2");
}
END_TEST

/* As xfrm_sa_widen() makes it. */
START_TEST(sa_from_anywhere_is_told_with_the_source_of_its_selector)
{
	struct xfrm_usersa_info *sa = put_sa();

	sa->family = AF_INET6;
	memset(&sa->saddr, 0, sizeof(sa->saddr));
	inet_pton(AF_INET6, "2001:db8::3", &sa->sel.saddr.a6);
	parse(XFRM_MSG_NEWSA);
	ck_assert_int_eq(e.type, XFRM_EVENT_SA);
	is_addr(&e.sa.src, "2001:db8::3");
}
END_TEST

START_TEST(sa_of_something_else_is_nothing)
{
	struct xfrm_usersa_info *sa = put_sa();
	int i;

	for (i = 0; i < 5; i++) {
		fill_sa(sa);
		if (i == 0)
			sa->mode = XFRM_MODE_TUNNEL;
		else if (i == 1)
			sa->id.proto = IPPROTO_AH;
		else if (i == 2)
			sa->sel.proto = IPPROTO_TCP;
		else if (i == 3)
			sa->sel.dport = htons(1702);
		else
			sa->family = AF_UNIX;
		parse(XFRM_MSG_NEWSA);
		ck_assert_int_eq(e.type, XFRM_EVENT_NONE);
	}
}
END_TEST

START_TEST(deleted_sa_is_gone)
{
	struct xfrm_usersa_id *id = mnl_nlmsg_put_extra_header(h, sizeof(*id));

	inet_pton(AF_INET, "203.0.113.1", &id->daddr.a4);
	id->spi = htonl(77);
	id->family = AF_INET;
	id->proto = IPPROTO_ESP;
	parse(XFRM_MSG_DELSA);
	ck_assert_int_eq(e.type, XFRM_EVENT_GONE);
	is_addr(&e.sa.dst, "203.0.113.1");
	ck_assert_uint_eq(e.sa.spi, 77);
	id->proto = IPPROTO_AH;
	parse(XFRM_MSG_DELSA);
	ck_assert_int_eq(e.type, XFRM_EVENT_NONE);
}
END_TEST

START_TEST(only_a_hard_expiry_is_the_end)
{
	struct xfrm_user_expire *x = mnl_nlmsg_put_extra_header(h, sizeof(*x));

	fill_sa(&x->state);
	parse(XFRM_MSG_EXPIRE);
	ck_assert_int_eq(e.type, XFRM_EVENT_NONE);
	x->hard = 1;
	parse(XFRM_MSG_EXPIRE);
	ck_assert_int_eq(e.type, XFRM_EVENT_GONE);
	ck_assert_uint_eq(e.sa.spi, 0x11223344);
}
END_TEST

START_TEST(mapping_tells_where_a_client_is_now)
{
	struct xfrm_user_mapping *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	inet_pton(AF_INET, "203.0.113.1", &m->id.daddr.a4);
	inet_pton(AF_INET, "198.51.100.9", &m->new_saddr.a4);
	m->id.spi = htonl(5);
	m->id.family = AF_INET;
	m->new_sport = htons(2000);
	parse(XFRM_MSG_MAPPING);
	ck_assert_int_eq(e.type, XFRM_EVENT_MAPPING);
	is_addr(&e.sa.dst, "203.0.113.1");
	is_addr(&e.sa.src, "198.51.100.9");
	ck_assert_uint_eq(e.sa.spi, 5);
	ck_assert_uint_eq(e.sa.encap_sport, 2000);
}
END_TEST

START_TEST(flush_is_told)
{
	parse(XFRM_MSG_FLUSHSA);
	ck_assert_int_eq(e.type, XFRM_EVENT_FLUSH);
}
END_TEST

START_TEST(short_message_is_nothing)
{
	static const uint16_t types[] = { XFRM_MSG_NEWSA, XFRM_MSG_UPDSA,
		XFRM_MSG_DELSA, XFRM_MSG_EXPIRE, XFRM_MSG_MAPPING };
	size_t len;

	mnl_nlmsg_put_extra_header(h, 8);
	for (len = 0; len < nitems(types); len++) {
		parse(types[len]);
		ck_assert_int_eq(e.type, XFRM_EVENT_NONE);
	}
}
END_TEST

START_TEST(short_encapsulation_is_none)
{
	put_sa();
	mnl_attr_put(h, XFRMA_ENCAP, 2, "xy");
	parse(XFRM_MSG_NEWSA);
	ck_assert_int_eq(e.type, XFRM_EVENT_SA);
	ck_assert_uint_eq(e.sa.encap_sport, 0);
}
END_TEST

START_TEST(addresses_survive_both_ways)
{
	struct lns_addr a = { .family = 4, .ip = { 192, 0, 2, 1 } }, b;
	xfrm_address_t x;

	xfrm_addr_put(&a, &x);
	ck_assert(xfrm_addr_get(&x, xfrm_family(&a), &b));
	ck_assert_mem_eq(&a, &b, sizeof(a));
	a.family = 6;
	memset(a.ip, 0x2a, sizeof(a.ip));
	xfrm_addr_put(&a, &x);
	ck_assert(xfrm_addr_get(&x, xfrm_family(&a), &b));
	ck_assert_mem_eq(&a, &b, sizeof(a));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("xfrm_event");
	TCase *tc = tcase_create("xfrm_event");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, new_sa_is_told_with_its_encapsulation);
	tcase_add_test(tc, updated_sa_without_encapsulation_has_port_0);
	tcase_add_test(tc, sa_of_ipv6_is_told);
	tcase_add_test(
	    tc, sa_from_anywhere_is_told_with_the_source_of_its_selector);
	tcase_add_test(tc, sa_of_something_else_is_nothing);
	tcase_add_test(tc, deleted_sa_is_gone);
	tcase_add_test(tc, only_a_hard_expiry_is_the_end);
	tcase_add_test(tc, mapping_tells_where_a_client_is_now);
	tcase_add_test(tc, flush_is_told);
	tcase_add_test(tc, short_message_is_nothing);
	tcase_add_test(tc, short_encapsulation_is_none);
	tcase_add_test(tc, addresses_survive_both_ways);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
