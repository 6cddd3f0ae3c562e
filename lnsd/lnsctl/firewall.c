/* SPDX-License-Identifier: ISC */
/* What the firewall has to let pass; contract in firewall.h. */

#include "firewall.h"

#include <ctype.h>
#include <string.h>

static const char *const hook_names[FIREWALL_HOOKS] = { "input", "output",
	"forward" };

/*
 * Clients begin: their first packets are new, and what answers them belongs to
 * their connection.  The kernel's L2TP is not tracked in either direction, see
 * ipsec/steer.c.
 */
static const struct firewall_need needs[] = {
	{ FIREWALL_INPUT, "UDP 500", "no client can dial", "udp dport 500",
	    "-p udp --dport 500", true, { .proto = "udp", .dport = 500 } },
	{ FIREWALL_INPUT, "UDP 4500", "no client behind NAT can dial",
	    "udp dport 4500", "-p udp --dport 4500", true,
	    { .proto = "udp", .dport = 4500 } },
	{ FIREWALL_INPUT, "UDP 1701 out of IPsec",
	    "IKE succeeds, and then nothing happens",
	    "meta ipsec exists udp dport 1701",
	    "-p udp --dport 1701 -m policy --dir in --pol ipsec", true,
	    { .proto = "udp",
		.dport = 1701,
		.ct = "untracked",
		.ipsec = true } },
	{ FIREWALL_INPUT, "ESP", "clients without NAT fail", "meta l4proto esp",
	    "-p esp", false, { .proto = "esp" } },
	{ FIREWALL_OUTPUT, "answers from UDP 500", "no client can dial",
	    "udp sport 500", "-p udp --sport 500", true,
	    { .proto = "udp", .sport = 500, .ct = "established" } },
	{ FIREWALL_OUTPUT, "answers from UDP 4500",
	    "no client behind NAT can dial", "udp sport 4500",
	    "-p udp --sport 4500", true,
	    { .proto = "udp", .sport = 4500, .ct = "established" } },
	{ FIREWALL_OUTPUT, "UDP 1701 into IPsec",
	    "IKE succeeds, and then nothing happens",
	    "rt ipsec exists udp sport 1701",
	    "-p udp --sport 1701 -m policy --dir out --pol ipsec", true,
	    { .proto = "udp",
		.sport = 1701,
		.ct = "untracked",
		.into_ipsec = true } },
	{ FIREWALL_OUTPUT, "ESP to clients", "clients without NAT fail",
	    "meta l4proto esp", "-p esp", false,
	    { .proto = "esp", .ct = "established" } },
	{ FIREWALL_FORWARD, "what clients send to others",
	    "they reach this machine only (Docker sets that, too)",
	    "iifname \"ppp*\"", "-i ppp+", true,
	    { .proto = "tcp", .dport = 443, .iif = "ppp0" } },
	{ FIREWALL_FORWARD, "what others answer to clients",
	    "they reach this machine only",
	    "oifname \"ppp*\" ct state established,related",
	    "-o ppp+ -m conntrack --ctstate ESTABLISHED,RELATED", true,
	    { .proto = "tcp",
		.sport = 443,
		.ct = "established",
		.oif = "ppp0" } },
};

/* The side that is not the clients' links is the uplink. */
static struct ruleset_packet
packet_of(const struct firewall_need *need, const char *uplink, bool ipv6)
{
	struct ruleset_packet p = need->packet;

	p.ipv6 = ipv6;
	if (uplink[0] == '\0')
		return p;
	if (p.iif == NULL && need->hook != FIREWALL_OUTPUT)
		p.iif = uplink;
	else if (p.oif == NULL)
		p.oif = uplink;
	return p;
}

static bool
is_known(const struct firewall_found *found, const struct firewall_need *need,
    const char *chain)
{
	size_t i;

	for (i = 0; i < found->n; i++)
		if (found->lacks[i].need == need &&
		    strcmp(found->lacks[i].chain, chain) == 0)
			return true;
	return false;
}

static void
add(struct firewall_found *found, const struct firewall_need *need, bool ipv6,
    const char *chain)
{
	struct firewall_lack *lack;

	if (is_known(found, need, chain) || found->n == FIREWALL_LACKS)
		return;
	lack = &found->lacks[found->n++];
	lack->need = need;
	lack->ipv6 = ipv6;
	snprintf(lack->chain, sizeof(lack->chain), "%s", chain);
}

/* Each chain that drops it has to be opened. */
static void
try(const struct firewall *f, const struct firewall_need *need, bool ipv6,
    struct firewall_found *found)
{
	struct ruleset_packet p = packet_of(need, f->uplink, ipv6);
	enum ruleset_fate fate;
	const char *chain;
	size_t n = 0;

	do {
		fate = ruleset_fate(
		    f->rules, hook_names[need->hook], &p, n++, &chain);
		if (fate == RULESET_DROP)
			add(found, need, ipv6, chain);
	} while (fate == RULESET_DROP);
	if (fate == RULESET_UNSURE)
		found->unsure[need->hook] = true;
}

void
firewall_find(const struct firewall *f, struct firewall_found *found)
{
	size_t i;

	memset(found, 0, sizeof(*found));
	for (i = 0; f->rules != NULL && i < nitems(needs); i++) {
		try(f, &needs[i], false, found);
		if (needs[i].hook == FIREWALL_FORWARD ? f->inside_ipv6
						      : f->dialled_ipv6)
			try(f, &needs[i], true, found);
	}
}

bool
firewall_is_closed(const struct firewall *f, const struct firewall_found *found,
    enum firewall_hook hook)
{
	size_t i;

	for (i = 0; i < found->n; i++)
		if (found->lacks[i].need->hook == hook)
			return true;
	return found->unsure[hook] && hook != FIREWALL_OUTPUT &&
	       !f->keeper_open[hook];
}

void
firewall_write_rules(FILE *f, const struct firewall_found *found)
{
	size_t i;

	for (i = 0; i < found->n; i++)
		fprintf(f,
		    "insert rule %s %s accept comment \"" FIREWALL_COMMENT
		    "\"\n",
		    found->lacks[i].chain, found->lacks[i].need->rule);
}

/* A chain that iptables made is kept by those who made it. */
void
firewall_mend(const struct firewall_lack *lack, char *buf, size_t size)
{
	const char *name = strrchr(lack->chain, ' ');

	if (name != NULL && isupper((unsigned char)name[1]) &&
	    strstr(lack->chain, " filter ") != NULL)
		snprintf(buf, size,
		    "%s -I%s %s -j ACCEPT, and in the rules that are loaded at "
		    "boot (netfilter-persistent save)",
		    lack->ipv6 ? "ip6tables" : "iptables", name,
		    lack->need->iptables);
	else
		snprintf(buf, size,
		    "nft insert rule %s %s accept, and the same in "
		    "/etc/nftables.conf",
		    lack->chain, lack->need->rule);
}

/* --- keepers --- */

static const struct {
	const char *name;
	struct {
		const char *open, *undo;
	} hooks[FIREWALL_HOOKS];
} keepers[] = {
	[KEEPER_UFW] = { "ufw",
	    { [FIREWALL_INPUT] = { "ufw allow 500,4500,1701/udp && "
				   "ufw allow proto esp from any",
		  "ufw delete allow 500,4500,1701/udp && "
		  "ufw delete allow proto esp from any" },
		[FIREWALL_OUTPUT] = { "ufw allow out from any port "
				      "500,4500,1701 proto udp && "
				      "ufw allow out proto esp from any",
		    "ufw delete allow out from any port 500,4500,1701 proto "
		    "udp && ufw delete allow out proto esp from any" },
		[FIREWALL_FORWARD] = { "ufw route allow in on ppp+",
		    "ufw route delete allow in on ppp+" } } },
	[KEEPER_FIREWALLD] = { "firewalld",
	    { [FIREWALL_INPUT] = { "firewall-cmd -q --permanent "
				   "--add-service=ipsec --add-port=1701/udp && "
				   "firewall-cmd -q --reload",
		  "firewall-cmd -q --permanent --remove-service=ipsec "
		  "--remove-port=1701/udp && firewall-cmd -q --reload" } } },
};

const char *
firewall_keeper_name(enum firewall_keeper k)
{
	return keepers[k].name;
}

const char *
firewall_keeper_opens(enum firewall_keeper k, enum firewall_hook hook)
{
	return keepers[k].hooks[hook].open;
}

const char *
firewall_keeper_undo(const struct firewall *f, enum firewall_hook hook)
{
	if (f->keeper != KEEPER_FIREWALLD || hook != FIREWALL_INPUT ||
	    (!f->had_ipsec && !f->had_l2tp))
		return keepers[f->keeper].hooks[hook].undo;
	if (f->had_ipsec && f->had_l2tp)
		return "";
	return f->had_ipsec
		   ? "firewall-cmd -q --permanent --remove-port=1701/udp && "
		     "firewall-cmd -q --reload"
		   : "firewall-cmd -q --permanent --remove-service=ipsec && "
		     "firewall-cmd -q --reload";
}

/* "500,1701,4500/udp   ALLOW   Anywhere", "Anywhere   ALLOW FWD   Anywhere on
 * ppp+": a word ends where it has no letter, digit or '+'. */
bool
firewall_ufw_allows(const char *status, const char *word)
{
	size_t n = strlen(word), len;
	const char *line, *p;

	for (line = status; *line != '\0'; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		p = strstr(line, word);
		if (p == NULL)
			return false;
		if (p + n > line + len || (p > line && isalnum(p[-1])) ||
		    isalnum(p[n]))
			continue;
		p = strstr(line, "ALLOW");
		if (p != NULL && p < line + len &&
		    strncmp(p, "ALLOW OUT", 9) != 0)
			return true;
	}
	return false;
}
