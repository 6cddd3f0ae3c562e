# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The pppds of sessions are made by a prepared one: children of lnsd, each with
# random numbers of its own, small, and independent of it; and with
# pppd-prepared = no each is executed.
prepared_pid() {
	on srv pgrep -x lnsd-ppp
}

# In the order in which they began.
session_pids() {
	on srv pgrep -x pppd
}

sessions_are() {
	[ "$(session_pids | wc -l)" -eq "$1" ]
}

links_are() {
	[ "$(on srv ip -o link show type ppp | wc -l)" -eq "$1" ]
}

# pss_each: kilobytes of a session, and where they are.
pss_each() {
	local pids
	pids=$(session_pids | tr '\n' ' ')
	# shellcheck disable=SC2086,SC2016
	on srv bash -c 'for p; do cat "/proc/$p/smaps_rollup"; done' \
	    pss $pids | awk '/^Pss:/ { s += $2; n++ } END { print int(s / n) }'
}

# three_kinds PACKET REGEX: what matches in what the pppds sent.
three_kinds() {
	log_lines srv | grep -E "pppd\[[0-9]+\]: sent \[$1" |
	    grep -oE "$2" | sort -u >"$out/random"
	[ "$(wc -l <"$out/random")" -eq 3 ] ||
	    fail "$1 of three sessions: $(tr '\n' ' ' <"$out/random")"
}

three_dial() {
	local h job jobs=()
	for h in c0 cli1 cli2; do
		client_ike_up $h || fail "no IPsec SA for $h"
	done
	log_mark srv
	for h in c0 cli1 cli2; do
		client_dial $h $h "$lab_password" &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job"
	done
	for h in c0 cli1 cli2; do
		must 30 "$h has an address of the pool" client_connected $h
		carries_ping $h
	done
	sessions_are 3 || fail "not three pppds"
}

three_hang_up() {
	local h
	for h in c0 cli1 cli2; do
		client_disconnect $h
	done
	must 20 "the server is idle" server_is_idle
}

server_global="user \"c0\" { password = \"$lab_password\" }
    user \"cli1\" { password = \"$lab_password\" }
    user \"cli2\" { password = \"$lab_password\" }"
server_begin c0
client_start cli1
client_start cli2
! prepared_pid || fail "a prepared pppd before anybody has dialled"

step "three at once"
three_dial
prepared=$(prepared_pid) || fail "there is no prepared pppd"
lnsd=$(on srv pgrep -x lnsd)
for pid in $(session_pids); do
	[ "$(on srv ps -o ppid= -p "$pid" | tr -d ' ')" = "$lnsd" ] ||
	    fail "pppd $pid is no child of lnsd"
	[ "$(on srv ps -o pgid= -p "$pid" | tr -d ' ')" = "$pid" ] ||
	    fail "pppd $pid has no process group of its own"
	# It was not executed: the command line is that of the prepared one.
	on srv cmp "/proc/$pid/cmdline" "/proc/$prepared/cmdline" ||
	    fail "pppd $pid was not made by the prepared one"
	on srv grep -qz 'lnsd-prepared' "/proc/$pid/cmdline" ||
	    fail "pppd $pid has another command line"
	on srv ls -l "/proc/$pid/fd" >>"$out/fds"
done
three_kinds 'LCP ConfReq' '<magic 0x[0-9a-f]+>'
three_kinds 'CHAP Challenge' '<[0-9a-f]+>'
pss_prepared=$(pss_each)

step "the prepared pppd is killed"
on srv kill -KILL "$prepared"
log_wait srv 10 'the prepared pppd of ppp "lan" ended: killed by signal 9'
must 10 "it is buried" not on srv kill -0 "$prepared"
sessions_are 3 || fail "a session has ended with it"
for h in c0 cli1 cli2; do
	carries_ping $h
done
client_disconnect cli1
client_connect cli1 cli1 "$lab_password"
carries_ping cli1
three_hang_up
client_connect cli1 cli1 "$lab_password"
again=$(prepared_pid) || fail "there is no prepared pppd again"
[ "$again" != "$prepared" ] || fail "the prepared pppd is the old one"

step "a session crashes"
on srv pkill -SEGV -x pppd
log_wait srv 10 "PPP down user 'cli1': pppd crashed"
must 10 "the prepared pppd is replaced" not on srv kill -0 "$again"
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_start_xl2tpd cli1
client_dial cli1 cli1 "$lab_password"
must 30 "cli1 has an address of the pool" client_connected cli1
carries_ping cli1
[ "$(prepared_pid)" != "$again" ] || fail "the prepared pppd is the old one"
client_disconnect cli1
must 20 "the server is idle" server_is_idle

step "lnsd is killed"
three_dial
host_kill srv KILL lnsd
must 10 "the children of lnsd end" \
    not host_runs srv lnsd pppd lnsd-ppp pluto
must 10 "no interface is left" links_are 0
[ -z "$(on srv find /run -name 'ppp*.pid')" ] || fail "a pid file is left"
for h in c0 cli1 cli2; do
	host_kill $h KILL pppd
	client_ike_down $h
	client_start $h
done

step "without"
server_ppp='pppd-prepared = no'
server_conf
server_start
three_dial
! prepared_pid || fail "a prepared pppd though it is switched off"
pss_executed=$(pss_each)
step "PSS: $pss_prepared kB prepared, $pss_executed kB executed"
[ $((pss_prepared * 2)) -lt "$pss_executed" ] ||
    fail "PSS $pss_prepared kB prepared, $pss_executed kB executed"
three_hang_up
server_end
wire_is_protected 'src 203.0.113.1'
