# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What lnsctl explain says of clients: programs go by the name of the cause.

ctl_explain() {
	on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" explain "$@"
}

# has_cause WHO CAUSE: of its last attempt.
has_cause() {
	ctl_explain "$1" --json >"$out/explained" 2>&1 &&
	    grep -q "^  \"cause\": \"$2\"" "$out/explained"
}

# explains CAUSE [WHO [SECONDS]]: of the last attempt, or of that of WHO.
explains() {
	must "${3:-20}" "explain says $1" has_cause "${2:-last}" "$1"
	ctl_explain "${2:-last}"
}
