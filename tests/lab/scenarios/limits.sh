# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What a user gets besides an address: networks behind him are reached through
# his link as long as it is up.
routes_are() {
	[ "$(on srv ip -o route show | grep -c "$1")" -eq "$2" ]
}

tidy() {
	on lan ip route del 10.7.0.0/16
	on cli1 ip addr del 10.7.0.1/32 dev lo
} 2>/dev/null
trap tidy EXIT

server_global="user \"carol\" {
	password = \"$lab_password\"
	routes = { \"10.7.0.0/16\", \"10.8.1.0/24\" }
    }"
server_begin cli1
step "networks behind a user"
client_connect cli1 carol "$lab_password"
must 5 "there is a route to each" routes_are '10[.][78][.][01].0/.* dev ppp' 2
on cli1 ip addr add 10.7.0.1/32 dev lo
on lan ip route add 10.7.0.0/16 via 192.168.100.1
on lan ping -n -q -c 3 -i 0.2 -W 3 10.7.0.1 ||
    fail "the network behind carol does not answer"
client_disconnect cli1
must 10 "the routes are gone" routes_are ' dev ppp' 0
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
