# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# strongSwan in the place of libreswan as the client's IKE, behind NAT, as on a
# Chromebook: the main job, and new keys for the IPsec SA in a transfer.
client_add 3
client_ike=strongswan

sas() {
	on srv ip xfrm state | grep -c '^src'
}

two_sas() {
	[ "$(sas)" -ge 4 ]
}

server_begin cli3
whole_call cli3 198.51.100.1 alice client_hangup
client_start_xl2tpd cli3
step "new keys"
client_connect cli3 alice "$lab_password"
ping_start cli3 "$lan_host" 0.1
swanctl cli3 --rekey --child l2tp
must 30 "the server has a second pair of SAs" two_sas
sleep 2
ping_stop cli3
ping_lost_at_most 1 cli3 "$lan_host"
carries_ping cli3
client_disconnect cli3
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
