# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# disconnect-time: a tunnel is closed when no user data goes over it, though
# PPP's own echo does; idle-timeout does the same to a session.
server_keepalive='disconnect-time = 4'
server_ppp='lcp-echo-interval = 1
    lcp-echo-failure = 60'

server_begin cli1
client_connect cli1 alice "$lab_password"
log_mark srv
on cli1 ping -n -q -c 20 -i 0.5 -W 3 "$lan_host" || fail "no answer"
! log_has srv 'disconnect timer expired' || fail "cut in the middle of data"
log_wait srv 20 '\[L2TP\] disconnect timer expired tunnel [0-9]+$'
log_wait srv 20 'disconnect tunnel [0-9]+ complete$'
explains idle alice
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_ike_down cli1
must 20 "the server is idle" server_is_idle
server_stop

step "idle-timeout, session-timeout"
server_keepalive=''
server_ppp='idle-timeout = 3'
server_conf
server_start
client_connect cli1 alice "$lab_password"
log_wait srv 30 "PPP down user 'alice': idle timeout"
explains idle alice
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_ike_down cli1
server_stop
server_ppp='session-timeout = 3'
server_conf
server_start
client_start_xl2tpd cli1
client_connect cli1 alice "$lab_password"
log_wait srv 30 "PPP down user 'alice': session time limit"
explains session-time alice
must 15 "pppd of cli1 ends" not client_has_ppp cli1
must 20 "the tunnel without a session goes" server_has_no_calls
client_ike_down cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected 'src 203.0.113.1'
