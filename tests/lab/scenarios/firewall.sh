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

# What a socket that is still there would send by its SA.
guard_alone() {
	local ends="src 203.0.113.1 dst 192.0.2.10" key=0x00112233445566778899aabbccddeeff
	# shellcheck disable=SC2086
	{
		on srv ip xfrm state add $ends proto esp spi 0x1701 \
		    mode transport enc 'cbc(aes)' $key auth 'hmac(sha1)' $key
		on srv ip xfrm policy add $ends proto udp sport 1701 dir out \
		    tmpl $ends proto esp mode transport
	}
	echo clear | on srv socat -u - \
	    UDP:192.0.2.10:1702,bind=203.0.113.1:1701,reuseaddr
	[ "$(tracked 1701)" -eq 0 ] || fail "the guard alone lets L2TP be tracked"
	on srv ip -s xfrm state list spi 0x1701 | grep -q ' 1(packets)' ||
	    fail "the datagram did not leave by its SA"
	on srv ip xfrm state flush
	on srv ip xfrm policy flush
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

# What the kernel's L2TP still sends after lnsd and its tables have gone.
step "lnsd is killed in the middle of traffic"
ping_start lan "$(client_address cli1 | cut -d/ -f1)" 0.002
host_kill srv KILL lnsd
must 20 "the server's processes end" not host_runs srv pppd pluto lnsd
ping_stop lan
[ "$(tracked 1701)" -eq 0 ] || fail "L2TP was tracked"
guard_alone
client_stop c0
client_stop cli1
server_start
client_start c0
client_start cli1
client_connect c0 alice "$lab_password"
client_connect cli1 bob "$lab_password"

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
