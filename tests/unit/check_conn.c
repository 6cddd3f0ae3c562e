/* SPDX-License-Identifier: ISC */
/* libreswan's configuration as text. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <arpa/inet.h>

#include "../../ipsec/conn.h"
#include "../../ipsec/pluto_files.h"

static char *text;
static size_t text_len;

static struct conf_peer anyone = { .name = (char[]){ "anyone" },
	.any = true,
	.psk = (char[]){ "hu\"sh\nhush" } };

static struct conf
conf_of(struct conf_peer *peers, size_t n)
{
	struct conf c = { .peers = peers, .n_peers = n };

	c.ipsec.proposals = CONF_PROPOSALS_MODERN;
	c.ipsec.dpd_delay_s = 30;
	c.ipsec.dpd_timeout_s = 120;
	return c;
}

static struct lns_addr
addr(const char *ip)
{
	struct lns_addr a = { .family = strchr(ip, ':') == NULL ? 4 : 6 };

	ck_assert_int_eq(
	    inet_pton(a.family == 4 ? AF_INET : AF_INET6, ip, a.ip), 1);
	return a;
}

static void
write_text(
    void (*fn)(FILE *, const struct conf *, const struct lns_addr *, size_t),
    const struct conf *c, const char *local1, const char *local2)
{
	struct lns_addr locals[2];
	FILE *f;

	free(text);
	text = NULL;
	f = open_memstream(&text, &text_len);
	ck_assert_ptr_nonnull(f);
	locals[0] = addr(local1);
	if (local2 != NULL)
		locals[1] = addr(local2);
	fn(f, c, locals, local2 != NULL ? 2 : 1);
	ck_assert_int_eq(fclose(f), 0);
}

static void
write_config(
    FILE *f, const struct conf *c, const struct lns_addr *locals, size_t n)
{
	struct algs algs;

	algs_init(&algs);
	conn_write_config(f, c, locals, n, &algs);
}

static void
assert_line(const char *line)
{
	char with_ends[512];

	snprintf(with_ends, sizeof(with_ends), "\n%s\n", line);
	ck_assert_msg(strstr(text, with_ends) != NULL, "no line '%s' in:\n%s",
	    line, text);
}

static unsigned int
count(const char *what)
{
	const char *s = text;
	unsigned int n = 0;

	while ((s = strstr(s, what)) != NULL) {
		n++;
		s += strlen(what);
	}
	return n;
}

START_TEST(anonymous_peer_becomes_one_connection_per_address)
{
	struct conf c = conf_of(&anyone, 1);

	write_text(write_config, &c, "203.0.113.1", "192.0.2.1");
	ck_assert_uint_eq(count("\nconn "), 2);
	assert_line("conn anyone-203.0.113.1");
	assert_line("conn anyone-192.0.2.1");
	assert_line("\tleft=192.0.2.1");
	assert_line("\tleftprotoport=17/1701");
	assert_line("\tright=%any");
	assert_line("\trightprotoport=17/%any");
	assert_line("\ttype=transport");
	assert_line("\tikev1-policy=accept");
	assert_line("\tdpddelay=30");
	assert_line("\tdpdtimeout=120");
}
END_TEST

START_TEST(fixed_peer_is_named_by_its_address)
{
	struct conf_peer fixed = { .name = (char[]){ "branch-7" },
		.psk = (char[]){ "x" },
		.address = { .family = 4, .ip = { 198, 51, 100, 7 } } };
	struct conf c = conf_of(&fixed, 1);

	write_text(write_config, &c, "203.0.113.1", NULL);
	assert_line("conn branch-7-203.0.113.1");
	assert_line("\tright=198.51.100.7");
	write_text(conn_write_secrets, &c, "203.0.113.1", NULL);
	assert_line("203.0.113.1 198.51.100.7 : PSK 0x78");
	ck_assert_uint_eq(count("PSK"), 1);
}
END_TEST

START_TEST(fixed_peer_behind_a_nat_has_its_own_identity)
{
	struct conf_peer fixed = { .name = (char[]){ "branch-7" },
		.psk = (char[]){ "x" },
		.identity = (char[]){ "192.168.7.1" },
		.address = { .family = 4, .ip = { 198, 51, 100, 7 } } };
	struct conf c = conf_of(&fixed, 1);

	write_text(write_config, &c, "203.0.113.1", NULL);
	assert_line("\tright=198.51.100.7");
	assert_line("\trightid=\"192.168.7.1\"");
	write_text(conn_write_secrets, &c, "203.0.113.1", NULL);
	assert_line("203.0.113.1 198.51.100.7 : PSK 0x78");
	assert_line("203.0.113.1 192.168.7.1 : PSK 0x78");
}
END_TEST

START_TEST(ipv6_address_gets_connections_of_its_family)
{
	struct conf c = conf_of(&anyone, 1);

	write_text(write_config, &c, "2001:db8::1", "192.0.2.1");
	ck_assert_uint_eq(count("\nconn "), 2);
	assert_line("conn anyone-2001:db8::1");
	assert_line("\thostaddrfamily=ipv6\n\tleft=2001:db8::1");
	assert_line("conn anyone-192.0.2.1");
	assert_line("\thostaddrfamily=ipv4\n\tleft=192.0.2.1");
	ck_assert_uint_eq(count("\n\tright=%any\n"), 2);
	write_text(conn_write_secrets, &c, "2001:db8::1", "192.0.2.1");
	assert_line("2001:db8::1 %any6 : PSK 0x68752273680a68757368");
	assert_line("192.0.2.1 %any : PSK 0x68752273680a68757368");
}
END_TEST

START_TEST(fixed_peer_has_no_connection_in_the_other_family)
{
	struct conf_peer peers[] = {
		{ .name = (char[]){ "four" },
		    .psk = (char[]){ "4" },
		    .address = { .family = 4, .ip = { 198, 51, 100, 7 } } },
		{ .name = (char[]){ "six" }, .psk = (char[]){ "6" } },
	};
	struct conf c = conf_of(peers, 2);

	peers[1].address = addr("2001:db8::7");
	write_text(write_config, &c, "2001:db8::1", "192.0.2.1");
	ck_assert_uint_eq(count("\nconn "), 2);
	assert_line("conn four-192.0.2.1");
	assert_line("conn six-2001:db8::1");
	assert_line("\tright=2001:db8::7");
	write_text(conn_write_secrets, &c, "2001:db8::1", "192.0.2.1");
	ck_assert_uint_eq(count(" : PSK "), 2);
	assert_line("192.0.2.1 198.51.100.7 : PSK 0x34");
	assert_line("2001:db8::1 2001:db8::7 : PSK 0x36");
}
END_TEST

START_TEST(server_behind_a_nat_is_known_by_its_public_address)
{
	struct conf_uplink uplink = { .has_public_address = true };
	struct conf c = conf_of(&anyone, 1);

	ck_assert_int_eq(inet_pton(AF_INET, "10.9.0.2", &uplink.address), 1);
	ck_assert_int_eq(
	    inet_pton(AF_INET, "203.0.113.9", &uplink.public_address), 1);
	c.uplinks = &uplink;
	c.n_uplinks = 1;
	write_text(write_config, &c, "10.9.0.2", "203.0.113.1");
	assert_line("conn anyone-10.9.0.2\n\thostaddrfamily=ipv4\n"
		    "\tleft=10.9.0.2\n"
		    "\tleftid=203.0.113.9");
	assert_line("conn anyone-203.0.113.1\n\thostaddrfamily=ipv4\n"
		    "\tleft=203.0.113.1\n"
		    "\tleftid=203.0.113.1");
	write_text(conn_write_secrets, &c, "10.9.0.2", "203.0.113.1");
	ck_assert_uint_eq(count("\n203.0.113.9 %any : PSK 0x"), 1);
	ck_assert_uint_eq(count("\n203.0.113.1 %any : PSK 0x"), 1);
	ck_assert_uint_eq(count("10.9.0.2"), 0);
}
END_TEST

START_TEST(psk_with_quote_and_newline_is_written_in_hexadecimal)
{
	struct conf c = conf_of(&anyone, 1);

	write_text(conn_write_secrets, &c, "203.0.113.1", NULL);
	assert_line("203.0.113.1 %any : PSK 0x68752273680a68757368");
	ck_assert_uint_eq(count("\n"), 2);
}
END_TEST

START_TEST(psk_never_stands_in_the_configuration)
{
	struct conf c = conf_of(&anyone, 1);

	write_text(write_config, &c, "203.0.113.1", NULL);
	ck_assert_uint_eq(count("hush"), 0);
	ck_assert_uint_eq(count("6875"), 0);
}
END_TEST

START_TEST(strange_peer_name_cannot_break_the_file)
{
	struct conf_peer odd = { .name = (char[]){ "a b\n\tleft=1.2.3.4" },
		.any = true,
		.psk = (char[]){ "x" } };
	struct conf c = conf_of(&odd, 1);

	write_text(write_config, &c, "203.0.113.1", NULL);
	assert_line("conn peer+0-203.0.113.1");
	ck_assert_uint_eq(count("1.2.3.4"), 0);
}
END_TEST

START_TEST(proposals_always_name_ike_and_esp)
{
	struct conf c = conf_of(&anyone, 1);
	int i;

	for (i = CONF_PROPOSALS_MODERN; i <= CONF_PROPOSALS_LEGACY; i++) {
		c.ipsec.proposals = (enum conf_proposals)i;
		write_text(write_config, &c, "203.0.113.1", NULL);
		ck_assert_uint_eq(count("\n\tike=aes256-sha2_256;dh20,"), 1);
		ck_assert_uint_eq(count("\n\tesp=aes_gcm256,"), 1);
		assert_line("\tsha2-truncbug=no");
		assert_line("\tfragmentation=yes");
	}
}
END_TEST

START_TEST(peer_with_key_certificate_and_group_has_three_connections)
{
	struct conf_peer both = { .name = (char[]){ "b" },
		.any = true,
		.psk = (char[]){ "x" },
		.certificate = (char[]){ "PEM" },
		.certificate_number = 3,
		.aggressive = true,
		.group_id = (char[]){ "phones" } };
	struct conf c = conf_of(&both, 1);
	struct lns_addr local = addr("203.0.113.1");

	c.ipsec.proposals = CONF_PROPOSALS_LEGACY;
	write_text(write_config, &c, "203.0.113.1", NULL);
	ck_assert_uint_eq(conn_count(&c, &local), 3);
	ck_assert_uint_eq(count("\nconn "), 3);
	assert_line("conn b-203.0.113.1");
	assert_line("conn b+cert-203.0.113.1");
	assert_line("conn b+group-203.0.113.1");
	ck_assert_uint_eq(count("\tauthby=secret\n"), 2);
	ck_assert_uint_eq(count("\tauthby=rsasig\n"), 1);
	assert_line("\tleftcert=lnsd-3");
	assert_line("\trightca=%same");
	ck_assert_uint_eq(count("\taggressive=yes\n"), 1);
	assert_line("\trightid=\"@[phones]\"");
	/* Of the two other connections. */
	ck_assert_uint_eq(count("aes256-sha1;dh20"), 2);
	ck_assert_uint_eq(count("aes256-sha1;dh14"), 3);
	write_text(conn_write_secrets, &c, "203.0.113.1", NULL);
	assert_line("203.0.113.1 %any : PSK 0x78");
	assert_line("203.0.113.1 @[phones] : PSK 0x78");
}
END_TEST

START_TEST(peer_with_certificate_only_has_no_secret)
{
	struct conf_peer only = { .name = (char[]){ "b" },
		.any = true,
		.certificate = (char[]){ "PEM" } };
	struct conf c = conf_of(&only, 1);

	write_text(write_config, &c, "203.0.113.1", NULL);
	ck_assert_uint_eq(count("\nconn "), 1);
	ck_assert_uint_eq(count("secret"), 0);
	ck_assert_uint_eq(count("aggressive"), 0);
	write_text(conn_write_secrets, &c, "203.0.113.1", NULL);
	ck_assert_uint_eq(count("PSK"), 0);
}
END_TEST

START_TEST(group_id_has_the_type_that_clients_choose)
{
	static const char *const ids[][2] = { { "phones", "@[phones]" },
		{ "vpn.example", "@vpn.example" },
		{ "a@vpn.example", "a@vpn.example" } };
	struct conf_peer p = { .name = (char[]){ "b" },
		.any = true,
		.psk = (char[]){ "x" },
		.aggressive = true };
	struct conf c = conf_of(&p, 1);
	char line[64];
	size_t i;

	for (i = 0; i < nitems(ids); i++) {
		p.group_id = strdup(ids[i][0]);
		write_text(write_config, &c, "203.0.113.1", NULL);
		snprintf(line, sizeof(line), "\trightid=\"%s\"", ids[i][1]);
		assert_line(line);
		free(p.group_id);
	}
}
END_TEST

START_TEST(connections_in_the_pluto_of_the_system_are_marked_as_ours)
{
	struct conf c = conf_of(&anyone, 1);

	c.ipsec.mode = CONF_IPSEC_SYSTEM;
	write_text(write_config, &c, "203.0.113.1", NULL);
	assert_line("conn lnsd+anyone-203.0.113.1");
	ck_assert_uint_eq(count("config setup"), 0);
}
END_TEST

static const struct {
	const char *line;
	bool managed, system;
} status[] = {
	{ "000 \"anyone-203.0.113.1\":   policy: PSK+ENCRYPT", true, false },
	{ "000 \"lnsd+anyone-203.0.113.1\":   policy: PSK+ENCRYPT", true,
	    true },
	{ "000 \"lnsd+a\":   policy: ", true, true },
	{ "000 \"lnsd-a\":   policy: ", true, false },
	{ "000 \"lnsd+anyone-203.0.113.1\"[1]:   policy: ", false, false },
	{ "000 \"lnsd+anyone-203.0.113.1\":   our idtype: ID", false, false },
	{ "000 \"lnsd+a", false, false },
	{ "000 using kernel interface: xfrm", false, false },
	/* 5.2 */
	{ "\"anyone-203.0.113.1\":   policy: IKEv1+PSK+ENCRYPT", true, false },
	{ "\"lnsd+anyone-203.0.113.1\":   policy: IKEv1", true, true },
	{ "\"lnsd+anyone-203.0.113.1\"[1]:   policy: IKEv1", false, false },
	{ "\"", false, false },
	{ "using kernel interface: xfrm", false, false },
	{ "000 ", false, false },
	{ "", false, false },
};

START_TEST(status_of_pluto_names_each_connection_once)
{
	struct conf c = conf_of(&anyone, 1);
	char name[CONN_NAME_MAX];

	ck_assert_int_eq(
	    conn_of_status(&c, status[_i].line, name), status[_i].managed);
	c.ipsec.mode = CONF_IPSEC_SYSTEM;
	ck_assert_int_eq(
	    conn_of_status(&c, status[_i].line, name), status[_i].system);
	if (status[_i].system)
		ck_assert(strncmp(name, "lnsd+a", 6) == 0 &&
			  strchr(name, '"') == NULL);
}
END_TEST

START_TEST(overlong_name_in_the_status_is_not_ours)
{
	struct conf c = conf_of(&anyone, 1);
	char line[512], name[CONN_NAME_MAX];

	snprintf(line, sizeof(line), "000 \"%0*d\":   policy: x",
	    (int)CONN_NAME_MAX - 1, 7);
	ck_assert(conn_of_status(&c, line, name));
	snprintf(line, sizeof(line), "000 \"%0*d\":   policy: x",
	    (int)CONN_NAME_MAX, 7);
	ck_assert(!conn_of_status(&c, line, name));
}
END_TEST

static const struct {
	const char *text;
	bool includes;
} secrets[] = {
	{ "# the system's\n\ninclude /etc/ipsec.d/*.secrets\n", true },
	{ "include /etc/ipsec.d/*.secrets", true },
	{ "include\t /etc/ipsec.d/lnsd.secrets # ours\n", true },
	{ "include ipsec.d/*.secrets\n", true },
	{ ": PSK \"x\"\ninclude /etc/a\ninclude /etc/*/lnsd.*\n", true },
	{ "", false },
	{ "\n\n", false },
	{ "include", false },
	{ "include \n/etc/ipsec.d/lnsd.secrets\n", false },
	{ "#include /etc/ipsec.d/*.secrets\n", false },
	{ "includes /etc/ipsec.d/*.secrets\n", false },
	{ "include /etc/ipsec.d/*.conf\n", false },
	{ "include /etc/*\n", false },
};

START_TEST(include_of_our_secrets_is_recognised)
{
	ck_assert_msg(pluto_files_includes(secrets[_i].text, "/etc",
			  "/etc/ipsec.d/lnsd.secrets") == secrets[_i].includes,
	    "%s", secrets[_i].text);
}
END_TEST

START_TEST(files_of_the_system_are_only_named)
{
	struct conf c = conf_of(&anyone, 1);
	struct pluto_files f;

	c.ipsec.mode = CONF_IPSEC_SYSTEM;
	c.run_dir = (char[]){ "/run/lnsd" };
	c.state_dir = (char[]){ "/var/lib/lnsd" };
	pluto_files_init(&f, &c);
	ck_assert_str_eq(f.conf, "/run/lnsd/ipsec/ipsec.conf");
	ck_assert_str_eq(f.secrets, "/etc/ipsec.d/lnsd.secrets");
	ck_assert_str_eq(f.ctl, "/run/pluto/pluto.ctl");
	ck_assert_str_eq(f.pid, "/run/pluto/pluto.pid");
}
END_TEST

START_TEST(debug_is_told_to_pluto)
{
	struct conf c = conf_of(&anyone, 1);

	write_text(write_config, &c, "203.0.113.1", NULL);
	ck_assert_uint_eq(count("plutodebug"), 0);
	c.ipsec.log_level = CONF_LOG_DEBUG;
	write_text(write_config, &c, "203.0.113.1", NULL);
	assert_line("\tplutodebug=base");
}
END_TEST

START_TEST(keys_are_renewed_by_us_if_asked_for)
{
	struct conf c = conf_of(&anyone, 1);

	c.ipsec.ike_lifetime_s = c.ipsec.sa_lifetime_s = 86400;
	write_text(write_config, &c, "203.0.113.1", NULL);
	assert_line("\trekey=no");
	assert_line("\tikelifetime=86400s");
	assert_line("\trekeymargin=540s");
	c.ipsec.rekey = true;
	c.ipsec.sa_lifetime_s = 60;
	write_text(write_config, &c, "203.0.113.1", NULL);
	assert_line("\trekey=yes");
	assert_line("\tsalifetime=60s");
	assert_line("\trekeymargin=20s");
}
END_TEST

START_TEST(peer_is_found_by_the_name_of_its_connection)
{
	struct conf_peer peers[] = { { .name = (char[]){ "a" } },
		{ .name = (char[]){ "a-b" } },
		{ .name = (char[]){ "odd one" } } };
	struct conf c = conf_of(peers, nitems(peers));
	struct lns_addr local = addr("203.0.113.1");
	char name[CONN_NAME_MAX];
	size_t i, found;

	for (i = 0; i < nitems(peers); i++) {
		found = nitems(peers);
		ck_assert(conn_find_peer(
		    &c, conn_name(&c, i, CONN_PSK, &local, name), &found));
		ck_assert_uint_eq(found, i);
	}
	ck_assert(!conn_find_peer(&c, "b-203.0.113.1", &found));
	ck_assert(!conn_find_peer(&c, "", &found));
}
END_TEST

static void
assert_mode(const char *path, mode_t mode)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, mode);
}

START_TEST(files_of_pluto_are_private_and_go)
{
	char dir[] = "/tmp/check_conn.XXXXXX", run[64], state[64];
	struct conf c = conf_of(&anyone, 1);
	struct lns_addr local = addr("203.0.113.1");
	struct pluto_files f;
	struct algs algs;

	algs_init(&algs);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(run, sizeof(run), "%s/run", dir);
	snprintf(state, sizeof(state), "%s/state", dir);
	ck_assert_int_eq(mkdir(run, 0700), 0);
	c.run_dir = run;
	c.state_dir = state;
	(void)umask(0);
	pluto_files_init(&f, &c);
	ck_assert_int_eq(pluto_files_make(&f), 0);
	ck_assert_int_eq(pluto_files_write(&f, &c, &local, 1, &algs), 0);
	assert_mode(f.dir, 0700);
	assert_mode(f.secrets, 0600);
	assert_mode(f.conf, 0600);
	ck_assert(!pluto_files_have_keys(&f));
	/* A second time, over what is there. */
	ck_assert_int_eq(pluto_files_write(&f, &c, &local, 1, &algs), 0);
	pluto_files_remove(&f);
	ck_assert_int_eq(rmdir(run), 0);
	ck_assert_int_eq(rmdir(f.nss), 0);
	ck_assert_int_eq(rmdir(state), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

static enum conn_change
compare(const struct conf *before, const struct conf *next, size_t peer,
    const char *local)
{
	struct lns_addr a = addr(local);
	struct algs algs;

	algs_init(&algs);
	return conn_compare(before, next, peer, CONN_PSK, &a, &algs);
}

START_TEST(connection_with_another_key_is_the_same)
{
	struct conf_peer is = anyone;
	struct conf a = conf_of(&anyone, 1), b = conf_of(&is, 1);

	ck_assert_int_eq(compare(&a, &b, 0, "203.0.113.1"), CONN_SAME);
	is.psk = (char[]){ "another" };
	ck_assert_int_eq(compare(&a, &b, 0, "203.0.113.1"), CONN_SAME);
}
END_TEST

START_TEST(connection_with_other_lines_has_changed)
{
	struct conf_peer is = anyone;
	struct conf a = conf_of(&anyone, 1), b = conf_of(&is, 1);

	b.ipsec.dpd_delay_s++;
	ck_assert_int_eq(compare(&a, &b, 0, "203.0.113.1"), CONN_CHANGED);
	b = conf_of(&is, 1);
	is.any = false;
	is.address = addr("192.0.2.7");
	ck_assert_int_eq(compare(&a, &b, 0, "203.0.113.1"), CONN_CHANGED);
	ck_assert_int_eq(compare(&a, &b, 0, "2001:db8::1"), CONN_GONE);
	ck_assert_int_eq(compare(&b, &a, 0, "2001:db8::1"), CONN_ADDED);
}
END_TEST

START_TEST(connection_of_a_peer_comes_and_goes_with_it)
{
	struct conf_peer two[2] = { anyone, anyone };
	struct conf a = conf_of(two, 1), b = conf_of(two, 2);

	ck_assert_int_eq(compare(&a, &b, 1, "203.0.113.1"), CONN_ADDED);
	two[1].gone = true;
	ck_assert_int_eq(compare(&a, &b, 1, "203.0.113.1"), CONN_SAME);
	a = conf_of(&anyone, 1);
	two[0].gone = true;
	ck_assert_int_eq(compare(&a, &b, 0, "203.0.113.1"), CONN_GONE);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conn");
	TCase *t = tcase_create("conn");
	SRunner *r;
	int failed;

	tcase_add_test(t, anonymous_peer_becomes_one_connection_per_address);
	tcase_add_test(t, fixed_peer_is_named_by_its_address);
	tcase_add_test(t, fixed_peer_behind_a_nat_has_its_own_identity);
	tcase_add_test(t, ipv6_address_gets_connections_of_its_family);
	tcase_add_test(t, fixed_peer_has_no_connection_in_the_other_family);
	tcase_add_test(t, server_behind_a_nat_is_known_by_its_public_address);
	tcase_add_test(t, psk_with_quote_and_newline_is_written_in_hexadecimal);
	tcase_add_test(t, psk_never_stands_in_the_configuration);
	tcase_add_test(t, strange_peer_name_cannot_break_the_file);
	tcase_add_test(t, proposals_always_name_ike_and_esp);
	tcase_add_test(
	    t, connections_in_the_pluto_of_the_system_are_marked_as_ours);
	tcase_add_loop_test(
	    t, status_of_pluto_names_each_connection_once, 0, nitems(status));
	tcase_add_test(t, overlong_name_in_the_status_is_not_ours);
	tcase_add_loop_test(
	    t, include_of_our_secrets_is_recognised, 0, nitems(secrets));
	tcase_add_test(t, files_of_the_system_are_only_named);
	tcase_add_test(t, debug_is_told_to_pluto);
	tcase_add_test(t, keys_are_renewed_by_us_if_asked_for);
	tcase_add_test(t, peer_is_found_by_the_name_of_its_connection);
	tcase_add_test(
	    t, peer_with_key_certificate_and_group_has_three_connections);
	tcase_add_test(t, peer_with_certificate_only_has_no_secret);
	tcase_add_test(t, group_id_has_the_type_that_clients_choose);
	tcase_add_test(t, connection_with_another_key_is_the_same);
	tcase_add_test(t, connection_with_other_lines_has_changed);
	tcase_add_test(t, connection_of_a_peer_comes_and_goes_with_it);
	tcase_add_test(t, files_of_pluto_are_private_and_go);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	free(text);
	return failed == 0 ? 0 : 1;
}
