/* SPDX-License-Identifier: ISC */
/* What whack --status says of SAs. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ipsec/ikesas.h"

static struct conf_peer peers[] = {
	{ .name = (char[]){ "anyone" }, .any = true },
	{ .name = (char[]){ "branch" },
	    .address = { .family = 4, .ip = { 192, 0, 2, 7 } } },
};
static const struct conf conf = { .peers = peers, .n_peers = nitems(peers) };
static struct ikesas sas;
static struct ipsec_ike *ike;

/* libreswan 4.10; two clients, the first of which has dialled twice; a branch;
 * a connection that is not ours. */
static const char *const lines[] = {
	"000 using kernel interface: xfrm",
	"000 \"anyone-203.0.113.1\":   newest ISAKMP SA: #0; newest IPsec SA: "
	"#0; conn serial: $1;",
	"000 \"anyone-203.0.113.1\":   IKE algorithms: "
	"AES_CBC_256-HMAC_SHA2_256-"
	"DH20, AES_CBC_256-HMAC_SHA2_256-DH19",
	"000 \"anyone-203.0.113.1\"[1]: "
	"203.0.113.1/32:UDP/1701===203.0.113.1..."
	"192.0.2.10===192.0.2.10/32:UDP/1701; erouted; eroute owner: #8",
	"000 \"anyone-203.0.113.1\"[1]:   newest ISAKMP SA: #7; newest IPsec "
	"SA: "
	"#8; conn serial: $2, instantiated from: $1;",
	"000 \"anyone-203.0.113.1\"[1]:   IKEv1 algorithm newest: "
	"AES_CBC_256-HMAC_SHA2_256-MODP2048",
	"000 \"anyone-203.0.113.1\"[1]:   ESP algorithm newest: "
	"AES_CBC_128-HMAC_SHA1_96; pfsgroup=<N/A>",
	"000 \"branch-203.0.113.1\":   newest ISAKMP SA: #9; newest IPsec SA: "
	"#10; conn serial: $5;",
	"000 \"branch-203.0.113.1\":   IKEv1 algorithm newest: "
	"3DES_CBC_192-HMAC_SHA1-MODP1024",
	/* An identity that a client has made up. */
	"000 \"anyone-203.0.113.1\"[4]:   our idtype: ID_IPV4_ADDR; our id="
	"203.0.113.1; their idtype: ID_FQDN; their id=@x:   newest ISAKMP SA: "
	"#5",
	"000 \"anyone-203.0.113.1\"[4]:   our id=203.0.113.1; their id=@"
	"IKEv1 algorithm newest: FORGED",
	"000 \"anyone-203.0.113.1\"[4]: "
	"203.0.113.1/32:UDP/1701===203.0.113.1..."
	"198.51.100.1[@x:   newest ISAKMP SA: #5; y]; erouted",
	"000 \"anyone-203.0.113.1\"[4]: 203.0.113.1..."
	"198.51.100.1[@x:   IKEv1 algorithm newest: FORGED]; erouted",
	"000 #1: \"anyone-203.0.113.1\"[1] 192.0.2.10:500 STATE_MAIN_R3 (IKE "
	"SA "
	"established); EXPIRE in 28785s; lastdpd=-1s(seq in:0 out:0); idle;",
	"000 #2: \"anyone-203.0.113.1\"[1] 192.0.2.10:500 STATE_QUICK_R2 "
	"(IPsec "
	"SA established); EXPIRE in 28785s; ISAKMP SA #1; idle;",
	"000 #2: \"anyone-203.0.113.1\"[1] 192.0.2.10 esp.d89da6b1@192.0.2.10 "
	"esp.414d7961@203.0.113.1 Traffic: ESPin=537B ESPout=543B "
	"ESPmax=2^63B ",
	"000 #7: \"anyone-203.0.113.1\"[1] 192.0.2.10:500 STATE_MAIN_R3 (IKE "
	"SA "
	"established); EXPIRE in 28795s; newest; lastdpd=-1s(seq in:0 out:0); "
	"idle;",
	"000 #8: \"anyone-203.0.113.1\"[1] 192.0.2.10:500 STATE_QUICK_R2 "
	"(IPsec "
	"SA established); EXPIRE in 28795s; newest; eroute owner; ISAKMP SA "
	"#7; "
	"idle;",
	"000 #8: \"anyone-203.0.113.1\"[1] 192.0.2.10 esp.e43058d1@192.0.2.10 "
	"esp.e60b54b3@203.0.113.1 Traffic: ESPin=641B ESPout=608B "
	"ESPmax=2^63B ",
	"000 #5: \"anyone-203.0.113.1\"[4] 198.51.100.1:43583 STATE_MAIN_R3 "
	"(IKE "
	"SA established); idle;",
	"000 #9: \"branch-203.0.113.1\":500 STATE_MAIN_I4 (IKE SA "
	"established); "
	"REPLACE in 17s; newest; idle;",
	"000 #11: \"other\"[4] 198.51.100.1:4500 STATE_MAIN_R3 (IKE SA "
	"established); EXPIRE in 7s; idle;",
};

/* 5.2, while the client dials again. */
static const char *const lines5[] = {
	"using kernel interface: xfrm",
	"\"anyone-203.0.113.1\"[1]: 203.0.113.1/32/UDP/1701==="
	"203.0.113.1...192.0.2.10===192.0.2.10/32/UDP/1701",
	"\"anyone-203.0.113.1\"[1]:   host: oriented; local: 203.0.113.1; "
	"remote: 192.0.2.10; established ISAKMP SA: #1;",
	"\"anyone-203.0.113.1\"[1]:   routing: routed tunnel; owner: IPsec SA "
	"#2; negotiating ISAKMP SA: #3; established ISAKMP SA: #1; "
	"established IPsec SA: #2;",
	"\"anyone-203.0.113.1\"[1]:   conn serial: $2, instantiated from: $1;",
	"\"anyone-203.0.113.1\"[1]:   IKEv1 algorithm newest: "
	"AES_CBC_256-HMAC_SHA2_256-MODP2048",
	"\"anyone-203.0.113.1\"[4]:   routing: unrouted;",
	"\"anyone-203.0.113.1\"[4]:   IKEv1 algorithm newest: NONE",
	"#1: \"anyone-203.0.113.1\"[1] 192.0.2.10:500 STATE_MAIN_R3 (ISAKMP SA "
	"established); EXPIRE in 28785s; newest; lastdpd=-1s(seq in:0 out:0); "
	"idle;",
	"#2: \"anyone-203.0.113.1\"[1] 192.0.2.10:500 STATE_QUICK_R2 (IPsec SA "
	"established); EXPIRE in 3585s; newest; ISAKMP SA #1; idle;",
	"#2: \"anyone-203.0.113.1\"[1] 192.0.2.10 esp.d89da6b1@192.0.2.10 "
	"esp.414d7961@203.0.113.1 Traffic: ESPin=537B ESPout=543B "
	"ESPmax=2^63B",
};

static void
teardown(void)
{
	ikesas_clear(&sas);
	ipsec_ike_free(ike);
	ike = NULL;
}

static void
take(const char *const *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		ikesas_take(&sas, text[i]);
	ike = ikesas_result(&sas, &conf);
	ck_assert_ptr_nonnull(ike);
}

static void
take_all(void)
{
	take(lines, nitems(lines));
}

static const struct ipsec_ike_sa *
nth(unsigned long n)
{
	size_t i;

	for (i = 0; i < ike->n_sas; i++)
		if (ike->sas[i].n == n)
			return &ike->sas[i];
	ck_abort_msg("no #%lu", n);
}

START_TEST(ike_sas_have_what_was_agreed_on)
{
	const struct ipsec_ike_sa *sa;
	char ip[LNS_ADDR_TEXT];

	take_all();
	ck_assert_uint_eq(ike->n_sas, 4);
	sa = nth(7);
	ck_assert_str_eq(sa->proposal, "AES_CBC_256-HMAC_SHA2_256-MODP2048");
	ck_assert_str_eq(lns_addr_text(&sa->peer, ip), "192.0.2.10");
	ck_assert_uint_eq(sa->peer.port, 500);
	ck_assert_int_eq(sa->left_s, 28795);
	ck_assert(!sa->renewed);
	/* pluto tells of the newest alone. */
	ck_assert_str_eq(nth(1)->proposal, "");
	ck_assert_int_eq(nth(1)->left_s, 28785);
}
END_TEST

START_TEST(ike_sas_of_libreswan_5_are_read)
{
	const struct ipsec_ike_esp *e;
	const struct lns_addr peer = { 4, { 192, 0, 2, 10 }, 4500 };

	take(lines5, nitems(lines5));
	ck_assert_uint_eq(ike->n_sas, 1);
	ck_assert_str_eq(
	    nth(1)->proposal, "AES_CBC_256-HMAC_SHA2_256-MODP2048");
	ck_assert_int_eq(nth(1)->left_s, 28785);
	ck_assert_uint_eq(sas.n_proposals, 1);
	e = ipsec_ike_find(ike, 0x414d7961, true, &peer);
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->ike, 1);
}
END_TEST

START_TEST(identity_of_a_client_is_no_proposal)
{
	take_all();
	ck_assert_str_eq(nth(5)->proposal, "");
	ck_assert_int_eq(nth(5)->left_s, -1);
	ck_assert_uint_eq(nth(5)->peer.port, 43583);
}
END_TEST

START_TEST(peer_of_a_fixed_address_is_that)
{
	char ip[LNS_ADDR_TEXT];

	take_all();
	ck_assert_str_eq(lns_addr_text(&nth(9)->peer, ip), "192.0.2.7");
	ck_assert_str_eq(nth(9)->proposal, "3DES_CBC_192-HMAC_SHA1-MODP1024");
	ck_assert_int_eq(nth(9)->left_s, 17);
	ck_assert(nth(9)->renewed);
}
END_TEST

START_TEST(ipsec_sas_are_found_in_both_directions)
{
	const struct lns_addr peer = { 4, { 192, 0, 2, 10 }, 4500 };
	const struct lns_addr other = { 4, { 192, 0, 2, 11 }, 0 };
	const struct ipsec_ike_esp *e;

	take_all();
	ck_assert_uint_eq(ike->n_esp, 4);
	e = ipsec_ike_find(ike, 0xe60b54b3, true, &peer);
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->ike, 7);
	ck_assert_int_eq(e->left_s, 28795);
	e = ipsec_ike_find(ike, 0xd89da6b1, false, &peer);
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->ike, 1);
	ck_assert_ptr_null(ipsec_ike_find(ike, 0xd89da6b1, true, &peer));
	ck_assert_ptr_null(ipsec_ike_find(ike, 0xd89da6b1, false, &other));
	ck_assert_ptr_null(ipsec_ike_find(NULL, 0xd89da6b1, false, &peer));
}
END_TEST

static void
take_cut(const char *text)
{
	char *line;
	size_t len;

	for (len = 0; len <= strlen(text); len++) {
		line = strndup(text, len);
		ikesas_take(&sas, line);
		free(line);
	}
}

START_TEST(line_cut_anywhere_does_no_harm)
{
	size_t i;

	for (i = 0; i < nitems(lines); i++)
		take_cut(lines[i]);
	for (i = 0; i < nitems(lines5); i++)
		take_cut(lines5[i]);
	ike = ikesas_result(&sas, &conf);
	ck_assert_ptr_nonnull(ike);
}
END_TEST

START_TEST(nothing_told_is_nothing_there)
{
	ike = ikesas_result(&sas, &conf);
	ck_assert_ptr_nonnull(ike);
	ck_assert_uint_eq(ike->n_sas + ike->n_esp, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ikesas");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, ike_sas_have_what_was_agreed_on);
	tcase_add_test(tc, ike_sas_of_libreswan_5_are_read);
	tcase_add_test(tc, identity_of_a_client_is_no_proposal);
	tcase_add_test(tc, peer_of_a_fixed_address_is_that);
	tcase_add_test(tc, ipsec_sas_are_found_in_both_directions);
	tcase_add_test(tc, line_cut_anywhere_does_no_harm);
	tcase_add_test(tc, nothing_told_is_nothing_there);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
