# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What is on the wire between the router and the server (wire.pcap), and the
# control messages as they leave and enter ESP on the server (control.pcap).

# Also ICMP errors, as long as they quote nothing but that, and the rest of a
# fragmented datagram, which the first fragment tells the ports of: IKE's first
# message is longer than a packet when the server begins.
protected='esp or udp port 500 or udp port 4500 or
    (icmp[0] = 3 and (icmp[17] = 50 or icmp[28:2] = 4500 or icmp[30:2] = 4500
    or icmp[28:2] = 500 or icmp[30:2] = 500)) or
    (ip[6:2] & 0x1fff) != 0'

# Where the wire between router and server is, on the router's side; a scenario
# may say another before capture_start.
capture_if=e1

# capture_start: both, below $out.
capture_start() {
	capture_on rt $capture_if wire
	capture_on srv nflog:5 control
	capture_runs wire
	capture_runs control
}

capture_on() {
	on "$1" tcpdump -Z root -n -U -s 0 -i "$2" -w "$out/$3.pcap" \
	    </dev/null 2>"$out/$3.tcpdump" &
}

capture_runs() {
	wait_until 10 grep -q 'listening on' "$out/$1.tcpdump" ||
	    fail "cannot capture: $(tail -n1 "$out/$1.tcpdump")"
}

capture_stop() {
	local h
	for h in rt srv; do
		host_kill $h INT tcpdump
		wait_until 5 not host_runs $h tcpdump
	done
}

# wire_count FILTER [CAPTURE]: packets on the wire that match.
wire_count() {
	tcpdump -nr "$out/${2:-wire}.pcap" "$1" 2>/dev/null | wc -l
}

# wire_is_protected [FILTER]: of the IP packets (that match FILTER), all are
# IKE or ESP, and there are some.
wire_is_protected() {
	local only=${1:-ip}
	tcpdump -nr "$out/wire.pcap" "($only) and ip and not ($protected)" \
	    >"$out/wire.clear" 2>/dev/null
	[ ! -s "$out/wire.clear" ] ||
	    fail "clear text on the wire: $(head -n1 "$out/wire.clear")"
	[ "$(wire_count "($only) and ip and ($protected)")" -gt 0 ] ||
	    fail "the capture of the wire is empty"
	step "on the wire: nothing but IKE and ESP"
}

# Of IPv6, neighbour and router discovery and what carries multicast reports
# (hop-by-hop options) is allowed besides, and errors as above.
protected6='esp or udp port 500 or udp port 4500 or ip6[6] = 0 or
    (icmp6 and ip6[40] >= 133 and ip6[40] <= 137) or
    (icmp6 and ip6[40] = 1 and (ip6[54] = 50 or ip6[88:2] = 500 or
    ip6[90:2] = 500 or ip6[88:2] = 4500 or ip6[90:2] = 4500))'

# wire6_is_protected [FILTER]: of the IPv6 packets (that match FILTER), all
# are IKE or ESP, and there are some.
wire6_is_protected() {
	tcpdump -nr "$out/wire.pcap" "ip6 and (${1:-ip6}) and not ($protected6)" \
	    >"$out/wire6.clear" 2>/dev/null
	[ ! -s "$out/wire6.clear" ] ||
	    fail "clear text on the wire: $(head -n1 "$out/wire6.clear")"
	[ "$(wire_count "ip6 and esp")" -gt 0 ] ||
	    fail "no ESP over IPv6 on the wire"
	step "on the wire, IPv6: nothing but IKE, ESP and neighbours"
}

# control_decodes TYPE...: tshark finds nothing wrong with the control
# messages, and those of each TYPE (RFC 2661 3.2) are among them.
control_decodes() {
	local type
	tshark -r "$out/control.pcap" -T fields -e ip.src -e l2tp.type \
	    -e l2tp.avp.message_type -e _ws.malformed \
	    -e _ws.expert.message >"$out/control.txt" 2>"$out/control.err" ||
	    fail "tshark: $(tail -n1 "$out/control.err")"
	[ -s "$out/control.txt" ] || fail "no control message captured"
	! awk -F'\t' '$4 != "" || $5 != ""' "$out/control.txt" |
	    grep -m1 . || fail "tshark finds fault with a control message"
	for type; do
		awk -F'\t' -v t="$type" \
		    '$3 == t { n++ } END { exit !n }' "$out/control.txt" ||
		    fail "no control message of type $type captured"
	done
	step "control messages: $(wc -l <"$out/control.txt") decoded, none malformed"
}
