/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>

#include "../../lnsd/conf_check.h"
#include "../../lnsd/conf_value.h"
#include "conf_file.h"

static void
assert_address(struct in_addr a, const char *expected)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &a, text, sizeof(text));
	ck_assert_str_eq(text, expected);
}

static void
assert_prefix(const struct conf_prefix *p, const char *expected, unsigned len)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &p->address, text, sizeof(text));
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(p->len, len);
}

static void
assert_ip(const struct lns_addr *a, const char *expected)
{
	char text[LNS_ADDR_TEXT];

	ck_assert_str_eq(lns_addr_text(a, text), expected);
	ck_assert_uint_eq(a->port, 0);
}

/* --- what is taken --- */

START_TEST(conf_minimal_gets_defaults)
{
	struct conf *c = assert_loaded(BASE);

	ck_assert_uint_eq(c->n_listen, 2);
	assert_ip(&c->listen[0], "0.0.0.0");
	assert_ip(&c->listen[1], "::");
	ck_assert_str_eq(c->hostname, "vpn");
	ck_assert(!c->trace && !c->keepalive_log);
	ck_assert_str_eq(c->state_dir, "/var/lib/lnsd");
	ck_assert_str_eq(c->run_dir, "/run/lnsd");
	ck_assert_int_eq(c->ipsec.mode, CONF_IPSEC_MANAGED);
	ck_assert_int_eq(c->ipsec.proposals, CONF_PROPOSALS_MODERN);
	ck_assert_uint_eq(c->ipsec.dpd_delay_s, 30);
	ck_assert_uint_eq(c->ipsec.dpd_timeout_s, 120);
	ck_assert_ptr_null(c->ipsec.log);
	ck_assert_int_eq(c->ipsec.log_level, CONF_LOG_NORMAL);
	ck_assert_uint_eq(c->n_ppp, 1);
	ck_assert_str_eq(c->ppp[0].name, "p");
	ck_assert_uint_eq(c->ppp[0].auth, CONF_AUTH_MSCHAPV2);
	ck_assert_uint_eq(c->ppp[0].n_dns, 0);
	ck_assert_uint_eq(c->ppp[0].mtu, 1280);
	ck_assert(c->ppp[0].proxy_arp && !c->ppp[0].scripts);
	ck_assert(c->ppp[0].mss_clamp);
	ck_assert(c->ppp[0].pppd_prepared);
	ck_assert_uint_eq(c->ppp[0].idle_timeout_s, 0);
	ck_assert_uint_eq(c->ppp[0].session_timeout_s, 0);
	ck_assert_uint_eq(c->ppp[0].lcp_echo_interval_s, 30);
	ck_assert_uint_eq(c->ppp[0].lcp_echo_failure, 4);
	ck_assert_uint_eq(c->n_users, 1);
	ck_assert(!c->users[0].has_address && !c->users[0].has_nt_hash);
	ck_assert_uint_eq(c->n_peers, 1);
	ck_assert(c->peers[0].any);
	ck_assert_uint_eq(c->peers[0].ppp, 0);
	ck_assert_uint_eq(c->peers[0].max_tunnels, 0);
	ck_assert_uint_eq(c->peers[0].keepalive.interval_s, 0);
	conf_free(c);
}
END_TEST

START_TEST(conf_mode_system_is_taken)
{
	struct conf *c = assert_loaded(BASE "ipsec { mode = system }\n");

	ck_assert_int_eq(c->ipsec.mode, CONF_IPSEC_SYSTEM);
	conf_free(c);
}
END_TEST

START_TEST(conf_http_is_off_unless_there_is_a_section)
{
	struct conf *c = assert_loaded(BASE);

	ck_assert_uint_eq(c->http.listen.family, 0);
	ck_assert_ptr_null(c->http.path);
	ck_assert(!c->http.metrics && !c->http.page);
	conf_free(c);
}
END_TEST

START_TEST(conf_http_has_defaults)
{
	struct conf *c = assert_loaded(BASE "http { }");
	char text[LNS_ADDR_TEXT];

	ck_assert_str_eq(lns_addr_text(&c->http.listen, text), "127.0.0.1");
	ck_assert_uint_eq(c->http.listen.port, 9701);
	ck_assert(c->http.metrics && !c->http.page);
	conf_free(c);
}
END_TEST

START_TEST(conf_http_every_key_is_taken)
{
	struct conf *c = assert_loaded(BASE
	    "http { listen = /run/lnsd/http.sock metrics = no page = yes }");

	ck_assert_uint_eq(c->http.listen.family, 0);
	ck_assert_str_eq(c->http.path, "/run/lnsd/http.sock");
	ck_assert(!c->http.metrics && c->http.page);
	conf_free(c);
}
END_TEST

START_TEST(conf_http_for_others_is_warned_of)
{
	struct conf *c = assert_loaded(BASE "http { listen = '[::1]:80' }");
	const size_t n = c->n_warnings;

	conf_free(c);
	c = assert_loaded(BASE "http { listen = 192.0.2.1:9701 }");
	ck_assert_uint_eq(c->n_warnings, n + 1);
	ck_assert_ptr_nonnull(strstr(c->warnings[0], "192.0.2.1:9701"));
	conf_free(c);
}
END_TEST

START_TEST(conf_radius_has_defaults_and_one_secret_for_all)
{
	struct conf *c = assert_loaded(
	    "ppp r { local-address = 10.8.0.1 radius {\n"
	    "  server = { 192.0.2.5, 127.0.0.1:1645, \"[2001:db8::5]:1900\" }\n"
	    "  secret = shared } }\n" USER PEER);
	const struct conf_radius *r;

	/* Without a pool: addresses may come from the servers. */
	ck_assert_uint_eq(c->ppp[0].n_pool, 0);
	r = &c->ppp[0].radius;
	ck_assert_uint_eq(r->n_servers, 3);
	ck_assert_uint_eq(r->servers[2].family, 6);
	ck_assert_uint_eq(r->servers[2].ip[15], 5);
	ck_assert_uint_eq(r->servers[0].port, 1812);
	ck_assert_uint_eq(r->servers[1].port, 1645);
	ck_assert_uint_eq(r->servers[1].ip[0], 127);
	ck_assert_uint_eq(r->servers[2].port, 1900);
	ck_assert_str_eq(r->secrets[0], "shared");
	ck_assert_str_eq(r->secrets[2], "shared");
	ck_assert_uint_eq(r->timeout_s, 2);
	ck_assert_uint_eq(r->tries, 3);
	ck_assert_uint_eq(r->dead_time_s, 60);
	ck_assert(r->require_message_authenticator);
	ck_assert_ptr_null(r->nas_identifier);
	conf_free(c);
}
END_TEST

START_TEST(conf_radius_every_key_is_taken)
{
	struct conf *c = assert_loaded(
	    "ppp r { local-address = 10.8.0.1 pool = 10.8.0.4 radius {\n"
	    "  server = { 192.0.2.5, 192.0.2.6 } secret = { one, 'the other' "
	    "}\n"
	    "  timeout = 1 tries = 9 dead-time = 0\n"
	    "  require-message-authenticator = no nas-identifier = gate\n"
	    "  coa-listen = 192.0.2.1 accounting = yes accounting-port = 1646 "
	    "accounting-interval = "
	    "5\n"
	    "  nas-address = 192.0.2.1 } }\n" USER PEER);
	const struct conf_radius *r = &c->ppp[0].radius;

	ck_assert_str_eq(r->secrets[0], "one");
	ck_assert_str_eq(r->secrets[1], "the other");
	ck_assert_uint_eq(r->timeout_s, 1);
	ck_assert_uint_eq(r->tries, 9);
	ck_assert_uint_eq(r->dead_time_s, 0);
	ck_assert(!r->require_message_authenticator);
	ck_assert(r->accounting);
	ck_assert_uint_eq(r->accounting_port, 1646);
	ck_assert_uint_eq(r->coa_listen.family, 4);
	ck_assert_uint_eq(r->coa_listen.port, 3799);
	ck_assert_uint_eq(r->accounting_interval_s, 5);
	ck_assert_str_eq(r->nas_identifier, "gate");
	assert_address(r->nas_address, "192.0.2.1");
	conf_free(c);
}
END_TEST

START_TEST(conf_every_key_is_taken)
{
	struct conf *c = assert_loaded(
	    "listen = { \"192.0.2.1\", '2001:db8::2' }\n"
	    "hostname = gate.example trace = yes keepalive-log = on\n"
	    "max-tunnels = 900 max-half-open = 90 receive-window = 4\n"
	    "retransmissions = 7\n"
	    "state-dir = /srv/state run-dir = \"/srv/run\"\n"
	    "ipsec { mode = off proposals = legacy dpd-delay = 5\n"
	    "  dpd-timeout = 6 log = /var/log/pluto.log\n"
	    "  log-level = debug }\n"
	    "ppp one { local-address = 10.0.0.1 pool = { 10.0.0.0/29,\n"
	    "  10.0.1.1, 10.0.2.1-10.0.2.9 }\n"
	    "  wins = 10.0.0.7 pppd-options = { set, plugin, silent }\n"
	    "  proxy-arp = no arp-probe = yes mss-clamp = no ip-up = /bin/cat "
	    "  rate-up = 64k rate-down = 10M idle-timeout = 60 session-timeout "
	    "= 3600\n"
	    "  auth = { pap, chap } mtu = 1500 ipv6-pool = 2001:db8:1::/48\n"
	    "  dns = { 10.0.0.8, '2001:db8::53', 10.0.0.9 }\n"
	    "  lcp-echo-interval = 0 lcp-echo-failure = 9 scripts = true\n"
	    "  one-login-per-user = yes max-login-failures = 5\n"
	    "  login-failure-time = 7200 pppd-prepared = no }\n"
	    "ppp two { local-address = 10.9.0.1 mtu = auto pool = 10.9.0.4/32 "
	    "}\n"
	    "user h { nt-hash = 00112233445566778899AABBccddeeff\n"
	    "  address = 10.0.0.77 disabled = yes max-sessions = 3\n"
	    "  ipv6-prefix = '2001:db8:1:77::/64'\n"
	    "  routes = { 10.77.0.0/16, 10.0.0.78, 64.0.0.0/2 } rate-up = 0 }\n"
	    "user p { password = 'a \"b\" \\c' }\n"
	    "peer f { address = 198.51.100.7 ppp = two max-tunnels = 3\n"
	    "  max-sessions = 4 tunnel-secret = \"t s\" tunnel-auth = no\n"
	    "  hidden-avps = yes disconnect-time = 90\n"
	    "  proxy-authentication = yes psk = 'p s k' aggressive = yes\n"
	    "  identity = 192.168.7.1\n"
	    "  group-id = phones@vpn.example\n"
	    "  keepalive { interval = 20 count = 2 } }\n");

	ck_assert_uint_eq(c->n_listen, 2);
	assert_ip(&c->listen[1], "2001:db8::2");
	ck_assert_str_eq(c->hostname, "gate.example");
	ck_assert(c->trace && c->keepalive_log);
	ck_assert_uint_eq(c->max_tunnels, 900);
	ck_assert_uint_eq(c->max_half_open, 90);
	ck_assert_uint_eq(c->receive_window, 4);
	ck_assert_uint_eq(c->retransmissions, 7);
	ck_assert_str_eq(c->state_dir, "/srv/state");
	ck_assert_str_eq(c->run_dir, "/srv/run");
	ck_assert_int_eq(c->ipsec.mode, CONF_IPSEC_OFF);
	ck_assert_int_eq(c->ipsec.proposals, CONF_PROPOSALS_LEGACY);
	ck_assert_uint_eq(c->ipsec.dpd_delay_s, 5);
	ck_assert_uint_eq(c->ipsec.dpd_timeout_s, 6);
	ck_assert_str_eq(c->ipsec.log, "/var/log/pluto.log");
	ck_assert_int_eq(c->ipsec.log_level, CONF_LOG_DEBUG);
	ck_assert_uint_eq(c->ppp[0].auth, CONF_AUTH_PAP | CONF_AUTH_CHAP);
	assert_address(c->ppp[0].local_address, "10.0.0.1");
	ck_assert_uint_eq(c->ppp[0].n_pool, 3);
	assert_address(c->ppp[0].pool[0].first, "10.0.0.1");
	assert_address(c->ppp[0].pool[0].last, "10.0.0.6");
	assert_address(c->ppp[0].pool[1].first, "10.0.1.1");
	assert_address(c->ppp[0].pool[1].last, "10.0.1.1");
	assert_address(c->ppp[0].pool[2].last, "10.0.2.9");
	ck_assert_uint_eq(c->ppp[0].n_dns, 2);
	assert_address(c->ppp[0].dns[1], "10.0.0.9");
	assert_address(c->ppp[0].wins[0], "10.0.0.7");
	ck_assert_uint_eq(c->ppp[0].n_pppd_options, 3);
	ck_assert_str_eq(c->ppp[0].pppd_options[2], "silent");
	ck_assert_uint_eq(c->ppp[0].n_dns6, 1);
	assert_prefix(
	    &(struct conf_prefix){ c->ppp[0].dns6[0], 0 }, "2001:db8::53", 0);
	assert_prefix(&c->ppp[0].ipv6_pool, "2001:db8:1::", 48);
	ck_assert_uint_eq(c->ppp[1].ipv6_pool.len, 0);
	ck_assert_uint_eq(c->ppp[0].mtu, 1500);
	ck_assert_uint_eq(c->ppp[1].mtu, 0);
	ck_assert(c->ppp[0].arp_probe && !c->ppp[1].arp_probe);
	ck_assert(!c->ppp[0].mss_clamp && c->ppp[1].mss_clamp);
	ck_assert(!c->ppp[0].proxy_arp && c->ppp[0].scripts);
	ck_assert(!c->ppp[0].pppd_prepared);
	ck_assert(
	    c->ppp[0].one_login_per_user && !c->ppp[1].one_login_per_user);
	ck_assert_uint_eq(c->ppp[0].max_login_failures, 5);
	ck_assert_uint_eq(c->ppp[0].login_failure_time_s, 7200);
	ck_assert_uint_eq(c->ppp[1].max_login_failures, 10);
	ck_assert_uint_eq(c->ppp[1].login_failure_time_s, 60);
	ck_assert_uint_eq(c->ppp[0].idle_timeout_s, 60);
	ck_assert_uint_eq(c->ppp[0].session_timeout_s, 3600);
	ck_assert_uint_eq(c->ppp[0].lcp_echo_interval_s, 0);
	ck_assert_uint_eq(c->ppp[0].lcp_echo_failure, 9);
	assert_address(c->ppp[1].pool[0].first, "10.9.0.4");
	ck_assert_ptr_null(c->users[0].password);
	ck_assert(c->users[0].has_nt_hash);
	ck_assert(c->users[0].disabled && !c->users[1].disabled);
	ck_assert_uint_eq(c->users[0].max_sessions, 3);
	ck_assert_str_eq(c->ppp[0].ip_up, "/bin/cat");
	ck_assert_ptr_null(c->ppp[0].ip_down);
	ck_assert_uint_eq(c->ppp[0].rate_up.kbit, 64);
	ck_assert_uint_eq(c->ppp[0].rate_down.kbit, 10000);
	ck_assert(c->users[0].rate_up.given && !c->users[0].rate_down.given);
	ck_assert_uint_eq(c->users[0].n_routes, 3);
	assert_address(c->users[0].routes[0].network, "10.77.0.0");
	ck_assert_uint_eq(c->users[0].routes[0].bits, 16);
	ck_assert_uint_eq(c->users[0].routes[1].bits, 32);
	ck_assert_uint_eq(c->users[0].routes[2].bits, 2);
	ck_assert_uint_eq(c->users[0].nt_hash[0], 0x00);
	ck_assert_uint_eq(c->users[0].nt_hash[10], 0xaa);
	ck_assert_uint_eq(c->users[0].nt_hash[15], 0xff);
	assert_address(c->users[0].address, "10.0.0.77");
	assert_prefix(&c->users[0].ipv6_prefix, "2001:db8:1:77::", 64);
	ck_assert_uint_eq(c->users[1].ipv6_prefix.len, 0);
	ck_assert_str_eq(c->users[1].password, "a \"b\" \\c");
	ck_assert(!c->peers[0].any);
	ck_assert_uint_eq(c->peers[0].address.family, 4);
	ck_assert_mem_eq(c->peers[0].address.ip, "\306\063\144\007", 5);
	ck_assert_uint_eq(c->peers[0].ppp, 1);
	ck_assert_uint_eq(c->peers[0].max_tunnels, 3);
	ck_assert_uint_eq(c->peers[0].max_sessions, 4);
	ck_assert_str_eq(c->peers[0].tunnel_secret, "t s");
	ck_assert(!c->peers[0].tunnel_auth && c->peers[0].hidden_avps);
	ck_assert_uint_eq(c->peers[0].disconnect_time_s, 90);
	ck_assert(c->peers[0].proxy_authentication);
	ck_assert_uint_eq(c->peers[0].keepalive.interval_s, 20);
	ck_assert_uint_eq(c->peers[0].keepalive.count, 2);
	ck_assert_str_eq(c->peers[0].psk, "p s k");
	ck_assert(c->peers[0].aggressive);
	ck_assert_str_eq(c->peers[0].group_id, "phones@vpn.example");
	ck_assert_str_eq(c->peers[0].identity, "192.168.7.1");
	ck_assert_ptr_null(c->peers[0].certificate);
	conf_free(c);
}
END_TEST

START_TEST(conf_ipv6_addresses_are_taken)
{
	struct conf *c = assert_loaded(
	    BASE "listen = { 192.0.2.1, \"::\" }\n"
		 "peer six { address = 2001:DB8:0::7 psk = x }\n"
		 "peer four { address = 198.51.100.7 psk = x }\n");

	ck_assert_uint_eq(c->n_listen, 2);
	assert_ip(&c->listen[0], "192.0.2.1");
	assert_ip(&c->listen[1], "::");
	assert_ip(&c->peers[1].address, "2001:db8::7");
	assert_ip(&c->peers[2].address, "198.51.100.7");
	conf_free(c);
	c = assert_loaded(BASE "listen = any\n"
			       "ipsec { client-range = 198.18.0.0/16 }\n");
	ck_assert_uint_eq(c->n_listen, 2);
	assert_ip(&c->listen[0], "0.0.0.0");
	assert_ip(&c->listen[1], "::");
	assert_address(c->ipsec.client_range, "198.18.0.0");
	conf_free(c);
}
END_TEST

START_TEST(conf_uplinks_are_taken_in_their_order)
{
	struct conf *c =
	    assert_loaded(BASE "listen = { 192.0.2.1, 192.0.2.9 }\n"
			       "uplink 192.0.2.9 { fwmark = 4294967295 }\n"
			       "uplink \"192.0.2.1\" { public-address = "
			       "198.51.100.1 }\n");

	ck_assert_uint_eq(c->n_uplinks, 2);
	assert_address(c->uplinks[0].address, "192.0.2.9");
	ck_assert_uint_eq(c->uplinks[0].fwmark, 4294967295u);
	assert_address(c->uplinks[1].address, "192.0.2.1");
	ck_assert_uint_eq(c->uplinks[1].fwmark, 0);
	ck_assert(!c->uplinks[0].has_public_address);
	ck_assert(c->uplinks[1].has_public_address);
	assert_address(c->uplinks[1].public_address, "198.51.100.1");
	conf_free(c);
	/* Among all addresses there may be this one. */
	conf_free(assert_loaded(BASE "uplink 192.0.2.9 { fwmark = 5 }\n"));
}
END_TEST

START_TEST(conf_list_appended_with_plus_is_whole)
{
	struct conf *c =
	    assert_loaded(BASE "listen = { 192.0.2.1 }\ntrace = yes\n"
			       "listen += { 192.0.2.2 } listen += 192.0.2.3\n");

	ck_assert_uint_eq(c->n_listen, 3);
	assert_ip(&c->listen[2], "192.0.2.3");
	conf_free(c);
}
END_TEST

START_TEST(conf_template_fills_what_peer_leaves_out)
{
	struct conf *c = assert_loaded(
	    PPP "ppp q { local-address = 10.1.0.1 pool = 10.1.0.9 }\n"
		"template t { psk = one keepalive { interval = 3 count = 4 }\n"
		"  ppp = q max-tunnels = 5 }\n"
		"peer a { address = any template = t }\n"
		"peer b { address = 192.0.2.1 template = t psk = two ppp = p\n"
		"  max-tunnels = 0 keepalive { count = 9 } }\n");

	ck_assert_str_eq(c->peers[0].psk, "one");
	ck_assert_uint_eq(c->peers[0].ppp, 1);
	ck_assert_uint_eq(c->peers[0].max_tunnels, 5);
	ck_assert_uint_eq(c->peers[0].keepalive.interval_s, 3);
	ck_assert_uint_eq(c->peers[0].keepalive.count, 4);
	ck_assert_str_eq(c->peers[1].psk, "two");
	ck_assert_uint_eq(c->peers[1].ppp, 0);
	ck_assert_uint_eq(c->peers[1].max_tunnels, 0);
	/* Its block replaces the template's as a whole. */
	ck_assert_uint_eq(c->peers[1].keepalive.interval_s, 10);
	ck_assert_uint_eq(c->peers[1].keepalive.count, 9);
	conf_free(c);
}
END_TEST

START_TEST(conf_keepalive_block_without_keys_has_defaults)
{
	struct conf *c = assert_loaded(
	    PPP "peer a { address = any psk = x keepalive { } }\n");

	ck_assert_uint_eq(c->peers[0].keepalive.interval_s, 10);
	ck_assert_uint_eq(c->peers[0].keepalive.count, 6);
	conf_free(c);
}
END_TEST

START_TEST(conf_pool_can_be_left_out_if_every_user_has_an_address)
{
	conf_free(
	    assert_loaded("ppp p { local-address = 10.0.0.1 }\n"
			  "user u { password = x address = 10.0.0.7 }\n" PEER));
}
END_TEST

/* --- secrets --- */

START_TEST(conf_secret_from_file_is_its_first_line)
{
	struct conf *c;

	put("secret", "open it\nnot this\n", 17, 0600);
	c = assert_loaded(PPP "user u { password-file = secret }\n"
			      "peer a { address = any psk-file = secret }\n");
	ck_assert_str_eq(c->users[0].password, "open it");
	ck_assert_str_eq(c->peers[0].psk, "open it");
	conf_free(c);
}
END_TEST

START_TEST(conf_secret_file_without_newline_is_read)
{
	struct conf *c;

	put("secret", "open", 4, 0400);
	c = assert_loaded(PPP "peer a { address = any psk-file = secret }\n");
	ck_assert_str_eq(c->peers[0].psk, "open");
	conf_free(c);
}
END_TEST

START_TEST(conf_secret_file_readable_by_group_is_refused)
{
	put("secret", "open\n", 5, 0640);
	assert_refused(PPP "peer a { address = any psk-file = secret }\n",
	    ":2: peer \"a\": psk-file 'secret': readable by group or others "
	    "(mode 0640): chmod 0600\n");
}
END_TEST

START_TEST(conf_secret_file_empty_is_refused)
{
	put("secret", "\nsecond\n", 8, 0600);
	assert_refused(PPP "peer a { address = any psk-file = secret }\n",
	    ":2: peer \"a\": psk-file: the secret is empty\n");
}
END_TEST

START_TEST(conf_secret_file_missing_is_told_once)
{
	assert_refused(PPP "template t { psk-file = secret }\n"
			   "peer a { address = any template = t }\n",
	    ":2: template \"t\": psk-file 'secret': No such file or "
	    "directory\n");
}
END_TEST

START_TEST(conf_secret_fifo_is_refused)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/pipe", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	assert_refused(PPP "peer a { address = any psk-file = pipe }\n",
	    ":2: peer \"a\": psk-file 'pipe': not a regular file\n");
}
END_TEST

START_TEST(conf_file_with_secrets_readable_by_others_is_refused)
{
	ck_assert_ptr_null(load_len(BASE, strlen(BASE), 0644));
	ck_assert_str_eq(errors,
	    ": readable by others (mode 0644) but holds secrets: chmod "
	    "0600\n");
}
END_TEST

START_TEST(conf_file_without_secrets_may_be_readable_by_others)
{
	const char *text = PPP "user u { password-file = secret }\n"
			       "peer a { address = any psk-file = secret }\n";

	put("secret", "open\n", 5, 0600);
	conf_free(load_len(text, strlen(text), 0644));
	ck_assert_str_eq(errors, "");
}
END_TEST

START_TEST(conf_file_missing_is_told)
{
	free(errors);
	errors = calloc(1, 256);
	FILE *f = fmemopen(errors, 256, "w");
	ck_assert_ptr_null(conf_load("/nonexistent/lnsd.conf", f));
	fclose(f);
	ck_assert_str_eq(
	    errors, "/nonexistent/lnsd.conf: No such file or directory\n");
}
END_TEST

#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
/* Counts a text in all memory that this process can write. */
static unsigned int
count_in_memory(const char *text, size_t len)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	unsigned int n = 0;
	char line[512], mode[5];

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 ||
		    strstr(line, "[heap]") == NULL || mode[1] != 'w')
			continue;
		for (const char *p = (const char *)from;
		     (p = memmem(p, to - (unsigned long)p, text, len)) != NULL;
		     p++)
			n++;
	}
	fclose(maps);
	return n;
}

/* free() writes over the head of a secret only: the tail is looked for. */
#define SECRET_LEN 60
#define TAIL_LEN 20

START_TEST(conf_freed_leaves_no_secret_in_memory)
{
	char one[SECRET_LEN + 1], two[SECRET_LEN + 1], text[512];
	const char *tails[] = { one + SECRET_LEN - TAIL_LEN,
		two + SECRET_LEN - TAIL_LEN };
	struct conf *c;

	/* Made here, so that no copy is on the heap. */
	for (int i = 0; i < SECRET_LEN; i++) {
		one[i] = (char)('a' + i * 7 % 26);
		two[i] = (char)('A' + i * 5 % 26);
	}
	one[SECRET_LEN] = two[SECRET_LEN] = '\0';
	snprintf(text, sizeof(text),
	    PPP "user u { password = \"%s\" }\n"
		"peer a { address = any psk = %s }\n",
	    one, two);
	c = assert_loaded(text);
	for (size_t i = 0; i < nitems(tails); i++)
		ck_assert_uint_ge(count_in_memory(tails[i], TAIL_LEN), 1);
	conf_free(c);
	/* The test's own buffers of stdio. */
	put("lnsd.conf", text, 1, 0600);
	for (size_t i = 0; i < nitems(tails); i++)
		ck_assert_uint_eq(count_in_memory(tails[i], TAIL_LEN), 0);
}
END_TEST
#endif

/* --- robustness --- */

static char *
slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 65536);

	ck_assert_msg(f != NULL, "%s", path);
	*len = fread(text, 1, 65535, f);
	fclose(f);
	return text;
}

START_TEST(conf_example_truncated_anywhere_is_survived)
{
	size_t len;
	char *text = slurp("conf/lnsd.conf.example", &len);

	for (size_t n = 0; n < len; n++)
		conf_free(load_len(text, n, 0600));
	free(text);
}
END_TEST

START_TEST(conf_with_5000_users_is_loaded)
{
	size_t len;
	char *text;
	FILE *f = open_memstream(&text, &len);
	struct conf *c;

	fputs(BASE, f);
	for (unsigned int i = 0; i < 5000; i++)
		fprintf(f, "user u%u { password = x address = 10.1.%u.%u }\n",
		    i, i / 200, i % 200 + 1);
	fclose(f);
	c = assert_loaded(text);
	ck_assert_uint_eq(c->n_users, 5001);
	assert_address(c->users[5000].address, "10.1.24.200");
	conf_free(c);
	free(text);
}
END_TEST

/* --- what goes with it --- */

START_TEST(conf_example_is_taken_and_has_the_defaults)
{
	size_t len;
	char *text = slurp("conf/lnsd.conf.example", &len);
	struct conf *e = assert_loaded(text), *d;

	d = assert_loaded(BASE);
	ck_assert_str_eq(e->hostname, d->hostname);
	ck_assert_mem_eq(&e->ipsec, &d->ipsec, sizeof(d->ipsec));
	ck_assert_uint_eq(e->ppp[0].auth, d->ppp[0].auth);
	ck_assert_uint_eq(e->peers[0].keepalive.interval_s, 10);
	conf_free(d);
	conf_free(e);
	free(text);
	text = slurp("conf/home.conf.example", &len);
	conf_free(assert_loaded(text));
	free(text);
}
END_TEST

/* Replaces "#key" by "key": what is commented out must be right, too. */
START_TEST(conf_pool_of_the_lan_is_taken)
{
	struct conf *c = load("ppp p { local-address = 10.0.0.1 pool = dhcp }\n"
			      "peer p { address = any psk = secret }\n");

	ck_assert(c->ppp[0].dhcp);
	ck_assert_uint_eq(c->ppp[0].n_pool, 0);
	conf_free(c);
}
END_TEST

START_TEST(conf_example_with_every_default_written_out_is_taken)
{
	size_t len;
	char *text = slurp("conf/lnsd.conf.example", &len), *p;
	struct conf *c;

	for (p = text; (p = strpbrk(p, "#")) != NULL; p++)
		if ((p == text || p[-1] == '\n' || p[-1] == '\t') &&
		    p[1] >= 'a' && p[1] <= 'z' &&
		    strncmp(p, "#users-file", 11) != 0 &&
		    strncmp(p, "#ip-", 4) != 0 &&
		    strncmp(p, "#password-file", 14) != 0 &&
		    strncmp(p, "#nt-hash", 8) != 0 &&
		    strncmp(p, "#psk-file", 9) != 0 &&
		    strncmp(p, "#tunnel-secret-file", 19) != 0 &&
		    strncmp(p, "#certificate-file", 17) != 0 &&
		    strncmp(p, "#private-key-file", 17) != 0 &&
		    strncmp(p, "#ca-file", 8) != 0 &&
		    strncmp(p, "#address", 8) != 0 &&
		    strncmp(p, "#http", 5) != 0 &&
		    strncmp(p, "#peer", 5) != 0 &&
		    strncmp(p, "#radius", 7) != 0 &&
		    strncmp(p, "#uplink", 7) != 0)
			*p = ' ';
	c = assert_loaded(text);
	ck_assert_uint_eq(c->ppp[0].mtu, 1280);
	ck_assert_uint_eq(c->ppp[0].lcp_echo_failure, 4);
	ck_assert_str_eq(c->run_dir, "/run/lnsd");
	ck_assert_uint_eq(c->peers[0].keepalive.count, 6);
	conf_free(c);
	free(text);
}
END_TEST

static void
assert_documented(
    const struct conf_kind *kind, const char *example, const char *man)
{
	char in_example[80], in_man[80];

	for (size_t i = 0; i < kind->n_keys; i++) {
		const struct conf_key *k = &kind->keys[i];

		snprintf(in_example, sizeof(in_example),
		    k->section != NULL ? "%s " : "%s = ", k->name);
		snprintf(in_man, sizeof(in_man), ".It Ic %s", k->name);
		ck_assert_msg(strstr(example, in_example) != NULL,
		    "%s is not in lnsd.conf.example", k->name);
		ck_assert_msg(k->section != NULL || strstr(man, in_man) != NULL,
		    "%s is not in lnsd.conf(5)", k->name);
		if (k->section != NULL)
			assert_documented(k->section, example, man);
	}
}

START_TEST(conf_every_key_is_documented)
{
	size_t len;
	char *example = slurp("conf/lnsd.conf.example", &len);
	char *man = slurp("lnsd/lnsd.conf.5", &len);

	assert_documented(&conf_kind_root, example, man);
	free(example);
	free(man);
}
END_TEST

START_TEST(conf_distance_counts_changes)
{
	ck_assert_uint_eq(conf_distance("mtu", "mtu"), 0);
	ck_assert_uint_eq(conf_distance("mtu", "mut"), 1);
	ck_assert_uint_eq(conf_distance("listen", "lisen"), 1);
	ck_assert_uint_eq(conf_distance("peer", "peers"), 1);
	ck_assert_uint_eq(conf_distance("", "abc"), 3);
	ck_assert_uint_eq(
	    conf_distance("a", "123456789012345678901234567890123"), 99);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf");
	TCase *tc = tcase_create("conf");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, conf_minimal_gets_defaults);
	tcase_add_test(tc, conf_mode_system_is_taken);
	tcase_add_test(tc, conf_http_is_off_unless_there_is_a_section);
	tcase_add_test(tc, conf_http_has_defaults);
	tcase_add_test(tc, conf_http_every_key_is_taken);
	tcase_add_test(tc, conf_http_for_others_is_warned_of);
	tcase_add_test(tc, conf_radius_has_defaults_and_one_secret_for_all);
	tcase_add_test(tc, conf_radius_every_key_is_taken);
	tcase_add_test(tc, conf_every_key_is_taken);
	tcase_add_test(tc, conf_ipv6_addresses_are_taken);
	tcase_add_test(tc, conf_uplinks_are_taken_in_their_order);
	tcase_add_test(tc, conf_list_appended_with_plus_is_whole);
	tcase_add_test(tc, conf_template_fills_what_peer_leaves_out);
	tcase_add_test(tc, conf_keepalive_block_without_keys_has_defaults);
	tcase_add_test(
	    tc, conf_pool_can_be_left_out_if_every_user_has_an_address);
	tcase_add_test(tc, conf_secret_from_file_is_its_first_line);
	tcase_add_test(tc, conf_secret_file_without_newline_is_read);
	tcase_add_test(tc, conf_secret_file_readable_by_group_is_refused);
	tcase_add_test(tc, conf_secret_file_empty_is_refused);
	tcase_add_test(tc, conf_secret_file_missing_is_told_once);
	tcase_add_test(tc, conf_secret_fifo_is_refused);
	tcase_add_test(
	    tc, conf_file_with_secrets_readable_by_others_is_refused);
	tcase_add_test(tc, conf_file_without_secrets_may_be_readable_by_others);
	tcase_add_test(tc, conf_file_missing_is_told);
#ifndef __SANITIZE_ADDRESS__
	tcase_add_test(tc, conf_freed_leaves_no_secret_in_memory);
#endif
	tcase_add_test(tc, conf_example_truncated_anywhere_is_survived);
	tcase_add_test(tc, conf_with_5000_users_is_loaded);
	tcase_add_test(tc, conf_example_is_taken_and_has_the_defaults);
	tcase_add_test(
	    tc, conf_example_with_every_default_written_out_is_taken);
	tcase_add_test(tc, conf_pool_of_the_lan_is_taken);
	tcase_add_test(tc, conf_every_key_is_documented);
	tcase_add_test(tc, conf_distance_counts_changes);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
