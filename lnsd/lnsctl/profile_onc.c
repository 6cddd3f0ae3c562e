/* SPDX-License-Identifier: ISC */
/* Open Network Configuration, for ChromeOS; contract in profile.h. */

#include "profile.h"

#include <jansson.h>

int
profile_write_onc(FILE *f, const struct profile_facts *facts)
{
	char uuid[PROFILE_UUID];
	json_t *o;
	int rc = -1;

	profile_uuid(facts, "onc", uuid);
	/* "s*" as a value leaves the password out if there is none. */
	o = json_pack("{ss s[{ss ss ss s{ss ss sb s{si ss ss sb}"
		      " s{ss ss* sb}}}]}",
	    "Type", "UnencryptedConfiguration", "NetworkConfigurations", "GUID",
	    uuid, "Name", facts->name, "Type", "VPN", "VPN", "Type",
	    "L2TP-IPsec", "Host", facts->server, "AutoConnect", 0, "IPsec",
	    "IKEVersion", 1, "AuthenticationType", "PSK", "PSK", facts->psk,
	    "SaveCredentials", 1, "L2TP", "Username", facts->user, "Password",
	    facts->password, "SaveCredentials", 1);
	if (o == NULL)
		return -1;
	if (json_dumpf(o, f, JSON_INDENT(2)) == 0 && fputc('\n', f) != EOF)
		rc = 0;
	json_decref(o);
	return rc;
}
