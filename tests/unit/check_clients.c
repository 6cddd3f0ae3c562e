/* SPDX-License-Identifier: ISC */

/*
 * Octets as real clients send them, with their errors.  Only the ids that we
 * have given, and Nr, are filled in.
 */

#include "l2tp_world.h"

static struct world w;

static size_t
unhex(const char *hex, uint8_t *out)
{
	size_t n = 0;
	unsigned v;

	for (; *hex != '\0'; hex += 2, n++) {
		ck_assert_int_eq(sscanf(hex, "%2x", &v), 1);
		out[n] = (uint8_t)v;
	}
	return n;
}

static void
put16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

/* Sends a control message whose header has zeros for ids and numbers. */
static void
say(const char *hex, uint16_t sid)
{
	uint8_t buf[512];
	size_t len = unhex(hex, buf);

	ck_assert_uint_eq((size_t)(buf[2] << 8 | buf[3]), len);
	put16(buf + 4, w.tid);
	put16(buf + 6, sid);
	put16(buf + 8, w.ns++);
	put16(buf + 10, w.nr);
	world_clear(&w);
	world_raw(&w, buf, len);
}

static void
start(void)
{
	struct lns_peer p = world_peer();
	const struct lns_config c = { .hostname = "vpn",
		.vendor = "lnsd",
		.rws = 4,
		.trace = true,
		.peers = &p,
		.n_peers = 1 };

	world_init(&w, &c, NULL);
}

static bool
traced(const char *text)
{
	size_t i;

	for (i = 0; i < w.n_lines; i++)
		if (strcmp(w.lines[i], text) == 0)
			return true;
	return false;
}

#define HDR(len) "c802" len "0000000000000000"
#define TYPE(t) "800800000000" t
#define VERSION "8008000000020100"

/* mtpd: 0, 2, 7, 3, 9, 10; window 1; no error code in Result Code. */
static const char android_sccrq[] =
    HDR("0045") TYPE("0001") VERSION "800f00000007616e6f6e796d6f7573"
				     "800a0000000300000003"
				     "800800000009f01f"
				     "80080000000a0001";
static const char android_sccrq_challenge[] = HDR("006b") TYPE("0001") VERSION
    "800f00000007616e6f6e796d6f7573"
    "800a0000000300000003"
    "800800000009f01f"
    "80080000000a0001"
    "80260000000b000102030405060708090a0b0c0d0e0f"
    "101112131415161718191a1b1c1d1e1f";
static const char scccn[] = HDR("0014") TYPE("0003");
static const char android_icrq[] =
    HDR("0026") TYPE("000a") "80080000000e1aa3"
			     "800a0000000f5c4f862a";
static const char android_iccn[] =
    HDR("0028") TYPE("000c") "800a0000001805f5e100"
			     "800a0000001300000003";
static const char android_stopccn[] =
    HDR("0024") TYPE("0004") "800800000009f01f"
			     "8008000000010006";

START_TEST(android_connects_and_hangs_up)
{
	start();
	say(_i == 0 ? android_sccrq : android_sccrq_challenge, 0);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP ns=0 nr=1"), 1);
	/* It goes on only when the ZLB is there. */
	say(scccn, 0);
	ck_assert_uint_eq(world_count(&w, "SEND ZLB ns=1 nr=2"), 1);
	say(android_icrq, 0);
	ck_assert_uint_eq(world_count(&w, "SEND"), 1);
	ck_assert_uint_eq(world_count(&w, "SEND ICRP ns=1 nr=3"), 1);
	say(android_iccn, w.sid);
	ck_assert_uint_eq(world_count(&w, "SEND ZLB ns=2 nr=4"), 1);
	ck_assert(traced("   (24)tx connect speed 100Mbit/s"));
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	say(android_stopccn, 0);
	ck_assert_uint_eq(world_count(&w, "SEND ZLB ns=2 nr=5"), 1);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert(traced("   (1)result code 6"));
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

START_TEST(android_takes_our_cdn_and_leaves)
{
	start();
	say(android_sccrq, 0);
	say(scccn, 0);
	say(android_icrq, 0);
	say(android_iccn, w.sid);
	lns_ppp_exited(w.e, w.tid, w.sid, LNS_PPP_AUTH, w.now);
	world_drain(&w);
	w.nr--; /* it does not acknowledge the CDN */
	say(android_stopccn, 0);
	ck_assert_uint_eq(world_count(&w, "SEND ZLB ns=3 nr=5"), 1);
	ck_assert(lns_idle(w.e));
	world_clear(&w);
	world_pass(&w, 60000);
	ck_assert_uint_eq(w.n_sent, 0);
	world_fini(&w);
}
END_TEST

/* Host name with its NUL; call serial always 1; window 4; malformed CDN and
 * StopCCN: length 14, the code little endian, rubbish behind it. */
static const char apple_sccrq[] =
    HDR("0046") TYPE("0001") VERSION "800a0000000300000003"
				     "8010000000074d61632e6c6f63616c00"
				     "8008000000090bad"
				     "80080000000a0004";
static const char apple_icrq[] =
    HDR("0026") TYPE("000a") "80080000000e04d2"
			     "800a0000000f00000001";
static const char apple_iccn[] =
    HDR("0028") TYPE("000c") "800a00000018000f4240"
			     "800a0000001300000003";
static const char apple_cdn[] =
    HDR("002a") TYPE("000e") "800e000000010300deadbeef0102"
			     "80080000000e04d2";
static const char apple_stopccn[] =
    HDR("002a") TYPE("0004") "8008000000090bad"
			     "800e000000010100deadbeef0102";

START_TEST(apple_connects_and_hangs_up)
{
	start();
	say(apple_sccrq, 0);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP ns=0 nr=1"), 1);
	ck_assert(traced("   (7)hostname Mac.local"));
	/* ICRQ follows without waiting for the ZLB. */
	say(scccn, 0);
	say(apple_icrq, 0);
	ck_assert_uint_eq(world_count(&w, "SEND ICRP ns=1 nr=3"), 1);
	ck_assert(traced("   (15)call serial number 1"));
	say(apple_iccn, w.sid);
	ck_assert(traced("   (24)tx connect speed 1Mbit/s"));
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	say(apple_cdn, w.sid);
	ck_assert(traced("   (1)result code 3"));
	ck_assert_uint_eq(world_count(&w, "SEND ZLB ns=2 nr=5"), 1);
	ck_assert_uint_eq(world_count(&w, "SESSION_CLOSE"), 1);
	say(apple_stopccn, 0);
	ck_assert(traced("   (1)result code 1"));
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

/* Framing sync, firmware 0x0a00, small ids, window 8; old ones set M on the
 * Physical Channel ID. */
static const char windows_sccrq[] =
    HDR("005f") TYPE("0001") VERSION "800a0000000300000001"
				     "800a0000000400000000"
				     "0008000000060a00"
				     "8008000000075043"
				     "000f000000084d6963726f736f6674"
				     "8008000000090001"
				     "80080000000a0008";
static const char windows_icrq[] =
    HDR("003a") TYPE("000a") "80080000000e0001"
			     "800a0000000f00000000"
			     "800a0000001200000002"
			     "800a0000001900000000";
static const char windows_cdn[] =
    HDR("0026") TYPE("000e") "80080000000e0001"
			     "800a0000000100030000";
static const char windows_stopccn[] =
    HDR("0026") TYPE("0004") "8008000000090001"
			     "800a0000000100060000";

START_TEST(windows_connects_and_hangs_up)
{
	start();
	w.path.peer.port = 1701;
	say(windows_sccrq, 0);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP ns=0 nr=1"), 1);
	ck_assert(traced("   (8)vendorname Microsoft"));
	ck_assert(traced("   (6)firmware revision 0xa00"));
	say(scccn, 0);
	say(windows_icrq, 0);
	ck_assert_uint_eq(world_count(&w, "SEND ICRP ns=1 nr=3"), 1);
	ck_assert(traced("   (25)physical channel id 0"));
	say(android_iccn, w.sid);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	say(windows_cdn, w.sid);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	say(windows_stopccn, 0);
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

/* Firmware 0x0690, vendor xelerance.com, window 4, bearer both. */
static const char xl2tpd_sccrq[] =
    HDR("0067") TYPE("0001") VERSION "800a0000000300000003"
				     "800a0000000400000000"
				     "0008000000060690"
				     "800c000000076c6170746f70"
				     "00130000000878656c6572616e63652e636f6d"
				     "80080000000963a1"
				     "80080000000a0004";
static const char xl2tpd_icrq[] =
    HDR("0030") TYPE("000a") "80080000000e9c41"
			     "800a0000000f00000001"
			     "800a0000001200000000";
static const char xl2tpd_iccn[] =
    HDR("0032") TYPE("000c") "800a0000001800989680"
			     "800a0000001300000001"
			     "000a0000002600989680";
static const char xl2tpd_stopccn[] =
    HDR("002e") TYPE("0004") "80080000000963a1"
			     "80120000000100010000476f6f6462796521";

START_TEST(xl2tpd_connects_and_hangs_up)
{
	start();
	say(xl2tpd_sccrq, 0);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP ns=0 nr=1"), 1);
	ck_assert(traced("   (8)vendorname xelerance.com"));
	say(scccn, 0);
	say(xl2tpd_icrq, 0);
	ck_assert_uint_eq(world_count(&w, "SEND ICRP ns=1 nr=3"), 1);
	say(xl2tpd_iccn, w.sid);
	ck_assert(traced("   (38)rx connect speed 10Mbit/s"));
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	say(xl2tpd_stopccn, 0);
	ck_assert(traced("   (1)result code 1"));
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("clients");
	TCase *t = tcase_create("clients");

	tcase_add_loop_test(t, android_connects_and_hangs_up, 0, 2);
	tcase_add_test(t, android_takes_our_cdn_and_leaves);
	tcase_add_test(t, apple_connects_and_hangs_up);
	tcase_add_test(t, windows_connects_and_hangs_up);
	tcase_add_test(t, xl2tpd_connects_and_hangs_up);
	suite_add_tcase(s, t);
	return world_main(s);
}
