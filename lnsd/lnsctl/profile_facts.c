/* SPDX-License-Identifier: ISC */
/* What a client needs to know, from the configuration; contract in profile.h.
 */

#include "profile.h"

#include <arpa/inet.h>
#include <string.h>

#include "machine.h"
#include "utf8.h"
#include "../conf_value.h"

/* --- names --- */

static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* A host name or an address, IPv6 without brackets. */
static bool
is_server(const char *s)
{
	if (*s == '\0' || strlen(s) > 253 || *s == '-')
		return false;
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789.:-") == strlen(s);
}

/* --- the server --- */

/* Nobody dials it from the Internet. */
static bool
is_private(const struct lns_addr *a)
{
	struct in_addr v4;

	if (a->family != 4)
		return (a->ip[0] & 0xfe) == 0xfc;
	memcpy(&v4, a->ip, sizeof(v4));
	return machine_is_private(v4) || a->ip[0] == 127;
}

static bool
is_any(const struct lns_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip, zero, a->family == 4 ? 4 : 16) == 0;
}

static const struct conf_uplink *
public_uplink(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_uplinks; i++)
		if (conf->uplinks[i].has_public_address)
			return &conf->uplinks[i];
	return NULL;
}

/* The first address of IPv4 that is listened on, else of IPv6; that of the host
 * stands for all.  NULL: not known. */
static const struct lns_addr *
listens_on(const struct conf *conf, const struct profile_host *host)
{
	const struct lns_addr *six = NULL;

	for (size_t i = 0; i < conf->n_listen; i++) {
		const struct lns_addr *a = &conf->listen[i];

		if (is_any(a)) {
			if (host->address.family != a->family)
				continue;
			a = &host->address;
		}
		if (a->family == 4)
			return a;
		if (six == NULL)
			six = a;
	}
	return six;
}

/* What people dial, as far as can be told from inside. */
static bool
guess_server(const struct conf *conf, const struct profile_host *host,
    char buf[256], FILE *say)
{
	const struct conf_uplink *uplink = public_uplink(conf);
	const struct lns_addr *a = listens_on(conf, host);
	char text[LNS_ADDR_TEXT];
	const char *from = "the address that the server listens on";

	if (uplink != NULL) {
		inet_ntop(AF_INET, &uplink->public_address, buf, 256);
		from = "public-address of its uplink";
	} else if (a != NULL && !is_private(a)) {
		snprintf(buf, 256, "%s", lns_addr_text(a, text));
	} else if (host->fqdn != NULL && is_server(host->fqdn)) {
		snprintf(buf, 256, "%s", host->fqdn);
		from = "this machine's name; whether the Internet knows it was "
		       "not looked at";
	} else if (a != NULL) {
		snprintf(buf, 256, "%s", lns_addr_text(a, text));
		from = "a private address, which nobody reaches from outside";
	} else {
		fputs("which name or address people dial is not known here: "
		      "--server NAME\n",
		    say);
		return false;
	}
	fprintf(say, "server %s: %s; --server NAME if people dial another\n",
	    buf, from);
	return true;
}

static bool
find_server(const struct conf *conf, const struct profile_wish *wish,
    const struct profile_host *host, struct profile_store *store,
    struct profile_facts *facts, FILE *say)
{
	const struct lns_addr *a = listens_on(conf, host);

	facts->behind_nat =
	    public_uplink(conf) != NULL || (a != NULL && is_private(a));
	facts->server = store->server;
	if (wish->server == NULL)
		return guess_server(conf, host, store->server, say);
	if (!is_server(wish->server)) {
		fputs("--server: no host name or address\n", say);
		return false;
	}
	snprintf(store->server, sizeof(store->server), "%s", wish->server);
	return true;
}

/* --- the peer --- */

static const struct conf_peer *
choose_peer(const struct conf *conf, const char *name, FILE *say)
{
	const struct conf_peer *any = NULL;
	size_t i;

	for (i = 0; i < conf->n_peers; i++) {
		if (name != NULL && strcmp(conf->peers[i].name, name) == 0)
			return &conf->peers[i];
		if (conf->peers[i].any || conf->n_peers == 1)
			any = &conf->peers[i];
	}
	if (name == NULL && any != NULL)
		return any;
	if (name != NULL)
		fprintf(say, "no peer \"%s\"; there is", name);
	else
		fputs(
		    "each peer has its own address: --peer NAME, one of", say);
	for (i = 0; i < conf->n_peers; i++)
		fprintf(
		    say, "%s \"%s\"", i > 0 ? "," : "", conf->peers[i].name);
	fputc('\n', say);
	return NULL;
}

static bool
needs_psk(enum profile_platform p)
{
	return p != PROFILE_WINDOWS && p != PROFILE_NETWORKMANAGER;
}

static bool
find_ipsec(const struct conf *conf, const struct conf_peer *peer,
    const struct profile_wish *wish, struct profile_facts *facts, FILE *say)
{
	if (conf->ipsec.mode == CONF_IPSEC_OFF) {
		fputs("mode = off: without IPsec none of these clients "
		      "connects\n",
		    say);
		return false;
	}
	facts->proposals = conf->ipsec.proposals;
	facts->psk = peer->psk;
	if (peer->psk == NULL && needs_psk(wish->platform)) {
		fprintf(say,
		    "peer \"%s\" has a certificate and no psk: this client "
		    "cannot be given a profile for that, see clients.md\n",
		    peer->name);
		return false;
	}
	if (peer->psk == NULL && wish->platform == PROFILE_NETWORKMANAGER &&
	    wish->pkcs12 == NULL) {
		fprintf(say,
		    "peer \"%s\" has a certificate and no psk: --pkcs12 FILE, "
		    "the client's certificate and key on the client\n",
		    peer->name);
		return false;
	}
	facts->pkcs12 = wish->pkcs12;
	/* Only these two can have other octets. */
	if (peer->psk != NULL && !utf8_is_valid(peer->psk) &&
	    wish->platform != PROFILE_NETWORKMANAGER &&
	    wish->platform != PROFILE_IOS && wish->platform != PROFILE_MACOS) {
		fputs("the pre-shared key is not UTF-8, which this client "
		      "cannot be told\n",
		    say);
		return false;
	}
	return true;
}

/* --- the user --- */

static const struct conf_user *
search(const struct conf_user *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

static const struct conf_user *
lookup(
    const struct conf *conf, const struct conf_users *users, const char *name)
{
	const struct conf_user *u = search(conf->users, conf->n_users, name);

	if (u == NULL && users != NULL)
		u = search(users->list, users->n, name);
	return u;
}

static const char *
password_of(const struct conf_user *user, FILE *say)
{
	if (user->disabled)
		fputs("warning: the user is disabled\n", say);
	if (user->password == NULL) {
		fputs("only the hash of the password is known: the client "
		      "asks for it\n",
		    say);
		return NULL;
	}
	if (!utf8_is_valid(user->password)) {
		fputs("the password is not UTF-8 and is left out: the client "
		      "asks for it\n",
		    say);
		return NULL;
	}
	return user->password;
}

static bool
find_user(const struct conf *conf, const struct conf_users *users,
    const struct conf_ppp *ppp, const struct profile_wish *wish,
    struct profile_facts *facts, FILE *say)
{
	const struct conf_user *user = lookup(conf, users, wish->user);

	facts->user = wish->user;
	facts->password = NULL;
	if (strcmp(wish->user, CONF_ANY_USER) == 0 || *wish->user == '\0' ||
	    !is_plain(wish->user) || !utf8_is_valid(wish->user)) {
		fputs("a user's own name is needed\n", say);
		return false;
	}
	if (user == NULL)
		user = lookup(conf, users, CONF_ANY_USER);
	if (user != NULL) {
		if (!wish->no_password)
			facts->password = password_of(user, say);
		return true;
	}
	if (ppp->radius.n_servers == 0) {
		fprintf(
		    say, "no user \"%s\" in the configuration\n", wish->user);
		return false;
	}
	fprintf(say,
	    "RADIUS knows \"%s\" or not: the client asks for the password\n",
	    wish->user);
	return true;
}

/* --- the rest --- */

static bool
find_routes(const struct profile_wish *wish, struct profile_store *store,
    struct profile_facts *facts, FILE *say)
{
	const char *s = wish->routes;
	char item[32];
	size_t len;

	facts->all_traffic = wish->routes == NULL;
	facts->routes = store->routes;
	facts->n_routes = 0;
	if (wish->routes != NULL && wish->all_traffic) {
		fputs("--all-traffic and --routes are a contradiction\n", say);
		return false;
	}
	if (s != NULL && *s == '\0') {
		fputs("--routes: none is given\n", say);
		return false;
	}
	for (; s != NULL && *s != '\0'; s += len + (s[len] == ',')) {
		const char *problem;

		len = strcspn(s, ",");
		snprintf(item, sizeof(item), "%.*s", (int)len, s);
		if (facts->n_routes == PROFILE_ROUTES) {
			fprintf(
			    say, "--routes: more than %d\n", PROFILE_ROUTES);
			return false;
		}
		problem =
		    conf_parse_network(item, &store->routes[facts->n_routes]);
		if (problem != NULL || len >= sizeof(item)) {
			fprintf(say, "--routes: '%s' %s\n", item,
			    problem != NULL ? problem : "is no network");
			return false;
		}
		facts->n_routes++;
	}
	return true;
}

static unsigned int
best_auth(unsigned int auth)
{
	if ((auth & CONF_AUTH_MSCHAPV2) != 0)
		return CONF_AUTH_MSCHAPV2;
	return (auth & CONF_AUTH_CHAP) != 0 ? CONF_AUTH_CHAP : CONF_AUTH_PAP;
}

static bool
find_name(const struct profile_wish *wish, struct profile_store *store,
    struct profile_facts *facts, FILE *say)
{
	facts->name = store->name;
	if (wish->name == NULL) {
		snprintf(
		    store->name, sizeof(store->name), "VPN %s", facts->server);
		return true;
	}
	if (*wish->name == '\0' || strlen(wish->name) > 255 ||
	    !is_plain(wish->name) || !utf8_is_valid(wish->name)) {
		fputs("--name: 1 to 255 octets of UTF-8, without control "
		      "characters\n",
		    say);
		return false;
	}
	snprintf(store->name, sizeof(store->name), "%s", wish->name);
	return true;
}

bool
profile_facts(const struct conf *conf, const struct conf_users *users,
    const struct profile_wish *wish, const struct profile_host *host,
    struct profile_store *store, struct profile_facts *facts, FILE *say)
{
	const struct conf_peer *peer = choose_peer(conf, wish->peer, say);
	const struct conf_ppp *ppp;

	memset(facts, 0, sizeof(*facts));
	if (peer == NULL || !find_ipsec(conf, peer, wish, facts, say))
		return false;
	ppp = &conf->ppp[peer->ppp];
	facts->auth = best_auth(ppp->auth);
	facts->mtu = ppp->mtu;
	facts->ipv6 = ppp->ipv6_pool.len > 0;
	return find_user(conf, users, ppp, wish, facts, say) &&
	       find_routes(wish, store, facts, say) &&
	       find_server(conf, wish, host, store, facts, say) &&
	       find_name(wish, store, facts, say);
}
