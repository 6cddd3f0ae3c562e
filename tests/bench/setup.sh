#!/bin/bash
# SPDX-License-Identifier: ISC
#
# setup.sh BUILD [CLIENTS...]: what a client costs lnsd and, in the same
# machine, xl2tpd with pppd: to set up, to keep and to tear down, without IPsec.
# Runs in a virtual machine whose clock counts instructions, as path.sh does.
# Leaves BUILD/bench/out/setup.json; the table is made of that.  SERVERS may name
# some of lnsd, lnsd-exec (pppd-prepared = no) and xl2tpd.
set -eu
here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- 1 50 200 500

server=10.0.0.1 at_once=64 user=user password=bench-password
dir=/tmp/bench servers=${SERVERS:-lnsd lnsd-exec xl2tpd}

# A server must not find what another one has left.
world_make() {
	local n
	ip netns add srv
	ip netns add cli
	ip link add v0 netns srv type veth peer name v0 netns cli
	for n in srv cli; do
		ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
		    net.ipv6.conf.default.disable_ipv6=1
		ip -n $n link set lo up
		ip -n $n link set v0 up
	done
	ip -n srv addr add $server/24 dev v0
	ip -n cli addr add 10.0.0.2/24 dev v0
}

world_remove() {
	ip netns del srv
	ip netns del cli
}

machine() {
	modprobe -a veth ppp_generic l2tp_ppp
	mkdir -p /cg $dir
	mount -t cgroup2 none /cg
	mount -t tmpfs none /etc/ppp
	touch /etc/ppp/options
	printf '* * "%s" *\n' $password >/etc/ppp/chap-secrets
	chmod 600 /etc/ppp/chap-secrets
	# The clock runs away while a server waits for the disk.
	for p in /usr/sbin/pppd /usr/sbin/xl2tpd "$build/lnsd" \
	    "$build/bench/setup"; do
		ldd "$p" | grep -o '/[^ ]*' | xargs cat "$p"
	done >/dev/null
	cat "$build/lnsd-ppp.so" /usr/lib/pppd/*/pppol2tp.so \
	    /usr/lib/*/ossl-modules/legacy.so >/dev/null
	pppd --version >/dev/null
	ulimit -n 65536
	sysctl -qw net.core.netdev_max_backlog=10000
}

# As little as both can do with.
lnsd_conf() {
	umask 077
	cat >$dir/lnsd.conf <<-C
		listen = { "$server" }
		hostname = "bench"
		state-dir = "$dir/state"
		run-dir = "$dir/run"
		max-half-open = 1000
		ipsec { mode = off }
		ppp "p" {
		    auth = { "mschap-v2" }
		    local-address = "10.9.0.1"
		    pool = { "10.9.0.10-10.9.15.250" }
		    dns = { "10.9.0.1" }
		    proxy-arp = no
		    lcp-echo-interval = 0
		    pppd-prepared = $1
		}
		user "$user" { password = "$password" }
		peer "anyone" {
		    address = any
		    psk = "a-key-that-nobody-uses"
		    keepalive { interval = 0 }
		    ppp = "p"
		}
	C
	mkdir -p $dir/state
	umask 022
}

xl2tpd_conf() {
	cat >$dir/xl2tpd.conf <<-C
		[global]
		listen-addr = $server
		[lns default]
		ip range = 10.9.0.10-10.9.15.250
		local ip = 10.9.0.1
		require authentication = yes
		name = bench
		ppp debug = no
		pppoptfile = $dir/xl2tpd.ppp
		length bit = yes
	C
	cat >$dir/xl2tpd.ppp <<-P
		require-mschap-v2
		noccp
		novj
		noipv6
		nodefaultroute
		mtu 1280
		mru 1280
		lcp-echo-interval 0
		ms-dns 10.9.0.1
	P
	mkdir -p /run/xl2tpd
}

# serve NAME COMMAND...: in a group of its own.
serve() {
	mkdir -p "/cg/$1"
	(
		echo $BASHPID >"/cg/$1/cgroup.procs"
		shift
		exec ip netns exec srv "$@" </dev/null >$dir/log 2>&1
	) &
	until [ -n "$(ip netns exec srv ss -Hlun 'sport = 1701')" ]; do
		kill -0 $! || return 1
		sleep 0.2
	done
}

# one NAME CLIENTS: a line of JSON.
one() {
	world_make
	case $1 in
	xl2tpd)
		xl2tpd_conf
		serve "$1" xl2tpd -D -c $dir/xl2tpd.conf -p $dir/xl2tpd.pid \
		    -C $dir/xl2tpd.control
		;;
	*)
		lnsd_conf "$([ "$1" = lnsd ] && echo yes || echo no)"
		serve "$1" "$build/lnsd" -f -c $dir/lnsd.conf \
		    -p "$build/lnsd-ppp.so"
		;;
	esac
	ip netns exec cli "$build/bench/setup" -g "/cg/$1" -c $at_once \
	    -l "$1" -n "$2" -u $user -p $password $server || {
		tail -n 5 $dir/log >&2
		echo "{\"server\":\"$1\",\"clients\":$2,\"failed\":true}"
	}
	while [ -n "$(cat "/cg/$1/cgroup.procs")" ]; do
		xargs kill -KILL <"/cg/$1/cgroup.procs" 2>/dev/null || :
		sleep 0.5
	done
	wait
	world_remove
}

table() {
	python3 - "$1" <<-'P'
	import json, sys
	print("| server | clients | set-up M instr | tear-down M instr"
	      " | PSS kB each | set-ups/s | p50 ms | p90 ms | gone s |")
	print("|---|---|---|---|---|---|---|---|---|")
	for r in json.load(open(sys.argv[1])):
	    head = "| %s | %s | " % (r["server"], format(r["clients"], ","))
	    if r.get("failed"):
	        print(head + "failed | | | | | | |")
	        continue
	    print(head + "%.2f | %.2f | %.0f | %.0f | %.0f | %.0f | %.1f |" % (
	        r["setup_minstr"], r["teardown_minstr"], r["pss_kb"],
	        r["per_second"], r["p50_ms"], r["p90_ms"],
	        r["gone_s"]))
	P
}

if [ -n "${LNSD_VM:-}" ]; then
	machine
	for n; do
		for s in $servers; do
			one $s "$n" >>$dir/lines
			tail -n 1 $dir/lines
		done
	done
	paste -sd, $dir/lines | sed 's/^/[/; s/$/]/; s/},{/},\n{/g' \
	    >/out/setup.json
	exit
fi
rm -f "$build/bench/out/setup.json"
"$here/../lab/vm.sh" -i -m 6144 -t 3600 -o "$build/bench/out" \
    -e "SERVERS=$servers" "$0" "$build" "$@" >"$build/bench/setup.log" || {
	cat "$build/bench/setup.log"
	exit 1
}
table "$build/bench/out/setup.json"
