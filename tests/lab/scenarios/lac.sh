# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A LAC in front of us that has negotiated LCP with its client and seen him
# authenticate: pppd goes on from there, or begins anew where it must.
server_global='trace = yes'
server_peers='peer "lac" {
    address = "192.0.2.10"
    template = "lab"
    proxy-authentication = yes
}'

# lac CASE: what the LAC and its client saw is in $out/lac.CASE.
lac() {
	step "the LAC hands over a call: $1"
	log_mark srv
	on c0 timeout 90 python3 "$lab_dir/lac.py" 203.0.113.1 "$lan_host" \
	    "$1" alice "$lab_password" >"$out/lac.$1" ||
	    fail "lac.py $1: $(tail -n1 "$out/lac.$1")"
	saw "$1" '^over$'
	must 20 "the server has no call" server_has_no_calls
}

# saw CASE REGEX, saw_not CASE REGEX
saw() {
	grep -qE "$2" "$out/lac.$1" || fail "the client ($1) never saw '$2'"
}

saw_not() {
	! grep -qE "$2" "$out/lac.$1" || fail "the client ($1) saw '$2'"
}

server_begin c0
host_kill c0 TERM xl2tpd
wait_until 5 not host_runs c0 xl2tpd
client_ike_up c0 || fail "no IPsec SA for c0"

# LCP is not touched, nor is he asked to authenticate again.
lac chap
saw_not chap 'LCP Configure-|CHAP Challenge'
saw chap '^recv CHAP Success id=90$'
saw chap '^address 192\.168\.100\.2'
saw chap "^echo reply from $lan_host\$"
log_has srv "Call detected from user 'alice'" ||
    fail "no line about the user"

lac pap
saw_not pap 'LCP Configure-|CHAP'
saw pap '^recv PAP Ack id=90$'
saw pap "^echo reply from $lan_host\$"

lac wrong
saw wrong '^recv CHAP Failure id=90$'
saw_not wrong '^address|^echo|CHAP Challenge'
saw wrong '^recv CDN$'
log_has srv "authentication failed user 'alice' from 192\.0\.2\.10" ||
    fail "no line about the wrong password"

# The LAC allows packets that we do not: all of it anew, by pppd itself.
lac large
saw large '^recv LCP Configure-Request'
saw large '^recv CHAP Challenge'
saw large '^recv CHAP Success'
saw large "^echo reply from $lan_host\$"

# The Success of CHAP gets lost: it is sent again.
lac deaf
saw deaf '^discarded: '
[ "$(grep -c '^recv CHAP Success' "$out/lac.deaf")" -ge 2 ] ||
    fail "Success was not repeated"
saw deaf "^echo reply from $lan_host\$"
for n in chap large; do
	[ "$(grep -c '^recv CHAP Success' "$out/lac.$n")" -le 2 ] ||
	    fail "Success was repeated to somebody who has it ($n)"
done

! grep -qF "$lab_password" "$out/srv.log" "$out/lnsd.stderr" ||
    fail "a password in the log"
client_ike_down c0
must 20 "the server is idle" server_is_idle
server_end
# When lac.py has ended, its kernel may complain of what still comes; not ours.
wire_is_protected 'not (icmp and src host 192.0.2.10)'
