#!/bin/bash
# SPDX-License-Identifier: ISC
#
# path.sh BUILD [TUNNELS...]: runs BUILD/bench/path in a virtual machine whose
# clock counts instructions, one for each nanosecond: figures that repeat
# within 2 %, whatever else this machine does.  Leaves
# BUILD/bench/out/path.json.
set -eu
here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- 1 100 1000 3000

if [ -n "${LNSD_VM:-}" ]; then
	# The ciphers of a real server, which loads them for its CPU at boot.
	# Later the kernel may give up on them: its clock runs away while it
	# waits for the disk.
	modprobe -a veth ppp_generic l2tp_ppp xfrm_user esp4 nf_tables \
	    nft_ct nft_xfrm nft_fib_inet aesni-intel \
	    ghash-clmulni-intel gcm ctr seqiv echainiv authenc sha1-ssse3
	exec "$build/bench/path" -o /out/path.json "$@"
fi
exec "$here/../lab/vm.sh" -i -m 4096 -t 900 -o "$build/bench/out" \
    "$0" "$build" "$@"
