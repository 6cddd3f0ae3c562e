# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A user who is in no configuration: refused, named in the log, nothing left.
server_begin c0
client_ike_up c0 || fail "no IPsec SA"
client_dial c0 mallory "$lab_password"
log_wait srv 20 \
    "authentication failed user 'mallory' from 192\.0\.2\.10: unknown user"
must 20 "the client is told" \
    grep -qiE 'pppd.*authentication failed' "$out/c0.log"
client_disconnect c0
must 20 "the server is idle" server_is_idle
! log_has srv 'PPP/IPCP up' || fail "the user got through"
server_end
wire_is_protected
