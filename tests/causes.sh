#!/bin/sh
# SPDX-License-Identifier: ISC
# causes.sh BUILD: doc/troubleshooting.md has the causes that lnsctl knows, and
# a scenario of the lab brings each of them about and sees that lnsctl explain
# names it.
set -u
status=0

# What no scenario can bring about, and why; tests/unit/check_cause.c has them
# all the same.
unprovoked='
l2tp-peer-unknown	IPsec lets nobody through for whom there is no peer
l2tp-error		no client at hand speaks wrong L2TP over IPsec
no-psk			lnsd.conf needs a key or a certificate for each peer
other			is whatever has no name
'

"$1/lnsctl" explain causes >"$1/causes.md"
sed -n '/^| cause/,$p' doc/troubleshooting.md | diff -u - "$1/causes.md" ||
    status=1
for cause in $(sed -n 's/^| `\([^`]*\)`.*/\1/p' "$1/causes.md"); do
	says="(explains|(ppp_)?fails [a-z0-9]+) $cause( |\$)"
	if grep -qE "^[	 ]*$says" tests/lab/scenarios/*.sh; then
		! echo "$unprovoked" | grep -q "^$cause	" || {
			echo "$cause is brought about, but listed as not"
			status=1
		}
	else
		echo "$unprovoked" | grep -q "^$cause	" || {
			echo "no scenario brings $cause about"
			status=1
		}
	fi
done
exit $status
