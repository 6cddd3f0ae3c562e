# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# strongSwan as a client's IKE, in the place of libreswan.  As a package it
# excludes libreswan: its files are unpacked below the cache folder and laid
# over a host's /usr/lib.

lab_cache=${LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/lnsd-lab}
strongswan=$lab_cache/strongswan

# lab_fetch DIR NAME PACKAGE...: the packages' files below DIR of the cache, once
# for each machine; needs apt and a network.
lab_fetch() {
	local to=$1 name=$2 dir deb
	shift 2
	[ ! -d "$to" ] || return 0
	echo "lab: fetching $name (once)" >&2
	mkdir -p "$lab_cache"
	dir=$(mktemp -d "$lab_cache/new.XXXXXX") || return
	(
		cd "$dir" &&
		apt-get -qq -o APT::Sandbox::User=root download "$@" &&
		for deb in *.deb; do
			dpkg -x "$deb" root || exit
		done
	) && mv "$dir/root" "$to"
	rm -rf "$dir"
	[ -d "$to" ] || lab_die "cannot fetch $name with apt-get"
}

strongswan_fetch() {
	lab_fetch "$strongswan" strongSwan strongswan-charon \
	    strongswan-libcharon libstrongswan \
	    libstrongswan-standard-plugins strongswan-swanctl
}

strongswan_conf() {
	cat <<-C
		charon {
		    load = random nonce openssl aes sha1 sha2 hmac kdf gmp \
		        kernel-netlink socket-default vici
		    install_routes = no
		    syslog { daemon { default = 1 } }
		}
	C
}

# As a Chromebook asks.
strongswan_connection() {
	cat <<-C
		connections {
		    l2tp {
			version = 1
			remote_addrs = $client_dials
			proposals = aes128-sha256-modp3072, aes128-sha1-modp2048, default
			local { auth = psk }
			remote { auth = psk }
			children {
			    l2tp {
				mode = transport
				local_ts = dynamic[udp/1701]
				remote_ts = dynamic[udp/1701]
				esp_proposals = aes128gcm16, aes128-sha256, default
			    }
			}
		    }
		}
		secrets {
		    ike-lab { secret = "$lab_psk" }
		}
	C
}

swanctl() {
	STRONGSWAN_CONF=$lab/$1/strongswan.conf on "$1" \
	    timeout "${seconds:-30}" "$strongswan/usr/sbin/swanctl" "${@:2}"
}

strongswan_start() {
	local dir=$lab/$1
	strongswan_conf >"$dir/strongswan.conf"
	(umask 077; strongswan_connection >"$dir/swanctl.conf")
	on "$1" mount -t overlay \
	    -o "ro,lowerdir=$strongswan/usr/lib:/usr/lib" lab /usr/lib ||
	    fail "cannot lay strongSwan over /usr/lib of $1"
	STRONGSWAN_CONF=$dir/strongswan.conf \
	    on "$1" /usr/lib/ipsec/charon >"$out/$1.charon" 2>&1 &
	wait_until 20 on "$1" test -S /run/charon.vici ||
	    fail "strongSwan of $1 does not start"
	swanctl "$1" --load-all --file "$dir/swanctl.conf" ||
	    fail "strongSwan of $1 does not take its connection"
}

# strongswan_up HOST [SECONDS]: as client_ike_up.
strongswan_up() {
	local seconds=$2
	swanctl "$1" --initiate --child l2tp >"$out/$1.ike" 2>&1
	cat "$out/$1.ike"
	grep -q 'CHILD_SA l2tp{[0-9]*} established' "$out/$1.ike"
}

strongswan_down() {
	swanctl "$1" --terminate --ike l2tp
}
