# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client that lost its link dials again, from the same address and port over
# the same SA, while the server still has its dead tunnel: that yields at once.
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
client_return cli1
client_connect cli1 alice "$lab_password"
carries_ping cli1
log_wait srv 10 "PPP down user 'alice': the peer dialled again"
client_disconnect cli1
# The SA of the one that vanished goes by dead peer detection.
must 150 "the server is idle" server_is_idle
server_end
wire_is_protected
