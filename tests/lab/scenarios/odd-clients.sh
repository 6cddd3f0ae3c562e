# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Clients that ask for more than they get: compression, callback, multilink,
# other protocols, other ways to authenticate.  Each thing is refused by a word,
# and the session comes up all the same; it ends with a cause where there is
# nothing to agree on.
server_global='trace = yes'

# odd CASE: what the client saw is in $out/odd.CASE.
odd() {
	step "a client: $1"
	log_mark srv
	on c0 timeout 90 python3 "$lab_dir/odd.py" 203.0.113.1 "$lan_host" \
	    "$1" alice "$lab_password" >"$out/odd.$1" ||
	    fail "odd.py $1: $(tail -n1 "$out/odd.$1")"
	must 20 "the server has no call" server_has_no_calls
}

# saw CASE TEXT...: lines, whole.
saw() {
	local name=$1 text
	shift
	for text; do
		grep -qxF -- "$text" "$out/odd.$name" ||
		    fail "the client ($name) never saw '$text'"
	done
}

# What is refused is refused by its name, and an answer to all of it.
refused_all() {
	saw "$1" "echo reply from $lan_host" over
	log_has srv "Call detected from user 'alice'" ||
	    fail "no line about the user ($1)"
}

server_begin c0
host_kill c0 TERM xl2tpd
wait_until 5 not host_runs c0 xl2tpd
client_ike_up c0 || fail "no IPsec SA for c0"

odd windows
saw windows 'LCP option 13 rejected' 'LCP option 17 rejected' \
    'asked to authenticate by c22381, nak' 'echo of 200 octets: same' \
    'IPCP option 130 rejected' 'IPCP option 132 rejected' \
    'protocol 80fd rejected' 'protocol 8057 rejected' 'protocol c029 rejected'
refused_all windows

odd apple
saw apple 'echo of 0 octets: same' 'IPCP option 2 rejected' \
    'protocol 8235 rejected' 'protocol 8e01 rejected'
refused_all apple

odd android
saw android 'IPCP option 2 rejected' 'protocol 80fd rejected' \
    'protocol 802b rejected'
refused_all android

odd mutual
saw mutual 'LCP option 3 rejected'
refused_all mutual

# Nothing is known of who it is.
odd mschap1
! grep -q '^address' "$out/odd.mschap1" || fail "MS-CHAPv1 was enough"
log_lines srv | grep -E 'PPP down|LCP'
log_has srv 'PPP down.*(authenticat|negotiate)' || fail "no cause told"

client_ike_down c0
must 20 "the server is idle" server_is_idle
server_end
# When odd.py has ended, its kernel may complain of what still comes; not ours.
wire_is_protected 'not (icmp and src host 192.0.2.10)'
