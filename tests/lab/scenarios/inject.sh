# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Clients that have SAs of their own, one of them behind the same NAT, send
# through them what would end another client's session and tunnel, with that
# one's ids.  It does nothing; the same octets from the other client itself do.

# octets NUMBER: two, in network order, for printf.
octets() {
	printf '\\x%02x\\x%02x' $(($1 >> 8)) $(($1 & 255))
}

# Data of the session: LCP Terminate-Request.
terminate() {
	# shellcheck disable=SC2059
	printf "\0\2$(octets "$tid")$(octets "$sid")\xff\3\xc0\x21\5\1\0\4"
}

# StopCCN as message NUMBER of the tunnel.
stopccn() {
	# shellcheck disable=SC2059
	printf "\xc8\2\0\x26$(octets "$tid")\0\0$(octets "$1")\0\0"
	printf '\x80\x08\0\0\0\0\0\4'
	printf '\x80\x0a\0\0\0\1\0\1\0\0'
	printf '\x80\x08\0\0\0\x09\0\7'
}

# forge HOST: from its port 1701, which is the one that its SA is for.
forge() {
	local n
	host_kill "$1" KILL xl2tpd pppd
	wait_until 10 not host_runs "$1" xl2tpd pppd
	terminate | send "$1"
	for n in {0..7}; do
		stopccn "$n" | send "$1"
	done
}

send() {
	on "$1" socat -u - UDP:203.0.113.1:1701,bind=:1701
}

# id WHAT: the number that the log gives the one that was established last.
id() {
	log_lines srv |
	    sed -n "s/.* $1 \([0-9]*\) established\$/\1/p" | tail -n 1
}

# What HOST has sent to the server through its SAs.
encrypted() {
	on "$1" ip -s xfrm state | awk '
	    $1 == "src" { to = $4 }
	    /bytes\), *[0-9]+\(packets\)/ && to == "203.0.113.1" {
		sub(/\(packets\).*/, "")
		sub(/.*, */, "")
		n += $0
	    }
	    END { print n + 0 }'
}

# attack HOST: of its own tunnel nobody is left to speak.
attack() {
	local before
	step "$1 forges packets of tunnel $tid, session $sid"
	before=$(encrypted "$1")
	forge "$1"
	[ "$(encrypted "$1")" -ge $((before + 9)) ] ||
	    fail "$1 has not sent them through its SA"
}

server_begin cli1
client_start c0
client_start cli2
client_connect c0 alice "$lab_password"
client_connect cli2 alice "$lab_password"
log_mark srv
client_connect cli1 bob "$lab_password"
tid=$(id tunnel)
sid=$(id session)
[ -n "$tid" ] && [ -n "$sid" ] || fail "the log does not tell the ids"
log_mark srv
ping_start cli1 "$lan_host"
attack c0
attack cli2
carries_ping cli1
ping_stop cli1
ping_lost_at_most 0 cli1 "$lan_host"
! log_has srv "(session $sid|tunnel $tid|user 'bob')" ||
    fail "the other client's tunnel took notice"

step "cli1 sends the same"
forge cli1
log_wait srv 20 "disconnect (session $sid|tunnel $tid) complete\$"
client_ike_down c0
client_ike_down cli2
client_ike_down cli1
must 60 "the server is idle" server_is_idle
server_end
wire_is_protected 'src 203.0.113.1'
