# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The configuration is read again while a client is connected: he stays, with
# his SAs, whatever is added, changed or taken away that is not his.  A file with
# a mistake changes nothing, and what needs a restart is named.
ctl() {
	on srv "$LNSD_BUILD/lnsctl" -s /run/lnsd/lnsd.sock "$@"
}

# reloads WORDS: the answer has a line that matches.
reloads() {
	ctl reload >"$out/reload.out" 2>"$out/reload.err" ||
	    fail "reload: $(cat "$out/reload.err")"
	grep -qE "$1" "$out/reload.out" ||
	    fail "reload says '$(cat "$out/reload.out")', not '$1'"
}

spis() {
	on srv ip xfrm state | grep -o 'spi 0x[0-9a-f]*' | sort
}

# alice_stays: same session, same SAs.
alice_stays() {
	carries_ping c0
	[ "$(spis)" = "$alice_spis" ] || fail "the SAs have changed"
	[ "$(client_address c0)" = "$alice_ip" ] || fail "another address"
	! log_has srv "PPP down user 'alice'" || fail "alice's session ended"
}

branch='peer "branch" {
	    address = "198.51.100.77"
	    psk = "a-key-of-the-branch-77"
	    ppp = "lan"
	}'
server_peers=$branch
server_begin c0
client_connect c0 alice "$lab_password"
client_start cli1
alice_ip=$(client_address c0)
alice_spis=$(spis)
log_mark srv

step "nothing has changed"
reloads '^nothing has changed$'
alice_stays

step "a mistake"
printf 'nonsense = yes\n' >>"$lab/srv/lnsd.conf"
! ctl reload >"$out/reload.out" 2>"$out/reload.err" ||
    fail "a file with a mistake is taken"
grep -q 'lnsd.conf:[0-9]*: .*nonsense' "$out/reload.err" ||
    fail "the mistake is not told: $(cat "$out/reload.err")"
log_has srv "reload: the configuration stays as it was" ||
    fail "the log does not say that nothing changed"
alice_stays

step "a new user, and a key that needs a restart"
server_global="user \"nina\" { password = \"$lab_password\" }"
server_listen='"203.0.113.1", "203.0.113.99"'
server_conf
reloads '^users changed$'
grep -q '^needs a restart: listen$' "$out/reload.out" ||
    fail "listen is not named"
server_listen='"203.0.113.1"'
server_conf
client_ike_up cli1 || fail "no IPsec SA for cli1"
alice_spis=$(spis)
client_dial cli1 nina "$lab_password"
must 30 "nina is let in" client_connected cli1
alice_stays
client_ppp_down cli1
must 15 "pppd of cli1 ends" not client_has_ppp cli1

step "another pool, and another MTU"
server_pool='"192.168.100.230-192.168.100.232"' server_ppp='mtu = 1200'
server_conf
sed -i '0,/mtu = 1280/s///' "$lab/srv/lnsd.conf"
reloads '^ppp "lan" changed$'
client_dial cli1 nina "$lab_password"
must 30 "nina is let in" client_connected cli1
case $(client_address cli1) in
192.168.100.23[0-2]) ;;
*) fail "nina has $(client_address cli1), not one of the new pool" ;;
esac
carries_ping cli1
alice_stays

step "a peer goes, another comes, a key changes"
server_peers='peer "office" {
	    address = "198.51.100.78"
	    psk = "a-key-of-the-office-78"
	    ppp = "lan"
	}'
server_conf
sed -i '0,/mtu = 1280/s///' "$lab/srv/lnsd.conf"
log_mark srv
reloads '^peer "branch" removed$'
grep -q '^peer "office" added$' "$out/reload.out" ||
    fail "the new peer is not named"
pluto_has() {
	on srv /usr/libexec/ipsec/whack --ctlsocket \
	    /run/lnsd/ipsec/pluto.ctl --status | grep -q "\"$1-203.0.113.1\":"
}
must 20 "pluto has the new peer" pluto_has office
must 20 "pluto has not the old one" not pluto_has branch
alice_stays
client_ppp_down cli1
client_ike_down cli1
must 20 "cli1's SA is gone" server_has_sas 2
alice_spis=$(spis)
lab_psk=another-pre-shared-key-4711
server_conf
sed -i '0,/mtu = 1280/s///' "$lab/srv/lnsd.conf"
reloads '^peer "anyone" changed$'
alice_stays
log_mark srv
! client_ike_up cli1 || fail "cli1 comes in with the old key"

step "SIGHUP"
log_mark srv
host_kill srv HUP lnsd
log_wait srv 10 "reload: nothing has changed$"
alice_stays
client_disconnect c0
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
