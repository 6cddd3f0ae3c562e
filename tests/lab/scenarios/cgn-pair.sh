# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Two households behind the NAT of their provider, each behind a router of its
# own with the same addresses inside: the same IKE identity and the same public
# address.  Either can leave and come back, or vanish.
#
#   home2 192.168.7.11 --- nat2 100.64.2.2 ---+
#   home3 192.168.7.11 --- nat3 100.64.3.2 ---+--- nat 198.51.100.1
household() {
	host_add "nat$1" "home$1"
	wire nat "h$1" "100.64.$1.1/24" "nat$1" wan "100.64.$1.2/24"
	link "nat$1" in "home$1" e0
	addresses "nat$1" <<-A
		link set in up
		addr add 192.168.7.1/24 dev in
		route add default via 100.64.$1.1
	A
	client_net "home$1" 192.168.7.11 192.168.7.1
	forwards "nat$1"
	nat_rules "nat$1" masquerade
}

# again HOST OTHER: HOST leaves and dials again, OTHER does not notice.
again() {
	step "$1 leaves and comes back"
	ping_start "$2" "$lan_host"
	client_disconnect "$1"
	client_connect "$1" alice "$lab_password"
	carries_ping "$1"
	ping_stop "$2"
	ping_lost_at_most 0 "$2" "$lan_host"
}

# vanishes HOST OTHER: HOST is gone without a word, OTHER does not notice.
vanishes() {
	step "$1 vanishes"
	log_mark srv
	ping_start "$2" "$lan_host"
	client_vanish "$1"
	gone=$SECONDS
	log_wait srv 30 'the peer does not answer keepalive'
	must 20 "its SAs are gone" server_has_sas 2
	sleep_until $((gone + 5 + 40 + 5))
	ping_stop "$2"
	ping_lost_at_most 0 "$2" "$lan_host"
	! log_has srv 'given up' || fail "dead peer detection has found somebody"
	carries_ping "$2"
}

server_keepalive='keepalive { interval = 2 count = 3 }'
server_ipsec='dpd-delay = 5
    dpd-timeout = 40'
household 2
household 3
server_begin home2
client_start home3
client_connect home2 alice "$lab_password"
client_connect home3 bob "$lab_password"
carries_ping home2
carries_ping home3
again home2 home3
again home3 home2
vanishes home3 home2
client_disconnect home2
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
