/* SPDX-License-Identifier: ISC */
/* What to do on the client, in words; contract in profile.h. */

#include "profile.h"

#include <string.h>

/* A password that is not there, in words. */
static const char *
password(const struct profile_facts *facts)
{
	return facts->password != NULL ? facts->password : "(the user's own)";
}

static void
routes(FILE *f, const struct profile_facts *facts, const char *between)
{
	for (size_t i = 0; i < facts->n_routes; i++) {
		fputs(i > 0 ? between : "", f);
		profile_route(f, &facts->routes[i]);
	}
}

static const char *
all(const struct profile_facts *facts)
{
	return facts->all_traffic ? "on" : "off";
}

static void
ios_by_hand(FILE *f, const struct profile_facts *facts)
{
	fprintf(f,
	    "1. Settings > General > VPN & Device Management > VPN >\n"
	    "   Add VPN Configuration.\n"
	    "2. Type: L2TP\n"
	    "   Description: %s\n"
	    "   Server: %s\n"
	    "   Account: %s\n"
	    "   RSA SecurID: off\n"
	    "   Password: %s\n"
	    "   Secret: %s\n"
	    "   Send All Traffic: %s\n"
	    "3. Done, and switch the VPN on.\n",
	    facts->name, facts->server, facts->user, password(facts),
	    facts->psk, all(facts));
}

static void
macos_by_hand(FILE *f, const struct profile_facts *facts)
{
	fprintf(f,
	    "1. System Settings > VPN > Add VPN Configuration > L2TP over "
	    "IPSec.\n"
	    "2. Display name: %s\n"
	    "   Server Address: %s\n"
	    "   Account Name: %s\n"
	    "   User authentication: Password: %s\n"
	    "   Machine authentication: Shared Secret: %s\n"
	    "   Group name: empty\n"
	    "3. Options: Send all traffic over VPN connection: %s\n",
	    facts->name, facts->server, facts->user, password(facts),
	    facts->psk, all(facts));
}

static void
windows_by_hand(FILE *f, const struct profile_facts *facts)
{
	fprintf(f,
	    "1. Settings > Network & internet > VPN > Add VPN.\n"
	    "2. VPN provider: Windows (built-in)\n"
	    "   Connection name: %s\n"
	    "   Server name or address: %s\n",
	    facts->name, facts->server);
	if (facts->psk != NULL)
		fprintf(f,
		    "   VPN type: L2TP/IPsec with pre-shared key\n"
		    "   Pre-shared key: %s\n",
		    facts->psk);
	else
		fputs("   VPN type: L2TP/IPsec with certificate, which is in "
		      "the store of the computer\n",
		    f);
	fprintf(f,
	    "   Type of sign-in info: User name and password\n"
	    "   User name: %s\n"
	    "   Password: %s\n",
	    facts->user, password(facts));
	if (facts->auth != CONF_AUTH_MSCHAPV2)
		fprintf(f,
		    "3. In the properties of the adapter (ncpa.cpl), Security: "
		    "Optional encryption, allow %s.\n",
		    facts->auth == CONF_AUTH_CHAP ? "CHAP" : "PAP");
	if (facts->behind_nat)
		fputs("The server is behind NAT.  As an administrator, and "
		      "restart the PC:\n"
		      "   reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
		      "PolicyAgent"
		      " /v AssumeUDPEncapsulationContextOnSendRule"
		      " /t REG_DWORD /d 2 /f\n",
		    f);
}

static void
android_by_hand(FILE *f, const struct profile_facts *facts)
{
	fprintf(f,
	    "Android up to 11 only: 12 and later have no L2TP for new "
	    "connections.\n"
	    "1. Settings > Network & internet > Advanced > VPN > +.\n"
	    "2. Name: %s\n"
	    "   Type: L2TP/IPSec PSK\n"
	    "   Server address: %s\n"
	    "   L2TP secret: empty\n"
	    "   IPSec identifier: empty\n"
	    "   IPSec pre-shared key: %s\n",
	    facts->name, facts->server, facts->psk);
	if (!facts->all_traffic) {
		fputs("   Show advanced options > Forwarding routes: ", f);
		routes(f, facts, " ");
		fputc('\n', f);
	}
	fprintf(f,
	    "3. Save, and tap it.  Username: %s\n"
	    "   Password: %s\n",
	    facts->user, password(facts));
}

static void
chromeos_by_hand(FILE *f, const struct profile_facts *facts)
{
	fprintf(f,
	    "1. Settings > Network > Add connection > Add built-in VPN.\n"
	    "2. Service name: %s\n"
	    "   Provider type: L2TP/IPsec\n"
	    "   Server hostname: %s\n"
	    "   Authentication type: Pre-shared key\n"
	    "   Username: %s\n"
	    "   Password: %s\n"
	    "   Group name: empty\n"
	    "   Pre-shared key: %s\n"
	    "3. Save identity and password: on, and Connect.\n",
	    facts->name, facts->server, facts->user, password(facts),
	    facts->psk);
}

static void
nm_by_hand(FILE *f, const struct profile_facts *facts)
{
	fprintf(f,
	    "1. Packages network-manager-l2tp and network-manager-l2tp-gnome, "
	    "with libreswan or strongSwan.\n"
	    "2. Settings > Network > VPN > +, Layer 2 Tunneling Protocol "
	    "(L2TP).\n"
	    "   Name: %s\n"
	    "   Gateway: %s\n"
	    "   User name: %s\n"
	    "   Password: %s\n"
	    "3. IPsec Settings: Enable IPsec tunnel to L2TP host.\n",
	    facts->name, facts->server, facts->user, password(facts));
	if (facts->psk != NULL)
		fprintf(f, "   Pre-shared key: %s\n", facts->psk);
	else
		fprintf(f, "   Certificates (TLS): %s\n", facts->pkcs12);
	if (!facts->all_traffic) {
		fputs("4. IPv4: Use this connection only for resources on its "
		      "network; Routes: ",
		    f);
		routes(f, facts, ", ");
		fputc('\n', f);
	}
}

/* --- with a file --- */

static void
ask_for_password(FILE *f, const struct profile_facts *facts)
{
	if (facts->password == NULL)
		fputs("   It asks for the password.\n", f);
}

static void
ios_install(FILE *f, const struct profile_facts *facts, const char *file)
{
	fprintf(f,
	    "1. Bring %s to the iPhone or iPad: AirDrop, Files, or Safari from "
	    "a web server of yours.\n"
	    "2. Settings > Profile Downloaded > Install.  \"Not Signed\" is "
	    "right.\n",
	    file);
	ask_for_password(f, facts);
	fputs("3. Settings > VPN: switch it on.\n", f);
}

static void
macos_install(FILE *f, const struct profile_facts *facts, const char *file)
{
	fprintf(f,
	    "1. Bring %s to the Mac and open it.\n"
	    "2. System Settings > General > Device Management (before macOS "
	    "15: Privacy & Security > Profiles) > Install.\n",
	    file);
	ask_for_password(f, facts);
	fputs("3. System Settings > VPN: switch it on.\n", f);
}

static void
windows_install(FILE *f, const struct profile_facts *facts, const char *file)
{
	fprintf(f,
	    "1. Bring %s to the PC.  In PowerShell, in its folder:\n"
	    "   powershell -ExecutionPolicy Bypass -File \".\\%s\"\n",
	    file, file);
	if (facts->behind_nat)
		fputs("   It asks for an administrator, since the server is "
		      "behind NAT; then restart the PC.\n",
		    f);
	if (facts->psk == NULL)
		fputs("   The certificate with its key has to be in the store "
		      "of the computer.\n",
		    f);
	fprintf(f,
	    "2. Settings > Network & internet > VPN: connect.  Windows asks "
	    "once, and remembers:\n"
	    "   User name: %s\n"
	    "   Password: %s\n"
	    "Several PCs behind one router can connect at the same time.\n",
	    facts->user, password(facts));
}

static void
chromeos_install(FILE *f, const struct profile_facts *facts, const char *file)
{
	fprintf(f,
	    "1. Bring %s to the Chromebook.\n"
	    "2. In Chrome, chrome://network#general > Import ONC file.\n"
	    "3. Settings > Network > VPN: connect.\n",
	    file);
	ask_for_password(f, facts);
}

static void
nm_install(FILE *f, const struct profile_facts *facts, const char *file)
{
	fprintf(f,
	    "1. On the client: packages network-manager-l2tp, and libreswan or "
	    "strongSwan.\n"
	    "   With libreswan 5, ikev1-policy=accept in config setup of "
	    "/etc/ipsec.conf.\n"
	    "2. As root:\n"
	    "   install -m 600 '%s' /etc/NetworkManager/system-connections/\n"
	    "   nmcli connection reload\n"
	    "3. Switch it on in the network menu, or: nmcli%s connection up "
	    "'%s'\n",
	    file, facts->password == NULL ? " --ask" : "", facts->name);
	if (facts->psk == NULL)
		fprintf(f, "   The client's certificate: %s\n", facts->pkcs12);
}

static const struct {
	const char *name;
	void (*by_hand)(FILE *, const struct profile_facts *);
	void (*install)(FILE *, const struct profile_facts *, const char *file);
} platforms[PROFILE_N] = {
	[PROFILE_IOS] = { "ios", ios_by_hand, ios_install },
	[PROFILE_MACOS] = { "macos", macos_by_hand, macos_install },
	[PROFILE_WINDOWS] = { "windows", windows_by_hand, windows_install },
	[PROFILE_ANDROID] = { "android", android_by_hand, NULL },
	[PROFILE_CHROMEOS] = { "chromeos", chromeos_by_hand, chromeos_install },
	[PROFILE_NETWORKMANAGER] = { "networkmanager", nm_by_hand, nm_install },
};

enum profile_platform
profile_platform(const char *name)
{
	size_t i;

	for (i = 0; i < PROFILE_N; i++)
		if (strcmp(platforms[i].name, name) == 0)
			break;
	return (enum profile_platform)i;
}

void
profile_steps(FILE *f, enum profile_platform p,
    const struct profile_facts *facts, const char *file)
{
	if (file != NULL && platforms[p].install != NULL)
		platforms[p].install(f, facts, file);
	else
		platforms[p].by_hand(f, facts);
}

/* --- warnings --- */

static void
warn_routes(FILE *f, enum profile_platform p, const struct profile_facts *facts)
{
	if (facts->all_traffic)
		return;
	if (p == PROFILE_IOS || p == PROFILE_MACOS)
		fputs("warning: this client cannot be given routes: beside the "
		      "network class of its own address (/8, /16 or /24) it "
		      "sends nothing through the VPN\n",
		    f);
	if (p == PROFILE_CHROMEOS)
		fputs("warning: this client sends all of its traffic through "
		      "the VPN\n",
		    f);
}

static void
warn_ike(FILE *f, enum profile_platform p, const struct profile_facts *facts)
{
	if (p != PROFILE_ANDROID)
		return;
	if (facts->proposals != CONF_PROPOSALS_LEGACY)
		fputs("warning: Android offers DH group 2 only: it cannot "
		      "connect without proposals = legacy\n",
		    f);
	else
		fputs("warning: Android offers DH group 2 only: lnsd -t tells "
		      "whether this libreswan has it\n",
		    f);
}

static void
warn_text(FILE *f, enum profile_platform p, const struct profile_facts *facts)
{
	if (facts->psk != NULL && !profile_is_ascii(facts->psk))
		fputs("warning: the pre-shared key is not ASCII: clients "
		      "differ in what they make of it\n",
		    f);
	/* The plugin puts it between quotes into a file of pppd's. */
	if (p == PROFILE_NETWORKMANAGER && strpbrk(facts->user, "\"\\") != NULL)
		fputs("warning: a user name with a quote or a backslash breaks "
		      "the options that network-manager-l2tp writes\n",
		    f);
}

void
profile_warnings(
    FILE *f, enum profile_platform p, const struct profile_facts *facts)
{
	warn_ike(f, p, facts);
	warn_routes(f, p, facts);
	warn_text(f, p, facts);
	if (facts->auth == CONF_AUTH_PAP)
		fputs("warning: auth = pap: who knows the pre-shared key can "
		      "pose as the server and is told the password\n",
		    f);
}
