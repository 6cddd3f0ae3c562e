#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh BUILD units|fast|all: runs the tests that are in BUILD and counts
# them; the last line is "N passed, N failed".
set -u

build=$1
what=$2
passed=0
failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

ok() {
	passed=$((passed + $1))
}

bad() {
	failed=$((failed + $1))
}

# One check of the tree as a whole: name, command.
one() {
	name=$1
	shift
	if "$@" >"$out" 2>&1; then
		echo "ok   $name"
		ok 1
	else
		echo "FAIL $name"
		cat "$out"
		bad 1
	fi
}

# A libcheck program: its own summary tells how many.
suite() {
	"$1" >"$out" 2>&1
	status=$?
	set -- "$1" "$status" $(sed -n \
	    's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' \
	    "$out" | awk '{ c += $1; b += $2 + $3 } END { print c + 0, b + 0 }')
	ok $(($3 - $4))
	bad "$4"
	if [ "$2" -eq 0 ] && [ "$3" -gt 0 ]; then
		echo "ok   $1 ($3)"
		return
	fi
	echo "FAIL $1"
	cat "$out"
	# It crashed, or ran no test at all.
	[ "$4" -gt 0 ] || bad 1
}

programs() {
	for t in "$1"/unit/check_* "$1"/sim/sim_*; do
		[ -x "$t" ] && suite "$t"
	done
	for t in "$1"/fuzz/fuzz_*; do
		[ -x "$t" ] && one "$t (corpus)" "$t" \
		    "tests/data/fuzz/$(basename "$t" | sed 's/^fuzz_//')"
	done
}

finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}

make_quiet() {
	make --no-print-directory -s -j2 "$@"
}

lab() {
	LNSD_BUILD=$(pwd)/$build bash tests/lab/run.sh | tee "$out"
	set -- $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' \
	    "$out" | tail -n 1)
	if [ $# -ne 2 ]; then
		echo "FAIL the lab did not run to its end"
		bad 1
		return
	fi
	ok "$1"
	bad "$2"
}

if [ "$what" = all ]; then
	one "build" make_quiet tests
	one "build with sanitizers" make_quiet SAN=1 tests
fi
programs "$build"
[ "$what" = units ] && finish
one "the engine is pure" make_quiet check-pure
one "format" make_quiet check-fmt
one "manuals" make_quiet check-man
one "causes are documented" sh tests/causes.sh "$build"
if [ "$what" = all ]; then
	programs build-san
	one "Debian package" make_quiet deb
	one "cppcheck, clang-tidy, scan-build" make_quiet analyze
	lab
fi
finish
