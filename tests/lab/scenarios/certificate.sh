# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Clients with a certificate of the server's authority come in, those with one
# of another do not; a pre-shared key works beside it.  The authority's own key
# is ECDSA, the others' RSA, as IKEv1 wants it.

put_back() {
	on rt nft delete table ip lost
} 2>/dev/null
trap put_back EXIT

pki=$lab/pki whack=/usr/libexec/ipsec/whack
mkdir -p "$pki"
umask 077

# authority NAME
authority() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"
	openssl req -x509 -new -key "$pki/$1.key" -out "$pki/$1.pem" \
	    -subj "/O=lab/CN=$1" -days 30 || fail "no authority $1"
}

# certificate NAME KEY AUTHORITY
certificate() {
	openssl req -new -key "$pki/$2.key" -subj "/O=lab/CN=$1" |
	    openssl x509 -req -CA "$pki/$3.pem" -CAkey "$pki/$3.key" \
	        -CAcreateserial -days 30 -out "$pki/$1.pem" ||
	    fail "no certificate $1"
}

# client_has NAME KEY: on c0, which trusts the server's authority.
client_has() {
	openssl pkcs12 -export -in "$pki/$1.pem" -inkey "$pki/$2.key" \
	    -name "$1" -passout pass: -out "$pki/$1.p12"
	on c0 pk12util -d sql:/var/lib/ipsec/nss -W '' -i "$pki/$1.p12" ||
	    fail "c0 does not take the certificate $1"
}

conns() {
	local name
	for name in client stranger; do
		client_ipsec_conf c0 | sed -n "/^conn l2tp/,\$ {
			s/^conn l2tp/conn $name/
			/authby=/ d
			p
		}"
		cat <<-C
			    authby=rsasig
			    leftcert=$name
			    leftid=%fromcert
			    leftsendcert=always
			    rightid=%fromcert
			    rightca="O=lab, CN=ca"
		C
	done
}

# up NAME SECONDS
up() {
	on c0 timeout "$2" $whack --initiate --name "$1" >"$out/$1.ike"
	cat "$out/$1.ike"
	grep -q 'IPsec SA established transport mode' "$out/$1.ike"
}

down() {
	on c0 timeout 10 $whack --terminate --name "$1"
	on c0 timeout 10 $whack --unroute --name "$1"
	must 20 "the server is idle" server_is_idle
}

step "authorities and certificates"
authority ca
authority another
openssl genrsa -out "$pki/server.key" 2048
openssl genrsa -out "$pki/client.key" 2048
certificate server server ca
certificate client client ca
certificate stranger client another
certificate elliptic ca another
client_has client client
client_has stranger client
on c0 certutil -A -d sql:/var/lib/ipsec/nss -n ca -t CT,, -a -i "$pki/ca.pem"

server_keepalive="certificate-file = \"$pki/server.pem\"
    private-key-file = \"$pki/server.key\"  ca-file = \"$pki/ca.pem\""
server_begin c0
conns >>"$lab/c0/ipsec.conf"
on c0 /usr/libexec/ipsec/addconn --config /etc/ipsec.conf client stranger

step "the pre-shared key"
client_ike_up c0 || fail "no IPsec SA with the pre-shared key"
client_ike_down c0
must 20 "the server is idle" server_is_idle

step "a certificate of the authority"
up client 30 || fail "no IPsec SA with the certificate"
grep -q 'auth=RSA_SIG' "$out/client.ike" || fail "not by the certificate"
client_dial c0 alice "$lab_password"
must 30 "c0 has an address of the pool" client_connected c0
carries_ping c0
client_hangup c0
must 20 "pppd of c0 ends" not client_has_ppp c0
down client

step "a certificate of another authority"
log_mark srv
! up stranger 6 || fail "an IPsec SA with the certificate of a stranger"
log_has srv '192\.0\.2\.10: failed: its certificate is not accepted: .*issuer' ||
    fail "the log does not tell why"
explains certificate-refused 192.0.2.10
[ -z "$(on srv ip xfrm state)" ] || fail "an SA of the stranger"
down stranger

step "large packets get lost on the way"
# RFC 2409: what is encrypted; libreswan's own fragments of IKE.
on rt nft -f - <<-'N'
	table ip lost {
		chain f {
			type filter hook forward priority 0
			udp dport 500 @th,216,8 1 ip length > 400 drop
			udp dport 500 @th,192,8 132 drop
		}
	}
N
on c0 timeout 30 $whack --initiate --name client --asynchronous
explains ike-fragments-lost 192.0.2.10
down client
server_end
on c0 $whack --delete --name client
on c0 $whack --delete --name stranger
[ ! -e "$lab/srv/state/nss/key4.db" ] || fail "the private key stays behind"

step "what cannot work is refused"
sed "s/server\.key/ca.key/; s/server\.pem/elliptic.pem/; s/ca\.pem/another.pem/" \
    "$lab/srv/lnsd.conf" >"$lab/srv/elliptic.conf"
! on srv "$LNSD_BUILD/lnsd" -t -c "$lab/srv/elliptic.conf" \
    2>"$out/elliptic" || fail "lnsd -t takes an ECDSA certificate"
grep 'template "lab": certificate-file: its key is not RSA' "$out/elliptic" ||
    fail "lnsd -t: $(cat "$out/elliptic")"
! grep -rlE 'BEGIN (RSA )?PRIVATE' "$out" || fail "a private key in a log"
wire_is_protected
rm -rf "$pki"
umask 022
