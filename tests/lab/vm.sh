#!/bin/bash
# SPDX-License-Identifier: ISC
#
# vm.sh [-i] [-o DIR] [-n NAME] [-t SECONDS] [-m MB] [-c CPUS] [-e VAR=VALUE]
#     SCRIPT [ARG...]
# vm.sh --fetch
#
# Runs SCRIPT as root under Debian's own kernel in qemu (software emulation,
# any machine will do), with this machine's root file system as a copy-on-write
# overlay: every installed program is there, and whatever SCRIPT writes is
# forgotten, except below /out, which is DIR.  What SCRIPT prints appears as it
# happens; its exit status is ours.  124: no end within SECONDS, 125: the
# machine did not come to running SCRIPT.
#
# -n: machines with different names can run at the same time with the same DIR.
#
# One CPU if not told otherwise: emulated ones that run at the same time wait for
# each other so much that two take twice the time of one for the same work.
#
# -i: one CPU, and a clock that advances by a nanosecond for each instruction:
# what takes time in the guest is what it executes, not what else runs here.
#
# The kernel is Debian's package, unpacked once below the cache folder and
# never installed; --fetch does only that.
set -euo pipefail

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/lnsd-lab
kernel=$cache/kernel
out='' name='' limit=600 mb=2048 cpus=1 env=()
accel=(-accel 'tcg,thread=multi')
PATH=$PATH:/usr/sbin:/sbin

die() {
	echo "vm: $*" >&2
	exit 125
}

need_programs() {
	local p missing=''
	for p in qemu-system-x86_64 busybox cpio depmod modprobe gzip; do
		command -v "$p" >/dev/null || missing+=" $p"
	done
	[ -z "$missing" ] || die "missing programs:$missing (make deps)"
	[ "$(uname -m)" = x86_64 ] || die "needs an x86_64 machine"
}

# The package that linux-image-amd64 depends on, unpacked to $kernel.
fetch_kernel() {
	local pkg dir
	compgen -G "$kernel/lib/modules/*/modules.dep" >/dev/null && return
	# Another vm.sh may be at it.
	mkdir -p "$cache"
	exec 7>"$cache/lock"
	flock 7
	compgen -G "$kernel/lib/modules/*/modules.dep" >/dev/null && {
		exec 7>&-
		return
	}
	pkg=$(apt-cache depends linux-image-amd64 2>/dev/null |
	    awk '/Depends: linux-image/ { print $2; exit }')
	[ -n "$pkg" ] ||
	    die "no package linux-image-amd64 known to apt (apt-get update)"
	echo "vm: fetching $pkg (once)" >&2
	dir=$(mktemp -d "$cache/new.XXXXXX")
	# shellcheck disable=SC2064
	trap "rm -rf '$dir'" EXIT
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$pkg") ||
	    die "cannot download $pkg"
	dpkg -x "$dir"/*.deb "$dir/kernel" || die "cannot unpack $pkg"
	# From Debian 13 on they are below /usr.
	[ -e "$dir/kernel/lib" ] || ln -s usr/lib "$dir/kernel/lib"
	depmod -b "$dir/kernel" "$(ls "$dir/kernel/lib/modules")" ||
	    die "cannot index the modules of $pkg"
	rm -rf "$kernel"
	mv "$dir/kernel" "$kernel"
	rm -rf "$dir"
	trap - EXIT
	exec 7>&-
}

# First process of the guest: root file systems, then SCRIPT on ttyS1.  ttyS0
# is the firmware's and the kernel's.
write_init() {
	cat <<I
#!/bin/busybox sh
b=/bin/busybox
o=trans=virtio,version=9p2000.L,msize=512000
\$b mount -t proc proc /proc
\$b mount -t sysfs sys /sys
\$b mount -t devtmpfs dev /dev
for m in /m/*; do \$b insmod \$m; done
\$b mkdir -p /r /o
\$b mount -t tmpfs tmpfs /o
\$b mkdir -p /o/u /o/w
\$b mount -t 9p -o \$o,cache=loose,ro root /lower
\$b mount -t overlay -o lowerdir=/lower,upperdir=/o/u,workdir=/o/w overlay /r
\$b mount -t proc proc /r/proc
\$b mount -t sysfs sys /r/sys
\$b mount -t devtmpfs dev /r/dev
\$b mkdir -p /r/dev/pts /r/dev/shm /r/out /r/usr/lib/modules
\$b mount -t devpts devpts /r/dev/pts
\$b mount -t tmpfs shm /r/dev/shm
\$b mount -t tmpfs run /r/run
\$b mount --bind /lower$kernel/lib/modules /r/usr/lib/modules
\$b mount -t 9p -o \$o out /r/out
exec \$b switch_root /r /bin/bash /out/.start$name
I
}

# Second stage, in the overlay, read from the shared folder.
write_start() {
	cat <<'I'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C
ip link set lo up
stty -F /dev/ttyS1 raw -echo
exec </dev/null >/dev/ttyS1 2>&1
I
	printf 'export LNSD_VM=1\n'
	[ ${#env[@]} -eq 0 ] || printf 'export %q\n' "${env[@]}"
	printf 'bash'
	printf ' %q' "$@"
	printf '\necho $? >/out/.rc%s\n' "$name"
	cat <<'I'
sync
exec >/dev/null 2>&1
echo o >/proc/sysrq-trigger
while :; do sleep 5; done
I
}

# The initial RAM disk: busybox and the modules that reach the root.
build_initrd() {
	local dir=$1/initrd version=$2 m to i=0
	mkdir -p "$dir"/{bin,proc,sys,dev,lower,m}
	cp "$(command -v busybox)" "$dir/bin/busybox"
	for m in virtio_pci 9pnet_virtio 9p overlay; do
		modprobe -d "$kernel" -S "$version" --show-depends "$m"
	done | awk '/^insmod/ && !seen[$2]++ { print $2 }' >"$1/modules"
	while read -r m; do
		i=$((i + 1))
		to=$dir/m/$(printf %03d $i)-$(basename "$m" .xz)
		case $m in
		*.xz) busybox unxz -c "$m" >"$to" ;;
		*) cp "$m" "$to" ;;
		esac
	done <"$1/modules"
	write_init >"$dir/init"
	chmod +x "$dir/init"
	(cd "$dir" && find . | cpio -o -H newc 2>/dev/null | gzip -1) \
	    >"$1/initrd.gz"
}

run_qemu() {
	local work=$1 version=$2 rc=0
	timeout --foreground "$limit" qemu-system-x86_64 \
	    "${accel[@]}" -cpu max -smp "$cpus" -m "$mb" \
	    -display none -nodefaults -no-reboot -monitor none \
	    -serial "file:$out/console$name.log" \
	    -chardev stdio,id=out,signal=on -serial chardev:out \
	    -kernel "$kernel/boot/vmlinuz-$version" -initrd "$work/initrd.gz" \
	    -virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
	    -virtfs "local,path=$out,mount_tag=out,security_model=none" \
	    -append "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off net.ifnames=0 no_timer_check" \
	    </dev/null 2>"$out/qemu$name.log" || rc=$?
	[ "$rc" -ne 124 ] || {
		echo "vm: no end after $limit s" >&2
		exit 124
	}
	[ -s "$out/.rc$name" ] || {
		tail -n 3 "$out/qemu$name.log" "$out/console$name.log" >&2
		die "the machine stopped without a result ($out/console$name.log)"
	}
}

need_programs
if [ "${1:-}" = --fetch ]; then
	fetch_kernel
	exit 0
fi
while getopts io:n:t:m:c:e: opt; do
	case $opt in
	i)
		cpus=1
		accel=(-accel 'tcg,thread=single' -icount 'shift=0,sleep=off')
		;;
	o) out=$OPTARG ;;
	n) name=.$OPTARG ;;
	t) limit=$OPTARG ;;
	m) mb=$OPTARG ;;
	c) cpus=$OPTARG ;;
	e) env+=("$OPTARG") ;;
	*) exit 125 ;;
	esac
done
shift $((OPTIND - 1))
[ -r "${1:-}" ] || die "no script: ${1:-}"
fetch_kernel

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -n "$out" ] || out=$work/out
mkdir -p "$out"
out=$(realpath "$out")
script=$(realpath "$1")
shift
rm -f "$out/.rc$name"
write_start "$script" "$@" >"$out/.start$name"
version=$(ls "$kernel/lib/modules")
build_initrd "$work" "$version"
run_qemu "$work" "$version"
rc=$(cat "$out/.rc$name")
rm -f "$out/.rc$name" "$out/.start$name"
exit "$rc"
