# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A host with systemd as its process 1 and a file system of its own: a copy of
# this machine's that forgets what was written.  Its network is that of another
# host.

# What becomes process 1; $1: a folder, which the disk is mounted on.
machine_init() {
	mount -t tmpfs -o mode=755 lab "$1" && cd "$1" || exit 1
	mkdir upper work root
	mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work lab root &&
	    cd root || exit 1
	mount -t proc lab proc
	mount -t sysfs lab sys
	mount -t cgroup2 lab sys/fs/cgroup
	mount -t securityfs lab sys/kernel/security
	mount -t tmpfs -o mode=755 lab dev
	cp -a /dev/{null,zero,full,random,urandom,tty,ppp} dev
	mkdir dev/{pts,shm}
	ln -s pts/ptmx dev/ptmx
	mount -t devpts lab dev/pts
	mount -t tmpfs -o mode=1777 lab dev/shm
	mount -t tmpfs -o mode=755 lab run
	mount -t tmpfs -o mode=1777 lab tmp
	mount --bind /usr/lib/modules usr/lib/modules
	mkdir run/{old,disk}
	mount --bind "$1" run/disk
	# The index of manuals takes the package manager a minute.
	rm -f var/lib/man-db/auto-update usr/sbin/policy-rc.d
	pivot_root . run/old || exit 1
	umount -l /run/old
	exec env -i container=lab LC_ALL=C PATH="$PATH" \
	    /lib/systemd/systemd --system --unit=sysinit.target
}

# machine_add NAME HOST: for this scenario, in the network of HOST.
machine_add() {
	local dir=$lab/$1
	mkdir -p "$dir/disk"
	echo "$1" >>"$lab/added"
	nsenter -t "$(<"$lab/$2/pid")" -n \
	    unshare -m -p -u -C -f --propagation private bash -c \
	    "$(declare -f machine_init); machine_init '$dir/disk'" \
	    </dev/null >"$dir/init.log" 2>&1 &
	echo $! >"$dir/unshare"
	wait_until 20 machine_has_init "$1" &&
	    wait_until 60 on "$1" systemctl -q is-active sysinit.target ||
	    fail "systemd of $1 does not start: $(tail -n1 "$dir/init.log")"
	on "$1" hostname "$1"
}

machine_has_init() {
	pgrep -P "$(<"$lab/$1/unshare")" -x systemd >"$lab/$1/pid"
}

# machine_written NAME: the files that are other than in the beginning.
machine_written() {
	on "$1" find /run/disk/upper -mindepth 1 -printf '/%P\n'
}
