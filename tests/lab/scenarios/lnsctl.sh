# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# An administrator looks at the server with lnsctl and steers it: two clients,
# one of them behind a NAT, are shown in tables and as JSON, and are ended by
# user, address and tunnel; who is not of the group is turned away; the trace is
# of one client alone; a drain refuses who is new and waits for who is there.

# ctl ARG...: as root.
ctl() {
	on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" "$@"
}

# ctl_as GID STATUS ARG...: as somebody else, with that status.
ctl_as() {
	local gid=$1 want=$2 status=0
	shift 2
	on srv setpriv --reuid 65534 --regid 65534 --groups "$gid" \
	    "$LNSD_BUILD/lnsctl" -s /run/lnsd/lnsd.sock "$@" \
	    >"$out/as" 2>&1 || status=$?
	[ "$status" -eq "$want" ] ||
	    fail "status $status instead of $want: $(cat "$out/as")"
}

# ctl_status STATUS ARG...: with that status; its words are in $out/said.
ctl_status() {
	local want=$1 status=0
	shift
	ctl "$@" >"$out/said" 2>&1 || status=$?
	[ "$status" -eq "$want" ] ||
	    fail "lnsctl $*: status $status instead of $want: $(cat "$out/said")"
}

# says REGEX ARG...: some line of what lnsctl prints.
says() {
	ctl_status 0 "${@:2}"
	grep -qE -- "$1" "$out/said" ||
	    fail "lnsctl ${*:2} lacks '$1': $(cat "$out/said")"
}

# json EXPRESSION ARG...: of Python, about the answer a.
json() {
	ctl_status 0 "${@:2}" --json
	python3 -c '
import json, sys
a = json.load(open(sys.argv[1]))
assert eval("(" + sys.argv[2] + ")"), json.dumps(a, indent=1)' "$out/said" "$1" ||
	    fail "lnsctl ${*:2} --json: not $1"
}

# dial_again HOST USER
dial_again() {
	must 15 "pppd of $1 ends" not client_has_ppp "$1"
	client_start_xl2tpd "$1"
	client_dial "$1" "$2" "$lab_password"
	must 30 "$1 has an address of the pool" client_connected "$1"
}

sessions_are() {
	ctl show status --json >"$out/said" 2>&1 &&
	    grep -qE "\"sessions\": $1,?\$" "$out/said"
}

on srv sh -c "cat /etc/group && echo lnsd:x:990:" >"$lab/srv.group"
on srv mount --bind "$lab/srv.group" /etc/group
ctl_status 3 show status
grep -q 'lnsd is not running' "$out/said" || fail "no word of a missing lnsd"
server_begin c0
client_start cli1
says '^no sessions$' show sessions
says '^no tunnels$' show tunnels
says 'Tunnel Control: 0, Session Control: 0' show status l2tp

step "two clients are shown"
client_connect c0 alice "$lab_password"
client_connect cli1 bob "$lab_password"
carries_ping cli1
inner=$(client_address cli1)
inner=${inner%/*}
says '^Sessions:   2 up, 0 connecting$' show status
says '^Tunnels:    2 established, 0 half-open, 0 lingering$' show status
says '^IPsec:      managed, pluto is running, guard stands$' show status
json 'a["sessions_up"] == 2 and a["ipsec"]["guard"] and
    a["radius"] == [] and a["failures"] == [] and
    a["addresses"] == ["203.0.113.1"]' show status
says "^alice  192\.0\.2\.10 +192\.168\.100\.2.* aes[0-9a-z-]+ +xl2tpd\$" \
    show sessions
says "^bob    198\.51\.100\.1:[0-9]+ +$inner .*xl2tpd\$" show sessions
json "[s for s in a['sessions'] if s['user'] == 'bob' and s['up'] and
    s['address'] == '$inner' and s['rx_octets'] >= 6 * 84 and
    s['tx_packets'] >= 6 and s['client_port'] > 0 and
    s['idle_seconds'] < 60 and s['interface'].startswith('ppp') and
    s['rx_bps'] is not None and s['profile'] == 'lan']" show sessions
says '^ +[12]  established  198\.51\.100\.1:' show tunnels
json 'len(a["tunnels"]) == 2 and a["tunnels"][0]["tunnel"] == 1' show tunnels
says '^anyone  any +lan +psk +2 ' show peers
json 'a["peers"][0]["sessions"] == 2' show peers
says '^lan +51 +2 +49 ' show pool
json 'a["pools"][0]["free"] == 49' show pool
says '^3 .* #[0-9]+ .* send +[0-9]{5} +198\.51\.100\.1 +[0-9]+ +yes +[0-9a-f]{8} +aes' \
    show ipsec sa
says '^5 .* #[0-9]+ +isakmp +- +[0-9]{5} +192\.0\.2\.10 +500 +no +- +AES_CBC_[0-9]+-HMAC_[A-Z0-9_]+-(MODP|DH)[0-9]+ +- +-$' \
    show ipsec sa
cat "$out/said"
grep -q '^Total: isakmp:2 send:2 recv:2$' "$out/said" || fail "no totals of SAs"
grep -qE '^sa +sgw +isakmp +connection +dir +life\[s\] +remote-id ' "$out/said" ||
    fail "no titles of SAs"
json 'len(a["sas"]) == 4 and all(len(s["spi"]) == 8 and s["seconds"] >= 0 and
    s["octets"] > 0 for s in a["sas"]) and
    {s["in_udp"] for s in a["sas"]} == {True, False}' show ipsec sa
json 'len(a["isakmp"]) == 2 and
    {i["nat_traversal"] for i in a["isakmp"]} == {True, False} and
    {i["client_address"] for i in a["isakmp"]} ==
    {"192.0.2.10", "198.51.100.1"} and
    all(28000 < x["life_seconds"] <= 28800 and x["renewed"] is False
    for x in a["isakmp"] + a["sas"]) and
    sorted(s["isakmp"] for s in a["sas"]) ==
    sorted(2 * [i["isakmp"] for i in a["isakmp"]]) and
    all(s["client_number"] == i["client_number"] for s in a["sas"]
    for i in a["isakmp"] if s["isakmp"] == i["isakmp"]) and
    all(s["packets"] > 0 for s in a["sas"])' show ipsec sa
says '^l2tp\.sessions 2$' show counters
json '"rx_malformed" in a["l2tp"]' show counters
says '^    psk = "\*\*\*"$' show config
says '^user "alice" \{$' show config
json 'a["ppp"][0]["pool"] == ["192.168.100.200-192.168.100.250"]' show config
for secret in "$lab_password" "$lab_psk"; do
	! grep -qF -- "$secret" "$out/said" || fail "show config tells a secret"
done

step "the layout of routers"
ctl show status l2tp >"$out/l2tp"
sed -E 's/(ID|Ns\)|Nr\) ): [0-9]+/\1: N/; s/[0-9]+ (seconds|packet)/N \1/
    s/\[[0-9]+ octet/[N octet/; s/port: [0-9]+/port: N/
    s/Hostname: .+/Hostname: X/' "$out/l2tp" | head -n 26 >"$out/l2tp.got"
diff -u - "$out/l2tp.got" <<-'L' || fail "show status l2tp looks different"
	------------------- L2TP INFORMATION -------------------
	Number of control table using
	  Tunnel Control: 2, Session Control: 2
	TUNNEL[1]:
	  Tunnel State: established
	  Version: L2TPv2
	  Local  Tunnel ID: N
	  Remote Tunnel ID: N
	  Local  IP Address: 203.0.113.1
	  Remote IP Address: 192.0.2.10
	  Local  Src port: N
	  Remote Src port: N
	  Vendor: xelerance.com
	  Hostname: X
	  Next Transmit sequence(Ns): N
	  Next Receive sequence(Nr) : N
	  Tunnel has 1 session.
	  Session Information
	    Session State: established
	    Local  Session ID: N
	    Remote Session ID: N
	    PP Interface: PP[ANONYMOUS01]
	    N seconds  connection.
	    Received: N packet [N octet]
	    Transmitted: N packet [N octet]
	TUNNEL[2]:
L
says '^TUNNEL\[2\]:$' show status tunnel 2
ctl_status 1 show status tunnel 9
ctl_status 2 show nonsense
ctl_status 2 disconnect
ctl_status 1 top

step "top in a terminal"
on srv sh -c 'mkdir -p /dev/pts && mount -t devpts -o ptmxmode=666 lab /dev/pts &&
    ln -sf pts/ptmx /dev/ptmx'
on srv python3 - "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" top \
    >"$out/top" <<-'P' || fail "top: $(cat "$out/top")"
	import os, pty, select, sys, termios, time
	pid, fd = pty.fork()
	if pid == 0:
	    os.environ.update(TERM="linux", LINES="24", COLUMNS="80")
	    os.execv(sys.argv[1], sys.argv[1:])
	seen, end = b"", time.time() + 60
	raw = False
	while b"alice" not in seen or b"bob" not in seen or not raw:
	    assert time.time() < end, seen
	    if select.select([fd], [], [], 1)[0]:
	        seen += os.read(fd, 4096)
	    raw = raw or not termios.tcgetattr(fd)[3] & termios.ICANON
	os.write(fd, b"rq")
	while True:
	    try:
	        more = os.read(fd, 4096)
	    except OSError:
	        break
	    if not more:
	        break
	    seen += more
	assert os.waitpid(pid, 0)[1] == 0
	print(repr(seen[-60:]))
P
on srv sh -c 'rm /dev/ptmx && umount /dev/pts'

step "who may ask"
ctl_as 65534 3 show status
grep -q 'not permitted: be root, or of the group lnsd' "$out/as" ||
    fail "no help for who is not permitted: $(cat "$out/as")"
ctl_as 990 0 show status

step "a trace of one client; by user, by inner address"
log_mark srv
ctl_status 0 trace on 192.0.2.10
ctl_status 1 trace off 192.0.2.77
ctl_status 1 disconnect nobody --reason "a test"
ctl_status 0 disconnect alice --reason "by user"
ctl_status 0 disconnect "$inner" --reason "unknown user"
log_wait srv 15 "PPP down user 'alice': disconnected by .*\(uid 0\): by user"
log_wait srv 15 "PPP down user 'bob': disconnected by .*: unknown user"
explains administrator alice
explains administrator bob
log_wait srv 15 'send CDN to 192\.0\.2\.10'
! log_has srv 'send [A-Za-z]+ to 198\.51\.100\.1' ||
    fail "a client is traced that should not be"
ctl_status 0 trace off
must 20 "no session is left" sessions_are 0

step "by outer address, by tunnel"
dial_again c0 alice
dial_again cli1 bob
ctl_status 0 disconnect 192.0.2.10
must 15 "one session is left" sessions_are 1
slot=$(ctl show tunnels | awk '/198\.51\.100\.1/ { print $1 }')
ctl_status 0 disconnect tunnel "$slot"
log_wait srv 15 "TUNNEL\[$slot\] disconnected by .*\(uid 0\)$"
must 15 "no session is left" sessions_are 0

step "the level of the log"
log_mark srv
ctl_status 0 log level info
ctl_status 1 log level loud
dial_again c0 alice
! log_has srv "ppp: PP.* user 'alice' on" || fail "debug lines at level info"
ctl_status 0 log level debug

step "drain"
ctl stop --drain >"$out/drain" 2>&1 &
drain=$!
log_wait srv 10 'lnsd: draining, by '
json 'a["draining"]' show status
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_start_xl2tpd cli1
log_mark srv
ctl_status 0 trace on 198.51.100.1
client_dial cli1 bob "$lab_password"
log_wait srv 20 'send StopCCN to 198\.51\.100\.1'
explains server-stopped
carries_ping c0
ctl_status 0 disconnect all --reason drained
wait $drain || fail "stop --drain: $(cat "$out/drain")"
must 20 "lnsd ends" not server_runs
wait "$server_job" || fail "lnsd ended with status $?"
grep -qx stopped "$out/drain" || fail "lnsctl does not say that lnsd ended"
capture_stop
snapshot_compare
on srv umount /etc/group
wire_is_protected
