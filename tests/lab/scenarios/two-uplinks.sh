# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A server with two uplinks and an address on each; its default route is the
# first.  A client is answered over the one that it has dialled, and the
# routers drop what has the other's address.
#
#   srv 203.0.113.1   --- rt (e1)
#       203.0.113.130 --- rtb --- rt (e4)
b=203.0.113.130
server_listen="\"203.0.113.1\", \"$b\""

ordinary() {
	on srv ip rule del pref 100
	on rt nft delete table ip uplinks
} 2>/dev/null
trap ordinary EXIT

host_add rtb
wire rt e4 10.255.0.1/30 rtb e0 10.255.0.2/30
wire rtb e1 203.0.113.129/25 srv e1 $b/25
forwards rtb
on rtb ip route add default via 10.255.0.1
on rt ip route add 203.0.113.128/25 via 10.255.0.2
on rt nft -f - <<-N
	table ip uplinks {
		chain from {
			type filter hook prerouting priority 0
			iifname e1 ip saddr != 203.0.113.1 counter drop
			iifname e4 ip saddr != 203.0.113.128/25 counter drop
		}
	}
N
on srv ip route add default via 203.0.113.129 table 10

# Of c0 bare ESP, of cli2 ESP in UDP, both by B; at the same time cli1 by A.
calls() {
	client_connect c0 alice "$lab_password"
	client_connect cli2 alice "$lab_password"
	client_connect cli1 bob "$lab_password"
	carries_ping c0
	carries_ping cli2
	carries_ping cli1
	carries_file c0 256
	client_disconnect c0
	client_disconnect cli2
	client_disconnect cli1
	must 20 "the server is idle" server_is_idle
}

each_by_its_own() {
	wire_is_protected
	[ "$(wire_count "host $b")" -eq 0 ] || fail "B's packets on uplink A"
	[ "$(wire_count "not host $b and (esp or udp)" wire-b)" -eq 0 ] ||
	    fail "A's packets on uplink B"
	for proto in 'udp port 500' 'udp port 4500' esp; do
		[ "$(wire_count "src $b and $proto" wire-b)" -gt 0 ] ||
		    fail "no $proto from $b on uplink B"
	done
	[ "$(wire_count "not ($protected) and ip" wire-b)" -eq 0 ] ||
	    fail "clear text on uplink B"
}

step "rules by the source address"
on srv ip rule add pref 100 from $b table 10
client_dials=$b
client_start c0
client_start cli2
client_dials=203.0.113.1
server_begin cli1
capture_on rt e4 wire-b
capture_runs wire-b
calls
server_end
each_by_its_own

step "rules by the mark"
on srv ip rule del pref 100
on srv ip rule add pref 100 fwmark 1000 table 10
server_global="uplink \"$b\" { fwmark = 1000 }"
server_conf
snapshot "$out/before.snapshot"
capture_start
capture_on rt e4 wire-b
capture_runs wire-b
server_start
calls
server_end
each_by_its_own
