# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# RADIUS servers on the LAN host: FreeRADIUS with a configuration of our own,
# which keeps every request in a file.  A scenario may set radius_users.

radius_secret=lab-radius-secret
radius_users=''

# radius_conf NAME ADDRESS
radius_conf() {
	local dir=$lab/lan/radius.$1
	rm -rf "$dir"
	mkdir -p "$dir"
	printf '%s\n' "$radius_users" >"$dir/users"
	cat >"$dir/radiusd.conf" <<-C
		name = $1
		prefix = /usr
		libdir = /usr/lib/freeradius
		logdir = $dir
		radacctdir = $dir
		run_dir = $dir
		pidfile = $dir/pid
		client lnsd {
		    ipaddr = 192.168.100.1
		    secret = $radius_secret
		}
		modules {
		    pap {
		    }
		    chap {
		    }
		    mschap {
		        use_mppe = no
		    }
		    files {
		        usersfile = $dir/users
		    }
		    detail asked {
		        filename = $dir/asked
		    }
		    detail detail {
		        filename = $dir/detail
		    }
		    always ok {
		        rcode = ok
		    }
		}
		server lab {
		    listen {
		        type = auth
		        ipaddr = $2
		        port = 1812
		    }
		    listen {
		        type = acct
		        ipaddr = $2
		        port = 1813
		    }
		    authorize {
		        asked
		        chap
		        mschap
		        files
		        pap
		    }
		    authenticate {
		        Auth-Type PAP {
		            pap
		        }
		        Auth-Type CHAP {
		            chap
		        }
		        Auth-Type MS-CHAP {
		            mschap
		        }
		    }
		    post-auth {
		        update reply {
		            Message-Authenticator := 0x00
		        }
		        Post-Auth-Type REJECT {
		            update reply {
		                Message-Authenticator := 0x00
		            }
		        }
		    }
		    accounting {
		        detail
		        ok
		    }
		}
	C
}

# radius_start NAME ADDRESS: on an address that the LAN host gets if it has not.
radius_start() {
	local dir=$lab/lan/radius.$1
	on lan ip addr replace "$2/24" dev e0
	radius_conf "$1" "$2"
	# In the foreground it needs no user of its own.  It is left to the
	# host's init: nsenter stops when its child is stopped, and nobody would
	# wake it.
	# shellcheck disable=SC2016
	on lan bash -c 'freeradius -f -l stdout -d "$1" </dev/null >"$2" 2>&1 &' \
	    radius "$dir" "$out/radius.$1.log"
	must 30 "RADIUS server $1 is ready" radius_ready "$1"
}

radius_ready() {
	grep -q 'Ready to process requests' "$out/radius.$1.log"
}

# radius_signal NAME SIGNAL: STOP makes a server that is silent, CONT what it
# was before.
radius_signal() {
	on lan pkill "-$2" -f "^freeradius .*/radius[.]$1\$"
}

# radius_stop NAME: its files stay, in $out.
radius_stop() {
	radius_signal "$1" CONT
	radius_signal "$1" TERM
	must 20 "RADIUS server $1 ends" not radius_signal "$1" 0
	cp -r "$lab/lan/radius.$1" "$out"
}

# radius_forget: those of a scenario that failed.
radius_forget() {
	host_kill lan KILL freeradius
	wait_until 10 not host_runs lan freeradius
}

# radius_last NAME FILE 'ATTRIBUTE = VALUE': the last record of the file has it.
radius_last() {
	awk -v RS= 'END { print }' "$lab/lan/radius.$1/$2" |
	    grep -qE -- "^	$3\$"
}

# radius_line NAME FILE ATTRIBUTE: 'ATTRIBUTE = VALUE' of it.
radius_line() {
	awk -v RS= 'END { print }' "$lab/lan/radius.$1/$2" |
	    sed -n "s/^	\($3 = .*\)/\1/p"
}

# radius_has NAME FILE 'ATTRIBUTE = VALUE'...: the last record of the file has
# all of them; the values are regular expressions.
radius_has() {
	local name=$1 file=$2 line
	shift 2
	for line; do
		radius_last "$name" "$file" "$line" ||
		    fail "$file of $name lacks '$line'"
	done
}
