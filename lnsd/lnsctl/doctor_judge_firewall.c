/* SPDX-License-Identifier: ISC */
/* What the facts mean: the firewall of this machine. */

#include "doctor.h"

#include <stdio.h>

static bool
listens_ipv6(const struct conf *c)
{
	size_t i;

	for (i = 0; c != NULL && i < c->n_listen; i++)
		if (c->listen[i].family == 6)
			return true;
	return false;
}

bool
doctor_has_ipv6_inside(const struct conf *c)
{
	size_t i;

	for (i = 0; c != NULL && i < c->n_ppp; i++)
		if (c->ppp[i].ipv6_pool.len != 0)
			return true;
	return false;
}

/* --- another program keeps the rules --- */

static void
judge_keeper(const struct firewall *fw, const struct firewall_found *found,
    struct findings *out)
{
	static const char *const what[FIREWALL_HOOKS] = {
		"let in UDP 500 and 4500, ESP and UDP 1701 out of IPsec: "
		"clients cannot dial",
		"let out what answers clients",
		"forward what clients send: they reach this machine only",
	};
	const char *name = firewall_keeper_name(fw->keeper), *open;
	bool good = true;
	int hook;

	for (hook = 0; hook < FIREWALL_HOOKS; hook++) {
		if (!firewall_is_closed(fw, found, hook))
			continue;
		good = false;
		open = firewall_keeper_opens(fw->keeper, hook);
		finding_add(out, FINDING_FAIL, "firewall",
		    open != NULL ? open
				 : "a policy from the zone of ppp+ to ANY with "
				   "the target ACCEPT: firewalld.policies(5)",
		    "%s is active, and seems not to %s", name, what[hook]);
	}
	if (good)
		finding_add(out, FINDING_OK, "firewall", NULL,
		    "%s is active, and lets clients pass", name);
}

/* --- rules of nft, or of iptables --- */

static void
judge_lack(const struct firewall_lack *lack, struct findings *out)
{
	char mend[400];

	firewall_mend(lack, mend, sizeof(mend));
	/* Not every server with IPv6 is dialled by it. */
	finding_add(out,
	    lack->need->vital &&
		    (!lack->ipv6 || lack->need->hook == FIREWALL_FORWARD)
		? FINDING_FAIL
		: FINDING_WARN,
	    "firewall", mend, "the firewall here (%s) drops %s%s: %s",
	    lack->chain, lack->need->what, lack->ipv6 ? " over IPv6" : "",
	    lack->need->lost);
}

static void
judge_unsure(const struct firewall_found *found, struct findings *out)
{
	static const char *const what[FIREWALL_HOOKS] = {
		"UDP 500 and 4500, ESP and UDP 1701 out of IPsec come in",
		"what answers clients goes out",
		"what clients send is forwarded",
	};
	int hook;

	for (hook = 0; hook < FIREWALL_HOOKS; hook++)
		if (found->unsure[hook])
			finding_add(out, FINDING_WARN, "firewall",
			    "look at nft list ruleset, unless clients connect",
			    "the firewall here has sets, or extensions of "
			    "iptables, that are not understood: make sure that "
			    "%s",
			    what[hook]);
}

void
doctor_judge_firewall(const struct doctor_facts *f, struct findings *out)
{
	struct firewall fw = f->firewall;
	struct firewall_found found;
	size_t i, before = out->n;

	if (fw.rules == NULL) {
		finding_add(out, FINDING_WARN, "firewall",
		    "apt-get install nftables",
		    "nft does not tell the rule set");
		return;
	}
	fw.uplink = f->machine.uplink;
	fw.dialled_ipv6 = f->machine.has_ipv6 && listens_ipv6(f->conf);
	fw.inside_ipv6 = doctor_has_ipv6_inside(f->conf);
	firewall_find(&fw, &found);
	if (fw.keeper != KEEPER_NONE) {
		judge_keeper(&fw, &found, out);
		return;
	}
	for (i = 0; i < found.n; i++)
		judge_lack(&found.lacks[i], out);
	judge_unsure(&found, out);
	if (out->n == before)
		finding_add(out, FINDING_OK, "firewall", NULL,
		    "the firewall here lets clients in, answers out, and "
		    "forwards for them");
}
