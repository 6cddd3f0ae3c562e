# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Who may in, and how often: a disabled user may not; one with a limit has so
# many sessions and no more; with one login for each user, the new session takes
# over the address of the old one, which is hung up, also when the pool has no
# other.  A file of users is followed while sessions are up.
refused() {
	log_mark srv
	client_dial "$1" "$2" "$lab_password"
	log_wait srv 20 "authentication failed user '$2' from .*: $3"
	client_start_xl2tpd "$1"
	must 15 "pppd of $1 ends" not client_has_ppp "$1"
}

# users_are LINE...: the users-file, which another replaces.
users_are() {
	printf '%s\n' "$@" >"$lab/srv/users.new"
	chmod 0600 "$lab/srv/users.new"
	mv "$lab/srv/users.new" "$lab/srv/users"
}

mkdir -p "$lab/srv"
users_are "user \"frank\" { password = \"$lab_password\" }"
server_global="users-file = users
    user \"dave\" {
	password = \"$lab_password\"
	disabled = yes
    }
    user \"erin\" {
	password = \"$lab_password\"
	max-sessions = 1
    }"
server_begin c0
client_start cli1
client_ike_up cli1 || fail "no IPsec SA for cli1"
step "a disabled user"
refused cli1 dave "the user is disabled"

step "a file of users"
client_connect c0 frank "$lab_password"
log_mark srv
users_are "user \"gina\" { password = \"$lab_password\" }"
log_wait srv 10 "1 users of .*/users$"
refused cli1 frank "unknown user"
carries_ping c0
log_mark srv
users_are "" "user \"gina\" { }"
log_wait srv 10 '/users:2: user "gina": none of password'
users_are "user \"*\" { password = \"$lab_password\" }"
log_wait srv 10 "1 users of .*/users$"
client_dial cli1 guest "$lab_password"
must 30 "cli1 has an address of the pool" client_connected cli1
log_has srv "Call detected from user 'guest'" ||
    fail "the log does not know the guest"
client_ppp_down cli1
client_disconnect c0
must 20 "the server has no call" server_has_no_calls

step "an address of the pool that the file gives to a user"
client_connect c0 alice "$lab_password"
had=$(client_address c0)
log_mark srv
users_are "user \"gina\" { password = \"$lab_password\" address = \"$had\" }"
log_wait srv 10 "1 users of .*/users$"
refused cli1 gina "the user's address $had is somebody else's"
explains address-taken gina
client_ppp_down c0
must 15 "pppd of c0 ends" not client_has_ppp c0
must 20 "the server has no call" server_has_no_calls
client_dial c0 alice "$lab_password"
must 30 "c0 has an address of the pool" client_connected c0
[ "$(client_address c0)" != "$had" ] || fail "alice has gina's address"
client_dial cli1 gina "$lab_password"
must 30 "cli1 has an address of the pool" client_connected cli1
[ "$(client_address cli1)" = "$had" ] || fail "gina has not her address"
carries_ping cli1
client_ppp_down cli1
client_disconnect c0
must 20 "the server has no call" server_has_no_calls

step "a user with a limit"
client_connect c0 erin "$lab_password"
refused cli1 erin "the user has as many sessions as he may"
carries_ping c0
client_disconnect c0
must 20 "the server has no call" server_has_no_calls
client_dial cli1 erin "$lab_password" usepeerdns
must 30 "cli1 has an address of the pool" client_connected cli1
# One name server is told in both places.
for which in 'primary  ' secondary; do
	grep -q "$which DNS address 192.168.100.1" "$out/cli1.log" ||
	    fail "no $which name server is told to cli1"
done
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_stop

step "one login for each user"
server_pool='"192.168.100.200"' server_ppp='one-login-per-user = yes'
server_conf
server_start
client_connect c0 alice "$lab_password"
client_ike_up cli1 || fail "no IPsec SA for cli1"
client_dial cli1 alice "$lab_password"
must 30 "cli1 has an address of the pool" client_connected cli1
log_has srv "PPP down user 'alice': the same user dialled again" ||
    fail "the log does not say why the old session has ended"
explains duplicate-login 192.0.2.10
carries_ping cli1
client_start_xl2tpd c0
must 15 "pppd of c0 ends" not client_has_ppp c0
client_ike_down c0
carries_ping cli1
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
