# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What goes wrong is named by lnsctl explain: broken one after the other, each
# cause is told of the client that meets it; a good connection is a story from
# the first packet to the last, and two clients behind one NAT have two.
ctl() {
	on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" "$@"
}

# has_cause WHO CAUSE
has_cause() {
	ctl explain "$1" >"$out/explained" 2>&1
	grep -q "^cause:  *$2\$" "$out/explained"
}

# explains CAUSE [WHO]: of the last attempt.
explains() {
	must "${3:-40}" "explain says $1" has_cause "${2:-last}" "$1"
	cat "$out/explained"
}

dials_ike() {
	on "$1" timeout 30 /usr/libexec/ipsec/whack --initiate --name l2tp \
	    --asynchronous
}

# ike_fails CAUSE [LINE...]: of c0's connection.
ike_fails() {
	local cause=$1
	shift
	step "$cause"
	client_change c0 "$@"
	dials_ike c0
	explains "$cause" 192.0.2.10
	client_ike_down c0
}

# ppp_fails HOST CAUSE USER PASSWORD
ppp_fails() {
	step "$2"
	client_dial "$1" "$3" "$4"
	explains "$2"
	client_start_xl2tpd "$1"
	must 15 "pppd of $1 ends" not client_has_ppp "$1"
}

put_back() {
	on nat nft delete table ip block 2>/dev/null
	host_kill c0 KILL pluto
	wait_until 10 not host_runs c0 pluto
	on c0 rm -f /run/pluto/pluto.ctl /run/pluto/pluto.pid
}
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
grep -q 'nothing was heard of nobody' "$out/nobody" || fail "no clear error"

ike_fails no-ike-proposal 'ike=3des-sha1;modp1536'
grep -q 'they offer 3DES_CBC_192-HMAC_SHA1-MODP1536; we accept' \
    "$out/explained" || fail "what they offer is not told"
ike_fails no-esp-proposal 'esp=3des-md5'
ike_fails aggressive-mode 'aggressive=yes' 'ike=aes256-sha1;modp2048'
ike_fails ikev2 'ikev2=insist'
client_psk c0 some-other-key
ike_fails psk-differs
client_psk c0 "$lab_psk"

step "UDP 4500 is blocked on the way"
on nat nft -f - <<-'N'
	table ip block {
		chain f {
			type filter hook forward priority 0
			udp dport 4500 drop
		}
	}
N
dials_ike cli1
must 30 "explain says that nothing comes" has_cause 198.51.100.1 \
    udp-4500-blocked
cat "$out/explained"
on nat nft delete table ip block
client_ike_down cli1

step "who may not in"
client_change c0
client_ike_up c0 || fail "no IPsec SA"
ppp_fails c0 wrong-password bob no-such-password
ppp_fails c0 unknown-user nobody x
ppp_fails c0 user-disabled dave "$lab_password"

step "two behind one NAT, and a third who finds no address"
ctl trace >"$out/trace" 2>&1 &
client_connect cli1 alice "$lab_password"
client_connect cli2 erin "$lab_password"
for user in alice erin; do
	ctl explain $user >"$out/$user.story"
	cat "$out/$user.story"
	ctl ladder $user | tee "$out/$user.ladder"
	grep -q '^result: *up, got as far as up' "$out/$user.story" ||
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
	grep -q -- '-> SCCRQ\|-*> *.* SCCRQ' "$out/$user.ladder" ||
	    fail "no SCCRQ in the ladder"
done
[ "$(grep -c 'main mode' "$out/alice.story")" -eq 1 ] ||
    fail "IKE of two clients in one story"
grep -q "user 'erin'" "$out/trace" || fail "nothing was traced"
ctl ladder alice --svg "$lab/srv/ladder.svg"
cp "$lab/srv/ladder.svg" "$out"
python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' \
    "$out/ladder.svg" || fail "the SVG is no XML"
ppp_fails c0 user-sessions erin "$lab_password"
ppp_fails c0 pool-full bob "$lab_password"
client_disconnect cli1
client_disconnect cli2
explains client-hung-up alice
ctl explain

step "the last failures in show status"
ctl show status --json >"$out/status"
python3 - "$out/status" <<-'P' || fail "show status does not tell the failures"
	import json, sys
	f = json.load(open(sys.argv[1]))["failures"]
	print(json.dumps(f, indent=1))
	assert 2 <= len(f) <= 5
	assert [x["time"] for x in f] == sorted((x["time"] for x in f), reverse=True)
	assert f[0]["cause"] == "pool-full" and f[0]["user"] == "bob"
	assert f[0]["client_address"] == "192.0.2.10" and f[0]["stage"] == "ppp"
	assert f[0]["text"]
P
ctl show status | tee "$out/said"
grep -qE '^  #[0-9]+ [-0-9]+ [0-9:]+  192\.0\.2\.10.*, bob, ppp: [A-Z]' "$out/said" ||
    fail "show status does not name who failed last"
client_ike_down c0
must 20 "the server is idle" server_is_idle
host_kill srv TERM lnsctl
server_end
wire_is_protected
