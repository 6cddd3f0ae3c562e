/* SPDX-License-Identifier: ISC */
/*
 * The input is one datagram, to the decoder of headers: what it takes lies
 * within the datagram, and says when encoded again what it said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/l2tp/hdr.h"
#include "../../lnsd/l2tp/proto.h"
#include "replay.h"

static void
require(bool ok, const char *error)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_header: %s\n", error);
	abort();
}

static void
encode_again(const uint8_t *data, const struct l2tp_hdr *h, size_t body)
{
	uint8_t buf[65536];
	struct l2tp_hdr again;
	struct rbuf r;
	struct wbuf w;

	wbuf_init(&w, buf, sizeof(buf));
	hdr_put(&w, h);
	wbuf_bytes(&w, data + L2TP_CTL_HDR_LEN, body);
	hdr_finish(&w);
	hdr_set_sequence(buf, h->ns, h->nr);
	require(wbuf_ok(&w), "does not fit");
	/* Behind the flags, whose reserved bits are ignored. */
	require(memcmp(buf + 2, data + 2, w.len - 2) == 0, "octets differ");
	require(hdr_decode(buf, w.len, &again, &r) == 0, "not taken again");
	require(again.control && again.tid == h->tid && again.sid == h->sid &&
		    again.ns == h->ns && again.nr == h->nr,
	    "fields differ");
	require(rbuf_left(&r) == body, "body differs");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct l2tp_hdr h;
	struct rbuf body = { 0 };
	int err = hdr_decode(data, size, &h, &body);

	require(err == 0 || err == L2TP_E_SHORT || err == L2TP_E_VERSION ||
		    err == L2TP_E_FLAGS || err == L2TP_E_LENGTH,
	    "an error that the header does not name");
	if (err != 0)
		return 0;
	require(body.p >= data && body.left <= size &&
		    (size_t)(body.p - data) <= size - body.left,
	    "the body lies outside of the datagram");
	require((data[0] >> 7 == 1) == h.control, "T is misread");
	if (h.control)
		encode_again(data, &h, body.left);
	return 0;
}
