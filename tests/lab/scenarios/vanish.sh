# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client is gone without a word.  With keepalive the tunnel goes by it,
# without by PPP's echo; the SAs by dead peer detection.  The same client is
# served again.
server_global='keepalive-log = yes'
server_ipsec='dpd-delay = 3
    dpd-timeout = 10'

again() {
	client_return cli1
	client_connect cli1 alice "$lab_password"
	carries_ping cli1
}

server_keepalive='keepalive { interval = 2 count = 3 }'
server_begin cli1
client_connect cli1 alice "$lab_password"
step "gone, with keepalive"
log_mark srv
client_vanish cli1
must 60 "the server is idle" server_is_idle
log_order srv 'keepalive timeout count=3$' 'keepalive timeout count=2$' \
    'keepalive timeout count=1$' 'keepalive timer expired tunnel [0-9]+$' \
    'disconnecting tunnel [0-9]+$' 'disconnect session [0-9]+ complete$' \
    'disconnect tunnel [0-9]+ complete$'
explains dead-peer alice
again
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_stop

step "gone, without keepalive"
server_keepalive=''
server_ppp='lcp-echo-interval = 2
    lcp-echo-failure = 3'
server_conf
server_start
client_connect cli1 alice "$lab_password"
log_mark srv
client_vanish cli1
log_wait srv 30 'disconnect session [0-9]+ complete$'
must 60 "the server is idle" server_is_idle
explains dead-peer alice
! log_has srv 'keepalive' || fail "keepalive though it is not configured"
again
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
