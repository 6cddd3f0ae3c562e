# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A server with a stateful firewall that drops what it does not know, and that
# translates what begins here to another address of its own: the kernel's L2TP
# is not tracked, so that it is neither dropped nor translated; translated, it
# would lose its socket's policy and leave in clear text.  Loaded anew, it takes
# all tables with it that have no owner, the guard among them.
other=203.0.113.9

ordinary() {
	on srv nft delete table ip firewall
	on srv ip addr del $other/24 dev e0
} 2>/dev/null
trap ordinary EXIT

dropped() {
	on srv nft list chain ip firewall input |
	    sed -n 's/.* invalid counter packets \([0-9]*\) .*/\1/p'
}

# tracked PORT: connections with it.
tracked() {
	on srv cat /proc/net/nf_conntrack | grep -c "port=$1 "
}

# firewall_load: as a distribution's nftables.conf does it.
firewall_load() {
	on srv nft -f - <<-N
	flush ruleset
	table ip firewall {
		chain input {
			type filter hook input priority 0; policy drop
			iifname { lo, lan0, "ppp*" } accept
			ct state { established, related } accept
			ct state invalid counter drop
			udp dport { 500, 4500 } accept
			ip protocol { icmp, esp } accept
			meta secpath exists udp dport 1701 accept
		}
		chain output {
			type filter hook output priority 0; policy drop
			ct state { new, established, related } accept
			udp sport 1701 rt ipsec exists accept
			ip protocol esp accept
		}
		chain postrouting {
			type nat hook postrouting priority srcnat
			oifname e0 snat to $other
		}
	}
	N
}

on srv ip addr add $other/24 dev e0
firewall_load
server_begin c0
client_start cli1
client_connect c0 alice "$lab_password"
client_connect cli1 bob "$lab_password"
carries_ping c0
carries_ping cli1
carries_file cli1 256
[ "$(dropped)" -eq 0 ] || fail "the firewall calls packets invalid"
[ "$(tracked 500)" -gt 0 ] || fail "nothing is tracked"
[ "$(tracked 1701)" -eq 0 ] || fail "L2TP is tracked"

step "the firewall is loaded anew"
firewall_load
carries_ping c0
carries_ping cli1
[ "$(dropped)" -eq 0 ] || fail "the firewall calls packets invalid"
[ "$(tracked 1701)" -eq 0 ] || fail "L2TP is tracked"
client_disconnect c0
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
[ "$(wire_count "host $other")" -eq 0 ] || fail "something was translated"
wire_is_protected
