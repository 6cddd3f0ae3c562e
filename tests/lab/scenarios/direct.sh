# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client with a public address, no NAT: the main job, twice.
server_begin c0
whole_call c0 192.0.2.10 alice client_hangup
whole_call c0 192.0.2.10 alice client_ppp_down
server_end
wire_is_protected
[ "$(wire_count esp)" -gt 0 ] || fail "no ESP on the wire"
control_decodes 1 2 3 4 10 11 12 14
