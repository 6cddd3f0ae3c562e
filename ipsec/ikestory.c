/* SPDX-License-Identifier: ISC */
/* The story of each client's IKE; contract in ikestory.h. */

#include "ikestory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "ikelog.h"

enum {
	TALKS = 256,
	HOSTS = 256,

	/* The same failure again within this time is not told. */
	AGAIN_MS = 10000,

	/* Lines of one host, and of all together: anybody can make pluto say
	 * something, under any address. */
	HOST_BURST = 30,
	HOST_EVERY_MS = 2000,
	ALL_BURST = 300,
	ALL_EVERY_MS = 50,
};

/* Between pluto and one client: an instance of a connection. */
struct talk {
	char conn[CONN_NAME_MAX];
	unsigned long instance, state; /* #n of its phase 1 */
	char id[64];
	char offers[256];
	bool sa;     /* there was an IPsec SA */
	bool over;   /* its end has been told */
	bool waited; /* that it is slow has been told */
	bool lapsed; /* that phase 1 has ended too early has been told */
	uint64_t used;
};

struct host {
	char peer[INET6_ADDRSTRLEN];
	int64_t full_ms; /* when all of the burst is there again */
	uint64_t failure;
	struct mono failed;
	uint64_t used;
};

struct ikestory {
	const struct conf *conf;
	const struct algs *algs;
	struct talk talks[TALKS];
	struct host hosts[HOSTS];
	uint64_t clock; /* counts lines, for used */
	int64_t full_ms;
	unsigned int suppressed;
	char text[1000];
	/* Of the line taken last. */
	struct ike_line line;
	const struct talk *talk; /* NULL: none */
	size_t start;		 /* in text, of what there is to say */
	bool failure;
};

struct ikestory *
ikestory_new(const struct conf *c, const struct algs *algs)
{
	struct ikestory *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->conf = c;
	s->algs = algs;
	return s;
}

void
ikestory_reload(struct ikestory *s, const struct conf *next)
{
	s->conf = next;
}

void
ikestory_free(struct ikestory *s)
{
	free(s);
}

void
ikestory_reset(struct ikestory *s)
{
	memset(s->talks, 0, sizeof(s->talks));
}

unsigned int
ikestory_suppressed(struct ikestory *s)
{
	unsigned int n = s->suppressed;

	s->suppressed = 0;
	return n;
}

/* --- who --- */

/* Of a peer that is fixed pluto does not tell the address. */
static void
name_peer(const struct ikestory *s, struct ike_line *l)
{
	size_t i;

	if (l->peer[0] == '\0' && conn_find_peer(s->conf, l->conn, &i) &&
	    !s->conf->peers[i].any)
		lns_addr_text(&s->conf->peers[i].address, l->peer);
}

static struct talk *
find_talk(struct ikestory *s, const struct ike_line *l)
{
	size_t i;

	for (i = 0; i < TALKS && l->conn[0] != '\0'; i++)
		if (s->talks[i].instance == l->instance &&
		    strcmp(s->talks[i].conn, l->conn) == 0)
			return &s->talks[i];
	return NULL;
}

/* Of a client that begins; what was before it is forgotten. */
static struct talk *
new_talk(struct ikestory *s, const struct ike_line *l)
{
	struct talk *t = find_talk(s, l);
	size_t i;

	if (t == NULL) {
		/* A free one has not been used for longest. */
		t = &s->talks[0];
		for (i = 1; i < TALKS; i++)
			if (s->talks[i].used < t->used)
				t = &s->talks[i];
	}
	*t = (struct talk){ .instance = l->instance, .state = l->state };
	memcpy(t->conn, l->conn, sizeof(t->conn));
	return t;
}

static struct host *
find_host(struct ikestory *s, const char *peer)
{
	struct host *h = &s->hosts[0];
	size_t i;

	for (i = 0; i < HOSTS; i++) {
		if (strcmp(s->hosts[i].peer, peer) == 0) {
			s->hosts[i].used = s->clock;
			return &s->hosts[i];
		}
		if (s->hosts[i].used < h->used)
			h = &s->hosts[i];
	}
	*h = (struct host){ .used = s->clock };
	snprintf(h->peer, sizeof(h->peer), "%s", peer);
	return h;
}

/* --- how often --- */

static bool
take_one(int64_t *full_ms, int64_t every_ms, int64_t burst, struct mono now)
{
	int64_t from_ms = *full_ms > now.ms ? *full_ms : now.ms;

	if (from_ms + every_ms > now.ms + every_ms * burst)
		return false;
	*full_ms = from_ms + every_ms;
	return true;
}

static bool
may_tell(struct ikestory *s, struct host *h, struct mono now)
{
	if (take_one(&h->full_ms, HOST_EVERY_MS, HOST_BURST, now) &&
	    take_one(&s->full_ms, ALL_EVERY_MS, ALL_BURST, now))
		return true;
	s->suppressed++;
	return false;
}

/* FNV-1a */
static uint64_t
hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

/* Clients repeat themselves, each time as if for the first time. */
static bool
is_again(struct host *h, const char *text, struct mono now)
{
	uint64_t failure = hash(text);

	if (h->failure == failure && mono_diff_ms(now, h->failed) < AGAIN_MS)
		return true;
	h->failure = failure;
	h->failed = now;
	return false;
}

/* --- what --- */

static void printf_like(2, 3) say(struct ikestory *s, const char *fmt, ...)
{
	size_t at = strlen(s->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->text + at, sizeof(s->text) - at, fmt, ap);
	va_end(ap);
}

static void
add_offer(struct talk *t, const char *offer)
{
	size_t at = strlen(t->offers), len = strlen(offer);

	if (strstr(t->offers, offer) != NULL)
		return;
	if (at + len + 3 > sizeof(t->offers)) {
		/* Once, and it fits: three octets are always kept. */
		if (at > 0 && t->offers[at - 1] != '.')
			memcpy(t->offers + at, "..", 3);
		return;
	}
	snprintf(t->offers + at, sizeof(t->offers) - at, "%s%s",
	    at > 0 ? ", " : "", offer);
}

static void
say_no_proposal(struct ikestory *s, const struct talk *t)
{
	char accepts[256];

	say(s, "failed: no proposal chosen");
	if (t != NULL && t->offers[0] != '\0')
		say(s, ": they offer %s", t->offers);
	say(s, "; we accept %s",
	    algs_accepts_ike(
		s->algs, s->conf->ipsec.proposals, accepts, sizeof(accepts)));
}

static bool
is_address(const char *text)
{
	struct in6_addr a;

	return inet_pton(AF_INET, text, &a) == 1 ||
	       inet_pton(AF_INET6, text, &a) == 1;
}

static void
say_phase1(struct ikestory *s, const struct talk *t, const struct ike_line *l)
{
	say(s, "phase 1 established (%s", l->detail);
	/* A client calls itself by the address that it knows of. */
	if (t != NULL && t->id[0] != '\0' && strcmp(t->id, l->peer) != 0)
		say(s, ", %s %s", is_address(t->id) ? "behind NAT as" : "id",
		    t->id);
	say(s, ")");
}

/* A client that dials again has an older phase 1 in the same instance. */
static bool
is_phase1(const struct talk *t, const struct ike_line *l, const char *state)
{
	return l->state == t->state && strcmp(l->detail, state) == 0;
}

/* The client no longer goes on; in which state says what it did not do. */
static void
say_ended(struct ikestory *s, const struct talk *t, const struct ike_line *l)
{
	const char *state = l->detail;

	if (t == NULL || t->over)
		return;
	if (is_phase1(t, l, "MAIN_R1"))
		say(s, "failed: the client did not go on after our first "
		       "answer");
	else if (is_phase1(t, l, "MAIN_R2"))
		say(s, "failed: the client did not go on after the key "
		       "exchange: is UDP 4500 blocked on the way?");
	else if (strncmp(state, "QUICK_R", 7) == 0 && !t->sa)
		say(s, "failed: the client did not confirm the IPsec SA");
}

static void
say_waiting(struct ikestory *s, struct talk *t, const struct ike_line *l)
{
	if (t == NULL || t->over || t->waited || !is_phase1(t, l, "MAIN_R2"))
		return;
	t->waited = true;
	say(s, "no answer yet after the key exchange: is UDP 4500 blocked on "
	       "the way?");
}

/* Why it failed; NULL: it has not, or not for such a simple reason. */
static const char *
cause(enum ike_event event)
{
	static const char *const causes[] = {
		[IKE_NO_ESP] = "no proposal chosen for ESP",
		[IKE_BAD_PSK] = "the pre-shared key differs",
		[IKE_NO_PSK] = "there is no pre-shared key for it",
		[IKE_NO_PEER] = "no peer is configured for this address",
		[IKE_BAD_ID] = "no peer is configured for its identity",
		[IKE_BAD_CERT] = "its certificate is not accepted",
		[IKE_BAD_SELECTOR] = "it asks for other traffic than L2TP",
		[IKE_NO_NATT] = "it is behind a NAT and has no NAT traversal",
		[IKE_AGGRESSIVE] = "it has a group name set (aggressive mode)",
		[IKE_VERSION2] = "it speaks IKEv2",
	};

	return (size_t)event < nitems(causes) ? causes[event] : NULL;
}

static void
say_failure(struct ikestory *s, const struct talk *t, const struct ike_line *l)
{
	char accepts[256];

	say(s, "failed: %s", cause(l->event));
	if (l->event == IKE_NO_ESP)
		say(s, ": we accept %s",
		    algs_accepts_esp(s->algs, s->conf->ipsec.proposals, accepts,
			sizeof(accepts)));
	if (l->event == IKE_BAD_CERT)
		say(s, ": %s", l->detail);
	if (l->event == IKE_BAD_ID && t != NULL)
		say(s, " '%s'", t->id);
}

/* Appends to s->text what there is to say, if anything. */
static void
tell(struct ikestory *s, struct talk *t, const struct ike_line *l)
{
	/* -Wswitch-enum wants them all; cause() knows the others. */
	if (l->event == IKE_PHASE1) {
		say_phase1(s, t, l);
	} else if (l->event == IKE_SA) {
		say(s, "IPsec SA established (%s)", l->detail);
	} else if (l->event == IKE_NO_PROPOSAL) {
		say_no_proposal(s, t);
	} else if (l->event == IKE_WAITING) {
		say_waiting(s, t, l);
	} else if (l->event == IKE_ENDED) {
		say_ended(s, t, l);
	} else if (l->event == IKE_DEAD) {
		if (t == NULL || !t->lapsed)
			say(s, "no answer to dead peer detection: given up");
	} else if (l->event == IKE_LAPSED) {
		say(s, "phase 1 has ended and was not renewed: given up");
	} else if (l->event == IKE_CLOSED_SA) {
		say(s, "IPsec SA closed by the client");
	} else if (l->event == IKE_CLOSED_PHASE1) {
		if (t != NULL && t->state == l->state && !t->sa && !t->over)
			say(s, "closed by the client before there was an "
			       "IPsec SA");
	} else if (cause(l->event) != NULL) {
		say_failure(s, t, l);
	}
}

/* What is remembered for later lines. */
static struct talk *
note(struct ikestory *s, const struct ike_line *l)
{
	struct talk *t =
	    l->event == IKE_CALLING ? new_talk(s, l) : find_talk(s, l);

	if (t == NULL)
		return NULL;
	t->used = s->clock;
	if (l->event == IKE_ID) {
		snprintf(t->id, sizeof(t->id), "%.63s", l->detail);
	} else if (l->event == IKE_OFFER) {
		add_offer(t, l->detail);
	} else if (l->event == IKE_SA) {
		t->sa = true;
		t->over = t->lapsed = false;
	} else if (l->event == IKE_LAPSED) {
		t->lapsed = true;
	} else if (l->event == IKE_SWITCHED) {
		snprintf(t->conn, sizeof(t->conn), "%.*s",
		    (int)sizeof(t->conn) - 1, l->detail);
		t->instance = l->switched_to;
	} else if (l->event == IKE_FORGOTTEN) {
		t->conn[0] = '\0';
		t->used = 0;
	}
	return t;
}

static bool
is_end(enum ike_event event)
{
	return event == IKE_LAPSED || event == IKE_DEAD ||
	       event == IKE_CLOSED_SA || event == IKE_CLOSED_PHASE1;
}

const char *
ikestory_take(struct ikestory *s, const char *line, struct mono now)
{
	struct ike_line l;
	struct host *h;
	struct talk *t;
	size_t start;
	bool failure;

	s->line.event = IKE_NOTHING;
	if (!ikelog_parse(line, &l))
		return NULL;
	s->clock++;
	name_peer(s, &l);
	t = note(s, &l);
	s->text[0] = '\0';
	say(s, "%s: ", l.peer[0] != '\0' ? l.peer : l.conn);
	start = strlen(s->text);
	tell(s, t, &l);
	s->line = l;
	s->talk = t;
	s->start = start;
	s->failure = strncmp(s->text + start, "failed: ", 8) == 0;
	if (s->text[start] == '\0')
		return NULL;
	failure = s->failure;
	if (t != NULL && (failure || is_end(l.event)))
		t->over = true;
	h = find_host(s, l.peer);
	if ((failure && is_again(h, s->text, now)) || !may_tell(s, h, now))
		return NULL;
	return s->text;
}

/* The client shows its certificate. */
static bool
has_certificate(const struct ikestory *s)
{
	size_t i;

	return conn_find_peer(s->conf, s->line.conn, &i) &&
	       s->conf->peers[i].certificate != NULL;
}

bool
ikestory_told(const struct ikestory *s, struct ike_told *told)
{
	const struct ike_line *l = &s->line;

	if (l->event == IKE_NOTHING)
		return false;
	*told = (struct ike_told){ .event = l->event,
		.peer = l->peer,
		.conn = l->event == IKE_SWITCHED ? l->detail : l->conn,
		.instance =
		    l->event == IKE_SWITCHED ? l->switched_to : l->instance,
		.state = l->state,
		.id = s->talk != NULL ? s->talk->id : "",
		.detail = l->detail,
		.text = s->text + s->start,
		.port = l->port,
		.spi = l->spi,
		.failed = s->failure,
		.large = has_certificate(s) };
	return true;
}
