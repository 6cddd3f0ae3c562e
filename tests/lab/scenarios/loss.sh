# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A bad line: a fifth of the packets is lost in each direction, others overtake.
# What leaves an interface is what netem takes: cli1's own, and the router's
# towards cli1.
bad_line() {
	on "$1" tc qdisc replace dev "$2" root netem \
	    delay 20ms 10ms loss 20% reorder 25% 50%
}

good_line() {
	on "$1" tc qdisc del dev "$2" root
}

# Also when the scenario breaks off.
good_lines() {
	good_line cli1 e0
	good_line rt e2
} 2>/dev/null
trap good_lines EXIT

# IPCP may begin once more when an answer was lost, and take the way with it.
lan_answers() {
	client_connected cli1 && on cli1 ping -n -q -c 5 -i 0.2 -W 2 "$lan_host"
}

# xl2tpd gives up when five SCCRQ in turn are lost; its user dials again.
client_lac='redial = yes
redial timeout = 1
max redials = 20'

server_begin cli1
for n in 1 2 3; do
	step "call $n"
	client_ike_up cli1 || fail "no IPsec SA for cli1"
	bad_line cli1 e0
	bad_line rt e2
	log_mark srv
	client_dial cli1 alice "$lab_password"
	must 120 "cli1 has an address of the pool" client_connected cli1
	must 30 "the LAN host answers" lan_answers
	client_hangup cli1
	must 60 "the server has no call" server_has_no_calls
	good_lines
	must 45 "pppd of cli1 ends" not client_has_ppp cli1
	client_ike_down cli1
	client_start_xl2tpd cli1
done
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
