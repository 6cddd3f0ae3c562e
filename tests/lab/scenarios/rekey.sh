# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The keys are renewed in the middle of a transfer, those of the IPsec SA and
# those of the IKE SA, and one packet at most is lost: first by a client, then
# by the server.
client_conn='rekey=yes
    salifetime=50s
    ikelifetime=70s
    rekeymargin=25s
    rekeyfuzz=0%'

spis() {
	on srv ip xfrm state | awk '$1 == "proto" { print $4 }' | sort |
	    tr '\n' ' '
}

# new_spis N OLD: N that are none of the OLD.
new_spis() {
	local s n=0
	for s in $(spis); do
		case " $2 " in
		*" $s "*) ;;
		*) n=$((n + 1)) ;;
		esac
	done
	[ $n -ge "$1" ]
}

# ike_sas HOST: how many it has had.
ike_sas() {
	on "$1" grep -c 'IKE SA established' /run/pluto/pluto.log
}

# new_ike_sa HOST N: more than N.
new_ike_sa() {
	[ "$(ike_sas "$1")" -gt "$2" ]
}

# at_most_one_lost HOST: of the pings that end here.
at_most_one_lost() {
	ping_stop "$1"
	ping_lost_at_most 1 "$1" "$lan_host"
	carries_ping "$1"
}

server_begin cli1
client_connect cli1 alice "$lab_password"
before=$(spis)
ike_before=$(ike_sas cli1)
ping_start cli1 "$lan_host" 0.05
must 60 "a new IPsec SA" new_spis 2 "$before"
must 60 "a new IKE SA" new_ike_sa cli1 "$ike_before"
sleep 2
at_most_one_lost cli1
client_disconnect cli1
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected

# libreswan begins another IKE SA on port 500, which a NAT has forgotten by
# then: c0 has none.  A client that answers sends by the new IPsec SA before
# the server can have it, so that what it sends within one round trip is lost:
# the packets are further apart than that.
step "the server renews"
client_conn=rekey=no
server_ipsec='rekey = yes
    ike-lifetime = 90
    sa-lifetime = 60'
client_start c0
server_begin cli1
client_connect c0 alice "$lab_password"
client_connect cli1 bob "$lab_password"
before=$(spis)
ike_before=$(ike_sas c0)
ping_start c0 "$lan_host" 0.5
ping_start cli1 "$lan_host" 0.5
must 60 "new IPsec SAs" new_spis 4 "$before"
sleep 3
at_most_one_lost cli1
client_disconnect cli1
must 60 "a new IKE SA" new_ike_sa c0 "$ike_before"
sleep 3
at_most_one_lost c0
client_disconnect c0
must 20 "the server is idle" server_is_idle
server_end
wire_is_protected
