# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# lnsd as a daemon: the command returns when clients may dial, or says why not.
daemon() {
	on srv "$LNSD_BUILD/lnsd" -c "$lab/srv/lnsd.conf" \
	    -p "$LNSD_BUILD/lnsd-ppp.so" </dev/null >"$out/daemon.out" 2>&1
}

pid_file=/run/lnsd/lnsd.pid

log_start srv
client_start cli1
server_conf
snapshot "$out/before.snapshot"
capture_start
step "start"
daemon || fail "lnsd did not start: $(tail -n1 "$out/daemon.out")"
[ "$(on srv cat $pid_file)" = "$(on srv pgrep -x lnsd)" ] ||
    fail "the pid file is wrong"
step "a second one"
! daemon || fail "a second lnsd started beside the first"
grep -q 'another lnsd runs' "$out/daemon.out" ||
    fail "the second does not say why: $(tail -n1 "$out/daemon.out")"
step "a call"
client_connect cli1 alice "$lab_password"
carries_ping cli1
client_disconnect cli1
must 20 "the server is idle" server_is_idle
on srv bash -c "kill \$(cat $pid_file)"
must 20 "lnsd ends" not host_runs srv lnsd

step "a start that cannot be"
on srv socat -u UDP-RECV:500,bind=203.0.113.1 /dev/null &
wait_until 5 on srv bash -c "ss -Hlun 'sport = 500' | grep -q ." ||
    fail "nobody took port 500"
! daemon || fail "lnsd started though the port of IKE is taken"
grep -q 'UDP port 500 is taken' "$out/daemon.out" ||
    fail "it does not say why: $(tail -n1 "$out/daemon.out")"
host_kill srv TERM socat
must 10 "nothing is left running" not host_runs srv lnsd pluto socat
capture_stop
snapshot_compare
wire_is_protected
