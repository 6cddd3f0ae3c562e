# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The server's state as an administrator sees it.  It must be the same before
# lnsd started and after it stopped.

# The commands run on the server.
snapshot_commands() {
	show() {
		echo "== $*"
		"$@" 2>&1
	}
	show ip xfrm state
	show ip xfrm policy
	show ip l2tp show tunnel
	show ip l2tp show session
	show ss -Huan
	# In brackets while it is not yet, or no longer, there.
	show ps -e -o args= |
	    grep -vE '^[[]?(ps|grep|nsenter|bash|tcpdump|sort)([] ]|$)' | sort
	show nft -s list ruleset
	show ip addr
	show ip route show table all
	show ip rule
	show ip neigh show proxy
	# pppd's own data base stays once pppd has run.
	show find /run ! -name pppd2.tdb ! -path /run/lnsd ! -type l
	# The key data base is made once and kept.
	show find "$1" ! -path '*/nss*'
}

# snapshot FILE
snapshot() {
	on srv bash -c \
	    "$(declare -f snapshot_commands); snapshot_commands $lab/srv/state" \
	    >"$1"
}

snapshot_same() {
	snapshot "$out/after.snapshot"
	cmp -s "$out/before.snapshot" "$out/after.snapshot"
}

# snapshot_compare: with before.snapshot; what differs is shown.
snapshot_compare() {
	wait_until 10 snapshot_same && {
		step "the server is as it was before"
		return
	}
	diff -u "$out/before.snapshot" "$out/after.snapshot" |
	    tee "$out/left-over.diff"
	fail "something is left on the server (left-over.diff): $(
		grep -m1 '^[-+][^-+]' "$out/left-over.diff")"
}
