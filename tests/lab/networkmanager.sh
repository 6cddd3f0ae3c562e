# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# NetworkManager and its plugin for L2TP, on a host that was added.  As installed
# packages they would take over the machine: their files are unpacked below the
# cache folder and laid over the host's /usr/lib, as with strongSwan.

networkmanager=$lab_cache/networkmanager

networkmanager_fetch() {
	lab_fetch "$networkmanager" NetworkManager network-manager \
	    network-manager-l2tp libnm0 libndp0 libteamdctl0
}

# The plugin has ipsec(8) start pluto, which does that by systemd.
networkmanager_ipsec() {
	cat <<-'S'
		#!/bin/sh
		case $1 in
		start | restart)
			/usr/libexec/ipsec/whack --shutdown 2>/dev/null
			exec /usr/libexec/ipsec/pluto --config /etc/ipsec.conf
			;;
		esac
		exec /run/ipsec.real "$@"
	S
}

networkmanager_bus() {
	cat <<-B
		<busconfig>
		<type>system</type>
		<listen>unix:path=/run/dbus/system_bus_socket</listen>
		<auth>EXTERNAL</auth>
		<policy context="default">
		<allow user="*"/><allow own="*"/>
		<allow send_destination="*"/><allow receive_sender="*"/>
		<allow send_requested_reply="true" send_type="method_return"/>
		<allow send_requested_reply="true" send_type="error"/>
		</policy>
		<includedir>$networkmanager/usr/share/dbus-1/system.d</includedir>
		</busconfig>
	B
}

networkmanager_conf() {
	cat <<-C
		[main]
		plugins=keyfile
		dns=none
		dhcp=internal
		auth-polkit=false
		no-auto-default=*
		rc-manager=unmanaged
		[keyfile]
		unmanaged-devices=none
		path=/run/NetworkManager/profiles
		[device]
		keep-configuration=no
		[logging]
		level=INFO
	C
}

# A VPN goes over a connection that NetworkManager has made itself.
networkmanager_wire() {
	local addr gw
	read -r addr gw <"$lab/$1/net"
	cat <<-W
		[connection]
		id=e0
		uuid=0f9b88bb-bea4-4155-8ab7-08f8484876a7
		type=ethernet
		interface-name=e0
		[ipv4]
		method=manual
		address1=$addr/24,$gw
		[ipv6]
		method=disabled
	W
}

nm_is_connected() {
	nm_cli "$1" -t -f STATE general 2>/dev/null | grep -qx 'connected.*'
}

nm_cli() {
	on "$1" timeout 90 "$networkmanager/usr/bin/nmcli" "${@:2}"
}

# network-manager-l2tp takes IPsec away before pppd has said goodbye: what that
# sends then is in clear text, and so is what the kernel quotes of the server's.
networkmanager_mute() {
	on "$1" nft -f - <<-N
		table ip mute {
		    chain output {
			type filter hook output priority 0
			icmp type destination-unreachable drop
			udp dport 1701 rt ipsec missing drop
		    }
		}
	N
}

# networkmanager_start HOST: it manages nothing but what it is told to.
networkmanager_start() {
	local dir=$lab/$1
	networkmanager_ipsec >"$dir/ipsec"
	chmod +x "$dir/ipsec"
	networkmanager_bus >"$dir/bus.conf"
	networkmanager_conf >"$dir/nm.conf"
	(umask 077; networkmanager_wire "$1" >"$dir/e0.nmconnection")
	cat >"$dir/ipsec.conf" <<-C
		config setup
		    logfile=/run/pluto/pluto.log
		    ikev1-policy=accept
	C
	echo 'include /etc/ipsec.d/*.secrets' >"$dir/ipsec.secrets"
	on "$1" mkdir -p /run/dbus /run/NetworkManager/{profiles,state}
	on "$1" cp "$dir/e0.nmconnection" /run/NetworkManager/profiles/
	on "$1" mount -o remount,ro,bind /sys
	on "$1" cp /usr/sbin/ipsec /run/ipsec.real
	on "$1" mount --bind "$dir/ipsec" /usr/sbin/ipsec &&
	on "$1" mount -t overlay \
	    -o "ro,lowerdir=$networkmanager/usr/lib:/usr/lib" lab /usr/lib &&
	on "$1" mount -t tmpfs lab /var/lib/NetworkManager 2>/dev/null
	on "$1" dbus-daemon --config-file="$dir/bus.conf" --fork ||
	    fail "no D-Bus on $1"
	on "$1" "$networkmanager/usr/sbin/NetworkManager" --debug \
	    --config "$dir/nm.conf" --config-dir /run/NetworkManager/conf.d \
	    --system-config-dir /run/NetworkManager/conf.d \
	    --state-file /run/NetworkManager/state/state \
	    >"$out/$1.nm" 2>&1 &
	wait_until 30 nm_is_connected "$1" ||
	    fail "NetworkManager of $1 does not connect"
}
