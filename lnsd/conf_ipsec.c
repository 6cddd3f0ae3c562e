/* SPDX-License-Identifier: ISC */
/* The keys that only the section ipsec has. */
#include "conf_check.h"

#include <string.h>
#include <arpa/inet.h>

#include "conf_value.h"

static void *
field(void *obj, const struct conf_entry *e)
{
	return (char *)obj + e->key->at;
}

/* n: it is none of them. */
static size_t
which(const struct conf_entry *e, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n && strcmp(e->values[0].text, words[i]) != 0; i++)
		;
	return i;
}

void
conf_set_ipsec_mode(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	static const char *const words[] = {
		[CONF_IPSEC_MANAGED] = "managed",
		[CONF_IPSEC_SYSTEM] = "system",
		[CONF_IPSEC_OFF] = "off",
	};
	enum conf_ipsec_mode *mode = field(obj, e);
	const size_t i = which(e, words, nitems(words));

	if (i < nitems(words))
		*mode = (enum conf_ipsec_mode)i;
	else
		conf_wrong(
		    c, node, e, 0, "is not one of managed, system and off");
}

void
conf_set_proposals(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	static const char *const words[] = {
		[CONF_PROPOSALS_MODERN] = "modern",
		[CONF_PROPOSALS_COMPATIBLE] = "compatible",
		[CONF_PROPOSALS_LEGACY] = "legacy",
	};
	enum conf_proposals *proposals = field(obj, e);
	const size_t i = which(e, words, nitems(words));

	if (i < nitems(words))
		*proposals = (enum conf_proposals)i;
	else
		conf_wrong(c, node, e, 0,
		    "is not one of modern, compatible and legacy");
}

/* "A.B.0.0/16": not one that any machine has. */
void
conf_set_client_range(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *text = e->values[0].text, *slash = strchr(text, '/');
	struct in_addr *range = field(obj, e);
	char ip[INET_ADDRSTRLEN] = "";

	if (slash != NULL && (size_t)(slash - text) < sizeof(ip))
		memcpy(ip, text, (size_t)(slash - text));
	if (slash == NULL || strcmp(slash, "/16") != 0 ||
	    inet_pton(AF_INET, ip, range) != 1 ||
	    (ntohl(range->s_addr) & 0xffff) != 0 ||
	    IN_MULTICAST(ntohl(range->s_addr)) ||
	    ntohl(range->s_addr) >> 24 == IN_LOOPBACKNET ||
	    ntohl(range->s_addr) >> 24 == 0)
		conf_wrong(c, node, e, 0,
		    "is not a range of IPv4 addresses like 240.1.0.0/16");
}

void
conf_set_ipsec_log(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *text = e->values[0].text, *problem;
	const bool syslog = strcmp(text, "syslog") == 0;
	char **log = field(obj, e);

	conf_wipe(*log);
	*log = syslog ? NULL : conf_strdup(text);
	problem = syslog ? NULL : conf_check_dir(text);
	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
}

void
conf_set_ipsec_log_level(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	static const char *const words[] = {
		[CONF_LOG_NORMAL] = "normal",
		[CONF_LOG_QUIET] = "quiet",
		[CONF_LOG_DEBUG] = "debug",
	};
	enum conf_log_level *level = field(obj, e);
	const size_t i = which(e, words, nitems(words));

	if (i < nitems(words))
		*level = (enum conf_log_level)i;
	else
		conf_wrong(
		    c, node, e, 0, "is not one of quiet, normal and debug");
}
