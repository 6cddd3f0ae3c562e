# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Profiles that lnsctl writes: NetworkManager and its plugin dial with the
# keyfile as it is; libreswan and xl2tpd with just the values that the parsers of
# the other formats find in theirs.
client_add 3

# profile FORMAT PLATFORM OPTION...: to $lab/srv/alice.FORMAT.
profile() {
	on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" profile alice \
	    --for "$2" -o "$lab/srv/alice.$1" "${@:3}" >"$out/$1.steps" ||
	    fail "lnsctl writes no profile for $2"
	[ "$(stat -c %a "$lab/srv/alice.$1")" = 600 ] ||
	    fail "others may read alice.$1"
}

# dial_with FORMAT ALL-TRAFFIC: Windows has the password from its user.
dial_with() {
	local server user password psk all
	/usr/bin/python3 "$lab_dir/profile-values.py" "$lab/srv/alice.$1" \
	    >"$lab/srv/values" || fail "cannot read alice.$1"
	{
		read -r server
		read -r user
		read -r password
		read -r psk
		read -r all
	} <"$lab/srv/values"
	[ "$server" = "$client_dials" ] || fail "$1: another server"
	[ "$all" = "$2" ] || fail "$1: all traffic: $all"
	[ "$1" != ps1 ] || password=$lab_password
	client_psk c0 "$psk"
	client_connect c0 "$user" "$password"
	carries_ping c0
	client_disconnect c0
	must 20 "the server is idle" server_is_idle
	client_start_xl2tpd c0
}

step "what is hostile is read as it was meant"
data=$lab_dir/../data/profile
for format in mobileconfig onc ps1; do
	/usr/bin/python3 "$lab_dir/profile-values.py" "$data/hostile.$format" \
	    "$data/hostile.json" || fail "hostile.$format is read otherwise"
done

networkmanager_start cli3 &
job=$!
server_begin c0
wait $job || exit 1
profile mobileconfig ios
profile onc chromeos
profile ps1 windows --routes 192.168.100.0/24
profile nmconnection networkmanager --routes 192.168.100.0/24 \
    --name "l'été"
! on srv "$LNSD_BUILD/lnsctl" -c "$lab/srv/lnsd.conf" profile alice \
    --for ios -o "$lab/srv/alice.onc" 2>"$out/exists" ||
    fail "a file is overwritten"
grep -q -- --force "$out/exists" || fail "it is not told why"

step "dial with mobileconfig"
dial_with mobileconfig True
step "dial with onc"
dial_with onc True
step "dial with ps1"
dial_with ps1 False

step "NetworkManager"
on cli3 cp "$lab/srv/alice.nmconnection" /run/NetworkManager/profiles/
nm_cli cli3 connection reload
nm_cli cli3 -f NAME,TYPE connection show
nm_cli cli3 connection up "l'été" || fail "NetworkManager does not connect"
client_address cli3 || fail "no address of the pool"
on cli3 ip route
on cli3 ip -4 route get "$lan_host" | grep 'dev ppp' ||
    fail "the route of the profile is not there"
! on cli3 ip route show default | grep ppp || fail "all traffic goes there"
carries_ping cli3
networkmanager_mute cli3
nm_cli cli3 connection down "l'été"
must 20 "the server is idle" server_is_idle
host_kill cli3 TERM NetworkManager
server_end
wire_is_protected
for format in mobileconfig onc ps1 nmconnection; do
	rm "$lab/srv/alice.$format"
done
rm "$lab/srv/values"
! grep -rlF "$lab_psk" "$out" --include='*.log' --include='*.stderr' \
    --include='*.nm' || fail "the pre-shared key is in a log"
