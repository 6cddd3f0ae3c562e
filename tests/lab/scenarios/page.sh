# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The status page in a browser: who is connected, who was not let in and why,
# and the ladder of an attempt, at the width of a desk and of a phone; what a
# client calls itself is text there, and never more.

url=http://127.0.0.1:9701

# shows REGEX: some line of the page.
shows() {
	grep -qE -- "$1" "$out/page.html" || fail "the page lacks '$1'"
}

api_has() {
	on srv python3 -c '
import sys, urllib.request
a = urllib.request.urlopen(sys.argv[1], timeout=20).read().decode()
sys.exit(sys.argv[2] not in a)' "$url$1" "$2"
}

# api_save NAME: for who looks at the page without this laboratory.
api_save() {
	on srv python3 -c '
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())' \
	    "$url/api/$1" >"$out/${1%%\?*}"
}

server_global='http { metrics = no page = yes }'
server_pool='"192.168.100.200"'
server_begin c0
client_start cli1
client_connect c0 alice "$lab_password"
carries_ping c0
client_ike_up cli1 || fail "no IPsec SA for cli1"
client_dial cli1 '"<i>eve</i>"' wrong
must 30 "the attempt has failed" api_has /api/attempts.json unknown-user
must 30 "there is a history" api_has /api/history.json '],['
for name in status.json sessions.json history.json attempts.json \
    ladder.svg?n=1; do
	api_save "$name"
done

step "what it shows"
on srv env HOME="$lab/srv" timeout 300 python3 "$lab_dir/browser.py" \
    "$url/#last" "$out" 1400x1500 390x2600 2>"$out/browser.log" ||
    fail "the browser: $(tail -n 1 "$out/browser.log")"
shows 'data-ready="yes"'
shows '<p id="trouble"[^>]* hidden'
shows '<h1 id="name">lab</h1>'
shows '>IKE running<'
shows '>guard stands<'
shows '<title>lab: 1 session</title>'
shows '>1 of 1<.*class="bad">0 free<'
shows '<td [^>]*>alice</td>'
shows '<td [^>]*>xl2tpd</td>'
shows '>192\.0\.2\.10<'
shows '<b>&lt;i&gt;eve&lt;/i&gt;</b>'
! grep -q '<i>eve' "$out/page.html" || fail "a name has become HTML"
shows 'src="/api/ladder\.svg\?n=2"'
shows '<path class="rx" d="M'

step "how it looks"
for w in 1400 390; do
	# The width is the first number behind the name of the first chunk.
	[ "$(od -An -t u4 -j 16 -N 4 --endian=big "$out/page-$w.png")" -eq $w ] ||
	    fail "no picture at $w pixels"
done

client_disconnect c0
server_end
wire_is_protected
