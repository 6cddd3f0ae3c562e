/* SPDX-License-Identifier: ISC */

#include "l2tp_world.h"

static const uint8_t zlb[] = { 0xc8, 0x02, 0x00, 0x0c, 0x12, 0x34, 0x56, 0x78,
	0x00, 0x05, 0xff, 0xff };

static int
decode(const uint8_t *data, size_t len, struct l2tp_hdr *h, size_t *left)
{
	/* On the heap, exactly as long, so that a sanitizer sees all. */
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	struct rbuf body = { 0 };
	int err;

	memcpy(copy, data, len);
	err = hdr_decode(copy, len, h, &body);
	*left = err == 0 ? rbuf_left(&body) : 0;
	free(copy);
	return err;
}

START_TEST(hdr_of_a_control_message_is_read)
{
	struct l2tp_hdr h;
	size_t left;

	ck_assert_int_eq(decode(zlb, sizeof(zlb), &h, &left), 0);
	ck_assert(h.control);
	ck_assert_uint_eq(h.tid, 0x1234);
	ck_assert_uint_eq(h.sid, 0x5678);
	ck_assert_uint_eq(h.ns, 5);
	ck_assert_uint_eq(h.nr, 0xffff);
	ck_assert_uint_eq(left, 0);
}
END_TEST

START_TEST(hdr_truncated_at_every_length_is_rejected)
{
	struct l2tp_hdr h;
	size_t left;

	ck_assert_int_eq(decode(zlb, (size_t)_i, &h, &left), L2TP_E_SHORT);
}
END_TEST

/* length field, octets in the datagram, what comes of it, octets left */
static const struct {
	uint16_t field;
	size_t len;
	int err;
	size_t left;
} lengths[] = {
	{ 0, 12, L2TP_E_LENGTH, 0 }, { 11, 12, L2TP_E_LENGTH, 0 },
	{ 12, 12, 0, 0 }, { 13, 12, L2TP_E_LENGTH, 0 },
	{ 0xffff, 12, L2TP_E_LENGTH, 0 }, { 20, 20, 0, 8 },
	{ 21, 20, L2TP_E_LENGTH, 0 }, { 20, 24, 0, 8 }, /* padded */
};

START_TEST(hdr_length_must_fit_the_datagram)
{
	uint8_t msg[32] = { 0 };
	struct l2tp_hdr h;
	size_t left;

	memcpy(msg, zlb, sizeof(zlb));
	msg[2] = (uint8_t)(lengths[_i].field >> 8);
	msg[3] = (uint8_t)lengths[_i].field;
	ck_assert_int_eq(
	    decode(msg, lengths[_i].len, &h, &left), lengths[_i].err);
	ck_assert_uint_eq(left, lengths[_i].left);
}
END_TEST

static const struct {
	uint16_t flags;
	int err;
	bool control;
} flags[] = {
	{ 0xc802, 0, true },
	{ 0xfc02 & ~0x0300, 0, true }, /* reserved bits are ignored */
	{ 0xc8f2, 0, true },
	{ 0x8802, L2TP_E_FLAGS, true },	   /* no L */
	{ 0xc002, L2TP_E_FLAGS, true },	   /* no S */
	{ 0xca02, L2TP_E_FLAGS, true },	   /* O */
	{ 0xc902, L2TP_E_FLAGS, true },	   /* P */
	{ 0xc801, L2TP_E_VERSION, false }, /* L2F */
	{ 0xc803, L2TP_E_VERSION, false }, /* L2TPv3 */
	{ 0xc800, L2TP_E_VERSION, false },
	{ 0x0002, 0, false }, /* data */
	{ 0x4802, 0, false },
	{ 0x0003, L2TP_E_VERSION, false },
};

START_TEST(hdr_flags_decide_what_it_is)
{
	uint8_t msg[sizeof(zlb)];
	struct l2tp_hdr h;
	size_t left;

	memcpy(msg, zlb, sizeof(zlb));
	msg[0] = (uint8_t)(flags[_i].flags >> 8);
	msg[1] = (uint8_t)flags[_i].flags;
	ck_assert_int_eq(decode(msg, sizeof(msg), &h, &left), flags[_i].err);
	ck_assert(h.control == flags[_i].control);
}
END_TEST

START_TEST(hdr_written_is_read_back)
{
	const struct l2tp_hdr h = {
		.tid = 0x1234, .sid = 0x5678, .ns = 7, .nr = 9
	};
	uint8_t buf[sizeof(zlb)];
	struct wbuf w;

	wbuf_init(&w, buf, sizeof(buf));
	hdr_put(&w, &h);
	hdr_finish(&w);
	hdr_set_sequence(buf, 5, 0xffff);
	ck_assert(wbuf_ok(&w));
	ck_assert_mem_eq(buf, zlb, sizeof(zlb));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hdr");
	TCase *t = tcase_create("hdr");

	tcase_add_test(t, hdr_of_a_control_message_is_read);
	tcase_add_loop_test(
	    t, hdr_truncated_at_every_length_is_rejected, 0, (int)sizeof(zlb));
	tcase_add_loop_test(
	    t, hdr_length_must_fit_the_datagram, 0, (int)nitems(lengths));
	tcase_add_loop_test(
	    t, hdr_flags_decide_what_it_is, 0, (int)nitems(flags));
	tcase_add_test(t, hdr_written_is_read_back);
	suite_add_tcase(s, t);
	return world_main(s);
}
