# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The hosts and the wires between them.
#
#   lan 192.168.100.10                                   c0 192.0.2.10
#        |                                                |
#   192.168.100.1 srv 203.0.113.1 -------- rt ------------+
#                                          |
#                       198.51.100.1 nat 192.168.7.1 --- cli1 192.168.7.11
#                                                    \-- cli2 192.168.7.12
#
# A host is a set of name spaces (network, mounts, processes) held by one
# process, its init: when that dies, everything in it does.  Each has its own
# /run, /dev/log, /etc/ppp, /etc/ipsec.*; lan knows no way to anywhere but its
# own segment.  A scenario may add hosts and wires; they end with it.

lab_hosts="srv rt nat cli1 cli2 c0 lan"

# on HOST COMMAND...: runs COMMAND on HOST.
on() {
	local pid
	pid=$(<"$lab/$1/pid")
	shift
	nsenter -t "$pid" -m -n -p -u -- "$@"
}

# host_kill HOST SIGNAL NAME...: programs by name.
host_kill() {
	on "$1" bash -c 'for n in "${@:2}"; do pkill "-$1" -x "$n"; done' \
	    kill "${@:2}"
}

# host_runs HOST NAME...: one of them does.
host_runs() {
	on "$1" bash -c 'for n; do pgrep -x "$n" && exit; done; exit 1' \
	    runs "${@:2}" >/dev/null
}

# What a host's init does, as process 1 of it; $1: the host's folder.
host_init() {
	local dir=$1
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin
	mount -a -T "$dir/fstab" || exit 1
	cp -a /dev/{null,zero,full,random,urandom,tty,ppp} "$dir/dev"
	mount --move "$dir/dev" /dev
	mkdir /run/{lock,pluto,xl2tpd}
	echo "${dir##*/}" >/proc/sys/kernel/hostname
	echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	: >"$dir/ready"
	# bash reaps the orphans that end up with process 1.
	while :; do
		sleep infinity &
		wait
	done
}

# The files of HOST that its mounts put in the place of the machine's; a
# router or a LAN host needs none.
host_files() {
	local dir=$lab/$1
	mkdir -p "$dir/dev"
	# mount -a leaves out what seems to be mounted: the source is a new name.
	cat >"$dir/fstab" <<-F
		lab /proc proc defaults
		lab /sys sysfs defaults
		lab /run tmpfs mode=755
		lab $dir/dev tmpfs mode=755
	F
	case $1 in rt* | nat* | lan) return ;; esac
	mkdir -p "$dir"/{nss,ipsec.d/policies}
	cp -a /etc/ppp "$lab"/nss "$dir"
	: >"$dir/ipsec.conf"
	: >"$dir/ipsec.secrets"
	cat >>"$dir/fstab" <<-F
		$dir/ppp /etc/ppp none bind
		$dir/nss /var/lib/ipsec/nss none bind
		$dir/ipsec.d /etc/ipsec.d none bind
		$dir/ipsec.conf /etc/ipsec.conf none bind
		$dir/ipsec.secrets /etc/ipsec.secrets none bind
	F
}

host_start() {
	local dir=$lab/$1
	mkdir -p "$dir"
	(
		host_files "$1"
		exec unshare -n -m -p -u -f --propagation private \
		    bash -c "$(declare -f host_init); host_init '$dir'"
	) </dev/null >"$dir/init.log" 2>&1 &
	echo $! >"$dir/unshare"
}

# The init's process id, once it is ready.
host_ready() {
	local dir=$lab/$1 pid
	wait_until 20 [ -e "$dir/ready" ] || return 1
	pid=$(<"$dir/unshare")
	pgrep -P "$pid" >"$dir/pid"
}

host_stop() {
	[ -s "$lab/$1/pid" ] && kill -9 "$(<"$lab/$1/pid")" 2>/dev/null
	rm -f "$lab/$1/pid"
}

# host_add HOST...: for this scenario.
host_add() {
	local h
	for h; do
		echo "$h" >>"$lab/added"
		host_start "$h"
	done
	for h; do
		host_ready "$h" || fail "no name space for $h"
	done
}

hosts_added() {
	[ ! -e "$lab/added" ] || cat "$lab/added"
}

# net_trim: the hosts that were added go, and their wires with them.
net_trim() {
	local h
	for h in $(hosts_added); do
		host_stop "$h"
		rm -rf "${lab:?}/$h"
	done
	rm -f "$lab/added"
}

# link HOST IF HOST IF: a wire.
link() {
	ip link add "$2" netns "$(<"$lab/$1/pid")" type veth \
	    peer name "$4" netns "$(<"$lab/$3/pid")"
}

# addresses HOST: commands of ip(8) on stdin, after lo.
addresses() {
	{
		echo link set lo up
		cat
	} | on "$1" ip -batch -
}

# wire HOST IF ADDRESS HOST IF ADDRESS: a link that is up.
wire() {
	link "$1" "$2" "$4" "$5"
	addresses "$1" <<<"link set $2 up
	    addr add $3 dev $2"
	addresses "$4" <<<"link set $5 up
	    addr add $6 dev $5"
}

net_links() {
	link srv e0 rt e1
	link srv lan0 lan e0
	link rt e2 nat wan
	link rt e3 c0 e0
	link nat p1 cli1 e0
	link nat p2 cli2 e0
}

net_addresses() {
	addresses srv <<-A
		link set e0 up
		link set lan0 up
		addr add 203.0.113.1/24 dev e0
		addr add 192.168.100.1/24 dev lan0
		route add default via 203.0.113.254
	A
	addresses rt <<-A
		link set e1 up
		link set e2 up
		link set e3 up
		addr add 203.0.113.254/24 dev e1
		addr add 198.51.100.254/24 dev e2
		addr add 192.0.2.254/24 dev e3
	A
	addresses nat <<-A
		link add br0 type bridge
		link set p1 master br0
		link set p2 master br0
		link set p1 up
		link set p2 up
		link set br0 up
		link set wan up
		addr add 192.168.7.1/24 dev br0
		addr add 198.51.100.1/24 dev wan
		route add default via 198.51.100.254
	A
	addresses lan <<-A
		link set e0 up
		addr add 192.168.100.10/24 dev e0
	A
	client_net c0 192.0.2.10 192.0.2.254
	client_net cli1 192.168.7.11 192.168.7.1
	client_net cli2 192.168.7.12 192.168.7.1
}

# client_net HOST [ADDRESS GATEWAY]: its wire up, address and way out; without
# an ADDRESS those of before, after a cut.
client_net() {
	[ $# -eq 1 ] || echo "$2 $3" >"$lab/$1/net"
	local addr gw
	read -r addr gw <"$lab/$1/net"
	addresses "$1" <<-A
		link set e0 up
		addr replace $addr/24 dev e0
		route replace default via $gw
	A
}

# client_add N...: hosts cliN behind nat, at 192.168.7.(10 + N).
client_add() {
	local n
	host_add "${@/#/cli}"
	for n; do
		link nat "p$n" "cli$n" e0
		addresses nat <<<"link set p$n master br0
		    link set p$n up"
		client_net "cli$n" "192.168.7.$((10 + n))" 192.168.7.1
	done
}

forwards() {
	on "$1" sysctl -qw net.ipv4.ip_forward=1
}

# nat_rules HOST STATEMENT [CHAIN...]: how HOST translates what leaves by wan,
# in the place of what it did before.
nat_rules() {
	on "$1" nft -f - <<-N
		table ip nat {
		}
		delete table ip nat
		table ip nat {
			${*:3}
			chain post {
				type nat hook postrouting priority srcnat
				oifname wan $2
			}
		}
	N
}

# nat_forgets HOST GATEWAY: the mappings that it has made by masquerading, as
# after a cut of its line.
nat_forgets() {
	on "$1" ip link set wan down
	wait_until 5 nat_is_empty "$1"
	addresses "$1" <<<"link set wan up
	    route replace default via $2"
}

nat_is_empty() {
	[ "$(on "$1" sysctl -n net.netfilter.nf_conntrack_count)" -eq 0 ]
}

# nat_ordinary: nat as it is at the beginning.
nat_ordinary() {
	nat_rules nat masquerade
	nat_forgets nat 198.51.100.254
}

net_rules() {
	local h
	for h in srv rt nat; do
		forwards $h
	done
	nat_rules nat masquerade
	# Control messages as they come out of and go into ESP, for a capture.
	on srv nft -f - <<-'N'
		table ip lab {
			chain in {
				type filter hook input priority 300
				udp dport 1701 meta secpath exists @th,64,1 1 \
				    log group 5 queue-threshold 1
			}
			chain out {
				type filter hook output priority 300
				udp sport 1701 rt ipsec exists @th,64,1 1 \
				    log group 5 queue-threshold 1
			}
		}
	N
}

# net_up: everything, below the folder $lab.
net_up() {
	local h
	mkdir -p "$lab/nss"
	ipsec initnss --nssdir "$lab/nss" >/dev/null || {
		echo "lab: cannot make an NSS data base" >&2
		return 1
	}
	for h in $lab_hosts; do
		host_start "$h"
	done
	for h in $lab_hosts; do
		host_ready "$h" || {
			echo "lab: no name space for $h: $(cat "$lab/$h/init.log")" >&2
			return 1
		}
	done
	net_links && net_addresses && net_rules
}

net_down() {
	local h
	for h in $lab_hosts $(hosts_added); do
		host_stop "$h"
	done
	wait
	rm -rf "$lab"
}
