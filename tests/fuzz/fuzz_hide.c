/* SPDX-License-Identifier: ISC */
/*
 * The input is a type (two octets), a secret, a random vector and a value
 * (each behind an octet with its length): the value is uncovered as if it were
 * a hidden AVP's, then hidden and uncovered again, and its octets serve as a
 * challenge.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/l2tp/avp.h"
#include "../../lnsd/l2tp/hide.h"
#include "replay.h"

static void
require(bool ok, const char *error)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_hide: %s\n", error);
	abort();
}

static struct rbuf
take(struct rbuf *r)
{
	struct rbuf sub = { 0 };
	uint8_t n = 0;

	if (!rbuf_u8(r, &n))
		return sub;
	if (n > rbuf_left(r))
		n = (uint8_t)rbuf_left(r);
	if (!rbuf_sub(r, n, &sub))
		abort();
	return sub;
}

/* From peers: the length inside may be anything. */
static void
open_any(
    uint16_t type, const char *secret, struct rbuf vector, struct rbuf hidden)
{
	size_t n = rbuf_left(&hidden);
	uint8_t *room = malloc(n == 0 ? 1 : n);
	struct rbuf value = { 0 };
	int err;

	if (room == NULL)
		abort();
	err = hide_open(type, secret, vector, hidden, room, &value);
	require(err == 0 || err == L2TP_E_VALUE_LENGTH, "another error");
	if (err == 0 && rbuf_left(&value) != 0)
		require(value.p >= room && value.left <= n &&
			    (size_t)(value.p - room) <= n - value.left,
		    "the value lies outside of the room");
	free(room);
}

/* What we hide can be uncovered with the same secret. */
static void
round_trip(const char *secret, struct rbuf vector, struct rbuf plain)
{
	struct hide_key key = { .secret = secret };
	uint8_t buf[1024], room[1024];
	struct rbuf r, value;
	struct wbuf w;
	struct avp a;
	size_t n = rbuf_left(&vector);

	if (n > sizeof(key.vector))
		n = sizeof(key.vector);
	if (n != 0)
		memcpy(key.vector, vector.p, n);
	wbuf_init(&w, buf, sizeof(buf));
	hide_put(&w, &key, AVP_VENDOR_NAME, plain.p, rbuf_left(&plain));
	require(wbuf_ok(&w), "cannot hide");
	r = rbuf_of(buf, w.len);
	require(avp_next(&r, &a) == 0 && rbuf_left(&r) == 0, "not one AVP");
	require(a.hidden && a.type == AVP_VENDOR_NAME, "not hidden");
	require(
	    hide_open(a.type, secret, rbuf_of(key.vector, sizeof(key.vector)),
		a.value, room, &value) == 0,
	    "cannot uncover what was hidden");
	require(rbuf_left(&value) == rbuf_left(&plain), "length differs");
	require(rbuf_left(&plain) == 0 ||
		    memcmp(value.p, plain.p, rbuf_left(&plain)) == 0,
	    "value differs");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf r = rbuf_of(data, size), text, vector, value;
	uint8_t one[HIDE_MD5_LEN], two[HIDE_MD5_LEN];
	char secret[256] = "s";
	uint16_t type = 0;

	if (!rbuf_u16(&r, &type))
		return 0;
	text = take(&r);
	vector = take(&r);
	value = take(&r);
	if (rbuf_left(&text) != 0) {
		memcpy(secret, text.p, rbuf_left(&text));
		secret[rbuf_left(&text)] = '\0';
	}
	open_any(type, secret, vector, value);
	round_trip(secret, vector, value);
	require(hide_response((uint8_t)type, secret, value, one) == 0 &&
		    hide_response((uint8_t)type, secret, value, two) == 0,
	    "no response");
	require(hide_equal(one, two, sizeof(one)), "the response varies");
	hide_wipe(secret, sizeof(secret));
	require(secret[0] == '\0', "the secret is still there");
	return 0;
}
