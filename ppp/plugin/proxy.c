/* SPDX-License-Identifier: ISC */
/*
 * LCP that a LAC has negotiated in our place (RFC 2661 6.8): pppd goes on from
 * there.
 *
 * pppd has no way in for this, but what it takes is all exported: LCP is
 * "silent", so that its machine waits in STOPPED without a packet sent.  A
 * timer of no time, which runs before pppd reads its first packet, does what
 * fsm.c does when negotiation ends: options, OPENED, up().  From then on all is
 * as ever; should the peer send a Configure-Request, pppd negotiates and
 * authenticates anew, in its own way.
 *
 * If the peer has answered the LAC's challenge, pppd must neither send another
 * one nor go on without authentication.  Its server side begins in
 * link_established(), but sends nothing before it is told that the lower layer
 * is up; it is not told, and the verdict comes from us by way of the function
 * that it calls itself in the end.
 */

#include "plugin.h"

/* RFC 1994 4.2, RFC 1334 2.2.2. */
enum {
	CHAP_YES = 3,
	CHAP_NO = 4,
	PAP_YES = 2,
	PAP_NO = 3,
};

static struct wire_proxy proxy;
static int given;
static int granted; /* in this way, since LCP began */

static int
proxy_protocol(void)
{
	return proxy.method == WIRE_PAP ? PPP_PAP : PPP_CHAP;
}

static void
take_options(lcp_options *o, const struct wire_lcp *l)
{
	o->neg_mru = (l->flags & WIRE_LCP_MRU) != 0;
	if (o->neg_mru)
		o->mru = l->mru;
	o->neg_asyncmap = (l->flags & WIRE_LCP_ACCM) != 0;
	o->asyncmap = l->asyncmap;
	o->neg_magicnumber = (l->flags & WIRE_LCP_MAGIC) != 0;
	o->magicnumber = l->magic;
	o->neg_pcompression = (l->flags & WIRE_LCP_PFC) != 0;
	o->neg_accompression = (l->flags & WIRE_LCP_ACFC) != 0;
	o->neg_upap = 0;
	o->neg_chap = 0;
	o->neg_eap = 0;
	o->neg_lqr = 0;
	o->neg_cbcp = 0;
	o->neg_mrru = 0;
	o->neg_ssnhf = 0;
	o->neg_endpoint = 0;
}

static void
take_method(lcp_options *go)
{
	if (proxy.method == WIRE_PAP) {
		go->neg_upap = 1;
		return;
	}
	go->neg_chap = 1;
	go->chap_mdtype =
	    proxy.method == WIRE_CHAP ? MDTYPE_MD5 : MDTYPE_MICROSOFT_V2;
}

/* The peer still waits for what becomes of its answer; if the LAC has told it
 * already, it ignores this. */
static void
reply(int ok)
{
	const char *text = ok ? "Access granted" : "Access denied";
	const int pap = proxy.method == WIRE_PAP;
	const size_t text_len = strlen(text);
	const size_t len = 4 + (size_t)pap + text_len;
	unsigned char packet[PPP_HDRLEN + 64];
	unsigned char *p = packet;

	*p++ = PPP_ALLSTATIONS;
	*p++ = PPP_UI;
	*p++ = (unsigned char)(proxy_protocol() >> 8);
	*p++ = (unsigned char)proxy_protocol();
	*p++ = pap ? (ok ? PAP_YES : PAP_NO) : (ok ? CHAP_YES : CHAP_NO);
	*p++ = proxy.id;
	*p++ = 0;
	*p++ = (unsigned char)len;
	if (pap)
		*p++ = (unsigned char)text_len;
	memcpy(p, text, text_len);
	output(0, packet, PPP_HDRLEN + (int)len);
}

static void
succeed(void)
{
	char name[WIRE_NAME_MAX + 1];
	size_t i;

	for (i = 0; i < proxy.name_len; i++)
		name[i] = (char)(proxy.name[i] > ' ' && proxy.name[i] < 0x7f
				     ? proxy.name[i]
				     : '?');
	name[i] = '\0';
	granted = 1;
	auth_peer_success(0, proxy_protocol(),
	    proxy.method == WIRE_CHAP ? CHAP_MD5 : 0, name, (int)i);
}

static void
up_without_challenge(fsm *f)
{
	const bool chap = chap_protent.enabled_flag;
	const bool pap = pap_protent.enabled_flag;

	chap_protent.enabled_flag = 0;
	pap_protent.enabled_flag = 0;
	f->callbacks->up(f);
	chap_protent.enabled_flag = chap;
	pap_protent.enabled_flag = pap;
}

static void
authenticate(void)
{
	int ok = auth_proxied();

	if (proxy.reply)
		reply(ok);
	if (ok)
		succeed();
	else
		auth_peer_fail(0, proxy_protocol());
}

static void
open_lcp(void *arg)
{
	fsm *f = &lcp_fsm[0];

	(void)arg;
	if (f->state != STOPPED)
		return; /* told to end before it began */
	lcp_wantoptions[0].silent = 0;
	f->flags &= ~OPT_SILENT;
	f->callbacks->resetci(f);
	memset(&lcp_hisoptions[0], 0, sizeof(lcp_hisoptions[0]));
	take_options(&lcp_gotoptions[0], &proxy.sent);
	take_options(&lcp_hisoptions[0], &proxy.received);
	take_method(&lcp_gotoptions[0]);
	f->state = OPENED;
	if (!proxy.answered) {
		f->callbacks->up(f);
		return;
	}
	up_without_challenge(f);
	/* A protocol that is up may have found fault and closed LCP. */
	if (f->state == OPENED)
		authenticate();
}

void
proxy_init(void)
{
	given = talk_take_proxy(&proxy);
	if (given)
		lcp_wantoptions[0].silent = 1;
}

void
proxy_establish(void)
{
	granted = 0;
	if (given)
		ppp_timeout(open_lcp, NULL, 0, 0);
	given = 0;
}

/* The reply may get lost; RFC 1994 4.1 and RFC 1334 2.2.1 want the same one
 * again.  pppd's own server does not know of the first. */
void
proxy_repeat(int protocol, int id)
{
	if (granted && proxy.reply && protocol == proxy_protocol() &&
	    id == proxy.id)
		reply(1);
}
