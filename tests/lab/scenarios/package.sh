# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The Debian package on a machine with systemd: installed, configured, dialled,
# reloaded, hung, upgraded, removed and purged.
server_ppp='ip-up = "/etc/lnsd/up"'

box() {
	on box "$@"
}

# unit PROPERTY: its value.
unit() {
	box systemctl show -P "$1" lnsd
}

unit_is() {
	[ "$(unit "$1")" = "$2" ]
}

# The server is up, by another process than PID.
other_main() {
	unit_is ActiveState active && ! unit_is MainPID "$1"
}

journal_has() {
	box journalctl -q -o cat -u lnsd | grep -q -- "$1"
}

# install FILE
install_deb() {
	box tee /root/lnsd.deb <"$1" >/dev/null
	box dpkg -i /root/lnsd.deb || fail "dpkg -i fails"
}

# newer_deb: the same with a higher version.
newer_deb() {
	local dir=$lab/box/newer
	dpkg-deb -R "$deb" "$dir"
	sed -i 's/^Version: .*/&+lab/' "$dir/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$dir" "$lab/box/newer.deb"
}

# children: of lnsd, and lnsd.
children() {
	box cat "/sys/fs/cgroup$(unit ControlGroup)/cgroup.procs"
}

# none_tells: no child could speak for lnsd.
none_tells() {
	local p
	for p in $(children); do
		[ "$p" != "$(unit MainPID)" ] || continue
		! box cat "/proc/$p/environ" | tr '\0' '\n' |
		    grep -E '^(NOTIFY_SOCKET|WATCHDOG)' || return
	done
}

all_confined() {
	local p
	for p in $(children); do
		[ "$(box cat "/proc/$p/attr/current")" = "lnsd (enforce)" ] ||
		    return
	done
}

# cli1, as after a reboot.
dial_again() {
	host_kill cli1 KILL pppd xl2tpd
	client_stop_pluto cli1
	client_start cli1
	client_connect cli1 alice "$lab_password"
	carries_ping cli1
}

# Files, and directories that were not there, without those of the package
# manager, systemd and man.
written() {
	local path
	machine_written box |
	    grep -vE '^/(run|proc|tmp|root|var/log|var/lib/dpkg|var/lib/systemd|var/cache/(apparmor|man)|usr/lib/modules|etc/(group|gshadow)-?$)' |
	    while read -r path; do
		    [ -d "$path" ] || echo "$path"
	    done | sort
}

deb=$(ls "$LNSD_BUILD"/deb/lnsd_*.deb) || fail "no package (make deb)"
client_start cli1 &
client_job=$!
machine_add box srv
server_conf
snapshot "$out/before.snapshot"

step "install"
written >"$out/before.written"
[ -s "$out/before.written" ] || fail "nothing is known of the files"
install_deb "$deb"
unit_is UnitFileState enabled || fail "it is not enabled"
unit_is ActiveState inactive || fail "it runs without a configuration"
[ -z "$(box systemctl --failed -q)" ] || fail "a unit has failed"
box getent group lnsd || fail "no group"
box systemd-analyze verify lnsd.service 2>&1 | tee "$out/verify"
! grep lnsd "$out/verify" || fail "systemd-analyze has found something"
box systemd-analyze security --no-pager lnsd.service >"$out/security"
tail -n1 "$out/security"
box systemd-analyze security -q --threshold=40 lnsd.service ||
    fail "the service is more exposed than it was"

step "configure, start, dial"
grep -v state-dir "$lab/srv/lnsd.conf" |
    box bash -c 'umask 077; cat >/etc/lnsd/lnsd.conf'
# shellcheck disable=SC2016
box bash -c 'cat >/etc/lnsd/up; chmod 700 /etc/lnsd/up' <<-'H'
	#!/bin/sh
	exec >/run/lnsd/up 2>&1
	ip -br link show "$LNSD_IFNAME"
	touch /usr/touched && echo escaped
H
box mkdir -p /run/systemd/system/lnsd.service.d
box tee /run/systemd/system/lnsd.service.d/lab.conf <<<"[Service]
WatchdogSec=12"
box systemctl daemon-reload
box systemctl start lnsd || fail "it does not start: $(
	box journalctl -q -o cat -n1 -u lnsd)"
unit_is StatusText "ready: tunnels 0, sessions 0" ||
    fail "its status is $(unit StatusText)"
wait "$client_job" || exit 1
client_connect cli1 alice "$lab_password"
carries_ping cli1
must 20 "the status tells of it" \
    unit_is StatusText "ready: tunnels 1, sessions 1"
must 10 "ip-up has run" box grep '^ppp0' /run/lnsd/up
! box grep escaped /run/lnsd/up || fail "/usr can be written"
none_tells || fail "a child can speak for lnsd"
all_confined || fail "not everything is confined by AppArmor"

step "reload"
main=$(unit MainPID)
box systemctl reload lnsd || fail "it does not reload"
must 10 "it is ready again" journal_has "reload: "
unit_is ActiveState active || fail "it is $(unit ActiveState)"
box cp /etc/lnsd/lnsd.conf /root/right
box sed -i 's/mtu = 1280/mtu = many/' /etc/lnsd/lnsd.conf
! box systemctl reload lnsd || fail "a mistake can be loaded"
journal_has 'lnsd.conf:[0-9]*: .*mtu' || fail "it does not tell the mistake"
box cp /root/right /etc/lnsd/lnsd.conf
unit_is MainPID "$main" || fail "it has been started again"
carries_ping cli1

step "upgrade"
newer_deb
install_deb "$lab/box/newer.deb"
other_main "$main" || fail "the new version does not run"
journal_has 'TUNNEL.1. disconnect tunnel [0-9]* complete' ||
    fail "the client was not told"
dial_again

step "it hangs"
main=$(unit MainPID)
box kill -STOP "$main"
must 30 "another one runs" other_main "$main"
must 60 "systemd has started it again, once" unit_is NRestarts 1
must 60 "that one is ready" other_main "$main"
journal_has 'Watchdog timeout' || fail "it was not the watchdog"
dial_again

step "remove and purge"
client_disconnect cli1
# Of lnsctl setup.
box nft add table ip lnsd_nat || fail "no table"
box dpkg -r lnsd || fail "dpkg -r fails"
box test -e /etc/lnsd/lnsd.conf || fail "the configuration is gone"
! box pgrep -l 'lnsd|pluto|pppd' || fail "it still runs"
box test ! -e /run/lnsd || fail "/run/lnsd is left"
snapshot_compare
box dpkg -P lnsd || fail "dpkg -P fails"
box rm -r /run/systemd/system/lnsd.service.d
written >"$out/after.written"
diff "$out/before.written" "$out/after.written" ||
    fail "files are left: $(diff "$out/before.written" \
	"$out/after.written" | sed -n 's/^> //p' | tr '\n' ' ')"
[ -z "$(box systemctl --failed -q)" ] || fail "a unit has failed"
! dmesg | grep 'apparmor="DENIED"' >"$out/denied" ||
    fail "AppArmor stands in the way: $(head -n1 "$out/denied")"
