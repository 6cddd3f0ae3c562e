# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# L2TP tunnel authentication with xl2tpd, which challenges us and answers us:
# the right secret, a wrong one.
server_global='trace = yes'
server_keepalive='tunnel-secret = "lab-tunnel-secret"'
client_lac='challenge = yes'

# secret HOST TEXT: what xl2tpd knows; it reads it when it starts.
secret() {
	(umask 077; echo "* * $2" >"$lab/$1/l2tp-secrets")
	client_start_xl2tpd "$1"
}

client_secrets=yes
server_begin cli1
step "the right secret"
secret cli1 lab-tunnel-secret
whole_call cli1 198.51.100.1 alice client_hangup
log_has srv '\(11\)challenge' || fail "xl2tpd did not challenge"
log_has srv 'set \(13\)challenge response' || fail "its challenge was not answered"

step "a wrong secret; only we challenge"
log_mark srv
client_lac=''
client_xl2tpd_conf cli1 >"$lab/cli1/xl2tpd.conf"
secret cli1 another-secret
client_ike_up cli1 || fail "no IPsec SA"
client_dial cli1 alice "$lab_password"
log_wait srv 20 '\[L2TP\] authentication error tunnel [0-9]+$'
explains tunnel-secret 198.51.100.1
! log_has srv 'session [0-9]+ established' || fail "a session all the same"
client_start_xl2tpd cli1
client_ike_down cli1
must 45 "the server is idle" server_is_idle

! grep -qE 'lab-tunnel-secret|another-secret' "$out/srv.log" \
    "$out/lnsd.stderr" || fail "a secret in the log"
server_end
wire_is_protected
