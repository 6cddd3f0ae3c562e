# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The SAs are lost under live tunnels, with traffic both ways: by hand, with
# pluto, with lnsd.  Nothing leaves in clear text, and the clients are served
# again.
hosts=(c0 cli1)

connect() {
	local h
	for h in "${hosts[@]}"; do
		client_connect "$h" alice "$lab_password"
		ping_start "$h" "$lan_host"
		ping_start lan "$(client_address "$h")"
	done
}

# The clients find out in their own way; here they are rebooted.
again() {
	local h
	ping_stop lan
	for h in "${hosts[@]}"; do
		client_vanish "$h"
		client_return "$h"
	done
}

new_pluto() {
	local pid
	pid=$(on srv pgrep -x pluto) && [ "$pid" != "$1" ]
}

# Dead peer detection stays as it is by default: pluto would give up the IKE SA
# of a client that was rebooted here, and all of the same connection with it.
client_start c0
server_begin cli1
connect
step "the SAs and policies are flushed"
on srv ip xfrm state flush
on srv ip xfrm policy flush
sleep 3
explains ipsec-gone alice
again

connect
step "pluto is killed"
pid=$(on srv pgrep -x pluto)
on srv kill -9 "$pid"
must 40 "lnsd starts pluto again" new_pluto "$pid"
again

connect
step "lnsd is killed"
host_kill srv KILL lnsd
must 10 "the children of lnsd end" not host_runs srv lnsd pppd pluto
sleep 1
again

server_start
connect
ping_stop lan
for h in "${hosts[@]}"; do
	ping_stop "$h"
	carries_ping "$h"
	client_disconnect "$h"
done
must 60 "the server is idle" server_is_idle
server_end
wire_is_protected 'src 203.0.113.1'
