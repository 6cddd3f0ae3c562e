# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What each kind of client offers, in its order, and what becomes of it.  The
# rows are those of the table in doc/clients.md.
#
# libreswan is the client, without the offers that it was not built for.  Where
# a client offers nothing else, the first packet is sent by ike-offer.py, and
# libreswan offers the same ciphers and hashes with another group, so that the
# rest is tried, too.  A libreswan that has group 2 offers it.

server=203.0.113.1 whack=/usr/libexec/ipsec/whack
table=$out/matrix.md
echo '| client | `proposals` | IKE | ESP | PPP | result |' >"$table"
echo '|---|---|---|---|---|---|' >>"$table"

# What the clients that know only group 2 offer here.
if /usr/libexec/ipsec/algparse -ikev1 'ike=aes128-sha1;dh2' >/dev/null; then
	old_group=modp1024 with=''
else
	old_group=modp1536 with=', with modp1536 instead'
fi

has_group_2() {
	[ $old_group = modp1024 ]
}

# each GROUP CIPHER-HASH...: "aes256-sha1-GROUP ...".
each() {
	local group=$1 suite all=''
	shift
	for suite; do
		all+=" $suite-$group"
	done
	echo "$all"
}

# libreswan's words for an offer, "aes256-sha2_256;modp2048,...".
for_libreswan() {
	local item list=''
	for item; do
		case $item in
		des-*) continue ;;
		*modp1024) has_group_2 || continue ;;
		esac
		item=${item//sha256/sha2_256}
		item=${item//sha384/sha2_384}
		item=${item//sha512/sha2_512}
		case $item in *-*-*) item="${item%-*};${item##*-}" ;; esac
		list+=,$item
	done
	echo "${list#,}"
}

# conn NAME IKE ESP [LINE...]: of libreswan on c0.
conn() {
	local name=$1 ike=$2 esp=$3
	shift 3
	# shellcheck disable=SC2086
	cat <<-C
		conn $name
		    also=l2tp
		    pfs=no
		    ike=$(for_libreswan $ike)
		    esp=$(for_libreswan $esp)
	C
	[ $# -eq 0 ] || printf '    %s\n' "$@"
}

windows_ike="aes256-sha1-ecp384 aes128-sha1-ecp256 aes256-sha1-modp2048
    3des-sha1-modp2048 3des-sha1-modp1024"
windows_esp="aes256-sha1 aes128-sha1 3des-sha1"
apple_ike="$(each modp2048 aes256-{sha256,sha1,md5,sha512})
    $(each modp1536 aes256-{sha256,sha1,md5})
    $(each modp1024 aes256-{sha256,sha1,md5} {aes128,3des}-{sha1,md5})"
apple_esp="$(echo {aes256,aes128,3des}-{sha256,sha1,md5})"
chrome_ike="aes128-sha256-modp3072 aes128-sha1-modp2048 3des-sha1-modp1536
    3des-sha1-modp1024"
chrome_esp="aes_gcm128 aes128-sha256 aes128-sha1 3des-sha1 3des-md5"
nm_ike="$(each modp2048 aes256-sha256) $(each modp1536 aes256-sha256)
    $(each modp1024 aes256-sha256) $(each modp2048 aes256-sha1)
    $(each modp1536 aes256-sha1) aes256-sha1-modp1024 aes256-sha1-ecp384
    aes128-sha1-modp1024 aes128-sha1-ecp256 3des-sha1-modp2048
    3des-sha1-modp1024"
nm_esp=$windows_esp

old_apple="$(echo {aes256,aes128,3des}-{sha1,md5})"
android_2="$(echo {3des,des,aes128}-{sha1,md5})"
android_2_esp="$(echo {3des,aes128,des}-{sha1,md5})"
android_4="$(echo {aes256,aes128,3des,des}-{sha1,md5})"
android_6="$(echo {aes256,aes128,3des,des}-{sha256,sha1,md5})"
android_7="$(echo aes256-{sha384,sha256,sha512,sha1,md5}) \
    $(echo aes128-{sha512,sha384,sha256,sha1,md5}) \
    $(echo 3des-{sha256,sha1,md5} des-{sha256,sha1,md5})"
android_7_esp="$(echo {aes256,aes128,3des,des}-{sha512,sha384,sha1,sha256,md5})"

conns() {
	conn windows "$windows_ike" "$windows_esp" ikelifetime=8h salifetime=1h
	conn apple "$apple_ike" "$apple_esp" ikelifetime=1h salifetime=1h
	conn chrome "$chrome_ike" "$chrome_esp"
	conn nm "$nm_ike" "$nm_esp"
	conn group aes256-sha256-modp2048 "$apple_esp" aggressive=yes \
	    'leftid=@[phones]'
	conn othergroup aes256-sha256-modp2048 "$apple_esp" aggressive=yes \
	    'leftid=@[others]'
	# shellcheck disable=SC2086
	{
		conn oldapple "$(each $old_group $old_apple)" "$old_apple"
		conn android2 "$(each $old_group $android_2)" "$android_2_esp"
		conn android4 "$(each $old_group $android_4)" "$android_4"
		conn android6 "$(each $old_group $android_6)" "$android_6" \
		    sha2-truncbug=yes
		conn android7 "$(each $old_group $android_7)" "$android_7_esp" \
		    sha2-truncbug=yes
	}
}

# row CLIENT PROPOSALS IKE ESP PPP RESULT
row() {
	printf '| %s | %s | %s | %s | %s | %s |\n' "$@" | tee -a "$table"
}

# up NAME: its SAs stand; what was agreed upon is in $ike and $esp.
up() {
	on c0 timeout 30 $whack --initiate --name "$1" >"$out/$1.ike"
	ike=$(sed -n 's/.*IKE SA established {auth=[^ ]* cipher=\([^ ]*\) integ=HMAC_\([^ ]*\) group=\([^}]*\)}.*/\1 \2 \3/p' "$out/$1.ike")
	esp=$(sed -n 's/.*IPsec SA established transport mode {.* xfrm=\([^ ]*\) .*/\1/p' "$out/$1.ike")
	if [ -z "$ike" ] || [ -z "$esp" ]; then
		cat "$out/$1.ike"
		fail "no SA for the offer of $1"
	fi
}

down() {
	on c0 timeout 10 $whack --terminate --name "$1"
	on c0 timeout 10 $whack --unroute --name "$1"
	must 20 "the server is idle" server_is_idle
}

# sa NAME CLIENT PROPOSALS: IKE only.
sa() {
	up "$1"
	row "$2" "$3" "$ike" "$esp" - connected
	down "$1"
}

# dial NAME CLIENT PROPOSALS PPP METHOD PPPD-OPTION...: all the way, by METHOD
# as pppd calls it.
dial() {
	local name=$1 client=$2 level=$3 ppp=$4 method=$5 from
	shift 5
	up "$name"
	from=$(wc -l <"$out/c0.log")
	client_dial c0 alice "$lab_password" "$@"
	must 30 "c0 has an address of the pool" client_connected c0
	tail -n "+$from" "$out/c0.log" | grep "sent \[LCP ConfAck" |
	    grep -qF "<auth $method>" || fail "not authenticated by $method"
	carries_ping c0
	client_hangup c0
	must 20 "pppd of c0 ends" not client_has_ppp c0
	row "$client" "$level" "$ike" "$esp" "$ppp" connected
	down "$name"
}

# offer CLIENT PROPOSALS OFFERS: the answer to the first packet, with group 2.
offer() {
	local client=$1 level=$2 answer
	# shellcheck disable=SC2046,SC2086
	answer=$(on c0 /usr/bin/python3 "$lab_dir/ike-offer.py" $server 20 \
	    $(each modp1024 $3))
	row "$client" "$level" - - - "$answer"
}

# The server takes these proposals.
begin() {
	server_ipsec="proposals = $1"
	server_conf
	server_start
}

server_ipsec='proposals = modern'
server_keepalive='aggressive = yes  group-id = "phones"'
server_begin c0
names=(windows apple chrome nm group othergroup oldapple android{2,4,6,7})
conns >>"$lab/c0/ipsec.conf"
on c0 /usr/libexec/ipsec/addconn --config /etc/ipsec.conf "${names[@]}"

step "modern"
dial windows "Windows 10, 11" modern MS-CHAPv2 "chap MS-v2"
sa apple "iOS, macOS since 2016" modern
dial chrome ChromeOS modern CHAP "chap MD5" refuse-mschap-v2 refuse-pap
dial nm "Linux NetworkManager" modern PAP pap refuse-mschap-v2 refuse-chap
sa group "iOS, macOS with a group name" modern
! on c0 timeout 5 $whack --initiate --name othergroup >"$out/othergroup.ike" ||
    fail "whack has a good word for another group"
! grep 'SA established' "$out/othergroup.ike" ||
    fail "aggressive mode with another group name"
on c0 timeout 10 $whack --terminate --name othergroup
offer "Android 7.1.2 to 11" modern "$android_7"
server_stop

step "legacy"
begin legacy
text='DH group 2 \(modp1024\): Android, older iPhones and Macs cannot connect'
on srv "$LNSD_BUILD/lnsd" -t -c "$lab/srv/lnsd.conf" 2>"$out/remarks" ||
    fail "lnsd -t does not take the file"
if has_group_2; then
	! log_has srv "$text" || fail "group 2 is there, and missed"
	! grep -E "$text" "$out/remarks" || fail "lnsd -t misses group 2"
else
	log_has srv "ipsec: this libreswan has no $text" ||
	    fail "the log does not tell that group 2 is missing"
	grep -E "^remark: .*$text" "$out/remarks" ||
	    fail "lnsd -t does not tell that group 2 is missing"
fi
offer "iOS, macOS before 2016" legacy "$old_apple"
offer "Android 2.3" legacy "$android_2"
offer "Android 4, 5" legacy "$android_4"
offer "Android 6 to 7.1.1" legacy "$android_6"
offer "Android 7.1.2 to 11" legacy "$android_7"
sa oldapple "iOS, macOS before 2016$with" legacy
sa android2 "Android 2.3$with" legacy
sa android4 "Android 4, 5$with" legacy
sa android6 "Android 6 to 7.1.1$with" legacy
sa android7 "Android 7.1.2 to 11$with" legacy
server_end
for name in "${names[@]}"; do
	on c0 $whack --delete --name "$name"
done

step "the table of doc/clients.md"
has_group_2 || {
	grep '^|.*|$' "$lab_dir/../../doc/clients.md" >"$out/documented.md"
	while IFS= read -r line; do
		grep -qxF -- "$line" "$out/documented.md" ||
		    fail "not in doc/clients.md: $line"
	done <"$table"
}
