/* SPDX-License-Identifier: ISC */
/*
 * What the engine's operations cost, in CPU time and (where the machine counts
 * them) instructions, with few and with many tunnels beside.  The clients'
 * part is done before the clock runs, but for reading the answers.
 *
 *	bench_engine [-o FILE]
 *
 * prints a table, and writes the same as JSON.
 */
#include <err.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../sim/heap.h"
#include "../sim/swarm.h"

/* Operations between two looks at the clock; rounds of them. */
#define BATCH 500
#define ROUNDS 40
#define KEEPALIVE_S 60

enum op { SETUP, TEARDOWN, HELLO, ZLB, NOPS };

static const char *const op_names[NOPS] = { "setup", "teardown", "hello",
	"zlb" };
static const size_t sizes[] = { 1, 1000, 60000 };
#define NSIZES (sizeof(sizes) / sizeof(sizes[0]))

struct cost {
	uint64_t ns, instructions, n;
};

struct result {
	size_t tunnels, octets; /* octets: per tunnel and session */
	struct cost cost[NOPS];
};

struct clock {
	int perf; /* -1: no counter */
	uint64_t ns, instructions;
	/* What start() and stop() cost by themselves. */
	uint64_t own_ns, own_instructions;
};

static struct clock counter = { .perf = -1 };
static struct swarm swarm;
static struct swarm_datagram batch[BATCH];

static uint64_t
cpu_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == -1)
		err(1, "clock_gettime");
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
open_counter(void)
{
	struct perf_event_attr a = { .type = PERF_TYPE_HARDWARE,
		.size = sizeof(a),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1,
		.exclude_hv = 1 };

	counter.perf = (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static uint64_t
instructions(void)
{
	uint64_t v = 0;

	if (counter.perf == -1 ||
	    read(counter.perf, &v, sizeof(v)) != sizeof(v))
		return 0;
	return v;
}

static void
start(void)
{
	counter.instructions = instructions();
	counter.ns = cpu_ns();
}

static uint64_t
less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void
stop(struct cost *c, size_t n)
{
	uint64_t ns = cpu_ns() - counter.ns;
	uint64_t in = instructions() - counter.instructions;

	c->ns += less(ns, counter.own_ns);
	c->instructions += less(in, counter.own_instructions);
	c->n += n;
}

static void
calibrate(void)
{
	struct cost c = { 0 };

	for (unsigned i = 0; i < 10000; i++) {
		start();
		stop(&c, 1);
	}
	counter.own_ns = c.ns / c.n;
	counter.own_instructions = c.instructions / c.n;
}

/* One message of each client of the batch; counts for `ops` operations. */
static void
say_all(struct swarm *s, size_t first, enum lac_message type, struct cost *c,
    size_t ops)
{
	for (size_t i = 0; i < BATCH; i++)
		swarm_make(s, first + i, type, &batch[i]);
	start();
	for (size_t i = 0; i < BATCH; i++)
		swarm_feed(s, &batch[i]);
	stop(c, ops);
}

static void
pass(struct swarm *s, int64_t ms)
{
	swarm_run(s, mono_add_ms(s->now, ms));
}

/* Calls come and go beside those that stand. */
static void
calls(struct swarm *s, struct result *r)
{
	struct cost *up = &r->cost[SETUP], *down = &r->cost[TEARDOWN];

	say_all(s, r->tunnels, LAC_SCCRQ, up, BATCH);
	say_all(s, r->tunnels, LAC_SCCCN, up, 0);
	say_all(s, r->tunnels, LAC_ICRQ, up, 0);
	say_all(s, r->tunnels, LAC_ICCN, up, 0);
	pass(s, 1000);
	say_all(s, r->tunnels, LAC_ZLB, &r->cost[ZLB], BATCH);
	say_all(s, r->tunnels, LAC_CDN, down, BATCH);
	say_all(s, r->tunnels, LAC_STOPCCN, down, 0);
	/* What lingers goes. */
	pass(s, 100000);
}

/* One interval of keepalive: the timer, HELLO, and its acknowledgement. */
static void
hellos(struct swarm *s, struct result *r)
{
	struct mono until = mono_add_ms(s->now, (int64_t)KEEPALIVE_S * 1000);
	size_t n, before = s->hellos;

	while (!mono_before(until, lns_deadline(s->lns))) {
		if (mono_before(s->now, lns_deadline(s->lns)))
			s->now = lns_deadline(s->lns);
		start();
		swarm_expire(s);
		stop(&r->cost[HELLO], s->hellos - before);
		before = s->hellos;
		while (s->n_owed > 0) {
			for (n = 0; n < BATCH && s->n_owed > 0; n++)
				swarm_make_owed(s, &batch[n]);
			start();
			for (size_t i = 0; i < n; i++)
				swarm_feed(s, &batch[i]);
			stop(&r->cost[HELLO], 0);
		}
	}
	s->now = until;
}

static void
measure(struct result *r)
{
	struct swarm *s = &swarm;
	size_t before, seen = 0;

	swarm_init(s, r->tunnels + BATCH, KEEPALIVE_S);
	before = heap_in_use();
	for (size_t i = 0; i < r->tunnels; i++) {
		swarm_dial(s, i);
		if (i % 100 == 99)
			pass(s, 1);
	}
	r->octets = (heap_in_use() - before) / r->tunnels;
	for (unsigned i = 0; i < ROUNDS; i++)
		calls(s, r);
	/* About as many HELLOs, whatever the number of tunnels. */
	while (seen < (size_t)ROUNDS * BATCH) {
		hellos(s, r);
		seen = r->cost[HELLO].n;
	}
	if (s->effects[LNS_PPP_START] != r->tunnels + (size_t)ROUNDS * BATCH)
		errx(1, "%zu tunnels: a call failed", r->tunnels);
	swarm_fini(s);
}

static double
per_op(uint64_t sum, const struct cost *c)
{
	return c->n == 0 ? 0 : (double)sum / (double)c->n;
}

static void
print(const struct result *r)
{
	printf("%8zu %8zu", r->tunnels, r->octets);
	for (unsigned i = 0; i < NOPS; i++)
		printf(" %10.0f", per_op(r->cost[i].ns, &r->cost[i]));
	if (counter.perf != -1)
		for (unsigned i = 0; i < NOPS; i++)
			printf(" %10.0f",
			    per_op(r->cost[i].instructions, &r->cost[i]));
	printf("\n");
	fflush(stdout);
}

static void
write_json(FILE *f, const struct result *r, bool last)
{
	const struct cost *c;

	fprintf(f, "    { \"tunnels\": %zu, \"octets_per_tunnel\": %zu",
	    r->tunnels, r->octets);
	for (unsigned i = 0; i < NOPS; i++) {
		c = &r->cost[i];
		fprintf(f,
		    ",\n      \"%s\": { \"n\": %" PRIu64
		    ", \"cpu_ns\": %.1f, \"instructions\": ",
		    op_names[i], c->n, per_op(c->ns, c));
		if (counter.perf == -1)
			fprintf(f, "null }");
		else
			fprintf(f, "%.1f }", per_op(c->instructions, c));
	}
	fprintf(f, " }%s\n", last ? "" : ",");
}

static void
write_all(const char *path, const struct result *r)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		err(1, "%s", path);
	fprintf(f, "{ \"benchmark\": \"engine\", \"results\": [\n");
	for (size_t i = 0; i < NSIZES; i++)
		write_json(f, &r[i], i + 1 == NSIZES);
	fprintf(f, "  ] }\n");
	if (fclose(f) == EOF)
		err(1, "%s", path);
}

int
main(int argc, char **argv)
{
	static struct result results[NSIZES];
	const char *path = NULL;
	int c;

	while ((c = getopt(argc, argv, "o:")) != -1) {
		if (c != 'o') {
			fprintf(stderr, "usage: %s [-o file]\n", argv[0]);
			return 2;
		}
		path = optarg;
	}
	open_counter();
	calibrate();
	printf("CPU per operation, ns%s\n",
	    counter.perf == -1 ? "" : "; then instructions");
	printf("%8s %8s %10s %10s %10s %10s\n", "tunnels", "octets",
	    op_names[SETUP], op_names[TEARDOWN], op_names[HELLO],
	    op_names[ZLB]);
	for (size_t i = 0; i < NSIZES; i++) {
		results[i].tunnels = sizes[i];
		measure(&results[i]);
		print(&results[i]);
	}
	if (path != NULL)
		write_all(path, results);
	return 0;
}
