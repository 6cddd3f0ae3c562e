/* SPDX-License-Identifier: ISC */
/*
 * The strongest authentication protocol first.  pppd that may use both CHAP
 * with MD5 and MS-CHAPv2 proposes MD5 (CHAP_DIGEST in its headers prefers
 * it), so that a client which can do both would use the weaker one, and a
 * user of whom we know but the NT hash could not log in.  We let it want
 * MS-CHAPv2 alone and bring MD5 back when the peer has declined that.
 */

#include "plugin.h"

static struct fsm_callbacks callbacks;
static int (*pppd_nakci)(fsm *, unsigned char *, int, int);

/* Does this Configure-Nak ask for PAP? */
static int
wants_pap(const unsigned char *p, int len)
{
	for (; len >= 2 && p[1] >= 2 && p[1] <= len; len -= p[1], p += p[1])
		if (p[0] == CI_AUTHTYPE && p[1] >= 4)
			return (p[2] << 8 | p[3]) == PPP_PAP;
	return 0;
}

static int
nakci(fsm *f, unsigned char *p, int len, int treat_as_reject)
{
	lcp_options *go = &lcp_gotoptions[f->unit];
	int was_v2 = go->neg_chap && go->chap_mdtype == MDTYPE_MICROSOFT_V2;
	int pap = go->neg_upap && wants_pap(p, len);
	int ok = pppd_nakci(f, p, len, treat_as_reject);

	if (ok && was_v2 && !go->neg_chap && !pap) {
		go->neg_chap = 1;
		go->chap_mdtype = MDTYPE_MD5;
	}
	return ok;
}

void
nak_init(void)
{
	const int both = MDTYPE_MICROSOFT_V2 | MDTYPE_MD5;

	if ((lcp_wantoptions[0].chap_mdtype & both) != both)
		return;
	lcp_wantoptions[0].chap_mdtype = MDTYPE_MICROSOFT_V2;
	callbacks = *lcp_fsm[0].callbacks;
	pppd_nakci = callbacks.nakci;
	callbacks.nakci = nakci;
	lcp_fsm[0].callbacks = &callbacks;
}
