# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A client renews the keys of its IPsec SA, then of its IKE SA, in the middle
# of a transfer: one packet at most is lost.  Then the server does it.
client_conn='rekey=yes
    salifetime=50s
    ikelifetime=70s
    rekeymargin=25s
    rekeyfuzz=0%'

spis() {
	on srv ip xfrm state | awk '$1 == "proto" { print $4 }' | sort |
	    tr '\n' ' '
}

# new_spis OLD: a pair that is none of the OLD.
new_spis() {
	local s n=0
	for s in $(spis); do
		case " $1 " in
		*" $s "*) ;;
		*) n=$((n + 1)) ;;
		esac
	done
	[ $n -ge 2 ]
}

# The IKE SAs that there have been.
ike_sas() {
	on cli1 grep -c 'IKE SA established' /run/pluto/pluto.log
}

new_ike_sa() {
	[ "$(ike_sas)" -gt "$1" ]
}

renewed() {
	local before ike_before
	client_connect cli1 alice "$lab_password"
	before=$(spis)
	ike_before=$(ike_sas)
	ping_start cli1 "$lan_host" 0.05
	must 60 "a new IPsec SA" new_spis "$before"
	must 90 "a new IKE SA" new_ike_sa "$ike_before"
	sleep 2
	ping_stop cli1
	ping_lost_at_most 1 cli1 "$lan_host"
	carries_ping cli1
	client_disconnect cli1
	must 20 "the server is idle" server_is_idle
}

server_begin cli1
renewed
server_end
wire_is_protected

step "the server renews"
client_conn=rekey=no
server_ipsec='rekey = yes
    ike-lifetime = 70
    sa-lifetime = 60'
server_begin cli1
renewed
server_end
wire_is_protected
