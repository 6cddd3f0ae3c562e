# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What a user gets besides an address: networks behind him are reached through
# his link as long as it is up, what he sends and is sent is limited, and a
# program of the administrator's is told when he comes and goes.
routes_are() {
	[ "$(on srv ip -o route show | grep -c "$1")" -eq "$2" ]
}

tidy() {
	on lan ip route del 10.7.0.0/16
	on cli1 ip addr del 10.7.0.1/32 dev lo
} 2>/dev/null
trap tidy EXIT

listens() {
	on "$1" ss -Hltn "sport = $2" | grep -q .
}

# transfer FROM TO ADDRESS KILOBYTES: the rate in kbit/s goes to $rate.
transfer() {
	local from ms
	on "$2" timeout 180 socat -u TCP-LISTEN:9002,reuseaddr - >/dev/null &
	wait_until 5 listens "$2" 9002 || fail "$2 does not listen"
	from=$(date +%s%N)
	head -c $(($4 * 1024)) /dev/zero |
	    on "$1" timeout 180 socat -u - "TCP:$3:9002" ||
	    fail "the transfer from $1 to $2 broke off"
	wait $!
	ms=$((($(date +%s%N) - from) / 1000000))
	rate=$(($4 * 8192 / ms))
	step "$4 kB from $1 to $2 in $ms ms: $rate kbit/s"
}

# limited FREE LIMIT: $rate is what LIMIT lets through, and FREE, without one,
# is much more.
limited() {
	[ "$rate" -le $(($2 * 13 / 10)) ] || fail "more than $2 kbit/s"
	[ "$rate" -ge $(($2 / 4)) ] || fail "much less than $2 kbit/s"
	[ "$1" -ge $((rate * 2)) ] || fail "no more than that without a limit"
}

# What ip-up and ip-down were told, and that they were not there together.
mkdir -p "$lab/srv"
cat >"$lab/srv/hook" <<-'H'
	#!/bin/sh
	exec >>"${0%/*}/told"
	echo "$LNSD_USER begins"
	env | grep -E '^LNSD_(PROFILE|IFNAME|PEER|LOCAL|REMOTE)='
	env | grep -E '^LNSD_(CAUSE|CONNECT_TIME|RX_BYTES|TX_BYTES)='
	echo "$LNSD_USER ends"
H
chmod 0755 "$lab/srv/hook"

told() {
	grep -qE -- "$1" "$lab/srv/told"
}

server_ppp="ip-up = \"$lab/srv/hook\" ip-down = \"$lab/srv/hook\""
server_global="user \"carol\" {
	password = \"$lab_password\"
	routes = { \"10.7.0.0/16\", \"10.8.1.0/24\" }
	rate-up = 96k
	rate-down = 128
    }"
server_begin cli1
step "a user without limits"
client_connect cli1 alice "$lab_password"
transfer cli1 lan "$lan_host" 512
free_up=$rate
transfer lan cli1 "$(client_address cli1 | cut -d/ -f1)" 512
free_down=$rate
client_disconnect cli1
must 20 "the server has no call" server_has_no_calls

step "networks behind a user"
client_connect cli1 carol "$lab_password"
must 5 "there is a route to each" routes_are '10[.][78][.][01].0/.* dev ppp' 2
on cli1 ip addr add 10.7.0.1/32 dev lo
on lan ip route add 10.7.0.0/16 via 192.168.100.1
on lan ping -n -q -c 3 -i 0.2 -W 3 10.7.0.1 ||
    fail "the network behind carol does not answer"

step "limits of the rate"
transfer cli1 lan "$lan_host" 96
limited "$free_up" 96
transfer lan cli1 "$(client_address cli1 | cut -d/ -f1)" 128
limited "$free_down" 128
client_disconnect cli1
step "programs that are told"
must 10 "ip-down has run" told '^LNSD_CAUSE=.*peer'
told '^LNSD_RX_BYTES=[0-9]{5}' || fail "no octets counted"
told '^LNSD_REMOTE=192.168.100.2' || fail "no address told"
told '^LNSD_PEER=198.51.100.1$' || fail "no client told"
cat "$lab/srv/told"
[ "$(grep -c '^carol' "$lab/srv/told")" -eq 4 ] ||
    fail "not once each for carol"
must 10 "the routes are gone" routes_are ' dev ppp' 0
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
