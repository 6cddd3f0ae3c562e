# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A home router that shares its public address with others and may use 240
# ports of it: 15 blocks of 16, none a well-known one (MAP-E, RFC 7597, PSID
# offset 4, PSID 52), on a line with an MTU of 1460.
psid=52

chains() {
	local i from
	for i in {1..15}; do
		from=$(((i << 12) + (psid << 4)))
		echo "chain block$i { meta l4proto { tcp, udp } masquerade to :$from-$((from + 15)) random; }"
	done
}

choice() {
	local i
	echo "numgen random mod 15 vmap {"
	for i in {1..15}; do
		echo "$((i - 1)) : goto block$i,"
	done
	echo '}'
}

line_mtu() {
	on nat ip link set wan mtu "$1"
	on rt ip link set e2 mtu "$1"
}

# The source ports on the wire that are not of the set.
foreign_ports() {
	tcpdump -nr "$out/wire.pcap" 'src 198.51.100.1 and udp' 2>/dev/null |
	    sed -n 's/.* IP 198\.51\.100\.1\.\([0-9]*\) > .*/\1/p' |
	    sort -un >"$out/ports"
	[ -s "$out/ports" ] || fail "nothing from the router on the wire"
	while read -r port; do
		[ $((port >> 12)) -gt 0 ] &&
		    [ $(((port >> 4) & 255)) -eq $psid ] || echo "$port"
	done <"$out/ports"
}

big_ping() {
	on "$1" ping -n -q -M 'do' -s 1252 -c 10 -i 0.2 -W 3 "$2" ||
	    fail "$1: a packet of 1280 octets does not arrive"
}

ordinary() {
	line_mtu 1500
	nat_ordinary
}
trap ordinary EXIT
line_mtu 1460
nat_rules nat "$(choice)" "$(chains)"
nat_forgets nat 198.51.100.254

server_begin cli1
client_connect cli1 alice "$lab_password"
carries_ping cli1
big_ping cli1 "$lan_host"
big_ping lan "$(client_address cli1)"
carries_file cli1 512
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
[ "$(wire_count esp)" -eq 0 ] || fail "bare ESP through a router of ports"
[ -z "$(foreign_ports)" ] ||
    fail "ports that the router may not use: $(foreign_ports | head -n3)"
[ "$(wc -l <"$out/ports")" -ge 2 ] || fail "no ports of their own for IKE and NAT-T"
