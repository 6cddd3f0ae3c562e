/* SPDX-License-Identifier: ISC */
/* Which program dials; contract in client_kind.h. */

#include "client_kind.h"

#include <stddef.h>
#include <string.h>

#include "compiler.h"

const char *
client_kind(const char *hostname, const char *vendor, uint16_t firmware)
{
	static const struct {
		const char *vendor, *kind;
	} kinds[] = {
		{ "Microsoft", "Windows" },
		/* NetworkManager and ChromeOS run it, too. */
		{ "xelerance", "xl2tpd" },
		{ "YAMAHA", "Yamaha" },
		{ "MikroTik", "MikroTik" },
		{ "Cisco", "Cisco" },
		{ "FreeBSD", "mpd" },
		{ "strongSwan", "strongSwan" },
	};
	size_t i;

	for (i = 0; i < nitems(kinds); i++)
		if (strcasestr(vendor, kinds[i].vendor) != NULL)
			return kinds[i].kind;
	if (vendor[0] != '\0')
		return "unknown";
	/* mtpd has no name of its own, and neither vendor nor firmware; Apple
	 * tells the device's name and as little else. */
	if (strcmp(hostname, "anonymous") == 0)
		return "Android";
	return hostname[0] != '\0' && firmware == 0 ? "Apple" : "unknown";
}
