# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What an administrator may have wrong is brought about, one by one, and lnsctl
# doctor names it and the way out.

forbid=/etc/modprobe.d/lab-doctor.conf
ordinary() {
	rm -f $forbid
	modprobe -a l2tp_ppp
	on srv sysctl -qw net.ipv4.ip_forward=1 \
	    net.ipv6.conf.all.forwarding=0 net.ipv4.conf.e0.rp_filter=0
	on srv nft delete table inet closed
	on srv nft delete table ip6 filter
	on srv ip route del default dev lan0
	on srv ip addr del 2001:db8:1::1/64 dev e0
	on srv sysctl -qw net.ipv6.conf.e0.disable_ipv6=1
	host_kill srv CONT pluto
	host_kill srv KILL socat xl2tpd charon
} 2>/dev/null
trap ordinary EXIT

# doctor [PREPARATION [OPTION]]: in mounts of its own, after these commands; a
# finding and its mend become one line.
doctor() {
	local status=0
	on srv unshare -m sh -c "${1:-:}; exec '$LNSD_BUILD/lnsctl' \
	    -c '$lab/srv/lnsd.conf' ${2:-} doctor \
	    --plugin '$LNSD_BUILD/lnsd-ppp.so'" >"$out/doctor.raw" 2>&1 ||
	    status=$?
	sed -e ':a' -e 'N;$!ba' -e 's/\n  *-> / -> /g' \
	    "$out/doctor.raw" >"$out/doctor.out"
	return $status
}

# found STATE CHECK WHAT MEND: a line of doctor's.
found() {
	grep -E "^$1 +$2: .*$3.* -> .*$4" "$out/doctor.out" || {
		cat "$out/doctor.out"
		fail "doctor does not find: $1 $2 $3"
	}
}

# fails [PREPARATION]: and all that is bad has a way out.
fails() {
	local status=0
	doctor "$@" || status=$?
	[ $status -eq 1 ] || fail "doctor exits with $status"
	! grep -E '^(FAIL|warn)' "$out/doctor.out" | grep -v ' -> ' ||
	    fail "it does not say how to mend that"
}

unload() {
	modprobe -r l2tp_ppp || rmmod l2tp_ppp
}

is_well() {
	doctor || fail "not well: $(grep FAIL "$out/doctor.out")"
}

# mend: as the firewall's lines say it.
mend() {
	sed -n 's/^.* firewall: .* -> \(.* [aA][cC][cC][eE][pP][tT]\),.*/\1/p' \
	    "$out/doctor.out" >"$out/mend"
	on srv sh -ex "$out/mend" || fail "a command that mends fails"
}

log_start srv
server_conf
step "not started yet"
fails
found FAIL server 'does not answer' 'lnsd'
server_start
doctor : --json || fail "it is not well: $(cat "$out/doctor.out")"
python3 -c 'import json, sys
found = {f["check"]: f["state"] for f in json.load(sys.stdin)}
assert found["server"] == found["pluto"] == found["ports"] == "ok", found' \
    <"$out/doctor.out" || fail "its JSON is wrong"

step "forwarding, routes, guard, pluto, clock, what libreswan lacks"
on srv sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.e0.rp_filter=1
on srv ip route add default via 192.168.100.254 dev lan0 metric 500
on srv nft delete table ip6 lnsd_guard
host_kill srv STOP pluto
server_ppp='ipv6-pool = "2001:db8:100::/56"' server_ipsec='proposals = legacy'
server_listen='"203.0.113.1", "2001:db8:1::1"'
server_conf
fails
cat "$out/doctor.out"
found FAIL forwarding 'no IPv4' 'sysctl -w net.ipv4.ip_forward=1'
found FAIL forwarding 'no IPv6' 'sysctl -w net.ipv6.conf.all.forwarding=1'
found warn rp_filter 'e0 is strict' 'sysctl -w net.ipv4.conf.e0.rp_filter=2'
found FAIL guard 'taken out' 'restart lnsd'
found FAIL pluto 'does not answer' 'restart lnsd'
found warn libreswan 'DH group 2|modp1024' 'USE_DH2'
grep -qE '^(ok    clock: .*follows|warn  clock: .* -> apt-get)' \
    "$out/doctor.out" || fail "it does not tell of the clock"
ordinary
server_stop

step "a firewall that drops all, and is mended as it says"
on srv sysctl -qw net.ipv6.conf.e0.disable_ipv6=0 \
    net.ipv6.conf.all.forwarding=1
on srv ip addr add 2001:db8:1::1/64 dev e0 nodad
on srv nft -f - <<-N
	table inet closed {
		chain input {
			type filter hook input priority 0; policy drop;
			ct state { established, related } accept
			udp dport 500 accept
		}
		chain output {
			type filter hook output priority 0; policy drop;
			ct state established accept
		}
		chain forward {
			type filter hook forward priority 0; policy drop;
		}
	}
N
on srv ip6tables-nft -P INPUT DROP
server_start
fails
cat "$out/doctor.out"
found FAIL firewall '\(inet closed input\) drops UDP 4500' \
    'nft insert rule inet closed input'
found FAIL firewall 'output\) drops UDP 1701 into IPsec' 'rt ipsec exists'
found FAIL firewall 'forward\) drops what clients send' 'iifname'
found warn firewall 'ip6 filter INPUT\) drops UDP 500 over IPv6' \
    'ip6tables -I INPUT -p udp --dport 500 -j ACCEPT'
! grep -E 'closed (in|out)put\) drops .*UDP 500' "$out/doctor.out" ||
    fail "UDP 500 is open"
mend
is_well
! grep '^warn  firewall' "$out/doctor.out" || fail "it is not mended"
server_stop
ordinary
server_ppp='' server_ipsec='' server_listen='"203.0.113.1"'

step "a mistake in the configuration; a module turned off; ufw"
server_conf
sed -i 's/mtu = 1280/mtu = 12800/' "$lab/srv/lnsd.conf"
unload || fail "l2tp_ppp is in use"
echo 'install l2tp_ppp /bin/false' >$forbid
fails "mount -t tmpfs none /usr/local/sbin
printf '#!/bin/sh\\necho Status: active\\n' >/usr/local/sbin/ufw
chmod +x /usr/local/sbin/ufw
nft add table inet closed
nft 'add chain inet closed input { type filter hook input priority 0; policy drop; }'"
found FAIL configuration 'lnsd.conf:[0-9]*: .*mtu' 'lnsd -t'
found FAIL modules 'told not to load l2tp_ppp' 'modprobe.d'
found FAIL firewall 'ufw is active, and seems not to let in' 'ufw allow 500'
ordinary
server_conf

step "ports of others, no modules, /dev/ppp"
cp "$(command -v socat)" "$out/charon"
on srv "$out/charon" -u UDP-RECV:500,bind=203.0.113.1 /dev/null &
cp "$(command -v socat)" "$out/pluto"
on srv "$out/pluto" -u UDP-RECV:4500,bind=203.0.113.1 /dev/null &
client_xl2tpd_conf srv >"$lab/srv/xl2tpd.conf"
on srv xl2tpd -c "$lab/srv/xl2tpd.conf" -p /run/xl2tpd/pid \
    -C /run/xl2tpd/l2tp-control
# shellcheck disable=SC2016
wait_until 10 on srv bash -c 'for p in 500 4500 1701; do
    ss -Hlun "sport = $p" | grep -q . || exit; done' ||
    fail "nobody took the ports"
unload || fail "l2tp_ppp is in use"
fails 'mount -t tmpfs none /lib/modules
mount --bind /dev/ppp /dev/ppp && mount -o remount,bind,nodev /dev/ppp'
cat "$out/doctor.raw"
found FAIL ports 'UDP port 500 is taken by charon' 'disable --now strongswan'
found FAIL ports 'UDP port 4500 is taken by pluto' 'disable --now ipsec'
found FAIL ports 'UDP port 1701 is taken by xl2tpd' 'disable --now xl2tpd'
found FAIL modules 'has no modules .*l2tp_ppp' 'reboot'
found FAIL ppp '/dev/ppp cannot be opened' 'modprobe ppp_generic'
host_kill srv KILL pluto
ordinary
