/* SPDX-License-Identifier: ISC */
/* Pre-shared keys that somebody will guess: warnings, not mistakes. */
#include "conf_check.h"

#include <string.h>
#include <strings.h>

#include "conf_value.h"

#define PSK_SHORT 12

/* Of manuals, examples and other servers; short ones are weak anyway, but the
 * reason is better. */
static const char *const known[] = { "12345678", "123456789", "1234567890",
	"123456789012", "another pre-shared key", "battery staple", "changeme",
	"correct horse battery staple", "ipsec", "l2tp", "password",
	"passwordpassword", "pre-shared key", "pre-shared-key", "presharedkey",
	"replace this pre-shared key", "secret", "secretsecret", "softether",
	"test", "vpn", "your_ipsec_pre_shared_key" };

const char *
conf_weak_psk(const char *psk)
{
	for (size_t i = 0; i < nitems(known); i++)
		if (strcasecmp(psk, known[i]) == 0)
			return "is one that everybody tries first";
	if (strlen(psk) < PSK_SHORT)
		return "has fewer than 12 characters and can be guessed";
	if (strspn(psk, (char[]){ psk[0], '\0' }) == strlen(psk))
		return "is one character repeated and can be guessed";
	return NULL;
}

static const struct conf_entry *
psk_entry(const struct conf_node *node)
{
	const struct conf_entry *e = conf_node_entry(node, "psk");

	return e != NULL ? e : conf_node_entry(node, "psk-file");
}

/* Where the peer's key stands: in itself, else in its template. */
static const struct conf_node *
psk_node(const struct conf_check *c, const struct conf_node *peer)
{
	const struct conf_entry *e = conf_node_entry(peer, "template");
	size_t n;

	if (psk_entry(peer) != NULL)
		return peer;
	if (e == NULL || !conf_find(&c->templates, e->values[0].text, &n) ||
	    psk_entry(c->templates.list[n]) == NULL)
		return NULL;
	return c->templates.list[n];
}

void
conf_warn_of_weak_keys(struct conf_check *c)
{
	for (size_t i = 0; i < c->conf->n_peers; i++) {
		const struct conf_node *node = psk_node(c, c->peers.list[i]);
		const char *why;

		if (node == NULL || c->conf->peers[i].psk == NULL)
			continue;
		why = conf_weak_psk(c->conf->peers[i].psk);
		if (why != NULL)
			conf_warning(c, node, psk_entry(node)->line,
			    "%s: the pre-shared key %s",
			    psk_entry(node)->key->name, why);
	}
}
