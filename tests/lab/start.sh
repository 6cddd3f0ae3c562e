# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Where a script of the lab runs: here, if this kernel and our privileges
# suffice, else in the virtual machine.  Sourced first by run.sh and demo.sh.

export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
lab_dir=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
LNSD_BUILD=$(realpath -m "${LNSD_BUILD:-$lab_dir/../../build}")

for part in kernel-has wait log net strongswan networkmanager client server \
    radius call explain capture snapshot share machine; do
	# shellcheck source=/dev/null
	. "$lab_dir/$part.sh"
done

lab_die() {
	echo "lab: $*" >&2
	exit 1
}

# lab_place SECONDS SCRIPT [ARG...]: returns where SCRIPT can go on, with
# $base, the folder for what shall be kept; or runs all of SCRIPT in a virtual
# machine and exits with its status.  LAB_VM=1 asks for the latter.  With
# $lab_machines more than 1, the scenarios that are its arguments are shared.
lab_place() {
	local limit=$1 missing vm
	shift
	[ -z "${LNSD_VM:-}" ] || {
		base=/out
		# shellcheck disable=SC2086
		modprobe -a $lab_modules || lab_die "modules missing in the guest"
		kernel_ciphers || lab_die "ciphers missing in the guest"
		return
	}
	missing=$(programs_missing)
	[ -z "$missing" ] ||
	    lab_die "missing programs: ${missing//$'\n'/, } (make deps)"
	[ -x "$LNSD_BUILD/lnsd" ] || lab_die "no $LNSD_BUILD/lnsd (make)"
	base=$LNSD_BUILD/lab
	mkdir -p "$base"
	missing=$(kernel_missing)
	[ -n "$missing" ] || [ -n "${LAB_VM:-}" ] || return
	missing=${missing//$'\n'/, }
	echo "lab: in a virtual machine${missing:+ (missing here: $missing)}"
	vm=("$lab_dir/vm.sh" -o "$base" -t "$limit" -e "LNSD_BUILD=$LNSD_BUILD"
	    -e "LAB_CACHE=$lab_cache")
	[ "${lab_machines:-1}" -gt 1 ] || exec "${vm[@]}" "$@"
	share_run "$@"
	exit
}

# lab_up: the network; it goes when the script ends.
lab_up() {
	lab=$(mktemp -d /tmp/lnsd-lab.XXXXXX) || exit 1
	trap net_down EXIT
	trap 'exit 130' INT TERM
	net_up || exit 1
}
