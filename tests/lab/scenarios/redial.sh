# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client that lost its link dials again, from the same address and port over
# the same SA, while the server still has its dead tunnel: that yields at once.
# Another comes with a new SA: dead peer detection, which would end them all in
# the name of the one that has gone, finds nothing left of it.
server_ipsec='dpd-delay = 5
    dpd-timeout = 60'

# An IKE SA and an IPsec SA.
has_one_call() {
	[ "$(on srv /usr/libexec/ipsec/whack \
	    --ctlsocket /run/lnsd/ipsec/pluto.ctl --showstates |
	    grep -c ' STATE_')" -eq 2 ] && server_has_sas 2
}

server_begin cli1
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

step "all of cli1 is gone and comes back with a new SA"
log_mark srv
client_vanish cli1
gone=$SECONDS
client_return cli1
client_connect cli1 alice "$lab_password"
ping_start cli1 "$lan_host"
log_wait srv 10 "PPP down user 'alice': the peer dialled again"
must 20 "only the new states are left" has_one_call
sleep_until $((gone + 5 + 60 + 5))
ping_stop cli1
ping_lost_at_most 0 cli1 "$lan_host"
carries_ping cli1
! log_has srv 'given up' || fail "dead peer detection has found somebody"
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
