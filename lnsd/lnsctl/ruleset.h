/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_RULESET_H
#define LNSCTL_RULESET_H

/*
 * What would the rules of "nft -j list ruleset" do with a packet?  Those that
 * cannot be judged (sets, extensions of iptables) make the answer unsure. Pure.
 */

#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"

struct ruleset_packet {
	bool ipv6;
	const char *proto;	/* "udp", "esp" */
	int sport, dport;	/* 0: any, or it has none */
	const char *ct;		/* state of its connection; NULL: "new" */
	const char *iif, *oif;	/* names; NULL: unknown, or none */
	struct in_addr saddr;	/* zero: unknown */
	bool ipsec, into_ipsec; /* it came out of an SA; goes into one */
};

enum ruleset_fate {
	RULESET_ACCEPT,
	RULESET_DROP,
	RULESET_UNSURE,
};

/* Of the base chains of type filter at this hook ("input").  chain: "inet
 * filter input", the one that drops, after so many others that do, too;
 * borrowed, until the next call. */
enum ruleset_fate ruleset_fate(const json_t *, const char *hook,
    const struct ruleset_packet *, size_t others,
    const char **chain) must_check;
/* Its source address is, or may be, translated when it leaves. */
bool ruleset_translates(
    const json_t *, const struct ruleset_packet *) must_check;
bool ruleset_has_table(
    const json_t *, const char *family, const char *name) must_check;
/* The same without the rules that have this comment, to be released; NULL: out
 * of memory. */
json_t *ruleset_without(const json_t *, const char *comment) must_check;
/* Calls fn for each rule with this comment, in any table. */
void ruleset_commented(const json_t *, const char *comment,
    void (*fn)(void *arg, const json_t *rule), void *arg);

#endif
