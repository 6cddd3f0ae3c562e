# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A pool of two addresses: who dials again gets his own, not the one that has
# been free for longest; somebody else gets it only if nothing else is left; the
# third is refused, and let in when one of the others has hung up.  With arp-probe,
# what a host of the LAN has is not given.
has_address() {
	[ "$(client_address "$1")" = "192.168.100.$2" ] ||
	    fail "$1 has $(client_address "$1"), not 192.168.100.$2"
	carries_ping "$1"
}

server_pool='"192.168.100.200", "192.168.100.201"'
server_global="user \"carol\" { password = \"$lab_password\" }"
server_begin c0
client_start cli1
step "two users"
client_connect c0 alice "$lab_password"
client_connect cli1 bob "$lab_password"
has_address c0 200
has_address cli1 201
client_disconnect c0
client_disconnect cli1
must 20 "the server is idle" server_is_idle

step "one of them again"
client_connect cli1 bob "$lab_password"
has_address cli1 201

step "somebody else"
client_connect c0 carol "$lab_password"
has_address c0 200

step "a third"
client_start cli2
client_ike_up cli2 || fail "no IPsec SA for cli2"
client_dial cli2 alice "$lab_password"
log_wait srv 20 \
    "authentication failed user 'alice' from .*: no address left in pool"
client_disconnect c0
client_start_xl2tpd cli2
client_dial cli2 alice "$lab_password"
must 30 "cli2 has an address of the pool" client_connected cli2
has_address cli2 200
has_address cli1 201
client_disconnect cli1
client_disconnect cli2
must 20 "the server is idle" server_is_idle
server_stop

step "a host of the LAN has an address of the pool"
on lan ip addr add 192.168.100.200/24 dev e0
server_ppp='arp-probe = yes'
server_conf
server_start
client_connect c0 alice "$lab_password"
has_address c0 201
log_has srv '192.168.100.200 is in ppp "lan" and in use by [0-9a-f:]+ on the LAN' ||
    fail "the log does not tell of the conflict"
client_disconnect c0
on lan ip addr del 192.168.100.200/24 dev e0
must 20 "the server is idle" server_is_idle
client_connect cli1 bob "$lab_password"
has_address cli1 200
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
