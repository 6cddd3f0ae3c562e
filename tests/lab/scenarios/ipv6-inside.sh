# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# IPv6 inside of PPP: each client that wants it gets a /64 of its own, by router
# advertisements that name MTU and DNS server; one that does not has IPv4 as
# ever; who finds no prefix left gets the next that comes free; a user with a
# prefix of his own has that one.  Networks behind a client of which RADIUS tells
# are reached through it.  What a client was given is gone with it.
lan6=2001:db8:5::10

# HOST IF ADDRESS...: IPv6 begins on this interface.
inside_up() {
	local host=$1 dev=$2 a
	shift 2
	on "$host" sysctl -qw "net.ipv6.conf.$dev.accept_ra=0" \
	    "net.ipv6.conf.$dev.disable_ipv6=0"
	for a; do
		on "$host" ip addr add "$a/64" dev "$dev" nodad
	done
}

inside_net() {
	trap inside_net_down EXIT
	inside_up srv lo
	inside_up srv lan0 2001:db8:5::1
	inside_up lan e0 $lan6
	on lan ip route add 2001:db8:100::/56 via 2001:db8:5::1
	on lan ip route add 2001:db8:200::/48 via 2001:db8:5::1
	on srv sysctl -qw net.ipv6.conf.all.forwarding=1
	for h in c0 cli1 cli2; do
		on $h sysctl -qw net.ipv6.conf.default.disable_ipv6=0
	done
}

# The other scenarios know IPv4 only.
inside_net_down() {
	local h
	host_kill c0 KILL tcpdump
	on srv sysctl -qw net.ipv6.conf.all.forwarding=0
	# An lnsd that was killed leaves it.
	on srv ip -6 route del unreachable 2001:db8:100::/63 2>/dev/null
	for h in srv lan c0 cli1 cli2; do
		on $h sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
		    net.ipv6.conf.default.disable_ipv6=1
	done
}

# prefix_of HOST: the first 64 bits of its address that came by an
# advertisement, and a default route.
prefix_of() {
	on "$1" ip -6 route show default proto ra | grep -q 'via fe80::' &&
	    on "$1" ip -6 -o addr show scope global dynamic |
	    sed -n 's,.* inet6 \(2001:db8:100:[0-9a-f]*\):.*,\1,p' | grep .
}

has_prefix() {
	[ "$(prefix_of "$1")" = "2001:db8:100:$2" ]
}

address6() {
	on "$1" ip -6 -o addr show scope global dynamic |
	    sed -n 's,.* inet6 \(2001:db8:100:[^/]*\)/.*,\1,p'
}

# Both ways between HOST and the LAN host.
carries_ping6() {
	on "$1" ping -n -q -c 3 -i 0.2 -W 3 "$lan6" ||
	    fail "no answer from the LAN host to $1 over IPv6"
	on lan ping -n -q -c 3 -i 0.2 -W 3 "$(address6 "$1")" ||
	    fail "no answer from $1 to the LAN host over IPv6"
}

ppp_of() {
	on "$1" ip -o link show type ppp | awk -F'[ :]+' '{ print $2 }'
}

# pretends HOST ADDRESS: it sends from one that is not its own.
pretends() {
	local was
	was=$(guard_count iifgroup)
	on "$1" ip addr add "$2/128" dev "$(ppp_of "$1")" nodad
	on "$1" ping -n -q -c 1 -W 1 -I "$2" "$lan6"
	guard_rose iifgroup "$was" || fail "$1 can send from any address"
	on "$1" ip addr del "$2/128" dev "$(ppp_of "$1")"
}

# is_behind NETWORK
is_behind() {
	on srv ip -6 route show "$1" | grep -q ' dev ppp'
}

# What is not given to anybody goes round nowhere.
nobody_is_unreachable() {
	on lan ping -n -c 1 -W 2 "$1" | grep -q '^From 2001:db8:5::1 .*nreachable'
}

routes6() {
	on srv ip -6 route show | grep -c '^2001:db8:100:' || :
}

routes6_are() {
	[ "$(routes6)" -eq "$1" ]
}

# ra_count FILTER: advertisements that c0 has heard.
ra_count() {
	tshark -r "$out/ra.pcap" -Y "icmpv6.type == 134${1:+ && $1}" \
	    2>/dev/null | wc -l
}

ras_are_right() {
	local want=$1
	[ "$(ra_count)" -gt 0 ] && [ "$(ra_count)" -eq "$(ra_count "$want")" ]
}

# smuggles CLIENT: it sends IPv6 that no IPV6CP has agreed on.
smuggles() {
	local dev
	dev=$(ppp_of "$1")
	on "$1" sysctl -qw "net.ipv6.conf.$dev.disable_ipv6=0"
	on "$1" ip addr add fe80::bad/64 dev "$dev" nodad
	on "$1" ping -n -q -c 2 -i 0.2 -W 1 "ff02::1%$dev" >/dev/null || :
	[ "$(on "$1" cat "/sys/class/net/$dev/statistics/tx_packets")" -gt 0 ] ||
	    fail "$1 has sent nothing"
	[ "$(on srv awk '$1 == "Ip6InReceives" { n += $2 } END { print n + 0 }' \
	    /proc/net/dev_snmp6/ppp1)" -eq 0 ] ||
	    fail "the server takes IPv6 without IPV6CP"
}

# c0 asks, as it did when it came up; not more than one answer in 3 s.
c0_solicits() {
	on c0 python3 - <<-'P'
		import socket as s
		i = [n for n, name in s.if_nameindex() if name[:3] == "ppp"][0]
		r = s.socket(s.AF_INET6, s.SOCK_RAW, s.IPPROTO_ICMPV6)
		r.setsockopt(s.IPPROTO_IPV6, s.IPV6_MULTICAST_HOPS, 255)
		r.sendto(bytes([133] + 7 * [0]), ("ff02::2", 0, 0, i))
	P
	sleep 1
	[ "$(ra_count 'ipv6.dst != ff02::1')" -gt "$1" ]
}

server_ppp="ipv6-pool = \"2001:db8:100::/63\"
    radius {
	server = \"192.168.100.10\"
	secret = \"$radius_secret\"
    }" server_dns='"192.168.100.1", "2001:db8:5::53"'
server_global="user \"carol\" { password = \"$lab_password\" }
    user \"dave\" {
	password = \"$lab_password\"
	ipv6-prefix = \"2001:db8:100:77::/64\"
    }
    ppp \"guests\" {
	local-address = \"192.168.100.1\"
	pool = \"192.168.100.251\"
	ipv6-pool = \"2001:db8:100:20::/64\"
    }"
radius_users="erin Cleartext-Password := \"$lab_password\"
	Framed-IPv6-Pool = \"guests\",
	Framed-IPv6-Route = \"2001:db8:200:20::/64 :: 1\",
	Delegated-IPv6-Prefix = 2001:db8:200:10::/60"
radius_forget
inside_net
radius_start one 192.168.100.10
server_begin c0
client_start cli1
client_start cli2
on c0 tcpdump -Z root -n -U -i any -w "$out/ra.pcap" \
    'icmp6 and (ip6[40] = 133 or ip6[40] = 134)' \
    </dev/null 2>"$out/ra.tcpdump" &
capture_runs ra

step "a client with IPv6"
client_connect c0 alice "$lab_password" +ipv6
must 10 "c0 has the first prefix" has_prefix c0 0
log_has srv 'PP\[ANONYMOUS01\] PPP/IPV6CP up  \(Local: fe80::.*, Remote: fe80::.*, Prefix: 2001:db8:100::/64\)$' ||
    fail "the log does not tell of IPv6"
carries_ping c0
carries_ping6 c0
[ "$(on srv sysctl -n net.ipv6.conf.ppp0.accept_ra)" -eq 0 ] ||
    fail "the server would heed the advertisements of a client"
must 10 "the advertisements are right" ras_are_right \
    'ipv6.hlim == 255 && ipv6.src == fe80::/10 && icmpv6.checksum.status == 1 &&
    icmpv6.nd.ra.router_lifetime == 64800 &&
    icmpv6.opt.prefix == 2001:db8:100:: && icmpv6.opt.prefix.length == 64 &&
    icmpv6.opt.prefix.flag.a == 1 && icmpv6.opt.prefix.flag.l == 0 &&
    icmpv6.opt.mtu == 1280 && icmpv6.opt.rdnss == 2001:db8:5::53'
must 20 "a solicitation is answered" c0_solicits \
    "$(ra_count 'ipv6.dst != ff02::1')"

step "a client without"
client_connect cli1 bob "$lab_password"
carries_ping cli1
routes6_are 1 || fail "a client without IPv6 got a route"
smuggles cli1

step "two more clients with it"
client_connect cli2 carol "$lab_password" +ipv6
must 10 "cli2 has the other prefix" has_prefix cli2 1
carries_ping6 cli2
[ "$(guard_count iifgroup)" -eq 0 ] ||
    fail "the server has dropped what a client sent from its address"
pretends c0 2001:db8:100:1::bad
client_disconnect cli1
client_connect cli1 bob "$lab_password" +ipv6
log_wait srv 10 "no prefix left in ipv6-pool of ppp \"lan\" for 'bob'"
log_has srv 'PPP/IPV6CP up  \(.*, Prefix: none\)$' ||
    fail "the log does not tell of IPv6 without a prefix"
carries_ping cli1
client_disconnect c0
must 10 "cli1 has the prefix that came free" has_prefix cli1 0
carries_ping6 cli1

step "a prefix of his own"
client_connect c0 dave "$lab_password" +ipv6
must 10 "c0 has its prefix" has_prefix c0 77
carries_ping6 c0
client_disconnect cli1
client_connect cli1 dave "$lab_password" +ipv6
must 10 "cli1 has it now" has_prefix cli1 77
carries_ping6 cli1
log_has srv "PPP down user 'dave': the same user dialled again" ||
    fail "the old session has not made room"
client_start_xl2tpd c0
must 15 "pppd of c0 ends" not client_has_ppp c0
client_ike_down c0

step "networks behind a client"
client_connect c0 erin "$lab_password" +ipv6
must 10 "c0 has the prefix of the other pool" has_prefix c0 20
is_behind 2001:db8:200:10::/60 || fail "there is no route to what is delegated"
is_behind 2001:db8:200:20::/64 || fail "there is no route to erin's network"
for a in 2001:db8:200:10::1 2001:db8:200:20::1; do
	on c0 ip addr add $a/128 dev "$(ppp_of c0)" nodad
	on c0 ping -n -q -c 3 -i 0.2 -W 3 -I $a $lan6 ||
	    fail "no answer from the LAN host to $a"
done
pretends cli2 2001:db8:200:1f::bad
client_disconnect c0
must 10 "the routes are gone" not is_behind 2001:db8:200:10::/60
is_behind 2001:db8:200:20::/64 && fail "a route is left"

step "pppd is killed"
on srv pkill -KILL -n -x pppd
must 10 "its route is gone" routes6_are 1
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_ike_down cli1

client_disconnect cli2
must 20 "the server is idle" server_is_idle
routes6_are 0 || fail "a route is left"
must 10 "an address of nobody is unreachable" \
    nobody_is_unreachable 2001:db8:100:1::1
server_end
radius_stop one
wire_is_protected
