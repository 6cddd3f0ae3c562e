# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A server by lnsctl setup, with flags alone; a client dials with what it has
# printed.

conf=$lab/srv/made/lnsd.conf
ordinary() {
	host_kill srv TERM lnsd
	wait_until 20 not host_runs srv lnsd pluto
	groupdel lnsd
	rm -rf /etc/sysctl.d/60-lnsd.conf "$lab/srv/made" "$lab/srv/secret"
	on srv nft delete table ip lnsd_nat
	on srv sysctl -qw net.ipv4.ip_forward=1
} >/dev/null 2>&1
trap ordinary EXIT

setup() {
	on srv "$LNSD_BUILD/lnsctl" -c "$conf" setup --yes \
	    --plugin "$LNSD_BUILD/lnsd-ppp.so" --start-command \
	    "$LNSD_BUILD/lnsd -c $conf -p $LNSD_BUILD/lnsd-ppp.so" "$@" \
	    </dev/null >"$out/setup.out" 2>&1
}

# refuses TEXT FLAG...: and nothing was done.
refuses() {
	local text=$1
	shift
	! setup "$@" || fail "setup accepts $*"
	grep -e "$text" "$out/setup.out" ||
	    fail "setup $* does not say '$text': $(tail -n1 "$out/setup.out")"
	[ ! -e "$conf" ] || fail "setup $* has written $conf"
	[ ! -e /etc/sysctl.d/60-lnsd.conf ] ||
	    fail "setup $* has written for sysctl"
	[ "$(on srv sysctl -n net.ipv4.ip_forward)" = 0 ] ||
	    fail "setup $* has switched forwarding on"
}

printed() {
	sed -n "s/^  $1  *//p" "$out/setup.out"
}

log_start srv
mkdir -p "$lab/srv/made"
on srv sysctl -qw net.ipv4.ip_forward=0
client_start cli1 &
job=$!

step "what it refuses"
echo "a key of our own, long" >"$lab/srv/secret"
refuses '--user has to be said'
refuses "--pool '192.168.100.1-192.168.100.9' holds the address of this" \
    --user alice --pool 192.168.100.1-192.168.100.9
refuses "not of this machine" --user alice --address 198.51.100.7
refuses 'can be read by others: chmod 0600' \
    --user alice --psk-file "$lab/srv/secret"
setup --user alice --dry-run || fail "the dry run fails"
refuses 'no such client' --user alice --for phone
refuses 'not understood' --user alice --dry-run --bogus

step "addresses of the LAN"
setup --user alice --pool 192.168.100.200-192.168.100.250 --dns none || {
	cat "$out/setup.out"
	fail "setup failed: $(tail -n1 "$out/setup.out")"
}
sed 's/^  \(key\|password\) .*/  \1 .../' "$out/setup.out"
[ "$(stat -c %a "$conf")" = 600 ] || fail "others may read the configuration"
[ "$(on srv sysctl -n net.ipv4.ip_forward)" = 1 ] || fail "no forwarding"
[ "$(printed server)" = 203.0.113.1 ] || fail "another server is told"
wait $job || exit 1
command=$(sed -n 's/^  lnsctl profile /profile /p' "$out/setup.out")
eval "on srv '$LNSD_BUILD/lnsctl' -c '$conf' $command" >"$out/profile" ||
    fail "it prints a command that fails: $command"
for value in "$(printed server)" "$(printed key)" "$(printed password)"; do
	grep -qF ": $value" "$out/profile" || fail "lnsctl profile has others"
done
client_psk cli1 "$(printed key)"
client_connect cli1 "$(printed user)" "$(printed password)"
carries_ping cli1
client_disconnect cli1

step "once more"
! setup --user alice || fail "a second run does not refuse"
grep 'is there already: --force' "$out/setup.out" || fail "it says not why"
host_kill srv TERM lnsd
must 20 "lnsd ends" not host_runs srv lnsd pluto

step "addresses of nobody, translated; secrets of files; the old one is kept"
chmod 0600 "$lab/srv/secret"
setup --force --user bob --dns none --for ios --psk-file "$lab/srv/secret" || {
	cat "$out/setup.out"
	fail "setup failed: $(tail -n1 "$out/setup.out")"
}
[ "$(find "$lab/srv/made" -name 'lnsd.conf.2*' | wc -l)" -eq 1 ] ||
    fail "the old configuration has not been kept"
! grep 'a key of our own' "$out/setup.out" || fail "the key is printed"
[ "$(printed ' Secret:')" = '(the one you gave)' ] ||
    fail "it prints no steps for an iPhone"
# shellcheck disable=SC2034
client_pool='10[.]87[.]0[.][0-9]+'
client_psk cli1 "a key of our own, long"
client_connect cli1 bob "$(printed ' Password:')"
on cli1 ping -n -q -c 3 -i 0.2 -W 3 "$lan_host" ||
    fail "no answer from the LAN host"
client_disconnect cli1
ordinary
[ -z "$(on srv nft list tables | grep lnsd)" ] || fail "tables are left"
