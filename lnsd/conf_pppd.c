/* SPDX-License-Identifier: ISC */
/*
 * Options that are passed on to pppd.  Only those that are known to weaken
 * nothing: one that pppd does not know would refuse every client, and many
 * change who may come in, what lnsd is told, or what is left behind.
 */
#include "conf_check.h"

#include <string.h>

#define WORDS_MAX 32
#define WORDS_TEXT_MAX 1024

struct option {
	const char *name;
	size_t n_args;
	const char *refusal; /* NULL: passed on */
};

#define RUNS "would change how lnsd runs pppd"
#define AUTH "would change who may come in"
#define SECRET "is a secret, which has no place on a command line"
#define COMPRESSES "cannot be: there is no compression or encryption in PPP"
#define KEY(key) "is what the key '" key "' is for"

/* Both of pppd 2.4.9 and of 2.5.  Those without a refusal are in
 * lnsd.conf(5). */
static const struct option options[] = {
	{ "active-filter", 1, NULL },
	{ "chap-interval", 1, NULL },
	{ "chap-max-challenge", 1, NULL },
	{ "chap-restart", 1, NULL },
	{ "child-timeout", 1, NULL },
	{ "debug", 0, NULL },
	{ "default-mru", 0, NULL },
	{ "dump", 0, NULL },
	{ "endpoint", 1, NULL },
	{ "ip-down-script", 1, NULL },
	{ "ip-pre-up-script", 1, NULL },
	{ "ip-up-script", 1, NULL },
	{ "ipcp-max-failure", 1, NULL },
	{ "ipv6-down-script", 1, NULL },
	{ "ipv6-up-script", 1, NULL },
	{ "ipv6cp-max-configure", 1, NULL },
	{ "ipv6cp-max-failure", 1, NULL },
	{ "ipv6cp-restart", 1, NULL },
	{ "kdebug", 1, NULL },
	{ "lcp-max-failure", 1, NULL },
	{ "maxoctets", 1, NULL },
	{ "mo-direction", 1, NULL },
	{ "mo-timeout", 1, NULL },
	{ "netmask", 1, NULL },
	{ "noaccomp", 0, NULL },
	{ "nobsdcomp", 0, NULL },
	{ "nodeflate", 0, NULL },
	{ "noendpoint", 0, NULL },
	{ "noktune", 0, NULL },
	{ "nomagic", 0, NULL },
	{ "nomppe", 0, NULL },
	{ "nomultilink", 0, NULL },
	{ "nopcomp", 0, NULL },
	{ "nopredictor1", 0, NULL },
	{ "novjccomp", 0, NULL },
	{ "pap-timeout", 1, NULL },
	{ "pass-filter", 1, NULL },
	{ "passive", 0, NULL },
	{ "receive-all", 0, NULL },
	{ "set", 1, NULL },
	{ "silent", 0, NULL },
	{ "unset", 1, NULL },

	{ "+chap", 0, KEY("auth") },
	{ "+mschap-v2", 0, KEY("auth") },
	{ "+pap", 0, KEY("auth") },
	{ "allow-ip", 0, AUTH },
	{ "auth", 0, KEY("auth") },
	{ "bsdcomp", 0, COMPRESSES },
	{ "call", 0, RUNS },
	{ "chap-secrets", 0, AUTH },
	{ "connect", 0, RUNS },
	{ "defaultroute", 0, RUNS },
	{ "deflate", 0, COMPRESSES },
	{ "demand", 0, RUNS },
	{ "detach", 0, RUNS },
	{ "disconnect", 0, RUNS },
	{ "file", 0, RUNS },
	{ "idle", 0, KEY("idle-timeout") },
	{ "ifname", 0, RUNS },
	{ "init", 0, RUNS },
	{ "ipcp-accept-remote", 0, AUTH },
	{ "ipparam", 0, RUNS },
	{ "lcp-echo-failure", 0, KEY("lcp-echo-failure") },
	{ "lcp-echo-interval", 0, KEY("lcp-echo-interval") },
	{ "linkname", 0, RUNS },
	{ "logfd", 0, RUNS },
	{ "logfile", 0, RUNS },
	{ "login", 0, AUTH },
	{ "maxconnect", 0, KEY("session-timeout") },
	{ "mppe", 0, COMPRESSES },
	{ "mru", 0, KEY("mtu") },
	{ "ms-dns", 0, KEY("dns") },
	{ "ms-wins", 0, KEY("wins") },
	{ "mtu", 0, KEY("mtu") },
	{ "multilink", 0, RUNS },
	{ "name", 0, KEY("hostname") },
	{ "noauth", 0, AUTH },
	{ "nodetach", 0, RUNS },
	{ "noproxyarp", 0, KEY("proxy-arp") },
	{ "pap-secrets", 0, AUTH },
	{ "password", 0, SECRET },
	{ "persist", 0, RUNS },
	{ "plugin", 0, RUNS },
	{ "privgroup", 0, AUTH },
	{ "proxyarp", 0, KEY("proxy-arp") },
	{ "pty", 0, RUNS },
	{ "record", 0, "would write passwords to a file" },
	{ "remotename", 0, AUTH },
	{ "require-chap", 0, KEY("auth") },
	{ "require-eap", 0, KEY("auth") },
	{ "require-mppe", 0, COMPRESSES },
	{ "require-mppe-128", 0, COMPRESSES },
	{ "require-mschap", 0, KEY("auth") },
	{ "require-mschap-v2", 0, KEY("auth") },
	{ "require-pap", 0, KEY("auth") },
	{ "show-password", 0, "would write passwords to the log" },
	{ "socket", 0, RUNS },
	{ "unit", 0, RUNS },
	{ "updetach", 0, RUNS },
	{ "user", 0, AUTH },
	{ "welcome", 0, RUNS },
};

static const struct option *
find(const char *name)
{
	for (size_t i = 0; i < nitems(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

static const char *
why_not(const char *word)
{
	const struct option *o = find(word);

	if (o != NULL)
		return o->refusal;
	if (strncmp(word, "lnsd-", 5) == 0)
		return RUNS;
	return "is no option that can be passed on to pppd";
}

static const char *
check_argument(const char *word)
{
	if (*word == '\0')
		return "is empty";
	for (; *word != '\0'; word++)
		if ((unsigned char)*word < 0x20 || *word == 0x7f)
			return "has control characters";
	return NULL;
}

static void
wrong(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, const struct conf_value *word,
    const char *problem)
{
	conf_mistake(c, node, word->line, "%s: '%.64s' %s", e->key->name,
	    word->text, problem);
}

/* False if words are left that have no meaning without the one before. */
static bool
check_option(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, size_t *at)
{
	const struct conf_value *word = &e->values[(*at)++];
	const char *problem = why_not(word->text);
	size_t n_args;

	if (problem != NULL) {
		wrong(c, node, e, word, problem);
		return false;
	}
	for (n_args = find(word->text)->n_args; n_args > 0; n_args--) {
		if (*at == e->n_values) {
			wrong(c, node, e, word, "needs a word behind it");
			return false;
		}
		problem = check_argument(e->values[(*at)++].text);
		if (problem != NULL)
			wrong(c, node, e, &e->values[*at - 1], problem);
	}
	return true;
}

void
conf_set_pppd_options(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_ppp *ppp = obj;
	size_t at = 0, len = 0;

	while (at < e->n_values && check_option(c, node, e, &at))
		;
	for (at = 0; at < e->n_values; at++) {
		len += strlen(e->values[at].text) + 1;
		ppp->pppd_options = conf_grow(ppp->pppd_options,
		    &ppp->n_pppd_options, sizeof(*ppp->pppd_options));
		ppp->pppd_options[ppp->n_pppd_options - 1] =
		    conf_strdup(e->values[at].text);
	}
	if (e->n_values > WORDS_MAX || len > WORDS_TEXT_MAX)
		conf_mistake(c, node, e->line,
		    "%s: more than %d words or %d characters", e->key->name,
		    WORDS_MAX, WORDS_TEXT_MAX);
}
