/* SPDX-License-Identifier: ISC */
#ifndef DOCTOR_WORLD_H
#define DOCTOR_WORLD_H

/* A machine without a fault, and what doctor finds of it. */

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/lnsctl/doctor.h"

static char profile[] = "clients", run_dir[] = "/run/lnsd",
	    state_dir[] = "/var/lib/lnsd";
static struct conf_range pool[1];
static struct conf_ppp ppp;
static struct conf_uplink uplink;
static struct conf conf;
static struct doctor_facts f;
static json_t *rules;

static struct in_addr
ip(const char *text)
{
	struct in_addr a;

	ck_assert_int_eq(inet_pton(AF_INET, text, &a), 1);
	return a;
}

static json_t *
parse(const char *text)
{
	char copy[2000], *p;
	json_error_t error;
	json_t *set;

	snprintf(copy, sizeof(copy), "{'nftables': [%s]}", text);
	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	set = json_loads(copy, 0, &error);
	ck_assert_msg(set != NULL, "%s", error.text);
	return set;
}

#define GUARD_OF(family) \
	"{'table': {'family': '" family "', 'name': 'lnsd_guard'}}"
#define STEER "{'table': {'family': 'ip', 'name': 'lnsd'}}"
#define GUARD GUARD_OF("ip") ", " GUARD_OF("ip6") ", " STEER
#define CHAIN(family, hook, name, policy)                                   \
	", {'chain': {'family': '" family "', 'table': 'f', 'name': '" name \
	"', 'type': 'filter', 'hook': '" hook "', 'policy': '" policy "'}}"

static void
put_rules(const char *text)
{
	json_decref(rules);
	rules = parse(text);
	f.firewall.rules = rules;
}

static void
put_net(size_t i, const char *ifname, const char *address)
{
	struct machine_net *n = &f.machine.nets[i];

	snprintf(n->ifname, sizeof(n->ifname), "%s", ifname);
	n->address = ip(address);
	n->bits = 24;
	f.machine.n_nets = i + 1;
}

static void
setup(void)
{
	memset(&f, 0, sizeof(f));
	memset(&conf, 0, sizeof(conf));
	memset(&ppp, 0, sizeof(ppp));
	memset(&uplink, 0, sizeof(uplink));
	f.root = f.has_module_dir = f.dev_ppp = f.l2tp = f.ip_forward = true;
	f.has_conf = f.has_group = f.run_dir_ok = f.state_dir_ok = true;
	f.pluto_answers = f.synchronised = true;
	f.max_files = 65536;
	f.now = 1800000000;
	snprintf(f.kernel, sizeof(f.kernel), "6.1.0-1-amd64");
	snprintf(f.pppd, sizeof(f.pppd), "2.4.9");
	snprintf(f.libreswan, sizeof(f.libreswan), "Libreswan 4.10");
	snprintf(f.server, sizeof(f.server), LNSD_VERSION);
	f.plugin = "/p.so";
	f.conf_path = "/etc/lnsd/lnsd.conf";
	f.conf = &conf;
	f.conf_errors = "";
	put_net(0, "e0", "203.0.113.1");
	put_net(1, "lan0", "192.168.100.1");
	snprintf(f.machine.uplink, sizeof(f.machine.uplink), "e0");
	f.machine.uplink_address = ip("203.0.113.1");
	f.machine.n_ways = 1;
	pool[0].first = ip("192.168.100.200");
	pool[0].last = ip("192.168.100.250");
	ppp.name = profile;
	ppp.local_address = ip("192.168.100.1");
	ppp.pool = pool;
	ppp.n_pool = 1;
	ppp.proxy_arp = true;
	conf.ppp = &ppp;
	conf.n_ppp = 1;
	conf.run_dir = run_dir;
	conf.state_dir = state_dir;
	rules = NULL;
	put_rules(GUARD);
}

static void
teardown(void)
{
	json_decref(rules);
}

static struct findings found;

static void
judge(void)
{
	found.n = 0;
	doctor_judge(&f, &found);
}

/* The only thing that is not ok is this one; what and mend are parts. */
static void
assert_found(enum finding_state state, const char *check, const char *what,
    const char *mend)
{
	size_t i, bad = 0;

	judge();
	for (i = 0; i < found.n; i++) {
		const struct finding *e = &found.list[i];

		if (e->state == FINDING_OK)
			continue;
		bad++;
		ck_assert_msg(e->state == state, "%s", e->text);
		ck_assert_str_eq(e->check, check);
		ck_assert_msg(strstr(e->text, what) != NULL, "%s", e->text);
		ck_assert_msg(strstr(e->mend, mend) != NULL, "%s", e->mend);
	}
	ck_assert_uint_eq(bad, 1);
}

static void
assert_all_well(void)
{
	size_t i;

	judge();
	for (i = 0; i < found.n; i++)
		ck_assert_msg(found.list[i].state == FINDING_OK, "%s",
		    found.list[i].text);
	ck_assert_uint_gt(found.n, 8);
}

#endif
