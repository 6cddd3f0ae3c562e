# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# L2TP without IPsec: dropped, unanswered, counted; also while pluto is dead.
# lnsd starts pluto again and serves on.

# A Start-Control-Connection-Request made by hand, tunnel id 7.
sccrq() {
	printf '\xc8\x02\0\x34\0\0\0\0\0\0\0\0'		# header, length 52
	printf '\x80\x08\0\0\0\0\0\x01'			# message type 1
	printf '\x80\x08\0\0\0\x02\x01\0'		# protocol version
	printf '\x80\x0a\0\0\0\x03\0\0\0\x03'		# framing
	printf '\x80\x06\0\0\0\x07'			# empty host name
	printf '\x80\x08\0\0\0\x09\0\x07'		# assigned tunnel id
}

# Nothing must come back.
send_sccrq() {
	local before answer
	before=$(guard_count fib)
	answer=$(sccrq | on c0 socat -t 2 - UDP:203.0.113.1:1701 | wc -c)
	[ "$answer" -eq 0 ] || fail "an answer of $answer octets in clear text"
	guard_rose fib "$before" ||
	    fail "the guard did not count the datagram"
}

# What the server sends from its port must not leave.
send_from_server() {
	local before
	before=$(guard_count "rt ipsec")
	echo clear | on srv socat -u - \
	    UDP:192.0.2.10:1701,bind=203.0.113.1:1701,reuseaddr,reuseport
	guard_rose "rt ipsec" "$before" ||
	    fail "the guard let a datagram out"
}

pluto_is_new() {
	local pid
	pid=$(on srv pgrep -x pluto) && [ "$pid" != "$1" ]
}

nothing_happened() {
	[ "$(wire_count 'src 203.0.113.1 and (udp port 1701 or icmp)')" -eq 0 ] ||
	    fail "the server answered in clear text"
	! log_has srv 'connected from|recv SCCRQ' || fail "lnsd took notice"
}

server_begin c0
step "xl2tpd dials without IPsec"
before=$(guard_count fib)
client_dial c0 alice "$lab_password"
must 15 "clear text reaches the server" guard_rose fib $((before + 1))
host_kill c0 KILL xl2tpd
step "a datagram made by hand"
send_sccrq
send_from_server
nothing_happened

step "pluto is killed"
pid=$(on srv pgrep -x pluto) || fail "no pluto on the server"
on srv kill -9 "$pid"
send_sccrq
send_from_server
nothing_happened
must 40 "lnsd starts pluto again" pluto_is_new "$pid"
client_start c0
must 40 "an IPsec SA with the new pluto" client_ike_up c0 10
client_dial c0 alice "$lab_password"
must 20 "c0 has an address of the pool" client_connected c0
carries_ping c0
client_disconnect c0
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected 'src 203.0.113.1'
