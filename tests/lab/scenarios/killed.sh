# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The pppd of a client is killed: its session ends, nothing of it is left, not
# even what only pppd knows of (proxy ARP), others lose nothing, and it is let
# in again.  Then all of them at once.
proxies_are() {
	[ "$(on srv ip neigh show proxy | wc -l)" -eq "$1" ]
}

links_are() {
	[ "$(on srv ip -o link show type ppp | wc -l)" -eq "$1" ]
}

server_begin c0
client_start cli1
client_connect c0 alice "$lab_password"
client_connect cli1 bob "$lab_password"
proxies_are 2 || fail "not one entry of proxy ARP for each client"
log_mark srv

step "one is killed"
on srv pkill -KILL -o -x pppd
log_wait srv 10 "PPP down user 'alice': pppd was killed by signal 9"
explains pppd alice
must 10 "its interface goes" links_are 1
must 10 "its entry of proxy ARP goes" proxies_are 1
carries_ping cli1
must 15 "pppd of c0 ends" not client_has_ppp c0
client_start_xl2tpd c0
client_dial c0 alice "$lab_password"
must 30 "c0 has an address of the pool" client_connected c0
carries_ping c0
proxies_are 2 || fail "no entry of proxy ARP for c0"

step "all are killed"
host_kill srv KILL pppd
must 10 "no interface is left" links_are 0
must 10 "no entry of proxy ARP is left" proxies_are 0
must 15 "pppd of c0 ends" not client_has_ppp c0
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_ike_down c0
client_ike_down cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
