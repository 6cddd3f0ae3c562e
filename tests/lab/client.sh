# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client is what Debian ships: libreswan for IKE, xl2tpd and pppd for
# L2TP/PPP, set up as its user would do.

lab_psk=lab-pre-shared-key

# A scenario may set, before a client starts: the address that it dials; its
# last lines of libreswan's connection; lines of xl2tpd's lac section; that
# xl2tpd has a file of tunnel secrets; which addresses are of the pool; and
# whose IKE it is, libreswan or strongswan (on a host that was added); its own
# end of libreswan's connection, and its L2TP port.
client_ike=libreswan client_left=%defaultroute client_port=1701
client_dials=203.0.113.1 client_conn=rekey=no
client_lac='' client_secrets=''
client_pool='192[.]168[.]100[.](2[0-4][0-9]|250)'

client_ipsec_conf() {
	cat <<-C
		config setup
		    logfile=/run/pluto/pluto.log
		    ikev1-policy=accept
		conn l2tp
		    authby=secret
		    ikev2=never
		    type=transport
		    left=$client_left
		    leftprotoport=17/$client_port
		    leftupdown=%disabled
		    right=$client_dials
		    rightprotoport=17/1701
		    $client_conn
		    auto=add
	C
}

client_xl2tpd_conf() {
	cat <<-C
		[global]
		port = 1701
		${client_secrets:+auth file = $lab/$1/l2tp-secrets}
		[lac vpn]
		lns = $client_dials
		pppoptfile = $lab/$1/ppp.opt
		length bit = yes
		autodial = no
		redial = no
		$client_lac
	C
}

# client_psk HOST PSK: what it will use from its next IKE on.
client_psk() {
	echo ": PSK \"$2\"" >"$lab/$1/ipsec.secrets"
	client_has_pluto "$1" &&
	    on "$1" /usr/libexec/ipsec/whack --rereadsecrets
	return 0
}

client_has_pluto() {
	on "$1" test -S /run/pluto/pluto.ctl
}

# Loaded, and pluto listens on its address.
client_has_conn() {
	on "$1" /usr/libexec/ipsec/whack --status 2>/dev/null |
	    grep -q '"l2tp": .* oriented;'
}

# A running one is told of its connection if that is another now.
client_start_pluto() {
	local dir=$lab/$1
	if ! cmp -s "$dir/ipsec.new" "$dir/ipsec.conf"; then
		cat "$dir/ipsec.new" >"$dir/ipsec.conf"
		client_has_pluto "$1" && on "$1" /usr/libexec/ipsec/addconn l2tp
	fi
	client_has_pluto "$1" ||
	    on "$1" /usr/libexec/ipsec/pluto --config /etc/ipsec.conf
	wait_until 60 client_has_conn "$1" ||
	    fail "pluto of $1 does not take its connection"
}

# client_stop_pluto HOST: the next one reads its configuration afresh.
client_stop_pluto() {
	client_has_pluto "$1" || return 0
	on "$1" timeout 10 /usr/libexec/ipsec/whack --shutdown
	wait_until 30 not host_runs "$1" pluto ||
	    fail "pluto of $1 does not end"
}

# What the server still sends meets no socket for a moment, and the kernel of the
# client would quote it in an error, which its IPsec policy does not protect.
client_mute() {
	on "$1" nft -f - <<-N
		table ip mute {
		    chain output {
			type filter hook output priority 0
			icmp type destination-unreachable drop
		    }
		}
	N
}

client_unmute() {
	on "$1" nft delete table ip mute
}

# A running one says goodbye to its server and is replaced.
client_start_xl2tpd() {
	client_mute "$1"
	host_kill "$1" TERM xl2tpd
	wait_until 5 not host_runs "$1" xl2tpd || host_kill "$1" KILL xl2tpd
	on "$1" rm -f /run/xl2tpd/l2tp-control
	on "$1" xl2tpd -c "$lab/$1/xl2tpd.conf" -p /run/xl2tpd/pid \
	    -C /run/xl2tpd/l2tp-control
	wait_until 30 on "$1" test -p /run/xl2tpd/l2tp-control ||
	    fail "xl2tpd of $1 does not start"
	client_unmute "$1"
}

# client_start_ike HOST
client_start_ike() {
	log_start "$1"
	echo $client_ike >"$lab/$1/ike"
	if client_has_strongswan "$1"; then
		strongswan_start "$1"
	else
		client_psk "$1" "$lab_psk"
		client_ipsec_conf >"$lab/$1/ipsec.new"
		client_start_pluto "$1"
	fi
}

# client_change HOST [LINE...]: its connection has these lines instead of those
# with the same keys, as in aggressive=yes; without LINE it is as it was.
client_change() {
	local host=$1 line keys=
	shift
	for line; do keys+="|${line%%=*}"; done
	# The file is mounted: written in place.
	{
		client_ipsec_conf | grep -vE "^ *(auto${keys})="
		printf '    %s\n' "$@" auto=add
	} >"$lab/$host/ipsec.conf"
	on "$host" /usr/libexec/ipsec/whack --delete --name l2tp
	on "$host" /usr/libexec/ipsec/addconn --config /etc/ipsec.conf l2tp
	on "$host" /usr/libexec/ipsec/whack --listen
	wait_until 60 client_has_conn "$host" ||
	    fail "pluto of $host does not take its connection"
}

# client_start HOST: its daemons run and are idle.
client_start() {
	client_start_ike "$1"
	client_xl2tpd_conf "$1" >"$lab/$1/xl2tpd.conf"
	client_start_xl2tpd "$1"
}

client_has_strongswan() {
	[ "$(<"$lab/$1/ike")" = strongswan ]
}

# client_ike_up HOST [SECONDS]: 0 when the IPsec SA is established; what
# libreswan says stays in $out/HOST.ike.
client_ike_up() {
	if client_has_strongswan "$1"; then
		strongswan_up "$1" "${2:-60}"
		return
	fi
	on "$1" timeout "${2:-60}" \
	    /usr/libexec/ipsec/whack --initiate --name l2tp >"$out/$1.ike"
	cat "$out/$1.ike"
	grep -q 'IPsec SA established transport mode' "$out/$1.ike"
}

# client_ike_down HOST: and nothing brings it up again by itself.
client_ike_down() {
	if client_has_strongswan "$1"; then
		strongswan_down "$1"
		return
	fi
	on "$1" timeout 10 /usr/libexec/ipsec/whack --terminate --name l2tp
	on "$1" timeout 10 /usr/libexec/ipsec/whack --unroute --name l2tp
}

# client_ppp_options HOST USER PASSWORD [PPPD-OPTION...]: to a file.
client_ppp_options() {
	local host=$1 user=$2 password=$3
	shift 3
	(
		umask 077
		cat >"$lab/$host/ppp.opt" <<-P
			noauth
			name $user
			password $password
			refuse-eap
			noccp
			mtu 1280
			mru 1280
			nodefaultroute
			noipv6
			debug
		P
		printf '%s\n' "$@" >>"$lab/$host/ppp.opt"
	)
}

# client_dial HOST USER PASSWORD [PPPD-OPTION...]: returns at once.
client_dial() {
	client_ppp_options "$@"
	client_order "$1" "c vpn"
}

# dial_start HOST USER PASSWORD DIAL-ARGUMENT...: with the lab's own L2TP
# client (dial.c) in the place of xl2tpd; returns at once.
dial_start() {
	local host=$1
	client_ppp_options "$1" "$2" "$3"
	shift 3
	on "$host" "$LNSD_BUILD/dial" "$@" -- file "$lab/$host/ppp.opt" \
	    </dev/null >>"$out/$host.dial" 2>&1 &
}

# dial_stop HOST: PPP first, then the tunnel, and it is gone.
dial_stop() {
	host_kill "$1" TERM dial
	must 20 "dial of $1 ends" not host_runs "$1" dial pppd
}

# client_hangup HOST: xl2tpd closes the tunnel at once, PPP and all.
client_hangup() {
	client_order "$1" "d vpn"
}

# client_ppp_down HOST: first PPP, then the session, then the tunnel.
client_ppp_down() {
	host_kill "$1" TERM pppd
	must 15 "pppd of $1 ends" not client_has_ppp "$1"
	client_hangup "$1"
}

client_order() {
	on "$1" timeout 5 \
	    bash -c "echo '$2' >/run/xl2tpd/l2tp-control" ||
	    fail "xl2tpd of $1 takes no orders"
}

# client_address HOST: its address in the pool, on stdout; 1 if it has none.
client_address() {
	on "$1" ip -4 -o addr show | awk -v pool="^$client_pool\$" '
	    $2 ~ /^ppp/ && $4 ~ pool {
		print $4
		found = 1
	    }
	    END { exit !found }'
}

# client_connected HOST: it has an address and knows the way to the LAN.
client_connected() {
	local ifname
	client_address "$1" >/dev/null || return 1
	ifname=$(on "$1" ip -4 -o addr show |
	    awk '$2 ~ /^ppp/ { print $2; exit }')
	on "$1" ip route replace 192.168.100.0/24 dev "$ifname"
}

client_has_ppp() {
	host_runs "$1" pppd
}

# client_connect HOST USER PASSWORD [PPPD-OPTION...]: all the way, or fail.
client_connect() {
	client_ike_up "$1" || fail "no IPsec SA for $1"
	client_dial "$@"
	must 30 "$1 has an address of the pool" client_connected "$1"
}

# client_disconnect HOST [HOW]: by HOW, client_ppp_down if not told, or fail.
client_disconnect() {
	"${2:-client_ppp_down}" "$1"
	must 15 "pppd of $1 ends" not client_has_ppp "$1"
	client_ike_down "$1"
}

# client_vanish HOST: it is gone without a word.
client_vanish() {
	on "$1" ip link set e0 down
	host_kill "$1" KILL pluto xl2tpd dial pppd
	wait_until 30 not host_runs "$1" pluto xl2tpd dial pppd
	on "$1" ip xfrm state flush
	on "$1" ip xfrm policy flush
	on "$1" rm -f /run/pluto/pluto.ctl /run/pluto/pluto.pid
}

# client_return HOST: plugged in again and rebooted.
client_return() {
	client_net "$1"
	client_start "$1"
}

# client_stop HOST: for the end of a scenario, whatever its state.
client_stop() {
	host_kill "$1" KILL xl2tpd dial pppd
	client_has_pluto "$1" && client_ike_down "$1"
	client_net "$1"
	on "$1" cp /run/pluto/pluto.log "$out/$1.pluto" 2>/dev/null
	return 0
}
