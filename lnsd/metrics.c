/* SPDX-License-Identifier: ISC */
/* Metrics as text; contract in metrics.h. */

#include "metrics.h"

#include <inttypes.h>
#include <string.h>

#include "cause.h"
#include "compiler.h"

struct writer {
	FILE *out;
	enum metrics_format format;
};

enum kind {
	GAUGE,
	COUNTER,
	HISTOGRAM,
};

/* OpenMetrics 4.4: the unit is what the name ends in. */
static void
put_unit(const struct writer *w, const char *name)
{
	static const char *const units[] = { "seconds", "bytes" };
	const char *last = strrchr(name, '_') + 1;
	size_t i;

	for (i = 0; w->format == METRICS_OPEN && i < nitems(units); i++)
		if (strcmp(last, units[i]) == 0)
			fprintf(w->out, "# UNIT %s %s\n", name, units[i]);
}

/* A family begins; its samples follow at once.  The name of a counter is given
 * without the _total that its samples have. */
static void
family(
    const struct writer *w, const char *name, enum kind kind, const char *help)
{
	static const char *const kinds[] = { "gauge", "counter", "histogram" };
	const char *tail =
	    kind == COUNTER && w->format == METRICS_PLAIN ? "_total" : "";

	fprintf(w->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, tail, help,
	    name, tail, kinds[kind]);
	put_unit(w, name);
}

static void
gauge(
    const struct writer *w, const char *name, uint64_t value, const char *help)
{
	family(w, name, GAUGE, help);
	fprintf(w->out, "%s %" PRIu64 "\n", name, value);
}

static void
counter(
    const struct writer *w, const char *name, uint64_t value, const char *help)
{
	family(w, name, COUNTER, help);
	fprintf(w->out, "%s_total %" PRIu64 "\n", name, value);
}

/* name and label are constants. */
static void
sample(const struct writer *w, const char *name, const char *label,
    const char *value, uint64_t n)
{
	fprintf(w->out, "%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, n);
}

/* The administrator's titles are printable ASCII. */
static void
put_title(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void
pool_sample(const struct writer *w, const char *name,
    const struct metrics_pool *p, const char *state, uint64_t n)
{
	fprintf(w->out, "%s{profile=\"", name);
	put_title(w->out, p->profile);
	fprintf(w->out, "\",state=\"%s\"} %" PRIu64 "\n", state, n);
}

static void
write_pools(const struct writer *w, const struct metrics *m)
{
	static const char *const v4 = "lnsd_pool_addresses",
				 *const v6 = "lnsd_pool_prefixes";
	size_t i;

	family(w, v4, GAUGE, "Addresses of the pool of a profile.");
	for (i = 0; i < m->n_pools; i++) {
		pool_sample(w, v4, &m->pools[i], "used", m->pools[i].used);
		if (m->pools[i].sized)
			pool_sample(
			    w, v4, &m->pools[i], "free", m->pools[i].free);
	}
	family(w, v6, GAUGE, "IPv6 prefixes of the pool of a profile.");
	for (i = 0; i < m->n_pools; i++) {
		if (!m->pools[i].has_ipv6)
			continue;
		pool_sample(
		    w, v6, &m->pools[i], "used", m->pools[i].prefixes_used);
		pool_sample(
		    w, v6, &m->pools[i], "free", m->pools[i].prefixes_free);
	}
}

static void
write_state(const struct writer *w, const struct metrics *m)
{
	const struct lns_stats *s = &m->l2tp;

	family(w, "lnsd_build_info", GAUGE, "Always 1; which version runs.");
	sample(w, "lnsd_build_info", "version", m->version, 1);
	gauge(w, "lnsd_start_time_seconds", (uint64_t)m->started_s,
	    "When the server was started, in seconds since 1970.");
	gauge(w, "lnsd_draining", m->draining,
	    "Whether it takes no new clients, as an administrator asked.");
	gauge(w, "lnsd_ipsec_guard_up", m->guarded,
	    "Whether the kernel drops L2TP in clear text.");
	gauge(w, "lnsd_ipsec_pluto_up", m->pluto_runs,
	    "Whether the IKE daemon runs.");
	family(w, "lnsd_ipsec_sas", GAUGE, "IPsec SAs of clients.");
	sample(w, "lnsd_ipsec_sas", "direction", "in", m->sas_in);
	sample(w, "lnsd_ipsec_sas", "direction", "out", m->sas_out);
	family(w, "lnsd_tunnels", GAUGE, "L2TP tunnels.");
	sample(w, "lnsd_tunnels", "state", "half_open",
	    s->tunnels - s->tunnels_established);
	sample(
	    w, "lnsd_tunnels", "state", "established", s->tunnels_established);
	sample(w, "lnsd_tunnels", "state", "lingering", s->lingering);
	family(w, "lnsd_sessions", GAUGE,
	    "L2TP sessions; one that is up has an address.");
	sample(w, "lnsd_sessions", "state", "connecting",
	    s->sessions > m->sessions_up ? s->sessions - m->sessions_up : 0);
	sample(w, "lnsd_sessions", "state", "up", m->sessions_up);
}

static void
write_control(const struct writer *w, const struct lns_stats *s)
{
	counter(w, "lnsd_control_retransmissions", s->tx_retransmit,
	    "Control messages that were sent again.");
	counter(w, "lnsd_control_duplicates", s->rx_duplicate,
	    "Control messages that came again.");
	counter(w, "lnsd_control_malformed", s->rx_malformed,
	    "Datagrams that are no L2TP.");
	counter(w, "lnsd_control_unknown", s->rx_unknown,
	    "Datagrams for a tunnel or session that is not there.");
	counter(w, "lnsd_requests_limited", s->rx_limited,
	    "Requests for a tunnel dropped: their host asks too often.");
	counter(w, "lnsd_requests_refused", s->rx_refused,
	    "Requests for a tunnel or session that were refused.");
	counter(w, "lnsd_calls_limited", s->calls_limited,
	    "Of these, requests for a session that came too often.");
	counter(w, "lnsd_half_open_evicted", s->half_open_lost,
	    "Half-open or unused tunnels that had to yield to others.");
	counter(w, "lnsd_out_of_memory", s->out_of_memory,
	    "Tunnels or sessions refused for want of memory.");
	counter(w, "lnsd_hello_sent", s->hello_sent,
	    "HELLO messages sent, also again: nothing came from the client.");
	counter(w, "lnsd_hello_misses", s->hello_missed,
	    "Those that no sign of life came after in time.");
	counter(w, "lnsd_log_lines_suppressed", s->log_suppressed,
	    "Lines about peers' faults that were not logged.");
}

static void
write_traffic(const struct writer *w, const struct metrics *m)
{
	static const char *const bytes = "lnsd_session_bytes",
				 *const total = "lnsd_session_bytes_total";
	enum ipsec_drop why;
	size_t i;

	family(w, bytes, COUNTER,
	    "What sessions have carried, received from clients and sent.");
	sample(w, total, "direction", "rx", m->rx_octets);
	sample(w, total, "direction", "tx", m->tx_octets);
	family(w, "lnsd_guard_drops", COUNTER,
	    "Packets of L2TP that the guard has dropped.");
	for (why = 0; why < IPSEC_DROP_N; why++)
		sample(w, "lnsd_guard_drops_total", "reason",
		    ipsec_drop_name(why), m->guard.packets[why]);
	family(w, "lnsd_ipsec_drops", COUNTER,
	    "Packets that the kernel's IPsec has dropped, by its own words.");
	for (i = 0; i < m->n_drops; i++)
		sample(w, "lnsd_ipsec_drops_total", "reason",
		    m->drops[i].reason, m->drops[i].n);
}

struct histogram {
	const int64_t *bucket_ms;
	const uint64_t *bucket;
	size_t n_buckets;
	uint64_t n, sum_ms;
};

static void
put_le(FILE *out, int64_t ms)
{
	fprintf(out,
	    ms % 10 == 0 ? "%" PRId64 ".%02" PRId64 : "%" PRId64 ".%03" PRId64,
	    ms / 1000, ms % 10 == 0 ? ms % 1000 / 10 : ms % 1000);
}

/* What a sample is about: the one or the other. */
struct about {
	const char *stage;
	const struct metrics_radius *radius;
};

static void
put_about(FILE *out, const struct about *a)
{
	const struct lns_addr *addr;
	char ip[LNS_ADDR_TEXT];

	if (a->radius == NULL) {
		fprintf(out, "stage=\"%s\"", a->stage);
		return;
	}
	addr = &a->radius->server.server;
	fputs("profile=\"", out);
	put_title(out, a->radius->profile);
	fprintf(out,
	    addr->family == 6 ? "\",kind=\"%s\",server=\"[%s]:%u\""
			      : "\",kind=\"%s\",server=\"%s:%u\"",
	    a->radius->server.accounting ? "accounting" : "access",
	    lns_addr_text(addr, ip), addr->port);
}

static void
put_name(FILE *out, const char *name, const char *tail, const struct about *a)
{
	fprintf(out, "%s%s{", name, tail);
	put_about(out, a);
}

static void
write_histogram(const struct writer *w, const char *name, const struct about *a,
    const struct histogram *h)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < h->n_buckets; i++) {
		n += h->bucket[i];
		put_name(w->out, name, "_bucket", a);
		fputs(",le=\"", w->out);
		put_le(w->out, h->bucket_ms[i]);
		fprintf(w->out, "\"} %" PRIu64 "\n", n);
	}
	put_name(w->out, name, "_bucket", a);
	fprintf(w->out, ",le=\"+Inf\"} %" PRIu64 "\n", h->n);
	put_name(w->out, name, "_sum", a);
	fprintf(w->out, "} %" PRIu64 ".%03" PRIu64 "\n", h->sum_ms / 1000,
	    h->sum_ms % 1000);
	put_name(w->out, name, "_count", a);
	fprintf(w->out, "} %" PRIu64 "\n", h->n);
}

static void
write_stage(
    const struct writer *w, const struct story_times *t, const char *stage)
{
	const struct about a = { .stage = stage };
	const struct histogram h = { story_bucket_ms, t->bucket, STORY_BUCKETS,
		t->n, t->sum_ms };

	write_histogram(w, "lnsd_setup_seconds", &a, &h);
}

static void
write_setups(const struct writer *w, const struct story_counts *c)
{
	enum story_stage stage;
	unsigned int cause;

	counter(w, "lnsd_setups", c->reached[STORY_UP],
	    "Clients that got an address.");
	family(w, "lnsd_setup_failures", COUNTER,
	    "Clients that did not, by the stage they came to and the cause.");
	for (stage = STORY_IKE; stage <= STORY_PPP; stage++)
		for (cause = 0; cause < CAUSE_N; cause++)
			if (c->failed[stage][cause] != 0)
				fprintf(w->out,
				    "lnsd_setup_failures_total{stage=\"%s\","
				    "cause=\"%s\"} %" PRIu64 "\n",
				    story_stage_name(stage), cause_name(cause),
				    c->failed[stage][cause]);
	family(w, "lnsd_setup_seconds", HISTOGRAM,
	    "How long clients were in a stage before the next.");
	for (stage = STORY_IKE; stage <= STORY_PPP; stage++)
		write_stage(w, &c->times[stage], story_stage_name(stage));
}

static uint64_t
radius_value(const struct ppp_radius_view *v, size_t which)
{
	switch (which) {
	case 0:
		return !v->dead;
	case 1:
		return v->resent;
	default:
		return v->unanswered;
	}
}

static void
write_radius(const struct writer *w, const struct metrics *m)
{
	static const struct {
		const char *name, *tail;
		enum kind kind;
		const char *help;
	} families[] = {
		{ "lnsd_radius_server_up", "", GAUGE,
		    "Whether a RADIUS server is used; 0: it was silent." },
		{ "lnsd_radius_retransmissions", "_total", COUNTER,
		    "Packets that were sent to a RADIUS server again." },
		{ "lnsd_radius_timeouts", "_total", COUNTER,
		    "Requests that a RADIUS server has not answered." },
	};
	static const char *const seconds = "lnsd_radius_request_seconds";
	const struct ppp_radius_view *v;
	size_t i, k;

	for (i = 0; i < nitems(families); i++) {
		family(w, families[i].name, families[i].kind, families[i].help);
		for (k = 0; k < m->n_radius; k++) {
			put_name(w->out, families[i].name, families[i].tail,
			    &(struct about){ .radius = &m->radius[k] });
			fprintf(w->out, "} %" PRIu64 "\n",
			    radius_value(&m->radius[k].server, i));
		}
	}
	family(w, seconds, HISTOGRAM,
	    "How long a RADIUS server took to answer a request.");
	for (k = 0; k < m->n_radius; k++) {
		v = &m->radius[k].server;
		write_histogram(w, seconds,
		    &(struct about){ .radius = &m->radius[k] },
		    &(struct histogram){ radius_bucket_ms, v->times.bucket,
			RADIUS_BUCKETS, v->times.n, v->times.sum_ms });
	}
}

static void
write_process(const struct writer *w, const struct metrics *m)
{
	const struct metrics_process *p = &m->process;

	family(w, "process_cpu_seconds", COUNTER, "CPU time of lnsd itself.");
	fprintf(w->out, "process_cpu_seconds_total %.3f\n", p->cpu_s);
	gauge(w, "process_resident_memory_bytes", p->resident_octets,
	    "Resident memory of lnsd itself.");
	gauge(w, "process_open_fds", p->fds, "Its open file descriptors.");
	gauge(w, "process_max_fds", p->max_fds,
	    "How many file descriptors it may open.");
	gauge(w, "process_start_time_seconds", (uint64_t)m->started_s,
	    "When the process was started, in seconds since 1970.");
}

/* --- interface --- */

/* Prometheus lists what it wants most first. */
enum metrics_format
metrics_format(const char *accept)
{
	return accept != NULL &&
		       strstr(accept, "application/openmetrics-text") != NULL
		   ? METRICS_OPEN
		   : METRICS_PLAIN;
}

const char *
metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPEN
		   ? "application/openmetrics-text; version=1.0.0; "
		     "charset=utf-8"
		   : "text/plain; version=0.0.4; charset=utf-8";
}

void
metrics_write(const struct metrics *m, enum metrics_format format, FILE *out)
{
	const struct writer w = { out, format };

	write_state(&w, m);
	write_control(&w, &m->l2tp);
	write_setups(&w, m->story);
	write_radius(&w, m);
	write_pools(&w, m);
	write_traffic(&w, m);
	write_process(&w, m);
	if (format == METRICS_OPEN)
		fputs("# EOF\n", out);
}

int64_t
metrics_started(int64_t was, int64_t wall_s, int64_t up_ms)
{
	const int64_t at = wall_s - up_ms / 1000;

	return at >= was - 1 && at <= was + 1 ? was : at;
}

static bool
same_labels(const struct metrics_radius *a, const struct metrics_radius *b)
{
	return strcmp(a->profile, b->profile) == 0 &&
	       a->server.accounting == b->server.accounting &&
	       a->server.server.port == b->server.server.port &&
	       lns_same_ip(&a->server.server, &b->server.server);
}

void
metrics_add_radius(
    struct metrics_radius *list, size_t *n, const struct metrics_radius *r)
{
	struct ppp_radius_view *to;
	size_t i;

	for (i = 0; i < *n && !same_labels(&list[i], r); i++)
		;
	if (i == *n) {
		list[(*n)++] = *r;
		return;
	}
	to = &list[i].server;
	to->dead = to->dead && r->server.dead;
	to->resent += r->server.resent;
	to->unanswered += r->server.unanswered;
	to->times.n += r->server.times.n;
	to->times.sum_ms += r->server.times.sum_ms;
	for (i = 0; i < RADIUS_BUCKETS; i++)
		to->times.bucket[i] += r->server.times.bucket[i];
}

void
metrics_read_drops(struct metrics *m, FILE *f)
{
	struct metrics_drop d;

	while (m->n_drops < METRICS_DROPS &&
	       fscanf(f, "%39s %" SCNu64, d.reason, &d.n) == 2) {
		/* It is a label. */
		if (strspn(d.reason, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789_") !=
		    strlen(d.reason))
			continue;
		m->drops[m->n_drops++] = d;
	}
}
