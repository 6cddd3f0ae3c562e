#!/bin/sh
# SPDX-License-Identifier: ISC
# deps.sh PACKAGE...: installs the Debian packages that are missing.
set -eu

missing=
for p in "$@"; do
	dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null |
		grep -qx installed || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
	echo "missing packages:$missing (run as root: make deps)" >&2
	exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
# shellcheck disable=SC2086
apt-get -q install -y --no-install-recommends $missing
