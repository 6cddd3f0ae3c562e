# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client is gone without a word, and neither keepalive nor PPP's echo looks
# for it: dead peer detection alone ends its SAs, and with them its tunnel.
server_ipsec='dpd-delay = 3
    dpd-timeout = 9'
server_ppp='lcp-echo-interval = 0'

has_no_sa() {
	[ -z "$(on srv ip xfrm state)" ]
}

server_begin cli1
client_connect cli1 alice "$lab_password"
carries_ping cli1
log_mark srv
client_vanish cli1
log_wait srv 30 'no answer to dead peer detection: given up'
must 10 "the SAs are gone" has_no_sa
must 10 "the server has no call" server_has_no_calls
# What PPP still had to say makes the kernel ask for an SA, for half a minute.
must 45 "the server is idle" server_is_idle
log_order srv 'disconnect session [0-9]+ complete$' \
    'disconnect tunnel [0-9]+ complete$'
server_end
wire_is_protected
