# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client behind a NAT router: the main job, twice.
server_begin cli1
whole_call cli1 198.51.100.1 alice client_hangup
whole_call cli1 198.51.100.1 alice client_ppp_down
server_end
wire_is_protected
[ "$(wire_count 'udp port 4500')" -gt 0 ] || fail "no ESP in UDP on the wire"
[ "$(wire_count esp)" -eq 0 ] || fail "bare ESP behind the NAT"
control_decodes 1 2 3 4 10 11 12 14
