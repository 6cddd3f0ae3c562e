/* SPDX-License-Identifier: ISC */
/* A survey as JSON; contract in survey_json.h. */

#include "survey_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

json_t *
json_peer_text(const char *text)
{
	json_t *s = json_string(text);
	char *copy, *p;

	if (s != NULL)
		return s;
	copy = strdup(text);
	for (p = copy; p != NULL && *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	s = copy == NULL ? NULL : json_string(copy);
	free(copy);
	return s;
}

json_t *
json_address(const struct lns_addr *a)
{
	char ip[LNS_ADDR_TEXT];

	return json_string(lns_addr_text(a, ip));
}

static json_t *
json_ipv4(struct in_addr a)
{
	char ip[INET_ADDRSTRLEN];

	return json_string(inet_ntop(AF_INET, &a, ip, sizeof(ip)));
}

static json_t *
json_prefix(const struct ppp_view *p)
{
	char ip[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 4];

	if (!p->has_prefix)
		return json_null();
	inet_ntop(AF_INET6, &p->prefix, ip, sizeof(ip));
	snprintf(text, sizeof(text), "%s/64", ip);
	return json_string(text);
}

static int64_t
seconds(const struct survey *s, struct mono since)
{
	return mono_diff_ms(s->now, since) / 1000;
}

static void
put(json_t *o, const char *key, json_t *value)
{
	(void)json_object_set_new_nocheck(o, key, value);
}

static void
put_int(json_t *o, const char *key, uint64_t value)
{
	put(o, key, json_integer((json_int_t)value));
}

/* since and seconds; null where it has not begun. */
static void
put_since(json_t *o, const struct survey *s, struct mono since)
{
	if (mono_is_never(since)) {
		put(o, "since", json_null());
		put(o, "seconds", json_null());
		return;
	}
	put(o, "since", json_integer(s->wall_s - seconds(s, since)));
	put(o, "seconds", json_integer(seconds(s, since)));
}

static void
put_counters(json_t *o, const struct survey_session *x)
{
	const struct ppp_counters *c = &x->counters;

	if (x->counted) {
		put_int(o, "rx_octets", c->rx_octets);
		put_int(o, "tx_octets", c->tx_octets);
		put_int(o, "rx_packets", c->rx_packets);
		put_int(o, "tx_packets", c->tx_packets);
	} else {
		put(o, "rx_octets", json_null());
		put(o, "tx_octets", json_null());
		put(o, "rx_packets", json_null());
		put(o, "tx_packets", json_null());
	}
}

/* The kernel counts from its own start until there has been user data. */
static void
put_idle(json_t *o, const struct survey *s, const struct survey_session *x)
{
	int64_t up_s;

	if (!x->has_idle) {
		put(o, "idle_seconds", json_null());
		return;
	}
	up_s = seconds(s, x->path.ppp.since);
	put(o, "idle_seconds",
	    json_integer(x->idle_s < up_s ? x->idle_s : up_s));
}

static void
put_client(json_t *o, const struct survey_tunnel *t, const struct conf *c)
{
	put(o, "client_address", json_address(&t->outer));
	put_int(o, "client_port", t->outer.port);
	put(o, "client", json_string(t->kind));
	put(o, "hostname", json_peer_text(t->l2tp.hostname));
	put(o, "vendor", json_peer_text(t->l2tp.vendor));
	put(o, "peer", json_peer_text(c->peers[t->l2tp.peer].name));
	put(o, "cipher",
	    t->cipher[0] != '\0' ? json_string(t->cipher) : json_null());
}

static void
put_ppp(json_t *o, const struct survey *s, const struct survey_session *x,
    const struct conf *c)
{
	const struct ppp_view *p = &x->path.ppp;
	bool up = x->path.has_ppp && p->up;

	put(o, "label", json_string(x->path.label));
	put(o, "user", json_peer_text(p->user));
	put(o, "up", json_boolean(up));
	put(o, "profile",
	    x->path.has_ppp ? json_peer_text(c->ppp[p->profile].name)
			    : json_null());
	put(o, "interface", up ? json_string(p->ifname) : json_null());
	put(o, "address", up ? json_ipv4(p->address) : json_null());
	put(o, "ipv6_prefix", up ? json_prefix(p) : json_null());
	put_since(o, s, up ? p->since : MONO_NEVER);
	put_counters(o, x);
	put_idle(o, s, x);
}

static json_t *
session_object(const struct survey *s, const struct survey_session *x,
    const struct conf *c)
{
	const struct survey_tunnel *t = &s->tunnels[x->tunnel];
	json_t *o = json_object();

	put_int(o, "tunnel", t->l2tp.slot);
	put_int(o, "tunnel_id", t->l2tp.tid);
	put_int(o, "session_id", x->l2tp.sid);
	put_int(o, "peer_session_id", x->l2tp.peer_sid);
	put(o, "state", json_string(x->l2tp.state));
	put_ppp(o, s, x, c);
	put_client(o, t, c);
	return o;
}

/* time_ms is for rates: on a clock that does not jump. */
static json_t *
answer(const struct survey *s, const char *key, json_t *list)
{
	return json_pack("{s:I, s:I, s:o}", "time", (json_int_t)s->wall_s,
	    "time_ms", (json_int_t)s->now.ms, key, list);
}

json_t *
survey_json_sessions(const struct survey *s, const struct conf *c)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < s->n_sessions; i++)
		(void)json_array_append_new(
		    list, session_object(s, &s->sessions[i], c));
	return answer(s, "sessions", list);
}

static json_t *
tunnel_object(
    const struct survey *s, const struct survey_tunnel *t, const struct conf *c)
{
	json_t *o = json_object(), *sessions = json_array();
	const struct lns_path *path = &t->l2tp.path;
	size_t i;

	put_int(o, "tunnel", t->l2tp.slot);
	put(o, "state", json_string(t->l2tp.state));
	put(o, "version", json_string("L2TPv2"));
	put_int(o, "tunnel_id", t->l2tp.tid);
	put_int(o, "peer_tunnel_id", t->l2tp.peer_tid);
	put(o, "local_address", json_address(&path->local));
	put(o, "peer_address", json_address(&path->peer));
	put_int(o, "local_port", path->local.port);
	put_int(o, "peer_port", path->peer.port);
	put_client(o, t, c);
	put_int(o, "ns", t->l2tp.ns);
	put_int(o, "nr", t->l2tp.nr);
	put_since(o, s, t->l2tp.up);
	for (i = 0; i < t->l2tp.n_sessions; i++)
		(void)json_array_append_new(sessions,
		    session_object(s, &s->sessions[t->first_session + i], c));
	put(o, "sessions", sessions);
	return o;
}

json_t *
survey_json_tunnels(const struct survey *s, const struct conf *c)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < s->n_tunnels; i++)
		(void)json_array_append_new(
		    list, tunnel_object(s, &s->tunnels[i], c));
	return answer(s, "tunnels", list);
}

/* How long an SA of pluto's lasts; null where that is not known. */
static void
put_life(json_t *o, int64_t left_s, bool renewed)
{
	put(o, "life_seconds", left_s < 0 ? json_null() : json_integer(left_s));
	put(o, "renewed", left_s < 0 ? json_null() : json_boolean(renewed));
}

static json_t *
sa_object(const struct survey *s, const struct survey_sa *x)
{
	const struct ipsec_ike_esp *e =
	    ipsec_ike_find(s->ike, x->sa.spi, x->sa.inbound, &x->sa.peer);
	json_t *o = json_object();
	char spi[16];

	snprintf(spi, sizeof(spi), "%08x", x->sa.spi);
	put_int(o, "client_number", x->sa.client);
	put(o, "isakmp",
	    e != NULL && e->ike != 0 ? json_integer((json_int_t)e->ike)
				     : json_null());
	put(o, "direction", json_string(x->sa.inbound ? "recv" : "send"));
	put(o, "spi", json_string(spi));
	put(o, "local_address", json_address(&x->sa.local));
	put(o, "client_address", json_address(&x->sa.peer));
	put(o, "in_udp", json_boolean(x->sa.peer.port != 0));
	put_int(o, "client_port", x->sa.peer.port);
	put_life(o, e != NULL ? e->left_s : -1, e != NULL && e->renewed);
	if (x->has_detail) {
		put(o, "cipher", json_string(x->detail.cipher));
		put(o, "seconds",
		    json_integer(s->wall_s - (int64_t)x->detail.made_s));
		put_int(o, "octets", x->detail.octets);
		put_int(o, "packets", x->detail.packets);
	}
	return o;
}

/* One that came by this IKE SA; NULL: none is left. */
static const struct survey_sa *
sa_of_ike(const struct survey *s, unsigned long n)
{
	const struct ipsec_ike_esp *e;
	const struct survey_sa *x;
	size_t i, k;

	for (i = 0; i < s->ike->n_esp; i++) {
		e = &s->ike->esp[i];
		for (k = 0; e->ike == n && k < s->n_sas; k++) {
			x = &s->sas[k];
			if (x->sa.spi == e->spi &&
			    x->sa.inbound == e->inbound &&
			    lns_same_ip(&x->sa.peer, &e->peer))
				return x;
		}
	}
	return NULL;
}

static json_t *
ike_object(const struct survey *s, const struct ipsec_ike_sa *ike)
{
	const struct survey_sa *x = sa_of_ike(s, ike->n);
	json_t *o = json_object();

	put_int(o, "isakmp", ike->n);
	put(o, "client_number",
	    x != NULL ? json_integer(x->sa.client) : json_null());
	put(o, "client_address",
	    ike->peer.family != 0 ? json_address(&ike->peer) : json_null());
	put_int(o, "client_port", ike->peer.port);
	put(o, "nat_traversal",
	    x != NULL ? json_boolean(x->sa.peer.port != 0) : json_null());
	put(o, "proposal",
	    ike->proposal[0] != '\0' ? json_string(ike->proposal)
				     : json_null());
	put_life(o, ike->left_s, ike->renewed);
	return o;
}

json_t *
survey_json_sas(const struct survey *s, const struct conf *c)
{
	json_t *list = json_array(), *ike = json_array(), *o;
	size_t i;

	(void)c;
	for (i = 0; i < s->n_sas; i++)
		(void)json_array_append_new(list, sa_object(s, &s->sas[i]));
	for (i = 0; s->ike != NULL && i < s->ike->n_sas; i++)
		(void)json_array_append_new(
		    ike, ike_object(s, &s->ike->sas[i]));
	o = answer(s, "sas", list);
	put(o, "isakmp", ike);
	return o;
}
