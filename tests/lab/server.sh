# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# lnsd on the server: configuration, start, stop.  A scenario may set these
# before server_conf:
#
#   server_listen     addresses that clients dial
#   server_global     lines outside of the sections, and whole sections
#   server_keepalive  in the template, server_ppp in the profile,
#   server_pool       its pool, server_dns its name servers
#   server_ipsec      in the ipsec section
#   server_peers      sections of more peers
#   server_peer       the address of the peer, server_mode the one of IPsec

server_listen='"203.0.113.1"'
server_global='' server_keepalive='' server_ppp='' server_ipsec=''
server_peers='' server_pool='"192.168.100.200-192.168.100.250"'
server_peer=any server_mode=managed server_dns='"192.168.100.1"'

server_conf() {
	local dir=$lab/srv
	mkdir -p "$dir/state"
	umask 077
	cat >"$dir/lnsd.conf" <<-C
		listen = { $server_listen }
		hostname = "lab"
		state-dir = "$dir/state"
		run-dir = "/run/lnsd"
		$server_global
		ipsec {
		    mode = $server_mode
		    $server_ipsec
		}
		ppp "lan" {
		    auth = { "mschap-v2", "chap", "pap" }
		    local-address = "192.168.100.1"
		    pool = { $server_pool }
		    dns = { $server_dns }
		    mtu = 1280
		    proxy-arp = yes
		    $server_ppp
		}
		user "alice" { password = "$lab_password" }
		user "bob" { password = "$lab_password" }
		template "lab" {
		    psk = "$lab_psk"
		    ppp = "lan"
		    $server_keepalive
		}
		$server_peers
		peer "anyone" {
		    address = "$server_peer"
		    template = "lab"
		}
	C
	umask 022
}

lab_password=lab-user-password

server_launch() {
	log_mark srv
	on srv "$LNSD_BUILD/lnsd" -f -v -c "$lab/srv/lnsd.conf" \
	    -p "$LNSD_BUILD/lnsd-ppp.so" \
	    </dev/null >>"$out/lnsd.stderr" 2>&1 &
	server_job=$!
}

# server_start: returns when a client may dial.
server_start() {
	server_launch
	must 40 "lnsd is ready" server_ready
	log_has srv '\[L2TP\] opend port 1701/udp' ||
	    fail "lnsd is ready but does not say that UDP 1701 is open"
}

server_ready() {
	server_runs || fail "lnsd ended: $(tail -n1 "$out/lnsd.stderr")"
	log_has srv 'lnsd: ready$'
}

server_runs() {
	kill -0 "$server_job" 2>/dev/null
}

# server_stop: SIGTERM, and a good end.
server_stop() {
	host_kill srv TERM lnsd
	must 20 "lnsd ends" not server_runs
	wait "$server_job" || fail "lnsd ended with status $?"
}

# server_begin CLIENT: what every scenario starts with; the client's daemons
# run then, too.
server_begin() {
	local job
	client_start "$1" &
	job=$!
	log_start srv
	server_conf
	snapshot "$out/before.snapshot"
	capture_start
	server_start
	wait $job || exit 1
}

# server_end: and ends with.
server_end() {
	server_stop
	capture_stop
	snapshot_compare
}

# server_has_sas N: and no more.
server_has_sas() {
	[ "$(on srv ip xfrm state | grep -c ' spi ')" -eq "$1" ]
}

# server_evidence: what the kernel of the server holds, to $out/srv.kernel, for
# whoever looks into a failure.
server_evidence() {
	# shellcheck disable=SC2016
	on srv bash -c '
		show() {
			echo "== $*"
			"$@" 2>&1
		}
		show cat /proc/net/xfrm_stat
		show ip -s xfrm state list nokeys
		show ip -s xfrm policy
		show nft list ruleset
		show ip -s l2tp show tunnel
		show ip l2tp show session
		show ss -uanpm
		show ip -s neigh
		show ip -s link
		show ps -e -o pid,stat,etimes,args' >"$out/srv.kernel"
}

# server_is_idle: no tunnel, session, pppd, PPP interface or SA, though lnsd
# runs; what there is stays in $out/busy.
server_is_idle() {
	on srv bash -c 'pgrep -x -a pppd; ip -o link show type ppp
	    ip neigh show proxy; ip l2tp show tunnel; ip l2tp show session
	    ip xfrm state' >"$out/busy"
	[ ! -s "$out/busy" ]
}

# server_has_no_calls: the same, but SAs may be there.
server_has_no_calls() {
	server_is_idle || ! grep -vE '^(src|	)' "$out/busy" >/dev/null
}

# server_forget_proxies: a pppd that was killed together with lnsd leaves its
# proxy ARP entry.
server_forget_proxies() {
	local addr
	for addr in $(on srv ip neigh show proxy | awk '{ print $1 }'); do
		on srv ip neigh del proxy "$addr" dev lan0
	done
}

# guard_count WORD: what the guard's rules with this word have dropped: what
# leaves, and as long as lnsd runs what comes in.
guard_count() {
	on srv nft list ruleset |
	    awk -v word="$1" '
		/^table/ { guard = $3 ~ /^lnsd/ }
		guard && /packets .*drop( comment .*)?$/ && index($0, word) {
			for (i = 1; i < NF; i++)
				if ($i == "packets")
					n += $(i + 1)
		}
		END { print n + 0 }'
}

guard_rose() {
	[ "$(guard_count "$1")" -gt "$2" ]
}

# server_clean: by force, for the scenario after one that failed.
server_clean() {
	host_kill srv KILL lnsd pluto pppd tcpdump
	host_kill rt KILL tcpdump
	wait_until 10 not host_runs srv lnsd pluto pppd tcpdump
	on srv nft delete table ip lnsd_guard 2>/dev/null
	on srv nft delete table ip6 lnsd_guard 2>/dev/null
	on srv ip route del broadcast 240.1.0.0/16 table local 2>/dev/null
	server_forget_proxies
	on srv ip xfrm state flush
	on srv ip xfrm policy flush
	on srv find /run -mindepth 1 -maxdepth 1 \
	    '(' -name 'lnsd*' -o -name 'ppp*' ')' -exec rm -rf {} +
}
