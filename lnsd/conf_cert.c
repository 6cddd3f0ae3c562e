/* SPDX-License-Identifier: ISC */
/* The certificates of peers: are they of use, and which ones are the same? */
#include "conf_check.h"

#include <stdlib.h>
#include <string.h>

#include "cert.h"

static bool
same(const struct conf_peer *a, const struct conf_peer *b)
{
	return strcmp(a->certificate, b->certificate) == 0 &&
	       strcmp(a->private_key, b->private_key) == 0 &&
	       strcmp(a->ca, b->ca) == 0;
}

static void
check(struct conf_check *c, const struct conf_node *node,
    const struct conf_peer *peer)
{
	const struct conf_entry *e;
	const char *problem;
	size_t n;

	e = conf_node_entry(node, "certificate-file");
	if (e == NULL && conf_node_entry(node, "template") != NULL &&
	    conf_find(&c->templates,
		conf_node_entry(node, "template")->values[0].text, &n)) {
		node = c->templates.list[n];
		e = conf_node_entry(node, "certificate-file");
	}
	if (e == NULL)
		return;
	problem = cert_problem(peer->certificate, peer->private_key, peer->ca);
	if (c->conf->ipsec.mode == CONF_IPSEC_SYSTEM)
		problem = "certificates need the ipsec mode 'managed'";
	if (problem != NULL)
		conf_mistake(c, node, e->line, "%s", problem);
	else if (cert_is_out_of_date(peer->certificate))
		conf_warning(c, node, e->line,
		    "certificate-file: its time is over, or has not come");
}

void
conf_check_certificates(struct conf_check *c)
{
	struct conf *conf = c->conf;
	const struct conf_peer **kinds = NULL;
	size_t n = 0, k;

	for (size_t i = 0; i < conf->n_peers; i++) {
		struct conf_peer *peer = &conf->peers[i];

		if (peer->certificate == NULL || peer->private_key == NULL ||
		    peer->ca == NULL)
			continue;
		for (k = 0; k < n; k++)
			if (same(peer, kinds[k]))
				break;
		peer->certificate_number = k;
		if (k < n)
			continue;
		kinds = conf_grow(kinds, &n, sizeof(*kinds));
		kinds[k] = peer;
		check(c, c->peers.list[i], peer);
	}
	conf->n_certificates = n;
	free(kinds);
}
