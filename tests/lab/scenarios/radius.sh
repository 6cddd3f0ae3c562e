# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Users whom only RADIUS knows, by each method: they are asked about as the
# manual says, get what the server grants, and are accounted for.  When the first server is silent
# the second is asked; when both are, who needs them waits, and nobody else.
asks_about() {
	radius_has one asked "$@" 'Calling-Station-Id = "192.0.2.10"' \
	    'Called-Station-Id = "203.0.113.1"' 'NAS-Identifier = "lab"' \
	    'NAS-IP-Address = 203.0.113.1' 'NAS-Port-Type = Virtual' \
	    'NAS-Port = [0-9]+' 'NAS-Port-Id = "PP.*"' \
	    'Service-Type = Framed-User' 'Framed-Protocol = PPP' \
	    'Tunnel-Type:0 = L2TP' 'Tunnel-Medium-Type:0 = IPv4' \
	    'Tunnel-Client-Endpoint:0 = "192.0.2.10"' \
	    'Tunnel-Server-Endpoint:0 = "203.0.113.1"' \
	    'Acct-Session-Id = "[0-9a-f]{16}"' 'Message-Authenticator = 0x.*'
}

# counts REGEX...: what lnsctl shows of the servers has such a line.
counts() {
	local line
	for line in status counters; do
		on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" show $line
	done >"$out/counted"
	for line; do
		grep -qE -- "$line" "$out/counted" ||
		    fail "lnsctl does not show '$line': $(grep -i radius "$out/counted")"
	done
}

has_address() {
	[ "$(client_address "$1")" = "$2" ] ||
	    fail "$1 has $(client_address "$1"), not $2"
}

# accounts_for USER ADDRESS: as the log has it, and no less than was sent.
accounts_for() {
	local rx tx
	# The last: the mark of another host's log may lie before the last but
	# one.
	[[ $(log_lines srv | grep "PPP down user '$1'" | tail -n1) =~ \
	    received\ ([0-9]+)\ octets,\ sent\ ([0-9]+)\ octets ]] ||
	    fail "the log does not count what $1 had"
	rx=${BASH_REMATCH[1]} tx=${BASH_REMATCH[2]}
	[ "$rx" -gt 65536 ] || fail "only $rx octets are counted"
	must 10 "the end of $1 is in the detail file" \
	    radius_last one detail 'Acct-Status-Type = Stop'
	radius_has one detail "User-Name = \"$1\"" "Framed-IP-Address = $2" \
	    "Acct-Input-Octets = $rx" "Acct-Output-Octets = $tx" \
	    'Acct-Input-Gigawords = 0' 'Acct-Output-Gigawords = 0' \
	    'Acct-Input-Packets = [1-9][0-9]*' \
	    'Acct-Output-Packets = [1-9][0-9]*' \
	    'Acct-Session-Time = [1-9][0-9]*' 'Acct-Delay-Time = 0' \
	    'Acct-Terminate-Cause = User-Request' 'Acct-Authentic = RADIUS' \
	    'Class = 0x6162' "$(radius_line one asked Acct-Session-Id)" \
	    'Calling-Station-Id = "192.0.2.10"' 'NAS-Identifier = "lab"' \
	    'NAS-Port-Type = Virtual' 'Tunnel-Type:0 = L2TP'
}

# by METHOD USER ADDRESS PPPD-OPTION...: and what it was asked by.
by() {
	local what=$1 user=$2 address=$3
	shift 3
	log_mark srv
	log_mark c0
	client_dial c0 "$user" "$lab_password" "$@"
	must 30 "c0 has an address of the pool" client_connected c0
	has_address c0 "$address"
	carries_file c0 64
	asks_about "User-Name = \"$user\"" "$what"
	client_ppp_down c0
	must 15 "the server has no call" server_has_no_calls
	accounts_for "$user" "$address"
}

# interim_octets USER: Acct-Input-Octets of each record while the session lasts.
interim_octets() {
	awk -v RS= -v user="User-Name = \"$1\"" '
		/Acct-Status-Type = Interim-Update/ && index($0, user)' \
	    "$lab/lan/radius.one/detail" |
	    sed -n 's/^	Acct-Input-Octets = //p'
}

# interim_above USER OCTETS: the last such record has more.
interim_above() {
	local last
	last=$(interim_octets "$1" | tail -n1)
	[ -n "$last" ] && [ "$last" -gt "$2" ]
}

has_route() {
	on srv ip -o route show "$1" | grep -q ' dev ppp'
}

tidy() {
	on lan ip route del 10.9.0.0/16
	on c0 ip addr del 10.9.0.1/32 dev lo
} 2>/dev/null
trap tidy EXIT

radius_users="carol Cleartext-Password := \"$lab_password\"
	Framed-IP-Address = 192.168.100.222,
	Framed-IP-Netmask = 255.255.255.255,
	MS-Primary-DNS-Server = 192.168.100.53,
	Class = 0x6162,
	Reply-Message = \"hello carol\",
	Framed-MTU = 1400

erin Cleartext-Password := \"$lab_password\"
	Framed-IP-Address = 10.9.1.5,
	Framed-IP-Netmask = 255.255.255.248,
	Framed-Route = \"10.9.0.0/24 0.0.0.0 1\",
	Filter-Id = \"web.in\",
	Filter-Id += \"mail.out\"

dave Cleartext-Password := \"$lab_password\"
	Framed-IP-Address = 255.255.255.254,
	Session-Timeout = 8

frank Cleartext-Password := \"$lab_password\"
	Service-Type = Login-User

alice Cleartext-Password := \"not $lab_password\""
# For each filter there is a set of nftables; here it is a file.
mkdir -p "$lab/srv"
cat >"$lab/srv/hook" <<-'H'
	#!/bin/sh
	for name in $LNSD_FILTER_ID; do
		echo "${LNSD_CAUSE:+not }$LNSD_REMOTE" >>"${0%/*}/filter.$name"
	done
H
chmod 0755 "$lab/srv/hook"

# filter_is NAME LINE...: what its file holds.
filter_is() {
	local file=$lab/srv/filter.$1
	shift
	[ "$(cat "$file")" = "$(printf '%s\n' "$@")" ]
}

server_ppp="ip-up = \"$lab/srv/hook\" ip-down = \"$lab/srv/hook\"
    radius {
	server = { \"192.168.100.10\", \"192.168.100.11:1812\" }
	secret = \"$radius_secret\"
	timeout = 1
	tries = 2
	accounting = yes
    }"
of_pool=$client_pool
radius_forget
radius_start one 192.168.100.10
radius_start two 192.168.100.11
server_begin c0
must 10 "the start of lnsd is in the detail file" \
    radius_last one detail 'Acct-Status-Type = Accounting-On'
client_ike_up c0 || fail "no IPsec SA for c0"

step "MS-CHAPv2"
by 'MS-CHAP2-Response = 0x.*' carol 192.168.100.222 usepeerdns
log_has srv "Reply-Message for 'carol': hello carol" ||
    fail "the log does not have the Reply-Message"
log_has srv 'Framed-MTU of an Access-Accept has no effect' ||
    fail "the log does not tell of Framed-MTU"
log_has c0 'primary +DNS address 192.168.100.53' ||
    fail "c0 was not told of the DNS server"
step "CHAP"
by 'CHAP-Password = 0x.*' carol 192.168.100.222 refuse-mschap-v2
step "PAP"
by "User-Password = \"$lab_password\"" carol 192.168.100.222 \
    refuse-mschap-v2 refuse-chap

step "a limit, and an address of the pool"
client_dial c0 dave "$lab_password"
must 30 "c0 has an address of the pool" client_connected c0
has_address c0 192.168.100.200
log_wait srv 20 "PPP down user 'dave': session time limit"
must 15 "the server has no call" server_has_no_calls
radius_has one detail 'User-Name = "dave"' 'Acct-Status-Type = Stop' \
    'Acct-Terminate-Cause = Session-Timeout'

step "a user of the configuration is not asked about"
client_dial c0 alice "$lab_password"
must 30 "c0 has an address of the pool" client_connected c0
must 10 "the start of alice is in the detail file" \
    radius_last one detail 'User-Name = "alice"'
radius_has one detail 'Acct-Status-Type = Start' 'Acct-Authentic = Local'
client_hangup c0
must 15 "the server has no call" server_has_no_calls
radius_has one detail 'User-Name = "alice"' 'Acct-Status-Type = Stop' \
    'Acct-Terminate-Cause = User-Request'
grep -q alice "$lab/lan/radius.one/asked" && fail "RADIUS was asked about alice"

step "a wrong password, and somebody unknown"
log_mark srv
client_dial c0 carol wrong
log_wait srv 30 "authentication failed user 'carol' from .*: refused by RADIUS"
explains radius-refused carol
client_start_xl2tpd c0
client_dial c0 mallory "$lab_password"
log_wait srv 30 \
    "authentication failed user 'mallory' from .*: refused by RADIUS"
client_start_xl2tpd c0
client_dial c0 frank "$lab_password"
explains radius-answer frank
client_start_xl2tpd c0
must 15 "pppd of c0 ends" not client_has_ppp c0

step "the first server is silent"
radius_signal one STOP
log_mark srv
client_dial c0 carol "$lab_password"
must 30 "c0 has an address of the pool" client_connected c0
radius_has two asked 'User-Name = "carol"'
log_has srv 'authentication server 192.168.100.10 port 1812 does not answer' ||
    fail "the log does not say that the server is silent"
one=192\.168\.100\.10:1812
counts "^RADIUS: +lan: access server $one does not answer\$" \
    '^RADIUS: +lan: access server 192\.168\.100\.11:1812 answers, in [0-9]+ ms' \
    "^radius\.lan\.access\.$one\.timeouts 1\$" \
    "^radius\.lan\.access\.$one\.retransmissions 1\$" \
    "^radius\.lan\.access\.$one\.answers [1-9]"
on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" doctor \
    --plugin "$LNSD_BUILD/lnsd-ppp.so" >"$out/doctor" 2>&1 || :
grep -q '^FAIL *radius: .* the RADIUS server 192\.168\.100\.10' "$out/doctor" ||
    fail "doctor does not name the RADIUS server"
client_ppp_down c0
client_dial c0 carol "$lab_password"
must 30 "c0 has an address of the pool" client_connected c0
[ "$(grep -c 'User-Name = "carol"' "$lab/lan/radius.two/asked")" -eq 2 ] ||
    fail "the second server was not asked twice"
client_ppp_down c0
must 15 "the server has no call" server_has_no_calls
must 20 "the end of carol is in the other detail file" \
    radius_last two detail 'Acct-Status-Type = Stop'
radius_signal one CONT

step "a user with networks and filters who stays for a while"
server_stop
radius_has two detail 'Acct-Status-Type = Accounting-Off'
server_ppp=${server_ppp/timeout = 1/timeout = 10 accounting-interval = 5}
server_conf
server_start
client_start cli1
client_ike_up c0 || fail "no IPsec SA for c0"
has_route 10.9.0.0/24 && fail "there is a route before the user is"
client_pool='10[.]9[.]1[.]5'
client_dial c0 erin "$lab_password"
must 30 "c0 has its address" client_connected c0
must 5 "there is a route" has_route 10.9.0.0/24
has_route 10.9.1.0/29 || fail "there is no route to the network of the netmask"
for name in web.in mail.out; do
	must 5 "ip-up was told of $name" filter_is $name 10.9.1.5
done
on c0 ip addr add 10.9.0.1/32 dev lo
on lan ip route add 10.9.0.0/16 via 192.168.100.1
on lan ping -n -q -c 3 -i 0.2 -W 3 10.9.0.1 ||
    fail "the network behind erin does not answer"
must 15 "erin is told of while she is there" interim_above erin 0
was=$(interim_octets erin | tail -n1)
carries_file c0 64
must 15 "her octets are told" interim_above erin $((was + 65536))
step "octets were $was, then $(interim_octets erin | tail -n1)"
client_ppp_down c0
must 15 "the server has no call" server_has_no_calls
has_route 10.9.0.0/24 && fail "the route is left"
has_route 10.9.1.0/29 && fail "the route of the netmask is left"
for name in web.in mail.out; do
	must 5 "ip-down was told of $name" \
	    filter_is $name 10.9.1.5 'not 10.9.1.5'
done
client_pool=$of_pool
must 10 "the end of erin is in the detail file" \
    radius_last one detail 'Acct-Status-Type = Stop'

step "no server is there"
client_ike_up cli1 || fail "no IPsec SA for cli1"
radius_signal one STOP
radius_signal two STOP
log_mark srv
client_dial c0 carol "$lab_password"
log_wait srv 20 "asks RADIUS about 'carol'"
client_dial cli1 bob "$lab_password"
must 30 "cli1 has an address of the pool" client_connected cli1
log_has srv "authentication failed user 'carol'" &&
    fail "carol was refused before bob was let in: this shows nothing"
log_wait srv 30 \
    "authentication failed user 'carol' from .*: no RADIUS server answers"
explains radius-silent carol
carries_ping cli1
client_disconnect cli1
client_start_xl2tpd c0
must 15 "pppd of c0 ends" not client_has_ppp c0
client_ike_down c0
radius_stop one
radius_stop two
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
