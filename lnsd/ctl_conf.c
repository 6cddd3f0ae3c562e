/* SPDX-License-Identifier: ISC */
/* The configuration in effect; contract in ctl_server.h.  A secret is "***". */

#include "ctl_server.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "survey_json.h"

#define SECRET "***"

static void
put(json_t *o, const char *key, json_t *value)
{
	(void)json_object_set_new_nocheck(o, key, value);
}

static void
put_int(json_t *o, const char *key, unsigned int value)
{
	put(o, key, json_integer(value));
}

static void
put_bool(json_t *o, const char *key, bool value)
{
	put(o, key, json_boolean(value));
}

/* Nothing, if there is none. */
static void
put_text(json_t *o, const char *key, const char *value)
{
	if (value != NULL)
		put(o, key, json_peer_text(value));
}

static void
put_secret(json_t *o, const char *key, bool given)
{
	if (given)
		put(o, key, json_string(SECRET));
}

static void
put_ipv4(json_t *o, const char *key, struct in_addr a)
{
	char ip[INET_ADDRSTRLEN];

	if (a.s_addr != 0)
		put(o, key,
		    json_string(inet_ntop(AF_INET, &a, ip, sizeof(ip))));
}

static void
put_prefix(json_t *o, const char *key, const struct conf_prefix *p)
{
	char ip[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 5];

	if (p->len == 0)
		return;
	inet_ntop(AF_INET6, &p->address, ip, sizeof(ip));
	snprintf(text, sizeof(text), "%s/%u", ip, p->len);
	put(o, key, json_string(text));
}

static void
put_rate(json_t *o, const char *key, const struct conf_rate *r)
{
	if (r->given)
		put_int(o, key, r->kbit);
}

static json_t *
ipsec_json(const struct conf *c)
{
	static const char *const modes[] = { "managed", "system", "off" };
	static const char *const proposals[] = { "modern", "compatible",
		"legacy" };
	json_t *o = json_object();

	put(o, "mode", json_string(modes[c->ipsec.mode]));
	put(o, "proposals", json_string(proposals[c->ipsec.proposals]));
	put_int(o, "dpd-delay", c->ipsec.dpd_delay_s);
	put_int(o, "dpd-timeout", c->ipsec.dpd_timeout_s);
	put_bool(o, "rekey", c->ipsec.rekey);
	put_int(o, "ike-lifetime", c->ipsec.ike_lifetime_s);
	put_int(o, "sa-lifetime", c->ipsec.sa_lifetime_s);
	put_ipv4(o, "client-range", c->ipsec.client_range);
	put_text(o, "log", c->ipsec.log);
	return o;
}

static json_t *
ranges_json(const struct conf_ppp *p)
{
	char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN];
	char text[2 * INET_ADDRSTRLEN + 1];
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < p->n_pool; i++) {
		inet_ntop(AF_INET, &p->pool[i].first, first, sizeof(first));
		inet_ntop(AF_INET, &p->pool[i].last, last, sizeof(last));
		snprintf(text, sizeof(text), "%s-%s", first, last);
		(void)json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *
dns_json(const struct conf_ppp *p)
{
	json_t *list = json_array();
	char ip[INET6_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < p->n_dns; i++)
		(void)json_array_append_new(
		    list, json_string(
			      inet_ntop(AF_INET, &p->dns[i], ip, sizeof(ip))));
	for (i = 0; i < p->n_dns6; i++)
		(void)json_array_append_new(list,
		    json_string(
			inet_ntop(AF_INET6, &p->dns6[i], ip, sizeof(ip))));
	return list;
}

static json_t *
auth_json(unsigned int bits)
{
	json_t *list = json_array();

	if (bits & CONF_AUTH_MSCHAPV2)
		(void)json_array_append_new(list, json_string("mschap-v2"));
	if (bits & CONF_AUTH_CHAP)
		(void)json_array_append_new(list, json_string("chap"));
	if (bits & CONF_AUTH_PAP)
		(void)json_array_append_new(list, json_string("pap"));
	return list;
}

static json_t *
radius_json(const struct conf_radius *r)
{
	json_t *o = json_object(), *list = json_array();
	char ip[LNS_ADDR_TEXT], text[LNS_ADDR_TEXT + 10];
	size_t i;

	for (i = 0; i < r->n_servers; i++) {
		lns_addr_text(&r->servers[i], ip);
		snprintf(text, sizeof(text),
		    r->servers[i].family == 6 ? "[%s]:%u" : "%s:%u", ip,
		    r->servers[i].port);
		(void)json_array_append_new(list, json_string(text));
	}
	put(o, "server", list);
	put_secret(o, "secret", r->n_secrets != 0);
	put_int(o, "timeout", r->timeout_s);
	put_int(o, "tries", r->tries);
	put_int(o, "dead-time", r->dead_time_s);
	put_bool(o, "require-message-authenticator",
	    r->require_message_authenticator);
	put_bool(o, "accounting", r->accounting);
	put_int(o, "accounting-interval", r->accounting_interval_s);
	put_text(o, "nas-identifier", r->nas_identifier);
	put_ipv4(o, "nas-address", r->nas_address);
	return o;
}

static json_t *
ppp_json(const struct conf_ppp *p)
{
	json_t *o = json_object();

	put_text(o, "name", p->name);
	put(o, "auth", auth_json(p->auth));
	put_ipv4(o, "local-address", p->local_address);
	put(o, "pool", p->dhcp ? json_string("dhcp") : ranges_json(p));
	put_bool(o, "arp-probe", p->arp_probe);
	put_prefix(o, "ipv6-pool", &p->ipv6_pool);
	put(o, "dns", dns_json(p));
	put(o, "mtu", p->mtu != 0 ? json_integer(p->mtu) : json_string("auto"));
	put_bool(o, "mss-clamp", p->mss_clamp);
	put_rate(o, "rate-up", &p->rate_up);
	put_rate(o, "rate-down", &p->rate_down);
	put_bool(o, "proxy-arp", p->proxy_arp);
	put_int(o, "idle-timeout", p->idle_timeout_s);
	put_int(o, "session-timeout", p->session_timeout_s);
	put_int(o, "lcp-echo-interval", p->lcp_echo_interval_s);
	put_int(o, "lcp-echo-failure", p->lcp_echo_failure);
	put_bool(o, "pppd-prepared", p->pppd_prepared);
	put_bool(o, "one-login-per-user", p->one_login_per_user);
	put_int(o, "max-login-failures", p->max_login_failures);
	put_int(o, "login-failure-time", p->login_failure_time_s);
	put_text(o, "ip-up", p->ip_up);
	put_text(o, "ip-down", p->ip_down);
	if (p->radius.n_servers != 0)
		put(o, "radius", radius_json(&p->radius));
	return o;
}

static json_t *
user_json(const struct conf_user *u)
{
	json_t *o = json_object();

	put_text(o, "name", u->name);
	put_secret(o, "password", u->password != NULL);
	put_secret(o, "nt-hash", u->has_nt_hash);
	if (u->has_address)
		put_ipv4(o, "address", u->address);
	put_prefix(o, "ipv6-prefix", &u->ipv6_prefix);
	if (u->disabled)
		put_bool(o, "disabled", true);
	if (u->max_sessions != 0)
		put_int(o, "max-sessions", u->max_sessions);
	put_rate(o, "rate-up", &u->rate_up);
	put_rate(o, "rate-down", &u->rate_down);
	return o;
}

static json_t *
peer_json(const struct conf *c, const struct conf_peer *p)
{
	json_t *o = json_object();

	put_text(o, "name", p->name);
	put(o, "address",
	    p->any ? json_string("any") : json_address(&p->address));
	put_text(o, "identity", p->identity);
	put_secret(o, "psk", p->psk != NULL);
	if (p->certificate != NULL)
		put(o, "certificate", json_true());
	put_secret(o, "private-key", p->private_key != NULL);
	put_bool(o, "aggressive", p->aggressive);
	put_text(o, "group-id", p->group_id);
	put(o, "keepalive",
	    json_pack("{s:i, s:i}", "interval", (int)p->keepalive.interval_s,
		"count", (int)p->keepalive.count));
	put_text(o, "ppp", c->ppp[p->ppp].name);
	put_int(o, "max-tunnels", p->max_tunnels);
	put_int(o, "max-sessions", p->max_sessions);
	put_secret(o, "tunnel-secret", p->tunnel_secret != NULL);
	put_bool(o, "tunnel-auth", p->tunnel_auth);
	put_bool(o, "hidden-avps", p->hidden_avps);
	put_bool(o, "proxy-authentication", p->proxy_authentication);
	put_int(o, "disconnect-time", p->disconnect_time_s);
	return o;
}

static json_t *
http_json(const struct conf_http *h)
{
	json_t *o = json_object();
	char ip[LNS_ADDR_TEXT], text[LNS_ADDR_TEXT + 10];

	lns_addr_text(&h->listen, ip);
	snprintf(text, sizeof(text),
	    h->listen.family == 6 ? "[%s]:%u" : "%s:%u", ip, h->listen.port);
	put_text(o, "listen", h->path != NULL ? h->path : text);
	put_bool(o, "metrics", h->metrics);
	put_bool(o, "page", h->page);
	return o;
}

static void
put_sections(json_t *o, const struct conf *c)
{
	json_t *ppp = json_array(), *users = json_array(),
	       *peers = json_array();
	size_t i;

	for (i = 0; i < c->n_ppp; i++)
		if (!c->ppp[i].gone)
			(void)json_array_append_new(ppp, ppp_json(&c->ppp[i]));
	for (i = 0; i < c->n_users; i++)
		(void)json_array_append_new(users, user_json(&c->users[i]));
	for (i = 0; i < c->n_peers; i++)
		if (!c->peers[i].gone)
			(void)json_array_append_new(
			    peers, peer_json(c, &c->peers[i]));
	put(o, "ipsec", ipsec_json(c));
	if (c->http.path != NULL || c->http.listen.family != 0)
		put(o, "http", http_json(&c->http));
	put(o, "ppp", ppp);
	put(o, "user", users);
	put(o, "peer", peers);
}

json_t *
ctl_conf_json(const struct conf *c)
{
	json_t *o = json_object(), *listen = json_array();
	size_t i;

	for (i = 0; i < c->n_listen; i++)
		(void)json_array_append_new(
		    listen, json_address(&c->listen[i]));
	put(o, "listen", listen);
	put_text(o, "hostname", c->hostname);
	put_int(o, "max-tunnels", c->max_tunnels);
	put_int(o, "max-half-open", c->max_half_open);
	put_int(o, "receive-window", c->receive_window);
	put_int(o, "retransmissions", c->retransmissions);
	put_bool(o, "trace", c->trace);
	put_bool(o, "keepalive-log", c->keepalive_log);
	put_text(o, "state-dir", c->state_dir);
	put_text(o, "run-dir", c->run_dir);
	put_text(o, "users-file", c->users_file);
	put_sections(o, c);
	return o;
}
