# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Does this kernel, with these privileges, have what the lab needs?  Asked by
# doing it, in a network namespace that is gone afterwards.

lab_modules="veth bridge ppp_generic l2tp_ppp l2tp_netlink xfrm_user esp4 esp6
    nf_tables nft_chain_nat nft_masq nft_ct nft_log nfnetlink_log nft_xfrm
    nft_fib_inet"

# An SA makes the kernel load the modules of its ciphers.  On a busy machine
# that takes longer than IKE has patience, so it is done beforehand.
kernel_ciphers() {
	local sa="src 127.0.0.1 dst 127.0.0.1 proto esp"
	# shellcheck disable=SC2086
	ip xfrm state add $sa spi 1 mode transport \
	    enc aes 0x00112233445566778899aabbccddeeff \
	    auth sha1 0x0011223344556677889900112233445566778899 &&
	ip xfrm state add $sa spi 2 mode transport \
	    enc aes 0x00112233445566778899aabbccddeeff \
	    auth-trunc 'hmac(sha256)' \
	    0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 128 &&
	ip xfrm state add $sa spi 3 mode transport \
	    aead 'rfc4106(gcm(aes))' \
	    0x00112233445566778899aabbccddeeff00112233 128 &&
	ip xfrm state flush
}

# The trial: prints the name of each thing that is missing.  Runs alone in
# fresh name spaces.
kernel_trial() {
	ip link set lo up
	ip link add t0 type veth peer name t1 2>/dev/null || echo veth
	ip link add t2 type bridge 2>/dev/null || echo bridge
	[ -c /dev/ppp ] && (exec 3<>/dev/ppp) 2>/dev/null || echo PPP
	ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 encap udp \
	    local 127.0.0.1 remote 127.0.0.1 udp_sport 1701 udp_dport 1701 \
	    >/dev/null 2>&1 && [ -e /proc/net/pppol2tp ] || echo L2TP
	kernel_ciphers >/dev/null 2>&1 || echo ESP
	nft -f - <<-'N' >/dev/null 2>&1 || echo nf_tables
	table inet t {
		chain i {
			type filter hook input priority 0
			meta secpath missing counter log group 5 drop
		}
		chain o {
			type filter hook output priority 0
			udp sport 1701 rt ipsec missing counter drop
		}
	}
	table ip n {
		chain p {
			type nat hook postrouting priority srcnat
			oifname t0 masquerade
		}
	}
	N
}

# Prints what is missing, nothing if all is there.
kernel_missing() {
	[ "$(id -u)" = 0 ] || {
		echo "root"
		return
	}
	# shellcheck disable=SC2086
	modprobe -qa $lab_modules 2>/dev/null
	unshare -n -m -p -f true 2>/dev/null || {
		echo "network, mount and process namespaces"
		return
	}
	export -f kernel_trial kernel_ciphers
	unshare -n bash -c kernel_trial
}

# The programs of the scenarios; prints those that are missing.
programs_missing() {
	local p
	for p in ip ss nft unshare nsenter mount ping socat tcpdump tshark \
	    busybox pppd xl2tpd ipsec certutil pk12util openssl python3 ps \
	    sysctl stdbuf sha256sum freeradius radclient; do
		command -v "$p" >/dev/null || echo "$p"
	done
	[ -x /usr/libexec/ipsec/pluto ] || echo pluto
}
