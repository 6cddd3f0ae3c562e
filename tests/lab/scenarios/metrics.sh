# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Prometheus scrapes the server: its own tool finds nothing to say about names
# and rules, and what it has stored tells of a client that gets in, of one that
# does not, and of what has been carried, also when the session has ended.

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
server_begin c0
prometheus_start

step "one client that gets in"
client_connect c0 alice "$lab_password"
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
! grep -qF -e "$lab_password" -e "$lab_psk" -e alice "$out/body" ||
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
1 lnsd_ipsec_pluto_up * lnsd_ipsec_guard_up
1 lnsd_session_bytes_total{direction="rx"} > bool 6 * 84
0 count(ALERTS{alertstate="firing"}) or vector(0)
Q

step "one that does not, when the first has gone"
client_disconnect c0
client_start_xl2tpd c0
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
wire_is_protected
