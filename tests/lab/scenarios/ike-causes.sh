# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Why a client does not get in is one line in the log, and what lnsctl explain
# says; and pluto's own log is where it was told to go, and as much of it.
server_ipsec='dpd-delay = 2
    dpd-timeout = 5
    log-level = quiet'

begins() {
	on "$1" timeout 30 /usr/libexec/ipsec/whack --initiate --name l2tp \
	    --asynchronous
}

# fails HOST CAUSE REGEX: its IKE does not come up, and the server tells why.
fails() {
	local seen=198.51.100.1
	[ "$1" != c0 ] || seen=192.0.2.10
	step "$1: $2"
	log_mark srv
	begins "$1"
	log_wait srv 30 "\[IKE\] ${seen//./\\.}: $3"
	explains "$2" "$seen"
	client_ike_down "$1"
}

# rt_drops EXPRESSION...: no packet of these comes through, until rt_drops_none.
rt_drops() {
	{
		echo 'table ip lost { chain f {
		    type filter hook forward priority 0'
		printf '%s drop\n' "$@"
		printf '}\n}\n'
	} | on rt nft -f -
}

rt_drops_none() {
	on rt nft delete table ip lost
}

# Whatever the end, the next scenario finds no strange connection on c0, and
# cli1 is plugged in.
put_back() {
	rt_drops_none 2>/dev/null
	on cli1 nft delete table ip lost 2>/dev/null
	client_net cli1
	host_kill c0 KILL pluto
	wait_until 10 not host_runs c0 pluto
	on c0 rm -f /run/pluto/pluto.ctl /run/pluto/pluto.pid
}
trap put_back EXIT

server_begin c0
! log_has srv 'lnsd\[[0-9]+\]: pluto: ' || fail "pluto talks though it is quiet"

step "our answer does not arrive at cli1"
client_start cli1
on cli1 nft -f - <<-'N'
	table ip lost {
		chain i {
			type filter hook input priority 0
			udp sport 500 drop
		}
	}
N
begins cli1
# That takes half a minute, as what follows does.

client_change c0 'ike=3des-sha1;modp1536'
fails c0 no-ike-proposal \
    'failed: no proposal chosen: they offer 3DES_CBC_192-HMAC_SHA1-MODP1536; we accept aes256/'
client_change c0 'esp=3des-md5'
fails c0 no-esp-proposal \
    'failed: no proposal chosen for ESP: we accept aes_gcm256,'
client_change c0 'aggressive=yes' 'ike=aes256-sha1;modp2048'
fails c0 aggressive-mode \
    'failed: it has a group name set \(aggressive mode\)$'
client_change c0 'ikev2=insist'
fails c0 ikev2 'failed: it speaks IKEv2$'
client_change c0 'rightprotoport=17/1702'
fails c0 not-l2tp 'failed: it asks for other traffic than L2TP$'
client_change c0
client_psk c0 some-other-key
fails c0 psk-differs 'failed: the pre-shared key differs$'
client_psk c0 "$lab_psk"

step "phase 2 does not begin"
# Exchange type 32 of ISAKMP, RFC 2409: quick mode.
rt_drops 'ip saddr 192.0.2.10 udp dport 500 @th,208,8 32'
log_mark srv
begins c0
log_wait srv 30 '\[IKE\] 192\.0\.2\.10: phase 1 established'
client_ike_down c0
explains ike-closed 192.0.2.10
log_mark srv
begins c0
log_wait srv 30 '\[IKE\] 192\.0\.2\.10: phase 1 established'
# That takes half a minute, see below.

explains no-answer-from-client 198.51.100.1 40
client_ike_down cli1
on cli1 nft delete table ip lost
client_change cli1 'nat-ikev1-method=none'
fails cli1 no-nat-traversal \
    'failed: it is behind a NAT and has no NAT traversal$'
client_change cli1

step "UDP 4500 is blocked on the way, and opened again"
on nat nft -f - <<-'N'
	table ip block {
		chain f {
			type filter hook forward priority 0
			udp dport 4500 drop
		}
	}
N
log_mark srv
begins cli1
log_wait srv 30 '\[IKE\] 198\.51\.100\.1: no answer yet after the key exchange: is UDP 4500 blocked on the way\?$'
explains udp-4500-blocked 198.51.100.1
on nat nft delete table ip block
log_wait srv 60 '\[IKE\] 198\.51\.100\.1: IPsec SA established '
log_order srv \
    '\[IKE\] 198\.51\.100\.1: phase 1 established \(.*, behind NAT as 192\.168\.7\.11\)$' \
    '\[IKE\] 198\.51\.100\.1: IPsec SA established \(ESP in UDP, [A-Z0-9_-]+\)$'

step "the client is gone"
client_vanish cli1
log_wait srv 30 '\[IKE\] 198\.51\.100\.1: no answer to dead peer detection: given up$'
explains no-phase-2 192.0.2.10 40
client_ike_down c0
rt_drops_none
server_stop
! log_has srv 'lnsd\[[0-9]+\]: pluto: ' || fail "pluto talks though it is quiet"

step "only another peer is known; pluto logs to a file"
server_ipsec='log = "/run/lnsd/pluto.log"'
server_peer=192.0.2.77
server_conf
server_start
fails c0 no-peer 'failed: no peer is configured for this address$'
on srv grep -q 'no connection has been authorized' /run/lnsd/pluto.log ||
    fail "the file lacks what pluto says"
on srv grep -q 'NSS crypto library initialized' /run/lnsd/pluto.log ||
    fail "the file lacks the start of pluto"
[ "$(on srv stat -c %a /run/lnsd/pluto.log)" = 600 ] ||
    fail "others may read the file"
! log_has srv 'lnsd\[[0-9]+\]: pluto: ' || fail "pluto talks to syslog, too"
on srv rm /run/lnsd/pluto.log
server_stop

step "a fixed peer; pluto logs to syslog, but not its start"
server_ipsec=''
server_peer=192.0.2.10
server_conf
server_start
client_change c0 'leftid=@another'
fails c0 identity-unknown 'failed: no peer is configured for its identity'
client_change c0
client_ike_up c0 || fail "no IPsec SA for the fixed peer"
log_wait srv 5 '\[IKE\] 192\.0\.2\.10: IPsec SA established \(ESP, '
log_has srv 'lnsd\[[0-9]+\]: pluto: .*IPsec SA established transport mode' ||
    fail "what pluto says is not in syslog"
! log_has srv 'pluto.*(testing|Encrypting|IKEv1:)' ||
    fail "syslog is full of the start of pluto"
client_ike_down c0
server_end
wire_is_protected
