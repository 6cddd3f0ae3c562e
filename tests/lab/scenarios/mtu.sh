# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The MSS of TCP through the server fits into the tunnel, whatever the ends say:
# the client is made to offer more than its own link has room for, and the LAN
# host knows of no tunnel.
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

server_begin cli1
client_connect cli1 alice "$lab_password"
step "the MSS for an MTU of 1280"
mss_is 1240
client_disconnect cli1
must 20 "the server is idle" server_is_idle
! on srv nft list set inet lnsd_ppp clients | grep -q elements ||
    fail "the set of interfaces is not empty"
server_end
wire_is_protected
