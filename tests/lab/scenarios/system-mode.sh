# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The server's system has a libreswan of its own, with a connection to c0 that
# is up.  lnsd puts its connections into that and takes them out again, also
# when pluto is restarted meanwhile, or lnsd was killed; the other connection
# and its SAs never notice.
server_mode=system

# foreign HOST LEFT RIGHT: the system's ipsec.conf.
foreign() {
	cat >"$lab/$1/ipsec.conf" <<-C
		config setup
		    logfile=/run/pluto/pluto.log
		    ikev1-policy=accept
		    uniqueids=no
		conn foreign
		    left=$2
		    right=$3
		    leftprotoport=tcp/7
		    rightprotoport=tcp/7
		    authby=secret
		    ikev2=insist
		    type=transport
		    auto=add
	C
	printf '%s\n' "$2 $3 : PSK \"foreign\"" \
	    'include /etc/ipsec.d/*.secrets' >"$lab/$1/ipsec.secrets"
}

whack() {
	local host=$1
	shift
	on "$host" timeout 60 /usr/libexec/ipsec/whack "$@"
}

pluto_start() {
	on "$1" /usr/libexec/ipsec/pluto --config /etc/ipsec.conf
	wait_until 60 has_foreign "$1" || fail "pluto of $1 does not start"
}

has_foreign() {
	whack "$1" --status 2>/dev/null | grep -q '"foreign": .* oriented;'
}

has_ours() {
	whack srv --status | grep -q '"lnsd+anyone-203.0.113.1": .* oriented;'
}

foreign_up() {
	whack c0 --initiate --name foreign |
	    grep -q 'established Child SA' || fail "the other connection fails"
	on srv ip xfrm state >"$out/foreign.sa"
	[ "$(grep -c '^src ' "$out/foreign.sa")" -eq 2 ] ||
	    fail "the other connection has no SAs"
}

# All SAs are those of the other connection, and they were not touched.
only_foreign() {
	on srv ip xfrm state | cmp -s - "$out/foreign.sa"
}

# Of ours there is nothing in pluto and in the files.
nothing_of_ours() {
	! whack srv --status | grep -q lnsd ||
	    fail "a connection of lnsd is in pluto"
	[ -z "$(on srv ls /etc/ipsec.d | grep lnsd)" ] ||
	    fail "a file of lnsd is in /etc/ipsec.d"
	only_foreign || fail "the SAs are not those of the other connection"
}

# Whatever the end: the next scenario finds no pluto and no files.
put_back() {
	local h
	for h in srv c0; do
		host_kill $h KILL pluto
		wait_until 10 not host_runs $h pluto
		on $h rm -f /run/pluto/pluto.ctl /run/pluto/pluto.pid
		: >"$lab/$h/ipsec.conf"
		: >"$lab/$h/ipsec.secrets"
	done
	on srv rm -f /etc/ipsec.d/lnsd.secrets
	on srv ip xfrm state flush
	on srv ip xfrm policy flush
	on c0 ip xfrm state flush
	on c0 ip xfrm policy flush
}
trap put_back EXIT
put_back

log_start srv
log_start c0
foreign srv 203.0.113.1 192.0.2.10
foreign c0 192.0.2.10 203.0.113.1
client_start cli1
pluto_start srv
pluto_start c0
foreign_up

step "lnsd comes and goes with a client connected"
server_conf
snapshot "$out/before.snapshot"
capture_start
server_start
! log_has srv 'ipsec.conf needs' || fail "a setup that is right is blamed"
[ "$(on srv stat -c %a /etc/ipsec.d/lnsd.secrets)" = 600 ] ||
    fail "others may read the secrets"
client_connect cli1 alice "$lab_password"
carries_ping cli1
server_stop
nothing_of_ours
snapshot_compare
host_kill cli1 TERM pppd
must 15 "pppd of cli1 ends" not client_has_ppp cli1
client_ike_down cli1
client_start cli1

step "lnsd is killed, and started again"
server_start
host_kill srv KILL lnsd
must 30 "the children of lnsd end" not host_runs srv lnsd pppd
has_ours || fail "the connection of the lnsd that was killed is not there"
server_start
has_ours || fail "the connection is not there"
only_foreign || fail "the SAs of the other connection were touched"

step "the system's pluto is restarted"
log_mark srv
# Else c0 would try by itself at the same time.
whack c0 --terminate --name foreign
whack srv --shutdown
log_wait srv 60 "the system's pluto has ended: waiting for the next$"
must 60 "pluto ends" not host_runs srv pluto
pluto_start srv
log_wait srv 60 'ipsec: pluto is back$'
must 60 "the connections are there again" has_ours
foreign_up
client_connect cli1 alice "$lab_password"
carries_ping cli1
client_disconnect cli1
must 20 "the other connection alone has SAs" only_foreign
server_stop
nothing_of_ours
capture_stop

step "without the include, and without a pluto"
sed '/^include/d' "$lab/srv/ipsec.secrets" >"$lab/srv/secrets"
cat "$lab/srv/secrets" >"$lab/srv/ipsec.secrets"
server_launch
must 20 "lnsd ends" not server_runs
log_has srv "/etc/ipsec.secrets does not include /etc/ipsec.d/lnsd.secrets: add the line 'include /etc/ipsec.d/\*.secrets'$" ||
    fail "it is not told what is missing"
echo 'include /etc/ipsec.d/*.secrets' >>"$lab/srv/ipsec.secrets"
for h in srv c0; do
	whack $h --shutdown
	must 20 "pluto of $h ends" not host_runs $h pluto
done
server_launch
must 40 "lnsd ends" not server_runs
log_has srv "the system's pluto does not run" ||
    fail "it is not told that there is no pluto"
[ -z "$(on srv ls /etc/ipsec.d | grep lnsd)" ] ||
    fail "a file of lnsd is in /etc/ipsec.d"
# xl2tpd goes on in clear text when its SA is gone: that is the client's.
wire_is_protected 'src 203.0.113.1'
