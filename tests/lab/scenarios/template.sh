# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Two peers of one template: each has from it what it does not say itself, and
# nothing from another template.
server_global='keepalive-log = yes
	ppp "branches" {
	    local-address = "192.168.100.1"
	    pool = { "192.168.100.60-192.168.100.69" }
	    proxy-arp = yes
	}
	template "branches" {
	    psk = "key of all branches"
	    ppp = "branches"
	    keepalive { interval = 1 count = 5 }
	}
	peer "one" {
	    address = "192.0.2.10"
	    template = "branches"
	    ppp = "lan"
	}
	peer "two" {
	    address = "198.51.100.1"
	    identity = "192.168.7.11"
	    template = "branches"
	    keepalive { interval = 0 }
	}'

server_begin c0
client_start cli1
step "the key of the other template"
client_psk cli1 "$lab_psk"
! client_ike_up cli1 4 || fail "an IPsec SA with the key of another template"
client_ike_down cli1

step "the same key for both, each with what it says itself"
client_psk c0 "key of all branches"
client_psk cli1 "key of all branches"
client_connect c0 alice "$lab_password"
(
	client_pool='192[.]168[.]100[.]6[0-9]'
	client_connect cli1 bob "$lab_password"
	carries_ping cli1
) || exit 1
carries_ping c0
log_wait srv 20 'keepalive HELLO send to 192\.0\.2\.10$'
! log_has srv 'HELLO send to 198' || fail "keepalive for the peer without"
client_disconnect cli1
client_disconnect c0
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
