/* SPDX-License-Identifier: ISC */
/* Values of a profile: who may come in how, and what he is given. */
#include "conf_check.h"

#include <string.h>

#include "conf_value.h"

void
conf_set_auth(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	static const struct {
		const char *name;
		unsigned int bit;
	} words[] = {
		{ "mschap-v2", CONF_AUTH_MSCHAPV2 },
		{ "chap", CONF_AUTH_CHAP },
		{ "pap", CONF_AUTH_PAP },
	};
	struct conf_ppp *ppp = obj;
	unsigned int *auth = &ppp->auth;

	if (e->n_values == 0)
		conf_empty_list(c, node, e);
	*auth = 0;
	for (size_t i = 0; i < e->n_values; i++) {
		unsigned int bit = 0;

		for (size_t w = 0; w < nitems(words); w++)
			if (strcmp(e->values[i].text, words[w].name) == 0)
				bit = words[w].bit;
		if (bit == 0)
			conf_wrong(c, node, e, i,
			    "is not one of mschap-v2, chap and pap");
		else if (*auth & bit)
			conf_wrong(c, node, e, i, "is given twice");
		*auth |= bit;
	}
}

void
conf_set_pool(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_ppp *ppp = obj;

	if (e->n_values == 0)
		conf_empty_list(c, node, e);
	for (size_t i = 0; i < e->n_values; i++) {
		struct conf_range range = { 0 };
		const char *problem;

		if (strcmp(e->values[i].text, "dhcp") == 0) {
			ppp->dhcp = true;
			if (e->n_values == 1)
				return;
			conf_wrong(
			    c, node, e, i, "cannot stand beside other values");
			return;
		}
		problem = conf_parse_range(e->values[i].text, &range);
		if (problem != NULL) {
			conf_wrong(c, node, e, i, problem);
			continue;
		}
		ppp->pool =
		    conf_grow(ppp->pool, &ppp->n_pool, sizeof(*ppp->pool));
		ppp->pool[ppp->n_pool - 1] = range;
		c->parts = conf_grow(c->parts, &c->n_parts, sizeof(*c->parts));
		c->parts[c->n_parts - 1] = (struct conf_pool_part){
			.range = range,
			.node = node,
			.value = &e->values[i],
		};
	}
}

void
conf_set_wins(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_ppp *ppp = obj;

	for (size_t i = 0; i < e->n_values; i++) {
		const char *problem;

		if (i == nitems(ppp->wins)) {
			conf_wrong(c, node, e, i,
			    "is one too many: a client is told at most two");
			return;
		}
		problem = conf_parse_address(e->values[i].text, &ppp->wins[i]);
		if (problem != NULL)
			conf_wrong(c, node, e, i, problem);
	}
}
