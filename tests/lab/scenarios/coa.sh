# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The RADIUS server orders, by radclient: an end of a session, changes of its
# limits, and what is refused.  Each is found by what accounting has told of it.
radius_users="carol Cleartext-Password := \"$lab_password\"

dave Cleartext-Password := \"$lab_password\""
server_ppp="radius {
	server = \"192.168.100.10\"
	secret = \"$radius_secret\"
	accounting = yes
	coa-listen = \"192.168.100.1\"
    }"

# order KIND ATTRIBUTE...: disconnect or coa; what comes back is in $out/order.
order() {
	local kind=$1
	shift
	printf '%s\n' "$@" |
	    on lan timeout 20 radclient -x -t 3 -r 2 192.168.100.1:3799 "$kind" \
		"${order_secret:-$radius_secret}" >"$out/order" 2>&1
	cat "$out/order"
}

answered() {
	grep -q "^Received $1 " "$out/order" || fail "no $1"
	[ $# -eq 1 ] || grep -q "Error-Cause = $2" "$out/order" ||
	    fail "$1 without $2"
}

radius_forget
radius_start one 192.168.100.10
server_begin c0
client_start cli1
client_connect c0 carol "$lab_password"
client_connect cli1 dave "$lab_password"
carries_ping c0
carries_ping cli1
carol=$(client_address c0)
dave=$(client_address cli1)

step "orders that mean nobody, or that cannot be done"
order disconnect 'User-Name = mallory'
answered Disconnect-NAK Session-Context-Not-Found
order disconnect 'User-Name = carol' "Framed-IP-Address = $dave"
answered Disconnect-NAK Session-Context-Not-Found
order disconnect 'NAS-Identifier = lab'
answered Disconnect-NAK Missing-Attribute
order disconnect 'User-Name = carol' 'NAS-Identifier = another'
answered Disconnect-NAK NAS-Identification-Mismatch
order coa 'User-Name = carol' 'Session-Timeout = 1' 'Filter-Id = "web"'
answered CoA-NAK Unsupported-Attribute
order_secret=wrong order disconnect 'User-Name = carol'
grep -q '^Received' "$out/order" && fail "an order with a wrong secret is answered"
carries_ping c0
carries_ping cli1

step "an end"
log_mark srv
id=$(awk -v RS= '/Start/ && /carol/' "$lab/lan/radius.one/detail" |
    sed -n 's/^	\(Acct-Session-Id = .*\)/\1/p')
order disconnect 'User-Name = carol' "Framed-IP-Address = $carol" "$id"
answered Disconnect-ACK
log_wait srv 10 "PPP down user 'carol': disconnected by RADIUS"
must 15 "pppd of c0 ends" not client_has_ppp c0
must 10 "the end is in the detail file" \
    radius_last one detail 'Acct-Status-Type = Stop'
radius_has one detail "$id" 'Acct-Terminate-Cause = Admin-Reset'
carries_ping cli1

# limited: the kernel has the rates of the first client.
limited() {
	on srv tc qdisc show dev ppp1 | grep -q "tbf.* rate ${1}Kbit" &&
	    on srv tc filter show dev ppp1 parent ffff: |
	    grep -q "police.* rate ${2}Kbit"
}

step "changes"
log_mark srv
order coa 'User-Name = dave' 'Session-Timeout = 100000' 'Idle-Timeout = 3600' \
    'Acct-Interim-Interval = 600' 'WISPr-Bandwidth-Max-Down = 256000' \
    'WISPr-Bandwidth-Max-Up = 128000'
answered CoA-ACK
log_has srv "'dave' has now: session timeout 100000 s, idle timeout 3600 s, interim interval 600 s, rate up 128, down 256 kbit/s" ||
    fail "the log does not tell of the change"
must 10 "the rates are limited" limited 256 128
carries_ping cli1
order coa 'User-Name = dave' 'WISPr-Bandwidth-Max-Down = 0'
answered CoA-ACK
must 10 "one rate is limited no longer" not limited 256 128
step "an idle timeout"
client_start_xl2tpd c0
client_dial c0 carol "$lab_password"
must 30 "c0 has an address of the pool" client_connected c0
ping_start cli1 "$lan_host" 0.5
carol=$(client_address c0)
order coa "Framed-IP-Address = $carol" 'Idle-Timeout = 5'
answered CoA-ACK
order coa 'User-Name = dave' 'Idle-Timeout = 5'
answered CoA-ACK
log_wait srv 20 "PPP down user 'carol': idle timeout"
must 10 "the end is in the detail file" \
    radius_last one detail 'Acct-Status-Type = Stop'
radius_has one detail 'User-Name = "carol"' \
    'Acct-Terminate-Cause = Idle-Timeout'
client_has_ppp cli1 || fail "dave was hung up, though he was not idle"
carries_ping cli1
ping_stop cli1
order coa 'User-Name = dave' 'Idle-Timeout = 0'
answered CoA-ACK
step "a change of the time"
order coa "Framed-IP-Address = $dave" 'Session-Timeout = 1'
answered CoA-ACK
log_wait srv 10 "PPP down user 'dave': session time limit"
must 15 "pppd of cli1 ends" not client_has_ppp cli1
must 10 "the end is in the detail file" \
    radius_last one detail 'Acct-Status-Type = Stop'
radius_has one detail 'User-Name = "dave"' \
    'Acct-Terminate-Cause = Session-Timeout'
client_ike_down c0
client_ike_down cli1
must 20 "the server is idle" server_is_idle
server_end
radius_stop one
wire_is_protected
