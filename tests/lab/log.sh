# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The log of each host: everything it says to syslog goes to $out/HOST.log
# with the time of day; a scenario looks for lines there.

# log_start HOST: its log is in this $out from now on.
log_start() {
	[ ! -e "$out/$1.log" ] || return 0
	host_kill "$1" TERM busybox
	wait_until 5 not on "$1" test -S /dev/log
	on "$1" busybox syslogd -S -O "$out/$1.log"
	wait_until 5 on "$1" test -S /dev/log || fail "no syslog on $1"
}

# log_mark HOST: from here on only later lines of HOST count.
log_from=0
log_mark() {
	log_from=$(wc -l <"$out/$1.log")
}

log_lines() {
	tail -n +$((log_from + 1)) "$out/$1.log"
}

# log_has HOST REGEX [COUNT]: at least COUNT lines match.
log_has() {
	[ "$(log_lines "$1" | grep -cE -- "$2")" -ge "${3:-1}" ]
}

# log_wait HOST SECONDS REGEX [COUNT]
log_wait() {
	must "$2" "log of $1 says '$3'" log_has "$1" "$3" "${4:-1}"
}

# log_order HOST REGEX...: the lines are there, in this order, each after the
# one before.
log_order() {
	local host=$1 at=0 n re
	shift
	for re; do
		n=$(log_lines "$host" | tail -n +$((at + 1)) |
		    grep -nE -m1 -- "$re") ||
		    fail "log of $host lacks, or has too early, '$re'"
		at=$((at + ${n%%:*}))
	done
	step "$# log lines in order"
}
