# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client with another pre-shared key: IKE fails, the log tells so in one
# line, L2TP never hears of it; with the right key the same client gets its SA.
server_begin c0
client_psk c0 some-other-key
! client_ike_up c0 4 || fail "an IPsec SA with the wrong key"
log_wait srv 5 \
    '\[IKE\] 192\.0\.2\.10: failed: the pre-shared key differs$'
! log_has srv '\[IKE\]' 2 || fail "more than one line for one failure"
[ -z "$(on srv ip xfrm state)" ] || fail "an SA on the server"
! log_has srv 'connected from' || fail "L2TP heard of the client"
client_ike_down c0
client_psk c0 "$lab_psk"
client_ike_up c0 || fail "no IPsec SA with the right key"
log_order srv '\[IKE\] 192\.0\.2\.10: phase 1 established \(AES_CBC_256, ' \
    '\[IKE\] 192\.0\.2\.10: IPsec SA established \(ESP, [A-Z0-9_-]+\)$'
client_ike_down c0
log_wait srv 10 '\[IKE\] 192\.0\.2\.10: IPsec SA closed by the client$'
server_end
wire_is_protected
