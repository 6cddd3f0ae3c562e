# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The MSS of TCP through the server fits into the tunnel, whatever the ends say:
# the client is made to offer more than its own link has room for, and the LAN
# host knows of no tunnel.  The automatic MTU behind NAT is what the manual says,
# or the client's, if that is smaller.
syn_watch() {
	on "$1" tcpdump -Z root -n -l -i "$2" "tcp[13] & 2 != 0 and ($3)" \
	    </dev/null >"$out/$1.syn" 2>"$out/$1.tcpdump" &
	wait_until 10 grep -q 'listening on' "$out/$1.tcpdump" ||
	    fail "cannot capture on $1"
}

# syn_seen HOST MSS N: N, all with this MSS.
syn_seen() {
	[ "$(grep -c . "$out/$1.syn")" -eq "$3" ] &&
	    [ "$(grep -c "mss $2[],]" "$out/$1.syn")" -eq "$3" ]
}

listens() {
	on "$1" ss -Hltn "sport = $2" | grep -q .
}

# mss_is MSS: of both ends, in a connection each way.
mss_is() {
	local addr
	addr=$(client_address cli1 | cut -d/ -f1)
	on cli1 ip route replace 192.168.100.0/24 dev ppp0 advmss 1460
	syn_watch lan e0 "src host $addr"
	syn_watch cli1 ppp0 "src host $lan_host"
	carries_file cli1 64
	on cli1 timeout 60 socat -u TCP-LISTEN:9001,reuseaddr - >/dev/null &
	must 5 "cli1 listens" listens cli1 9001
	on lan timeout 20 socat -u OPEN:/dev/null "TCP:$addr:9001" ||
	    fail "the LAN host cannot connect to cli1"
	must 5 "the LAN host sees MSS $1" syn_seen lan "$1" 2
	must 5 "the client sees MSS $1" syn_seen cli1 "$1" 2
	host_kill lan INT tcpdump
	host_kill cli1 INT tcpdump
}

mtu_is() {
	on "$1" ip -o link show type ppp | grep -q " mtu $2 " ||
	    fail "MTU of $1: $(on "$1" ip -o link show type ppp)"
}

server_begin cli1
client_connect cli1 alice "$lab_password"
step "the MSS for an MTU of 1280"
mss_is 1240
client_disconnect cli1
must 20 "the server is idle" server_is_idle
! on srv nft list set inet lnsd_ppp clients | grep -q elements ||
    fail "the set of interfaces is not empty"
server_stop

step "an automatic MTU"
server_ppp="mtu = auto"
server_conf
sed -i 's/^ *mtu = 1280$//' "$lab/srv/lnsd.conf"
server_start
client_connect cli1 alice "$lab_password" 'mtu 1450' 'mru 1450'
mtu_is srv 1334
mtu_is cli1 1334
mss_is 1294
on cli1 ping -n -q -c 3 -i 0.2 -W 3 -M 'do' -s 1306 "$lan_host" ||
    fail "a packet of 1334 octets does not come through"
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
esp='udp port 4500 and udp[8:4] != 0'
[ "$(wire_count "$esp and ip[2:2] > 1454")" -eq 0 ] ||
    fail "ESP does not fit into 1454 octets"
[ "$(wire_count "$esp and ip[2:2] > 1400")" -gt 0 ] ||
    fail "no large packet was sent"
wire_is_protected
