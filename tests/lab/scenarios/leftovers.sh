# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Many sessions, and then somebody dies: every pppd, of 500; those that happen to
# be setting one up; the clients; lnsd itself.  Nothing of it is left afterwards.
# Without IPsec, of which there is one SA for each client elsewhere.
load_start() {
	on c0 "$LNSD_BUILD/bench/setup" -n "$1" -u alice -p "$lab_password" \
	    203.0.113.1 </dev/null >"$out/load" 2>"$out/load.stderr" &
}

load_stop() {
	host_kill c0 KILL setup
	must 10 "the clients have vanished" not host_runs c0 setup
}

load_is_up() {
	grep -q connected "$out/load" || {
		host_runs c0 setup || fail "$(cat "$out/load.stderr")"
		return 1
	}
}

links_are() {
	[ "$(on srv ip -o link show type ppp | wc -l)" -eq "$1" ]
}

# all_up COUNT
all_up() {
	load_start "$1"
	must 120 "$1 clients are connected" load_is_up
	links_are "$1" || fail "there are not $1 interfaces"
}

nothing_left() {
	must 90 "the server is idle" server_is_idle
	# shellcheck disable=SC2016
	on srv bash -c 'for f in /run/ppp[0-9]*.pid; do
	    [ ! -e "$f" ] || exit 1; done' || fail "pid files of pppd are left"
}

server_mode=off server_pool='"10.99.0.0/22"'
server_keepalive='keepalive { interval = 3  count = 2 }'
server_ppp='max-login-failures = 0'
server_begin c0

step "every pppd is killed"
all_up 500
host_kill srv KILL pppd
must 60 "no interface is left" links_are 0
load_stop
nothing_left

step "the newest pppd is killed, again and again"
# From before the first is there: all may be connected within half a second.
trap 'touch "$out/enough"' EXIT
# shellcheck disable=SC2016
on srv bash -c 'until [ -e "$1" ]; do pkill -KILL -n -x pppd; done' \
    killer "$out/enough" &
killer=$!
load_start 100
must 20 "the clients begin" host_runs c0 setup
while host_runs c0 setup && ! grep -q connected "$out/load"; do
	sleep 0.2
done
touch "$out/enough"
wait "$killer" || true
! grep -q connected "$out/load" || fail "none of the killed was missed"
nothing_left

step "the clients vanish"
all_up 150
load_stop
nothing_left

step "lnsd is killed"
all_up 150
host_kill srv KILL lnsd
must 60 "its children end" not host_runs srv lnsd lnsd-ppp pppd
must 30 "no interface is left" links_are 0
load_stop
nothing_left
server_start
server_end
