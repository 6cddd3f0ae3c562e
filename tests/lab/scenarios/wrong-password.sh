# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A wrong password, by each method of authentication; then the right one by
# the two that are not the default.
mschapv2=(refuse-pap refuse-chap refuse-mschap)
chap=(refuse-pap refuse-mschap refuse-mschap-v2)
pap=(refuse-chap refuse-mschap refuse-mschap-v2)

# refused NAME [PPPD-OPTION...]
refused() {
	local name=$1
	shift
	step "wrong password by $name"
	log_mark srv
	client_dial c0 bob no-such-password "$@"
	log_wait srv 20 \
	    "authentication failed user 'bob' from 192\.0\.2\.10: wrong password"
	must 10 "the client is told" client_was_refused
	client_hung_up c0
}

# pppd of c0 once more than before.
client_was_refused() {
	local n
	n=$(grep -ciE 'pppd.*authentication failed' "$out/c0.log")
	[ "$n" -gt "$told" ] && told=$n
}

# accepted NAME [PPPD-OPTION...]
accepted() {
	local name=$1
	shift
	step "right password by $name"
	log_mark srv
	client_dial c0 bob "$lab_password" "$@"
	must 20 "c0 has an address of the pool" client_connected c0
	carries_ping c0
	client_ppp_down c0
	client_hung_up c0
}

# All of the call is gone; the SA stays for the next.
client_hung_up() {
	client_start_xl2tpd "$1"
	must 15 "pppd of $1 ends" not client_has_ppp "$1"
	must 20 "the server has no call" server_has_no_calls
}

told=0
server_begin c0
client_ike_up c0 || fail "no IPsec SA"
refused mschap-v2 "${mschapv2[@]}"
refused chap "${chap[@]}"
refused pap "${pap[@]}"
accepted chap "${chap[@]}"
accepted pap "${pap[@]}"
client_ike_down c0
must 10 "the server is idle" server_is_idle
! grep -rqE "$lab_password|no-such-password" "$out/srv.log" \
    "$out/lnsd.stderr" || fail "a password in the log"
server_end
wire_is_protected
