/* SPDX-License-Identifier: ISC */
/* What the facts mean: addresses and routes. */

#include "doctor.h"

#include <stdio.h>
#include <string.h>

#include "ruleset.h"

/* What most home routers and phones as hot spots give out. */
static const struct {
	uint32_t net, mask;
} homes[] = {
	{ 0xc0a80000, 0xffffff00 }, /* 192.168.0.0/24 */
	{ 0xc0a80100, 0xffffff00 }, /* 192.168.1.0/24 */
	{ 0xc0a82b00, 0xffffff00 }, /* 192.168.43.0/24 */
	{ 0xc0a8b200, 0xffffff00 }, /* 192.168.178.0/24 */
	{ 0x0a000000, 0xffffff00 }, /* 10.0.0.0/24 */
};

static void
judge_forwarding(const struct doctor_facts *f, struct findings *out)
{
	bool ipv6 = doctor_has_ipv6_inside(f->conf);

	if (!f->ip_forward)
		finding_add(out, FINDING_FAIL, "forwarding",
		    "sysctl -w net.ipv4.ip_forward=1, and that setting in "
		    "/etc/sysctl.d/60-lnsd.conf",
		    "the kernel forwards no IPv4: clients reach this machine "
		    "only");
	if (ipv6 && !f->ipv6_forward)
		finding_add(out, FINDING_FAIL, "forwarding",
		    "sysctl -w net.ipv6.conf.all.forwarding=1, and that "
		    "setting in /etc/sysctl.d/60-lnsd.conf",
		    "there is an ipv6-pool, but the kernel forwards no IPv6");
	if (f->ip_forward && (!ipv6 || f->ipv6_forward))
		finding_add(out, FINDING_OK, "forwarding", NULL,
		    "the kernel forwards packets");
}

static void
judge_ways(const struct doctor_facts *f, struct findings *out)
{
	char mend[120];

	if (f->machine.uplink[0] == '\0') {
		finding_add(out, FINDING_WARN, "uplink",
		    "ip route add default via ...",
		    "there is no default route: only clients on local "
		    "networks can dial");
		return;
	}
	if (f->rp_filter != 1 ||
	    (f->machine.n_ways < 2 &&
		(f->conf == NULL || f->conf->n_uplinks < 2)))
		return;
	snprintf(mend, sizeof(mend), "sysctl -w net.ipv4.conf.%s.rp_filter=2",
	    f->machine.uplink);
	finding_add(out, FINDING_WARN, "rp_filter", mend,
	    "there are several uplinks, and rp_filter of %s is strict: what "
	    "comes in by another way than goes out is dropped",
	    f->machine.uplink);
}

/* --- the clients' addresses --- */

static void
judge_home(
    struct findings *out, const char *name, const char *what, struct in_addr a)
{
	size_t i;

	for (i = 0; i < nitems(homes); i++)
		if ((ntohl(a.s_addr) & homes[i].mask) == homes[i].net)
			break;
	if (i == nitems(homes))
		return;
	finding_add(out, FINDING_WARN, "addresses",
	    "renumber, or know that clients in such a network do not reach "
	    "this one",
	    "ppp \"%s\": the %s %s is of a network that many home routers "
	    "have, too",
	    name, what, machine_ip(a));
}

static bool
needs_translation(const struct doctor_facts *f, struct in_addr a)
{
	struct ruleset_packet packet = {
		.proto = "tcp", .dport = 443, .iif = "ppp0", .saddr = a
	};

	if (f->firewall.rules == NULL || !machine_is_private(a))
		return false;
	if (f->machine.uplink[0] != '\0')
		packet.oif = f->machine.uplink;
	return !ruleset_translates(f->firewall.rules, &packet);
}

static void
judge_foreign_pool(const struct doctor_facts *f, const struct conf_ppp *p,
    struct in_addr a, struct findings *out)
{
	char mend[300];

	if (!needs_translation(f, a))
		return;
	snprintf(mend, sizeof(mend),
	    "a route to them by this machine on the router; or nft add table "
	    "ip nat; nft add chain ip nat post '{ type nat hook postrouting "
	    "priority srcnat; }'; nft add rule ip nat post iifname \"ppp*\" "
	    "oifname \"%s\" masquerade",
	    f->machine.uplink);
	finding_add(out, FINDING_WARN, "addresses", mend,
	    "ppp \"%s\": the pool at %s is of no local network, and nothing "
	    "translates it: others know no way back to the clients",
	    p->name, machine_ip(a));
}

static void
judge_pool(const struct doctor_facts *f, const struct conf_ppp *p,
    const struct conf_range *r, struct findings *out)
{
	const struct machine_net *of = machine_net_of(&f->machine, r->first);
	const struct machine_net *lan =
	    machine_net_of(&f->machine, p->local_address);

	if (of == NULL)
		of = machine_net_of(&f->machine, r->last);
	if (of == NULL) {
		judge_foreign_pool(f, p, r->first, out);
		return;
	}
	if (of != lan)
		finding_add(out, FINDING_FAIL, "addresses",
		    "another pool, or a local-address of that network and "
		    "proxy-arp = yes",
		    "ppp \"%s\": the pool at %s is in the network of %s, but "
		    "local-address is not",
		    p->name, machine_ip(r->first), of->ifname);
	else if (!p->proxy_arp)
		finding_add(out, FINDING_WARN, "addresses", "proxy-arp = yes",
		    "ppp \"%s\": the pool is of the network of %s, whose hosts "
		    "do not find the clients without proxy-arp",
		    p->name, of->ifname);
}

static void
judge_ppp(const struct doctor_facts *f, const struct conf_ppp *p,
    struct findings *out)
{
	size_t i;

	for (i = 0; i < p->n_pool; i++)
		judge_pool(f, p, &p->pool[i], out);
	if (machine_net_of(&f->machine, p->local_address) == NULL && p->dhcp)
		finding_add(out, FINDING_FAIL, "addresses",
		    "a local-address of the network of the DHCP server",
		    "ppp \"%s\": local-address %s is of no local network, so "
		    "that there is no DHCP server to ask",
		    p->name, machine_ip(p->local_address));
	judge_home(out, p->name, "local-address", p->local_address);
}

/* --- who is dialled --- */

static const struct conf_uplink *
uplink_of(const struct conf *c, struct in_addr a)
{
	size_t i;

	for (i = 0; i < c->n_uplinks; i++)
		if (c->uplinks[i].address.s_addr == a.s_addr)
			return &c->uplinks[i];
	return NULL;
}

static void
judge_public(const struct doctor_facts *f, struct findings *out)
{
	struct in_addr a = f->machine.uplink_address;
	const struct conf_uplink *u;
	char mend[250];

	if (f->conf == NULL || a.s_addr == 0 || !machine_is_private(a))
		return;
	u = uplink_of(f->conf, a);
	if (u != NULL && u->has_public_address) {
		finding_add(out, FINDING_OK, "public-address", NULL,
		    "clients dial %s; the router must forward UDP 500 and 4500 "
		    "to %s, and who dials from inside needs its hairpin NAT",
		    machine_ip(u->public_address), machine_ip(a));
		return;
	}
	snprintf(mend, sizeof(mend),
	    "let the router forward UDP 500 and 4500 to it, and add: listen = "
	    "{ \"%s\" } uplink \"%s\" { public-address = \"the router's\" }",
	    machine_ip(a), machine_ip(a));
	finding_add(out, FINDING_WARN, "public-address", mend,
	    "%s is a private address: nobody dials it from the internet",
	    machine_ip(a));
}

void
doctor_judge_net(const struct doctor_facts *f, struct findings *out)
{
	size_t i;

	judge_forwarding(f, out);
	judge_ways(f, out);
	judge_public(f, out);
	doctor_judge_firewall(f, out);
	for (i = 0; f->conf != NULL && i < f->conf->n_ppp; i++)
		judge_ppp(f, &f->conf->ppp[i], out);
	if (f->dead_dns[0] != '\0')
		finding_add(out, FINDING_WARN, "dns",
		    "another dns in the section ppp, or start that server and "
		    "let it answer the clients",
		    "no answer from the name server that clients are told: %s",
		    f->dead_dns);
}
