/* SPDX-License-Identifier: ISC */
/* From pluto's many lines to one for each event. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ipsec/ikestory.h"

#define ONE "\"anyone-203.0.113.1\"[1] 198.51.100.1"
#define TWO "\"anyone-203.0.113.1\"[2] 198.51.100.1"
#define BAD_PSK                                                              \
	": probable authentication failure (mismatch of preshared secrets?)" \
	": malformed payload in packet"

static struct conf_peer peers[] = {
	{ .name = (char[]){ "anyone" }, .any = true },
	{ .name = (char[]){ "branch" },
	    .address = { .family = 4, .ip = { 192, 0, 2, 7 } } },
};
static struct conf conf = { .peers = peers, .n_peers = nitems(peers) };
static struct algs algs;
static struct ikestory *story;
static struct mono now;

static void
setup(void)
{
	now = (struct mono){ 100000 };
	algs_init(&algs);
	story = ikestory_new(&conf, &algs);
	ck_assert_ptr_nonnull(story);
}

static void
teardown(void)
{
	ikestory_free(story);
}

static const char *
take(const char *line)
{
	return ikestory_take(story, line, now);
}

static void
quiet(const char *line)
{
	const char *text = take(line);

	ck_assert_msg(text == NULL, "'%s' from '%s'", text, line);
}

static void
tells(const char *line, const char *text)
{
	const char *got = take(line);

	ck_assert_msg(got != NULL, "nothing from '%s'", line);
	ck_assert_str_eq(got, text);
}

static void
call(void)
{
	quiet(ONE " #1: responding to Main Mode from unknown peer "
		  "198.51.100.1:500");
	quiet(ONE " #1: sent Main Mode R1");
	quiet(ONE " #1: sent Main Mode R2");
}

START_TEST(good_call_behind_nat_is_told_in_three_lines)
{
	call();
	quiet(ONE " #1: Peer ID is ID_IPV4_ADDR: '192.168.7.11'");
	quiet(ONE " #1: switched to " TWO);
	quiet(ONE ": deleting connection instance with peer 198.51.100.1 "
		  "{isakmp=#0/ipsec=#0}");
	tells(TWO " #1: IKE SA established {auth=PRESHARED_KEY "
		  "cipher=AES_CBC_256 integ=HMAC_SHA2_256 group=MODP2048}",
	    "198.51.100.1: phase 1 established (AES_CBC_256, HMAC_SHA2_256, "
	    "MODP2048, behind NAT as 192.168.7.11)");
	quiet(TWO " #2: responding to Quick Mode proposal {msgid:f41e1d72}");
	tells(TWO " #2: IPsec SA established transport mode "
		  "{ESPinUDP=>0x1739ae6c <0x5d58a1ba "
		  "xfrm=AES_CBC_128-HMAC_SHA1_96 NATOA=192.168.7.11 "
		  "NATD=198.51.100.1:4500 DPD=active}",
	    "198.51.100.1: IPsec SA established (ESP in UDP, "
	    "AES_CBC_128-HMAC_SHA1_96)");
	tells(TWO " #1: received Delete SA(0x1739ae6c) payload: deleting IPsec "
		  "State #2",
	    "198.51.100.1: IPsec SA closed by the client");
	quiet(TWO " #2: deleting state (STATE_QUICK_R2) aged 12.514327s and "
		  "sending notification");
	quiet(TWO " #1: received Delete SA payload: self-deleting ISAKMP State "
		  "#1");
	quiet(TWO " #1: deleting state (STATE_MAIN_R3) aged 13.13892s and "
		  "sending notification");
}
END_TEST

static const struct {
	const char *id, *suffix;
} ids[] = {
	{ "198.51.100.1", "" },
	{ "192.168.7.11", ", behind NAT as 192.168.7.11" },
	{ "2001:db8::1", ", behind NAT as 2001:db8::1" },
	{ "@somebody", ", id @somebody" },
};

START_TEST(identity_is_told_unless_it_is_the_address)
{
	char line[256], text[256];

	call();
	snprintf(line, sizeof(line), ONE " #1: Peer ID is X: '%s'", ids[_i].id);
	quiet(line);
	snprintf(text, sizeof(text),
	    "198.51.100.1: phase 1 established (A, B, C%s)", ids[_i].suffix);
	tells(ONE " #1: ISAKMP SA established {auth=PRESHARED_KEY cipher=A "
		  "integ=B group=C}",
	    text);
}
END_TEST

START_TEST(refused_offers_are_told_with_what_we_accept)
{
	const char *text;

	call();
	quiet(ONE " #1: Oakley Transform [3DES_CBC (192), HMAC_SHA1, "
		  "MODP1536] refused");
	quiet(ONE " #1: Oakley Transform [3DES_CBC (192), HMAC_SHA1, "
		  "MODP1536] refused");
	quiet(ONE " #1: Oakley Transform [AES_CBC (128), HMAC_MD5, MODP1536] "
		  "refused");
	text = take(ONE " #1: no acceptable Oakley Transform");
	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text,
	    "198.51.100.1: failed: no proposal chosen: they offer "
	    "3DES_CBC_192-HMAC_SHA1-MODP1536, AES_CBC_128-HMAC_MD5-MODP1536; "
	    "we accept aes256/aes128 with sha2_256/sha2_512/sha2_384/sha1 and "
	    "dh20/dh19/dh14/dh15/dh16/dh21");
	quiet(ONE " #1: deleting state (STATE_MAIN_R0) aged 0.02s and NOT "
		  "sending notification");
}
END_TEST

START_TEST(offers_without_end_are_cut)
{
	char line[128];
	const char *text;
	int i;

	call();
	for (i = 0; i < 100; i++) {
		snprintf(line, sizeof(line),
		    ONE " #1: Oakley Transform [CIPHER%d (192), HMAC_SHA1, "
			"MODP1536] refused",
		    i);
		quiet(line);
	}
	text = take(ONE " #1: no acceptable Oakley Transform");
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "CIPHER0_192-HMAC_SHA1"));
	ck_assert_ptr_nonnull(strstr(text, "-MODP1536..; we accept aes256"));
}
END_TEST

static const struct {
	const char *line, *cause;
} failures[] = {
	{ ONE " #1" BAD_PSK, "the pre-shared key differs" },
	{ ONE " #2: no acceptable Proposal in IPsec SA",
	    "no proposal chosen for ESP: we accept aes_gcm256" },
	{ ONE " #1: Can't authenticate: no preshared key found for `a' and "
	      "`b'",
	    "there is no pre-shared key for it" },
	{ ONE " #1: no suitable connection for peer 'x'",
	    "no peer is configured for its identity '@me'" },
	{ ONE " #1: NSS: ERROR: IPsec certificate CN=a invalid: "
	      "SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired.",
	    "its certificate is not accepted: Peer's Certificate has expired" },
	{ ONE " #1: cannot respond to IPsec SA request because no connection "
	      "is known for x",
	    "it asks for other traffic than L2TP" },
	{ ONE " #1: cannot respond to IPsec SA request because no connection "
	      "is known for 203.0.113.1/32:UDP/1701===203.0.113.1..."
	      "198.51.100.1[192.168.7.11]===192.168.7.11/32:UDP/1701",
	    "it is behind a NAT and has no NAT traversal" },
	{ "packet from 198.51.100.1:500: initial Main Mode message received "
	  "but no connection has been authorized with authby=PSK and xauth=no",
	    "no peer is configured for this address" },
	{ "packet from 198.51.100.1:500: initial Aggressive Mode message from "
	  "198.51.100.1:500 but no (wildcard) connection has been configured "
	  "with authby PSK",
	    "it has a group name set (aggressive mode)" },
	{ "packet from 198.51.100.1:500: ISAKMP_v2_IKE_SA_INIT message "
	  "received on 203.0.113.1:500 but no suitable connection found with "
	  "IKEv2 policy",
	    "it speaks IKEv2" },
	{ ONE " #1: deleting state (STATE_MAIN_R1) aged 60s and NOT sending "
	      "notification",
	    "the client did not go on after our first answer" },
	{ ONE " #1: deleting ISAKMP SA (MAIN_R2) aged 60s and NOT sending "
	      "notification",
	    "the client did not go on after the key exchange: is UDP 4500 "
	    "blocked on the way?" },
	{ ONE " #2: deleting state (STATE_QUICK_R1) aged 60s and NOT sending "
	      "notification",
	    "the client did not confirm the IPsec SA" },
};

START_TEST(cause_of_a_failure_is_told_once)
{
	static const char start[] = "198.51.100.1: failed: ";
	const char *text;

	call();
	quiet(ONE " #1: Peer ID is ID_FQDN: '@me'");
	text = take(failures[_i].line);
	ck_assert_msg(text != NULL, "nothing from '%s'", failures[_i].line);
	ck_assert_int_eq(strncmp(text, start, sizeof(start) - 1), 0);
	text += sizeof(start) - 1;
	ck_assert_msg(
	    strncmp(text, failures[_i].cause, strlen(failures[_i].cause)) == 0,
	    "%s", text);
	quiet(failures[_i].line);
	/* The client tries again, and again; pluto lets go of it. */
	if (failures[_i].line[0] == '"') {
		call();
		quiet(ONE " #1: Peer ID is ID_FQDN: '@me'");
		quiet(failures[_i].line);
		quiet(ONE " #1: deleting state (STATE_MAIN_R2) aged 65s and "
			  "NOT sending notification");
	}
	ck_assert_uint_eq(ikestory_suppressed(story), 0);
	/* Later it counts as news. */
	now = mono_add_ms(now, 60000);
	call();
	ck_assert_ptr_nonnull(take(failures[_i].line));
}
END_TEST

START_TEST(slow_client_is_told_once_and_may_still_come)
{
	call();
	tells(ONE " #1: STATE_MAIN_R2: retransmission; will wait 4 seconds for "
		  "response",
	    "198.51.100.1: no answer yet after the key exchange: is UDP 4500 "
	    "blocked on the way?");
	quiet(ONE " #1: STATE_MAIN_R2: retransmission; will wait 8 seconds for "
		  "response");
	tells(ONE " #1: IKE SA established {auth=PRESHARED_KEY cipher=A "
		  "integ=B group=C}",
	    "198.51.100.1: phase 1 established (A, B, C)");
}
END_TEST

START_TEST(end_of_an_older_phase1_is_not_that_of_the_new)
{
	call();
	quiet(ONE " #3: responding to Main Mode from unknown peer "
		  "198.51.100.1:500");
	quiet(ONE " #1: deleting state (STATE_MAIN_R2) aged 65s and NOT "
		  "sending notification");
	quiet(ONE " #1: received Delete SA payload: self-deleting ISAKMP State "
		  "#1");
	tells(ONE " #3: received Delete SA payload: self-deleting ISAKMP State "
		  "#3",
	    "198.51.100.1: closed by the client before there was an IPsec SA");
}
END_TEST

START_TEST(dead_peer_is_told)
{
	call();
	tells(ONE " #16: DPD action - clearing connection kind CK_INSTANCE",
	    "198.51.100.1: no answer to dead peer detection: given up");
	quiet(ONE " #1: deleting state (STATE_QUICK_R1) aged 7.08s and sending "
		  "notification");
}
END_TEST

START_TEST(phase1_that_was_not_renewed_is_no_dead_peer)
{
	call();
	tells(ONE " #3: DPD: could not find newest phase 1 state - initiating "
		  "a new one",
	    "198.51.100.1: phase 1 has ended and was not renewed: given up");
	quiet(ONE " #3: DPD action - clearing connection kind CK_INSTANCE");
	quiet(ONE " #4: deleting state (STATE_MAIN_I1) aged 20.29s and NOT "
		  "sending notification");
}
END_TEST

START_TEST(fixed_peer_is_told_by_its_address)
{
	quiet("\"branch-203.0.113.1\" #5: responding to Main Mode");
	tells("\"branch-203.0.113.1\" #5" BAD_PSK,
	    "192.0.2.7: failed: the pre-shared key differs");
	/* One that is not ours. */
	tells("\"other\" #6" BAD_PSK,
	    "other: failed: the pre-shared key differs");
}
END_TEST

START_TEST(one_host_cannot_fill_the_log)
{
	unsigned int told = 0;
	int i;

	for (i = 0; i < 1000; i++)
		if (take(ONE " #2: IPsec SA established transport mode {ESP=>0 "
			     "<0 xfrm=A}") != NULL)
			told++;
	ck_assert_uint_eq(told, 30);
	ck_assert_uint_eq(ikestory_suppressed(story), 970);
	ck_assert_uint_eq(ikestory_suppressed(story), 0);
	/* Another one is not affected, and time heals. */
	ck_assert_ptr_nonnull(take("\"a\"[3] 192.0.2.1 #2: IPsec SA "
				   "established transport mode {ESP=>0 <0 "
				   "xfrm=A}"));
	now = mono_add_ms(now, 2000);
	ck_assert_ptr_nonnull(take(ONE " #2: IPsec SA established transport "
				       "mode {ESP=>0 <0 xfrm=A}"));
}
END_TEST

START_TEST(invented_addresses_cannot_fill_the_log)
{
	unsigned int told = 0, i;
	char line[256];

	for (i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line),
		    "packet from 10.0.%u.%u:500: initial Main Mode message "
		    "received but no connection has been authorized",
		    i / 256, i % 256);
		if (take(line) != NULL)
			told++;
	}
	ck_assert_uint_eq(told, 300);
	ck_assert_uint_eq(ikestory_suppressed(story), 4700);
}
END_TEST

START_TEST(more_clients_than_are_remembered_do_no_harm)
{
	unsigned int i;
	char line[256];

	for (i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line),
		    "\"anyone-203.0.113.1\"[%u] 10.0.%u.%u #%u: responding to "
		    "Main Mode from unknown peer 10.0.0.1:500",
		    i + 10, i / 256, i % 256, i + 10);
		quiet(line);
	}
	/* The last one is among them, the first is forgotten. */
	tells("\"anyone-203.0.113.1\"[2009] 10.0.7.207 #2009: deleting state "
	      "(STATE_MAIN_R1) aged 60s and NOT sending notification",
	    "10.0.7.207: failed: the client did not go on after our first "
	    "answer");
	quiet("\"anyone-203.0.113.1\"[10] 10.0.0.0 #10: deleting state "
	      "(STATE_MAIN_R1) aged 60s and NOT sending notification");
	ikestory_reset(story);
	quiet("\"anyone-203.0.113.1\"[2008] 10.0.7.206 #2008: deleting state "
	      "(STATE_MAIN_R1) aged 60s and NOT sending notification");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ikestory");
	TCase *t = tcase_create("ikestory");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, good_call_behind_nat_is_told_in_three_lines);
	tcase_add_loop_test(
	    t, identity_is_told_unless_it_is_the_address, 0, nitems(ids));
	tcase_add_test(t, refused_offers_are_told_with_what_we_accept);
	tcase_add_test(t, offers_without_end_are_cut);
	tcase_add_loop_test(
	    t, cause_of_a_failure_is_told_once, 0, nitems(failures));
	tcase_add_test(t, slow_client_is_told_once_and_may_still_come);
	tcase_add_test(t, end_of_an_older_phase1_is_not_that_of_the_new);
	tcase_add_test(t, dead_peer_is_told);
	tcase_add_test(t, phase1_that_was_not_renewed_is_no_dead_peer);
	tcase_add_test(t, fixed_peer_is_told_by_its_address);
	tcase_add_test(t, one_host_cannot_fill_the_log);
	tcase_add_test(t, invented_addresses_cannot_fill_the_log);
	tcase_add_test(t, more_clients_than_are_remembered_do_no_harm);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
