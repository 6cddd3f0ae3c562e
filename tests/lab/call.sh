# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A call and what it must carry.

lan_host=192.168.100.10

# carries_ping HOST: both ways between HOST and the LAN host (the way back
# needs the server's proxy ARP).
carries_ping() {
	local addr
	addr=$(client_address "$1") || fail "$1 has no address"
	on "$1" ping -n -q -c 3 -i 0.2 -W 3 "$lan_host" ||
	    fail "no answer from the LAN host to $1"
	on lan ping -n -q -c 3 -i 0.2 -W 3 "$addr" ||
	    fail "no answer from $1 ($addr) to the LAN host"
}

# carries_file HOST KILOBYTES: to the LAN host, and the sums agree; the rate
# in kbit/s goes to $out/rate.
carries_file() {
	local sent=$lab/$1/sent got=$lab/lan/got from ms
	head -c "$(($2 * 1024))" /dev/urandom >"$sent"
	rm -f "$got"
	on lan timeout 60 socat -u TCP-LISTEN:9000,reuseaddr "CREATE:$got" &
	wait_until 5 lan_listens || fail "the LAN host does not listen"
	from=$(date +%s%N)
	on "$1" timeout 60 socat -u "OPEN:$sent" "TCP:$lan_host:9000" ||
	    fail "the transfer from $1 broke off"
	wait $!
	ms=$((($(date +%s%N) - from) / 1000000))
	echo $(($2 * 8192 / ms)) >"$out/rate"
	[ "$(sha256sum <"$sent")" = "$(sha256sum <"$got")" ] ||
	    fail "the file arrived with another sum"
	step "$2 kB transferred in $ms ms"
}

# ping_start HOST ADDRESS [INTERVAL]: until ping_stop.
ping_start() {
	on "$1" ping -D -n -i "${3:-0.2}" "$2" >"$out/ping.$1.$2" &
	wait_until 5 ping_answered "$1" "$2" ||
	    fail "no answer from $2 to $1"
}

ping_answered() {
	grep -q 'icmp_seq=' "$out/ping.$1.$2"
}

# ping_stop HOST: all of its pings.
ping_stop() {
	host_kill "$1" INT ping
	wait_until 10 not host_runs "$1" ping
}

# ping_lost HOST ADDRESS: how many had no answer, though a later one had.
ping_lost() {
	awk -F'icmp_seq=' 'NF > 1 && !/DUP|nreachable/ { n++; last = $2 + 0 }
	    END { print last - n }' "$out/ping.$1.$2"
}

# ping_gaps HOST ADDRESS: when, for whoever looks into a failure.
ping_gaps() {
	awk -F'icmp_seq=' 'NF > 1 {
		if ($2 + 0 > last + 1)
			print last " was answered at " was ", then " $0
		last = $2 + 0
		was = $1
		sub(/ .*/, "", was)
	}' "$out/ping.$1.$2"
}

# ping_lost_at_most N HOST ADDRESS: or fail.
ping_lost_at_most() {
	local lost
	lost=$(ping_lost "$2" "$3")
	step "$2 to $3: $(grep -c 'icmp_seq=' "$out/ping.$2.$3") answers, $lost lost"
	[ "$lost" -le "$1" ] || {
		ping_gaps "$2" "$3"
		fail "$2 to $3: $lost packets lost"
	}
}

lan_listens() {
	[ -n "$(on lan ss -Hltn 'sport = 9000')" ]
}

# whole_call HOST ADDRESS USER HANGUP: connects, uses the tunnel, hangs up by
# HANGUP; the server sees ADDRESS, logs the call and has nothing left of it.
whole_call() {
	local host=$1 seen=${2//./\\.} user=$3
	step "call of $user from $host"
	log_mark srv
	client_connect "$host" "$user" "$lab_password"
	carries_ping "$host"
	carries_file "$host" 512
	client_disconnect "$host" "$4"
	must 20 "the server is idle" server_is_idle
	log_order srv \
	    "\[L2TP\] TUNNEL\[[0-9]+\] connected from $seen$" \
	    '\[L2TP\] TUNNEL\[[0-9]+\] tunnel [0-9]+ established$' \
	    '\[L2TP\] TUNNEL\[[0-9]+\] session [0-9]+ established$' \
	    '\[L2TP\] TUNNEL\[[0-9]+\] disconnect session [0-9]+ complete$' \
	    '\[L2TP\] TUNNEL\[[0-9]+\] disconnect tunnel [0-9]+ complete$'
}
