# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Prometheus scrapes the server: its own tool finds nothing to say about names
# and rules, and what it has stored tells of a client that gets in by RADIUS, of
# one that does not, of one that vanishes, of clear text that was dropped, and of
# what has been carried, also when the session has ended.

# get STATUS PATH [METHOD [HEADER VALUE]]: with that status; the body is in
# $out/body.
get() {
	on srv python3 - "$@" >"$out/body" 2>"$out/got" <<-'P' ||
		import http.client, sys
		status, path = int(sys.argv[1]), sys.argv[2]
		method = (sys.argv[3:] or ["GET"])[0]
		c = http.client.HTTPConnection("127.0.0.1", 9701, timeout=20)
		c.request(method, path, headers=dict([sys.argv[4:6]])
		    if sys.argv[4:] else {})
		r = c.getresponse()
		sys.stdout.write(r.read().decode())
		assert r.status == status, (r.status, r.headers.items())
	P
	    fail "$*: $(tail -n 1 "$out/got")"
}

# stored SECONDS: until Prometheus has what the lines of standard input say, each
# "VALUE EXPRESSION".
stored() {
	on srv python3 -c '
import json, sys, time, urllib.parse, urllib.request
def query(e):
    u = "http://127.0.0.1:9090/api/v1/query?"
    try:
        a = urllib.request.urlopen(u + urllib.parse.urlencode({"query": e}),
            timeout=20)
        return [s["value"][1] for s in json.load(a)["data"]["result"]]
    except OSError as error:
        return error
wants = [l.strip().split(" ", 1) for l in sys.stdin]
end = time.time() + int(sys.argv[1])
while wants:
    value, expression = wants[0]
    got = query(expression)
    if got == [value]:
        print(expression, "is", value)
        del wants[0]
        continue
    assert time.time() < end, (expression, got, value)
    time.sleep(0.2)' $(($1 * ${lab_patience:-1})) >>"$out/stored" 2>"$out/not-stored" ||
	    fail "Prometheus: $(tail -n 1 "$out/not-stored")"
}

prometheus_start() {
	cat >"$out/prometheus.yml" <<-Y
		global: { scrape_interval: 1s, evaluation_interval: 1s }
		rule_files: [ $lab_dir/../../conf/lnsd-alerts.yml ]
		scrape_configs:
		  - job_name: lnsd
		    static_configs: [ { targets: [ "127.0.0.1:9701" ] } ]
	Y
	on srv prometheus --config.file="$out/prometheus.yml" \
	    --storage.tsdb.path="$lab/srv/prometheus" \
	    --web.listen-address=127.0.0.1:9090 >"$out/prometheus.log" 2>&1 &
}

# Prometheus asks for the name of the host that it runs on.
echo "127.0.0.1 srv localhost" >"$lab/srv.hosts"
on srv mount --bind "$lab/srv.hosts" /etc/hosts
server_global='http { listen = "127.0.0.1:9701" }'
server_keepalive='keepalive { interval = 2 count = 2 }'
server_ppp="radius {
	server = \"192.168.100.10\"
	secret = \"$radius_secret\"
	timeout = 1
	tries = 2
	accounting = yes
    }"
radius_users="carol Cleartext-Password := \"$lab_password\""

# Out of the server's port, which must not leave; before there is any client, so
# that nothing else is counted.
clear_text_leaves() {
	echo clear | on srv socat -u - \
	    UDP:192.0.2.10:1701,bind=203.0.113.1:1701,reuseaddr,reuseport
}

radius_forget
radius_start one 192.168.100.10 &
radius_job=$!
server_begin c0
prometheus_start

step "clear text, also while the guard is made anew"
for _ in 1 2 3; do
	echo clear | on c0 socat -u - UDP:203.0.113.1:1701
done
clear_text_leaves
clear_text_leaves
stored 30 <<'Q'
3 lnsd_guard_drops_total{reason="clear_in"}
2 lnsd_guard_drops_total{reason="clear_out"}
0 lnsd_guard_drops_total{reason="forged"}
Q
on srv nft -s list table ip lnsd_guard >"$out/guard"
on srv nft delete table ip lnsd_guard
on srv nft -f "$out/guard"
clear_text_leaves
stored 30 <<'Q'
3 lnsd_guard_drops_total{reason="clear_out"}
Q

step "one client that gets in"
wait $radius_job || exit 1
client_connect c0 carol "$lab_password"
carries_ping c0

step "what promtool says"
get 200 /metrics
cp "$out/body" "$out/metrics"
promtool check metrics <"$out/metrics" >"$out/promtool" 2>&1 &&
    [ ! -s "$out/promtool" ] || fail "promtool: $(cat "$out/promtool")"
promtool check rules "$lab_dir/../../conf/lnsd-alerts.yml" ||
    fail "the rules are wrong"
get 200 /metrics GET Accept application/openmetrics-text
[ "$(tail -n 1 "$out/body")" = "# EOF" ] || fail "no OpenMetrics"
! grep -qF -e "$lab_password" -e "$lab_psk" -e carol "$out/body" ||
    fail "a metric tells more than it should"

step "who may ask, and what for"
get 421 /metrics GET Host evil.example
get 501 /metrics POST
get 404 /etc/passwd
get 200 /metrics HEAD
[ ! -s "$out/body" ] || fail "HEAD has a body"

step "what Prometheus has stored"
stored 30 <<'Q'
1 up{job="lnsd"}
1 lnsd_sessions{state="up"}
1 lnsd_tunnels{state="established"}
1 lnsd_setups_total
1 lnsd_setup_seconds_count{stage="ppp"}
1 lnsd_setup_seconds_count{stage="ike"}
50 lnsd_pool_addresses{profile="lan",state="free"}
2 sum(lnsd_ipsec_sas)
1 lnsd_radius_request_seconds_count{profile="lan",kind="access",server="192.168.100.10:1812"}
1 lnsd_radius_request_seconds_bucket{kind="access",le="+Inf"}
1 lnsd_radius_request_seconds_count{kind="accounting"} > bool 1
1 min(lnsd_radius_server_up)
0 sum(lnsd_radius_timeouts_total)
1 lnsd_ipsec_pluto_up * lnsd_ipsec_guard_up
1 lnsd_session_bytes_total{direction="rx"} > bool 6 * 84
0 count(ALERTS{alertstate="firing"}) or vector(0)
Q

step "it vanishes"
client_vanish c0
stored 30 <<'Q'
2 lnsd_hello_misses_total
1 lnsd_hello_sent_total > bool 1
0 lnsd_sessions{state="up"}
Q
client_return c0

step "one that does not get in"
client_ike_up c0 || fail "no IPsec SA for c0"
client_dial c0 alice wrong
stored 30 <<'Q'
1 lnsd_setup_failures_total{stage="ppp",cause="wrong-password"}
0 lnsd_sessions{state="up"}
1 lnsd_setups_total
0 resets(lnsd_session_bytes_total{direction="rx"}[5m])
1 lnsd_session_bytes_total{direction="rx"} > bool 6 * 84
Q

step "a server that has gone"
host_kill srv TERM prometheus
server_end
on srv umount /etc/hosts
radius_stop one
wire_is_protected 'src 203.0.113.1'
