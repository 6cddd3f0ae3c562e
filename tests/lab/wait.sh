# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Waiting for a condition with a time limit, and the end of a scenario that
# did not get what it waits for.

# In a machine whose processor is emulated, on two cores that others use as
# well, everything takes its time.
lab_patience=${LNSD_VM:+3}

# wait_until SECONDS COMMAND...: polls until COMMAND succeeds; 1 if it never
# did.
wait_until() {
	local end=$((SECONDS + $1 * ${lab_patience:-1}))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# sleep_until N: until $SECONDS is N.
sleep_until() {
	[ "$SECONDS" -ge "$1" ] || sleep $(($1 - SECONDS))
}

# Not COMMAND; for wait_until.
not() {
	! "$@"
}

# fail TEXT: ends the scenario; the runner prints TEXT.
fail() {
	echo "FAIL: $*"
	echo "$*" >"$out/reason"
	exit 1
}

# must SECONDS TEXT COMMAND...: wait_until, or fail with TEXT.
must() {
	local limit=$1 text=$2
	shift 2
	wait_until "$limit" "$@" || fail "$text (waited $limit s)"
	echo "$(date +%T) $text: yes"
}

# step TEXT: a mark in the scenario's own log.
step() {
	echo "$(date +%T) --- $*"
}
