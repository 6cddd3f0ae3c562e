# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A peer with a fixed address and its own key beside an anonymous one.  Each
# has its own key and no other; what the fixed peer does not say comes from its
# template.
server_global='keepalive-log = yes
	ppp "branch" {
	    local-address = "192.168.100.1"
	    pool = { "192.168.100.60-192.168.100.69" }
	}
	template "branch" {
	    psk = "key of the template"
	    ppp = "branch"
	    keepalive { interval = 1 count = 5 }
	}
	peer "fixed" {
	    address = "192.0.2.10"
	    template = "branch"
	    psk = "key of the fixed peer"
	}'

# refused HOST PSK WHOSE
refused() {
	client_psk "$1" "$2"
	! client_ike_up "$1" 4 || fail "an IPsec SA for $1 with the $3"
	client_ike_down "$1"
}

server_begin c0
client_start cli1
step "the key of somebody else"
refused cli1 "key of the fixed peer" "key of the fixed peer" &
refused c0 "$lab_psk" "key of the anonymous peer"
refused c0 "key of the template" "key of its template"
wait $! || exit 1
[ -z "$(on srv ip xfrm state)" ] || fail "an SA on the server"
! log_has srv 'connected from' || fail "L2TP heard of a client"

step "the right ones, at the same time"
client_psk c0 "key of the fixed peer"
client_psk cli1 "$lab_psk"
(
	client_pool='192[.]168[.]100[.]6[0-9]'
	client_connect c0 alice "$lab_password"
) || exit 1
client_connect cli1 bob "$lab_password"
carries_ping cli1
log_wait srv 20 'keepalive HELLO send to 192\.0\.2\.10$'
! log_has srv 'HELLO send to 198' ||
    fail "keepalive for the peer that has none"
client_disconnect cli1
client_disconnect c0
must 20 "the server is idle" server_is_idle
server_stop

step "both peers are fixed, and one is behind a NAT"
server_global=${server_global/192.0.2.10/198.51.100.1}
server_peer=192.0.2.10
server_conf
server_start
client_psk cli1 "key of the fixed peer"
on cli1 timeout 5 /usr/libexec/ipsec/whack --initiate --name l2tp
log_wait srv 20 "\[IKE\] 198\.51\.100\.1: failed: no peer is configured for its identity '192\.168\.7\.11'$"
client_ike_down cli1
server_stop
server_global=${server_global/198.51.100.1\"/198.51.100.1\" identity = \"192.168.7.11\"}
server_conf
server_start
client_psk c0 "$lab_psk"
(
	client_pool='192[.]168[.]100[.]6[0-9]'
	client_connect cli1 alice "$lab_password"
	carries_ping cli1
) || exit 1
client_connect c0 bob "$lab_password"
carries_ping c0
client_disconnect cli1
client_disconnect c0
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
