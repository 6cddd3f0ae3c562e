/* SPDX-License-Identifier: ISC */
/* doctor: addresses, routes, firewall. */

#include "doctor_world.h"

START_TEST(forwarding_that_is_off_is_found)
{
	f.ip_forward = false;
	assert_found(FINDING_FAIL, "forwarding", "forwards no IPv4",
	    "sysctl -w net.ipv4.ip_forward=1");
	f.ip_forward = true;
	ppp.ipv6_pool.len = 56;
	assert_found(FINDING_FAIL, "forwarding", "forwards no IPv6",
	    "net.ipv6.conf.all.forwarding");
}
END_TEST

START_TEST(missing_default_route_is_warned_of)
{
	f.machine.uplink[0] = '\0';
	f.machine.uplink_address.s_addr = 0;
	assert_found(FINDING_WARN, "uplink", "no default route", "ip route");
}
END_TEST

START_TEST(strict_rp_filter_matters_with_several_uplinks)
{
	f.rp_filter = 1;
	assert_all_well();
	f.machine.n_ways = 2;
	assert_found(FINDING_WARN, "rp_filter", "e0 is strict",
	    "net.ipv4.conf.e0.rp_filter=2");
	f.rp_filter = 2;
	assert_all_well();
}
END_TEST

START_TEST(private_address_needs_a_public_one)
{
	f.machine.uplink_address = ip("10.9.0.2");
	assert_found(FINDING_WARN, "public-address", "10.9.0.2 is a private",
	    "uplink \"10.9.0.2\"");
	uplink.address = ip("10.9.0.2");
	uplink.has_public_address = true;
	uplink.public_address = ip("203.0.113.130");
	conf.uplinks = &uplink;
	conf.n_uplinks = 1;
	assert_all_well();
}
END_TEST

/* How many findings of the firewall there are in this state, with these parts
 * of what and mend. */
static size_t
count(enum finding_state state, const char *what, const char *mend)
{
	size_t i, n = 0;

	judge();
	for (i = 0; i < found.n; i++)
		n += found.list[i].state == state &&
		     strcmp(found.list[i].check, "firewall") == 0 &&
		     strstr(found.list[i].text, what) != NULL &&
		     strstr(found.list[i].mend, mend) != NULL;
	return n;
}

START_TEST(firewall_that_drops_is_named_with_what_opens_it)
{
	put_rules(GUARD CHAIN("ip", "input", "c", "drop"));
	ck_assert_uint_eq(
	    count(FINDING_FAIL, "(ip f c) drops UDP", "nft insert rule ip f c"),
	    3);
	ck_assert_uint_eq(count(FINDING_WARN, "drops ESP: clients", "esp"), 1);
	put_rules(GUARD CHAIN("inet", "output", "o", "drop"));
	ck_assert_uint_eq(count(FINDING_FAIL, "(inet f o) drops answers from",
			      "nft insert rule inet f o udp sport"),
	    2);
	ck_assert_uint_eq(count(FINDING_FAIL, "drops UDP 1701 into IPsec",
			      "rt ipsec exists udp sport 1701 accept"),
	    1);
	ck_assert_uint_eq(
	    count(FINDING_WARN, "drops ESP to clients", "esp"), 1);
	put_rules(GUARD CHAIN("ip", "forward", "c", "drop"));
	ck_assert_uint_eq(
	    count(FINDING_FAIL, "what clients send", "iifname \"ppp*\" accept"),
	    1);
	ck_assert_uint_eq(count(FINDING_FAIL, "what others answer",
			      "ct state established,related accept"),
	    1);
	put_rules(GUARD CHAIN("ip", "forward", "c", "accept"));
	assert_all_well();
}
END_TEST

START_TEST(each_chain_that_drops_is_named)
{
	put_rules(GUARD CHAIN("ip", "input", "c", "drop") CHAIN(
	    "ip", "output", "n", "accept") CHAIN("inet", "input", "d", "drop"));
	ck_assert_uint_eq(count(FINDING_FAIL, "(ip f c) drops UDP 500", ""), 1);
	ck_assert_uint_eq(
	    count(FINDING_FAIL, "(inet f d) drops UDP 500", ""), 1);
}
END_TEST

START_TEST(chain_of_iptables_is_mended_by_iptables)
{
	put_rules(GUARD ", {'chain': {'family': 'ip', 'table': 'filter', "
			"'name': 'INPUT', 'type': 'filter', 'hook': 'input', "
			"'policy': 'drop'}}");
	ck_assert_uint_eq(count(FINDING_FAIL, "(ip filter INPUT) drops UDP 500",
			      "iptables -I INPUT -p udp --dport 500 -j ACCEPT"),
	    1);
}
END_TEST

START_TEST(firewall_for_ipv6_matters_to_those_who_have_it)
{
	struct lns_addr any[2] = { { .family = 4 }, { .family = 6 } };

	put_rules(GUARD CHAIN("ip6", "input", "c", "drop")
		CHAIN("ip6", "forward", "d", "drop"));
	assert_all_well();
	f.machine.has_ipv6 = true;
	assert_all_well();
	conf.listen = any;
	conf.n_listen = 2;
	/* Perhaps nobody dials it by that. */
	ck_assert_uint_eq(count(FINDING_WARN, "drops UDP 4500 over IPv6",
			      "nft insert rule ip6 f c udp dport 4500"),
	    1);
	ck_assert_uint_eq(count(FINDING_WARN, "over IPv6", ""), 4);
	ck_assert_uint_eq(count(FINDING_FAIL, "", ""), 0);
	f.machine.has_ipv6 = false;
	ppp.ipv6_pool.len = 56;
	f.ipv6_forward = true;
	ck_assert_uint_eq(
	    count(FINDING_FAIL, "drops what clients send to others over IPv6",
		"ip6 f d"),
	    1);
	/* One chain of both families is told once. */
	f.machine.has_ipv6 = true;
	put_rules(GUARD CHAIN("inet", "input", "c", "drop"));
	ck_assert_uint_eq(count(FINDING_FAIL, "drops UDP 500", ""), 1);
	ck_assert_uint_eq(count(FINDING_WARN, "over IPv6", ""), 0);
}
END_TEST

START_TEST(keeper_of_the_firewall_is_named_with_its_command)
{
	f.firewall.keeper = KEEPER_UFW;
	ck_assert_uint_eq(count(FINDING_OK, "ufw is active", ""), 1);
	put_rules(GUARD CHAIN("ip", "input", "c", "drop") CHAIN(
	    "ip", "output", "o", "drop") CHAIN("ip", "forward", "w", "drop"));
	ck_assert_uint_eq(count(FINDING_FAIL,
			      "ufw is active, and seems not to "
			      "let in UDP 500",
			      "ufw allow 500,4500,1701/udp"),
	    1);
	ck_assert_uint_eq(
	    count(FINDING_FAIL, "not to let out", "ufw allow out"), 1);
	ck_assert_uint_eq(
	    count(FINDING_FAIL, "not to forward", "ufw route allow in on ppp+"),
	    1);
	f.firewall.keeper = KEEPER_FIREWALLD;
	ck_assert_uint_eq(
	    count(FINDING_FAIL, "firewalld is active, and seems not to let in",
		"firewall-cmd"),
	    1);
}
END_TEST

/* As ufw makes them: nothing but names is told of iptables' extensions. */
#define UNSURE(hook)                                                        \
	CHAIN("ip", hook, "c", "drop")                                      \
	", {'rule': {'family': 'ip', 'table': 'f', 'chain': 'c', 'expr': [" \
	"{'xt': {'type': 'match', 'name': 'conntrack'}}, {'accept': null}]}}"

START_TEST(rules_not_understood_are_told_or_their_keeper_is_believed)
{
	put_rules(GUARD UNSURE("input"));
	assert_found(
	    FINDING_WARN, "firewall", "not understood", "nft list ruleset");
	f.firewall.keeper = KEEPER_UFW;
	assert_found(FINDING_FAIL, "firewall", "let in UDP 500", "ufw allow");
	f.firewall.keeper_open[FIREWALL_INPUT] = true;
	assert_all_well();
}
END_TEST

START_TEST(list_of_ufw_is_read)
{
	static const char status[] =
	    "Status: active\n\nTo      Action      From\n"
	    "14500/udp                  ALLOW       Anywhere\n"
	    "4501/udp                   DENY        Anywhere\n"
	    "500,1701,4500/udp          ALLOW       Anywhere\n"
	    "Anywhere                   ALLOW OUT   53/udp\n"
	    "Anywhere                   ALLOW FWD   Anywhere on ppp+\n";

	ck_assert(firewall_ufw_allows(status, "4500"));
	ck_assert(firewall_ufw_allows(status, "500"));
	ck_assert(firewall_ufw_allows(status, "ppp+"));
	ck_assert(!firewall_ufw_allows(status, "450"));
	ck_assert(!firewall_ufw_allows(status, "4501"));
	ck_assert(!firewall_ufw_allows(status, "53"));
	ck_assert(!firewall_ufw_allows("", "53"));
}
END_TEST

START_TEST(unknown_rule_set_is_warned_of)
{
	f.firewall.rules = NULL;
	assert_found(FINDING_WARN, "firewall", "does not tell", "nftables");
}
END_TEST

START_TEST(pool_of_the_lan_needs_proxy_arp)
{
	ppp.proxy_arp = false;
	assert_found(
	    FINDING_WARN, "addresses", "of the network of lan0", "proxy-arp");
}
END_TEST

START_TEST(pool_that_overlaps_another_network_is_found)
{
	ppp.local_address = ip("10.87.0.1");
	assert_found(FINDING_FAIL, "addresses", "in the network of lan0",
	    "another pool");
}
END_TEST

START_TEST(foreign_pool_needs_translation)
{
	ppp.local_address = ip("10.87.0.1");
	pool[0].first = ip("10.87.0.2");
	pool[0].last = ip("10.87.0.99");
	ppp.proxy_arp = false;
	assert_found(
	    FINDING_WARN, "addresses", "nothing translates it", "masquerade");
	put_rules(GUARD
	    ", {'chain': {'family': 'ip', 'table': 'n', 'name': 'p', 'type': "
	    "'nat', 'hook': 'postrouting', 'policy': 'accept'}}, {'rule': "
	    "{'family': 'ip', 'table': 'n', 'chain': 'p', 'expr': "
	    "[{'masquerade': null}]}}");
	assert_all_well();
	/* With addresses that everybody can reach there is no need. */
	put_rules(GUARD);
	pool[0].first = ip("198.51.100.2");
	pool[0].last = ip("198.51.100.9");
	assert_all_well();
}
END_TEST

START_TEST(network_of_many_homes_is_warned_of)
{
	put_net(1, "lan0", "192.168.1.1");
	ppp.local_address = ip("192.168.1.1");
	pool[0].first = ip("192.168.1.200");
	pool[0].last = ip("192.168.1.250");
	assert_found(
	    FINDING_WARN, "addresses", "many home routers", "renumber");
}
END_TEST

START_TEST(dhcp_without_a_lan_is_found)
{
	ppp.n_pool = 0;
	ppp.dhcp = true;
	assert_all_well();
	ppp.local_address = ip("10.87.0.1");
	assert_found(FINDING_FAIL, "addresses", "no DHCP server", "");
}
END_TEST

START_TEST(name_server_without_answer_is_warned_of)
{
	snprintf(f.dead_dns, sizeof(f.dead_dns), "192.168.100.1");
	assert_found(FINDING_WARN, "dns", "192.168.100.1", "section ppp");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("doctor_net");
	TCase *tc = tcase_create("doctor_net");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, forwarding_that_is_off_is_found);
	tcase_add_test(tc, missing_default_route_is_warned_of);
	tcase_add_test(tc, strict_rp_filter_matters_with_several_uplinks);
	tcase_add_test(tc, private_address_needs_a_public_one);
	tcase_add_test(tc, firewall_that_drops_is_named_with_what_opens_it);
	tcase_add_test(tc, each_chain_that_drops_is_named);
	tcase_add_test(tc, chain_of_iptables_is_mended_by_iptables);
	tcase_add_test(tc, firewall_for_ipv6_matters_to_those_who_have_it);
	tcase_add_test(tc, keeper_of_the_firewall_is_named_with_its_command);
	tcase_add_test(
	    tc, rules_not_understood_are_told_or_their_keeper_is_believed);
	tcase_add_test(tc, list_of_ufw_is_read);
	tcase_add_test(tc, unknown_rule_set_is_warned_of);
	tcase_add_test(tc, pool_of_the_lan_needs_proxy_arp);
	tcase_add_test(tc, pool_that_overlaps_another_network_is_found);
	tcase_add_test(tc, foreign_pool_needs_translation);
	tcase_add_test(tc, network_of_many_homes_is_warned_of);
	tcase_add_test(tc, dhcp_without_a_lan_is_found);
	tcase_add_test(tc, name_server_without_answer_is_warned_of);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
