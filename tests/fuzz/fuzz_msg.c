/* SPDX-License-Identifier: ISC */
/*
 * The input is one datagram: to the decoders by themselves, and to an engine
 * that has just been made, which is then let run until nothing is pending.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/l2tp/hdr.h"
#include "../../lnsd/l2tp/msg.h"
#include "../sim/contract.h"
#include "lns.h"
#include "replay.h"

#define STEPS_MAX 1000

static void
require(const char *error)
{
	if (error == NULL)
		return;
	fprintf(stderr, "fuzz_msg: %s\n", error);
	abort();
}

static bool
lies_in(const struct l2tp_field *f, const void *from, size_t size)
{
	const uint8_t *p = from;

	return f->data >= p && f->len <= size &&
	       (size_t)(f->data - p) <= size - f->len;
}

/* Every value that a decoder hands out lies within what it was given, or in
 * the room for what was hidden. */
static void
check_fields(const struct l2tp_msg *m, struct rbuf body, const void *room,
    size_t room_size)
{
	const struct l2tp_field *f;

	for (size_t i = 0; i < L2TP_AVP_N; i++) {
		f = &m->avp[i];
		if ((m->present >> i & 1) == 0 || f->len == 0)
			continue;
		if (!lies_in(f, body.p, body.left) &&
		    !(room_size != 0 && lies_in(f, room, room_size)))
			require("a value lies outside of its message");
	}
}

static void
decode(struct rbuf body)
{
	struct msg_key *key = calloc(1, sizeof(*key));
	struct l2tp_msg m;
	int err;

	if (key == NULL)
		abort();
	/* What could be read is there, be there an error or not. */
	err = msg_decode(body, &m);
	check_fields(&m, body, NULL, 0);
	key->secret = "secret";
	if (msg_decode_hidden(body, key, &m) == 0 && err == 0)
		require(m.type < L2TP_TYPE_N ? NULL : "a type of no table");
	check_fields(&m, body, key->room, sizeof(key->room));
	free(key);
}

static void
decoders(const uint8_t *data, size_t size)
{
	struct l2tp_hdr h;
	struct rbuf body;

	decode(rbuf_of(data, size));
	if (hdr_decode(data, size, &h, &body) == 0 && h.control)
		decode(body);
}

/* Not random: a run must be the same each time. */
static void
fill(void *arg, void *buf, size_t len)
{
	uint8_t *count = arg, *p = buf;

	while (len-- > 0)
		*p++ = ++*count;
}

static void
drain(struct lns *lns, struct contract *c)
{
	struct lns_effect e;

	while (lns_next_effect(lns, &e))
		require(contract_effect(c, &e));
	require(contract_stats(c, lns));
}

static void
engine(const uint8_t *data, size_t size)
{
	struct lns_peer peer = { .name = "anyone",
		.any = true,
		.keepalive_interval_s = 10,
		.keepalive_count = 3 };
	struct lns_config config = { .hostname = "vpn",
		.vendor = "lnsd",
		.rws = 4,
		.trace = true,
		.keepalive_log = true,
		.peers = &peer,
		.n_peers = 1 };
	struct lns_path path = { .local = { 4, { 192, 0, 2, 1 }, 1701 },
		.peer = { 4, { 10, 0, 0, 1 }, 40000 } };
	struct mono now = { 1000 };
	struct contract c;
	struct lns *lns;
	uint8_t count = 0;
	unsigned steps = 0;

	lns = lns_new(&config, fill, &count);
	if (lns == NULL)
		return;
	contract_init(&c, 1);
	lns_packet(lns, 0, &path, data, size, now);
	drain(lns, &c);
	while (!mono_is_never(lns_deadline(lns))) {
		if (++steps > STEPS_MAX)
			require("a datagram keeps the engine busy for ever");
		if (mono_before(now, lns_deadline(lns)))
			now = lns_deadline(lns);
		lns_expire(lns, now);
		drain(lns, &c);
	}
	require(contract_finish(&c));
	require(lns_idle(lns) ? NULL : "nothing is pending, and not idle");
	contract_fini(&c);
	lns_free(lns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	decoders(data, size);
	engine(data, size);
	return 0;
}
