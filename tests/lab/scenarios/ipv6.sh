# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client dials over IPv6, without NAT, while another is connected over IPv4:
# as anybody, with new keys in between, and as a peer with an address of its
# own.  The server follows an IPv6 address that comes and goes, drops L2TP in
# clear text over IPv6, and quotes nothing that was protected in an ICMPv6
# error.
srv6=2001:db8:1::1 c06=2001:db8:2::10
whack=/usr/libexec/ipsec/whack
# In the addresses of clients' sockets.
inside=0x6c6e7364

# HOST IF ADDRESS...: IPv6 begins on this interface.
ipv6_up() {
	local host=$1 dev=$2 a
	shift 2
	on "$host" sysctl -qw "net.ipv6.conf.$dev.accept_ra=0" \
	    "net.ipv6.conf.$dev.disable_ipv6=0"
	for a; do
		on "$host" ip addr add "$a/64" dev "$dev" nodad
	done
}

ipv6_is_settled() {
	! on srv ip -6 addr show dev e0 tentative | grep -q .
}

ipv6_net() {
	trap ipv6_net_down EXIT
	ipv6_up rt e1 2001:db8:1::fe
	ipv6_up rt e3 2001:db8:2::fe
	on rt sysctl -qw net.ipv6.conf.all.forwarding=1
	ipv6_up c0 e0 $c06
	on c0 ip route add default via 2001:db8:2::fe
	ipv6_up srv lo
	ipv6_up srv e0 2001:db8:1::2
	# As a router advertises it beside others.
	on srv ip route add default from 2001:db8:1::/64 via 2001:db8:1::fe
	must 20 "the server's addresses are settled" ipv6_is_settled
}

# The other scenarios know IPv4 only, and another IPsec connection of c0.
ipv6_net_down() {
	local h
	host_kill c0 KILL dial pppd
	client_stop_pluto c0
	on rt sysctl -qw net.ipv6.conf.all.forwarding=0
	on srv ethtool -K e0 gro off
	on rt ethtool -K e1 tso on
	on srv modprobe -r esp6_offload
	for h in srv c0 rt; do
		on $h sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	done
}

listens_on() {
	[ -n "$(on srv ss -Hlun "src [$1]:1701")" ]
}

# To UDP 1701 in clear text, and from there.
clear_text() {
	local before
	before=$(guard_count fib)
	echo clear | on c0 socat -u - "UDP6:[$srv6]:1701,sourceport=1702"
	must 5 "the guard stops clear text coming in" \
	    guard_rose fib "$before"
	before=$(guard_count 'rt ipsec')
	echo clear | on srv socat -u - \
	    "UDP6:[$c06]:1701,bind=[$srv6]:1701,reuseaddr,reuseport"
	guard_rose 'rt ipsec' "$before" || fail "the guard let a datagram out"
}

icmp6_is_stopped() {
	on c0 ping -n -q -c 1 -W 1 "$lan_host"
	guard_rose ipv6-icmp 0
}

# The SA outlives lnsd and pluto, and what it protects meets no socket.
nobody_there() {
	# All at once, so that nobody says goodbye.
	host_kill srv KILL 'pppd|pluto|lnsd'
	must 20 "the server's processes end" not host_runs srv pppd pluto lnsd
	server_forget_proxies
	on srv ip xfrm state | grep -q "dst $srv6" || fail "no SA is left"
	must 20 "the guard stops an ICMPv6 error" icmp6_is_stopped
	host_kill c0 KILL dial
	must 10 "c0 has hung up" not host_runs c0 dial pppd
	client_ike_down c0
}

# Over IPv6, to the address that came last.
connect6() {
	client_ike_up c0 || fail "no IPsec SA for c0"
	dial_start c0 bob "$lab_password" -p 40000 "$srv6"
	must 40 "c0 has an address of the pool" client_connected c0
	carries_ping c0
}

# The first IPsec SA of c0, by its number in pluto.
oldest_sa() {
	on c0 $whack --showstates |
	    sed -n 's/.*#\([0-9]*\): .*STATE_QUICK.*/\1/p' | sort -n | head -n 1
}

# c0 makes another IPsec SA, and then deletes the first.
rekey6() {
	local old
	old=$(oldest_sa)
	ping_start c0 "$lan_host"
	on c0 timeout 20 $whack --initiate --name l2tp
	must 20 "another pair of SAs" server_has_sas 6
	# Both use it by now.
	sleep 2
	on c0 timeout 10 $whack --deletestate "$old"
	must 20 "the first pair is gone" server_has_sas 4
	sleep 1
	ping_stop c0
	ping_lost_at_most 1 c0 "$lan_host"
	carries_ping c0
}

disconnect6() {
	dial_stop c0
	client_ike_down c0
}

ipv6_net
# With the offload a packet loses its route between ESP and L2TP.  A veth has
# GRO only if its other end does not have TSO.
on srv modprobe esp6_offload
on srv ethtool -K e0 gro on
on rt ethtool -K e1 tso off
client_stop_pluto c0
server_listen='"0.0.0.0", "::"'
server_begin cli1
client_left=$c06 client_dials=$srv6 client_port=40000
client_start_ike c0
listens_on 2001:db8:1::2 || fail "lnsd does not listen on its IPv6 address"

step "an address comes"
on srv ip addr add $srv6/64 dev e0
must 20 "lnsd listens on it" listens_on $srv6
log_wait srv 30 'ipsec: pluto has taken the changes'
client_connect cli1 alice "$lab_password"
connect6
log_has srv "\[L2TP\] TUNNEL\[[0-9]+\] connected from $c06\$" ||
    fail "the log does not name the client's IPv6 address"
on srv ss -Hun | grep -qF "[2001:db8:1:0:6c6e:7364:" ||
    fail "c0's socket has no address of its own"
carries_file c0 512
carries_ping cli1
rekey6
clear_text
disconnect6
carries_ping cli1
client_disconnect cli1
must 20 "the server is idle" server_is_idle

step "nobody there"
connect6
nobody_there

step "a peer with an address of its own"
server_global="peer \"six\" {
	address = \"$c06\"
	psk = \"key of six\"
	ppp = \"lan\"
    }"
server_conf
server_start
client_psk c0 "key of six"
connect6
log_has srv "PP\[01\] Call detected from user 'bob'" ||
    fail "c0 is not the peer with its address"
disconnect6
must 20 "the server is idle" server_is_idle

step "the address goes"
on srv ip addr del $srv6/64 dev e0
must 20 "lnsd no longer listens on it" not listens_on $srv6
server_end
wire_is_protected
[ "$(wire_count "ip6[16:4] = $inside or ip6[32:4] = $inside")" -eq 0 ] ||
    fail "the address of a client's socket is seen outside"
# Apart from what was sent by hand, and from c0 where nobody listens any more.
wire6_is_protected "not udp src port 1702 and not (icmp6 and src host $c06)"
