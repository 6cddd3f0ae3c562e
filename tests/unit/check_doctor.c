/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/lnsctl/doctor.h"

/* --- a machine without a fault --- */

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

#define GUARD                                           \
	"{'table': {'family': 'ip', 'name': 'lnsd'}}, " \
	"{'table': {'family': 'ip', 'name': 'lnsd_guard'}}"
#define CHAIN(hook, policy)                                                \
	", {'chain': {'family': 'ip', 'table': 'f', 'name': 'c', 'type': " \
	"'filter', 'hook': '" hook "', 'policy': '" policy "'}}"

static void
put_rules(const char *text)
{
	json_decref(rules);
	rules = parse(text);
	f.rules = rules;
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

START_TEST(machine_without_fault_is_well)
{
	assert_all_well();
}
END_TEST

START_TEST(user_who_is_not_root_sees_nothing_else)
{
	f.root = false;
	f.dev_ppp = false;
	assert_found(FINDING_FAIL, "root", "not root", "sudo");
	ck_assert_uint_eq(found.n, 1);
}
END_TEST

START_TEST(missing_modules_are_named_with_their_package)
{
	snprintf(f.missing, sizeof(f.missing), "l2tp_ppp, esp4");
	assert_found(FINDING_FAIL, "modules",
	    "6.1.0-1-amd64 has no modules l2tp_ppp, esp4",
	    "linux-modules-extra-6.1.0-1-amd64");
	snprintf(f.kernel, sizeof(f.kernel), "6.1.0-1-cloud-amd64");
	assert_found(FINDING_FAIL, "modules", "l2tp_ppp", "linux-image-cloud");
	f.has_module_dir = false;
	assert_found(FINDING_FAIL, "modules", "l2tp_ppp", "reboot");
}
END_TEST

START_TEST(forbidden_module_is_named)
{
	snprintf(f.forbidden, sizeof(f.forbidden), "l2tp_ppp");
	assert_found(
	    FINDING_FAIL, "modules", "not to load l2tp_ppp", "/etc/modprobe.d");
}
END_TEST

START_TEST(missing_ppp_and_l2tp_are_found)
{
	f.dev_ppp = false;
	assert_found(FINDING_FAIL, "ppp", "/dev/ppp", "modprobe ppp_generic");
	f.dev_ppp = true;
	f.l2tp = false;
	assert_found(FINDING_FAIL, "l2tp", "L2TP", "modprobe l2tp_ppp");
}
END_TEST

START_TEST(denial_of_apparmor_is_shown)
{
	snprintf(f.denied, sizeof(f.denied), "profile pluto");
	assert_found(
	    FINDING_WARN, "apparmor", "profile pluto", "/etc/apparmor.d");
}
END_TEST

START_TEST(pppd_that_is_missing_or_refuses_the_plugin_is_found)
{
	f.pppd[0] = '\0';
	assert_found(
	    FINDING_FAIL, "pppd", "not installed", "apt-get install ppp");
	snprintf(f.pppd, sizeof(f.pppd), "2.5.0");
	snprintf(f.plugin_error, sizeof(f.plugin_error), "for 2.4.9");
	assert_found(FINDING_FAIL, "pppd",
	    "pppd 2.5.0 does not load /p.so: for 2.4.9", "ppp-dev");
}
END_TEST

START_TEST(missing_libreswan_is_told_with_its_package)
{
	f.ipsec_missing = "libreswan is not installed (package libreswan)";
	assert_found(FINDING_FAIL, "libreswan", "not installed",
	    "apt-get install libreswan");
	f.ipsec_missing = "certutil is not installed (package libnss3-tools)";
	assert_found(FINDING_FAIL, "libreswan", "certutil", "libnss3-tools");
}
END_TEST

START_TEST(what_libreswan_was_not_built_with_is_told)
{
	f.remarks = "remark: this libreswan has no DH group 2\n";
	assert_found(
	    FINDING_WARN, "libreswan", "this libreswan has no DH", "USE_DH2");
}
END_TEST

static void
put_port(unsigned int port, const char *name, bool ours)
{
	f.n_ports = 1;
	f.ports[0].port = port;
	f.ports[0].pid = 42;
	f.ports[0].ours = ours;
	snprintf(f.ports[0].name, sizeof(f.ports[0].name), "%s", name);
}

START_TEST(who_has_a_port_is_named)
{
	put_port(500, "charon", false);
	assert_found(FINDING_FAIL, "ports",
	    "UDP port 500 is taken by charon (process 42)", "strongswan");
	put_port(4500, "pluto", false);
	assert_found(FINDING_FAIL, "ports", "4500", "disable --now ipsec");
	put_port(1701, "xl2tpd", false);
	assert_found(FINDING_FAIL, "ports", "xl2tpd", "disable --now xl2tpd");
	put_port(1701, "socat", false);
	assert_found(FINDING_FAIL, "ports", "socat", "ss -uapn");
	put_port(500, "", false);
	assert_found(FINDING_FAIL, "ports", "unknown", "ss -uapn");
}
END_TEST

START_TEST(port_of_ours_or_of_the_systems_pluto_is_well)
{
	put_port(500, "pluto", true);
	assert_all_well();
	put_port(500, "pluto", false);
	conf.ipsec.mode = CONF_IPSEC_SYSTEM;
	assert_all_well();
	put_port(1701, "pluto", false);
	assert_found(FINDING_FAIL, "ports", "1701", "");
}
END_TEST

START_TEST(configuration_that_is_missing_leads_to_setup)
{
	f.has_conf = false;
	f.conf = NULL;
	assert_found(FINDING_FAIL, "configuration",
	    "there is no /etc/lnsd/lnsd.conf", "lnsctl setup");
}
END_TEST

START_TEST(every_error_of_the_configuration_is_told)
{
	f.conf = NULL;
	f.conf_errors = "a:1: one\na:2: two\n";
	judge();
	ck_assert_uint_eq(found.n, 10);
	f.conf_errors = "a:1: one\n";
	assert_found(FINDING_FAIL, "configuration", "a:1: one", "lnsd -t");
}
END_TEST

START_TEST(warning_of_the_configuration_is_told)
{
	char text[] = "a:3: warning: certificate is out of date";
	char *list[] = { text };

	conf.warnings = list;
	conf.n_warnings = 1;
	assert_found(FINDING_WARN, "configuration", "out of date", "");
}
END_TEST

START_TEST(mode_off_is_warned_of)
{
	conf.ipsec.mode = CONF_IPSEC_OFF;
	assert_found(
	    FINDING_WARN, "configuration", "nothing is encrypted", "mode");
}
END_TEST

START_TEST(directories_that_cannot_be_written_are_named)
{
	f.run_dir_ok = false;
	assert_found(FINDING_FAIL, "directories", "run-dir /run/lnsd", "mount");
	f.run_dir_ok = true;
	f.state_dir_ok = false;
	assert_found(
	    FINDING_FAIL, "directories", "state-dir /var/lib/lnsd", "mount");
}
END_TEST

START_TEST(missing_group_is_warned_of)
{
	f.has_group = false;
	assert_found(FINDING_WARN, "group", "group lnsd", "groupadd");
}
END_TEST

START_TEST(server_that_is_down_or_another_is_found)
{
	snprintf(f.server, sizeof(f.server), "0.0.9");
	assert_found(FINDING_WARN, "server", "lnsd 0.0.9 runs", "restart");
	f.server[0] = '\0';
	snprintf(f.server_error, sizeof(f.server_error), "refused");
	assert_found(FINDING_FAIL, "server", "refused", "systemctl enable");
}
END_TEST

START_TEST(guard_that_has_gone_is_found)
{
	put_rules("{'table': {'family': 'ip', 'name': 'lnsd'}}");
	assert_found(FINDING_FAIL, "guard", "taken out", "restart lnsd");
	put_rules("{'table': {'family': 'ip', 'name': 'lnsd_guard'}}");
	assert_found(FINDING_FAIL, "guard", "taken out", "restart lnsd");
}
END_TEST

START_TEST(pluto_that_is_silent_is_found)
{
	f.pluto_answers = false;
	assert_found(FINDING_FAIL, "pluto", "does not answer", "restart lnsd");
	conf.ipsec.mode = CONF_IPSEC_SYSTEM;
	assert_found(FINDING_FAIL, "pluto", "does not answer", "restart ipsec");
}
END_TEST

START_TEST(few_files_are_warned_of)
{
	f.max_files = 1024;
	assert_found(FINDING_WARN, "limits", "enough for 204", "LimitNOFILE");
	conf.max_tunnels = 200;
	assert_all_well();
}
END_TEST

START_TEST(clock_that_is_wrong_or_alone_is_found)
{
	f.synchronised = false;
	assert_found(FINDING_WARN, "clock", "no time server", "timesyncd");
	f.now = 1000000000;
	assert_found(FINDING_FAIL, "clock", "years behind", "date -s");
}
END_TEST

START_TEST(forwarding_that_is_off_is_found)
{
	f.ip_forward = false;
	assert_found(FINDING_FAIL, "forwarding", "forwards no IPv4",
	    "sysctl -w net.ipv4.ip_forward=1");
	f.ip_forward = true;
	ppp.ipv6_pool.len = 56;
	assert_found(FINDING_FAIL, "forwarding", "forwards no IPv6",
	    "net.ipv6.conf.all.forwarding");
}
END_TEST

START_TEST(missing_default_route_is_warned_of)
{
	f.machine.uplink[0] = '\0';
	f.machine.uplink_address.s_addr = 0;
	assert_found(FINDING_WARN, "uplink", "no default route", "ip route");
}
END_TEST

START_TEST(strict_rp_filter_matters_with_several_uplinks)
{
	f.rp_filter = 1;
	assert_all_well();
	f.machine.n_ways = 2;
	assert_found(FINDING_WARN, "rp_filter", "e0 is strict",
	    "net.ipv4.conf.e0.rp_filter=2");
	f.rp_filter = 2;
	assert_all_well();
}
END_TEST

START_TEST(private_address_needs_a_public_one)
{
	f.machine.uplink_address = ip("10.9.0.2");
	assert_found(FINDING_WARN, "public-address", "10.9.0.2 is a private",
	    "uplink \"10.9.0.2\"");
	uplink.address = ip("10.9.0.2");
	uplink.has_public_address = true;
	uplink.public_address = ip("203.0.113.130");
	conf.uplinks = &uplink;
	conf.n_uplinks = 1;
	assert_all_well();
}
END_TEST

START_TEST(firewall_that_drops_is_named_with_what_opens_it)
{
	size_t i, bad = 0;

	put_rules(GUARD CHAIN("input", "drop"));
	judge();
	for (i = 0; i < found.n; i++) {
		if (found.list[i].state == FINDING_OK)
			continue;
		bad++;
		ck_assert_str_eq(found.list[i].check, "firewall");
		ck_assert_ptr_nonnull(
		    strstr(found.list[i].text, "(ip f c) drops"));
		ck_assert_ptr_nonnull(
		    strstr(found.list[i].mend, "nft insert rule ip f c"));
	}
	ck_assert_uint_eq(bad, 4);
	f.ufw = true;
	judge();
	ck_assert_ptr_nonnull(strstr(found.list[8].mend, "ufw allow"));
	f.ufw = false;
	f.firewalld = true;
	judge();
	ck_assert_ptr_nonnull(strstr(found.list[8].mend, "firewall-cmd"));
}
END_TEST

START_TEST(firewall_that_drops_what_is_forwarded_is_found)
{
	put_rules(GUARD CHAIN("forward", "drop"));
	assert_found(FINDING_FAIL, "firewall", "what clients send",
	    "iifname \"ppp*\" accept");
	f.ufw = true;
	assert_found(
	    FINDING_FAIL, "firewall", "what clients send", "ufw route");
}
END_TEST

START_TEST(unknown_rule_set_is_warned_of)
{
	f.rules = NULL;
	assert_found(FINDING_WARN, "firewall", "does not tell", "nftables");
}
END_TEST

START_TEST(pool_of_the_lan_needs_proxy_arp)
{
	ppp.proxy_arp = false;
	assert_found(
	    FINDING_WARN, "addresses", "of the network of lan0", "proxy-arp");
}
END_TEST

START_TEST(pool_that_overlaps_another_network_is_found)
{
	ppp.local_address = ip("10.87.0.1");
	assert_found(FINDING_FAIL, "addresses", "in the network of lan0",
	    "another pool");
}
END_TEST

START_TEST(foreign_pool_needs_translation)
{
	ppp.local_address = ip("10.87.0.1");
	pool[0].first = ip("10.87.0.2");
	pool[0].last = ip("10.87.0.99");
	ppp.proxy_arp = false;
	assert_found(
	    FINDING_WARN, "addresses", "nothing translates it", "masquerade");
	put_rules(GUARD
	    ", {'chain': {'family': 'ip', 'table': 'n', 'name': 'p', 'type': "
	    "'nat', 'hook': 'postrouting', 'policy': 'accept'}}, {'rule': "
	    "{'family': 'ip', 'table': 'n', 'chain': 'p', 'expr': "
	    "[{'masquerade': null}]}}");
	assert_all_well();
	/* With addresses that everybody can reach there is no need. */
	put_rules(GUARD);
	pool[0].first = ip("198.51.100.2");
	pool[0].last = ip("198.51.100.9");
	assert_all_well();
}
END_TEST

START_TEST(network_of_many_homes_is_warned_of)
{
	put_net(1, "lan0", "192.168.1.1");
	ppp.local_address = ip("192.168.1.1");
	pool[0].first = ip("192.168.1.200");
	pool[0].last = ip("192.168.1.250");
	assert_found(
	    FINDING_WARN, "addresses", "many home routers", "renumber");
}
END_TEST

START_TEST(dhcp_without_a_lan_is_found)
{
	ppp.n_pool = 0;
	ppp.dhcp = true;
	assert_all_well();
	ppp.local_address = ip("10.87.0.1");
	assert_found(FINDING_FAIL, "addresses", "no DHCP server", "");
}
END_TEST

START_TEST(name_server_without_answer_is_warned_of)
{
	snprintf(f.dead_dns, sizeof(f.dead_dns), "192.168.100.1");
	assert_found(FINDING_WARN, "dns", "192.168.100.1", "section ppp");
}
END_TEST

/* --- decoders --- */

START_TEST(udp_socket_is_read_from_its_line)
{
	static const char v4[] =
	    "  123: 0100007F:01F4 00000000:0000 07 00000000:00000000 "
	    "00:00000000 00000000     0        0 4711 2 0000000000000000 0";
	static const char v6[] =
	    "   12: 00000000000000000000000000000000:1194 "
	    "00000000000000000000000000000000:0000 07 00000000:00000000 "
	    "00:00000000 00000000  1000        0 99 2 0000000000000000 0";
	unsigned long inode;
	unsigned int port;
	char cut[sizeof(v4)];
	size_t i;

	ck_assert(doctor_udp_line(v4, &port, &inode));
	ck_assert_uint_eq(port, 500);
	ck_assert_uint_eq(inode, 4711);
	ck_assert(doctor_udp_line(v6, &port, &inode));
	ck_assert_uint_eq(port, 4500);
	ck_assert_uint_eq(inode, 99);
	for (i = 0; i < (size_t)(strstr(v4, "4711") - v4); i++) {
		memcpy(cut, v4, i);
		cut[i] = '\0';
		ck_assert(!doctor_udp_line(cut, &port, &inode));
	}
	ck_assert(!doctor_udp_line(
	    "  sl  local_address rem_address   st", &port, &inode));
}
END_TEST

START_TEST(install_line_forbids_a_module)
{
	ck_assert(doctor_is_forbidden("install /bin/false \n"));
	ck_assert(doctor_is_forbidden("insmod /a/b.ko\ninstall /bin/true\n"));
	ck_assert(!doctor_is_forbidden("insmod /lib/install /b.ko\n"));
	ck_assert(!doctor_is_forbidden("builtin l2tp_ppp\n"));
	ck_assert(!doctor_is_forbidden(""));
}
END_TEST

START_TEST(routes_tell_the_best_way_out)
{
	char text[] =
	    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
	    "e1\t00000000\t01020304\t0003\t0\t0\t200\t00000000\t0\t0\t0\n"
	    "e0\t00000000\t01020304\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
	    "e2\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
	struct machine m;
	FILE *in = fmemopen(text, strlen(text), "r");

	memset(&m, 0, sizeof(m));
	machine_parse_routes(&m, in);
	fclose(in);
	ck_assert_str_eq(m.uplink, "e0");
	ck_assert_uint_eq(m.n_ways, 2);
}
END_TEST

START_TEST(resolv_conf_gives_two_servers_of_others)
{
	char text[] = "search x\nnameserver 127.0.0.53\nnameserver fe80::1\n"
		      "nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
		      "nameserver 192.0.2.3\n";
	struct machine m;
	FILE *in = fmemopen(text, strlen(text), "r");

	memset(&m, 0, sizeof(m));
	machine_parse_resolv(&m, in);
	fclose(in);
	ck_assert_uint_eq(m.n_dns, 2);
	ck_assert_str_eq(machine_ip(m.dns[0]), "192.0.2.1");
	ck_assert_str_eq(machine_ip(m.dns[1]), "192.0.2.2");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("doctor");
	TCase *tc = tcase_create("doctor");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, machine_without_fault_is_well);
	tcase_add_test(tc, user_who_is_not_root_sees_nothing_else);
	tcase_add_test(tc, missing_modules_are_named_with_their_package);
	tcase_add_test(tc, forbidden_module_is_named);
	tcase_add_test(tc, missing_ppp_and_l2tp_are_found);
	tcase_add_test(tc, denial_of_apparmor_is_shown);
	tcase_add_test(tc, pppd_that_is_missing_or_refuses_the_plugin_is_found);
	tcase_add_test(tc, missing_libreswan_is_told_with_its_package);
	tcase_add_test(tc, what_libreswan_was_not_built_with_is_told);
	tcase_add_test(tc, who_has_a_port_is_named);
	tcase_add_test(tc, port_of_ours_or_of_the_systems_pluto_is_well);
	tcase_add_test(tc, configuration_that_is_missing_leads_to_setup);
	tcase_add_test(tc, every_error_of_the_configuration_is_told);
	tcase_add_test(tc, warning_of_the_configuration_is_told);
	tcase_add_test(tc, mode_off_is_warned_of);
	tcase_add_test(tc, directories_that_cannot_be_written_are_named);
	tcase_add_test(tc, missing_group_is_warned_of);
	tcase_add_test(tc, server_that_is_down_or_another_is_found);
	tcase_add_test(tc, guard_that_has_gone_is_found);
	tcase_add_test(tc, pluto_that_is_silent_is_found);
	tcase_add_test(tc, few_files_are_warned_of);
	tcase_add_test(tc, clock_that_is_wrong_or_alone_is_found);
	tcase_add_test(tc, forwarding_that_is_off_is_found);
	tcase_add_test(tc, missing_default_route_is_warned_of);
	tcase_add_test(tc, strict_rp_filter_matters_with_several_uplinks);
	tcase_add_test(tc, private_address_needs_a_public_one);
	tcase_add_test(tc, firewall_that_drops_is_named_with_what_opens_it);
	tcase_add_test(tc, firewall_that_drops_what_is_forwarded_is_found);
	tcase_add_test(tc, unknown_rule_set_is_warned_of);
	tcase_add_test(tc, pool_of_the_lan_needs_proxy_arp);
	tcase_add_test(tc, pool_that_overlaps_another_network_is_found);
	tcase_add_test(tc, foreign_pool_needs_translation);
	tcase_add_test(tc, network_of_many_homes_is_warned_of);
	tcase_add_test(tc, dhcp_without_a_lan_is_found);
	tcase_add_test(tc, name_server_without_answer_is_warned_of);
	tcase_add_test(tc, udp_socket_is_read_from_its_line);
	tcase_add_test(tc, install_line_forbids_a_module);
	tcase_add_test(tc, routes_tell_the_best_way_out);
	tcase_add_test(tc, resolv_conf_gives_two_servers_of_others);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
