# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The server stands behind a router that forwards UDP 500 and 4500 of its
# public address; clients dial that.
#
#   srv 10.9.0.2 --- 10.9.0.1 rtg 203.0.113.130 --- rt
capture_if=e4
client_dials=203.0.113.130
server_listen='"10.9.0.2"'
server_global='uplink "10.9.0.2" { public-address = "203.0.113.130" }'

trap 'on srv ip route replace default via 203.0.113.254' EXIT
host_add rtg
wire rt e4 203.0.113.129/26 rtg wan 203.0.113.130/26
wire rtg in 10.9.0.1/24 srv e1 10.9.0.2/24
forwards rtg
on rtg ip route add default via 203.0.113.129
on srv ip route replace default via 10.9.0.1
nat_rules rtg masquerade
on rtg nft -f - <<-N
	table ip nat {
		chain pre {
			type nat hook prerouting priority dstnat
			iifname wan udp dport { 500, 4500 } dnat to 10.9.0.2
		}
	}
N

server_begin cli1
client_start c0
whole_call cli1 198.51.100.1 alice client_hangup
whole_call c0 192.0.2.10 alice client_ppp_down
server_end
wire_is_protected
[ "$(wire_count esp)" -eq 0 ] || fail "bare ESP through the router"
