/* SPDX-License-Identifier: ISC */
/* The radius block of a profile. */
#include "conf_check.h"

#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "conf_value.h"

#define RADIUS_PORT 1812 /* RFC 2865 3 */
#define COA_PORT 3799	 /* RFC 5176 6 */

static const struct conf_radius defaults = {
	.timeout_s = 2,
	.tries = 3,
	.dead_time_s = 60,
	.require_message_authenticator = true,
};

static bool
split(const char *text, char host[LNS_ADDR_TEXT], const char **port)
{
	const bool v6 = text[0] == '[';
	const char *end = v6 ? strchr(text, ']') : strchr(text, ':');
	size_t len;

	text += v6;
	if (end == NULL && v6)
		return false;
	len = end == NULL ? strlen(text) : (size_t)(end - text);
	if (len >= LNS_ADDR_TEXT)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (end != NULL && v6)
		end++;
	*port = end == NULL || *end == '\0' ? NULL : end + 1;
	return end == NULL || *end == '\0' || *end == ':';
}

/* Addresses that servers cannot have, but this machine can. */
static bool
is_local(const char *host, struct lns_addr *out)
{
	struct in6_addr six;
	struct in_addr four;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, host, &four) == 1 &&
	    (four.s_addr == htonl(INADDR_ANY) ||
		ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET)) {
		out->family = 4;
		memcpy(out->ip, &four, sizeof(four));
	} else if (inet_pton(AF_INET6, host, &six) == 1 &&
		   (IN6_IS_ADDR_UNSPECIFIED(&six) ||
		       IN6_IS_ADDR_LOOPBACK(&six))) {
		out->family = 6;
		memcpy(out->ip, &six, sizeof(six));
	}
	return out->family != 0;
}

const char *
conf_parse_endpoint(const char *text, unsigned int port, struct lns_addr *out)
{
	const char *digits, *problem;
	char host[LNS_ADDR_TEXT];

	if (!split(text, host, &digits) ||
	    (digits != NULL && !conf_parse_number(digits, 1, 65535, &port)))
		return "is not an address and port like 192.0.2.1:1812 or "
		       "[2001:db8::1]:1812";
	if (!is_local(host, out)) {
		problem = conf_parse_host(host, out);
		if (problem != NULL)
			return problem;
	}
	out->port = (uint16_t)port;
	return NULL;
}

static bool
is_nowhere(const struct lns_addr *a)
{
	const struct lns_addr all = { .family = a->family };

	return lns_same_ip(a, &all);
}

void
conf_set_radius_server(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_radius *r = obj;
	size_t i;

	r->n_servers = 0;
	if (e->n_values == 0)
		conf_mistake(
		    c, node, e->line, "%s: the list is empty", e->key->name);
	for (i = 0; i < e->n_values; i++) {
		struct lns_addr a = { 0 };
		const char *problem =
		    conf_parse_endpoint(e->values[i].text, RADIUS_PORT, &a);

		if (problem == NULL && is_nowhere(&a))
			problem = "is not the address of a server";
		if (problem == NULL && r->n_servers == CONF_RADIUS_SERVERS)
			problem = "is one too many: there can be four";
		if (problem != NULL)
			conf_wrong(c, node, e, i, problem);
		if (r->n_servers < CONF_RADIUS_SERVERS)
			r->servers[r->n_servers++] = a;
	}
}

static void
forget_secrets(struct conf_radius *r)
{
	size_t i;

	for (i = 0; i < r->n_secrets; i++)
		conf_wipe(r->secrets[i]);
	memset(r->secrets, 0, sizeof(r->secrets));
	r->n_secrets = 0;
}

static void
add_secret(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, size_t value, const char *secret,
    struct conf_radius *r)
{
	const char *problem = conf_check_secret(secret);

	if (problem != NULL)
		conf_mistake(c, node, e->values[value].line,
		    "%s: the secret %s", e->key->name, problem);
	if (r->n_secrets < CONF_RADIUS_SERVERS)
		r->secrets[r->n_secrets++] = conf_strdup(secret);
}

void
conf_set_radius_secret(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	size_t i;

	forget_secrets(obj);
	for (i = 0; i < e->n_values; i++)
		add_secret(c, node, e, i, e->values[i].text, obj);
}

void
conf_set_radius_secret_file(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	size_t i;

	forget_secrets(obj);
	for (i = 0; i < e->n_values; i++) {
		const char *path = e->values[i].text;
		char problem[128];
		char *secret = conf_read_secret(c->path, path, problem);

		if (secret == NULL)
			conf_mistake(c, node, e->values[i].line,
			    "%s '%.255s': %s", e->key->name, path, problem);
		add_secret(
		    c, node, e, i, secret != NULL ? secret : "unread", obj);
		conf_wipe(secret);
	}
}

/* The minute of RFC 2869 5.16 is the least that a server may ask for; what is
 * configured here costs nobody else. */
void
conf_set_radius_interval(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_radius *r = obj;
	const char *text = e->values[0].text;

	if (strcmp(text, "0") == 0)
		r->accounting_interval_s = 0;
	else if (!conf_parse_number(text, 5, 86400, &r->accounting_interval_s))
		conf_wrong(
		    c, node, e, 0, "is neither 0 nor a number from 5 to 86400");
}

void
conf_set_radius_coa(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_radius *r = obj;
	const char *problem =
	    conf_parse_endpoint(e->values[0].text, COA_PORT, &r->coa_listen);

	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
}

static void
missing(struct conf_check *c, const struct conf_node *node, const char *what)
{
	if (c->whole)
		conf_mistake(c, node, node->line, "%s", what);
}

static void
take_block(
    struct conf_check *c, const struct conf_node *node, struct conf_radius *r)
{
	*r = defaults;
	conf_apply(c, node, r);
	if (conf_node_entry(node, "server") == NULL)
		missing(c, node, "server is not given");
	else if (r->n_secrets == 0)
		missing(c, node, "neither secret nor secret-file is given");
	else if (r->n_secrets != 1 && r->n_secrets != r->n_servers)
		missing(c, node,
		    "there must be one secret, or as many as there are "
		    "servers");
	while (r->n_secrets > 0 && r->n_secrets < r->n_servers)
		r->secrets[r->n_secrets++] = conf_strdup(r->secrets[0]);
}

void
conf_take_radius(struct conf_check *c, const struct conf_node *profile,
    struct conf_radius *r)
{
	size_t i;

	for (i = 0; i < profile->n_subs; i++) {
		if (strcmp(profile->subs[i]->kind->name, "radius") != 0)
			continue;
		/* A second one is a mistake, told by others. */
		conf_free_radius(r);
		take_block(c, profile->subs[i], r);
	}
}

void
conf_free_radius(struct conf_radius *r)
{
	forget_secrets(r);
	conf_wipe(r->nas_identifier);
	r->nas_identifier = NULL;
}
