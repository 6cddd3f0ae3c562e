/* SPDX-License-Identifier: ISC */
/* What pluto has agreed on with whom; contracts in ikesas.h and
 * include/ipsec_view.h. */

#include "ikesas.h"

#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "conn.h"

/* --- lines --- */

/* 'name"[3] 198.51.100.1:   ', or without the address: behind it there is what
 * we look for, and not elsewhere, where an identity may stand that a client has
 * made up. */
static const char *
detail_of(const char *line)
{
	const char *s = line;

	(void)states_skip(&s, "000 ");
	if (!states_skip(&s, "\""))
		return NULL;
	s = strchr(s, '"');
	if (s == NULL)
		return NULL;
	s += strcspn(s, " ");
	if (s[-1] != ':' && states_skip(&s, " "))
		s += strcspn(s, " ");
	return s[-1] == ':' && states_skip(&s, "   ") ? s : NULL;
}

static void
add_proposal(struct ikesas *s, const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	size_t cap = s->cap == 0 ? 16 : 2 * s->cap;
	struct ikesas_proposal *more;

	if (s->newest == 0 || len == 0 || len >= IPSEC_PROPOSAL_TEXT)
		return;
	if (s->n_proposals == s->cap) {
		more = reallocarray(s->proposals, cap, sizeof(*more));
		if (more == NULL) {
			s->failed = true;
			return;
		}
		s->proposals = more;
		s->cap = cap;
	}
	more = &s->proposals[s->n_proposals++];
	more->n = s->newest;
	memcpy(more->text, text, len);
	more->text[len] = '\0';
}

/* 'unrouted tunnel; negotiating ISAKMP SA: #9; established ISAKMP SA: #7; ...',
 * in 5.2. */
static unsigned long
established_of(const char *routing)
{
	static const char what[] = " established ISAKMP SA: #";
	const char *at = strstr(routing, what);

	return at == NULL ? 0 : strtoul(at + sizeof(what) - 1, NULL, 10);
}

void
ikesas_take(struct ikesas *s, const char *line)
{
	const char *detail = detail_of(line);

	if (states_take(&s->states, line) == -1)
		s->failed = true;
	if (detail == NULL)
		return;
	if (states_skip(&detail, "newest ISAKMP SA: #") ||
	    states_skip(&detail, "newest IKE SA: #"))
		s->newest = strtoul(detail, NULL, 10);
	else if (states_skip(&detail, "routing: "))
		s->newest = established_of(detail);
	else if (states_skip(&detail, "IKEv1 algorithm newest: ") ||
		 states_skip(&detail, "IKE algorithm newest: "))
		add_proposal(s, detail);
}

void
ikesas_clear(struct ikesas *s)
{
	states_clear(&s->states);
	free(s->proposals);
	memset(s, 0, sizeof(*s));
}

/* --- the result --- */

/* Of '"name"[3] 198.51.100.1'; one that is no instance has the address of its
 * peer.  False: it is no connection of ours. */
static bool
find_peer(const struct state *st, const struct conf *c, struct lns_addr *a)
{
	char name[STATES_CONN_MAX];
	const char *at = strchr(st->conn, ' ');
	size_t peer;

	memcpy(name, st->conn + 1, sizeof(name) - 1);
	name[strcspn(name, "\"")] = '\0';
	if (!conn_find_peer(c, name, &peer))
		return false;
	*a = (struct lns_addr){ .family = 0 };
	if (at == NULL) {
		if (!c->peers[peer].any)
			*a = c->peers[peer].address;
	} else if (inet_pton(AF_INET, at + 1, a->ip) == 1) {
		a->family = 4;
	} else if (inet_pton(AF_INET6, at + 1, a->ip) == 1) {
		a->family = 6;
	}
	a->port = st->port;
	return true;
}

static void
add_ike(
    struct ipsec_ike *r, const struct state *st, const struct lns_addr *peer)
{
	r->sas[r->n_sas++] = (struct ipsec_ike_sa){ .n = st->n,
		.peer = *peer,
		.left_s = st->left_s,
		.renewed = st->renewed };
}

static int
by_n(const void *va, const void *vb)
{
	const struct ipsec_ike_sa *a = va, *b = vb;

	return (a->n > b->n) - (a->n < b->n);
}

/* What a connection told before the states were. */
static void
add_proposals(struct ipsec_ike *r, const struct ikesas *s)
{
	struct ipsec_ike_sa key = { .n = 0 }, *sa;
	size_t i;

	qsort(r->sas, r->n_sas, sizeof(*r->sas), by_n);
	for (i = 0; i < s->n_proposals; i++) {
		key.n = s->proposals[i].n;
		sa = bsearch(&key, r->sas, r->n_sas, sizeof(*r->sas), by_n);
		if (sa != NULL)
			memcpy(sa->proposal, s->proposals[i].text,
			    sizeof(sa->proposal));
	}
}

static void
add_esp(struct ipsec_ike *r, const struct state *st,
    const struct lns_addr *peer, bool inbound)
{
	struct ipsec_ike_esp *e = &r->esp[r->n_esp++];

	*e = (struct ipsec_ike_esp){ .spi = inbound ? st->spi : st->spi_out,
		.inbound = inbound,
		.peer = *peer,
		.ike = st->parent,
		.left_s = st->left_s,
		.renewed = st->renewed };
}

static int
by_spi(const void *va, const void *vb)
{
	const struct ipsec_ike_esp *a = va, *b = vb;

	if (a->spi != b->spi)
		return a->spi < b->spi ? -1 : 1;
	if (a->inbound != b->inbound)
		return a->inbound ? 1 : -1;
	return memcmp(a->peer.ip, b->peer.ip, sizeof(a->peer.ip));
}

struct ipsec_ike *
ikesas_result(const struct ikesas *s, const struct conf *c)
{
	struct ipsec_ike *r = calloc(1, sizeof(*r));
	const struct state *st;
	struct lns_addr peer;
	size_t i;

	if (r == NULL)
		return NULL;
	r->sas = calloc(s->states.n + 1, sizeof(*r->sas));
	r->esp = calloc(2 * s->states.n + 1, sizeof(*r->esp));
	if (s->failed || r->sas == NULL || r->esp == NULL) {
		ipsec_ike_free(r);
		return NULL;
	}
	for (i = 0; i < s->states.n; i++) {
		st = &s->states.at[i];
		if (!find_peer(st, c, &peer))
			continue;
		if (st->phase1) {
			add_ike(r, st, &peer);
		} else if (st->spi != 0) {
			add_esp(r, st, &peer, true);
			add_esp(r, st, &peer, false);
		}
	}
	add_proposals(r, s);
	qsort(r->esp, r->n_esp, sizeof(*r->esp), by_spi);
	return r;
}

void
ipsec_ike_free(struct ipsec_ike *r)
{
	if (r == NULL)
		return;
	free(r->sas);
	free(r->esp);
	free(r);
}

const struct ipsec_ike_esp *
ipsec_ike_find(const struct ipsec_ike *r, uint32_t spi, bool inbound,
    const struct lns_addr *peer)
{
	const struct ipsec_ike_esp key = {
		.spi = spi, .inbound = inbound, .peer = *peer
	};

	return r == NULL
		   ? NULL
		   : bsearch(&key, r->esp, r->n_esp, sizeof(*r->esp), by_spi);
}
