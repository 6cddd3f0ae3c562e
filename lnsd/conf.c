/* SPDX-License-Identifier: ISC */
/*
 * Reading the configuration: file -> prepared text (conf_text.c) -> tree of
 * named values (conf_tree.c, libconfuse) -> struct conf (conf_keys.c), and
 * what has to hold between values (conf_cross.c).  Every step adds its mistakes
 * to one list, so that all are told at once.
 */
#include "conf.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_check.h"
#include "conf_value.h"
#include "log.h"

#define FILE_MAX (16 << 20)

static const struct conf_ppp ppp_defaults = {
	.auth = CONF_AUTH_MSCHAPV2,
	.mtu = 1280,
	.mss_clamp = true,
	.proxy_arp = true,
	.pppd_prepared = true,
	.lcp_echo_interval_s = 30,
	.lcp_echo_failure = 4,
	.max_login_failures = 10,
	.login_failure_time_s = 60,
};

static const struct conf_keepalive keepalive_defaults = {
	.interval_s = 10,
	.count = 6,
};

static struct conf *
conf_new(void)
{
	struct conf *conf = calloc(1, sizeof(*conf));

	if (conf == NULL)
		fatal("conf", "memory");
	conf->self = conf;
	for (uint8_t family = 4; family <= 6; family += 2) {
		conf->listen = conf_grow(
		    conf->listen, &conf->n_listen, sizeof(*conf->listen));
		conf->listen[conf->n_listen - 1] =
		    (struct lns_addr){ .family = family };
	}
	conf->hostname = conf_strdup("vpn");
	conf->max_half_open = 1000;
	conf->receive_window = 8;
	conf->retransmissions = 5;
	conf->state_dir = conf_strdup("/var/lib/lnsd");
	conf->run_dir = conf_strdup("/run/lnsd");
	conf->ipsec.dpd_delay_s = 30;
	conf->ipsec.dpd_timeout_s = 120;
	conf->ipsec.ike_lifetime_s = conf->ipsec.sa_lifetime_s = 86400;
	conf->ipsec.client_range.s_addr = htonl(0xf0010000); /* 240.1.0.0 */
	return conf;
}

static void
free_peer(struct conf_peer *peer)
{
	free(peer->name);
	free(peer->identity);
	free(peer->group_id);
	conf_wipe(peer->psk);
	conf_wipe(peer->tunnel_secret);
	conf_wipe(peer->certificate);
	conf_wipe(peer->private_key);
	conf_wipe(peer->ca);
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	if (conf->holders > 0) {
		conf->holders--;
		return;
	}
	for (size_t i = 0; i < conf->n_ppp; i++) {
		free(conf->ppp[i].name);
		free(conf->ppp[i].pool);
		free(conf->ppp[i].ip_up);
		free(conf->ppp[i].ip_down);
		for (size_t j = 0; j < conf->ppp[i].n_pppd_options; j++)
			free(conf->ppp[i].pppd_options[j]);
		free(conf->ppp[i].pppd_options);
		conf_free_radius(&conf->ppp[i].radius);
	}
	for (size_t i = 0; i < conf->n_users; i++)
		conf_free_user(&conf->users[i]);
	for (size_t i = 0; i < conf->n_peers; i++)
		free_peer(&conf->peers[i]);
	for (size_t i = 0; i < conf->n_warnings; i++)
		free(conf->warnings[i]);
	free(conf->warnings);
	free(conf->uplinks);
	free(conf->ppp);
	free(conf->users);
	free(conf->users_file);
	free(conf->peers);
	free(conf->listen);
	free(conf->hostname);
	free(conf->state_dir);
	free(conf->run_dir);
	free(conf->ipsec.log);
	free(conf->http.path);
	free(conf);
}

struct conf *
conf_hold(const struct conf *conf)
{
	if (conf->self != NULL)
		conf->self->holders++;
	return conf->self;
}

void
conf_mistake(struct conf_check *c, const struct conf_node *node, int line,
    const char *fmt, ...)
{
	char where[CONF_WHERE], *text;
	va_list ap;
	int rc;

	if (c->quiet)
		return;
	va_start(ap, fmt);
	rc = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (rc < 0)
		fatal("conf", "mistakes");
	conf_error(c->errors, line, "%s%s", conf_node_where(node, where), text);
	free(text);
}

void
conf_wrong(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, size_t value, const char *problem)
{
	conf_mistake(c, node, e->values[value].line, "%s: '%.64s' %s",
	    e->key->name, e->values[value].text, problem);
}

void
conf_empty_list(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e)
{
	conf_mistake(c, node, e->line, "%s: the list is empty", e->key->name);
}

void
conf_warning(struct conf_check *c, const struct conf_node *node, int line,
    const char *fmt, ...)
{
	char where[CONF_WHERE], *text, *whole;
	struct conf *conf = c->conf;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (rc < 0 || asprintf(&whole, "%s:%d: warning: %s%s", c->path, line,
			  conf_node_where(node, where), text) < 0)
		fatal("conf", "memory");
	free(text);
	for (size_t i = 0; i < conf->n_warnings; i++)
		if (strcmp(conf->warnings[i], whole) == 0) {
			free(whole);
			return;
		}
	conf->warnings = conf_grow(
	    conf->warnings, &conf->n_warnings, sizeof(*conf->warnings));
	conf->warnings[conf->n_warnings - 1] = whole;
}

bool
conf_find(const struct conf_nodes *nodes, const char *title, size_t *n)
{
	for (size_t i = 0; i < nodes->n; i++)
		if (strcmp(nodes->list[i]->title, title) == 0) {
			*n = i;
			return true;
		}
	return false;
}

struct conf_nodes
conf_sections(const struct conf_node *root, const char *kind)
{
	struct conf_nodes nodes = { 0 };

	for (size_t i = 0; i < root->n_subs; i++) {
		if (strcmp(root->subs[i]->kind->name, kind) != 0)
			continue;
		nodes.list =
		    conf_grow(nodes.list, &nodes.n, sizeof(*nodes.list));
		nodes.list[nodes.n - 1] = root->subs[i];
	}
	return nodes;
}

static void
missing(struct conf_check *c, const struct conf_node *node, const char *what)
{
	if (c->whole)
		conf_mistake(c, node, node->line, "%s", what);
}

static void
take_uplinks(struct conf_check *c)
{
	struct conf *conf = c->conf;

	for (size_t i = 0; i < c->uplinks.n; i++) {
		const struct conf_node *node = c->uplinks.list[i];
		struct conf_uplink *uplink;
		const char *problem;

		conf->uplinks = conf_grow(
		    conf->uplinks, &conf->n_uplinks, sizeof(*conf->uplinks));
		uplink = &conf->uplinks[i];
		problem = conf_parse_address(node->title, &uplink->address);
		if (problem != NULL)
			conf_mistake(c, c->root, node->line,
			    "uplink: '%.64s' %s", node->title, problem);
		conf_apply(c, node, uplink);
		if (node->n_entries == 0)
			missing(c, node,
			    "neither fwmark nor public-address is given");
	}
}

/* A pool can be left out when nobody would get an address from it. */
static bool
needs_pool(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_users; i++)
		if (!conf->users[i].has_address)
			return true;
	return conf->n_users == 0 || conf->users_file != NULL;
}

static void
take_profiles(struct conf_check *c)
{
	struct conf *conf = c->conf;

	for (size_t i = 0; i < c->ppp.n; i++) {
		const struct conf_node *node = c->ppp.list[i];

		conf->ppp =
		    conf_grow(conf->ppp, &conf->n_ppp, sizeof(*conf->ppp));
		conf->ppp[i] = ppp_defaults;
		conf->ppp[i].name = conf_strdup(node->title);
		conf_apply(c, node, &conf->ppp[i]);
		conf_take_radius(c, node, &conf->ppp[i].radius);
		if (conf_node_entry(node, "local-address") == NULL)
			missing(c, node, "local-address is not given");
		if (conf_node_entry(node, "pool") == NULL &&
		    conf->ppp[i].radius.n_servers == 0 && needs_pool(conf))
			missing(c, node,
			    "pool is not given, and not every user has an "
			    "address");
	}
}

/* Later values replace earlier ones: first the template, then the peer. */
static void
apply_peer(
    struct conf_check *c, const struct conf_node *node, struct conf_peer *peer)
{
	conf_apply(c, node, peer);
	for (size_t i = 0; i < node->n_subs; i++) {
		peer->keepalive = keepalive_defaults;
		conf_apply(c, node->subs[i], &peer->keepalive);
	}
}

static bool
gives(const struct conf_node *node, const struct conf_node *template,
    const char *key)
{
	return conf_node_entry(node, key) != NULL ||
	       (template != NULL && conf_node_entry(template, key) != NULL);
}

/* How the peer authenticates itself. */
static void
check_keys_of(struct conf_check *c, const struct conf_node *node,
    const struct conf_node *template, const struct conf_peer *peer)
{
	static const char *const parts[] = { "certificate-file",
		"private-key-file", "ca-file" };
	bool psk =
	    gives(node, template, "psk") || gives(node, template, "psk-file");
	size_t n = 0;

	for (size_t i = 0; i < nitems(parts); i++)
		n += gives(node, template, parts[i]);
	if (n > 0 && n < nitems(parts))
		missing(c, node,
		    "certificate-file, private-key-file and ca-file go "
		    "together");
	else if (!psk && n == 0 && c->conf->ipsec.mode != CONF_IPSEC_OFF)
		missing(c, node,
		    "neither psk nor psk-file nor certificate-file is given, "
		    "here or in a template");
	if (peer->aggressive && (!psk || peer->group_id == NULL))
		missing(c, node, "aggressive needs a group-id and a psk");
}

static void
take_peer(
    struct conf_check *c, const struct conf_node *node, struct conf_peer *peer)
{
	const struct conf_entry *e = conf_node_entry(node, "template");
	const struct conf_node *template = NULL;
	size_t n;

	peer->name = conf_strdup(node->title);
	peer->tunnel_auth = true;
	if (e != NULL && conf_find(&c->templates, e->values[0].text, &n)) {
		template = c->templates.list[n];
		c->quiet = true;
		apply_peer(c, template, peer);
		c->quiet = false;
	}
	apply_peer(c, node, peer);

	if (conf_node_entry(node, "address") == NULL)
		missing(c, node, "address is not given");
	if (e != NULL && template == NULL)
		return;
	check_keys_of(c, node, template, peer);
	if (!gives(node, template, "tunnel-secret") &&
	    !gives(node, template, "tunnel-secret-file") && peer->hidden_avps)
		missing(c, node, "hidden-avps needs a tunnel-secret");
	if (peer->any && peer->identity != NULL)
		missing(c, node, "identity needs a peer with a fixed address");
	if (peer->any && peer->proxy_authentication)
		missing(c, node,
		    "proxy-authentication needs a peer with a fixed address");
	if (!gives(node, template, "ppp") && c->ppp.n > 1)
		missing(c, node,
		    "ppp is not given, and there is more than one ppp section");
}

static void
take_peers(struct conf_check *c)
{
	struct conf *conf = c->conf;

	for (size_t i = 0; i < c->templates.n; i++) {
		struct conf_peer scratch = { 0 };

		apply_peer(c, c->templates.list[i], &scratch);
		free_peer(&scratch);
	}
	for (size_t i = 0; i < c->peers.n; i++) {
		conf->peers = conf_grow(
		    conf->peers, &conf->n_peers, sizeof(*conf->peers));
		take_peer(c, c->peers.list[i], &conf->peers[i]);
	}
}

static bool
holds_secrets(const struct conf_node *node)
{
	for (size_t i = 0; i < node->n_entries; i++)
		if (node->entries[i].key->flags & CONF_KEY_SECRET)
			return true;
	for (size_t i = 0; i < node->n_subs; i++)
		if (holds_secrets(node->subs[i]))
			return true;
	return false;
}

void
conf_check_mode(struct conf_check *c, mode_t mode)
{
	if ((mode & S_IROTH) != 0 && holds_secrets(c->root))
		conf_error(c->errors, 0,
		    "readable by others (mode %04o) but holds secrets: chmod "
		    "0600",
		    (unsigned int)(mode & 07777));
}

static void
check_file(struct conf_check *c)
{
	if (c->whole && c->ppp.n == 0)
		conf_error(c->errors, 0, "there is no ppp section");
	if (c->whole && c->peers.n == 0)
		conf_error(c->errors, 0, "there is no peer section");
}

static struct conf *
from_tree(const char *path, const struct conf_node *root, bool whole,
    mode_t mode, struct conf_errors *errors)
{
	struct conf_check c = {
		.path = path,
		.errors = errors,
		.root = root,
		.conf = conf_new(),
		.uplinks = conf_sections(root, "uplink"),
		.ipsec = conf_sections(root, "ipsec"),
		.ppp = conf_sections(root, "ppp"),
		.users = conf_sections(root, "user"),
		.templates = conf_sections(root, "template"),
		.peers = conf_sections(root, "peer"),
		.whole = whole,
	};

	c.base = c.conf;
	conf_check_tree(&c);
	conf_apply(&c, root, c.conf);
	for (size_t i = 0; i < c.ipsec.n; i++)
		conf_apply(&c, c.ipsec.list[i], c.conf);
	conf_take_http(&c);
	take_uplinks(&c);
	conf_take_users(&c);
	take_profiles(&c);
	take_peers(&c);
	conf_check_values(&c);
	conf_check_routes(&c);
	conf_check_certificates(&c);
	conf_warn_of_weak_keys(&c);
	conf_check_mode(&c, mode);
	check_file(&c);

	free(c.uplinks.list);
	free(c.ipsec.list);
	free(c.ppp.list);
	free(c.users.list);
	free(c.templates.list);
	free(c.peers.list);
	free(c.parts);
	return c.conf;
}

/* The text ends with a newline and a NUL that *len does not count; NULL after
 * an error. */
static char *
read_file(
    const char *path, size_t *len, mode_t *mode, struct conf_errors *errors)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char *text = NULL;
	ssize_t n;
	size_t size;

	if (fd < 0 || fstat(fd, &st) < 0) {
		conf_error(errors, 0, "%s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		conf_error(errors, 0,
		    S_ISREG(st.st_mode) ? "file too large"
					: "not a regular file");
		goto out;
	}
	*mode = st.st_mode;
	size = (size_t)st.st_size;
	text = malloc(size + 2);
	if (text == NULL)
		fatal("conf", "memory");
	for (*len = 0; *len < size; *len += (size_t)n) {
		n = read(fd, text + *len, size - *len);
		if (n < 0)
			conf_error(errors, 0, "%s", strerror(errno));
		if (n <= 0)
			break;
	}
	if (*len == 0 || text[*len - 1] != '\n')
		text[(*len)++] = '\n';
	text[*len] = '\0';
out:
	if (fd >= 0)
		close(fd);
	return text;
}

struct conf_node *
conf_read_tree(const char *path, const struct conf_kind *kind,
    struct conf_errors *errors, bool *whole, mode_t *mode)
{
	/* libconfuse's lexer is one for all threads. */
	static pthread_mutex_t lexer = PTHREAD_MUTEX_INITIALIZER;
	struct conf_node *root = NULL;
	size_t len = 0;
	char *text = read_file(path, &len, mode, errors);

	(void)pthread_mutex_lock(&lexer);
	if (text != NULL && conf_text_prepare(text, len, errors))
		root = conf_tree_read(text, len, kind, errors, whole);
	(void)pthread_mutex_unlock(&lexer);
	if (text != NULL)
		explicit_bzero(text, len);
	free(text);
	return root;
}

/* For its mistakes: it will be read again. */
static bool
check_users_file(const struct conf *conf, FILE *out)
{
	struct conf_users *users;

	if (conf->users_file == NULL)
		return true;
	users = conf_users_load(conf, out);
	conf_users_free(users);
	return users != NULL;
}

struct conf *
conf_load(const char *path, FILE *out)
{
	struct conf_errors errors = { 0 };
	struct conf *conf = NULL;
	struct conf_node *root;
	mode_t mode = 0;
	bool whole;

	root = conf_read_tree(path, &conf_kind_root, &errors, &whole, &mode);
	if (root != NULL)
		conf = from_tree(path, root, whole, mode, &errors);
	conf_tree_free(root);

	conf_errors_print(&errors, path, out);
	if (errors.n > 0 || conf == NULL || !check_users_file(conf, out)) {
		conf_free(conf);
		conf = NULL;
	}
	conf_errors_free(&errors);
	return conf;
}
