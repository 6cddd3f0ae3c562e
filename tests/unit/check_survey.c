/* SPDX-License-Identifier: ISC */

/* What the server tells of itself: sessions, SAs, configuration. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/xfrm.h>
#include <libmnl/libmnl.h>

#include "../../ipsec/xfrm_event.h"
#include "../../ipsec/xfrm_list.h"
#include "../../lnsd/client_kind.h"
#include "../../lnsd/ctl_server.h"
#include "../../lnsd/survey_json.h"
#include "conf_file.h"

/* --- SAs of the kernel --- */

static const uint8_t secret_key[36] = { "a key that must not be seen" };

static void
put_algo(struct nlmsghdr *h, uint16_t type, const char *name, size_t octets)
{
	_Alignas(4) char buf[128] = { 0 };
	struct xfrm_algo a = { .alg_key_len = (unsigned int)octets * 8 };

	snprintf(a.alg_name, sizeof(a.alg_name), "%s", name);
	memcpy(buf, &a, sizeof(a));
	memcpy(buf + sizeof(a), secret_key, octets);
	mnl_attr_put(h, type, sizeof(a) + octets, buf);
}

static struct nlmsghdr *
put_sa(void *buf)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct xfrm_usersa_info *x = mnl_nlmsg_put_extra_header(h, sizeof(*x));

	h->nlmsg_type = XFRM_MSG_NEWSA;
	x->family = AF_INET;
	x->id.proto = IPPROTO_ESP;
	x->id.spi = htonl(0xc1422677);
	x->id.daddr.a4 = htonl(0xc6336401);
	x->curlft.bytes = 1234;
	x->curlft.add_time = 1700000000;
	return h;
}

START_TEST(sa_is_read_with_its_cipher_and_without_its_key)
{
	_Alignas(8) char buf[1024];
	struct nlmsghdr *h = put_sa(buf);
	struct ipsec_sa_detail d;
	char ip[LNS_ADDR_TEXT];

	put_algo(h, XFRMA_ALG_CRYPT, "cbc(aes)", 32);
	put_algo(h, XFRMA_ALG_AUTH, "hmac(sha1)", 20);
	ck_assert(xfrm_list_parse(h, &d));
	ck_assert_str_eq(d.cipher, "aes256-sha1");
	ck_assert_uint_eq(d.spi, 0xc1422677);
	ck_assert_str_eq(lns_addr_text(&d.dst, ip), "198.51.100.1");
	ck_assert_uint_eq(d.octets, 1234);
	ck_assert_uint_eq(d.made_s, 1700000000);
	ck_assert_ptr_null(memmem(&d, sizeof(d), secret_key, 8));
}
END_TEST

START_TEST(ciphers_are_named_as_people_do)
{
	static const struct {
		uint16_t type;
		const char *kernel, *auth, *name;
		size_t octets;
	} cases[] = {
		{ XFRMA_ALG_CRYPT, "cbc(aes)", "hmac(sha256)", "aes128-sha256",
		    16 },
		{ XFRMA_ALG_CRYPT, "cbc(des3_ede)", "hmac(sha1)", "3des-sha1",
		    24 },
		{ XFRMA_ALG_CRYPT, "cbc(camellia)", "hmac(md5)",
		    "cbc(camellia)-md5", 16 },
	};
	_Alignas(8) char buf[1024];
	struct ipsec_sa_detail d;
	struct nlmsghdr *h;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		h = put_sa(buf);
		put_algo(h, cases[i].type, cases[i].kernel, cases[i].octets);
		put_algo(h, XFRMA_ALG_AUTH, cases[i].auth, 20);
		ck_assert(xfrm_list_parse(h, &d));
		ck_assert_str_eq(d.cipher, cases[i].name);
	}
}
END_TEST

START_TEST(gcm_is_named_without_its_salt)
{
	_Alignas(8) char buf[1024];
	_Alignas(4) char algo[128] = { 0 };
	struct nlmsghdr *h = put_sa(buf);
	struct xfrm_algo_aead a = { .alg_name = "rfc4106(gcm(aes))",
		.alg_key_len = 288,
		.alg_icv_len = 128 };
	struct ipsec_sa_detail d;

	memcpy(algo, &a, sizeof(a));
	memcpy(algo + sizeof(a), secret_key, 36);
	mnl_attr_put(h, XFRMA_ALG_AEAD, sizeof(a) + 36, algo);
	ck_assert(xfrm_list_parse(h, &d));
	ck_assert_str_eq(d.cipher, "aes256-gcm");
}
END_TEST

START_TEST(sa_truncated_at_every_length_never_hurts)
{
	_Alignas(8) char buf[1024];
	struct nlmsghdr *h = put_sa(buf);
	struct ipsec_sa_detail d;
	char *copy;
	uint32_t n, len;

	put_algo(h, XFRMA_ALG_CRYPT, "cbc(aes)", 32);
	put_algo(h, XFRMA_ALG_AUTH, "hmac(sha1)", 20);
	len = h->nlmsg_len;
	for (n = sizeof(*h); n <= len; n++) {
		copy = malloc(n);
		memcpy(copy, buf, n);
		((struct nlmsghdr *)(void *)copy)->nlmsg_len = n;
		ck_assert_int_eq(xfrm_list_parse((void *)copy, &d),
		    n >= NLMSG_LENGTH(sizeof(struct xfrm_usersa_info)));
		free(copy);
	}
}
END_TEST

START_TEST(sa_of_ah_is_none)
{
	_Alignas(8) char buf[1024];
	struct nlmsghdr *h = put_sa(buf);
	struct xfrm_usersa_info *x = mnl_nlmsg_get_payload(h);
	struct ipsec_sa_detail d;

	x->id.proto = IPPROTO_AH;
	ck_assert(!xfrm_list_parse(h, &d));
}
END_TEST

/* --- clients --- */

START_TEST(client_is_known_by_how_it_names_itself)
{
	ck_assert_str_eq(client_kind("PC", "Microsoft", 0x0a00), "Windows");
	ck_assert_str_eq(client_kind("box", "xelerance.com", 0x690), "xl2tpd");
	ck_assert_str_eq(client_kind("anonymous", "", 0), "Android");
	ck_assert_str_eq(client_kind("Annas-iPhone", "", 0), "Apple");
	ck_assert_str_eq(client_kind("", "", 0), "unknown");
	ck_assert_str_eq(client_kind("x", "y", 0), "unknown");
	ck_assert_str_eq(client_kind("x", "", 5), "unknown");
}
END_TEST

/* --- sessions --- */

static const char conf_text[] =
    "ppp \"p\" { local-address = 10.0.0.1 pool = { \"10.0.0.2-10.0.0.9\" }\n"
    "radius { server = \"127.0.0.1\" secret = \"verysecret1\" } }\n"
    "user \"alice\" { password = \"verysecret2\" }\n"
    "user \"bob\" { nt-hash = \"0123456789abcdef0123456789abcdef\" }\n"
    "peer \"anyone\" { address = any psk = \"verysecret3verysecret3\""
    " ppp = \"p\" tunnel-secret = \"verysecret4\" }\n";

static json_t *
sessions_of(struct survey *s, const struct conf *c)
{
	json_t *o = survey_json_sessions(s, c), *first;

	ck_assert_ptr_nonnull(o);
	first = json_array_get(json_object_get(o, "sessions"), 0);
	ck_assert_ptr_nonnull(first);
	json_incref(first);
	json_decref(o);
	return first;
}

static const char *
text_at(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

START_TEST(session_is_told_with_what_is_known_of_it)
{
	struct conf *c = assert_loaded(conf_text);
	struct survey_tunnel t = { .kind = "Apple", .cipher = "aes256-sha1" };
	struct survey_session x = { .path = { .label = "PP[ANONYMOUS01]" } };
	struct survey s = { .now = { 100000 },
		.wall_s = 5000,
		.tunnels = &t,
		.n_tunnels = 1,
		.sessions = &x,
		.n_sessions = 1 };
	json_t *o;

	t.l2tp.slot = 1;
	t.outer = (struct lns_addr){ 4, { 192, 0, 2, 7 }, 4500 };
	x.l2tp.state = t.l2tp.state = "established";
	o = sessions_of(&s, c);
	ck_assert(json_is_null(json_object_get(o, "address")));
	ck_assert(json_is_null(json_object_get(o, "rx_octets")));
	ck_assert(json_is_null(json_object_get(o, "since")));
	json_decref(o);
	x.path.has_ppp = x.path.ppp.up = true;
	x.path.ppp.since = (struct mono){ 40000 };
	x.path.ppp.address.s_addr = htonl(0x0a000002);
	snprintf(x.path.ppp.user, sizeof(x.path.ppp.user), "ali\xff\nce");
	x.counted = true;
	x.counters.rx_octets = 77;
	x.has_idle = true;
	x.idle_s = 7;
	o = sessions_of(&s, c);
	ck_assert_str_eq(text_at(o, "address"), "10.0.0.2");
	ck_assert_str_eq(text_at(o, "user"), "ali?\nce");
	ck_assert_str_eq(text_at(o, "client_address"), "192.0.2.7");
	ck_assert_str_eq(text_at(o, "client"), "Apple");
	ck_assert_str_eq(text_at(o, "cipher"), "aes256-sha1");
	ck_assert_str_eq(text_at(o, "profile"), "p");
	ck_assert_int_eq(json_integer_value(json_object_get(o, "seconds")), 60);
	ck_assert_int_eq(json_integer_value(json_object_get(o, "since")), 4940);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(o, "rx_octets")), 77);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(o, "idle_seconds")), 7);
	json_decref(o);
	conf_free(c);
}
END_TEST

/* The kernel's figure before the first packet: its jiffies begin below 0. */
START_TEST(session_without_data_is_idle_since_it_is_up)
{
	struct conf *c = assert_loaded(conf_text);
	struct survey_tunnel t = { .kind = "Apple" };
	struct survey_session x = { .has_idle = true, .idle_s = 17181737 };
	struct survey s = { .now = { 100000 },
		.tunnels = &t,
		.n_tunnels = 1,
		.sessions = &x,
		.n_sessions = 1 };
	json_t *o;

	x.l2tp.state = t.l2tp.state = "established";
	x.path.has_ppp = x.path.ppp.up = true;
	x.path.ppp.since = (struct mono){ 40000 };
	o = sessions_of(&s, c);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(o, "idle_seconds")), 60);
	json_decref(o);
	conf_free(c);
}
END_TEST

static json_int_t
int_at(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

START_TEST(sas_are_told_with_what_pluto_says_of_them)
{
	const struct lns_addr peer = { 4, { 198, 51, 100, 1 }, 4500 };
	struct ipsec_ike_sa ike_sas[] = {
		{ 5, peer, "AES_CBC_256-HMAC_SHA1-MODP2048", 28000, false },
		{ 3, { .family = 0 }, "", -1, false },
	};
	struct ipsec_ike_esp esp[] = { { 0xab, false, peer, 5, 1000, true } };
	struct survey_sa sas[] = {
		{ .sa = { .peer = peer, .spi = 0xab, .client = 3 },
		    .has_detail = true },
		{ .sa = { .peer = peer, .spi = 0xac, .client = 3 } },
	};
	struct survey s = { .wall_s = 5000, .sas = sas, .n_sas = 2 };
	json_t *o, *first, *second;

	sas[0].detail.made_s = 4000;
	s.ike = calloc(1, sizeof(*s.ike));
	*s.ike = (struct ipsec_ike){ ike_sas, 2, esp, 1 };
	o = survey_json_sas(&s, NULL);
	first = json_array_get(json_object_get(o, "sas"), 0);
	second = json_array_get(json_object_get(o, "sas"), 1);
	ck_assert_str_eq(text_at(first, "spi"), "000000ab");
	ck_assert_str_eq(text_at(first, "direction"), "send");
	ck_assert_int_eq(int_at(first, "seconds"), 1000);
	ck_assert_int_eq(int_at(first, "isakmp"), 5);
	ck_assert_int_eq(int_at(first, "life_seconds"), 1000);
	ck_assert(json_is_true(json_object_get(first, "renewed")));
	ck_assert(json_is_null(json_object_get(second, "isakmp")));
	ck_assert(json_is_null(json_object_get(second, "life_seconds")));
	first = json_array_get(json_object_get(o, "isakmp"), 0);
	second = json_array_get(json_object_get(o, "isakmp"), 1);
	ck_assert_int_eq(int_at(first, "isakmp"), 5);
	ck_assert_int_eq(int_at(first, "client_number"), 3);
	ck_assert_str_eq(text_at(first, "client_address"), "198.51.100.1");
	ck_assert_int_eq(int_at(first, "client_port"), 4500);
	ck_assert(json_is_true(json_object_get(first, "nat_traversal")));
	ck_assert_str_eq(
	    text_at(first, "proposal"), "AES_CBC_256-HMAC_SHA1-MODP2048");
	ck_assert_int_eq(int_at(first, "life_seconds"), 28000);
	ck_assert(json_is_false(json_object_get(first, "renewed")));
	ck_assert(json_is_null(json_object_get(second, "client_number")));
	ck_assert(json_is_null(json_object_get(second, "client_address")));
	ck_assert(json_is_null(json_object_get(second, "nat_traversal")));
	ck_assert(json_is_null(json_object_get(second, "proposal")));
	ck_assert(json_is_null(json_object_get(second, "life_seconds")));
	ck_assert(json_is_null(json_object_get(second, "renewed")));
	json_decref(o);
	free(s.ike);
	/* Without pluto nothing of it is made up. */
	s.ike = NULL;
	o = survey_json_sas(&s, NULL);
	first = json_array_get(json_object_get(o, "sas"), 0);
	ck_assert(json_is_null(json_object_get(first, "isakmp")));
	ck_assert(json_is_null(json_object_get(first, "life_seconds")));
	ck_assert_uint_eq(json_array_size(json_object_get(o, "isakmp")), 0);
	json_decref(o);
}
END_TEST

START_TEST(configuration_is_told_without_a_secret)
{
	struct conf *c = assert_loaded(conf_text);
	json_t *o = ctl_conf_json(c);
	char *text = json_dumps(o, 0);

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_null(strstr(text, "verysecret"));
	ck_assert_ptr_null(strcasestr(text, "0123456789abcdef"));
	ck_assert_ptr_nonnull(strstr(text, "\"password\": \"***\""));
	ck_assert_ptr_nonnull(strstr(text, "\"nt-hash\": \"***\""));
	ck_assert_ptr_nonnull(strstr(text, "\"psk\": \"***\""));
	ck_assert_ptr_nonnull(strstr(text, "\"secret\": \"***\""));
	ck_assert_ptr_nonnull(strstr(text, "\"tunnel-secret\": \"***\""));
	ck_assert_ptr_nonnull(strstr(text, "10.0.0.2-10.0.0.9"));
	free(text);
	json_decref(o);
	conf_free(c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("survey");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, sa_is_read_with_its_cipher_and_without_its_key);
	tcase_add_test(tc, ciphers_are_named_as_people_do);
	tcase_add_test(tc, gcm_is_named_without_its_salt);
	tcase_add_test(tc, sa_truncated_at_every_length_never_hurts);
	tcase_add_test(tc, sa_of_ah_is_none);
	tcase_add_test(tc, client_is_known_by_how_it_names_itself);
	tcase_add_test(tc, session_is_told_with_what_is_known_of_it);
	tcase_add_test(tc, sas_are_told_with_what_pluto_says_of_them);
	tcase_add_test(tc, session_without_data_is_idle_since_it_is_up);
	tcase_add_test(tc, configuration_is_told_without_a_secret);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
