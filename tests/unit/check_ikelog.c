/* SPDX-License-Identifier: ISC */
/* Lines that libreswan 4.10 and 5.3 have written, and what they say. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../ipsec/ikelog.h"

#define INST "\"anyone-203.0.113.1\"[2] 198.51.100.1"

static const struct {
	const char *line;
	enum ike_event event;
	const char *peer;
	unsigned long instance, state;
	const char *detail;
} lines[] = {
	{ INST " #1: responding to Main Mode from unknown peer "
	       "198.51.100.1:500",
	    IKE_CALLING, "198.51.100.1", 2, 1, "" },
	{ "\"branch-7-203.0.113.1\" #5: responding to Main Mode", IKE_CALLING,
	    "", 0, 5, "" },
	{ INST " #1: Peer ID is ID_IPV4_ADDR: '192.168.7.11'", IKE_ID,
	    "198.51.100.1", 2, 1, "192.168.7.11" },
	{ INST " #14: Peer ID is ID_FQDN: '@somebody'", IKE_ID, "198.51.100.1",
	    2, 14, "@somebody" },
	{ "\"a\"[1] 198.51.100.1 #1: switched to " INST, IKE_SWITCHED,
	    "198.51.100.1", 1, 1, "anyone-203.0.113.1" },
	{ INST " #1: IKE SA established {auth=PRESHARED_KEY "
	       "cipher=AES_CBC_256 integ=HMAC_SHA2_256 group=MODP2048}",
	    IKE_PHASE1, "198.51.100.1", 2, 1,
	    "AES_CBC_256, HMAC_SHA2_256, MODP2048" },
	/* 5.3 */
	{ INST " #1: ISAKMP SA established {auth=PRESHARED_KEY "
	       "cipher=AES_CBC_128 integ=HMAC_SHA1 group=DH19}",
	    IKE_PHASE1, "198.51.100.1", 2, 1, "AES_CBC_128, HMAC_SHA1, DH19" },
	{ INST " #2: IPsec SA established transport mode "
	       "{ESPinUDP=>0x1739ae6c <0x5d58a1ba xfrm=AES_CBC_128-HMAC_SHA1_96"
	       " NATOA=192.168.7.11 NATD=198.51.100.1:4500 DPD=active}",
	    IKE_SA, "198.51.100.1", 2, 2,
	    "ESP in UDP, AES_CBC_128-HMAC_SHA1_96" },
	{ INST " #2: IPsec SA established transport mode {ESP=>0xa3b5142b "
	       "<0xae91b1bb xfrm=AES_GCM_16_256-NONE DPD=active}",
	    IKE_SA, "198.51.100.1", 2, 2, "ESP, AES_GCM_16_256-NONE" },
	{ "\"a\"[1] 2001:db8::7 #2: IPsec SA established transport mode "
	  "{ESP=>0xa3b5142b <0xae91b1bb xfrm=AES_GCM_16_256-NONE}",
	    IKE_SA, "2001:db8::7", 1, 2, "ESP, AES_GCM_16_256-NONE" },
	{ INST " #3: Oakley Transform [3DES_CBC (192), HMAC_SHA1, MODP1536] "
	       "refused",
	    IKE_OFFER, "198.51.100.1", 2, 3,
	    "3DES_CBC_192-HMAC_SHA1-MODP1536" },
	{ INST " #3: no acceptable Oakley Transform", IKE_NO_PROPOSAL,
	    "198.51.100.1", 2, 3, "" },
	{ INST " #9: no acceptable Proposal in IPsec SA", IKE_NO_ESP,
	    "198.51.100.1", 2, 9, "" },
	{ INST " #13: probable authentication failure (mismatch of preshared "
	       "secrets?): malformed payload in packet",
	    IKE_BAD_PSK, "198.51.100.1", 2, 13, "" },
	{ INST " #13: received Hash Payload does not match computed value",
	    IKE_BAD_PSK, "198.51.100.1", 2, 13, "" },
	{ INST " #1: Can't authenticate: no preshared key found for `a' and "
	       "`b'",
	    IKE_NO_PSK, "198.51.100.1", 2, 1, "" },
	{ "packet from 192.0.2.10:500: initial Main Mode message received but "
	  "no connection has been authorized with authby=PSK and xauth=no",
	    IKE_NO_PEER, "192.0.2.10", 0, 0, "" },
	{ "packet from [2001:db8::7]:500: initial Main Mode message received "
	  "but no connection has been authorized with authby=PSK and xauth=no",
	    IKE_NO_PEER, "2001:db8::7", 0, 0, "" },
	{ "packet from 192.0.2.10:500: initial Main Mode message received on "
	  "203.0.113.1:500 but no connection has been authorized with policy "
	  "PSK+IKEV1_ALLOW",
	    IKE_NO_PEER, "192.0.2.10", 0, 0, "" },
	{ "packet from 198.51.100.1:500: initial Aggressive Mode message from "
	  "198.51.100.1:500 but no (wildcard) connection has been configured "
	  "with authby PSK",
	    IKE_AGGRESSIVE, "198.51.100.1", 0, 0, "" },
	{ "packet from 198.51.100.1:500: ISAKMP_v2_IKE_SA_INIT message "
	  "received on 203.0.113.1:500 but no suitable connection found with "
	  "IKEv2 policy",
	    IKE_VERSION2, "198.51.100.1", 0, 0, "" },
	/* 5.2 */
	{ "packet from 198.51.100.1:500: dropping IKE_SA_INIT request from "
	  "198.51.100.1:500 received on 203.0.113.1:500, no suitable "
	  "connection found with IKEv2 policy",
	    IKE_VERSION2, "198.51.100.1", 0, 0, "" },
	{ INST " #4: no suitable connection for peer '@x'", IKE_BAD_ID,
	    "198.51.100.1", 2, 4, "" },
	{ INST " #4: Peer ID '192.168.7.11' mismatched on first found "
	       "connection and no better connection found",
	    IKE_BAD_ID, "198.51.100.1", 2, 4, "" },
	{ INST " #5: NSS: ERROR: IPsec certificate CN=a invalid: b,O=lab "
	       "invalid: SEC_ERROR_UNKNOWN_ISSUER: Peer's Certificate issuer "
	       "is not recognized.",
	    IKE_BAD_CERT, "198.51.100.1", 2, 5,
	    "Peer's Certificate issuer is not recognized" },
	{ INST " #5: NSS: ERROR: IPsec certificate CN=a invalid: ",
	    IKE_BAD_CERT, "198.51.100.1", 2, 5, "" },
	{ INST " #1: cannot respond to IPsec SA request because no connection "
	       "is known for 203.0.113.1/32:UDP/1702",
	    IKE_BAD_SELECTOR, "198.51.100.1", 2, 1, "" },
	{ INST " #1: cannot respond to IPsec SA request because no connection "
	       "is known for 203.0.113.1/32:UDP/1701===203.0.113.1..."
	       "198.51.100.1[192.168.7.11]===192.168.7.11/32:UDP/1701",
	    IKE_NO_NATT, "198.51.100.1", 2, 1, "" },
	/* 5.2 */
	{ INST " #1: cannot respond to IPsec SA request because no connection "
	       "is known for 203.0.113.1/32/UDP/1701===203.0.113.1..."
	       "198.51.100.1[192.168.7.11]===192.168.7.11/32/UDP/1701",
	    IKE_NO_NATT, "198.51.100.1", 2, 1, "" },
	/* A subnet; another port of ours. */
	{ INST " #1: cannot respond to IPsec SA request because no connection "
	       "is known for 203.0.113.1/32:UDP/1701===203.0.113.1..."
	       "198.51.100.1[192.168.7.11]===192.168.7.0/24:UDP/1701",
	    IKE_BAD_SELECTOR, "198.51.100.1", 2, 1, "" },
	{ INST " #1: cannot respond to IPsec SA request because no connection "
	       "is known for 203.0.113.1/32:UDP/1702===203.0.113.1..."
	       "198.51.100.1[192.168.7.11]===192.168.7.11/32:UDP/1701",
	    IKE_BAD_SELECTOR, "198.51.100.1", 2, 1, "" },
	{ INST " #1: cannot respond to IPsec SA request because no connection "
	       "is known for 203.0.113.1/32:UDP/1701===203.0.113.1..."
	       "198.51.100.1[@me]===198.51.100.1/32:UDP/1701",
	    IKE_BAD_SELECTOR, "198.51.100.1", 2, 1, "" },
	{ INST " #18: STATE_MAIN_R2: retransmission; will wait 4 seconds for "
	       "response",
	    IKE_WAITING, "198.51.100.1", 2, 18, "MAIN_R2" },
	{ INST " #3: DPD: could not find newest phase 1 state - initiating a "
	       "new one",
	    IKE_LAPSED, "198.51.100.1", 2, 3, "" },
	{ INST " #16: DPD action - clearing connection kind CK_INSTANCE",
	    IKE_DEAD, "198.51.100.1", 2, 16, "" },
	{ INST " #1: received Delete SA(0x1739ae6c) payload: deleting IPsec "
	       "State #2",
	    IKE_CLOSED_SA, "198.51.100.1", 2, 1, "" },
	/* 5.2 */
	{ INST " #2: received Delete SA payload via #1", IKE_CLOSED_SA,
	    "198.51.100.1", 2, 2, "" },
	{ INST " #16: DPD action - putting connection into hold", IKE_DEAD,
	    "198.51.100.1", 2, 16, "" },
	{ INST " #8: received Delete SA payload: self-deleting ISAKMP State #8",
	    IKE_CLOSED_PHASE1, "198.51.100.1", 2, 8, "" },
	{ INST " #13: deleting state (STATE_MAIN_R2) aged 65.223565s and NOT "
	       "sending notification",
	    IKE_ENDED, "198.51.100.1", 2, 13, "MAIN_R2" },
	/* 5.3 */
	{ INST " #2: deleting ISAKMP SA (MAIN_R2) aged 64s and NOT sending "
	       "notification",
	    IKE_ENDED, "198.51.100.1", 2, 2, "MAIN_R2" },
	{ INST ": deleting connection instance with peer 198.51.100.1 "
	       "{isakmp=#0/ipsec=#0}",
	    IKE_FORGOTTEN, "198.51.100.1", 2, 0, "" },
};

/* Nothing in them, and no mistake either. */
static const char *const others[] = {
	"",
	"\"",
	"\"a",
	"\"a\"",
	"\"a\"[",
	"\"a\"[1",
	"\"a\"[1]",
	"\"a\"[1] ",
	"\"a\"[1] 192.0.2.1",
	"\"a\"[1] 192.0.2.1 #",
	"\"a\": ",
	"packet from ",
	"packet from : no acceptable Oakley Transform",
	"packet from [2001: no acceptable Oakley Transform",
	"no acceptable Oakley Transform",
	"listening for IKE messages",
	"\"anyone-203.0.113.1\": added IKEv1 connection",
	INST " #1: sent Main Mode R1",
	INST " #1: STATE_MAIN_R2: retransmission; will wait 0.5 seconds for "
	     "response",
	INST " #1: STATE_MAIN_R2: retransmission; will wait 2 seconds for "
	     "response",
	"|   checking hostpair 203.0.113.1/32:1701 -> 198.51.100.1/32:0",
};

START_TEST(line_of_pluto_is_understood)
{
	struct ike_line l;

	ck_assert_msg(ikelog_parse(lines[_i].line, &l), "%s", lines[_i].line);
	ck_assert_msg(l.event == lines[_i].event, "%d, not %d: %s", l.event,
	    lines[_i].event, lines[_i].line);
	ck_assert_str_eq(l.peer, lines[_i].peer);
	ck_assert_uint_eq(l.instance, lines[_i].instance);
	ck_assert_uint_eq(l.state, lines[_i].state);
	ck_assert_str_eq(l.detail, lines[_i].detail);
}
END_TEST

START_TEST(new_instance_is_named)
{
	struct ike_line l;

	ck_assert(
	    ikelog_parse("\"a\"[1] 198.51.100.1 #1: switched to " INST, &l));
	ck_assert_uint_eq(l.switched_to, 2);
}
END_TEST

START_TEST(other_lines_say_nothing)
{
	struct ike_line l;

	ck_assert_msg(!ikelog_parse(others[_i], &l) || l.conn[0] == '\0', "%s",
	    others[_i]);
	ck_assert_int_eq(l.event, IKE_NOTHING);
}
END_TEST

START_TEST(line_cut_anywhere_does_no_harm)
{
	struct ike_line l;
	size_t len;

	for (len = 0; len < strlen(lines[_i].line); len++) {
		/* Of its own size: the sanitizer sees every octet. */
		char *cut = strndup(lines[_i].line, len);

		(void)ikelog_parse(cut, &l);
		free(cut);
	}
}
END_TEST

START_TEST(overlong_fields_are_cut)
{
	char line[1024], many[600];
	struct ike_line l;

	memset(many, 'x', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	snprintf(line, sizeof(line), "\"%s\"[1] %s #1: x", many, "y");
	(void)ikelog_parse(line, &l);
	ck_assert_uint_eq(strlen(l.conn), sizeof(l.conn) - 1);
	snprintf(line, sizeof(line), "\"a\" #1: Peer ID is X: '%s'", many);
	ck_assert(ikelog_parse(line, &l));
	ck_assert_uint_eq(strlen(l.detail), sizeof(l.detail) - 1);
	snprintf(line, sizeof(line), "\"a\" #1: Oakley Transform [%s] refused",
	    many);
	ck_assert(ikelog_parse(line, &l));
	snprintf(line, sizeof(line),
	    "\"a\"[1] %s #1: no acceptable Oakley "
	    "Transform",
	    many);
	ck_assert(ikelog_parse(line, &l));
	ck_assert_uint_eq(strlen(l.peer), sizeof(l.peer) - 1);
}
END_TEST

START_TEST(trouble_of_pluto_is_serious_and_of_a_client_is_not)
{
	ck_assert(ikelog_is_serious("FATAL ERROR: bind() failed"));
	ck_assert(ikelog_is_serious("ASSERTION FAILED: st != NULL"));
	ck_assert(!ikelog_is_serious("NSS crypto library initialized"));
	ck_assert(!ikelog_is_serious(
	    INST " #17: ERROR: asynchronous network error report on e0"));
	ck_assert(!ikelog_is_serious("packet from 192.0.2.1:500: ERROR: x"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ikelog");
	TCase *t = tcase_create("ikelog");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, line_of_pluto_is_understood, 0, nitems(lines));
	tcase_add_loop_test(
	    t, line_cut_anywhere_does_no_harm, 0, nitems(lines));
	tcase_add_loop_test(t, other_lines_say_nothing, 0, nitems(others));
	tcase_add_test(t, new_instance_is_named);
	tcase_add_test(t, overlong_fields_are_cut);
	tcase_add_test(t, trouble_of_pluto_is_serious_and_of_a_client_is_not);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
