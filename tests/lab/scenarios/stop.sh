# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# lnsd stops with a client connected: the client hears of it, nothing is left.
# lnsd is killed: its children go with it, nothing leaves in clear text, and a
# new lnsd serves the client.
server_begin cli1
client_connect cli1 alice "$lab_password"
step "SIGTERM"
server_stop
must 10 "the client hears StopCCN" \
    grep -qE 'xl2tpd.*Connection closed to 203\.0\.113\.1' "$out/cli1.log"
snapshot_compare
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_ike_down cli1

step "SIGKILL"
server_start
client_connect cli1 alice "$lab_password"
host_kill srv KILL lnsd
must 10 "the children of lnsd end" not host_runs srv lnsd pppd pluto
! on srv nft list tables | grep -qE 'lnsd(_ppp)?$' ||
    fail "tables of lnsd are left besides the guard"
on cli1 ping -n -q -c 5 -i 0.2 -W 1 "$lan_host"
client_disconnect cli1
# xl2tpd would try the tunnel that nobody answers for half a minute more.
client_start cli1
server_start
client_connect cli1 alice "$lab_password"
carries_ping cli1
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
# xl2tpd goes on in clear text when its SA is gone: that is the client's.
wire_is_protected 'src 203.0.113.1'
