/* SPDX-License-Identifier: ISC */
/* Rules and packets; contract in ruleset.h. */

#include "ruleset.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define JUMPS_MAX 16

enum tri { NO, MAYBE, YES };

enum verdict {
	GOES_ON, /* the next rule */
	RETURNS, /* the rule behind the jump */
	ACCEPTS,
	DROPS,
	TRANSLATES,
};

struct walk {
	const json_t *rules; /* "nftables" */
	const struct ruleset_packet *p;
	const char *family, *table;
	bool maybe_accepted, maybe_translated;
	int jumps;
};

static const char *
text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

/* --- values --- */

static bool
address(const json_t *v, uint32_t *h)
{
	struct in_addr a;

	if (!json_is_string(v) ||
	    inet_pton(AF_INET, json_string_value(v), &a) != 1)
		return false;
	*h = ntohl(a.s_addr);
	return true;
}

/* What a packet has: one of these. */
struct has {
	const char *word;
	bool is_address, is_truth;
	uint32_t number;
};

static enum tri
is_word(const char *word, const char *v)
{
	size_t n = strlen(v);

	if (v[0] == '@')
		return MAYBE;
	if (n > 0 && v[n - 1] == '*')
		return strncmp(word, v, n - 1) == 0 ? YES : NO;
	return strcmp(word, v) == 0 ? YES : NO;
}

static enum tri
is_in_range(const struct has *h, const json_t *range)
{
	const json_t *a = json_array_get(range, 0);
	const json_t *b = json_array_get(range, 1);
	uint32_t first, last;

	if (h->is_address) {
		if (!address(a, &first) || !address(b, &last))
			return MAYBE;
	} else {
		if (!json_is_integer(a) || !json_is_integer(b))
			return MAYBE;
		first = (uint32_t)json_integer_value(a);
		last = (uint32_t)json_integer_value(b);
	}
	return h->number >= first && h->number <= last ? YES : NO;
}

static enum tri
is_in_prefix(const struct has *h, const json_t *prefix)
{
	json_int_t len = json_integer_value(json_object_get(prefix, "len"));
	uint32_t net, mask;

	if (!h->is_address || len < 0 || len > 32 ||
	    !address(json_object_get(prefix, "addr"), &net))
		return MAYBE;
	mask = len == 0 ? 0 : UINT32_MAX << (32 - len);
	return (h->number & mask) == (net & mask) ? YES : NO;
}

static enum tri
is_one(const struct has *h, const json_t *v)
{
	const json_t *o;
	uint32_t a;

	if (h->is_truth)
		return json_is_boolean(v)
			   ? (json_is_true(v) == (h->number != 0) ? YES : NO)
			   : MAYBE;
	if ((o = json_object_get(v, "range")) != NULL)
		return is_in_range(h, o);
	if ((o = json_object_get(v, "prefix")) != NULL)
		return is_in_prefix(h, o);
	if (h->word != NULL)
		return json_is_string(v)
			   ? is_word(h->word, json_string_value(v))
			   : MAYBE;
	if (h->is_address)
		return address(v, &a) ? (a == h->number ? YES : NO) : MAYBE;
	if (!json_is_integer(v))
		return MAYBE;
	return json_integer_value(v) == (json_int_t)h->number ? YES : NO;
}

static enum tri
is_any(const struct has *h, const json_t *v)
{
	const json_t *set = json_object_get(v, "set"), *one;
	enum tri best = NO, t;
	size_t i;

	if (set == NULL && json_is_array(v))
		set = v;
	if (set == NULL)
		return is_one(h, v);
	json_array_foreach(set, i, one)
	{
		t = is_one(h, one);
		best = t > best ? t : best;
	}
	return best;
}

/* --- what a rule looks at --- */

static enum tri
ip_header(const struct ruleset_packet *p, const char *field, struct has *h)
{
	if (strcmp(field, "protocol") == 0 || strcmp(field, "nexthdr") == 0) {
		h->word = p->proto;
		return YES;
	}
	if (p->ipv6 || strcmp(field, "saddr") != 0 || p->saddr.s_addr == 0)
		return MAYBE;
	h->is_address = true;
	h->number = ntohl(p->saddr.s_addr);
	return YES;
}

static enum tri
payload(const struct ruleset_packet *p, const json_t *o, struct has *h)
{
	const char *proto = text(o, "protocol"), *field = text(o, "field");
	int port;

	if (strcmp(proto, p->ipv6 ? "ip6" : "ip") == 0)
		return ip_header(p, field, h);
	if (strcmp(proto, "th") != 0 && strcmp(proto, p->proto) != 0)
		return NO;
	port = strcmp(field, "dport") == 0   ? p->dport
	       : strcmp(field, "sport") == 0 ? p->sport
					     : 0;
	if (port == 0)
		return MAYBE;
	h->number = (uint32_t)port;
	return YES;
}

static enum tri
meta(const struct ruleset_packet *p, const char *key, struct has *h)
{
	if (strcmp(key, "ipsec") == 0 || strcmp(key, "secpath") == 0) {
		h->is_truth = true;
		h->number = p->ipsec;
	} else if (strcmp(key, "l4proto") == 0) {
		h->word = p->proto;
	} else if (strncmp(key, "iif", 3) == 0) {
		h->word = p->iif;
	} else if (strncmp(key, "oif", 3) == 0) {
		h->word = p->oif;
	} else if (strcmp(key, "nfproto") == 0) {
		h->word = p->ipv6 ? "ipv6" : "ipv4";
	} else if (strcmp(key, "protocol") == 0) {
		h->word = p->ipv6 ? "ip6" : "ip";
	}
	return h->word != NULL || h->is_truth ? YES : MAYBE;
}

/* The policy that it came by, or that is going to take it. */
static enum tri
ipsec(const struct ruleset_packet *p, const json_t *o)
{
	bool out = strcmp(text(o, "dir"), "out") == 0;

	return (out ? p->into_ipsec : p->ipsec) ? MAYBE : NO;
}

/* NO: a packet like this has nothing of the kind; MAYBE: we do not know. */
static enum tri
look(const struct ruleset_packet *p, const json_t *left, struct has *h)
{
	const json_t *o;

	memset(h, 0, sizeof(*h));
	if ((o = json_object_get(left, "payload")) != NULL)
		return payload(p, o, h);
	if ((o = json_object_get(left, "meta")) != NULL)
		return meta(p, text(o, "key"), h);
	if ((o = json_object_get(left, "ipsec")) != NULL)
		return ipsec(p, o);
	o = json_object_get(left, "rt");
	if (o != NULL && strcmp(text(o, "key"), "ipsec") == 0) {
		h->is_truth = true;
		h->number = p->into_ipsec;
		return YES;
	}
	o = json_object_get(left, "ct");
	if (o == NULL || strcmp(text(o, "key"), "state") != 0)
		return MAYBE;
	h->word = p->ct != NULL ? p->ct : "new";
	return YES;
}

static enum tri
matches(const struct walk *w, const json_t *match)
{
	const char *op = text(match, "op");
	struct has h;
	enum tri t;

	t = look(w->p, json_object_get(match, "left"), &h);
	if (t != YES)
		return t;
	t = is_any(&h, json_object_get(match, "right"));
	if (strcmp(op, "!=") == 0)
		return t == YES ? NO : t == NO ? YES : MAYBE;
	return strcmp(op, "==") == 0 || strcmp(op, "in") == 0 ? t : MAYBE;
}

/* --- what it does --- */

static enum verdict chain(struct walk *, const char *name);

static enum verdict
verdict(struct walk *w, const json_t *e)
{
	const json_t *o;
	enum verdict v;

	if (json_object_get(e, "accept") != NULL)
		return ACCEPTS;
	if (json_object_get(e, "drop") != NULL ||
	    json_object_get(e, "reject") != NULL)
		return DROPS;
	if (json_object_get(e, "return") != NULL)
		return RETURNS;
	if (json_object_get(e, "masquerade") != NULL ||
	    json_object_get(e, "snat") != NULL)
		return TRANSLATES;
	if ((o = json_object_get(e, "jump")) != NULL) {
		v = chain(w, text(o, "target"));
		return v == RETURNS ? GOES_ON : v;
	}
	if ((o = json_object_get(e, "goto")) != NULL) {
		v = chain(w, text(o, "target"));
		return v == GOES_ON ? RETURNS : v;
	}
	return GOES_ON;
}

static enum verdict
vmap(struct walk *w, const json_t *map, enum tri *sure)
{
	const json_t *data, *pair;
	struct has h;
	enum tri t;
	size_t i;

	t = look(w->p, json_object_get(map, "key"), &h);
	data = json_object_get(json_object_get(map, "data"), "set");
	if (t == YES && data == NULL)
		t = MAYBE;
	if (t != YES) {
		*sure = t;
		return GOES_ON;
	}
	json_array_foreach(data, i, pair)
	{
		if (is_any(&h, json_array_get(pair, 0)) == YES)
			return verdict(w, json_array_get(pair, 1));
	}
	return GOES_ON;
}

/* A verdict that may be or not; what it would have been is remembered. */
static enum verdict
settle(struct walk *w, enum verdict v, enum tri sure)
{
	if (sure == YES)
		return v;
	w->maybe_accepted |= v == ACCEPTS;
	w->maybe_translated |= v == TRANSLATES;
	return GOES_ON;
}

/* Of iptables, of which no more is told than the name.  The policy is that of
 * IPsec (--pol ipsec) where somebody has written it for such packets. */
static enum verdict
extension(const struct ruleset_packet *p, const json_t *xt, bool *foreign)
{
	const char *name = text(xt, "name");

	if (strcmp(name, "REJECT") == 0)
		return DROPS;
	if (strcmp(name, "policy") == 0 && (p->ipsec || p->into_ipsec))
		return GOES_ON;
	if (strcmp(name, "comment") != 0 && strcmp(name, "LOG") != 0)
		*foreign = true;
	return GOES_ON;
}

static enum verdict
rule(struct walk *w, const json_t *exprs)
{
	const json_t *e, *o;
	enum verdict v = GOES_ON;
	enum tri sure = YES, t;
	bool foreign = false;
	size_t i;

	json_array_foreach(exprs, i, e)
	{
		t = YES;
		if ((o = json_object_get(e, "match")) != NULL)
			t = matches(w, o);
		else if ((o = json_object_get(e, "vmap")) != NULL)
			v = vmap(w, o, &t);
		else if ((o = json_object_get(e, "xt")) != NULL)
			v = extension(w->p, o, &foreign);
		else
			v = verdict(w, e);
		if (t == NO)
			return GOES_ON;
		t = foreign && t == YES ? MAYBE : t;
		sure = t < sure ? t : sure;
		if (v != GOES_ON)
			return settle(w, v, sure);
	}
	/* The target may be among what we do not know. */
	if (foreign)
		w->maybe_accepted = w->maybe_translated = true;
	return GOES_ON;
}

static enum verdict
chain(struct walk *w, const char *name)
{
	const json_t *o, *r;
	enum verdict v = GOES_ON;
	size_t i;

	if (w->jumps == JUMPS_MAX)
		return GOES_ON;
	w->jumps++;
	json_array_foreach(w->rules, i, o)
	{
		r = json_object_get(o, "rule");
		if (r == NULL || strcmp(text(r, "chain"), name) != 0 ||
		    strcmp(text(r, "table"), w->table) != 0 ||
		    strcmp(text(r, "family"), w->family) != 0)
			continue;
		v = rule(w, json_object_get(r, "expr"));
		if (v != GOES_ON)
			break;
	}
	w->jumps--;
	return v;
}

/* Whether packets of this kind pass the chain. */
static bool
is_base(const json_t *c, const char *type, const char *hook, bool ipv6)
{
	const char *family = text(c, "family");

	return c != NULL && strcmp(text(c, "hook"), hook) == 0 &&
	       strcmp(text(c, "type"), type) == 0 &&
	       (strcmp(family, ipv6 ? "ip6" : "ip") == 0 ||
		   strcmp(family, "inet") == 0);
}

static enum ruleset_fate
fate(struct walk *w, const json_t *c)
{
	enum verdict v;

	w->family = text(c, "family");
	w->table = text(c, "table");
	w->maybe_accepted = false;
	v = chain(w, text(c, "name"));
	if (v != DROPS &&
	    (v == ACCEPTS || strcmp(text(c, "policy"), "drop") != 0))
		return RULESET_ACCEPT;
	return w->maybe_accepted ? RULESET_UNSURE : RULESET_DROP;
}

enum ruleset_fate
ruleset_fate(const json_t *set, const char *hook,
    const struct ruleset_packet *p, size_t others, const char **where)
{
	struct walk w = { .rules = json_object_get(set, "nftables"), .p = p };
	enum ruleset_fate worst = RULESET_ACCEPT, f;
	static char name[160];
	const json_t *o, *c;
	size_t i;

	json_array_foreach(w.rules, i, o)
	{
		c = json_object_get(o, "chain");
		/* What lnsd itself drops is well. */
		if (!is_base(c, "filter", hook, p->ipv6) ||
		    strncmp(text(c, "table"), "lnsd", 4) == 0)
			continue;
		f = fate(&w, c);
		if (f == RULESET_DROP && others-- == 0) {
			snprintf(name, sizeof(name), "%s %s %s",
			    text(c, "family"), text(c, "table"),
			    text(c, "name"));
			*where = name;
			return f;
		}
		worst = f == RULESET_UNSURE ? f : worst;
	}
	return worst;
}

bool
ruleset_translates(const json_t *set, const struct ruleset_packet *p)
{
	struct walk w = { .rules = json_object_get(set, "nftables"), .p = p };
	const json_t *o, *c;
	size_t i;

	json_array_foreach(w.rules, i, o)
	{
		c = json_object_get(o, "chain");
		if (!is_base(c, "nat", "postrouting", p->ipv6))
			continue;
		w.family = text(c, "family");
		w.table = text(c, "table");
		if (chain(&w, text(c, "name")) == TRANSLATES ||
		    w.maybe_translated)
			return true;
	}
	return false;
}

bool
ruleset_has_table(const json_t *set, const char *family, const char *name)
{
	const json_t *rules = json_object_get(set, "nftables"), *o, *t;
	size_t i;

	json_array_foreach(rules, i, o)
	{
		t = json_object_get(o, "table");
		if (t != NULL && strcmp(text(t, "name"), name) == 0 &&
		    strcmp(text(t, "family"), family) == 0)
			return true;
	}
	return false;
}

static bool
has_comment(const json_t *o, const char *comment)
{
	return strcmp(text(json_object_get(o, "rule"), "comment"), comment) ==
	       0;
}

json_t *
ruleset_without(const json_t *set, const char *comment)
{
	const json_t *rules = json_object_get(set, "nftables");
	json_t *rest = json_array(), *o;
	size_t i;

	for (i = 0; i < json_array_size(rules); i++) {
		o = json_array_get(rules, i);
		if (!has_comment(o, comment) &&
		    json_array_append(rest, o) != 0) {
			json_decref(rest);
			return NULL;
		}
	}
	return json_pack("{s:o}", "nftables", rest);
}

void
ruleset_commented(const json_t *set, const char *comment,
    void (*fn)(void *arg, const json_t *rule), void *arg)
{
	const json_t *rules = json_object_get(set, "nftables"), *o;
	size_t i;

	json_array_foreach(rules, i, o)
	{
		if (has_comment(o, comment))
			fn(arg, json_object_get(o, "rule"));
	}
}
