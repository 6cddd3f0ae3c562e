/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/lnsctl/ruleset.h"

/* Rules of one base chain, and of a chain "c"; 'a' is "a". */
static json_t *
rules(const char *policy, const char *base, const char *other)
{
	char text[4000], *p;
	json_error_t error;
	json_t *set;

	snprintf(text, sizeof(text),
	    "{'nftables': [{'chain': {'family': 'inet', 'table': 't', "
	    "'name': 'in', 'type': 'filter', 'hook': 'input', 'policy': "
	    "'%s'}}%s%s%s%s%s%s]}",
	    policy, base[0] != '\0' ? ", " : "",
	    base[0] != '\0' ? "{'rule': {'family': 'inet', 'table': 't', "
			      "'chain': 'in', 'expr': ["
			    : "",
	    base, base[0] != '\0' ? "]}}" : "", other[0] != '\0' ? ", " : "",
	    other);
	for (p = text; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	set = json_loads(text, 0, &error);
	ck_assert_msg(set != NULL, "%s: %s", error.text, text);
	return set;
}

static enum ruleset_fate
fate_of(json_t *set, const struct ruleset_packet *p)
{
	enum ruleset_fate f;
	const char *chain = "";

	f = ruleset_fate(set, "input", p, 0, &chain);
	if (f == RULESET_DROP) {
		ck_assert_str_eq(chain, "inet t in");
		ck_assert_int_ne(
		    ruleset_fate(set, "input", p, 1, &chain), RULESET_DROP);
	}
	json_decref(set);
	return f;
}

static const struct ruleset_packet ike = {
	.proto = "udp", .dport = 500, .iif = "e0"
};

#define MATCH(left, right) \
	"{'match': {'op': '==', 'left': " left ", 'right': " right "}}"
#define DPORT "{'payload': {'protocol': 'udp', 'field': 'dport'}}"
#define ACCEPT ", {'accept': null}"

START_TEST(policy_alone_decides)
{
	ck_assert_int_eq(fate_of(rules("drop", "", ""), &ike), RULESET_DROP);
	ck_assert_int_eq(
	    fate_of(rules("accept", "", ""), &ike), RULESET_ACCEPT);
}
END_TEST

static const struct {
	const char *exprs;
	enum ruleset_fate fate; /* with policy drop */
} cases[] = {
	{ MATCH(DPORT, "500") ACCEPT, RULESET_ACCEPT },
	{ MATCH(DPORT, "501") ACCEPT, RULESET_DROP },
	{ MATCH(DPORT, "{'set': [53, {'range': [499, 501]}]}") ACCEPT,
	    RULESET_ACCEPT },
	{ MATCH(DPORT, "'@ports'") ACCEPT, RULESET_UNSURE },
	{ MATCH("{'meta': {'key': 'iifname'}}", "'e0'") ACCEPT,
	    RULESET_ACCEPT },
	{ MATCH("{'meta': {'key': 'iifname'}}", "'e*'") ACCEPT,
	    RULESET_ACCEPT },
	{ MATCH("{'meta': {'key': 'iifname'}}", "'lo'") ACCEPT, RULESET_DROP },
	{ MATCH("{'meta': {'key': 'l4proto'}}", "{'set': ['tcp', 'udp']}")
		ACCEPT,
	    RULESET_ACCEPT },
	{ MATCH("{'payload': {'protocol': 'tcp', 'field': 'dport'}}", "500")
		ACCEPT,
	    RULESET_DROP },
	{ MATCH("{'ct': {'key': 'state'}}", "{'set': ['established']}") ACCEPT,
	    RULESET_DROP },
	{ MATCH("{'ct': {'key': 'state'}}", "'new'") ACCEPT, RULESET_ACCEPT },
	{ MATCH("{'payload': {'protocol': 'ip', 'field': 'saddr'}}",
	      "'192.0.2.1'") ACCEPT,
	    RULESET_UNSURE },
	{ "{'xt': {'type': 'match', 'name': 'udp'}}" ACCEPT, RULESET_UNSURE },
	{ "{'match': {'op': '!=', 'left': " DPORT ", 'right': 22}}" ACCEPT,
	    RULESET_ACCEPT },
	{ "{'counter': {'packets': 0}}" ACCEPT, RULESET_ACCEPT },
	{ "{'vmap': {'key': " DPORT ", 'data': {'set': [[500, {'accept': "
	  "null}]]}}}",
	    RULESET_ACCEPT },
	{ "{'vmap': {'key': " DPORT ", 'data': {'set': [[22, {'accept': "
	  "null}]]}}}",
	    RULESET_DROP },
	{ "{'jump': {'target': 'c'}}", RULESET_ACCEPT },
	{ MATCH(DPORT, "22") ", {'jump': {'target': 'c'}}", RULESET_DROP },
	{ "{'goto': {'target': 'none'}}", RULESET_DROP },
	{ "{'jump': {'target': 'in'}}", RULESET_DROP }, /* for ever */
};

START_TEST(rule_is_understood)
{
	static const char other[] =
	    "{'rule': {'family': 'inet', 'table': 't', 'chain': 'c', 'expr': "
	    "[{'accept': null}]}}";

	ck_assert_int_eq(fate_of(rules("drop", cases[_i].exprs, other), &ike),
	    cases[_i].fate);
}
END_TEST

START_TEST(reject_at_the_end_drops)
{
	ck_assert_int_eq(fate_of(rules("accept", "{'reject': null}", ""), &ike),
	    RULESET_DROP);
}
END_TEST

static json_t *
real(void)
{
	json_error_t error;
	json_t *set;

	set = json_load_file("tests/data/nft/firewall.json", 0, &error);
	ck_assert_msg(set != NULL, "%s", error.text);
	return set;
}

static enum ruleset_fate
real_fate(const char *proto, int dport, bool ipsec)
{
	struct ruleset_packet p = {
		.proto = proto, .dport = dport, .iif = "e0", .ipsec = ipsec
	};
	const char *chain;
	json_t *set = real();
	enum ruleset_fate f;

	f = ruleset_fate(set, "input", &p, 0, &chain);
	json_decref(set);
	return f;
}

START_TEST(rule_set_of_nft_is_understood)
{
	ck_assert_int_eq(real_fate("udp", 500, false), RULESET_ACCEPT);
	ck_assert_int_eq(real_fate("udp", 4505, false), RULESET_ACCEPT);
	ck_assert_int_eq(real_fate("udp", 4499, false), RULESET_DROP);
	ck_assert_int_eq(real_fate("esp", 0, false), RULESET_ACCEPT);
	ck_assert_int_eq(real_fate("udp", 1701, true), RULESET_ACCEPT);
	ck_assert_int_eq(real_fate("udp", 1701, false), RULESET_DROP);
	ck_assert_int_eq(real_fate("tcp", 23, false), RULESET_DROP);
}
END_TEST

/* The same packet over IPv6, and as what a server answers. */
static const struct {
	const char *exprs;
	struct ruleset_packet p;
	enum ruleset_fate fate; /* with policy drop */
} others[] = {
	{ MATCH(DPORT, "500") ACCEPT,
	    { .ipv6 = true, .proto = "udp", .dport = 500 }, RULESET_ACCEPT },
	{ MATCH("{'meta': {'key': 'nfproto'}}", "'ipv4'") ACCEPT,
	    { .ipv6 = true, .proto = "udp", .dport = 500 }, RULESET_DROP },
	{ MATCH("{'payload': {'protocol': 'ip6', 'field': 'nexthdr'}}", "'esp'")
		ACCEPT,
	    { .ipv6 = true, .proto = "esp" }, RULESET_ACCEPT },
	{ MATCH("{'payload': {'protocol': 'ip6', 'field': 'nexthdr'}}", "'esp'")
		ACCEPT,
	    { .proto = "esp" }, RULESET_DROP },
	{ MATCH("{'payload': {'protocol': 'ip', 'field': 'protocol'}}", "'esp'")
		ACCEPT,
	    { .ipv6 = true, .proto = "esp" }, RULESET_DROP },
	{ MATCH("{'payload': {'protocol': 'ip6', 'field': 'saddr'}}",
	      "{'prefix': {'addr': '2001:db8::', 'len': 32}}") ACCEPT,
	    { .ipv6 = true, .proto = "esp" }, RULESET_UNSURE },
	{ MATCH("{'payload': {'protocol': 'icmpv6', 'field': 'type'}}",
	      "'nd-neighbor-solicit'") ACCEPT,
	    { .ipv6 = true, .proto = "esp" }, RULESET_DROP },
	{ MATCH("{'payload': {'protocol': 'udp', 'field': 'sport'}}", "500")
		ACCEPT,
	    { .proto = "udp", .sport = 500 }, RULESET_ACCEPT },
	{ MATCH(DPORT, "500") ACCEPT, { .proto = "udp", .sport = 500 },
	    RULESET_UNSURE },
	{ MATCH("{'ct': {'key': 'state'}}", "['established', 'related']")
		ACCEPT,
	    { .proto = "udp", .ct = "established" }, RULESET_ACCEPT },
	{ MATCH("{'ct': {'key': 'state'}}", "['established', 'related']")
		ACCEPT,
	    { .proto = "udp", .ct = "untracked" }, RULESET_DROP },
	{ MATCH("{'rt': {'key': 'ipsec'}}", "true") ACCEPT,
	    { .proto = "udp", .into_ipsec = true }, RULESET_ACCEPT },
	{ MATCH("{'rt': {'key': 'ipsec'}}", "true") ACCEPT, { .proto = "udp" },
	    RULESET_DROP },
	{ MATCH("{'rt': {'key': 'mtu'}}", "1280") ACCEPT, { .proto = "udp" },
	    RULESET_UNSURE },
	{ MATCH("{'ipsec': {'key': 'reqid', 'dir': 'out', 'spnum': 0}}", "1")
		ACCEPT,
	    { .proto = "udp", .into_ipsec = true }, RULESET_UNSURE },
	{ MATCH("{'ipsec': {'key': 'reqid', 'dir': 'in', 'spnum': 0}}", "1")
		ACCEPT,
	    { .proto = "udp", .into_ipsec = true }, RULESET_DROP },
	{ "{'xt': {'type': 'match', 'name': 'comment'}}" ACCEPT,
	    { .proto = "udp" }, RULESET_ACCEPT },
	{ "{'xt': {'type': 'match', 'name': 'policy'}}" ACCEPT,
	    { .proto = "udp", .ipsec = true }, RULESET_ACCEPT },
	{ "{'xt': {'type': 'match', 'name': 'policy'}}" ACCEPT,
	    { .proto = "udp" }, RULESET_UNSURE },
	{ "{'xt': {'type': 'target', 'name': 'REJECT'}}", { .proto = "udp" },
	    RULESET_DROP },
	{ "{'xt': {'type': 'target', 'name': 'LOG'}}", { .proto = "udp" },
	    RULESET_DROP },
};

START_TEST(packet_of_another_kind_is_judged)
{
	ck_assert_int_eq(
	    fate_of(rules("drop", others[_i].exprs, ""), &others[_i].p),
	    others[_i].fate);
}
END_TEST

static void
keep_handle(void *arg, const json_t *rule)
{
	int *sum = arg;

	*sum += (int)json_integer_value(json_object_get(rule, "handle"));
}

START_TEST(rules_are_found_by_their_comment)
{
	json_t *set = json_pack("{s:[{s:{s:s,s:i}},{s:{s:s,s:i}},{s:{s:i}}]}",
	    "nftables", "rule", "comment", "ours", "handle", 1, "rule",
	    "comment", "ours too", "handle", 10, "rule", "handle", 100);
	int sum = 0;

	ruleset_commented(set, "ours", keep_handle, &sum);
	ck_assert_int_eq(sum, 1);
	ruleset_commented(NULL, "ours", keep_handle, &sum);
	ck_assert_int_eq(sum, 1);
	json_decref(set);
}
END_TEST

static bool
translated(const char *saddr, const char *oif)
{
	struct ruleset_packet p = { .proto = "tcp", .dport = 443, .oif = oif };
	json_t *set = real();
	bool is;

	ck_assert_int_eq(inet_pton(AF_INET, saddr, &p.saddr), 1);
	is = ruleset_translates(set, &p);
	json_decref(set);
	return is;
}

START_TEST(translation_depends_on_source_and_interface)
{
	ck_assert(translated("10.0.0.77", "e0"));
	ck_assert(!translated("10.0.0.77", "e1"));
	ck_assert(translated("10.0.0.5", "e1"));
	ck_assert(!translated("10.0.1.5", "e0"));
}
END_TEST

START_TEST(table_is_found_by_family_and_name)
{
	json_t *set = real();

	ck_assert(ruleset_has_table(set, "ip", "nat"));
	ck_assert(!ruleset_has_table(set, "inet", "nat"));
	ck_assert(!ruleset_has_table(set, "ip", "lnsd"));
	json_decref(set);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ruleset");
	TCase *tc = tcase_create("ruleset");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, policy_alone_decides);
	tcase_add_loop_test(
	    tc, rule_is_understood, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tc, reject_at_the_end_drops);
	tcase_add_loop_test(tc, packet_of_another_kind_is_judged, 0,
	    (int)(sizeof(others) / sizeof(others[0])));
	tcase_add_test(tc, rules_are_found_by_their_comment);
	tcase_add_test(tc, rule_set_of_nft_is_understood);
	tcase_add_test(tc, translation_depends_on_source_and_interface);
	tcase_add_test(tc, table_is_found_by_family_and_name);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
