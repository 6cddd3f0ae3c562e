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
	names=(direct nat wrong-psk ike-causes system-mode wrong-password
	    unknown-user cleartext vanish stop daemon keepalive idle
	    redial tunnel-auth loss)
fi
for name in "${names[@]}"; do
	[ -r "$lab_dir/scenarios/$name.sh" ] || lab_die "no scenario $name"
done

lab_place 3600 "$0" "${names[@]}"
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
	for h in c0 cli1 cli2; do
		[ ! -e "$out/$h.log" ] || client_stop "$h"
	done >>"$out/scenario.log" 2>&1
	[ -e "$out/passed" ] || server_clean >>"$out/scenario.log" 2>&1
	[ -e "$out/passed" ]
}

# What tells most about a failure.
show_failure() {
	local f
	for f in scenario.log srv.log lnsd.stderr; do
		[ ! -s "$1/$f" ] || {
			echo "    --- $f"
			tail -n 12 "$1/$f" | cut -c1-160 | sed 's/^/    /'
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
