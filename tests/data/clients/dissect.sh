#!/bin/sh
# SPDX-License-Identifier: ISC
# Decodes the packets of *.hex by tshark; exits 1 if one that should be well
# formed is not.  The server's ids are written as 7777 (tunnel), 5555 (session).
set -eu

cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

# One line of hex for each datagram.
datagrams() {
	sed -e 's/#.*//' -e 's/TTTT/7777/g' -e 's/SSSS/5555/g' "$1" | awk '
	/^[^ \t]/ { if (p != "") print p; p = ""; on = /^[<>]/ }
	on { line = $0; gsub(/[<> \t]/, "", line); p = p line }
	END { if (p != "") print p }'
}

# text2pcap wants offsets and single octets.
dump() {
	while read -r hex; do
		printf '000000'
		printf '%s\n' "$hex" | sed 's/../ &/g'
	done
}

for f in *.hex; do
	datagrams "$f" | dump >"$dir/dump"
	text2pcap -q -u 1701,1701 "$dir/dump" "$dir/pcap" 2>/dev/null
	sent=$(grep -c '^[<>]' "$f")
	seen=$(tshark -r "$dir/pcap" -Y 'l2tp.type == 1' 2>/dev/null | wc -l)
	marks=$(tshark -r "$dir/pcap" -Y \
	    '_ws.malformed || _ws.expert.severity >= 6291456' 2>/dev/null |
	    wc -l)
	case $f in
	apple.hex) may=2 ;;
	*) may=0 ;;
	esac
	echo "$f: $sent packets, $seen decoded, $marks marked"
	[ "$seen" -eq "$sent" ] && [ "$marks" -le "$may" ] || bad=1
done
exit $bad
