# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Ten clients behind one NAT, all with the L2TP source port 1701, dial at once.
# One gets new keys, one is killed and dials again, one hangs up: the others
# lose nothing.
hosts=(cli{1..10})

# each COMMAND [ARG...]: "COMMAND HOST ARG..." for every client at once.
each() {
	local h pid pids=()
	for h in "${hosts[@]}"; do
		"$1" "$h" "${@:2}" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || exit 1
	done
}

pings() {
	local addr
	addr=$(client_address "$1") || fail "$1 has no address"
	ping_start "$1" "$lan_host"
	ping_start lan "$addr"
}

lost_nothing() {
	ping_lost_at_most 0 "$1" "$lan_host"
	ping_lost_at_most 0 lan "$(client_address "$1")"
}

client_add {3..10}
server_begin cli1
hosts=(cli{2..10})
each client_start
hosts=(cli{1..10})
each client_connect alice "$lab_password"
step "all ten are connected, traffic both ways"
[ "$(for h in "${hosts[@]}"; do client_address "$h"; done | sort -u |
    wc -l)" -eq 10 ] || fail "two clients have one address"
each pings
step "cli3 hangs up, cli2 is killed and dials again, cli1 gets new keys"
client_disconnect cli3
client_vanish cli2
client_ike_up cli1 || fail "no new keys for cli1"
client_return cli2
client_connect cli2 alice "$lab_password"
carries_ping cli2
hosts=(cli1 cli{4..10})
each ping_stop
ping_stop lan
each lost_nothing
hosts=(cli{1,2} cli{4..10})
each client_disconnect client_hangup
# The SA of the one that was killed goes by dead peer detection.
must 150 "the server is idle" server_is_idle
server_end
wire_is_protected 'src 203.0.113.1'
