/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../ppp/pppd.h"
#include "../../ppp/radius_acct.h"

static const char secret[] = "xyzzy5461";
static const char proof[] = "407A5589115FD0D6209F510FE9C04566932CDA56";

static struct radius_station station;
static struct radius_packet packet;
static struct radius_request reply;
static struct radius_answer answer;
static size_t unheeded;
static struct radius_attr last_unheeded;

static void
setup(void)
{
	static const struct lns_addr local = { .family = 4,
		.ip = { 203, 0, 113, 1 } };
	static const struct lns_addr peer = { .family = 4,
		.ip = { 192, 0, 2, 10 } };

	station = (struct radius_station){ .nas_identifier = "vpn",
		.local = local,
		.peer = peer,
		.port = 0x00010002,
		.label = "PP[ANONYMOUS01]",
		.session_id = "0123456789abcdef" };
	memset(&reply, 0, sizeof(reply));
	reply.code = RADIUS_ACCESS_ACCEPT;
	memset(&answer, 0, sizeof(answer));
	unheeded = 0;
}

static struct radius_view
encode(const struct radius_request *rq)
{
	struct radius_seal seal = { .secret = secret };
	struct radius_view v;

	ck_assert(radius_encode(&packet, rq, &seal));
	ck_assert(radius_view(&v, packet.octets, packet.len));
	return v;
}

static void
assert_text(const struct radius_view *v, uint8_t type, const char *text)
{
	struct radius_attr a;

	ck_assert_msg(radius_find(v, 0, type, &a), "no %u", type);
	ck_assert_uint_eq(a.len, strlen(text));
	ck_assert_mem_eq(a.value, text, a.len);
}

static void
assert_u32(const struct radius_view *v, uint8_t type, uint32_t want)
{
	struct radius_attr a;
	uint32_t value;

	ck_assert_msg(radius_find(v, 0, type, &a), "no %u", type);
	ck_assert(radius_u32(&a, &value));
	ck_assert_uint_eq(value, want);
}

static struct wire_ask
ask_of(uint8_t method, size_t challenge_len, size_t response_len)
{
	struct wire_ask ask = { .method = method,
		.id = 9,
		.name_len = 5,
		.name = "alice",
		.challenge_len = (uint16_t)challenge_len,
		.response_len = (uint16_t)response_len };
	size_t i;

	for (i = 0; i < challenge_len; i++)
		ask.challenge[i] = (uint8_t)(i + 100);
	for (i = 0; i < response_len; i++)
		ask.response[i] = (uint8_t)(i + 1);
	return ask;
}

START_TEST(request_says_where_the_session_is)
{
	struct wire_ask ask = ask_of(WIRE_PAP, 0, 6);
	struct radius_request rq;
	struct radius_view v;

	ck_assert_ptr_null(radius_from_ask(&rq, &ask, &station));
	ck_assert_int_eq(rq.code, RADIUS_ACCESS_REQUEST);
	v = encode(&rq);
	assert_text(&v, RADIUS_USER_NAME, "alice");
	assert_text(&v, RADIUS_NAS_IDENTIFIER, "vpn");
	assert_u32(&v, RADIUS_NAS_IP_ADDRESS, 0xcb007101);
	assert_u32(&v, RADIUS_NAS_PORT, 0x00010002);
	assert_u32(&v, RADIUS_NAS_PORT_TYPE, 5);
	assert_text(&v, RADIUS_NAS_PORT_ID, "PP[ANONYMOUS01]");
	assert_u32(&v, RADIUS_SERVICE_TYPE, 2);
	assert_u32(&v, RADIUS_FRAMED_PROTOCOL, 1);
	assert_text(&v, RADIUS_CALLING_STATION_ID, "192.0.2.10");
	assert_text(&v, RADIUS_CALLED_STATION_ID, "203.0.113.1");
	assert_u32(&v, RADIUS_TUNNEL_TYPE, 3);
	assert_u32(&v, RADIUS_TUNNEL_MEDIUM_TYPE, 1);
	assert_text(&v, RADIUS_TUNNEL_CLIENT_ENDPOINT, "192.0.2.10");
	assert_text(&v, RADIUS_TUNNEL_SERVER_ENDPOINT, "203.0.113.1");
	assert_text(&v, RADIUS_ACCT_SESSION_ID, "0123456789abcdef");
}
END_TEST

START_TEST(request_of_a_call_says_its_numbers_and_nas_address_as_told)
{
	struct wire_ask ask = ask_of(WIRE_PAP, 0, 6);
	struct radius_request rq;
	struct radius_view v;

	station.calling = "0301234567";
	station.called = "0307654321";
	station.nas_address.s_addr = htonl(0xc0a86401);
	ck_assert_ptr_null(radius_from_ask(&rq, &ask, &station));
	v = encode(&rq);
	assert_text(&v, RADIUS_CALLING_STATION_ID, "0301234567");
	assert_text(&v, RADIUS_CALLED_STATION_ID, "0307654321");
	assert_u32(&v, RADIUS_NAS_IP_ADDRESS, 0xc0a86401);
	assert_text(&v, RADIUS_TUNNEL_CLIENT_ENDPOINT, "192.0.2.10");
}
END_TEST

START_TEST(request_over_ipv6_says_so)
{
	struct wire_ask ask = ask_of(WIRE_PAP, 0, 6);
	struct radius_request rq;
	struct radius_view v;
	struct radius_attr a;

	station.local = (struct lns_addr){ .family = 6, .ip = { 0x20, 1 } };
	station.peer = (struct lns_addr){ .family = 6, .ip = { 0x20, 2 } };
	ck_assert_ptr_null(radius_from_ask(&rq, &ask, &station));
	v = encode(&rq);
	assert_u32(&v, RADIUS_TUNNEL_MEDIUM_TYPE, 2);
	assert_text(&v, RADIUS_CALLING_STATION_ID, "2002::");
	ck_assert(!radius_find(&v, 0, RADIUS_NAS_IP_ADDRESS, &a));
	ck_assert(radius_find(&v, 0, RADIUS_NAS_IPV6_ADDRESS, &a));
	ck_assert_uint_eq(a.len, 16);
	ck_assert_mem_eq(a.value, station.local.ip, 16);
}
END_TEST

START_TEST(chap_is_asked_about_with_its_challenge)
{
	struct wire_ask ask = ask_of(WIRE_CHAP, 20, 16);
	struct radius_request rq;
	struct radius_view v;
	struct radius_attr a;

	ck_assert_ptr_null(radius_from_ask(&rq, &ask, &station));
	v = encode(&rq);
	ck_assert(!radius_find(&v, 0, RADIUS_USER_PASSWORD, &a));
	ck_assert(radius_find(&v, 0, RADIUS_CHAP_PASSWORD, &a));
	ck_assert_uint_eq(a.len, 17);
	ck_assert_uint_eq(a.value[0], 9);
	ck_assert_mem_eq(a.value + 1, ask.response, 16);
	ck_assert(radius_find(&v, 0, RADIUS_CHAP_CHALLENGE, &a));
	ck_assert_uint_eq(a.len, 20);
	ck_assert_mem_eq(a.value, ask.challenge, 20);
}
END_TEST

/* RFC 2548 2.3.2. */
START_TEST(mschapv2_is_asked_about_in_the_order_of_rfc2548)
{
	struct wire_ask ask = ask_of(WIRE_MSCHAPV2, 16, 49);
	struct radius_request rq;
	struct radius_view v;
	struct radius_attr a;

	ck_assert_ptr_null(radius_from_ask(&rq, &ask, &station));
	v = encode(&rq);
	ck_assert(radius_find(&v, 311, RADIUS_MS_CHAP_CHALLENGE, &a));
	ck_assert_uint_eq(a.len, 16);
	ck_assert_mem_eq(a.value, ask.challenge, 16);
	ck_assert(radius_find(&v, 311, RADIUS_MS_CHAP2_RESPONSE, &a));
	ck_assert_uint_eq(a.len, 50);
	ck_assert_uint_eq(a.value[0], 9);
	ck_assert_uint_eq(a.value[1], 0); /* not the client's flags */
	ck_assert_mem_eq(a.value + 2, ask.response, 48);
}
END_TEST

START_TEST(what_cannot_be_asked_is_told)
{
	struct wire_ask asks[] = { ask_of(WIRE_PAP, 0, 129),
		ask_of(WIRE_CHAP, 16, 15), ask_of(WIRE_CHAP, 0, 16),
		ask_of(WIRE_MSCHAPV2, 16, 48), ask_of(WIRE_MSCHAPV2, 8, 49),
		ask_of(WIRE_PROXIED, 0, 0), ask_of(WIRE_PAP, 0, 1),
		ask_of(WIRE_PAP, 0, 1) };
	struct radius_request rq;
	size_t i;

	asks[6].name_len = 0;
	asks[7].name_len = 254;
	for (i = 0; i < nitems(asks); i++)
		ck_assert_ptr_nonnull(radius_from_ask(&rq, &asks[i], &station));
}
END_TEST

static void
note(void *arg, const struct radius_attr *a)
{
	ck_assert_ptr_eq(arg, &answer);
	unheeded++;
	last_unheeded = *a;
}

static void
take(uint8_t method)
{
	struct radius_view v = encode(&reply);

	radius_take_reply(&answer, &v, method, 9, note, &answer);
}

static void
add_microsoft(uint8_t type, const void *value, size_t len)
{
	radius_add_vendor(
	    &reply.attrs, RADIUS_VENDOR_MICROSOFT, type, value, len);
}

START_TEST(accept_fills_the_grant)
{
	const uint8_t dns[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };

	radius_add_u32(&reply.attrs, RADIUS_SERVICE_TYPE, 2);
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_PROTOCOL, 1);
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_IP_ADDRESS, 0xc0a864de);
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_IP_NETMASK, 0xffffffff);
	radius_add_u32(&reply.attrs, RADIUS_SESSION_TIMEOUT, 3600);
	radius_add_u32(&reply.attrs, RADIUS_IDLE_TIMEOUT, 600);
	radius_add_u32(&reply.attrs, RADIUS_PORT_LIMIT, 2);
	radius_add_u32(&reply.attrs, RADIUS_ACCT_INTERIM_INTERVAL, 300);
	radius_add(&reply.attrs, RADIUS_CLASS, "one", 3);
	radius_add(&reply.attrs, RADIUS_CLASS, "two", 3);
	add_microsoft(RADIUS_MS_PRIMARY_DNS, dns[0], 4);
	add_microsoft(RADIUS_MS_SECONDARY_DNS, dns[1], 4);
	add_microsoft(RADIUS_MS_PRIMARY_NBNS, dns[1], 4);
	add_microsoft(RADIUS_MS_SECONDARY_NBNS, dns[0], 4);
	radius_add_text(&reply.attrs, RADIUS_REPLY_MESSAGE, "hello\n");
	radius_add_text(&reply.attrs, RADIUS_REPLY_MESSAGE, "you");
	take(WIRE_PAP);
	ck_assert_ptr_null(answer.reason);
	ck_assert_uint_eq(unheeded, 0);
	ck_assert(answer.grant.has_address && answer.grant.one_login);
	ck_assert(answer.grant.address_is_told);
	ck_assert_uint_eq(answer.grant.address.s_addr, htonl(0xc0a864de));
	ck_assert_uint_eq(answer.grant.session_timeout_s, 3600);
	ck_assert_uint_eq(answer.grant.idle_timeout_s, 600);
	ck_assert_uint_eq(answer.grant.max_sessions, 2);
	ck_assert_uint_eq(answer.interim_s, 300);
	ck_assert_mem_eq(answer.grant.dns, dns, 8);
	ck_assert_mem_eq(&answer.grant.wins[0], dns[1], 4);
	ck_assert_mem_eq(&answer.grant.wins[1], dns[0], 4);
	ck_assert_str_eq(answer.message, "hello?you");
	ck_assert_uint_eq(answer.class.len, 10);
	reply.attrs.len = 0;
	radius_add_class(&reply.attrs, &answer.class);
	ck_assert_uint_eq(reply.attrs.len, 10);
	ck_assert_mem_eq(reply.attrs.octets, "\031\005one\031\005two", 10);
}
END_TEST

/* What it does not speak of is as the profile says. */
START_TEST(accept_without_a_word_leaves_the_grant)
{
	answer.grant.idle_timeout_s = 77;
	answer.grant.dns[0].s_addr = 1;
	answer.grant.dns[1].s_addr = 2;
	take(WIRE_PAP);
	ck_assert_ptr_null(answer.reason);
	ck_assert_uint_eq(answer.grant.idle_timeout_s, 77);
	ck_assert_uint_eq(answer.grant.dns[1].s_addr, 2);
	ck_assert(!answer.grant.has_address);
}
END_TEST

START_TEST(one_name_server_replaces_both)
{
	const uint8_t dns[4] = { 10, 0, 0, 1 };

	answer.grant.dns[0].s_addr = 1;
	answer.grant.dns[1].s_addr = 2;
	add_microsoft(RADIUS_MS_SECONDARY_DNS, dns, 4);
	take(WIRE_PAP);
	ck_assert_mem_eq(&answer.grant.dns[0], dns, 4);
	ck_assert_uint_eq(answer.grant.dns[1].s_addr, 0);
}
END_TEST

START_TEST(address_for_us_to_choose_is_one_of_the_pool)
{
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_IP_ADDRESS, 0xfffffffe);
	take(WIRE_PAP);
	ck_assert(!answer.grant.has_address);
	ck_assert_uint_eq(unheeded, 0);
	reply.attrs.len = 0;
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_IP_ADDRESS, 0xffffffff);
	take(WIRE_PAP);
	ck_assert(!answer.grant.has_address);
	ck_assert_uint_eq(unheeded, 0);
}
END_TEST

START_TEST(what_has_no_effect_is_told)
{
	char name[RADIUS_NAME_SIZE];

	radius_add_u32(&reply.attrs, RADIUS_FRAMED_MTU, 1400);
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 1);
	ck_assert_str_eq(radius_attr_name(&last_unheeded, name), "Framed-MTU");
	/* Values that are none count as well. */
	radius_add(&reply.attrs, RADIUS_SESSION_TIMEOUT, "abc", 3);
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_IP_ADDRESS, 0xe0000001);
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_IP_NETMASK, 0xff00ff00);
	radius_add(&reply.attrs, 201, "x", 1);
	radius_add_vendor(&reply.attrs, 9, 1, "x", 1);
	unheeded = 0;
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 6);
	ck_assert(!answer.grant.has_address);
	ck_assert_str_eq(
	    radius_attr_name(&last_unheeded, name), "attribute 1 of vendor 9");
	ck_assert_ptr_null(answer.reason);
}
END_TEST

START_TEST(another_service_is_a_refusal)
{
	radius_add_u32(&reply.attrs, RADIUS_SERVICE_TYPE, 6);
	take(WIRE_PAP);
	ck_assert_ptr_nonnull(answer.reason);
	ck_assert(!answer.failed);
	reply.attrs.len = 0;
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_PROTOCOL, 2);
	take(WIRE_PAP);
	ck_assert_ptr_nonnull(answer.reason);
}
END_TEST

START_TEST(mschapv2_needs_the_servers_proof)
{
	char success[1 + 2 + 40 + 3];

	take(WIRE_MSCHAPV2);
	ck_assert_ptr_nonnull(answer.reason);
	snprintf(success, sizeof(success), "\011S=%s", proof);
	add_microsoft(RADIUS_MS_CHAP2_SUCCESS, success, 43);
	take(WIRE_MSCHAPV2);
	ck_assert_ptr_null(answer.reason);
	ck_assert_str_eq(answer.proof, proof);
	/* Text behind it is for the user. */
	reply.attrs.len = 0;
	snprintf(success, sizeof(success), "\011S=%s M", proof);
	add_microsoft(RADIUS_MS_CHAP2_SUCCESS, success, 45);
	take(WIRE_MSCHAPV2);
	ck_assert_str_eq(answer.proof, proof);
	/* For another id, too short, and no digits. */
	success[0] = 8;
	reply.attrs.len = 0;
	add_microsoft(RADIUS_MS_CHAP2_SUCCESS, success, 43);
	take(WIRE_MSCHAPV2);
	ck_assert_ptr_nonnull(answer.reason);
	success[0] = 9;
	reply.attrs.len = 0;
	add_microsoft(RADIUS_MS_CHAP2_SUCCESS, success, 42);
	take(WIRE_MSCHAPV2);
	ck_assert_ptr_nonnull(answer.reason);
	success[42] = 'x';
	reply.attrs.len = 0;
	add_microsoft(RADIUS_MS_CHAP2_SUCCESS, success, 43);
	take(WIRE_MSCHAPV2);
	ck_assert_ptr_nonnull(answer.reason);
}
END_TEST

START_TEST(reject_may_have_been_a_guess_and_grants_nothing)
{
	reply.code = RADIUS_ACCESS_REJECT;
	radius_add_text(&reply.attrs, RADIUS_REPLY_MESSAGE, "go away");
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_IP_ADDRESS, 0xc0a864de);
	take(WIRE_PAP);
	ck_assert_str_eq(answer.reason, "refused by RADIUS");
	ck_assert(answer.failed);
	ck_assert_str_eq(answer.message, "go away");
	ck_assert(!answer.grant.has_address);
	ck_assert_uint_eq(unheeded, 0);
	reply.code = RADIUS_ACCESS_CHALLENGE;
	take(WIRE_PAP);
	ck_assert_ptr_nonnull(answer.reason);
	ck_assert(!answer.failed);
}
END_TEST

START_TEST(more_class_than_fits_is_told)
{
	static const uint8_t octets[250];

	radius_add(&reply.attrs, RADIUS_CLASS, octets, 250);
	radius_add(&reply.attrs, RADIUS_CLASS, octets, 250);
	radius_add(&reply.attrs, RADIUS_CLASS, octets, 250);
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 1);
	ck_assert_uint_eq(answer.class.len, 504);
}
END_TEST

/* RFC 3162 2.3, RFC 6911 3.2. */
START_TEST(accept_gives_an_ipv6_prefix_and_name_servers)
{
	const uint8_t prefix[] = { 0, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2 };
	const uint8_t odd[] = { 0, 56, 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0 };
	uint8_t server[16] = { 0x20, 0x01 };
	char text[INET6_ADDRSTRLEN];

	answer.grant.n_dns6 = 2;
	radius_add(
	    &reply.attrs, RADIUS_FRAMED_IPV6_PREFIX, prefix, sizeof(prefix));
	radius_add(&reply.attrs, RADIUS_DNS_SERVER_IPV6_ADDRESS, server, 16);
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 0);
	ck_assert_uint_eq(answer.grant.ipv6_prefix.len, 64);
	inet_ntop(
	    AF_INET6, &answer.grant.ipv6_prefix.address, text, sizeof(text));
	ck_assert_str_eq(text, "2001:db8:1:2::");
	ck_assert_uint_eq(answer.grant.n_dns6, 1);
	ck_assert_mem_eq(&answer.grant.dns6[0], server, 16);
	/* Another length, one that is cut, and one server too many. */
	radius_attrs_init(&reply.attrs);
	memset(&answer, 0, sizeof(answer));
	radius_add(&reply.attrs, RADIUS_FRAMED_IPV6_PREFIX, odd, sizeof(odd));
	radius_add(&reply.attrs, RADIUS_FRAMED_IPV6_PREFIX, prefix, 1);
	radius_add(&reply.attrs, RADIUS_DNS_SERVER_IPV6_ADDRESS, server, 15);
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 3);
	ck_assert_uint_eq(answer.grant.ipv6_prefix.len, 0);
	ck_assert_uint_eq(answer.grant.n_dns6, 0);
}
END_TEST

/* RFC 2865 5.22. */
START_TEST(routes_are_taken_in_every_form)
{
	static const struct {
		const char *text;
		uint32_t network;
		unsigned int bits;
	} routes[] = {
		{ "10.1.0.0/24", 0x0a010000, 24 },
		{ "10.1.0.0/24 0.0.0.0 1", 0x0a010000, 24 },
		{ "10.1.2.3/32 192.168.100.222 1 2 -1", 0x0a010203, 32 },
		{ "10.0.0.0 0.0.0.0", 0x0a000000, 8 },
		{ "172.16.0.0", 0xac100000, 16 },
		{ "192.168.7.0", 0xc0a80700, 24 },
	};
	size_t i;

	/* Behind them: where the user is may come last. */
	for (i = 0; i < nitems(routes); i++)
		radius_add_text(
		    &reply.attrs, RADIUS_FRAMED_ROUTE, routes[i].text);
	radius_add_u32(&reply.attrs, RADIUS_FRAMED_IP_ADDRESS, 0xc0a864de);
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 0);
	ck_assert_uint_eq(answer.grant.n_routes, nitems(routes));
	for (i = 0; i < nitems(routes); i++) {
		ck_assert_uint_eq(answer.grant.routes[i].network.s_addr,
		    htonl(routes[i].network));
		ck_assert_uint_eq(answer.grant.routes[i].bits, routes[i].bits);
	}
	ck_assert(answer.grant.one_login);
}
END_TEST

START_TEST(routes_that_cannot_be_are_told)
{
	static const char *const texts[] = { "10.1.0.0/24 192.168.100.1 1",
		"0.0.0.0/0", "0.0.0.0/8", "10.1.0.1/24", "10.1.0.0/33",
		"10.1.0.0/0", "10.1.0.0/24x", "10.1.0/24", "224.0.0.0/4",
		"127.0.0.0/8", "x", "2001:db8::/32", "10.1.0.0/24 x" };
	size_t i;

	for (i = 0; i < nitems(texts); i++) {
		radius_attrs_init(&reply.attrs);
		radius_add_text(&reply.attrs, RADIUS_FRAMED_ROUTE, texts[i]);
		unheeded = 0;
		take(WIRE_PAP);
		ck_assert_msg(unheeded == 1 && answer.grant.n_routes == 0, "%s",
		    texts[i]);
	}
	/* More than a user may have. */
	radius_attrs_init(&reply.attrs);
	for (i = 0; i <= CONF_ROUTES_MAX; i++)
		radius_add_text(
		    &reply.attrs, RADIUS_FRAMED_ROUTE, "10.1.0.0/24");
	unheeded = 0;
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 1);
	ck_assert_uint_eq(answer.grant.n_routes, CONF_ROUTES_MAX);
}
END_TEST

/* RFC 2865 5.9. */
START_TEST(netmask_is_of_a_network_or_of_the_user_alone)
{
	static const struct {
		uint32_t mask;
		unsigned int bits;
		size_t unheeded;
	} masks[] = {
		{ 0xffffffff, 0, 0 },
		{ 0xfffffffe, 31, 0 },
		{ 0xffffff00, 24, 0 },
		{ 0x80000000, 1, 0 },
		{ 0, 0, 1 },
		{ 0xff00ff00, 0, 1 },
		{ 0x000000ff, 0, 1 },
	};
	size_t i;

	for (i = 0; i < nitems(masks); i++) {
		radius_attrs_init(&reply.attrs);
		radius_add_u32(
		    &reply.attrs, RADIUS_FRAMED_IP_NETMASK, masks[i].mask);
		unheeded = 0;
		take(WIRE_PAP);
		ck_assert_uint_eq(answer.network_bits, masks[i].bits);
		ck_assert_uint_eq(unheeded, masks[i].unheeded);
	}
}
END_TEST

START_TEST(rates_are_in_bits)
{
	const uint32_t up = htonl(2048000), down = htonl(8000), low = htonl(1);

	radius_add_vendor(&reply.attrs, RADIUS_VENDOR_WISPR,
	    RADIUS_WISPR_BANDWIDTH_MAX_UP, &up, 4);
	radius_add_vendor(&reply.attrs, RADIUS_VENDOR_WISPR,
	    RADIUS_WISPR_BANDWIDTH_MAX_DOWN, &down, 4);
	radius_add_vendor(&reply.attrs, RADIUS_VENDOR_WISPR,
	    RADIUS_WISPR_BANDWIDTH_MAX_DOWN, &low, 4);
	radius_add_vendor(&reply.attrs, RADIUS_VENDOR_WISPR, 5, &up, 4);
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 2);
	ck_assert_uint_eq(answer.grant.rate.up_kbit, 2048);
	ck_assert_uint_eq(answer.grant.rate.down_kbit, 8);
}
END_TEST

START_TEST(filters_are_names_in_a_row)
{
	char most[GRANT_FILTER_SIZE - 10];

	radius_add_text(&reply.attrs, RADIUS_FILTER_ID, "web");
	radius_add_text(&reply.attrs, RADIUS_FILTER_ID, "m$il;x");
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 0);
	ck_assert_str_eq(answer.grant.filter, "web m$il;x");
	/* What would be two names, or a line; and one too many. */
	memset(most, 'x', sizeof(most));
	radius_attrs_init(&reply.attrs);
	radius_add_text(&reply.attrs, RADIUS_FILTER_ID, "two names");
	radius_add_text(&reply.attrs, RADIUS_FILTER_ID, "line\n");
	radius_add_text(&reply.attrs, RADIUS_FILTER_ID, "\351t\351");
	radius_add(&reply.attrs, RADIUS_FILTER_ID, "x\0y", 3);
	radius_add(&reply.attrs, RADIUS_FILTER_ID, most, sizeof(most));
	radius_add_text(&reply.attrs, RADIUS_FILTER_ID, "12345678");
	radius_add_text(&reply.attrs, RADIUS_FILTER_ID, "123456789");
	memset(&answer, 0, sizeof(answer));
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 5);
	ck_assert_uint_eq(strlen(answer.grant.filter), GRANT_FILTER_SIZE - 1);
}
END_TEST

static void
assert_network6(size_t i, const char *ip, unsigned int len)
{
	char text[INET6_ADDRSTRLEN];

	ck_assert_uint_lt(i, answer.grant.n_routes6);
	inet_ntop(
	    AF_INET6, &answer.grant.routes6[i].address, text, sizeof(text));
	ck_assert_str_eq(text, ip);
	ck_assert_uint_eq(answer.grant.routes6[i].len, len);
}

/* RFC 4818 and RFC 3162 2.5. */
START_TEST(ipv6_networks_behind_a_user_are_taken)
{
	static const uint8_t delegated[] = { 0, 60, 0x20, 1, 0xd, 0xb8, 2, 0, 0,
		0x1f };

	radius_add(&reply.attrs, RADIUS_DELEGATED_IPV6_PREFIX, delegated,
	    sizeof(delegated));
	radius_add_text(
	    &reply.attrs, RADIUS_FRAMED_IPV6_ROUTE, "2001:db8:300::/40 :: 1");
	radius_add_text(
	    &reply.attrs, RADIUS_FRAMED_IPV6_ROUTE, "2001:db8:400::1/128");
	radius_add_text(&reply.attrs, RADIUS_FRAMED_IPV6_POOL, "guests");
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 0);
	ck_assert_uint_eq(answer.grant.n_routes6, 3);
	assert_network6(0, "2001:db8:200:10::", 60);
	assert_network6(1, "2001:db8:300::", 40);
	assert_network6(2, "2001:db8:400::1", 128);
	ck_assert(answer.grant.one_login);
	ck_assert_str_eq(answer.pool6, "guests");
}
END_TEST

START_TEST(ipv6_networks_that_cannot_be_are_told)
{
	static const char *const texts[] = { "2001:db8::/32 2001:db8::1",
		"2001:db8::/32 fe80::1", "2001:db8::/129", "2001:db8::/0",
		"2001:db8::1/64", "2001:db8::", "::/8", "ff00::/8", "fe80::/64",
		"2001:db8::/32x", "10.1.0.0/24", "x", "2001:db8::/32 x" };
	static const uint8_t values[][18] = { { 0, 0 }, { 0, 129, 0x20 },
		{ 0, 8, 0xff }, { 0, 10, 0xfe, 0x80 }, { 0, 64 } };
	const uint8_t good[18] = { 0, 128, 0x20, 1, 0xd, 0xb8 };
	size_t i;

	for (i = 0; i < nitems(texts) + nitems(values); i++) {
		radius_attrs_init(&reply.attrs);
		if (i < nitems(texts))
			radius_add_text(
			    &reply.attrs, RADIUS_FRAMED_IPV6_ROUTE, texts[i]);
		else
			radius_add(&reply.attrs, RADIUS_DELEGATED_IPV6_PREFIX,
			    values[i - nitems(texts)], 18);
		unheeded = 0;
		take(WIRE_PAP);
		ck_assert_msg(
		    unheeded == 1 && answer.grant.n_routes6 == 0, "%zu", i);
	}
	/* Cut at every length: what is left out is 0. */
	for (i = 1; i <= sizeof(good); i++) {
		radius_attrs_init(&reply.attrs);
		radius_add(&reply.attrs, RADIUS_DELEGATED_IPV6_PREFIX, good, i);
		take(WIRE_PAP);
		ck_assert_uint_eq(answer.grant.n_routes6, i > 2);
		answer.grant.n_routes6 = 0;
	}
	/* More than a user may have. */
	radius_attrs_init(&reply.attrs);
	for (i = 0; i <= GRANT_ROUTES6_MAX; i++)
		radius_add(&reply.attrs, RADIUS_DELEGATED_IPV6_PREFIX, good,
		    sizeof(good));
	unheeded = 0;
	take(WIRE_PAP);
	ck_assert_uint_eq(unheeded, 1);
	ck_assert_uint_eq(answer.grant.n_routes6, GRANT_ROUTES6_MAX);
}
END_TEST

static const struct radius_class class_x = { "\031\003x", 3 };

static struct radius_record
record_of(enum radius_acct_status status)
{
	return (struct radius_record){ .status = status,
		.user = "alice",
		.address.s_addr = htonl(0xc0a864de),
		.class = &class_x,
		.by_radius = true,
		.at_s = 1700000000,
		.usage = { (7ull << 32) + 5, (1ull << 32) - 1, 11, 12 },
		.session_s = 90,
		.cause = RADIUS_IDLE };
}

START_TEST(accounting_start_says_who_and_where)
{
	struct radius_record r = record_of(RADIUS_ACCT_START);
	struct radius_request rq;
	struct radius_view v;
	struct radius_attr a;

	radius_from_record(&rq, &r, &station);
	ck_assert_int_eq(rq.code, RADIUS_ACCOUNTING_REQUEST);
	v = encode(&rq);
	assert_u32(&v, RADIUS_ACCT_STATUS_TYPE, 1);
	assert_u32(&v, RADIUS_ACCT_DELAY_TIME, 0);
	assert_u32(&v, RADIUS_EVENT_TIMESTAMP, 1700000000);
	assert_text(&v, RADIUS_USER_NAME, "alice");
	assert_u32(&v, RADIUS_FRAMED_IP_ADDRESS, 0xc0a864de);
	assert_u32(&v, RADIUS_ACCT_AUTHENTIC, 1);
	assert_text(&v, RADIUS_CLASS, "x");
	assert_text(&v, RADIUS_ACCT_SESSION_ID, "0123456789abcdef");
	assert_text(&v, RADIUS_NAS_IDENTIFIER, "vpn");
	ck_assert(!radius_find(&v, 0, RADIUS_ACCT_INPUT_OCTETS, &a));
	ck_assert(!radius_find(&v, 0, RADIUS_ACCT_TERMINATE_CAUSE, &a));
	ck_assert(!radius_find(&v, 0, RADIUS_MESSAGE_AUTHENTICATOR, &a));
}
END_TEST

START_TEST(accounting_stop_counts_in_gigawords)
{
	struct radius_record r = record_of(RADIUS_ACCT_STOP);
	struct radius_request rq;
	struct radius_view v;

	r.by_radius = false;
	radius_from_record(&rq, &r, &station);
	v = encode(&rq);
	assert_u32(&v, RADIUS_ACCT_STATUS_TYPE, 2);
	assert_u32(&v, RADIUS_ACCT_INPUT_OCTETS, 5);
	assert_u32(&v, RADIUS_ACCT_INPUT_GIGAWORDS, 7);
	assert_u32(&v, RADIUS_ACCT_OUTPUT_OCTETS, 0xffffffff);
	assert_u32(&v, RADIUS_ACCT_OUTPUT_GIGAWORDS, 0);
	assert_u32(&v, RADIUS_ACCT_INPUT_PACKETS, 11);
	assert_u32(&v, RADIUS_ACCT_OUTPUT_PACKETS, 12);
	assert_u32(&v, RADIUS_ACCT_SESSION_TIME, 90);
	assert_u32(&v, RADIUS_ACCT_TERMINATE_CAUSE, RADIUS_IDLE);
	assert_u32(&v, RADIUS_ACCT_AUTHENTIC, 2);
}
END_TEST

START_TEST(accounting_interim_counts_and_does_not_end)
{
	struct radius_record r = record_of(RADIUS_ACCT_INTERIM);
	struct radius_request rq;
	struct radius_view v;
	struct radius_attr a;

	radius_from_record(&rq, &r, &station);
	v = encode(&rq);
	assert_u32(&v, RADIUS_ACCT_STATUS_TYPE, 3);
	assert_u32(&v, RADIUS_ACCT_INPUT_OCTETS, 5);
	ck_assert(!radius_find(&v, 0, RADIUS_ACCT_TERMINATE_CAUSE, &a));
}
END_TEST

START_TEST(accounting_of_the_nas_names_no_session_of_a_user)
{
	struct radius_request rq;
	struct radius_view v;
	struct radius_attr a;

	radius_from_nas(&rq, RADIUS_ACCT_ON, 1700000000, &station);
	v = encode(&rq);
	assert_u32(&v, RADIUS_ACCT_STATUS_TYPE, 7);
	assert_text(&v, RADIUS_NAS_IDENTIFIER, "vpn");
	ck_assert(radius_find(&v, 0, RADIUS_ACCT_SESSION_ID, &a));
	ck_assert(!radius_find(&v, 0, RADIUS_USER_NAME, &a));
	ck_assert(!radius_find(&v, 0, RADIUS_NAS_PORT, &a));
}
END_TEST

/* RFC 2866 5.10. */
START_TEST(every_end_has_its_terminate_cause)
{
	static const struct {
		enum lns_ppp_end why;
		enum cause cause;
		unsigned int code;
	} ends[] = {
		{ LNS_PPP_PEER, CAUSE_HUNG_UP, 1 },
		{ LNS_PPP_LOST, CAUSE_DEAD_PEER, 2 },
		{ LNS_PPP_IDLE, CAUSE_IDLE, 4 },
		{ LNS_PPP_IDLE, CAUSE_SESSION_TIME, 5 },
		{ LNS_PPP_ADMIN, CAUSE_HUNG_UP, 1 },
		{ LNS_PPP_ADMIN, CAUSE_DEAD_PEER, 2 },
		{ LNS_PPP_ADMIN, CAUSE_SHUTDOWN, 7 },
		{ LNS_PPP_ADMIN, CAUSE_DUPLICATE_LOGIN, 10 },
		{ LNS_PPP_ADMIN, CAUSE_ADMIN, 6 },
		{ LNS_PPP_FAILED, CAUSE_PPPD, 9 },
	};
	size_t i;

	for (i = 0; i < nitems(ends); i++)
		ck_assert_uint_eq(
		    radius_cause(ends[i].why, ends[i].cause), ends[i].code);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("radius_map");
	TCase *tc = tcase_create("map");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, request_says_where_the_session_is);
	tcase_add_test(
	    tc, request_of_a_call_says_its_numbers_and_nas_address_as_told);
	tcase_add_test(tc, request_over_ipv6_says_so);
	tcase_add_test(tc, chap_is_asked_about_with_its_challenge);
	tcase_add_test(tc, mschapv2_is_asked_about_in_the_order_of_rfc2548);
	tcase_add_test(tc, what_cannot_be_asked_is_told);
	tcase_add_test(tc, accept_fills_the_grant);
	tcase_add_test(tc, accept_without_a_word_leaves_the_grant);
	tcase_add_test(tc, one_name_server_replaces_both);
	tcase_add_test(tc, address_for_us_to_choose_is_one_of_the_pool);
	tcase_add_test(tc, what_has_no_effect_is_told);
	tcase_add_test(tc, another_service_is_a_refusal);
	tcase_add_test(tc, mschapv2_needs_the_servers_proof);
	tcase_add_test(tc, reject_may_have_been_a_guess_and_grants_nothing);
	tcase_add_test(tc, more_class_than_fits_is_told);
	tcase_add_test(tc, accept_gives_an_ipv6_prefix_and_name_servers);
	tcase_add_test(tc, routes_are_taken_in_every_form);
	tcase_add_test(tc, routes_that_cannot_be_are_told);
	tcase_add_test(tc, netmask_is_of_a_network_or_of_the_user_alone);
	tcase_add_test(tc, rates_are_in_bits);
	tcase_add_test(tc, filters_are_names_in_a_row);
	tcase_add_test(tc, ipv6_networks_behind_a_user_are_taken);
	tcase_add_test(tc, ipv6_networks_that_cannot_be_are_told);
	tcase_add_test(tc, accounting_start_says_who_and_where);
	tcase_add_test(tc, accounting_stop_counts_in_gigawords);
	tcase_add_test(tc, accounting_interim_counts_and_does_not_end);
	tcase_add_test(tc, accounting_of_the_nas_names_no_session_of_a_user);
	tcase_add_test(tc, every_end_has_its_terminate_cause);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
