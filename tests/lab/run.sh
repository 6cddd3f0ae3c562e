#!/bin/bash
# SPDX-License-Identifier: ISC
#
# run.sh [NAME...]: runs the scenarios, all without a NAME.  One line for each,
# last line "N passed, N failed"; status 0 if none failed.  What a scenario
# did, and every log and capture of it, is kept in $LNSD_BUILD/lab/NAME.
set -u
. "$(dirname "$(realpath "$0")")/start.sh"

names=("$@")
if [ $# -eq 0 ]; then
	names=(direct nat wrong-psk wrong-password unknown-user cleartext
	    vanish stop daemon keepalive idle redial tunnel-auth loss
	    ike-causes system-mode lac ipv6 fixed template map-e matrix
	    certificate strongswan server-nat two-uplinks rekey same-nat
	    cgn-pair dpd rebind sa-loss inject firewall
	    pools users killed ipv6-inside radius coa prepared
	    dhcp-pool mtu limits reload doctor setup leftovers)
fi
for name in "${names[@]}"; do
	[ -r "$lab_dir/scenarios/$name.sh" ] || lab_die "no scenario $name"
done

case " ${names[*]} " in
*" strongswan "*) [ -n "${LNSD_VM:-}" ] || strongswan_fetch ;;
esac
lab_place 4500 "$0" "${names[@]}"
lab_up

# run_scenario NAME: its status.
run_scenario() {
	local out=$base/$1 h
	rm -rf "$out"
	mkdir -p "$out"
	(
		# shellcheck source=/dev/null
		. "$lab_dir/scenarios/$1.sh"
		: >"$out/passed"
	) >"$out/scenario.log" 2>&1 </dev/null
	[ -e "$out/passed" ] || server_evidence
	for h in c0 cli1 cli2 $(hosts_added); do
		[ ! -e "$out/$h.log" ] || client_stop "$h"
	done >>"$out/scenario.log" 2>&1
	net_trim
	[ -e "$out/passed" ] || server_clean >>"$out/scenario.log" 2>&1
	[ -e "$out/passed" ]
}

# What libreswan says at length; it stays in the files.
chatter='^[0-9]{3} "l2tp"|ipsec: [0-9]{3} |pluto: pluto: '

# What tells most about a failure.
show_failure() {
	local f
	for f in scenario.log lnsd.stderr; do
		[ ! -s "$1/$f" ] || {
			echo "    --- $f"
			grep -vE "$chatter" "$1/$f" | tail -n 16 |
			    cut -c1-160 | sed 's/^/    /'
		}
	done
}

passed=0 failed=0
for name in "${names[@]}"; do
	from=$SECONDS
	if run_scenario "$name"; then
		passed=$((passed + 1))
		echo "ok $name ($((SECONDS - from)) s)"
	else
		failed=$((failed + 1))
		echo "FAIL $name: $(cat "$base/$name/reason" 2>/dev/null ||
		    echo "the scenario broke off")"
		show_failure "$base/$name"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
