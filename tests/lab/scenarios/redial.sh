# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client that lost its link dials again, from the same address and port over
# the same SA, while the server still has its dead tunnel: that yields at once.
# Another comes with a new SA: dead peer detection, which would end them all in
# the name of the one that has gone, finds nothing left of it.  That takes its
# time, and so do clients whose packets get lost in the middle: lnsctl explain
# tells how far they came.
server_ipsec='dpd-delay = 5
    dpd-timeout = 60'

# An IKE SA and an IPsec SA for each host.
has_one_call_each() {
	[ "$(on srv /usr/libexec/ipsec/whack \
	    --ctlsocket /run/lnsd/ipsec/pluto.ctl --showstates |
	    grep -c ' STATE_')" -eq 6 ] && server_has_sas 6
}

# loses HOST EXPRESSION...: what it sends, before IPsec; and the errors by which
# its kernel would tell, in clear text, that nobody has the port any more.
loses() {
	{
		echo 'table ip lost { chain o {
		    type filter hook output priority 0'
		printf 'udp dport 1701 %s drop\n' "${@:2}"
		echo 'icmp type destination-unreachable drop'
		printf '}\n}\n'
	} | on "$1" nft -f -
}

loses_nothing() {
	on c0 nft delete table ip lost
	on cli2 nft delete table ip lost
} 2>/dev/null
trap loses_nothing EXIT

dial() {
	client_start_xl2tpd "$1"
	client_dial "$1" bob "$lab_password"
}

server_begin cli1
client_start c0 &
starts=$!
client_start cli2
wait $starts || exit 1
client_ike_up c0 || fail "no IPsec SA for c0"
client_ike_up cli2 || fail "no IPsec SA for cli2"
client_connect cli1 alice "$lab_password"
log_mark srv
step "xl2tpd and pppd of cli1 are killed"
host_kill cli1 KILL xl2tpd pppd
wait_until 10 not host_runs cli1 xl2tpd pppd
client_start_xl2tpd cli1
client_dial cli1 alice "$lab_password"
must 15 "cli1 has an address of the pool" client_connected cli1
carries_ping cli1
log_order srv \
    'disconnect session [0-9]+ complete$' \
    'disconnect tunnel [0-9]+ complete$' \
    '\[L2TP\] TUNNEL\[1\] connected from 198\.51\.100\.1$' \
    '\[L2TP\] TUNNEL\[1\] session [0-9]+ established$'
log_wait srv 10 "PPP down user 'alice': the peer dialled again"
explains redialled '#3'

step "all of cli1 is gone and comes back with a new SA"
log_mark srv
client_vanish cli1
gone=$SECONDS
client_return cli1
client_connect cli1 alice "$lab_password"
ping_start cli1 "$lan_host"
log_wait srv 10 "PPP down user 'alice': the peer dialled again"
must 20 "only the new states are left" has_one_call_each

step "control messages get lost"
# T is 1; the type of RFC 2661 3.2: all but SCCRQ; ICRQ and StopCCN.
loses c0 '@th,64,1 1 @th,208,16 != 1'
loses cli2 '@th,64,1 1 @th,208,16 { 4, 10 }'
dial c0
dial cli2
explains l2tp-silent 192.0.2.10 50
explains no-call 192.168.7.12 50
loses_nothing

step "PPP gets lost"
# T is 0; of c0 CHAP alone, behind 6 or 8 octets of header and FF 03.
loses c0 '@th,64,1 0 @th,128,16 0xc223' '@th,64,1 0 @th,144,16 0xc223'
loses cli2 '@th,64,1 0'
dial c0
dial cli2
explains auth-unfinished 192.0.2.10 50
explains ppp-silent 192.168.7.12 50
for h in c0 cli2; do
	host_kill $h KILL xl2tpd pppd
	must 10 "xl2tpd of $h ends" not host_runs $h xl2tpd pppd
	client_ike_down $h
done
loses_nothing
sleep_until $((gone + 5 + 60 + 5))
ping_stop cli1
ping_lost_at_most 0 cli1 "$lan_host"
carries_ping cli1
! log_has srv 'given up' || fail "dead peer detection has found somebody"
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
