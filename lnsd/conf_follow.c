/* SPDX-License-Identifier: ISC */
/* A configuration that takes the place of another; contract in conf.h. */

#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_check.h"
#include "conf_tree.h"

/* --- what is the same --- */

/* Of structures that the same code has filled in zeroed memory.  Should the
 * octets between their members differ nevertheless, they are taken for
 * different, which costs no more than a needless change. */
static bool
same_octets(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n) == 0;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_texts(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
	size_t i;

	if (n_a != n_b)
		return false;
	for (i = 0; i < n_a; i++)
		if (!same_text(a[i], b[i]))
			return false;
	return true;
}

static bool
same_array(const void *a, size_t n_a, const void *b, size_t n_b, size_t size)
{
	return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * size) == 0);
}

static bool
same_radius(const struct conf_radius *a, const struct conf_radius *b)
{
	struct conf_radius x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	memset(x.secrets, 0, sizeof(x.secrets));
	memset(y.secrets, 0, sizeof(y.secrets));
	x.nas_identifier = y.nas_identifier = NULL;
	return same_octets(&x, &y, sizeof(x)) &&
	       same_texts(a->secrets, a->n_secrets, b->secrets, b->n_secrets) &&
	       same_text(a->nas_identifier, b->nas_identifier);
}

/* What is no pointer is compared as a whole, so that nothing can be forgotten:
 * a pointer that is not dealt with here makes any two different, which
 * check_conf_follow sees. */
static bool
same_ppp(const struct conf_ppp *a, const struct conf_ppp *b)
{
	struct conf_ppp x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	x.name = y.name = NULL;
	x.pool = y.pool = NULL;
	x.ip_up = y.ip_up = x.ip_down = y.ip_down = NULL;
	x.pppd_options = y.pppd_options = NULL;
	memset(&x.radius, 0, sizeof(x.radius));
	memset(&y.radius, 0, sizeof(y.radius));
	return same_octets(&x, &y, sizeof(x)) && same_text(a->name, b->name) &&
	       same_array(
		   a->pool, a->n_pool, b->pool, b->n_pool, sizeof(*a->pool)) &&
	       same_text(a->ip_up, b->ip_up) &&
	       same_text(a->ip_down, b->ip_down) &&
	       same_texts(a->pppd_options, a->n_pppd_options, b->pppd_options,
		   b->n_pppd_options) &&
	       same_radius(&a->radius, &b->radius);
}

/* Their profiles have the same number by now.  Certificates are compared
 * elsewhere. */
static bool
same_peer(const struct conf_peer *a, const struct conf_peer *b)
{
	struct conf_peer x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	x.name = y.name = NULL;
	x.identity = y.identity = NULL;
	x.psk = y.psk = NULL;
	x.certificate = y.certificate = NULL;
	x.private_key = y.private_key = NULL;
	x.ca = y.ca = NULL;
	x.certificate_number = y.certificate_number = 0;
	x.group_id = y.group_id = NULL;
	x.tunnel_secret = y.tunnel_secret = NULL;
	return same_octets(&x, &y, sizeof(x)) && same_text(a->name, b->name) &&
	       same_text(a->identity, b->identity) &&
	       same_text(a->psk, b->psk) &&
	       same_text(a->group_id, b->group_id) &&
	       same_text(a->tunnel_secret, b->tunnel_secret);
}

static bool
same_user(const struct conf_user *a, const struct conf_user *b)
{
	struct conf_user x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	x.name = y.name = NULL;
	x.password = y.password = NULL;
	return same_octets(&x, &y, sizeof(x)) && same_text(a->name, b->name) &&
	       same_text(a->password, b->password);
}

static bool
same_users(const struct conf *a, const struct conf *b)
{
	size_t i;

	if (a->n_users != b->n_users)
		return false;
	for (i = 0; i < a->n_users; i++)
		if (!same_user(&a->users[i], &b->users[i]))
			return false;
	return true;
}

static bool
same_certificates(const struct conf *a, const struct conf *b)
{
	const struct conf_peer *x, *y;
	size_t i;

	/* Of peers with the same numbers; one that is new has none yet, or
	 * there is one more. */
	for (i = 0; i < b->n_peers; i++) {
		x = i < a->n_peers ? &a->peers[i] : NULL;
		y = &b->peers[i];
		if (x == NULL && y->certificate == NULL)
			continue;
		if (x == NULL || !same_text(x->certificate, y->certificate) ||
		    !same_text(x->private_key, y->private_key) ||
		    !same_text(x->ca, y->ca) ||
		    x->certificate_number != y->certificate_number)
			return false;
	}
	return a->n_certificates == b->n_certificates;
}

/* --- places --- */

static int
find_ppp(const struct conf *c, const char *name)
{
	size_t i;

	/* One that was gone has left parts behind that may not fit. */
	for (i = 0; i < c->n_ppp; i++)
		if (!c->ppp[i].gone && strcmp(c->ppp[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int
find_peer(const struct conf *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_peers; i++)
		if (strcmp(c->peers[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int
place_ppp(struct conf *next, const struct conf *before)
{
	struct conf_ppp *list;
	size_t *place, i, n = before->n_ppp;
	int at;

	list = calloc(before->n_ppp + next->n_ppp + 1, sizeof(*list));
	place = calloc(next->n_ppp + 1, sizeof(*place));
	if (list == NULL || place == NULL) {
		free(list);
		free(place);
		return -1;
	}
	for (i = 0; i < next->n_ppp; i++) {
		at = find_ppp(before, next->ppp[i].name);
		place[i] = at == -1 ? n++ : (size_t)at;
		memcpy(&list[place[i]], &next->ppp[i], sizeof(*list));
	}
	for (i = 0; i < before->n_ppp; i++)
		if (list[i].name == NULL) {
			list[i].name = conf_strdup(before->ppp[i].name);
			list[i].gone = true;
			list[i].ipv6_pool = before->ppp[i].ipv6_pool;
		}
	for (i = 0; i < next->n_peers; i++)
		next->peers[i].ppp = place[next->peers[i].ppp];
	free(next->ppp);
	next->ppp = list;
	next->n_ppp = n;
	free(place);
	return 0;
}

static int
place_peers(struct conf *next, const struct conf *before)
{
	struct conf_peer *list;
	size_t i, n = before->n_peers;
	int at;

	list = calloc(before->n_peers + next->n_peers + 1, sizeof(*list));
	if (list == NULL)
		return -1;
	for (i = 0; i < next->n_peers; i++) {
		at = find_peer(before, next->peers[i].name);
		memcpy(&list[at == -1 ? n++ : (size_t)at], &next->peers[i],
		    sizeof(*list));
	}
	for (i = 0; i < before->n_peers; i++)
		if (list[i].name == NULL) {
			list[i].name = conf_strdup(before->peers[i].name);
			list[i].gone = true;
		}
	free(next->peers);
	next->peers = list;
	next->n_peers = n;
	return 0;
}

/* --- what stays --- */

static void
needs_restart(struct conf_changes *ch, const char *key)
{
	size_t i;

	for (i = 0; i < ch->n_restart; i++)
		if (strcmp(ch->restart[i], key) == 0)
			return;
	if (ch->n_restart < sizeof(ch->restart) / sizeof(ch->restart[0]))
		ch->restart[ch->n_restart++] = key;
}

/* A text that stays as it was. */
static void
keep_text(struct conf_changes *ch, const char *key, char **next, char *before)
{
	if (same_text(*next, before))
		return;
	needs_restart(ch, key);
	free(*next);
	*next = before == NULL ? NULL : conf_strdup(before);
}

/* The same for a list; *next is NULL if there is no memory. */
static int
keep_array(struct conf_changes *ch, const char *key, void **next, size_t *n,
    const void *before, size_t n_before, size_t size)
{
	if (same_array(*next, *n, before, n_before, size))
		return 0;
	needs_restart(ch, key);
	free(*next);
	*n = 0;
	*next = calloc(n_before + 1, size);
	if (*next == NULL)
		return -1;
	if (n_before > 0)
		memcpy(*next, before, n_before * size);
	*n = n_before;
	return 0;
}

static void
keep_radius(struct conf_radius *next, const struct conf_radius *before)
{
	size_t i;

	conf_free_radius(next);
	memcpy(next, before, sizeof(*next));
	for (i = 0; i < before->n_secrets; i++)
		next->secrets[i] = conf_strdup(before->secrets[i]);
	if (before->nas_identifier != NULL)
		next->nas_identifier = conf_strdup(before->nas_identifier);
}

static int
keep_pool(struct conf_ppp *next, const struct conf_ppp *before)
{
	struct conf_range *pool = calloc(before->n_pool + 1, sizeof(*pool));

	if (pool == NULL)
		return -1;
	if (before->n_pool > 0)
		memcpy(pool, before->pool, before->n_pool * sizeof(*pool));
	free(next->pool);
	next->pool = pool;
	next->n_pool = before->n_pool;
	next->dhcp = before->dhcp;
	return 0;
}

/* Of a profile that both have: what it shares with its sessions. */
static int
keep_ppp(struct conf_ppp *next, const struct conf_ppp *before,
    struct conf_changes *ch)
{
	int rc = 0;

	if (!same_radius(&next->radius, &before->radius)) {
		needs_restart(ch, "ppp: radius");
		keep_radius(&next->radius, &before->radius);
	}
	if (next->dhcp != before->dhcp) {
		needs_restart(ch, "ppp: pool = dhcp");
		rc = keep_pool(next, before);
	}
	if (next->arp_probe != before->arp_probe) {
		needs_restart(ch, "ppp: arp-probe");
		next->arp_probe = before->arp_probe;
	}
	if (next->local_address.s_addr != before->local_address.s_addr) {
		needs_restart(ch, "ppp: local-address");
		next->local_address = before->local_address;
	}
	if (!conf_same_prefix(&next->ipv6_pool, &before->ipv6_pool)) {
		needs_restart(ch, "ppp: ipv6-pool");
		next->ipv6_pool = before->ipv6_pool;
	}
	return rc;
}

static int
keep_profiles(
    struct conf *next, const struct conf *before, struct conf_changes *ch)
{
	size_t i;

	for (i = 0; i < before->n_ppp; i++)
		if (!next->ppp[i].gone && !before->ppp[i].gone &&
		    keep_ppp(&next->ppp[i], &before->ppp[i], ch) == -1)
			return -1;
	for (; i < next->n_ppp; i++) {
		if (next->ppp[i].ipv6_pool.len == 0)
			continue;
		needs_restart(ch, "ppp: ipv6-pool");
		next->ppp[i].ipv6_pool.len = 0;
	}
	return 0;
}

static void
keep_http(struct conf_http *next, const struct conf_http *before,
    struct conf_changes *ch)
{
	const bool same = next->listen.family == before->listen.family &&
			  lns_same_ip(&next->listen, &before->listen) &&
			  next->listen.port == before->listen.port &&
			  next->metrics == before->metrics &&
			  next->page == before->page;

	keep_text(ch, "http", &next->path, before->path);
	if (same)
		return;
	needs_restart(ch, "http");
	next->listen = before->listen;
	next->metrics = before->metrics;
	next->page = before->page;
}

static int
keep_rest(struct conf *next, const struct conf *before, struct conf_changes *ch)
{
	void *listen = next->listen, *uplinks = next->uplinks;
	int rc;

	rc = keep_array(ch, "listen", &listen, &next->n_listen, before->listen,
	    before->n_listen, sizeof(*next->listen));
	next->listen = listen;
	if (rc == 0)
		rc = keep_array(ch, "uplink", &uplinks, &next->n_uplinks,
		    before->uplinks, before->n_uplinks, sizeof(*next->uplinks));
	next->uplinks = uplinks;
	keep_text(ch, "state-dir", &next->state_dir, before->state_dir);
	keep_text(ch, "run-dir", &next->run_dir, before->run_dir);
	if (next->ipsec.mode != before->ipsec.mode) {
		needs_restart(ch, "ipsec: mode");
		next->ipsec.mode = before->ipsec.mode;
	}
	if (next->ipsec.client_range.s_addr !=
	    before->ipsec.client_range.s_addr) {
		needs_restart(ch, "ipsec: client-range");
		next->ipsec.client_range = before->ipsec.client_range;
	}
	keep_http(&next->http, &before->http, ch);
	keep_text(ch, "ipsec: log", &next->ipsec.log, before->ipsec.log);
	return rc;
}

/* --- interface --- */

static void
find_changes(
    const struct conf *next, const struct conf *before, struct conf_changes *ch)
{
	size_t i;

	for (i = 0; i < next->n_ppp; i++)
		ch->ppp[i] = i >= before->n_ppp ||
			     !same_ppp(&next->ppp[i], &before->ppp[i]);
	for (i = 0; i < next->n_peers; i++)
		ch->peers[i] = i >= before->n_peers ||
			       !same_peer(&next->peers[i], &before->peers[i]);
	ch->users = !same_users(next, before);
	ch->users_file = !same_text(next->users_file, before->users_file);
	ch->certificates = !same_certificates(before, next);
	ch->general =
	    !same_text(next->hostname, before->hostname) ||
	    next->max_tunnels != before->max_tunnels ||
	    next->max_half_open != before->max_half_open ||
	    next->receive_window != before->receive_window ||
	    next->retransmissions != before->retransmissions ||
	    next->trace != before->trace ||
	    next->keepalive_log != before->keepalive_log ||
	    memcmp(&next->ipsec.proposals, &before->ipsec.proposals,
		sizeof(next->ipsec.proposals)) != 0 ||
	    next->ipsec.dpd_delay_s != before->ipsec.dpd_delay_s ||
	    next->ipsec.dpd_timeout_s != before->ipsec.dpd_timeout_s ||
	    next->ipsec.rekey != before->ipsec.rekey ||
	    next->ipsec.ike_lifetime_s != before->ipsec.ike_lifetime_s ||
	    next->ipsec.sa_lifetime_s != before->ipsec.sa_lifetime_s ||
	    next->ipsec.log_level != before->ipsec.log_level;
}

int
conf_follow(
    struct conf *next, const struct conf *before, struct conf_changes *ch)
{
	*ch = (struct conf_changes){ 0 };
	if (place_ppp(next, before) == -1 || place_peers(next, before) == -1 ||
	    keep_profiles(next, before, ch) == -1 ||
	    keep_rest(next, before, ch) == -1)
		return -1;
	ch->ppp = calloc(next->n_ppp + 1, sizeof(*ch->ppp));
	ch->peers = calloc(next->n_peers + 1, sizeof(*ch->peers));
	if (ch->ppp == NULL || ch->peers == NULL) {
		conf_changes_fini(ch);
		return -1;
	}
	find_changes(next, before, ch);
	if (ch->certificates)
		needs_restart(ch, "certificates");
	return 0;
}

void
conf_changes_fini(struct conf_changes *ch)
{
	free(ch->ppp);
	free(ch->peers);
	ch->ppp = ch->peers = NULL;
}
