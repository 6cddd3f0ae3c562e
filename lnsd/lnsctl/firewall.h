/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_FIREWALL_H
#define LNSCTL_FIREWALL_H

/*
 * What has to pass the firewall of this machine, which doctor looks for and
 * setup opens: one list for both.  Pure.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compiler.h"
#include "ruleset.h"

enum firewall_hook {
	FIREWALL_INPUT,
	FIREWALL_OUTPUT,
	FIREWALL_FORWARD,
	FIREWALL_HOOKS
};

/* The program that keeps the rules; a rule of nft would not stay beside it. */
enum firewall_keeper { KEEPER_NONE, KEEPER_UFW, KEEPER_FIREWALLD };

struct firewall_need {
	enum firewall_hook hook;
	const char *what;     /* "UDP 500" */
	const char *lost;     /* what happens if it is dropped */
	const char *rule;     /* what lets it pass: of nft, */
	const char *iptables; /* and of iptables */
	bool vital;	      /* no client gets on without it */
	struct ruleset_packet packet;
};

struct firewall {
	const json_t *rules; /* of "nft -j list ruleset" */
	const char *uplink;  /* interface; "": unknown */
	bool dialled_ipv6;   /* clients come over IPv6, too */
	bool inside_ipv6;    /* and have addresses of it */
	enum firewall_keeper keeper;
	/* What the keeper says of itself: it lets clients in; forwards. */
	bool keeper_open[FIREWALL_HOOKS];
	/* firewalld's own settings let IKE and ESP, and UDP 1701, in. */
	bool had_ipsec, had_l2tp;
};

struct firewall_lack {
	const struct firewall_need *need;
	bool ipv6;
	char chain[160]; /* "inet filter input": it drops that */
};

#define FIREWALL_LACKS 24

struct firewall_found {
	struct firewall_lack lacks[FIREWALL_LACKS];
	size_t n;
	/* Of a need at this hook it cannot be told. */
	bool unsure[FIREWALL_HOOKS];
};

/* A chain of both families is found once. */
void firewall_find(const struct firewall *, struct firewall_found *);
/* The keeper, if there is one, has to be told about this hook. */
bool firewall_is_closed(const struct firewall *, const struct firewall_found *,
    enum firewall_hook) must_check;

/* The marks by which setup knows its rules again. */
#define FIREWALL_COMMENT "lnsctl setup"
/* What is lacking, as commands of nft. */
void firewall_write_rules(FILE *, const struct firewall_found *);
/* The one command that opens this, for people. */
void firewall_mend(const struct firewall_lack *, char *buf, size_t size);

/* "ufw"; NULL: none. */
const char *firewall_keeper_name(enum firewall_keeper) must_check;
/* A command that tells the keeper to let clients pass; NULL: by hand. */
const char *firewall_keeper_opens(
    enum firewall_keeper, enum firewall_hook) must_check;
/* One that takes this back, but for what was there before; "": nothing. */
const char *firewall_keeper_undo(
    const struct firewall *, enum firewall_hook) must_check;
/* Of "ufw status": whether a rule lets this word ("4500") in.  */
bool firewall_ufw_allows(const char *status, const char *word) must_check;

#endif
