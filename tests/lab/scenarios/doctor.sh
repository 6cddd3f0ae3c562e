# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What an administrator may have wrong is brought about, one by one, and lnsctl
# doctor names it and the way out.

forbid=/etc/modprobe.d/lab-doctor.conf
ordinary() {
	rm -f $forbid
	modprobe -a l2tp_ppp
	on srv sysctl -qw net.ipv4.ip_forward=1
	on srv nft delete table ip closed
	host_kill srv CONT pluto
	host_kill srv KILL socat xl2tpd
} 2>/dev/null
trap ordinary EXIT

doctor() {
	on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" doctor \
	    --plugin "$LNSD_BUILD/lnsd-ppp.so" "$@" >"$out/doctor.out" 2>&1
}

# finds STATE CHECK WHAT MEND: a line of doctor's, and its exit status.
finds() {
	local status=0
	doctor || status=$?
	cat "$out/doctor.out"
	grep -E "^$1 +$2: .*$3.* -> .*$4" "$out/doctor.out" ||
	    fail "doctor does not find: $1 $2 $3"
	case $1 in
	FAIL) [ $status -eq 1 ] || fail "it exits with $status" ;;
	esac
}

is_well() {
	doctor || fail "not well: $(grep FAIL "$out/doctor.out")"
}

log_start srv
server_conf
step "not started yet"
finds FAIL server 'does not answer' 'systemctl enable --now lnsd'
server_start
is_well
cat "$out/doctor.out"
doctor --json || fail "with --json it exits otherwise"
python3 -c 'import json, sys
found = {f["check"]: f["state"] for f in json.load(sys.stdin)}
assert found["server"] == found["pluto"] == found["ports"] == "ok", found' \
    <"$out/doctor.out" || fail "its JSON is wrong"

step "forwarding, firewall, guard, pluto"
on srv sysctl -qw net.ipv4.ip_forward=0
on srv nft -f - <<-N
	table ip closed {
		chain input {
			type filter hook input priority 0; policy drop
			ct state { established, related } accept
			udp dport 500 accept
		}
	}
N
on srv nft delete table ip lnsd_guard
host_kill srv STOP pluto
finds FAIL forwarding 'no IPv4' 'sysctl -w net.ipv4.ip_forward=1'
grep 'closed input) drops UDP 4500: .*nft insert rule ip closed input' \
    "$out/doctor.out" || fail "it does not find that UDP 4500 is closed"
! grep 'drops UDP 500' "$out/doctor.out" || fail "UDP 500 is open"
grep '^FAIL  guard: .*restart lnsd' "$out/doctor.out" ||
    fail "it does not find that the guard has gone"
grep '^FAIL  pluto: pluto does not answer' "$out/doctor.out" ||
    fail "it does not find that pluto hangs"
ordinary
server_stop
server_start
is_well

step "a mistake in the configuration"
sed -i 's/mtu = 1280/mtu = 12800/' "$lab/srv/lnsd.conf"
finds FAIL configuration 'lnsd.conf:[0-9]*: .*mtu' 'lnsd -t'
server_conf
server_stop

step "ports and a module"
on srv socat -u UDP-RECV:500,bind=203.0.113.1 /dev/null &
client_xl2tpd_conf srv >"$lab/srv/xl2tpd.conf"
on srv xl2tpd -c "$lab/srv/xl2tpd.conf" -p /run/xl2tpd/pid \
    -C /run/xl2tpd/l2tp-control
wait_until 10 on srv bash -c "ss -Hlun 'sport = 500' | grep -q . &&
    ss -Hlun 'sport = 1701' | grep -q ." || fail "nobody took the ports"
finds FAIL ports 'UDP port 500 is taken by socat' 'stop that program'
grep 'UDP port 1701 is taken by xl2tpd .*systemctl disable --now xl2tpd' \
    "$out/doctor.out" || fail "it does not find xl2tpd"
host_kill srv TERM socat xl2tpd
wait_until 10 not host_runs srv socat xl2tpd
echo 'install l2tp_ppp /bin/false' >$forbid
modprobe -r l2tp_ppp || rmmod l2tp_ppp || fail "l2tp_ppp is in use"
finds FAIL modules 'told not to load l2tp_ppp' 'modprobe.d'
ordinary
