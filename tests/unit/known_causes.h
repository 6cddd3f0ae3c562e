/* SPDX-License-Identifier: ISC */
#ifndef KNOWN_CAUSES_H
#define KNOWN_CAUSES_H

/* Which cause goes with what ppp/ says of a verdict or an end. */

#include <check.h>
#include <string.h>

#include "cause.h"
#include "compiler.h"

/* Fails also if the text is none of these. */
static inline void
assert_cause_of(const char *text, enum cause cause)
{
	static const struct {
		const char *text; /* how it begins */
		enum cause cause;
	} known[] = {
		{ "protocol not allowed", CAUSE_AUTH_METHOD },
		{ "unknown user", CAUSE_USER_UNKNOWN },
		{ "wrong password", CAUSE_PASSWORD },
		{ "the user is disabled", CAUSE_USER_DISABLED },
		{ "the user has as many sessions", CAUSE_USER_SESSIONS },
		{ "too many failed logins", CAUSE_LOGIN_FAILURES },
		{ "too many attempts", CAUSE_LOGIN_FAILURES },
		{ "no address left in pool", CAUSE_POOL },
		{ "the user's address", CAUSE_ADDRESS_TAKEN },
		{ "addresses of the pool are in use", CAUSE_ADDRESS_TAKEN },
		{ "cannot ask a DHCP server", CAUSE_DHCP },
		{ "no DHCP server", CAUSE_DHCP },
		{ "no RADIUS server answers", CAUSE_RADIUS_SILENT },
		{ "refused by RADIUS", CAUSE_RADIUS_REFUSED },
		{ "RADIUS", CAUSE_RADIUS_ANSWER },
		{ "disconnected by RADIUS", CAUSE_ADMIN },
		{ "stopped", CAUSE_ADMIN }, /* by the test */
		{ "the link is being stopped", CAUSE_ADMIN },
		{ "the server stops", CAUSE_SHUTDOWN },
		{ "the same user dialled again", CAUSE_DUPLICATE_LOGIN },
		{ "peer hung up before it had an ip", CAUSE_NO_IP },
		{ "peer hung up", CAUSE_HUNG_UP },
		{ "could not negotiate lcp", CAUSE_LCP_SILENT },
		{ "could not negotiate an ip", CAUSE_NO_IP },
		{ "the peer did not finish", CAUSE_AUTH_SILENT },
		{ "the peer did not authenticate", CAUSE_AUTH_METHOD },
		{ "the peer wants us", CAUSE_AUTH_METHOD },
		{ "no reply to lcp echo", CAUSE_DEAD_PEER },
		{ "idle timeout", CAUSE_IDLE },
		{ "session time limit", CAUSE_SESSION_TIME },
		{ "the kernel does not offer ppp", CAUSE_KERNEL },
		{ "the kernel session went away", CAUSE_OTHER },
		{ "pppd was told to stop", CAUSE_ADMIN },
		{ "pppd", CAUSE_PPPD },
		{ "the line is looped back", CAUSE_PPPD },
		{ "authentication failed", CAUSE_AUTH_METHOD },
	};
	static const char why[] = "authentication failed (";
	size_t i;

	if (strncmp(text, why, sizeof(why) - 1) == 0)
		text += sizeof(why) - 1;
	for (i = 0; i < nitems(known); i++) {
		if (strncmp(text, known[i].text, strlen(known[i].text)) != 0)
			continue;
		ck_assert_msg(cause == known[i].cause, "'%s' has cause %d",
		    text, (int)cause);
		return;
	}
	ck_abort_msg("'%s' is not known", text);
}

#endif
