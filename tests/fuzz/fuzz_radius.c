/* SPDX-License-Identifier: ISC */
/*
 * The input is one datagram, to the decoder of RADIUS: every attribute lies
 * within it, they are all that there is, and written again they are the same.
 * What it says of signatures must not be good: nobody has signed it.  What a
 * reply grants and a request orders is bounded, whatever it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ppp/radius_order.h"
#include "../../ppp/radius_packet.h"
#include "replay.h"

static void
require(bool ok, const char *error)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_radius: %s\n", error);
	abort();
}

static void
look(const struct radius_view *v, const struct radius_attr *a)
{
	uint8_t plain[RADIUS_PASSWORD_MAX];
	uint32_t value;

	require(a->value >= v->octets + RADIUS_HDR_LEN &&
		    a->len <= (size_t)(v->octets + v->len - a->value),
	    "an attribute lies outside of the packet");
	require(radius_u32(a, &value) == (a->len == 4), "a number is none");
	require(a->type != RADIUS_USER_PASSWORD ||
		    radius_unhide("secret", radius_authenticator(v), a->value,
			a->len, plain) == (a->len % 16 == 0 && a->len != 0 &&
					      a->len <= RADIUS_PASSWORD_MAX),
	    "a password of odd length");
}

/* Those that are no vendor's, one by one; of a vendor's, each in an attribute
 * of its own, whatever they shared. */
static void
write_again(const struct radius_view *v)
{
	struct radius_cursor from = { 0 }, to = { 0 };
	struct radius_request rq = { .code = RADIUS_ACCOUNTING_REQUEST };
	struct radius_seal seal = { .secret = "secret" };
	struct radius_packet p;
	struct radius_attr a, b;
	struct radius_view w;

	while (radius_next(v, &from, &a)) {
		look(v, &a);
		if (a.vendor == 0)
			radius_add(&rq.attrs, a.type, a.value, a.len);
		else
			radius_add_vendor(
			    &rq.attrs, a.vendor, a.type, a.value, a.len);
	}
	if (rq.attrs.overflow)
		return; /* each has a header of its own now */
	require(radius_encode(&p, &rq, &seal), "does not fit");
	require(radius_view(&w, p.octets, p.len), "not taken again");
	require(radius_check_request(&w, "secret", false) != RADIUS_FORGED ||
		    radius_find(&w, 0, RADIUS_MESSAGE_AUTHENTICATOR, &a),
	    "our own signature is wrong");
	from = (struct radius_cursor){ 0 };
	while (radius_next(v, &from, &a)) {
		if (a.vendor == 0 && a.len == 0)
			continue; /* RFC 2865 5: not sent */
		require(radius_next(&w, &to, &b), "one is missing");
		require(a.vendor == b.vendor && a.type == b.type &&
			    a.len == b.len &&
			    memcmp(a.value, b.value, a.len) == 0,
		    "one differs");
	}
	require(!radius_next(&w, &to, &b), "one too many");
}

static bool
ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static void
understand(const struct radius_view *v)
{
	const struct radius_station st = { .session_id = "1", .label = "x" };
	const struct radius_target target = {
		.station = &st, .user = "alice", .told_user = ""
	};
	struct radius_answer answer = { 0 };
	struct radius_request rq = { 0 };
	struct radius_order order;

	radius_take_reply(&answer, v, WIRE_MSCHAPV2, 0, NULL, NULL);
	require(answer.class.len <= sizeof(answer.class.octets) &&
		    ends(answer.proof, sizeof(answer.proof)) &&
		    ends(answer.message, sizeof(answer.message)) &&
		    ends(answer.user, sizeof(answer.user)) &&
		    ends(answer.pool, sizeof(answer.pool)) &&
		    answer.grant.n_dns6 <= 2,
	    "an answer without bounds");
	require(answer.reason != NULL || v->code == RADIUS_ACCESS_ACCEPT,
	    "granted by something else than an Access-Accept");
	radius_add_class(&rq.attrs, &answer.class);
	require(rq.attrs.len == answer.class.len, "another Class");
	if (radius_take_order(&order, v, "vpn") == 0)
		require(order.disconnect || order.has_session_timeout,
		    "an order that orders nothing");
	(void)!radius_order_is_for(v, &target);
	radius_from_order(&rq, v, RADIUS_NO_SUCH_SESSION);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
	struct radius_view v;

	if (!radius_view(&v, data, size))
		return 0;
	require(v.len >= RADIUS_HDR_LEN && v.len <= size, "a wrong length");
	require(radius_check_reply(&v, authenticator, "secret", true) !=
			RADIUS_GOOD &&
		    radius_check_request(&v, "secret", true) != RADIUS_GOOD,
	    "signed by nobody");
	write_again(&v);
	understand(&v);
	return 0;
}
