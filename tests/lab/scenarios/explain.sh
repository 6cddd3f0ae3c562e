# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What goes wrong is named by lnsctl explain: broken one after the other, each
# cause is told of the client that meets it; a good connection is a story from
# the first packet to the last, and two clients behind one NAT have two.  Causes
# that other scenarios bring about are looked at there (tests/causes.sh).
ctl() {
	on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" "$@"
}

# ppp_fails HOST CAUSE USER PASSWORD [PPPD-OPTION...]
ppp_fails() {
	local host=$1 cause=$2
	shift 2
	step "$cause"
	client_dial "$host" "$@"
	explains "$cause" last 40
	client_start_xl2tpd "$host"
	must 15 "pppd of $host ends" not client_has_ppp "$host"
}

# limit LINE: of the peer, from now on.
limit() {
	server_conf
	sed -i "s/^ *address = \"any\"\$/&\n$1/" "$lab/srv/lnsd.conf"
	ctl reload || fail "lnsd does not take $1"
}

forbid=/etc/modprobe.d/lab-explain.conf
put_back() {
	on rt nft delete table ip lost
	rm -f $forbid
	modprobe -a l2tp_ppp
} 2>/dev/null
trap put_back EXIT

server_pool='"192.168.100.200-192.168.100.201"'
server_ppp='max-login-failures = 0'
server_global="user \"dave\" {
	password = \"$lab_password\"
	disabled = yes
    }
    user \"erin\" {
	password = \"$lab_password\"
	max-sessions = 1
    }"
server_begin c0
client_start cli1
client_start cli2
! ctl explain nobody 2>"$out/nobody" || fail "nobody is explained"
cat "$out/nobody"
grep -q 'nothing was heard of nobody' "$out/nobody" || fail "no clear error"

step "no ESP of c0, and nothing of cli1 after IKE"
on rt nft -f - <<-'N'
	table ip lost {
		chain f {
			type filter hook forward priority 0
			ip saddr 192.0.2.10 ip protocol esp drop
		}
	}
N
client_ike_up c0 || fail "no IPsec SA for c0"
client_dial c0 alice "$lab_password"
client_ike_up cli1 || fail "no IPsec SA for cli1"

step "who may not in"
client_ike_up cli2 || fail "no IPsec SA for cli2"
ppp_fails cli2 wrong-password bob no-such-password
ppp_fails cli2 unknown-user nobody x
ppp_fails cli2 user-disabled dave "$lab_password"
ppp_fails cli2 no-auth-method bob "$lab_password" \
    refuse-mschap-v2 refuse-mschap refuse-chap refuse-pap
ppp_fails cli2 no-ip bob "$lab_password" noip
ppp_fails cli2 client-gave-up bob "$lab_password" auth require-pap
client_ike_down cli2
explains esp-blocked 192.0.2.10
explains no-l2tp 192.168.7.11
on rt nft delete table ip lost
client_ike_down cli1
client_start_xl2tpd c0
client_ike_down c0

step "two behind one NAT, and a third who finds no room"
ctl trace >"$out/trace" 2>&1 &
client_connect cli1 alice "$lab_password"
client_connect cli2 erin "$lab_password"
for user in alice erin; do
	ctl explain $user >"$out/$user.story"
	cat "$out/$user.story"
	ctl ladder $user | tee "$out/$user.ladder"
	grep -q '^result: *up$' "$out/$user.story" ||
	    fail "$user is not up in the story"
	for what in 'main mode' 'phase 1 established' 'IPsec SA established' \
	    SCCRQ SCCRP SCCCN ICRQ ICRP ICCN 'pppd starts' 'LCP is up' \
	    "user '$user'" granted 'up: 192'; do
		grep -n -- "$what" "$out/$user.story" | grep -v result ||
		    fail "the story of $user lacks $what"
	done | cut -d: -f1 >"$out/order"
	sort -cn "$out/order" || fail "the story of $user is out of order"
	! grep -q "^ .*user '[^']*'" "$out/$user.story" ||
	    [ "$(grep -c "^ .*user '" "$out/$user.story")" -eq 1 ] ||
	    fail "two users in one story"
	grep -q -- '-->|.* SCCRQ' "$out/$user.ladder" ||
	    fail "no SCCRQ in the ladder"
	! grep -E '^.{81}' "$out/$user.story" "$out/$user.ladder" ||
	    fail "more than 80 columns"
done
[ "$(grep -c 'main mode' "$out/alice.story")" -eq 1 ] ||
    fail "IKE of two clients in one story"
grep -q "user 'erin'" "$out/trace" || fail "nothing was traced"
cat "$out/trace"
ctl ladder alice --svg "$lab/srv/ladder.svg"
cp "$lab/srv/ladder.svg" "$out"
python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' \
    "$out/ladder.svg" || fail "the SVG is no XML"
client_ike_up c0 || fail "no IPsec SA for c0"
ppp_fails c0 user-sessions erin "$lab_password"
ppp_fails c0 pool-full bob "$lab_password"
limit 'max-tunnels = 2'
ppp_fails c0 max-tunnels bob "$lab_password"
limit 'max-sessions = 2'
ppp_fails c0 max-sessions bob "$lab_password"
limit ''
client_disconnect cli1
explains client-hung-up alice

step "the administrator's words are his own"
ctl disconnect erin --reason 'wrong password, no address left in pool'
explains administrator 192.168.7.12
grep -q 'no address left in pool$' "$out/explained" ||
    grep -q '"detail": .*no address left in pool"' "$out/explained" ||
    fail "his reason is not told"
client_start_xl2tpd cli2
client_ike_down cli2
must 20 "the server has no call" server_has_no_calls

step "a kernel module is missing"
echo 'install l2tp_ppp /bin/false' >$forbid
modprobe -r l2tp_ppp || rmmod l2tp_ppp || fail "l2tp_ppp is in use"
ppp_fails c0 kernel bob "$lab_password"
put_back
ctl explain

step "the last failures in show status"
ctl show status --json >"$out/status"
python3 - "$out/status" <<-'P' || fail "show status does not tell the failures"
	import json, sys
	f = json.load(open(sys.argv[1]))["failures"]
	print(json.dumps(f, indent=1))
	assert 2 <= len(f) <= 5
	assert [x["time"] for x in f] == sorted((x["time"] for x in f), reverse=True)
	assert f[0]["cause"] == "kernel" and f[0]["stage"] == "l2tp"
	assert f[1]["cause"] == "pool-full" and f[1]["user"] == "bob"
	assert f[1]["client_address"] == "192.0.2.10" and f[1]["stage"] == "ppp"
	assert f[1]["text"]
P
ctl show status | tee "$out/said"
grep -qE '^  #[0-9]+ [-0-9]+ [0-9:]+  192\.0\.2\.10.*, bob, ppp: [A-Z]' "$out/said" ||
    fail "show status does not name who failed last"
client_ike_down c0
must 20 "the server is idle" server_is_idle
host_kill srv TERM lnsctl
server_end
wire_is_protected
