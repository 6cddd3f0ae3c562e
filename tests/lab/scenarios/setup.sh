# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A server by lnsctl setup, with flags alone, behind a firewall that drops all; a
# client dials with what it has printed; all of it is taken back.

conf=$lab/srv/made/lnsd.conf
record=/var/lib/lnsd/setup.json
ordinary() {
	host_kill srv TERM lnsd
	host_kill srv KILL socat
	wait_until 20 not host_runs srv lnsd pluto
	groupdel lnsd
	rm -rf /etc/sysctl.d/60-lnsd.conf "$lab/srv/made" "$lab/srv/secret" \
	    $record
	[ ! -e "$out/nftables.conf" ] ||
	    cp "$out/nftables.conf" /etc/nftables.conf
	on srv nft delete table ip lnsd_nat
	on srv nft delete table inet closed
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

undo() {
	on srv "$LNSD_BUILD/lnsctl" setup --undo "$@" </dev/null \
	    >"$out/undo.out" 2>&1
	status=$?
	cat "$out/undo.out"
	return $status
}

undoes() {
	undo --yes || fail "not all is undone: $(tail -n1 "$out/undo.out")"
	! host_runs srv lnsd pluto || fail "the server runs after the undo"
}

# state: of what setup touches.
state() {
	find "$lab/srv/made" /etc/sysctl.d /etc/nftables.conf $record \
	    -type f -exec sha256sum {} + | sort
	on srv sysctl net.ipv4.ip_forward
	getent group lnsd
	on srv nft -s list ruleset
} 2>/dev/null

# firewall_close: drops all but what setup lets pass.
firewall_close() {
	cp /etc/nftables.conf "$out/nftables.conf"
	cat >/etc/nftables.conf <<-N
		flush ruleset
		table inet closed {
			chain input { type filter hook input priority 0; policy drop; }
			chain output { type filter hook output priority 0; policy drop; }
			chain forward { type filter hook forward priority 0; policy drop; }
		}
	N
	on srv nft -f /etc/nftables.conf
}

log_start srv
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
refuses 'no such client' --user alice --for phone
refuses 'not understood' --user alice --dry-run --bogus
on srv socat -u UDP-RECV:500,bind=203.0.113.1 /dev/null &
wait_until 10 on srv bash -c "ss -Hlun 'sport = 500' | grep -q ." ||
    fail "nobody took the port"
refuses 'UDP port 500 is taken by socat .* -> stop that program' --user alice
host_kill srv TERM socat
must 10 "socat ends" not host_runs srv socat
undo --yes --force && fail "undo accepts --force"
undo --yes || fail "with nothing to undo it fails"

step "addresses of the LAN, through a firewall that drops all"
firewall_close
state >"$out/state.before"
setup --user alice --pool 192.168.100.200-192.168.100.250 --dns none \
    --dry-run || fail "the dry run fails"
grep 'firewall here drops UDP 500, UDP 4500, .*--firewall opens it' \
    "$out/setup.out" || fail "it does not tell that the firewall is closed"
state | diff "$out/state.before" - || fail "the dry run has done something"
setup --user alice --pool 192.168.100.200-192.168.100.250 --dns none \
    --firewall || {
	cat "$out/setup.out"
	fail "setup failed: $(tail -n1 "$out/setup.out")"
}
sed 's/^  \(key\|password\) .*/  \1 .../' "$out/setup.out"
[ "$(stat -c %a "$conf")" = 600 ] || fail "others may read the configuration"
[ "$(stat -c %a $record)" = 600 ] || fail "others may read the record"
[ "$(on srv sysctl -n net.ipv4.ip_forward)" = 1 ] || fail "no forwarding"
grep 'include ".*/made/firewall?nft"' /etc/nftables.conf ||
    fail "the firewall is open until the next boot only"
[ "$(printed server)" = 203.0.113.1 ] || fail "another server is told"
wait $job || exit 1
command=$(sed -n 's/^  lnsctl \(.*profile \)/\1/p' "$out/setup.out")
eval "on srv '$LNSD_BUILD/lnsctl' $command" >"$out/profile" ||
    fail "it prints a command that fails: $command"
for value in "$(printed server)" "$(printed key)" "$(printed password)"; do
	grep -qF ": $value" "$out/profile" || fail "lnsctl profile has others"
done
client_psk cli1 "$(printed key)"
client_connect cli1 "$(printed user)" "$(printed password)"
on cli1 ping -n -q -c 3 -i 0.2 -W 3 "$lan_host" ||
    fail "nothing gets through the firewall that setup has opened"
client_disconnect cli1

step "once more"
! setup --user alice || fail "a second run does not refuse"
grep 'is there already: --force' "$out/setup.out" || fail "it says not why"
host_kill srv TERM lnsd
must 20 "lnsd ends" not host_runs srv lnsd pluto
state >"$out/state.first"

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

step "the second one is taken back, but for what was changed since"
state >"$out/state.second"
undo --dry-run || fail "the dry run fails"
state | diff "$out/state.second" - || fail "the dry run has done something"
echo '# by hand' >>"$lab/srv/made/nat.nft"
! undo --yes || fail "it says that all is undone"
grep 'leave as it is, .*: .*/made/nat.nft' "$out/undo.out" ||
    fail "it does not name what was changed"
[ "$(tail -n1 "$lab/srv/made/nat.nft")" = '# by hand' ] ||
    fail "it has taken what somebody else had changed"
rm "$lab/srv/made/nat.nft"
undoes
grep 'What setup did on .* is still there' "$out/undo.out" ||
    fail "it does not tell of the first one"
state | grep -v "$record" >"$out/state"
grep -v "$record" "$out/state.first" | diff - "$out/state" ||
    fail "it is not as it was after the first one"

step "and the first one"
undoes
state | diff "$out/state.before" - || fail "something is left"
[ ! -e "$lab/srv/made" ] || fail "a directory is left"
undoes
grep 'Nothing of setup is left to take back' "$out/undo.out" ||
    fail "it has undone something twice"
ordinary
