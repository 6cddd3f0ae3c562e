/* SPDX-License-Identifier: ISC */
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "heap.h"

#define KEEPALIVE_COUNT 3

/* Half-open tunnels, and what the allocator keeps of them. */
#define GROWTH_MAX (4 * 1024 * 1024)
/* What may be left of it: buffers that have grown once, of effects (their
 * octets are kept up to 256 KiB) and of timers. */
#define LEFT_MAX (512 * 1024)
/* Lines in any second, those of the honest included. */
#define LOGS_MAX 100

void
field_expect(struct field *f, bool ok, const char *wrong)
{
	if (!ok || f->n.error[0] != '\0')
		run_failed(&f->n, f->name, f->n.error[0] ? NULL : wrong);
}

static bool
is_up(struct net *n, void *arg)
{
	return net_client_up(n, *(size_t *)arg);
}

int64_t
field_call(struct field *f, size_t client)
{
	struct net *n = &f->n;
	struct mono start = n->now;

	net_dial(n, client, true);
	field_expect(f,
	    net_run_until(n, is_up, &client, mono_add_ms(n->now, 1000)),
	    "no call in peace");
	return mono_diff_ms(n->now, start);
}

void
field_begin(struct field *f, const char *name)
{
	static const struct net_config line = { .delay_ms = DELAY_MS,
		.keepalive_interval_s = KEEPALIVE_S,
		.keepalive_count = KEEPALIVE_COUNT,
		.no_capture = true };
	struct net_config c = line;
	uint64_t end;

	memset(f, 0, sizeof(*f));
	f->name = name;
	c.seed = run_seeds(1, &end);
	net_init(&f->n, &c, CLIENTS, LAC_XL2TPD);
	for (size_t i = 0; i < LAC_NKINDS; i++)
		net_set_style(&f->n, i, (enum lac_kind)i);
	/* As the newcomer will. */
	f->usual_ms = field_call(f, NEWCOMER);
	net_hangup(&f->n, NEWCOMER);
	for (size_t i = 0; i < NEWCOMER; i++)
		field_call(f, i);
	/* What the first call has left is gone. */
	field_expect(f, net_run(&f->n, mono_add_ms(f->n.now, FORGET_MS)), NULL);
	for (size_t i = 0; i < CLIENTS; i++)
		f->hellos[i] = f->n.clients[i].lac.hellos;
	f->n.logs_max = 0;
	f->heap = f->heap_max = heap_in_use();
	f->took_ms = -1;
}

void
field_moment(struct field *f, int64_t ms)
{
	size_t heap;

	field_expect(f, net_run(&f->n, mono_add_ms(f->n.now, ms)), NULL);
	if (f->took_ms == -1 && f->dialled.ms != 0 &&
	    net_client_up(&f->n, NEWCOMER))
		f->took_ms = mono_diff_ms(f->n.now, f->dialled);
	heap = heap_in_use();
	if (heap > f->heap_max)
		f->heap_max = heap;
}

void
field_newcomer_dials(struct field *f)
{
	net_dial(&f->n, NEWCOMER, true);
	f->dialled = f->n.now;
}

void
field_end(struct field *f, bool mad)
{
	struct lns_stats st;
	size_t honest = LAC_NKINDS, left;

	while (f->took_ms == -1 && mono_diff_ms(f->n.now, f->dialled) < 60000)
		field_moment(f, 1);
	if (run_is_verbose())
		printf("%-12s newcomer %" PRId64 " ms of usually %" PRId64
		       ", memory +%zu octets, %zu lines in a second\n",
		    f->name, f->took_ms, f->usual_ms, f->heap_max - f->heap,
		    f->n.logs_max);
	fflush(stdout);
	field_expect(f, f->took_ms != -1, "the newcomer has no call");
	field_expect(
	    f, f->took_ms <= 2 * f->usual_ms, "the newcomer waits too long");
	field_expect(f, f->heap_max - f->heap <= GROWTH_MAX, "too much memory");
	field_expect(
	    f, f->n.logs_max <= LOGS_MAX, "too many lines in a second");
	field_moment(f, FORGET_MS);
	for (size_t i = 0; i < honest; i++) {
		field_expect(f, net_client_up(&f->n, i), "a call was lost");
		field_expect(
		    f, f->n.clients[i].dials == 1, "a call was redialled");
		field_expect(f, f->n.clients[i].lac.hellos > f->hellos[i] + 20,
		    "keepalive has stopped");
	}
	lns_stats(f->n.lns, &st);
	field_expect(f, st.tunnels_established == honest + (mad ? 1 : 2),
	    "tunnels of the attack have stayed");
	field_expect(
	    f, st.tunnels == st.tunnels_established, "a half-open tunnel");
	field_expect(f, st.lingering == 0, "something lingers");
	left = heap_in_use();
	field_expect(f, left <= f->heap + LEFT_MAX, "memory has not come back");
	net_shutdown(&f->n);
	field_expect(
	    f, net_run_dry(&f->n, mono_add_ms(f->n.now, FORGET_MS)), NULL);
	net_fini(&f->n);
}

struct lns_path
field_stranger(uint32_t who, uint16_t port)
{
	return (struct lns_path){
		.local = { 4, { 192, 0, 2, 1 }, 1701 },
		.peer = { 4,
		    { 198, (uint8_t)(18 + (who >> 16 & 1)), (uint8_t)(who >> 8),
			(uint8_t)who },
		    port },
		.client = 1000000 + who,
	};
}
