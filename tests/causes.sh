#!/bin/sh
# SPDX-License-Identifier: ISC
# causes.sh BUILD: doc/troubleshooting.md has the causes that lnsctl knows.
set -u
status=0

"$1/lnsctl" explain causes >"$1/causes.md"
sed -n '/^| cause/,$p' doc/troubleshooting.md | diff -u - "$1/causes.md" ||
    status=1
exit $status
