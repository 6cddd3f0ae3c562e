#!/bin/bash
# SPDX-License-Identifier: ISC
#
# run.sh [NAME...]: runs the scenarios, all without a NAME.  One line for each,
# last line "N passed, N failed"; status 0 if none failed.  What a scenario
# did, and every log and capture of it, is kept in $LNSD_BUILD/lab/NAME.
#
# Where virtual machines are needed, LNSD_LAB_MACHINES of them share the
# scenarios; two if that is not set and there are two processors.
set -u
. "$(dirname "$(realpath "$0")")/start.sh"

names=("$@")
if [ $# -eq 0 ]; then
	names=(direct nat wrong-psk wrong-password unknown-user cleartext
	    vanish stop daemon keepalive idle redial tunnel-auth loss
	    ike-causes system-mode lac ipv6 fixed template map-e matrix
	    certificate strongswan server-nat two-uplinks rekey same-nat
	    cgn-pair dpd rebind sa-loss inject firewall
	    pools users killed ipv6-inside radius coa prepared dhcp-pool mtu
	    limits reload metrics page doctor setup profiles odd-clients lnsctl
	    package explain leftovers)
fi
for name in "${names[@]}"; do
	[ -r "$lab_dir/scenarios/$name.sh" ] || lab_die "no scenario $name"
done

case " ${names[*]} " in
*" strongswan "*) [ -n "${LNSD_VM:-}" ] || strongswan_fetch ;;
esac
case " ${names[*]} " in
*" profiles "*) [ -n "${LNSD_VM:-}" ] || networkmanager_fetch ;;
esac

# machines: how many; no more than there are different scenarios.
machines() {
	local n=${LNSD_LAB_MACHINES:-} different
	[ -n "$n" ] || n=$(($(nproc) > 1 ? 2 : 1))
	different=$(printf '%s\n' "${names[@]}" | sort -u | wc -l)
	[ "$different" -eq ${#names[@]} ] || n=1
	echo $((n < different ? n : different))
}

lab_machines=$(machines)
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

# report NAME: runs it and prints how it was; its status.
report() {
	local from=$SECONDS
	run_scenario "$1" && {
		echo "ok $1 ($((SECONDS - from)) s)"
		return
	}
	echo "FAIL $1: $(cat "$base/$1/reason" 2>/dev/null ||
	    echo "the scenario broke off")"
	show_failure "$base/$1"
	return 1
}

if [ -n "${LAB_SHARED:-}" ]; then
	share_take report "${names[@]}"
	exit
fi
passed=0 failed=0
for name in "${names[@]}"; do
	if report "$name"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
