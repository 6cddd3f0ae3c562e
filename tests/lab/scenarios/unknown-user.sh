# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A user who is in no configuration: refused, named in the log, nothing left.
# Where he has failed once too often nobody else gets in, elsewhere everybody.
server_ppp='max-login-failures = 1
    login-failure-time = 600'
server_begin c0
client_ike_up c0 || fail "no IPsec SA"
client_dial c0 mallory "$lab_password"
log_wait srv 20 \
    "authentication failed user 'mallory' from 192\.0\.2\.10: unknown user"
must 20 "the client is told" \
    grep -qiE 'pppd.*authentication failed' "$out/c0.log"
client_start_xl2tpd c0
must 15 "pppd of c0 ends" not client_has_ppp c0
must 20 "the server has no call" server_has_no_calls

step "another user from there"
client_dial c0 bob "$lab_password"
log_wait srv 20 "authentication failed user 'bob' from 192\.0\.2\.10: too many failed logins, wait [0-9]+ s$"
explains too-many-failures bob
client_disconnect c0
must 20 "the server is idle" server_is_idle
! log_has srv 'PPP/IPCP up' || fail "somebody got through"

step "the same from elsewhere"
client_start cli1
client_connect cli1 bob "$lab_password"
carries_ping cli1
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
