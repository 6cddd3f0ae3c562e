# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Addresses of the LAN's DHCP server: a lease for each user, his own again when
# he dials again, renewed while he stays, given back when he hangs up; refused
# when there is no other, and hung up when the server does not renew.
dhcpd_conf() {
	cat >"$lab/lan/udhcpd.conf" <<-D
		start 192.168.100.60
		end 192.168.100.61
		interface eth0
		lease_file $lab/lan/leases
		pidfile $lab/lan/udhcpd.pid
		min_lease 5
		option subnet 255.255.255.0
		option dns 192.168.100.53
		option lease 20
	D
	: >"$lab/lan/leases"
}

dhcpd_start() {
	on lan busybox udhcpd -f -a 200 "$lab/lan/udhcpd.conf" \
	    </dev/null >>"$out/dhcpd" 2>&1 &
	wait_until 5 on lan bash -c 'ss -lun | grep -q ":67 "' ||
	    fail "no DHCP server"
}

has_address() {
	[ "$(client_address "$1")" = "192.168.100.$2" ] ||
	    fail "$1 has $(client_address "$1"), not 192.168.100.$2"
	carries_ping "$1"
}

# leases_given_back COUNT: the server has them in its books, and they are over.
leases_given_back() {
	host_kill lan USR1 busybox
	[ "$(on lan busybox dumpleases -f "$lab/lan/leases" |
	    grep -c expired)" -eq "$1" ]
}

# acks: how many leases the server has given or renewed.
acks() {
	grep -c 'sending ACK' "$out/dhcpd"
}

more_acks_than() {
	[ "$(acks)" -gt "$1" ]
}

server_pool=dhcp client_pool=192.168.100.6[01]
server_begin c0
lan_if=$(on lan ip -o -4 addr show | awk '/192\.168\.100\.10/ { print $2 }')
dhcpd_conf
sed -i "s/eth0/$lan_if/" "$lab/lan/udhcpd.conf"
client_start cli1

step "no server"
client_ike_up c0 || fail "no IPsec SA for c0"
client_dial c0 alice "$lab_password"
log_wait srv 30 "authentication failed user 'alice' from .*: no DHCP server"
explains dhcp alice
must 15 "pppd of c0 ends" not client_has_ppp c0
client_start_xl2tpd c0

step "two users"
dhcpd_start
client_dial c0 alice "$lab_password" usepeerdns
must 30 "c0 has an address of the pool" client_connected c0
alice=$(client_address c0)
carries_ping c0
client_connect cli1 bob "$lab_password"
bob=$(client_address cli1)
carries_ping cli1
[ "$alice" != "$bob" ] || fail "both users have $alice"

step "renewal"
renewed=$(acks)
must 40 "the leases are renewed" more_acks_than $((renewed + 1))
carries_ping c0

step "given back, and got again"
client_disconnect c0
client_disconnect cli1
must 20 "the server is idle" server_is_idle
must 5 "both leases are given back" leases_given_back 2
client_connect cli1 bob "$lab_password"
has_address cli1 "${bob##*.}"
client_connect c0 alice "$lab_password"
has_address c0 "${alice##*.}"

step "the server goes"
host_kill lan TERM busybox
log_wait srv 60 "PPP down user 'alice': the DHCP lease has ended"
log_wait srv 60 "PPP down user 'bob': the DHCP lease has ended"
must 15 "pppd of c0 ends" not client_has_ppp c0
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_ike_down c0
client_ike_down cli1
must 30 "the server is idle" server_is_idle
server_end
wire_is_protected
