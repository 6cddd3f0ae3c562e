/* SPDX-License-Identifier: ISC */
/* doctor: kernel, programs, configuration, server; the network is in
 * check_doctor_net.c. */

#include "doctor_world.h"
#include "utf8.h"

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
	f.ipsec_missing = "nft is not installed (package nftables)";
	assert_found(
	    FINDING_FAIL, "libreswan", "nft", "apt-get install nftables");
	f.ipsec_missing = "no XFRM netlink (module xfrm_user)";
	assert_found(
	    FINDING_FAIL, "libreswan", "no XFRM", "modprobe xfrm_user");
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

START_TEST(word_is_listed_as_a_whole_alone)
{
	static const char list[] = "10.0.0.10, 10.0.0.2";

	ck_assert(doctor_is_listed(list, "10.0.0.10"));
	ck_assert(doctor_is_listed(list, "10.0.0.2"));
	ck_assert(!doctor_is_listed(list, "10.0.0.1"));
	ck_assert(!doctor_is_listed(list, "0.0.2"));
	ck_assert(!doctor_is_listed(list, ""));
	ck_assert(!doctor_is_listed("", "10.0.0.1"));
}
END_TEST

/* Anybody may have a process of such a name, and JSON is UTF-8. */
START_TEST(text_of_others_is_made_printable_and_utf8)
{
	struct findings out = { .n = 0 };
	char longest[500] = "x";
	size_t i;

	finding_add(&out, FINDING_FAIL, "ports", "\xff\xc3\xbc\n",
	    "\x1b[2J \xc3\xbc \xc3 \xc2\x9b\x7f");
	ck_assert_str_eq(out.list[0].text, "?[2J \xc3\xbc ? ???");
	ck_assert_str_eq(out.list[0].mend, "?\xc3\xbc?");
	/* One that is cut within a character. */
	for (i = 1; i + 2 < sizeof(longest); i += 2)
		memcpy(longest + i, "\xc3\xbc", 2);
	for (i = 0; i < 2; i++) {
		finding_add(&out, FINDING_FAIL, "ports", longest + i, "%s",
		    longest + i);
		ck_assert(utf8_is_valid(out.list[1 + i].text));
		ck_assert(utf8_is_valid(out.list[1 + i].mend));
	}
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

START_TEST(warnings_do_not_hide_a_fault)
{
	char text[] = "a:3: warning: psk is weak";
	char *list[2 * FINDINGS_MAX];
	struct findings out = { .n = 0 };
	bool more = false;
	size_t i;

	for (i = 0; i < nitems(list); i++)
		list[i] = text;
	conf.warnings = list;
	conf.n_warnings = nitems(list);
	f.server[0] = '\0';
	judge();
	ck_assert_str_eq(found.list[found.n - 1].check, "server");
	ck_assert_int_eq(found.list[found.n - 1].state, FINDING_FAIL);
	for (i = 0; i < found.n; i++)
		more |= strcmp(found.list[i].text, "180 more warnings") == 0;
	ck_assert(more);
	/* Nor does whatever else there is much of. */
	for (i = 0; i <= FINDINGS_MAX; i++)
		finding_add(&out, FINDING_WARN, "a", NULL, "a");
	finding_add(&out, FINDING_FAIL, "b", NULL, "b");
	finding_add(&out, FINDING_WARN, "a", NULL, "a");
	ck_assert_uint_eq(out.n, FINDINGS_MAX);
	ck_assert_int_eq(out.list[FINDINGS_MAX - 1].state, FINDING_FAIL);
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
	assert_found(FINDING_FAIL, "server", "refused", "start lnsd");
	f.systemd = true;
	assert_found(FINDING_FAIL, "server", "refused", "systemctl enable");
	f.conf = NULL;
	assert_found(FINDING_FAIL, "server", "refused", "configuration");
}
END_TEST

START_TEST(radius_server_that_is_silent_is_found)
{
	snprintf(f.silent_radius, sizeof(f.silent_radius), "192.0.2.7");
	assert_found(FINDING_FAIL, "radius", "192.0.2.7", "same secret");
}
END_TEST

START_TEST(guard_that_has_gone_is_found)
{
	put_rules(STEER ", " GUARD_OF("ip6"));
	assert_found(FINDING_FAIL, "guard", "taken out", "restart lnsd");
	put_rules(STEER ", " GUARD_OF("ip"));
	assert_found(FINDING_FAIL, "guard", "taken out", "restart lnsd");
	put_rules(GUARD_OF("ip") ", " GUARD_OF("ip6"));
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
	tcase_add_test(tc, word_is_listed_as_a_whole_alone);
	tcase_add_test(tc, text_of_others_is_made_printable_and_utf8);
	tcase_add_test(tc, port_of_ours_or_of_the_systems_pluto_is_well);
	tcase_add_test(tc, configuration_that_is_missing_leads_to_setup);
	tcase_add_test(tc, every_error_of_the_configuration_is_told);
	tcase_add_test(tc, warning_of_the_configuration_is_told);
	tcase_add_test(tc, warnings_do_not_hide_a_fault);
	tcase_add_test(tc, mode_off_is_warned_of);
	tcase_add_test(tc, directories_that_cannot_be_written_are_named);
	tcase_add_test(tc, missing_group_is_warned_of);
	tcase_add_test(tc, server_that_is_down_or_another_is_found);
	tcase_add_test(tc, radius_server_that_is_silent_is_found);
	tcase_add_test(tc, guard_that_has_gone_is_found);
	tcase_add_test(tc, pluto_that_is_silent_is_found);
	tcase_add_test(tc, few_files_are_warned_of);
	tcase_add_test(tc, clock_that_is_wrong_or_alone_is_found);
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
