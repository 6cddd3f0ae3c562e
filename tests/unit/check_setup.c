/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../lnsd/lnsctl/setup.h"

static struct machine machine;
static struct doctor_facts facts;
static struct setup s;
static char *said;

static struct in_addr
ip(const char *text)
{
	struct in_addr a;

	ck_assert_int_eq(inet_pton(AF_INET, text, &a), 1);
	return a;
}

static void
put_net(const char *ifname, const char *address)
{
	struct machine_net *n = &machine.nets[machine.n_nets++];

	snprintf(n->ifname, sizeof(n->ifname), "%s", ifname);
	n->address = ip(address);
	n->bits = 24;
}

static bool
resolve(const char *name, struct in_addr *a)
{
	*a = ip("203.0.113.1");
	return strcmp(name, "vpn.example.com") == 0;
}

static void
setup(void)
{
	memset(&machine, 0, sizeof(machine));
	memset(&facts, 0, sizeof(facts));
	memset(&s, 0, sizeof(s));
	put_net("e0", "203.0.113.1");
	put_net("lan0", "192.168.100.1");
	snprintf(machine.uplink, sizeof(machine.uplink), "e0");
	machine.uplink_address = ip("203.0.113.1");
	machine.dns[0] = ip("192.0.2.53");
	machine.n_dns = 1;
	s.machine = &machine;
	s.resolve = resolve;
	s.conf = "/etc/lnsd/lnsd.conf";
	s.self = "/usr/sbin/lnsctl";
	snprintf(s.password, sizeof(s.password), "pass'w\\ord");
	snprintf(s.psk, sizeof(s.psk), "abcd-efgh-jkmn-pqrs-tuvw");
	facts.has_group = facts.ip_forward = true;
	facts.machine = machine;
	said = NULL;
}

static void
teardown(void)
{
	free(said);
}

/* Flags alone; what is wrong is in said. */
static bool
ask(const char *address, const char *user, const char *pool,
    const char *masquerade, const char *dns)
{
	const char *const given[] = { address, user, pool, masquerade, dns };
	size_t len;
	FILE *err;
	bool ok;

	free(said);
	err = open_memstream(&said, &len);
	ok = setup_ask(&s, given, NULL, err, err);
	fclose(err);
	return ok;
}

/* In the way of a terminal. */
static bool
talk(char *answers)
{
	const char *const given[5] = { NULL };
	FILE *in = fmemopen(answers, strlen(answers), "r"), *out;
	size_t len;
	bool ok;

	free(said);
	out = open_memstream(&said, &len);
	ok = setup_ask(&s, given, in, out, out);
	fclose(out);
	fclose(in);
	return ok;
}

static void
assert_refused(const char *flag, const char *why)
{
	ck_assert_msg(strstr(said, flag) != NULL, "%s", said);
	ck_assert_msg(strstr(said, why) != NULL, "%s", said);
}

START_TEST(proposals_do_for_all_but_the_user)
{
	ck_assert(ask(NULL, "alice", NULL, NULL, NULL));
	ck_assert_str_eq(s.address, "203.0.113.1");
	ck_assert_str_eq(machine_ip(s.local_address), "10.87.0.1");
	ck_assert_str_eq(machine_ip(s.pool.first), "10.87.0.2");
	ck_assert_str_eq(machine_ip(s.pool.last), "10.87.0.254");
	ck_assert(s.masquerade && !s.proxy_arp);
	ck_assert_uint_eq(s.n_dns, 1);
	ck_assert(!ask(NULL, NULL, NULL, NULL, NULL));
	assert_refused("--user", "has to be said");
}
END_TEST

START_TEST(proposed_pool_is_no_local_network)
{
	put_net("e1", "10.87.0.7");
	put_net("e2", "10.88.0.7");
	ck_assert(ask(NULL, "alice", NULL, NULL, NULL));
	ck_assert_str_eq(machine_ip(s.local_address), "10.89.0.1");
}
END_TEST

START_TEST(pool_of_the_lan_is_joined_to_it)
{
	ck_assert(ask(
	    NULL, "alice", "192.168.100.200-192.168.100.250", NULL, "none"));
	ck_assert_str_eq(machine_ip(s.local_address), "192.168.100.1");
	ck_assert(s.proxy_arp && !s.masquerade);
	ck_assert_uint_eq(s.n_dns, 0);
	/* Over another uplink it may be wanted nevertheless. */
	ck_assert(ask(
	    NULL, "alice", "192.168.100.200-192.168.100.250", "yes", "none"));
	ck_assert(s.masquerade);
}
END_TEST

static const struct {
	const char *flag, *value, *why;
} bad[] = {
	{ "address", "vpn_example", "neither" },
	{ "address", "1.2.3", "neither" },
	{ "address", "gone.example.com", "without an IPv4 address" },
	{ "address", "127.0.0.1", "others can dial" },
	{ "address", "198.51.100.9", "is not of this machine" },
	{ "user", "", "1 to 63" },
	{ "user", "al ice", "printable" },
	{ "user", "*", "everybody" },
	{ "pool", "10.87.0.1", "no range" },
	{ "pool", "10.87.0.9-10.87.0.1", "lowest first" },
	{ "pool", "10.87.0.1-10.89.0.1", "65536" },
	{ "pool", "8.8.8.1-8.8.8.9", "private" },
	{ "pool", "192.168.100.200-192.168.101.9", "ends outside" },
	{ "pool", "192.168.100.200-192.168.100.255", "broadcast" },
	{ "pool", "192.168.100.1-192.168.100.9", "of this machine" },
	{ "pool", "192.168.99.200-192.168.100.9", "overlaps" },
	{ "masquerade", "perhaps", "yes or no" },
	{ "dns", "ns.example.com", "IPv4" },
	{ "dns", "192.0.2.1,192.0.2.2,192.0.2.3", "IPv4" },
};

START_TEST(bad_answer_is_refused_with_its_reason)
{
	const char *given[5] = { NULL, "alice", NULL, NULL, NULL };
	char flag[40];
	size_t i;

	for (i = 0; setup_questions[i].flag != NULL; i++)
		if (strcmp(setup_questions[i].flag, bad[_i].flag) == 0)
			given[i] = bad[_i].value;
	ck_assert(!ask(given[0], given[1], given[2], given[3], given[4]));
	snprintf(flag, sizeof(flag), "--%s '", bad[_i].flag);
	assert_refused(flag, bad[_i].why);
}
END_TEST

START_TEST(server_behind_nat_has_to_be_told_what_is_dialled)
{
	machine.nets[0].address = ip("10.9.0.2");
	machine.uplink_address = ip("10.9.0.2");
	ck_assert(!ask(NULL, "alice", NULL, NULL, NULL));
	assert_refused("--address", "has to be said");
	ck_assert(ask("vpn.example.com", "alice", NULL, NULL, NULL));
	ck_assert_str_eq(s.address, "vpn.example.com");
	ck_assert_str_eq(machine_ip(s.behind), "10.9.0.2");
	ck_assert_str_eq(machine_ip(s.dialled), "203.0.113.1");
	/* In the LAN alone. */
	ck_assert(ask("10.9.0.2", "alice", NULL, NULL, NULL));
	ck_assert_uint_eq(s.behind.s_addr, 0);
}
END_TEST

START_TEST(terminal_is_asked_again_after_a_mistake)
{
	char answers[] = "\n\nbob\n10.1-2\n\n\n192.0.2.1\nsecret word\n";

	s.password[0] = '\0';
	ck_assert_msg(talk(answers), "%s", said);
	ck_assert_str_eq(s.address, "203.0.113.1");
	ck_assert_str_eq(s.user, "bob");
	ck_assert_str_eq(s.password, "secret word");
	ck_assert_str_eq(machine_ip(s.dns[0]), "192.0.2.1");
	ck_assert_ptr_nonnull(strstr(said, "'10.1-2' is no range"));
	ck_assert_ptr_nonnull(strstr(said, "[10.87.0.1-10.87.0.254]"));
}
END_TEST

START_TEST(end_of_input_ends_the_questions)
{
	char answers[] = "\nbob\n";

	ck_assert(!talk(answers));
	ck_assert_ptr_nonnull(
	    strstr(said, "\nlnsctl: setup: no answer: nothing was done\n"));
}
END_TEST

/* --- what is written --- */

static struct setup_plan plan;

static void
assert_planned(void)
{
	ck_assert(setup_plan(&s, &facts, &plan));
}

static const struct setup_step *
step_of(const char *what)
{
	size_t i;

	for (i = 0; i < plan.n; i++)
		if (strstr(plan.steps[i].what, what) != NULL)
			return &plan.steps[i];
	return NULL;
}

static struct conf *
load(const char *text)
{
	char path[] = "/tmp/check_setup.XXXXXX";
	struct conf *c;
	int fd = mkstemp(path);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(fchmod(fd, 0600), 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	c = conf_load(path, stderr);
	unlink(path);
	ck_assert_ptr_nonnull(c);
	return c;
}

START_TEST(configuration_says_what_was_answered)
{
	struct conf *c;

	ck_assert(ask(NULL, "o'neil\\", NULL, NULL, NULL));
	assert_planned();
	ck_assert_uint_eq(plan.steps[0].mode, 0600);
	c = load(plan.steps[0].text);
	ck_assert_uint_eq(c->n_warnings, 0);
	ck_assert_str_eq(c->users[0].name, "o'neil\\");
	ck_assert_str_eq(c->users[0].password, "pass'w\\ord");
	ck_assert_str_eq(c->peers[0].psk, "abcd-efgh-jkmn-pqrs-tuvw");
	ck_assert(c->peers[0].any && !c->ppp[0].proxy_arp);
	ck_assert_str_eq(machine_ip(c->ppp[0].dns[0]), "192.0.2.53");
	conf_free(c);
	setup_plan_free(&plan);
}
END_TEST

START_TEST(configuration_behind_nat_has_the_public_address)
{
	struct conf *c;

	machine.uplink_address = machine.nets[0].address = ip("10.9.0.2");
	ck_assert(ask("203.0.113.130", "alice", NULL, NULL, "none"));
	assert_planned();
	c = load(plan.steps[0].text);
	ck_assert_uint_eq(c->n_uplinks, 1);
	ck_assert_str_eq(
	    machine_ip(c->uplinks[0].public_address), "203.0.113.130");
	ck_assert_uint_eq(c->ppp[0].n_dns, 0);
	conf_free(c);
	ck_assert_ptr_nonnull(strstr(plan.notes[plan.n_notes - 1],
	    "forward UDP 500 and 4500 of 203.0.113.130 to 10.9.0.2"));
	setup_plan_free(&plan);
}
END_TEST

START_TEST(plan_does_what_is_not_so_yet)
{
	ck_assert(ask(NULL, "alice", NULL, "no", NULL));
	assert_planned();
	ck_assert_ptr_null(step_of("groupadd"));
	ck_assert_ptr_null(step_of("sysctl -qw"));
	ck_assert_ptr_null(step_of("nat.nft"));
	setup_plan_free(&plan);
	facts.has_group = facts.ip_forward = false;
	ck_assert(ask(NULL, "alice", NULL, NULL, NULL));
	assert_planned();
	ck_assert_str_eq(step_of("groupadd")->undo, "groupdel lnsd");
	/* Not with those whom somebody has put into it. */
	ck_assert_str_eq(
	    step_of("groupadd")->there, "getent group lnsd | grep -q ':$'");
	ck_assert_str_eq(
	    step_of("sysctl -qw")->undo, "sysctl -qw net.ipv4.ip_forward=0");
	/* Not if somebody else has switched it on since. */
	ck_assert_str_eq(step_of("sysctl -qw")->there,
	    "test \"$(sysctl -n net.ipv4.ip_forward)\" = 1 && ! grep -rqs "
	    "--exclude=60-lnsd.conf '^ *net.ipv4.ip_forward *= *1' "
	    "/etc/sysctl.conf /etc/sysctl.d");
	ck_assert_ptr_nonnull(strstr(step_of("write /etc/lnsd/nat.nft")->text,
	    "ip saddr 10.87.0.2-10.87.0.254"));
	ck_assert_str_eq(step_of("write /etc/lnsd/nat.nft")->command,
	    "nft -f /etc/lnsd/nat.nft");
	ck_assert_str_eq(step_of("write /etc/lnsd/nat.nft")->undo,
	    "nft delete table ip lnsd_nat");
	setup_plan_free(&plan);
}
END_TEST

START_TEST(start_is_by_systemd_by_a_command_or_left)
{
	ck_assert(ask(NULL, "alice", NULL, NULL, NULL));
	assert_planned();
	ck_assert_ptr_nonnull(strstr(plan.notes[1], "start the server"));
	setup_plan_free(&plan);
	s.systemd = true;
	assert_planned();
	ck_assert_uint_eq(plan.n_notes, 0);
	ck_assert_str_eq(step_of("lnsd.service.d/nat.conf")->command,
	    "systemctl daemon-reload");
	ck_assert_str_eq(step_of("lnsd.service.d/nat.conf")->undo,
	    "systemctl daemon-reload");
	setup_plan_free(&plan);
	s.start_command = "start it";
	assert_planned();
	ck_assert_str_eq(plan.steps[plan.n - 1].command, "start it");
	ck_assert_str_eq(
	    plan.steps[plan.n - 1].undo, "'/usr/sbin/lnsctl' stop");
	setup_plan_free(&plan);
	s.self = "/home/o'b; id'/lnsctl";
	assert_planned();
	ck_assert_str_eq(plan.steps[plan.n - 1].undo, "lnsctl stop");
	setup_plan_free(&plan);
}
END_TEST

/* How the unit was, how it is started, and what undoes that. */
static const struct {
	bool enabled, active;
	const char *start, *undo, *undo_conf;
} units[] = {
	{ false, false, "systemctl enable -q lnsd && systemctl restart lnsd",
	    "systemctl disable -q --now lnsd", "" },
	{ true, false, "systemctl restart lnsd", "systemctl stop lnsd", "" },
	{ false, true, "systemctl enable -q lnsd && systemctl restart lnsd",
	    "systemctl disable -q lnsd", "systemctl restart lnsd" },
	{ true, true, "systemctl restart lnsd", "", "systemctl restart lnsd" },
};

START_TEST(service_is_taken_back_to_how_it_was)
{
	s.systemd = true;
	s.backup = "/etc/lnsd/lnsd.conf.1";
	facts.unit_enabled = units[_i].enabled;
	facts.unit_active = units[_i].active;
	ck_assert(ask(NULL, "alice", NULL, NULL, NULL));
	assert_planned();
	ck_assert_str_eq(plan.steps[plan.n - 1].command, units[_i].start);
	ck_assert_str_eq(plan.steps[plan.n - 1].undo, units[_i].undo);
	/* The last one to be taken back. */
	ck_assert_str_eq(plan.steps[0].backup, s.backup);
	ck_assert_str_eq(plan.steps[0].undo, units[_i].undo_conf);
	if (units[_i].active)
		ck_assert_str_eq(
		    plan.steps[0].there, "test -e /etc/lnsd/lnsd.conf");
	setup_plan_free(&plan);
}
END_TEST

static json_t *
drop_all(void)
{
	return json_pack("{s:[{s:{s:s,s:s,s:s,s:s,s:s,s:s}}]}", "nftables",
	    "chain", "family", "inet", "table", "f", "name", "in", "type",
	    "filter", "hook", "input", "policy", "drop");
}

START_TEST(path_of_configuration_has_to_suit_commands_and_systemd)
{
	static const char *const wrong[] = { "lnsd.conf", "/etc/a b.conf",
		"/etc/$(id).conf", "/etc/a'b" };
	const char *command;
	char longest[121];
	size_t i;

	ck_assert_ptr_null(setup_wrong_path(&s));
	for (i = 0; i < nitems(wrong); i++) {
		s.conf = wrong[i];
		ck_assert_ptr_nonnull(setup_wrong_path(&s));
	}
	memset(longest, '/', sizeof(longest));
	longest[120] = '\0';
	s.conf = longest;
	ck_assert_ptr_nonnull(setup_wrong_path(&s));
	longest[119] = '\0';
	ck_assert_ptr_null(setup_wrong_path(&s));
	s.firewall = true;
	facts.firewall.rules = drop_all();
	ck_assert(ask(NULL, "alice", NULL, NULL, NULL));
	assert_planned();
	command = step_of("/etc/nftables.conf")->command;
	ck_assert_str_eq(command + strlen(command) - 6, "; }; }");
	setup_plan_free(&plan);
	json_decref((json_t *)(uintptr_t)facts.firewall.rules);
	facts.firewall.rules = NULL;
	s.systemd = true;
	ck_assert_ptr_nonnull(strstr(setup_wrong_path(&s), "systemd"));
	s.start_command = "start it";
	ck_assert_ptr_null(setup_wrong_path(&s));
	s.start_command = NULL;
	s.conf = LNSD_CONF;
	ck_assert_ptr_null(setup_wrong_path(&s));
}
END_TEST

START_TEST(firewall_is_touched_with_consent_only)
{
	json_t *rules = drop_all();

	s.start_command = "true";
	facts.firewall.rules = rules;
	ck_assert(ask(NULL, "alice", NULL, "no", NULL));
	assert_planned();
	ck_assert_ptr_null(step_of("firewall"));
	ck_assert_ptr_nonnull(
	    strstr(plan.notes[0], "UDP 1701 out of IPsec, ESP, and was not "
				  "touched: --firewall"));
	setup_plan_free(&plan);
	s.firewall = true;
	assert_planned();
	ck_assert_str_eq(step_of("write /etc/lnsd/firewall.nft")->text,
	    "insert rule inet f in udp dport 500 accept comment \"lnsctl "
	    "setup\"\n"
	    "insert rule inet f in udp dport 4500 accept comment \"lnsctl "
	    "setup\"\n"
	    "insert rule inet f in meta ipsec exists udp dport 1701 accept "
	    "comment \"lnsctl setup\"\n"
	    "insert rule inet f in meta l4proto esp accept comment \"lnsctl "
	    "setup\"\n");
	ck_assert_str_eq(step_of("/etc/nftables.conf")->command,
	    "nft -f /etc/lnsd/firewall.nft && { "
	    "grep -qxF 'include \"/etc/lnsd/firewall?nft\"' "
	    "/etc/nftables.conf || { test -z \"$(tail -c1 "
	    "/etc/nftables.conf)\" || echo >>/etc/nftables.conf; echo "
	    "'include \"/etc/lnsd/firewall?nft\"' >>/etc/nftables.conf; }; "
	    "nft -c -f /etc/nftables.conf || { sed -i --follow-symlinks "
	    "'\\|^include "
	    "\"/etc/lnsd/firewall?nft\"$|d' /etc/nftables.conf; echo 'not at "
	    "boot: some of these chains are made later; then: nft -f "
	    "/etc/lnsd/firewall.nft' >&2; }; }");
	ck_assert_str_eq(step_of("/etc/nftables.conf")->undo,
	    "sed -i --follow-symlinks '\\|^include "
	    "\"/etc/lnsd/firewall?nft\"$|d' "
	    "/etc/nftables.conf");
	ck_assert(step_of("/etc/nftables.conf")->rules);
	setup_plan_free(&plan);
	facts.firewall.keeper = KEEPER_UFW;
	assert_planned();
	ck_assert_ptr_nonnull(strstr(
	    step_of("ufw allow")->undo, "ufw delete allow 500,4500,1701/udp"));
	ck_assert_str_eq(step_of("ufw allow")->there, "command -v ufw");
	ck_assert_ptr_null(step_of("ufw route"));
	setup_plan_free(&plan);
	json_decref(rules);
}
END_TEST

/* --- secrets --- */

/* What firewalld had before, and what undoes setup then. */
static const struct {
	bool ipsec, l2tp;
	const char *undo;
} firewalld[] = {
	{ false, false,
	    "firewall-cmd -q --permanent --remove-service=ipsec "
	    "--remove-port=1701/udp && firewall-cmd -q --reload" },
	{ true, false,
	    "firewall-cmd -q --permanent --remove-port=1701/udp && "
	    "firewall-cmd -q --reload" },
	{ false, true,
	    "firewall-cmd -q --permanent --remove-service=ipsec && "
	    "firewall-cmd -q --reload" },
	{ true, true, "" },
};

START_TEST(what_firewalld_let_in_before_stays)
{
	json_t *rules = drop_all();

	s.start_command = "true";
	s.firewall = true;
	facts.firewall.rules = rules;
	facts.firewall.keeper = KEEPER_FIREWALLD;
	facts.firewall.had_ipsec = firewalld[_i].ipsec;
	facts.firewall.had_l2tp = firewalld[_i].l2tp;
	ck_assert(ask(NULL, "alice", NULL, "no", NULL));
	assert_planned();
	ck_assert_str_eq(step_of("firewall-cmd")->undo, firewalld[_i].undo);
	setup_plan_free(&plan);
	json_decref(rules);
}
END_TEST

/* The file is written anew, and is all that is loaded at boot. */
START_TEST(rules_of_an_earlier_setup_stay_in_the_file)
{
	json_t *rules = drop_all();

	json_array_append_new(json_object_get(rules, "nftables"),
	    json_pack("{s:{s:s,s:s,s:s,s:s,s:[{s:{s:s,s:{s:{s:s,s:s}},s:i}},"
		      "{s:n}]}}",
		"rule", "family", "inet", "table", "f", "chain", "in",
		"comment", "lnsctl setup", "expr", "match", "op", "==", "left",
		"payload", "protocol", "udp", "field", "dport", "right", 500,
		"accept"));
	s.start_command = "true";
	facts.firewall.rules = rules;
	ck_assert(ask(NULL, "alice", NULL, "no", NULL));
	assert_planned();
	ck_assert_ptr_nonnull(strstr(plan.notes[0], "drops UDP 4500"));
	setup_plan_free(&plan);
	s.firewall = true;
	assert_planned();
	ck_assert_ptr_nonnull(
	    strstr(step_of("write /etc/lnsd/firewall.nft")->text,
		"insert rule inet f in udp dport 500 accept"));
	setup_plan_free(&plan);
	/* What was read is as it was. */
	ck_assert_uint_eq(
	    json_array_size(json_object_get(rules, "nftables")), 2);
	json_decref(rules);
}
END_TEST

START_TEST(secret_has_the_letters_that_can_be_told_apart)
{
	char a[40], b[40];

	ck_assert(setup_secret(a, sizeof(a), 5));
	ck_assert(setup_secret(b, sizeof(b), 5));
	ck_assert_uint_eq(strlen(a), 24);
	ck_assert_str_ne(a, b);
	ck_assert_uint_eq(
	    strspn(a, "abcdefghjkmnpqrstuvwxyz23456789-"), strlen(a));
	ck_assert(a[4] == '-' && a[19] == '-');
	ck_assert(!setup_secret(a, 24, 5));
}
END_TEST

START_TEST(octets_that_would_favour_letters_are_skipped)
{
	const uint8_t octets[] = { 0, 255, 30, 248, 31, 247, 1, 2 };
	char buf[16];

	ck_assert_uint_eq(setup_spell(buf, 8, octets, sizeof(octets)), 6);
	ck_assert_str_eq(buf, "a9a9-bc");
	ck_assert_uint_eq(setup_spell(buf, 2, octets, sizeof(octets)), 2);
	ck_assert_str_eq(buf, "a9");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("setup");
	TCase *tc = tcase_create("setup");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, proposals_do_for_all_but_the_user);
	tcase_add_test(tc, proposed_pool_is_no_local_network);
	tcase_add_test(tc, pool_of_the_lan_is_joined_to_it);
	tcase_add_loop_test(tc, bad_answer_is_refused_with_its_reason, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, server_behind_nat_has_to_be_told_what_is_dialled);
	tcase_add_test(tc, terminal_is_asked_again_after_a_mistake);
	tcase_add_test(tc, end_of_input_ends_the_questions);
	tcase_add_test(tc, configuration_says_what_was_answered);
	tcase_add_test(tc, configuration_behind_nat_has_the_public_address);
	tcase_add_test(tc, plan_does_what_is_not_so_yet);
	tcase_add_test(tc, start_is_by_systemd_by_a_command_or_left);
	tcase_add_loop_test(tc, service_is_taken_back_to_how_it_was, 0,
	    (int)(sizeof(units) / sizeof(units[0])));
	tcase_add_test(
	    tc, path_of_configuration_has_to_suit_commands_and_systemd);
	tcase_add_test(tc, firewall_is_touched_with_consent_only);
	tcase_add_loop_test(
	    tc, what_firewalld_let_in_before_stays, 0, (int)nitems(firewalld));
	tcase_add_test(tc, rules_of_an_earlier_setup_stay_in_the_file);
	tcase_add_test(tc, secret_has_the_letters_that_can_be_told_apart);
	tcase_add_test(tc, octets_that_would_favour_letters_are_skipped);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
