# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The scenarios shared by several virtual machines: each of them runs the next
# one that none has taken yet.  They know of each other by the folder
# $base/queue alone, which is the same for all: who makes queue/NAME has taken
# NAME, and leaves there what is to be printed.

# share_take COMMAND NAME...: in a virtual machine; runs COMMAND for each NAME
# that it could take.
share_take() {
	local command=$1 mine
	shift
	for name; do
		mine=$base/queue/$name
		mkdir "$mine" 2>/dev/null || continue
		"$command" "$name" >"$mine/new"
		mv "$mine/new" "$mine/result"
	done
}

# What came since the last time; counts in $passed and $failed.
share_print() {
	local name result
	for name in "${names[@]}"; do
		result=$base/queue/$name/result
		[ -e "$result" ] || continue
		cat "$result"
		case $(head -n 1 "$result") in
		ok\ *) passed=$((passed + 1)) ;;
		*) failed=$((failed + 1)) ;;
		esac
		mv "$result" "$base/queue/$name/printed"
	done
}

# What no machine came to the end of.
share_missed() {
	local name
	for name in "${names[@]}"; do
		[ ! -e "$base/queue/$name/printed" ] || continue
		failed=$((failed + 1))
		echo "FAIL $name: its virtual machine ended before it did"
	done
	tail -n 4 "$base"/vm*.log
}

share_running() {
	local job
	for job in "${share_jobs[@]}"; do
		! kill -0 "$job" 2>/dev/null || return 0
	done
	return 1
}

# Each has a process group of its own: qemu ends with its script.
share_stop() {
	local job
	for job in "${share_jobs[@]}"; do
		kill -TERM -- "-$job" 2>/dev/null
	done
}

# share_run SCRIPT NAME...: $lab_machines times ${vm[@]}; prints the results as
# they come, and the sum.
share_run() {
	local names=("${@:2}") i
	passed=0 failed=0 share_jobs=()
	rm -rf "$base/queue" "$base"/vm*.log
	mkdir "$base/queue"
	trap share_stop EXIT
	trap 'exit 130' INT TERM
	set -m
	for ((i = 1; i <= lab_machines; i++)); do
		"${vm[@]}" -n "$i" -e LAB_SHARED=1 "$@" >"$base/vm$i.log" 2>&1 &
		share_jobs+=($!)
	done
	set +m
	while share_running; do
		share_print
		sleep 1
	done
	share_print
	[ $((passed + failed)) -eq ${#names[@]} ] || share_missed
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
