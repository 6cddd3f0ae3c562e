# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A phone that never answers HELLO is not cut while its data, or its answers to
# PPP's echo, show that it lives; it is when nothing comes any more.
server_global='keepalive-log = yes'
server_keepalive='keepalive { interval = 2 count = 2 }'
server_ppp='lcp-echo-interval = 1
    lcp-echo-failure = 60'

# mute WHAT: what cli1 sends to UDP 1701 and matches does not leave it.
mute() {
	on cli1 nft -f - <<-N
		table ip mute {
			chain output {
				type filter hook output priority -400
				udp dport 1701 $1 counter drop
			}
		}
	N
}

# Also when the scenario breaks off.
unmute() {
	on cli1 nft delete table ip mute 2>/dev/null
}
trap unmute EXIT

# Longer than interval x count by far; each ping is 0.5 s after the other.
still_there() {
	on cli1 ping -n -q -c "$1" -i 0.5 -W 3 "$2"
	! log_has srv 'keepalive timer expired' || fail "cut though it lives"
}

server_begin cli1
client_connect cli1 alice "$lab_password"
log_mark srv
step "control messages of the phone are lost, data is not"
mute '@th,64,1 1'
still_there 24 "$lan_host"
step "only answers to PPP's echo"
still_there 24 127.0.0.1
step "nothing at all"
unmute
mute ''
log_wait srv 15 'keepalive timer expired tunnel [0-9]+$'
log_wait srv 20 'disconnect tunnel [0-9]+ complete$'
client_vanish cli1
unmute
client_return cli1
client_connect cli1 alice "$lab_password"
client_disconnect cli1
must 150 "the server is idle" server_is_idle
server_end
wire_is_protected
