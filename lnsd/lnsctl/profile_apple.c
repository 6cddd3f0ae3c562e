/* SPDX-License-Identifier: ISC */
/*
 * A configuration profile for iOS, iPadOS and macOS; contract in profile.h.
 * Apple's "Device Management", payload com.apple.vpn.managed.  It has no
 * certificate for L2TP, only for Cisco's IPsec and IKEv2.
 */

#include "profile.h"

#include "../xml.h"

static void
text(FILE *f, const char *indent, const char *key, const char *value)
{
	fprintf(f, "%s<key>%s</key>\n%s<string>", indent, key, indent);
	xml_text(f, value);
	fputs("</string>\n", f);
}

static void
number(FILE *f, const char *indent, const char *key, int value)
{
	fprintf(f, "%s<key>%s</key>\n%s<integer>%d</integer>\n", indent, key,
	    indent, value);
}

/* What every payload has, the profile itself among them.  By the identifier, a
 * profile that is installed again replaces the older one. */
static void
payload(FILE *f, const char *indent, const struct profile_facts *facts,
    const char *type, const char *what)
{
	char uuid[PROFILE_UUID], id[PROFILE_UUID + 16];

	profile_uuid(facts, what, uuid);
	snprintf(id, sizeof(id), "lnsd.%s.%s", what, uuid);
	text(f, indent, "PayloadDisplayName", facts->name);
	text(f, indent, "PayloadIdentifier", id);
	text(f, indent, "PayloadType", type);
	text(f, indent, "PayloadUUID", uuid);
	number(f, indent, "PayloadVersion", 1);
}

static void
ppp(FILE *f, const struct profile_facts *facts)
{
	fputs("\t\t\t<key>PPP</key>\n\t\t\t<dict>\n", f);
	text(f, "\t\t\t\t", "AuthName", facts->user);
	if (facts->password != NULL)
		text(f, "\t\t\t\t", "AuthPassword", facts->password);
	text(f, "\t\t\t\t", "CommRemoteAddress", facts->server);
	fputs("\t\t\t</dict>\n", f);
}

static void
ipsec(FILE *f, const struct profile_facts *facts)
{
	fputs("\t\t\t<key>IPSec</key>\n\t\t\t<dict>\n", f);
	text(f, "\t\t\t\t", "AuthenticationMethod", "SharedSecret");
	text(f, "\t\t\t\t", "LocalIdentifierType", "KeyID");
	fputs("\t\t\t\t<key>SharedSecret</key>\n\t\t\t\t<data>", f);
	profile_base64(f, facts->psk);
	fputs("</data>\n\t\t\t</dict>\n", f);
}

int
profile_write_apple(FILE *f, const struct profile_facts *facts)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
	      "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
	      "<plist version=\"1.0\">\n<dict>\n"
	      "\t<key>PayloadContent</key>\n\t<array>\n\t\t<dict>\n",
	    f);
	payload(f, "\t\t\t", facts, "com.apple.vpn.managed", "vpn");
	text(f, "\t\t\t", "UserDefinedName", facts->name);
	text(f, "\t\t\t", "VPNType", "L2TP");
	ppp(f, facts);
	ipsec(f, facts);
	fputs("\t\t\t<key>IPv4</key>\n\t\t\t<dict>\n", f);
	number(f, "\t\t\t\t", "OverridePrimary", facts->all_traffic ? 1 : 0);
	fputs("\t\t\t</dict>\n\t\t</dict>\n\t</array>\n", f);
	payload(f, "\t", facts, "Configuration", "profile");
	fputs("</dict>\n</plist>\n", f);
	return ferror(f) != 0 ? -1 : 0;
}
