# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The NAT router forgets its mappings in the middle of a session and gives
# other ports: traffic goes on without a new dial.
trap nat_ordinary EXIT

lan_answers() {
	on cli1 ping -n -q -c 1 -W 1 "$lan_host"
}

server_begin cli1
client_connect cli1 alice "$lab_password"
carries_ping cli1
log_mark srv
ping_start cli1 "$lan_host"
nat_rules nat 'meta l4proto udp masquerade to :40000-49999 random'
nat_forgets nat 198.51.100.254
must 10 "traffic goes on" lan_answers
ping_stop cli1
# Five in a second, and the line was down for a moment.
ping_lost_at_most 50 cli1 "$lan_host"
carries_ping cli1
! log_has srv 'connected from' || fail "the client has dialled again"
[ "$(wire_count 'src 198.51.100.1 and udp src portrange 40000-49999 and
    udp dst port 4500')" -gt 0 ] || fail "the mapping is still the old one"
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
