/* SPDX-License-Identifier: ISC */
#include <fcntl.h>

#include "conf_file.h"

/* On line 4, after BASE unless it is whole by itself. */
static const struct {
	const char *text, *error;
} refusals[] = {
	{ "listen = { any, 192.0.2.1 }",
	    "listen: 'any' leaves nothing for the others" },
	{ "ipsec { client-range = 240.1.0.0 }",
	    "ipsec: client-range: '240.1.0.0' is not a range of IPv4 "
	    "addresses like 240.1.0.0/16" },
	{ "ipsec { client-range = 240.1.2.0/16 }",
	    "ipsec: client-range: '240.1.2.0/16' is not a range of IPv4 "
	    "addresses like 240.1.0.0/16" },
	{ "ipsec { client-range = 127.0.0.0/16 }",
	    "ipsec: client-range: '127.0.0.0/16' is not a range of IPv4 "
	    "addresses like 240.1.0.0/16" },
	{ "ipsec { client-range = 224.1.0.0/16 }",
	    "ipsec: client-range: '224.1.0.0/16' is not a range of IPv4 "
	    "addresses like 240.1.0.0/16" },
	{ "listen = 1.2.3", "listen: '1.2.3' is not an IP address" },
	{ "listen = 2001:db8::1::", "listen: '2001:db8::1::' is not an IP "
				    "address" },
	{ "listen = fe80::1", "listen: 'fe80::1' is a link-local address" },
	{ "listen = ::1", "listen: '::1' is not an address that a host can "
			  "have" },
	{ "listen = ff02::1", "listen: 'ff02::1' is not an address that a host "
			      "can have" },
	{ "listen = ::ffff:192.0.2.1",
	    "listen: '::ffff:192.0.2.1' is an IPv4 address in IPv6 form" },
	{ "listen = { 0.0.0.0, \"::\", 2001:db8::1 }",
	    "listen: '2001:db8::1' and \"::\" cannot both be listened on" },
	{ "listen = { 2001:db8::1, 192.0.2.1, 2001:DB8:0::1 }",
	    "listen: '2001:DB8:0::1' is given twice" },
	{ "listen = {}", "listen: the list is empty" },
	{ "listen = { 10.0.0.5, 10.0.0.5 }",
	    "listen: '10.0.0.5' is given twice" },
	{ "listen = { 10.0.0.5, 0.0.0.0 }",
	    "listen: '0.0.0.0' and \"0.0.0.0\" cannot both be listened on" },
	{ "listen = 224.0.0.1", "listen: '224.0.0.1' is not an address that a "
				"host can have" },
	{ "hostname = 'a b'", "hostname: 'a b' has characters that are blank "
			      "or not printable ASCII" },
	{ "hostname = ''", "hostname: '' is empty" },
	{ "trace = maybe", "trace: 'maybe' is neither yes nor no" },
	{ "run-dir = run", "run-dir: 'run' is not an absolute path" },
	{ "state-dir = '/a b'", "state-dir: '/a b' has characters other than "
				"letters, digits and /._-+@:" },
	{ "trace = no trace = yes",
	    "key 'trace' is given twice (first on line 4)" },
	{ "lisen = 1", "unknown key 'lisen', did you mean 'listen'?" },
	{ "xyzzy = { 1, 2 }", "unknown key 'xyzzy'" },
	{ "xyzzy = {}", "unknown key 'xyzzy'" },
	{ "xyzzy \"t\" { a = 1 b { } }", "unknown section 'xyzzy'" },
	{ "peers \"t\" { }", "unknown section 'peers', did you mean 'peer'?" },
	{ "ipsec { mode = on }",
	    "ipsec: mode: 'on' is not one of managed, system and off" },
	{ "ipsec { proposals = x }", "ipsec: proposals: 'x' is not one of "
				     "modern, compatible and legacy" },
	{ "ipsec { log = file }",
	    "ipsec: log: 'file' is not an absolute path" },
	{ "ipsec { log-level = loud }", "ipsec: log-level: 'loud' is not one "
					"of quiet, normal and debug" },
	{ "ipsec { dpd-delay = 0 }",
	    "ipsec: dpd-delay: '0' is not a number from 1 to 3600" },
	{ "ipsec { dpd-delay = 120 }",
	    "ipsec: dpd-timeout (120) must be longer than dpd-delay (120)" },
	{ "ipsec { dpd-timeout = 30 }",
	    "ipsec: dpd-timeout (30) must be longer than dpd-delay (30)" },
	{ "http { listen = localhost:9701 }",
	    "http: listen: 'localhost:9701' is not an IP address" },
	{ "http { listen = 127.0.0.1:0 }",
	    "http: listen: '127.0.0.1:0' is not an address and port like "
	    "192.0.2.1:1812 or [2001:db8::1]:1812" },
	{ "http { listen = '/run/a b' }",
	    "http: listen: '/run/a b' has characters other than letters, "
	    "digits and /._-+@:" },
	{ "http { listen = /0123456789012345678901234567890123456789012345678"
	  "901234567890123456789012345678901234567890123456789012345678 }",
	    "http: listen: '/012345678901234567890123456789012345678901234567"
	    "890123456789012' is longer than 64 characters" },
	{ "http { page = perhaps }",
	    "http: page: 'perhaps' is neither yes nor no" },
	{ "http { } http { }", "duplicate section 'http' (first on line 4)" },
	{ "uplink 10.0.0.5 { fwmark = 0 }",
	    "uplink \"10.0.0.5\": fwmark: '0' is not a number from 1 to "
	    "4294967295" },
	{ "uplink 10.0.0.5 { fwmark = 4294967296 }",
	    "uplink \"10.0.0.5\": fwmark: '4294967296' is not a number from 1 "
	    "to 4294967295" },
	{ "uplink 10.0.0.5 { }", "uplink \"10.0.0.5\": neither fwmark nor "
				 "public-address is given" },
	{ "uplink 10.0.0.5 { public-address = gw }",
	    "uplink \"10.0.0.5\": public-address: 'gw' is not an IPv4 "
	    "address" },
	{ "uplink b { fwmark = 1 }", "uplink: 'b' is not an IPv4 address" },
	{ "listen = 10.0.0.6 uplink 10.0.0.5 { fwmark = 1 }",
	    "uplink \"10.0.0.5\": no address of 'listen' is this one" },
	{ "ipsec { mode = off } uplink 10.0.0.5 { fwmark = 1 }",
	    "uplink \"10.0.0.5\": cannot be with the ipsec mode 'off'" },
	{ "uplink 10.0.0.5 { fwmark = 1 } uplink 10.0.0.5 { fwmark = 2 }",
	    "duplicate uplink \"10.0.0.5\" (first on line 4)" },
	{ "ipsec { } ipsec { }",
	    "duplicate section 'ipsec' (first on line 4)" },
	{ "user \"u\" { password = x }",
	    "duplicate user \"u\" (first on line 2)" },
	{ "user v { }", "user \"v\": none of password, password-file and "
			"nt-hash is given" },
	{ "user v { password = x nt-hash = "
	  "00112233445566778899aabbccddeeff }",
	    "user \"v\": 'password' and 'nt-hash' exclude each other" },
	{ "user v { nt-hash = 0011 }",
	    "user \"v\": nt-hash: must be 32 hexadecimal digits" },
	{ "user v { nt-hash = 00112233445566778899aabbccddeefg }",
	    "user \"v\": nt-hash: must be 32 hexadecimal digits" },
	{ "user v { password = '' }",
	    "user \"v\": password: the secret is empty" },
	{ "user v { password = \"a\\nb\" }",
	    "user \"v\": password: the secret has control characters" },
	{ "user v { password = x address = 10.0.0.1 }",
	    "user \"v\": address: 10.0.0.1 is already that of ppp \"p\" on "
	    "line 1" },
	{ "user v { password = x address = 10.7.0.1 } user w { password = x "
	  "address = 10.7.0.1 }",
	    "user \"w\": address: 10.7.0.1 is already that of user \"v\" on "
	    "line 4" },
	{ "user '*' { password = x address = 10.7.0.1 }",
	    "user \"*\": address: not for everybody at once" },
	{ "user v { password = x routes = 0.0.0.0/0 }",
	    "user \"v\": routes: '0.0.0.0/0' is everything" },
	{ "user v { password = x routes = 10.7.0.0/0 }",
	    "user \"v\": routes: '10.7.0.0/0' has a prefix length that is "
	    "not from 1 to 32" },
	{ "user v { password = x routes = 10.7.0.1/16 }",
	    "user \"v\": routes: '10.7.0.1/16' has bits set behind its "
	    "prefix length" },
	{ "user v { password = x routes = lan }",
	    "user \"v\": routes: 'lan' is not an IPv4 address" },
	{ "user v { password = x routes = { 10.7.0.0/16, 10.7.0.0/16 } }",
	    "user \"v\": routes: '10.7.0.0/16' is given twice" },
	{ "user v { password = x routes = 10.7.0.0/16 } user w { password = x "
	  "routes = { 10.8.0.0/16, 10.7.0.0/16 } }",
	    "user \"w\": routes: '10.7.0.0/16' is already that of user \"v\" "
	    "on line 4" },
	{ "user v { password = x routes = 10.0.0.0/29 }",
	    "user \"v\": routes: '10.0.0.0/29' covers 10.0.0.1, a "
	    "local-address" },
	{ "user v { password = x routes = 10.0.0.16/28 }",
	    "user \"v\": routes: '10.0.0.16/28' overlaps the pool of ppp "
	    "\"p\"" },
	{ "listen = 10.9.1.2 user v { password = x routes = 10.9.0.0/16 }",
	    "user \"v\": routes: '10.9.0.0/16' covers 10.9.1.2, which is "
	    "listened on" },
	{ "ipsec { client-range = 10.7.0.0/16 } user v { password = x routes "
	  "= 10.7.8.0/24 }",
	    "user \"v\": routes: '10.7.8.0/24' overlaps client-range "
	    "10.7.0.0/16" },
	{ "user v { password = x address = 10.7.0.1 routes = 10.7.0.1 }",
	    "user \"v\": routes: '10.7.0.1' is the address of user \"v\"" },
	{ "user \"a\\tb\" { password = x }",
	    "user: the name 'a?b' has characters that are not printable "
	    "ASCII" },
	{ "user '' { password = x }", "user: the name '' is empty" },
	{ "template t { tunnel-secret = '' }",
	    "template \"t\": tunnel-secret: the secret is empty" },
	{ "peer b { address = 192.0.2.1 psk = x hidden-avps = yes }",
	    "peer \"b\": hidden-avps needs a tunnel-secret" },
	{ "template t { ppp = q }",
	    "template \"t\": ppp: 'q' is not the name of a ppp section" },
	{ "peer b { address = 192.0.2.1 psk = x aggressive = yes }",
	    "peer \"b\": aggressive needs a group-id and a psk" },
	{ "peer b { address = 192.0.2.1 psk = x group-id = 'a]' }",
	    "peer \"b\": group-id: 'a]' has characters other than letters, "
	    "digits and -_.@" },
	{ "peer b { address = 192.0.2.1 psk = x identity = '' }",
	    "peer \"b\": identity: '' is empty" },
	{ "peer b { address = 192.0.2.1 psk = x identity = i } peer d { "
	  "address = 192.0.2.2 psk = y identity = i }",
	    "peer \"d\": identity: 'i' is already that of peer \"b\" on "
	    "line 4" },
	{ "peer b { address = 192.0.2.1 psk = x bogus = 0 }",
	    "peer \"b\": unknown key, or text without quotes, after the value "
	    "of 'psk'" },
	{ "peer b { psk = x }", "peer \"b\": address is not given" },
	{ "peer b { address = any psk = x }",
	    "peer \"b\": address: a second peer with 'any' is not supported "
	    "yet (the first is \"a\" on line 3)" },
	{ "peer b { address = vpn.example psk = x }",
	    "peer \"b\": address: 'vpn.example' is not an IP address" },
	{ "peer b { address = \"::\" psk = x }",
	    "peer \"b\": address: '::' is not an address that a host can "
	    "have" },
	{ "peer b { address = 2001:db8::1 psk = x } peer c { address = "
	  "2001:DB8::0:1 psk = x }",
	    "peer \"c\": address: 2001:DB8::0:1 is already that of peer \"b\" "
	    "on line 4" },
	{ "peer b { address = 192.0.2.1 }",
	    "peer \"b\": neither psk nor psk-file nor certificate-file is "
	    "given, here or in a "
	    "template" },
	{ "peer b { address = 192.0.2.1 template = t }",
	    "peer \"b\": template: 't' is not the name of a template "
	    "section" },
	{ "peer b { address = 192.0.2.1 psk = x } peer c { address = "
	  "192.0.2.1 psk = x }",
	    "peer \"c\": address: 192.0.2.1 is already that of peer \"b\" on "
	    "line 4" },
	{ "peer b { address = 192.0.2.1 psk = x disconnect-time = soon }",
	    "peer \"b\": disconnect-time: 'soon' is not a number from 0 to "
	    "31536000" },
	{ "peer b { address = 192.0.2.1 hidden-avps = maybe psk = x }",
	    "peer \"b\": hidden-avps: 'maybe' is neither yes nor no" },
	{ "template t { proxy-authentication = yes } peer b { address = "
	  "192.0.2.1 psk = x proxy-authentication = perhaps }",
	    "peer \"b\": proxy-authentication: 'perhaps' is neither yes nor "
	    "no" },
	{ "receive-window = 0",
	    "receive-window: '0' is not a number from 1 to 64" },
	{ "max-half-open = 0",
	    "max-half-open: '0' is not a number from 1 to 65535" },
	{ "retransmissions = 21",
	    "retransmissions: '21' is not a number from 1 to 20" },
	{ "peer b { address = 192.0.2.1 max-tunnels = -1 psk = x }",
	    "peer \"b\": max-tunnels: '-1' is not a number from 0 to 65535" },
	{ "peer b { address = 192.0.2.1 psk = x keepalive { count = 0 } }",
	    "peer \"b\": keepalive: count: '0' is not a number from 1 to "
	    "100" },
	{ "peer b { address = 192.0.2.1 psk = x keepalive { } keepalive { } }",
	    "peer \"b\": duplicate section 'keepalive' (first on line 4)" },
	{ "trace yes", "syntax error: missing equal sign after option "
		       "'trace'" },
	{ "trace = {", "brace is not closed" },
	{ "}", "unexpected closing brace" },
	{ "word", "syntax error: name without a value" },
	{ "odd\n\"t\"\n{ }", "unknown section 'odd'" },
	{ "hostname = \"abc", "string without a closing quote on its line" },
	{ "/* abc", "comment is not closed" },
	{ "hostname = a*b", "stray '*': a value with punctuation needs "
			    "quotes" },
	{ "hostname = a+b", "stray '+': a value with punctuation needs "
			    "quotes" },
	{ "hostname = \"${HOME}\"",
	    "\"${\" is not replaced by a variable: write \\${, or put the "
	    "string in single quotes" },
	{ "hostname = ${HOME}", "\"${\" is not supported" },
	{ "hostname = \"\\101\"", "characters by number are not supported in "
				  "a string: write \\\\ for a backslash" },
};

START_TEST(conf_mistake_is_told_with_its_line)
{
	char text[1024], expected[1024];

	/* A comment must not move the line, nor hide it. */
	snprintf(text, sizeof(text), "%s%s # comment\n// end\n", BASE,
	    refusals[_i].text);
	snprintf(expected, sizeof(expected), ":4: %s\n", refusals[_i].error);
	assert_refused(text, expected);
}
END_TEST

/* The keys of a profile, on line 1. */
static const struct {
	const char *text, *error;
} ppp_refusals[] = {
	{ "auth = {}", "auth: the list is empty" },
	{ "auth = eap", "auth: 'eap' is not one of mschap-v2, chap and pap" },
	{ "auth = { pap, pap }", "auth: 'pap' is given twice" },
	{ "mtu = 575", "mtu: '575' is not a number from 576 to 1500" },
	{ "mtu = 1501", "mtu: '1501' is not a number from 576 to 1500" },
	{ "mtu = 99999999999999999999999",
	    "mtu: '99999999999999999999999' is not a number from 576 to "
	    "1500" },
	{ "mtu = ''", "mtu: '' is not a number from 576 to 1500" },
	{ "mtu = 0x500", "mtu: '0x500' is not a number from 576 to 1500" },
	{ "dns = { 10.0.0.2, 10.0.0.3, 10.0.0.4 }",
	    "dns: '10.0.0.4' is one too many: a client is told at most two" },
	{ "wins = { 10.0.0.2, 10.0.0.3, 10.0.0.4 }",
	    "wins: '10.0.0.4' is one too many: a client is told at most two" },
	{ "ip-up = cat", "ip-up: 'cat' is not an absolute path" },
	{ "ip-up = /etc", "ip-up: '/etc' is no file" },
	{ "ip-down = /nonexistent", "ip-down: '/nonexistent' is no file" },
	{ "ip-down = /etc/passwd",
	    "ip-down: '/etc/passwd' cannot be executed" },
	{ "rate-up = 7",
	    "rate-up: '7' is neither 0 nor a number of kbit/s from 8 to "
	    "10000000, nor one with k or M behind it" },
	{ "rate-down = 10001M",
	    "rate-down: '10001M' is neither 0 nor a number of kbit/s from 8 "
	    "to 10000000, nor one with k or M behind it" },
	{ "rate-down = 1G",
	    "rate-down: '1G' is neither 0 nor a number of kbit/s from 8 to "
	    "10000000, nor one with k or M behind it" },
	{ "rate-down = k",
	    "rate-down: 'k' is neither 0 nor a number of kbit/s from 8 to "
	    "10000000, nor one with k or M behind it" },
	{ "wins = ns", "wins: 'ns' is not an IPv4 address" },
	{ "pppd-options = { kdebug, 1, noauth }",
	    "pppd-options: 'noauth' would change who may come in" },
	{ "pppd-options = { plugin, radius.so }",
	    "pppd-options: 'plugin' would change how lnsd runs pppd" },
	{ "pppd-options = { lnsd-ctl, 1 }",
	    "pppd-options: 'lnsd-ctl' would change how lnsd runs pppd" },
	{ "pppd-options = { password, sesame }",
	    "pppd-options: 'password' is a secret, which has no place on a "
	    "command line" },
	{ "pppd-options = { silent, mtu, 1400 }",
	    "pppd-options: 'mtu' is what the key 'mtu' is for" },
	{ "pppd-options = { silent, '10.0.0.1:10.0.0.9' }",
	    "pppd-options: '10.0.0.1:10.0.0.9' is no option that can be "
	    "passed on to pppd" },
	{ "pppd-options = kdebug", "pppd-options: 'kdebug' needs a word "
				   "behind it" },
	{ "pppd-options = { set, '' }", "pppd-options: '' is empty" },
	{ "pppd-options = { set, \"A=\\n\" }",
	    "pppd-options: 'A=?' has control characters" },
	{ "dns = 127.0.0.1", "dns: '127.0.0.1' is not an address that a host "
			     "can have" },
	{ "pool = 10.0.0.9-10.0.0.8",
	    "pool: '10.0.0.9-10.0.0.8' ends before it begins" },
	{ "pool = 10.0.0.0-10.1.0.0",
	    "pool: '10.0.0.0-10.1.0.0' holds more than 65536 addresses" },
	{ "pool = { 10.0.0.1, dhcp }",
	    "pool: 'dhcp' cannot stand beside other values" },
	{ "pool = { dhcp, dhcp }",
	    "pool: 'dhcp' cannot stand beside other values" },
	{ "pool = 10.0.0.1-", "pool: '10.0.0.1-' is not an IPv4 address" },
	{ "pool = 10.0.0.1/24",
	    "pool: '10.0.0.1/24' has bits set behind its prefix length" },
	{ "pool = 10.0.0.0/8", "pool: '10.0.0.0/8' has a prefix length that "
			       "is not from 16 to 32" },
	{ "pool = 2001:db8::/64", "pool: '2001:db8::/64' is an IPv6 address, "
				  "which is not supported yet" },
	{ "pool = {}", "pool: the list is empty" },
	{ "pool = { 10.3.0.1-10.3.0.9, 10.3.0.9 }",
	    "pool: '10.3.0.9' overlaps '10.3.0.1-10.3.0.9' of ppp \"q\" on "
	    "line 1" },
	{ "lcp-echo-failure = 0",
	    "lcp-echo-failure: '0' is not a number from 1 to 100" },
	{ "login-failure-time = 0",
	    "login-failure-time: '0' is not a number from 1 to 86400" },
	{ "mut = 1280", "unknown key 'mut', did you mean 'mtu'?" },
	{ "dns = { '2001:db8::1', '2001:db8::2', '2001:db8::3' }",
	    "dns: '2001:db8::3' is one too many: a client is told at most two "
	    "of IPv6" },
	{ "dns = { 'fe80::1' }", "dns: 'fe80::1' is a link-local address" },
	{ "ipv6-pool = '2001:db8::'",
	    "ipv6-pool: '2001:db8::' is not a prefix of IPv6 addresses like "
	    "2001:db8:100::/56" },
	{ "ipv6-pool = 10.0.0.0/24",
	    "ipv6-pool: '10.0.0.0/24' is not a prefix of IPv6 addresses like "
	    "2001:db8:100::/56" },
	{ "ipv6-pool = '2001:db8::/31'",
	    "ipv6-pool: '2001:db8::/31' has a prefix length that is not from "
	    "32 to 64" },
	{ "ipv6-pool = '2001:db8::/65'",
	    "ipv6-pool: '2001:db8::/65' has a prefix length that is not from "
	    "32 to 64" },
	{ "ipv6-pool = '2001:db8:0:1::/63'",
	    "ipv6-pool: '2001:db8:0:1::/63' has bits set behind its prefix "
	    "length" },
	{ "ipv6-pool = '2001:db8::1/64'",
	    "ipv6-pool: '2001:db8::1/64' has bits set behind its prefix "
	    "length" },
	{ "ipv6-pool = 'fe80::/64'",
	    "ipv6-pool: 'fe80::/64' is a link-local address" },
	{ "ipv6-pool = 'ff00::/32'",
	    "ipv6-pool: 'ff00::/32' is not an address that a host can have" },
	{ "ipv6-pool = '2001:db8::/56' mtu = 1279",
	    "ipv6-pool: IPv6 needs an mtu of 1280 or more" },
	{ "one-login-per-user = once",
	    "one-login-per-user: 'once' is neither yes nor no" },
	{ "radius { secret = x }", "radius: server is not given" },
	{ "radius { server = 192.0.2.1 }",
	    "radius: neither secret nor secret-file is given" },
	{ "radius { server = {} secret = x }",
	    "radius: server: the list is empty" },
	{ "radius { server = localhost secret = x }",
	    "radius: server: 'localhost' is not an IP address" },
	{ "radius { server = 192.0.2.1:0 secret = x }",
	    "radius: server: '192.0.2.1:0' is not an address and port like "
	    "192.0.2.1:1812 or [2001:db8::1]:1812" },
	{ "radius { server = 192.0.2.1:65536 secret = x }",
	    "radius: server: '192.0.2.1:65536' is not an address and port "
	    "like 192.0.2.1:1812 or [2001:db8::1]:1812" },
	{ "radius { server = '[2001:db8::1' secret = x }",
	    "radius: server: '[2001:db8::1' is not an address and port like "
	    "192.0.2.1:1812 or [2001:db8::1]:1812" },
	{ "radius { server = '[2001:db8::1]1812' secret = x }",
	    "radius: server: '[2001:db8::1]1812' is not an address and port "
	    "like 192.0.2.1:1812 or [2001:db8::1]:1812" },
	{ "radius { server = 0.0.0.0 secret = x }",
	    "radius: server: '0.0.0.0' is not the address of a server" },
	{ "radius { server = { 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, "
	  "192.0.2.5 } secret = x }",
	    "radius: server: '192.0.2.5' is one too many: there can be four" },
	{ "radius { server = { 192.0.2.1, 192.0.2.2, 192.0.2.3 } secret = { a, "
	  "b } }",
	    "radius: there must be one secret, or as many as there are "
	    "servers" },
	{ "radius { server = 192.0.2.1 secret = '' }",
	    "radius: secret: the secret is empty" },
	{ "radius { server = 192.0.2.1 secret-file = nowhere }",
	    "radius: secret-file 'nowhere': No such file or directory" },
	{ "radius { server = 192.0.2.1 secret = x secret-file = {} }",
	    "radius: 'secret' and 'secret-file' exclude each other\n"
	    ":1: ppp \"q\": radius: neither secret nor secret-file is "
	    "given" },
	{ "radius { server = 192.0.2.1 secret = x accounting-interval = 4 }",
	    "radius: accounting-interval: '4' is neither 0 nor a number from "
	    "5 to 86400" },
	{ "radius { server = 192.0.2.1 secret = x tries = 0 }",
	    "radius: tries: '0' is not a number from 1 to 10" },
	{ "radius { server = 192.0.2.1 secret = x } radius { server = "
	  "192.0.2.2 secret = y }",
	    "duplicate section 'radius' (first on line 1)" },
};

START_TEST(conf_mistake_in_profile_is_told)
{
	const char *text = ppp_refusals[_i].text;
	bool pool = strncmp(text, "pool", 4) == 0;
	char buf[1024], expected[1024];

	snprintf(buf, sizeof(buf),
	    "ppp q { local-address = 10.0.0.1 %s %s }\n" USER PEER,
	    pool ? "" : "pool = 10.3.0.1", text);
	snprintf(expected, sizeof(expected), ":1: ppp \"q\": %s\n",
	    ppp_refusals[_i].error);
	assert_refused(buf, expected);
}
END_TEST

START_TEST(conf_profile_without_address_and_pool_is_refused)
{
	assert_refused("ppp p\n{ }\n" PEER,
	    ":2: ppp \"p\": local-address is not given\n"
	    ":2: ppp \"p\": pool is not given, and not every user has an "
	    "address\n");
}
END_TEST

START_TEST(conf_pools_of_two_profiles_overlap_is_told_at_the_later)
{
	assert_refused(BASE "ppp q {\n local-address = 10.0.0.1\n"
			    " pool = { 10.0.9.1,\n\n 10.0.0.1-10.0.0.10 } }\n"
			    "peer b { address = 192.0.2.1 psk = x ppp = q }\n",
	    ":3: peer \"a\": ppp is not given, and there is more than one ppp "
	    "section\n"
	    ":8: ppp \"q\": pool: '10.0.0.1-10.0.0.10' overlaps "
	    "'10.0.0.10-10.0.0.20' of ppp \"p\" on line 1\n");
}
END_TEST

START_TEST(conf_ipv6_pools_of_two_profiles_overlap_is_told_at_the_later)
{
	assert_refused("ppp p { local-address = 10.0.0.1 pool = 10.0.0.2\n"
		       " ipv6-pool = '2001:db8:0:80::/57' }\n"
		       "ppp q { local-address = 10.0.0.1 pool = 10.0.0.3\n"
		       " ipv6-pool = '2001:db8::/57' }\n"
		       "ppp r { local-address = 10.0.0.1 pool = 10.0.0.4\n"
		       " ipv6-pool = '2001:db8:0:ff::/64' }\n" USER
		       "peer a { address = any psk = x ppp = p }\n",
	    ":6: ppp \"r\": ipv6-pool: '2001:db8:0:ff::/64' overlaps that of "
	    "ppp \"p\"\n");
}
END_TEST

START_TEST(conf_ipv6_prefix_of_two_users_is_told_at_the_later)
{
	assert_refused(BASE
	    "user x { password = x ipv6-prefix = '2001:db8:0:7::/64' }\n"
	    "user y { password = y ipv6-prefix = '2001:db8:0:8::/64' }\n"
	    "user z { password = z ipv6-prefix = '2001:DB8::7:0:0:0:0/64' }\n"
	    "user w { password = w ipv6-prefix = '2001:db8::/56' }\n",
	    ":6: user \"z\": ipv6-prefix: 2001:DB8::7:0:0:0:0/64 is already "
	    "that of user \"x\" on line 4\n"
	    ":7: user \"w\": ipv6-prefix: '2001:db8::/56' has a prefix length "
	    "that is not 64\n");
}
END_TEST

START_TEST(conf_empty_file_lacks_profile_and_peer)
{
	assert_refused(
	    "", ": there is no ppp section\n: there is no peer section\n");
}
END_TEST

START_TEST(conf_name_of_64_characters_is_too_long)
{
	char text[512], name[65];

	memset(name, 'n', 64);
	name[63] = '\0';
	snprintf(text, sizeof(text), BASE "user %s { password = x }", name);
	conf_free(assert_loaded(text));
	name[63] = 'n';
	name[64] = '\0';
	snprintf(text, sizeof(text), BASE "user %s { password = x }", name);
	ck_assert_ptr_null(load(text));
	ck_assert_ptr_nonnull(strstr(errors, "is longer than 63 characters"));
}
END_TEST

START_TEST(conf_secret_of_256_octets_is_too_long)
{
	char text[1024], secret[257];

	memset(secret, 's', 256);
	secret[255] = '\0';
	snprintf(text, sizeof(text), BASE "user v { password = %s }", secret);
	conf_free(assert_loaded(text));
	secret[255] = 's';
	secret[256] = '\0';
	snprintf(text, sizeof(text), BASE "user v { password = %s }", secret);
	assert_refused(text,
	    ":4: user \"v\": password: the secret is longer than 255 "
	    "octets\n");
}
END_TEST

START_TEST(conf_nul_byte_is_refused)
{
	ck_assert_ptr_null(load_len("trace = no\n\0x", 13, 0600));
	ck_assert_str_eq(errors, ":2: not a text file: NUL byte\n");
}
END_TEST

START_TEST(conf_all_mistakes_are_told_at_once)
{
	assert_refused("# a comment\n"
		       "lisen = { a, # inside a list\n"
		       "  b }\n"
		       "/* over\n   lines */ trace = 7\n"
		       "odd { a = 1 }\n"
		       "foo = 1\n"
		       "bar = {}\n"
		       "odd \"t\" { b { } }\n"
		       "ppp p {\n"
		       "  mtu = 1\n"
		       "  radius { }\n"
		       "  bogus { }\n"
		       "  nonsense = 1\n"
		       "}\n"
		       "peer a { address = any }\n"
		       "peer b { address = any psk = x ppp = nope }\n",
	    ":2: unknown key 'lisen', did you mean 'listen'?\n"
	    ":5: trace: '7' is neither yes nor no\n"
	    ":6: unknown section 'odd'\n"
	    ":7: unknown key 'foo'\n"
	    ":8: unknown key 'bar'\n"
	    ":9: unknown section 'odd'\n"
	    ":10: ppp \"p\": local-address is not given\n"
	    ":10: ppp \"p\": pool is not given, and not every user has an "
	    "address\n"
	    ":11: ppp \"p\": mtu: '1' is not a number from 576 to 1500\n"
	    ":12: ppp \"p\": radius: server is not given\n"
	    ":13: ppp \"p\": unknown section 'bogus'\n"
	    ":14: ppp \"p\": unknown key 'nonsense'\n"
	    ":16: peer \"a\": neither psk nor psk-file nor certificate-file is "
	    "given, here or in a "
	    "template\n"
	    ":17: peer \"b\": ppp: 'nope' is not the name of a ppp section\n"
	    ":17: peer \"b\": address: a second peer with 'any' is not "
	    "supported yet (the first is \"a\" on line 16)\n");
}
END_TEST

START_TEST(conf_syntax_error_keeps_the_mistakes_before_it)
{
	assert_refused("trace = 7\nppp p { mtu = 1 }\npeer a { address = = }\n"
		       "trace = 8\n",
	    ":1: trace: '7' is neither yes nor no\n"
	    ":2: ppp \"p\": mtu: '1' is not a number from 576 to 1500\n"
	    ":3: syntax error: unexpected token '='\n");
}
END_TEST

#define S "S3cret"

static const char *const leaks[] = {
	"user u { password = x " S " }",
	"user u { password = x " S " = 1 }",
	"user u { password = x " S " { } }",
	"user u { password = x\n}\nuser v { password = \"a\" \"" S "\" }",
	"user u { password = x " S " y }",
	"user u { \"" S "\" }",
	"user u { " S " }",
	"user u \"" S "\" { }",
	"user u { password \"" S "\" }",
	"user u { password { \"" S "\" } }",
	"user u { password = { \"" S "\" } }",
	"user u { pasword = { \"" S "\" \"" S "\" } }",
	"user u { pasword = \"" S "\" }",
	"user u { password = \"" S "\\999\" }",
	"user u { password = \"" S "\nuser v { password = \"" S "\" }",
	"hostname = \"x\npeer a { psk = \"" S "\" }",
	"user u { password = \"" S "\" password = '" S "' }",
	"user u { password = \"" S "\\t\" }",
	"user u { nt-hash = " S " }",
	"peer a { address = any psk = \"" S "\" psk-file = x }",
	"peer a { address = any psk = " S "," S " }",
	"peer a { address = any psk = " S "(" S ") }",
	"peer a { address = any psk = " S "=" S " }",
	"peer a { address = any psk = *" S " }",
	"peer a { address = any psk = \"${" S "}\" }",
	"peer a { address = any tunnel-secret = " S " \"" S "\" }",
	"ppp p { radius { secret = \"" S "\" } }",
	"ppp p { radius { secret = \"" S "\" \"" S "\" } }",
};

START_TEST(conf_anonymous_peer_has_any_identity)
{
	assert_refused("ppp p { local-address = 10.0.0.1 pool = 10.0.0.2 }\n"
		       "peer a { address = any psk = x identity = i }\n",
	    ":2: peer \"a\": identity needs a peer with a fixed address\n");
}
END_TEST

START_TEST(conf_anonymous_peer_cannot_speak_for_users)
{
	assert_refused(
	    "ppp p { local-address = 10.0.0.1 pool = 10.0.0.2 }\n"
	    "peer a { address = any psk = x proxy-authentication = yes }\n",
	    ":2: peer \"a\": proxy-authentication needs a peer with a fixed "
	    "address\n");
}
END_TEST

START_TEST(conf_mistake_beside_secret_does_not_show_it)
{
	ck_assert_ptr_null(load(leaks[_i]));
	ck_assert_msg(strstr(errors, S) == NULL, "%s", errors);
}
END_TEST

START_TEST(conf_refusal_writes_nothing_to_stderr)
{
	char path[PATH_MAX];
	struct stat st;
	int saved = dup(2), fd;

	snprintf(path, sizeof(path), "%s/secret", dir);
	ck_assert_int_ge(fd = open(path, O_RDWR | O_CREAT, 0600), 0);
	ck_assert_int_eq(dup2(fd, 2), 2);
	for (size_t i = 0; i < nitems(refusals); i++)
		conf_free(load(refusals[i].text));
	ck_assert_int_eq(dup2(saved, 2), 2);
	ck_assert_int_eq(fstat(fd, &st), 0);
	close(fd);
	close(saved);
	ck_assert_int_eq(st.st_size, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf_errors");
	TCase *tc = tcase_create("conf_errors");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, conf_anonymous_peer_has_any_identity);
	tcase_add_test(tc, conf_anonymous_peer_cannot_speak_for_users);
	tcase_add_loop_test(
	    tc, conf_mistake_is_told_with_its_line, 0, (int)nitems(refusals));
	tcase_add_loop_test(
	    tc, conf_mistake_in_profile_is_told, 0, (int)nitems(ppp_refusals));
	tcase_add_test(tc, conf_profile_without_address_and_pool_is_refused);
	tcase_add_test(
	    tc, conf_pools_of_two_profiles_overlap_is_told_at_the_later);
	tcase_add_test(
	    tc, conf_ipv6_pools_of_two_profiles_overlap_is_told_at_the_later);
	tcase_add_test(tc, conf_ipv6_prefix_of_two_users_is_told_at_the_later);
	tcase_add_test(tc, conf_empty_file_lacks_profile_and_peer);
	tcase_add_test(tc, conf_name_of_64_characters_is_too_long);
	tcase_add_test(tc, conf_secret_of_256_octets_is_too_long);
	tcase_add_test(tc, conf_nul_byte_is_refused);
	tcase_add_test(tc, conf_all_mistakes_are_told_at_once);
	tcase_add_test(tc, conf_syntax_error_keeps_the_mistakes_before_it);
	tcase_add_loop_test(tc, conf_mistake_beside_secret_does_not_show_it, 0,
	    (int)nitems(leaks));
	tcase_add_test(tc, conf_refusal_writes_nothing_to_stderr);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
