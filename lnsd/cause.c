/* SPDX-License-Identifier: ISC */
/* Causes in words; contract in cause.h. */

#include "cause.h"

#include <stdbool.h>

#define HUNG "'The L2TP server did not respond', or it dials for long"
#define KEY "'The IPsec negotiation failed', at once"
#define LOGIN "'Authentication failed', 'user name or password is wrong'"
#define CUT "The connection ends"

static const struct {
	const char *name, *symptom, *text, *mend;
} causes[CAUSE_N] = {
	[CAUSE_NONE] = { "", "", "", "" },
	[CAUSE_PSK] = { "psk-differs", KEY,
	    "The client has another pre-shared key than the server.",
	    "Type the pre-shared key ('secret' on a phone) again in the "
	    "client. "
	    "It is psk of the peer or of its template in lnsd.conf, where "
	    "upper "
	    "and lower case and spaces count." },
	[CAUSE_NO_PSK] = { "no-psk", KEY,
	    "The server has no pre-shared key for this client.",
	    "Set psk for the peer, or have the client use a certificate." },
	[CAUSE_IKE_PROPOSAL] = { "no-ike-proposal", KEY,
	    "Client and server have no IKE proposal in common.",
	    "Set proposals = compatible (or, for very old clients, legacy) in "
	    "the section ipsec, or change the client's phase 1; lnsctl doctor "
	    "tells if libreswan lacks an algorithm." },
	[CAUSE_ESP_PROPOSAL] = { "no-esp-proposal", KEY,
	    "Client and server have no ESP proposal in common.",
	    "Set proposals = compatible (or, for very old clients, legacy) in "
	    "the section ipsec, or change the client's phase 2." },
	[CAUSE_NO_PEER] = { "no-peer", HUNG,
	    "No peer is configured for the address of the client.",
	    "Add a peer with this address, or one with address = any." },
	[CAUSE_IDENTITY] = { "identity-unknown", KEY,
	    "No peer is configured for the identity that the client sends.",
	    "Clear the client's local identifier or group name, or set "
	    "identity "
	    "of its peer to what the client sends." },
	[CAUSE_CERTIFICATE] = { "certificate-refused", KEY,
	    "The certificate of the client or of the server was not accepted.",
	    "See that the certificate is of the peer's ca, that it has not "
	    "expired, that the server's name is in the server's one, and that "
	    "the clocks of both are right." },
	[CAUSE_SELECTOR] = { "not-l2tp", KEY,
	    "The client wants to protect other traffic than L2TP (UDP 1701).",
	    "Choose L2TP/IPsec in the client, not plain IPsec ('Cisco IPsec', "
	    "'XAuth')." },
	[CAUSE_NO_NATT] = { "no-nat-traversal", KEY,
	    "The client is behind a NAT and does not use NAT traversal.",
	    "Switch NAT traversal on in the client, or update it." },
	[CAUSE_AGGRESSIVE] = { "aggressive-mode", KEY,
	    "The client uses aggressive mode, since it has a group name set.",
	    "Clear the group name ('IPsec identifier') in the client." },
	[CAUSE_IKEV2] = { "ikev2", HUNG,
	    "The client speaks IKEv2, which L2TP/IPsec does not use.",
	    "Choose L2TP/IPsec with a pre-shared key in the client, not "
	    "IKEv2." },
	[CAUSE_PORT_4500] = { "udp-4500-blocked", HUNG,
	    "IKE begins on UDP 500, but what follows on UDP 4500 does not "
	    "arrive.",
	    "Let UDP 4500 through at the firewall or router in front of the "
	    "server, or have the client try another network: some block it." },
	[CAUSE_LARGE_IKE] = { "ike-fragments-lost", HUNG,
	    "The client's certificate does not arrive: large packets get lost "
	    "on the way (an MTU black hole), or UDP 4500 is blocked.",
	    "Let UDP 4500 and fragments through, lower the MTU of the router "
	    "in front, or use smaller (ECDSA) certificates." },
	[CAUSE_IKE_SILENT] = { "no-answer-from-client", HUNG,
	    "The client does not go on after the server's first answer: it "
	    "gave up, or the answer does not arrive.",
	    "See that the server answers from the address that was dialled, "
	    "and "
	    "that UDP 500 is let through in both directions." },
	[CAUSE_NO_QUICK] = { "no-phase-2", HUNG,
	    "The client proved who it is, but asked for no IPsec SA.",
	    "Let UDP 4500 through in both directions; if it is, restart the "
	    "client's VPN and look at its log: it may not accept the server." },
	[CAUSE_IKE_CLOSED] = { "ike-closed", KEY,
	    "The client ended IKE itself before there was an IPsec SA.",
	    "The client does not accept the server: see the pre-shared key or "
	    "certificate, and the name of the server that the client dials." },
	[CAUSE_ESP_BLOCKED] = { "esp-blocked", HUNG,
	    "IKE is complete, but no ESP packet (IP protocol 50) arrives.",
	    "Let ESP through at firewalls on the way, or force UDP "
	    "encapsulation in the client, which needs UDP 4500 only." },
	[CAUSE_NO_L2TP] = { "no-l2tp", HUNG,
	    "IKE is complete, but L2TP does not begin.",
	    "In Windows behind NAT set AssumeUDPEncapsulationContextOnSendRule "
	    "to 2 and restart; in Linux see that xl2tpd runs on the client; "
	    "lnsctl doctor tells if this machine's own firewall drops UDP 1701 "
	    "out of IPsec; look for another one that drops long-lived UDP "
	    "4500." },
	[CAUSE_MAX_TUNNELS] = { "max-tunnels", HUNG,
	    "The server has as many tunnels as it may.",
	    "Raise max-tunnels (of the server or of the peer); lnsctl show "
	    "tunnels shows who is there." },
	[CAUSE_MAX_SESSIONS] = { "max-sessions", HUNG,
	    "The peer has as many sessions as it may.",
	    "Raise max-sessions of the peer; lnsctl show sessions shows who is "
	    "there." },
	[CAUSE_TUNNEL_SECRET] = { "tunnel-secret", HUNG,
	    "L2TP tunnel authentication failed.",
	    "Set the same tunnel-secret at both ends; phones have none: give "
	    "them a peer without one." },
	[CAUSE_L2TP_PEER] = { "l2tp-peer-unknown", HUNG,
	    "No peer is configured for the address of this L2TP client.",
	    "Add a peer with this address, or one with address = any." },
	[CAUSE_L2TP_PROTOCOL] = { "l2tp-error", HUNG,
	    "Client and server do not understand each other in L2TP.",
	    "lnsctl trace on, and look at the log for the message in question; "
	    "update the client." },
	[CAUSE_L2TP_SILENT] = { "l2tp-silent", HUNG,
	    "L2TP begins, but the client does not answer any more.",
	    "The way back is lost: look for a NAT or firewall that forgets UDP "
	    "4500, or for a client that lost its network." },
	[CAUSE_NO_CALL] = { "no-call", HUNG,
	    "The L2TP tunnel stands, but the client began no session in it.",
	    "The client gave up: try again, and look at its log." },
	[CAUSE_KERNEL] = { "kernel", HUNG,
	    "The kernel of the server could not make the session.",
	    "lnsctl doctor tells which module is missing (l2tp_ppp, ppp_async, "
	    "esp4 ...); a new kernel needs a restart of the machine." },
	[CAUSE_PPPD] = { "pppd", HUNG,
	    "The server could not run pppd, or pppd broke.",
	    "Its own lines in the log say why; lnsctl doctor checks what it "
	    "needs, /dev/ppp among others." },
	[CAUSE_LCP_SILENT] = { "ppp-silent", HUNG,
	    "L2TP is complete, but the client's PPP does not answer.",
	    "Packets get lost on the way (an MTU black hole), or PPP is held "
	    "up "
	    "on the client: try another network, and look at its log." },
	[CAUSE_AUTH_METHOD] = { "no-auth-method", LOGIN,
	    "The client accepts no method of authentication that the server "
	    "offers (it may want EAP or MS-CHAP version 1 only).",
	    "Switch MS-CHAPv2 on in the client, or add a method that it has to "
	    "auth of the profile." },
	[CAUSE_AUTH_SILENT] = { "auth-unfinished", LOGIN,
	    "The client did not answer when it was asked for its name and "
	    "password.",
	    "See that a user name and a password are stored in the client." },
	[CAUSE_USER_UNKNOWN] = { "unknown-user", LOGIN,
	    "There is no user of this name.",
	    "Correct the name in the client, or add the user to lnsd.conf, to "
	    "users-file or in RADIUS; upper and lower case count." },
	[CAUSE_PASSWORD] = { "wrong-password", LOGIN, "The password is wrong.",
	    "Type the password again in the client, or give the user a new "
	    "one." },
	[CAUSE_USER_DISABLED] = { "user-disabled", LOGIN,
	    "The user is disabled.", "Remove disabled = yes of the user." },
	[CAUSE_LOGIN_FAILURES] = { "too-many-failures", LOGIN,
	    "Too many logins have failed, of this user or from this address.",
	    "Wait as long as it says and correct the password; see "
	    "max-login-failures and login-failure-time." },
	[CAUSE_USER_SESSIONS] = { "user-sessions", LOGIN,
	    "The user has as many sessions as he may.",
	    "Hang up another (lnsctl disconnect), or raise max-sessions of the "
	    "user." },
	[CAUSE_POOL] = { "pool-full", LOGIN, "No address is left in the pool.",
	    "Add addresses to pool of the profile; lnsctl show sessions shows "
	    "who has one." },
	[CAUSE_ADDRESS_TAKEN] = { "address-taken", LOGIN,
	    "The address for this user is in use by somebody else.",
	    "Take the address out of the LAN's DHCP range or from the host "
	    "that has it, or give the user another." },
	[CAUSE_DHCP] = { "dhcp", LOGIN,
	    "The LAN's DHCP server gave no address.",
	    "See that a DHCP server answers on the LAN and has addresses "
	    "left." },
	[CAUSE_RADIUS_SILENT] = { "radius-silent", LOGIN,
	    "No RADIUS server answers.",
	    "See that the server runs, knows this one as a client with the "
	    "same "
	    "secret (a wrong one is silence), and that UDP 1812 is open." },
	[CAUSE_RADIUS_REFUSED] = { "radius-refused", LOGIN,
	    "RADIUS refuses the user.",
	    "The log of the RADIUS server says why: user, password, or "
	    "policy." },
	[CAUSE_RADIUS_ANSWER] = { "radius-answer", LOGIN,
	    "RADIUS gave an answer that PPP cannot use.",
	    "Correct what the RADIUS server returns for the user; the detail "
	    "names it." },
	[CAUSE_NO_IP] = { "no-ip", "It dials, and then hangs up",
	    "Client and server could not agree on an IP address.",
	    "Have the client ask for an address by itself (no static one), and "
	    "switch IPv4 on for the connection." },
	[CAUSE_GAVE_UP] = { "client-gave-up", "It dials, and then hangs up",
	    "The client hung up before the connection stood.",
	    "Look at the client's own log; if it takes long before that, see "
	    "which stage took the time." },
	[CAUSE_HUNG_UP] = { "client-hung-up", CUT, "The client hung up.",
	    "Nothing, if the user wanted it. Phones hang up when they sleep; "
	    "'on demand' settings bring them back." },
	[CAUSE_DEAD_PEER] = { "dead-peer", CUT, "The client stopped answering.",
	    "It lost its network, or a NAT forgot it: a shorter keepalive "
	    "interval may help." },
	[CAUSE_IDLE] = { "idle", CUT, "Nothing was sent for too long.",
	    "Raise idle-timeout or disconnect-time, or set it to 0." },
	[CAUSE_SESSION_TIME] = { "session-time", CUT,
	    "The time that a session may last is over.",
	    "Raise session-timeout, or set it to 0; RADIUS may set it, too." },
	[CAUSE_DUPLICATE_LOGIN] = { "duplicate-login", CUT,
	    "The same user dialled again, and may be there once.",
	    "Give each device a user of its own, or remove "
	    "one-login-per-user." },
	[CAUSE_REDIALLED] = { "redialled", CUT,
	    "The client dialled again, so that the old connection ended.",
	    "Nothing: it had lost the old one." },
	[CAUSE_ADMIN] = { "administrator", CUT, "The administrator ended it.",
	    "Nothing." },
	[CAUSE_SHUTDOWN] = { "server-stopped", CUT,
	    "The server was being stopped.", "Dial again when it runs." },
	[CAUSE_KEYS_LOST] = { "ipsec-gone", CUT,
	    "The client has no IPsec SA any more: it closed it, or stopped "
	    "answering.",
	    "Nothing, if the user hung up; otherwise the client lost its "
	    "network, or did not renew its keys." },
	[CAUSE_OTHER] = { "other", CUT,
	    "It ended for another reason, which is in the detail.",
	    "Look at the log of the server around this time." },
};

static bool
is_cause(enum cause c)
{
	return c > CAUSE_NONE && c < CAUSE_N && causes[c].name != NULL;
}

const char *
cause_name(enum cause c)
{
	return is_cause(c) ? causes[c].name : "";
}

const char *
cause_text(enum cause c)
{
	return is_cause(c) ? causes[c].text : "";
}

const char *
cause_mend(enum cause c)
{
	return is_cause(c) ? causes[c].mend : "";
}

const char *
cause_symptom(enum cause c)
{
	return is_cause(c) ? causes[c].symptom : "";
}

void
cause_print_table(FILE *out)
{
	enum cause c;

	fputs("| cause | what the user sees | what it is | what to do |\n"
	      "|---|---|---|---|\n",
	    out);
	for (c = CAUSE_NONE + 1; c < CAUSE_N; c++)
		fprintf(out, "| `%s` | %s | %s | %s |\n", causes[c].name,
		    causes[c].symptom, causes[c].text, causes[c].mend);
}
