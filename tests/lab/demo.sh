#!/bin/bash
# SPDX-License-Identifier: ISC
#
# demo.sh: the main job, for somebody who sees it for the first time: a client
# behind a NAT router dials in, reaches a host on the LAN, hangs up.  Status 0
# only if every step was good.
set -u
. "$(dirname "$(realpath "$0")")/start.sh"

lab_place 240 "$0"
out=$base/demo
rm -rf "$out"
mkdir -p "$out"

# The viewer reads 3; what the parts of the lab say goes to a file.
exec 3>&1 >"$out/demo.log" 2>&1 </dev/null

say() {
	echo "$*" >&3
}

heading() {
	printf '\n=== %s\n' "$*" >&3
}

fail() {
	watch_log
	{
		printf '\ndemo: FAILED: %s\n' "$*"
		tail -n 15 "$out/srv.log" | cut -c1-100
		echo "demo: everything else: $LNSD_BUILD/lab/demo"
	} >&3
	exit 1
}

# The lines of syslog that lnsd wrote since we looked last.
watched=0
watch_log() {
	local n
	n=$(wc -l <"$out/srv.log" 2>/dev/null) || return 0
	sed -n "$((watched + 1)),$n"'{
		s/^[A-Z][a-z]* *[0-9]* \([0-9:]*\) lnsd\[[0-9]*\]: /  \1 /
		t mine
		d
		:mine
		/ \(pluto\|ipsec\|udp\|ppp\): / d
		p
	}' "$out/srv.log" | cut -c1-100 >&3
	watched=$n
}

# watch SECONDS TEXT COMMAND...: the log as it grows, until COMMAND succeeds.
watch() {
	local end=$((SECONDS + $1)) text=$2
	shift 2
	until "$@"; do
		watch_log
		[ "$SECONDS" -lt "$end" ] || fail "$text: not in time"
	done
	watch_log
}

ike_ended() {
	! kill -0 "$1" 2>/dev/null
}

network() {
	heading "The network"
	say "
    laptop ----- NAT router ----- internet ----- lnsd ----- office LAN
    192.168.7.11   198.51.100.1          203.0.113.1        192.168.100.0/24

  The laptop runs Debian's libreswan, xl2tpd and pppd."
	lab_up
}

server() {
	heading "The server starts (its syslog, as it happens)"
	client_start cli1 &
	client_job=$!
	server_global='trace = yes'
	log_start srv
	server_conf
	snapshot "$out/before.snapshot"
	capture_start
	server_launch
	watch 40 "server start" server_ready
}

connect() {
	local job
	heading "The laptop connects: IKE, L2TP, PPP"
	wait $client_job || exit 1
	client_ike_up cli1 &
	job=$!
	watch 40 "IKE" ike_ended $job
	wait $job || fail "no IPsec SA"
	ike=$(sed -n 's/.*IPsec SA established transport mode {ESPinUDP=>[^ ]* <[^ ]* xfrm=\([^ ]*\) .*/\1/p' "$out/cli1.ike")
	say "  IPsec SA established, ESP in UDP${ike:+, $ike}"
	client_dial cli1 alice "$lab_password"
	watch 30 "L2TP and PPP" client_connected cli1
	address=$(client_address cli1)
	say "  the laptop has $address in the office LAN"
}

use() {
	heading "The tunnel is used"
	say "  laptop\$ ping $lan_host"
	on cli1 ping -n -c 3 -i 0.3 -W 3 "$lan_host" | sed -n 's/^[0-9]* bytes/  &/p' >&3
	carries_ping cli1
	say "  the LAN host pings the laptop: 3 of 3 answered"
	carries_file cli1 4096
	rate=$(awk '{ printf "%.1f Mbit/s", $1 / 1000 }' "$out/rate")
	say "  4 MiB sent to the LAN host, SHA-256 agrees, $rate"
}

hang_up() {
	heading "The laptop hangs up"
	client_hangup cli1
	watch 20 "end of the call" server_has_no_calls
	# Its last words would follow the SA in clear text.
	watch 20 "end of the laptop's pppd" not client_has_ppp cli1
	client_ike_down cli1
	watch 20 "end of the SA" server_is_idle
	heading "The server stops"
	host_kill srv TERM lnsd
	watch 20 "server stop" not server_runs
	wait "$server_job" || fail "lnsd ended with status $?"
	capture_stop
	snapshot_compare
	wire_is_protected
}

summary() {
	local in_log
	in_log() {
		sed -n "s/.*\[L2TP\] TUNNEL\[1\] $1 \([0-9]*\) established.*/\1/p" \
		    "$out/srv.log" | head -n 1
	}
	heading "What was on the wire between laptop and server"
	tcpdump -nr "$out/wire.pcap" -c 60 2>/dev/null | tail -n 5 |
	    cut -c1-96 | sed 's/^/  /' >&3
	say "  ..."
	say "  ESP in UDP 4500    $(wire_count 'udp port 4500 and udp[8:4] != 0') packets"
	say "  IKE                $(wire_count 'udp port 500 or (udp port 4500 and udp[8:4] = 0)') packets"
	say "  anything else      $(wire_count "ip and not ($protected)") packets"
	heading "Summary"
	say "  IKE          pre-shared key, NAT found${ike:+, $ike}"
	say "  L2TP         tunnel $(in_log tunnel), session $(in_log session)"
	say "  PPP          user alice, MS-CHAPv2"
	say "  address      $address"
	say "  throughput   $rate${LNSD_VM:+ (in an emulated machine)}"
	say "  left over    nothing"
	say ""
	say "demo: ok ($SECONDS s)"
}

network
server
connect
use
hang_up
summary
