/* SPDX-License-Identifier: ISC */
/* Every key of lnsd.conf(5): its place, its range, and how it is understood. */
#include "conf_check.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "conf_value.h"
#include "log.h"

#define YEAR_S 31536000u
#define DAY_S 86400u

static void *
field(void *obj, const struct conf_entry *e)
{
	return (char *)obj + e->key->at;
}

static const char *
text_of(const struct conf_entry *e)
{
	return e->values[0].text;
}

static void
replace(char **to, const char *text)
{
	conf_wipe(*to);
	*to = conf_strdup(text);
}

static void
set_number(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	if (!conf_parse_number(
		text_of(e), e->key->min, e->key->max, field(obj, e)))
		conf_mistake(c, node, e->line,
		    "%s: '%.64s' is not a number from %u to %u", e->key->name,
		    text_of(e), e->key->min, e->key->max);
}

static void
set_rate(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_rate *rate = field(obj, e);

	rate->given = conf_parse_rate(text_of(e), &rate->kbit);
	if (!rate->given)
		conf_wrong(c, node, e, 0,
		    "is neither 0 nor a number of kbit/s from 8 to 10000000, "
		    "nor one with k or M behind it");
}

static void
set_mtu(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	if (strcmp(text_of(e), "auto") == 0)
		*(unsigned int *)field(obj, e) = 0;
	else
		set_number(c, node, e, obj);
}

static void
set_bool(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	if (!conf_parse_bool(text_of(e), field(obj, e)))
		conf_wrong(c, node, e, 0, "is neither yes nor no");
}

static void
set_dir(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *problem = conf_check_dir(text_of(e));

	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
	replace(field(obj, e), text_of(e));
}

static void
set_program(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *problem = conf_check_program(text_of(e));

	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
	replace(field(obj, e), text_of(e));
}

/* The daemon has another working directory when it reads it again. */
static void
set_users_file(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *slash = strrchr(c->path, '/');
	char **path = field(obj, e);
	char *dir, *up;

	if (text_of(e)[0] == '/') {
		replace(path, text_of(e));
		return;
	}
	up = slash == NULL ? conf_strdup(".") : conf_strdup(c->path);
	if (slash != NULL)
		up[slash - c->path] = '\0';
	dir = realpath(*up == '\0' ? "/" : up, NULL);
	conf_wipe(*path);
	*path = NULL;
	if (dir == NULL || asprintf(path, "%s/%s", dir, text_of(e)) < 0)
		conf_wrong(c, node, e, 0, "cannot be found");
	free(dir);
	free(up);
}

static void
set_hostname(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *problem = conf_check_name(text_of(e), false);

	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
	replace(field(obj, e), text_of(e));
}

static void
set_address(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *problem = conf_parse_address(text_of(e), field(obj, e));

	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
}

/* Also "0.0.0.0" and "::", which stand for every address of their family. */
static const char *
parse_listen(const struct conf *conf, const char *text, struct lns_addr *out)
{
	struct lns_addr a = { 0 }, all = { 0 };
	const char *problem = NULL;

	if (strcmp(text, "any") == 0)
		return "leaves nothing for the others";
	if (strcmp(text, "0.0.0.0") == 0)
		a.family = 4;
	else if (strcmp(text, "::") == 0)
		a.family = 6;
	else
		problem = conf_parse_host(text, &a);
	if (problem != NULL)
		return problem;
	all.family = a.family;
	for (size_t i = 0; i < conf->n_listen; i++) {
		const struct lns_addr *other = &conf->listen[i];

		if (lns_same_ip(other, &a))
			return "is given twice";
		if (other->family == a.family &&
		    (lns_same_ip(other, &all) || lns_same_ip(&a, &all)))
			return a.family == 4 ? "and \"0.0.0.0\" cannot both be "
					       "listened on"
					     : "and \"::\" cannot both be "
					       "listened on";
	}
	*out = a;
	return NULL;
}

static void
set_listen(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf *conf = obj;

	if (e->n_values == 0)
		conf_empty_list(c, node, e);
	free(conf->listen);
	conf->listen = NULL;
	conf->n_listen = 0;
	if (e->n_values == 1 && strcmp(text_of(e), "any") == 0) {
		conf->listen = calloc(2, sizeof(*conf->listen));
		if (conf->listen == NULL)
			fatal("conf", "memory");
		conf->listen[0].family = 4;
		conf->listen[1].family = 6;
		conf->n_listen = 2;
		return;
	}
	for (size_t i = 0; i < e->n_values; i++) {
		struct lns_addr a;
		const char *problem = parse_listen(conf, e->values[i].text, &a);

		if (problem != NULL) {
			conf_wrong(c, node, e, i, problem);
			continue;
		}
		conf->listen = conf_grow(
		    conf->listen, &conf->n_listen, sizeof(*conf->listen));
		conf->listen[conf->n_listen - 1] = a;
	}
}

static void
take_secret(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, const char *secret, void *obj)
{
	const char *problem = conf_check_secret(secret);

	if (problem != NULL)
		conf_mistake(c, node, e->line, "%s: the secret %s",
		    e->key->name, problem);
	replace(field(obj, e), secret);
}

static void
set_secret(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	take_secret(c, node, e, text_of(e), obj);
}

static void
set_secret_file(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	char problem[128];
	char *secret = conf_read_secret(c->path, text_of(e), problem);

	if (secret == NULL)
		conf_mistake(c, node, e->line, "%s '%.255s': %s", e->key->name,
		    text_of(e), problem);
	else
		take_secret(c, node, e, secret, obj);
	conf_wipe(secret);
}

static void
read_pem(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj, bool private)
{
	char problem[128];
	char *text = conf_read_file(c->path, text_of(e), private, problem);

	if (text == NULL)
		conf_mistake(c, node, e->line, "%s '%.255s': %s", e->key->name,
		    text_of(e), problem);
	else
		replace(field(obj, e), text);
	conf_wipe(text);
}

static void
set_pem_file(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	read_pem(c, node, e, obj, false);
}

static void
set_private_pem_file(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	read_pem(c, node, e, obj, true);
}

static void
set_identity(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *problem = conf_check_identity(text_of(e));

	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
	replace(field(obj, e), text_of(e));
}

static void
set_nt_hash(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_user *user = obj;

	user->has_nt_hash =
	    conf_parse_hex(text_of(e), user->nt_hash, sizeof(user->nt_hash));
	if (!user->has_nt_hash)
		conf_mistake(c, node, e->line,
		    "%s: must be 32 hexadecimal digits", e->key->name);
}

static void
set_user_address(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_user *user = obj;
	const char *problem = conf_parse_address(text_of(e), &user->address);

	user->has_address = problem == NULL;
	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
}

static void
set_public_address(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_uplink *uplink = obj;
	const char *problem =
	    conf_parse_address(text_of(e), &uplink->public_address);

	uplink->has_public_address = problem == NULL;
	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
}

static void
set_peer_address(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_peer *peer = obj;
	const char *problem;

	peer->any = strcmp(text_of(e), "any") == 0;
	if (peer->any)
		return;
	problem = conf_parse_host(text_of(e), &peer->address);
	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
}

static void
set_ppp(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_peer *peer = obj;

	if (!conf_find(&c->ppp, text_of(e), &peer->ppp) && c->whole)
		conf_wrong(c, node, e, 0, "is not the name of a ppp section");
}

/* conf.c applies it: here only whether it can. */
static void
set_template(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	size_t n;

	(void)obj;
	if (!conf_find(&c->templates, text_of(e), &n) && c->whole)
		conf_wrong(
		    c, node, e, 0, "is not the name of a template section");
}

void
conf_apply(struct conf_check *c, const struct conf_node *node, void *obj)
{
	for (size_t i = 0; i < node->n_entries; i++) {
		const struct conf_entry *e = &node->entries[i];

		if (e->key->set != NULL)
			e->key->set(c, node, e, obj);
	}
}

/* clang-format off */
#define VALUE(name, set, field) { name, 0, NULL, set, field, 0, 0 }
#define NUMBER(name, field, min, max) \
	{ name, 0, NULL, set_number, field, min, max }
#define LIST(name, set, field) { name, CONF_KEY_LIST, NULL, set, field, 0, 0 }
#define SECRET(name, set, field) \
	{ name, CONF_KEY_SECRET, NULL, set, field, 0, 0 }
#define SECRETS(name, set, field) \
	{ name, CONF_KEY_LIST | CONF_KEY_SECRET, NULL, set, field, 0, 0 }
#define SECTION(name, kind) { name, 0, kind, NULL, 0, 0, 0 }
#define KIND(name, titled, keys) { name, titled, keys, nitems(keys) }
/* clang-format on */

#define AT_CONF(f) offsetof(struct conf, f)
#define AT_UPLINK(f) offsetof(struct conf_uplink, f)
#define AT_HTTP(f) offsetof(struct conf_http, f)
#define AT_PPP(f) offsetof(struct conf_ppp, f)
#define AT_RADIUS(f) offsetof(struct conf_radius, f)
#define AT_USER(f) offsetof(struct conf_user, f)
#define AT_PEER(f) offsetof(struct conf_peer, f)
#define AT_KEEPALIVE(f) offsetof(struct conf_keepalive, f)

static const struct conf_key uplink_keys[] = {
	NUMBER("fwmark", AT_UPLINK(fwmark), 1, UINT_MAX),
	VALUE("public-address", set_public_address, 0),
};
static const struct conf_kind uplink_kind = KIND("uplink", true, uplink_keys);

static const struct conf_key ipsec_keys[] = {
	VALUE("mode", conf_set_ipsec_mode, AT_CONF(ipsec.mode)),
	VALUE("proposals", conf_set_proposals, AT_CONF(ipsec.proposals)),
	NUMBER("dpd-delay", AT_CONF(ipsec.dpd_delay_s), 1, 3600),
	NUMBER("dpd-timeout", AT_CONF(ipsec.dpd_timeout_s), 1, 86400),
	VALUE("rekey", set_bool, AT_CONF(ipsec.rekey)),
	NUMBER("ike-lifetime", AT_CONF(ipsec.ike_lifetime_s), 60, 86400),
	NUMBER("sa-lifetime", AT_CONF(ipsec.sa_lifetime_s), 60, 86400),
	VALUE(
	    "client-range", conf_set_client_range, AT_CONF(ipsec.client_range)),
	VALUE("log", conf_set_ipsec_log, AT_CONF(ipsec.log)),
	VALUE("log-level", conf_set_ipsec_log_level, AT_CONF(ipsec.log_level)),
};
static const struct conf_kind ipsec_kind = KIND("ipsec", false, ipsec_keys);

static const struct conf_key http_keys[] = {
	VALUE("listen", conf_set_http_listen, 0),
	VALUE("metrics", set_bool, AT_HTTP(metrics)),
	VALUE("page", set_bool, AT_HTTP(page)),
};
static const struct conf_kind http_kind = KIND("http", false, http_keys);

static const struct conf_key radius_keys[] = {
	LIST("server", conf_set_radius_server, 0),
	SECRETS("secret", conf_set_radius_secret, 0),
	LIST("secret-file", conf_set_radius_secret_file, 0),
	NUMBER("timeout", AT_RADIUS(timeout_s), 1, 10),
	NUMBER("tries", AT_RADIUS(tries), 1, 10),
	NUMBER("dead-time", AT_RADIUS(dead_time_s), 0, DAY_S),
	VALUE("require-message-authenticator", set_bool,
	    AT_RADIUS(require_message_authenticator)),
	VALUE("coa-listen", conf_set_radius_coa, AT_RADIUS(coa_listen)),
	VALUE("nas-identifier", set_hostname, AT_RADIUS(nas_identifier)),
	VALUE("nas-address", set_address, AT_RADIUS(nas_address)),
	VALUE("accounting", set_bool, AT_RADIUS(accounting)),
	NUMBER("accounting-port", AT_RADIUS(accounting_port), 1, 65535),
	VALUE("accounting-interval", conf_set_radius_interval,
	    AT_RADIUS(accounting_interval_s)),
};
static const struct conf_kind radius_kind = KIND("radius", false, radius_keys);

static const struct conf_key ppp_keys[] = {
	LIST("auth", conf_set_auth, 0),
	VALUE("local-address", set_address, AT_PPP(local_address)),
	LIST("pool", conf_set_pool, 0),
	VALUE("arp-probe", set_bool, AT_PPP(arp_probe)),
	VALUE("ipv6-pool", conf_set_ipv6_pool, 0),
	LIST("dns", conf_set_dns, 0),
	LIST("wins", conf_set_wins, 0),
	{ "mtu", 0, NULL, set_mtu, AT_PPP(mtu), 576, 1500 },
	VALUE("mss-clamp", set_bool, AT_PPP(mss_clamp)),
	VALUE("rate-up", set_rate, AT_PPP(rate_up)),
	VALUE("rate-down", set_rate, AT_PPP(rate_down)),
	VALUE("proxy-arp", set_bool, AT_PPP(proxy_arp)),
	NUMBER("idle-timeout", AT_PPP(idle_timeout_s), 0, YEAR_S),
	NUMBER("session-timeout", AT_PPP(session_timeout_s), 0, YEAR_S),
	NUMBER("lcp-echo-interval", AT_PPP(lcp_echo_interval_s), 0, 3600),
	NUMBER("lcp-echo-failure", AT_PPP(lcp_echo_failure), 1, 100),
	VALUE("scripts", set_bool, AT_PPP(scripts)),
	VALUE("ip-up", set_program, AT_PPP(ip_up)),
	VALUE("ip-down", set_program, AT_PPP(ip_down)),
	LIST("pppd-options", conf_set_pppd_options, AT_PPP(pppd_options)),
	VALUE("pppd-prepared", set_bool, AT_PPP(pppd_prepared)),
	VALUE("one-login-per-user", set_bool, AT_PPP(one_login_per_user)),
	NUMBER("max-login-failures", AT_PPP(max_login_failures), 0, 65535),
	NUMBER("login-failure-time", AT_PPP(login_failure_time_s), 1, DAY_S),
	SECTION("radius", &radius_kind),
};
static const struct conf_kind ppp_kind = KIND("ppp", true, ppp_keys);

static const struct conf_key user_keys[] = {
	SECRET("password", set_secret, AT_USER(password)),
	VALUE("password-file", set_secret_file, AT_USER(password)),
	SECRET("nt-hash", set_nt_hash, AT_USER(nt_hash)),
	VALUE("address", set_user_address, AT_USER(address)),
	VALUE("ipv6-prefix", conf_set_ipv6_prefix, 0),
	LIST("routes", conf_set_routes, AT_USER(routes)),
	VALUE("rate-up", set_rate, AT_USER(rate_up)),
	VALUE("rate-down", set_rate, AT_USER(rate_down)),
	VALUE("disabled", set_bool, AT_USER(disabled)),
	NUMBER("max-sessions", AT_USER(max_sessions), 0, 65535),
};
static const struct conf_kind user_kind = KIND("user", true, user_keys);

static const struct conf_key keepalive_keys[] = {
	NUMBER("interval", AT_KEEPALIVE(interval_s), 0, 3600),
	NUMBER("count", AT_KEEPALIVE(count), 1, 100),
};
static const struct conf_kind keepalive_kind =
    KIND("keepalive", false, keepalive_keys);

/* What a template and a peer have in common. */
#define PEER_KEYS                                                          \
	SECRET("psk", set_secret, AT_PEER(psk)),                           \
	    VALUE("psk-file", set_secret_file, AT_PEER(psk)),              \
	    VALUE("certificate-file", set_pem_file, AT_PEER(certificate)), \
	    VALUE("private-key-file", set_private_pem_file,                \
		AT_PEER(private_key)),                                     \
	    VALUE("ca-file", set_pem_file, AT_PEER(ca)),                   \
	    VALUE("aggressive", set_bool, AT_PEER(aggressive)),            \
	    VALUE("group-id", set_identity, AT_PEER(group_id)),            \
	    VALUE("ppp", set_ppp, AT_PEER(ppp)),                           \
	    NUMBER("max-tunnels", AT_PEER(max_tunnels), 0, 65535),         \
	    NUMBER("max-sessions", AT_PEER(max_sessions), 0, 65535),       \
	    SECTION("keepalive", &keepalive_kind),                         \
	    SECRET("tunnel-secret", set_secret, AT_PEER(tunnel_secret)),   \
	    VALUE("tunnel-secret-file", set_secret_file,                   \
		AT_PEER(tunnel_secret)),                                   \
	    VALUE("tunnel-auth", set_bool, AT_PEER(tunnel_auth)),          \
	    VALUE("hidden-avps", set_bool, AT_PEER(hidden_avps)),          \
	    VALUE("proxy-authentication", set_bool,                        \
		AT_PEER(proxy_authentication)),                            \
	    NUMBER("disconnect-time", AT_PEER(disconnect_time_s), 0, YEAR_S)

static const struct conf_key template_keys[] = {
	PEER_KEYS,
};
static const struct conf_kind template_kind =
    KIND("template", true, template_keys);

static const struct conf_key peer_keys[] = {
	VALUE("address", set_peer_address, AT_PEER(address)),
	VALUE("identity", set_identity, AT_PEER(identity)),
	VALUE("template", set_template, 0),
	PEER_KEYS,
};
static const struct conf_kind peer_kind = KIND("peer", true, peer_keys);

static const struct conf_key root_keys[] = {
	LIST("listen", set_listen, AT_CONF(listen)),
	VALUE("hostname", set_hostname, AT_CONF(hostname)),
	NUMBER("max-tunnels", AT_CONF(max_tunnels), 0, 65535),
	NUMBER("max-half-open", AT_CONF(max_half_open), 1, 65535),
	NUMBER("receive-window", AT_CONF(receive_window), 1, 64),
	NUMBER("retransmissions", AT_CONF(retransmissions), 1, 20),
	VALUE("trace", set_bool, AT_CONF(trace)),
	VALUE("keepalive-log", set_bool, AT_CONF(keepalive_log)),
	VALUE("state-dir", set_dir, AT_CONF(state_dir)),
	VALUE("run-dir", set_dir, AT_CONF(run_dir)),
	VALUE("users-file", set_users_file, AT_CONF(users_file)),
	SECTION("uplink", &uplink_kind),
	SECTION("ipsec", &ipsec_kind),
	SECTION("http", &http_kind),
	SECTION("ppp", &ppp_kind),
	SECTION("user", &user_kind),
	SECTION("template", &template_kind),
	SECTION("peer", &peer_kind),
};
static const struct conf_key users_keys[] = {
	SECTION("user", &user_kind),
};
const struct conf_kind conf_kind_users = KIND("", false, users_keys);

const struct conf_kind conf_kind_root = KIND("", false, root_keys);
