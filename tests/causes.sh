#!/bin/sh
# SPDX-License-Identifier: ISC
# causes.sh BUILD: doc/troubleshooting.md has the causes that lnsctl knows, and
# the texts that lnsd/cause.c looks for are still given by somebody.
set -u
status=0

"$1/lnsctl" explain causes >"$1/causes.md"
sed -n '/^| cause/,$p' doc/troubleshooting.md | diff -u - "$1/causes.md" ||
    status=1
sed -n '/} texts\[\] = {/,/^};/s/.*{ "\([^"]*\)".*/\1/p' lnsd/cause.c |
    while read -r text; do
	cat lnsd/datapath.c lnsd/l2tp/*.c ppp/*.c ppp/*.h |
	    tr -d '\n\t' | sed 's/""//g' | grep -qF -- "$text" || {
		echo "nobody says '$text'"
		exit 1
	}
    done || status=1
exit $status
