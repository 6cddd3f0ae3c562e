/* SPDX-License-Identifier: ISC */
/*
 * CHAP's Success again, until the peer has shown that it knows.
 *
 * If the one Success is lost, the peer waits for it and discards our IPCP,
 * until pppd gives up half a minute later.  RFC 1994 4.2 lets the peer repeat
 * its Response for this, but clients send one only to a Challenge.  So Success
 * is repeated once a second until the peer's first packet of the network
 * phase.  Whoever has had it discards it silently.
 */

#include "plugin.h"

#define REPEAT_S 1
#define REPEAT_MAX 30 /* as often as pppd asks with IPCP */

static struct {
	unsigned char packet[PPP_HDRLEN + 256];
	int len; /* 0: nothing to repeat */
	int left;
	int repeating; /* it passes by just now */
} success;

static void
repeat(void *arg)
{
	(void)arg;
	if (success.len == 0 || success.left-- == 0)
		return;
	success.repeating = 1;
	output(0, success.packet, success.len);
	success.repeating = 0;
	ppp_timeout(repeat, NULL, REPEAT_S, 0);
}

void
success_forget(void)
{
	if (success.len != 0)
		ppp_untimeout(repeat, NULL);
	success.len = 0;
}

static void
on_sent(unsigned char *p, int len)
{
	if (success.repeating || len <= PPP_HDRLEN ||
	    len > (int)sizeof(success.packet) ||
	    (p[2] << 8 | p[3]) != PPP_CHAP || p[PPP_HDRLEN] != CHAP_SUCCESS)
		return;
	success_forget();
	memcpy(success.packet, p, (size_t)len);
	success.len = len;
	success.left = REPEAT_MAX;
	ppp_timeout(repeat, NULL, REPEAT_S, 0);
}

void
success_heard(int protocol)
{
	/* LCP and authentication have the numbers from 0xc000 on. */
	if (protocol < 0xc000)
		success_forget();
}

void
success_init(void)
{
	snoop_send_hook = on_sent;
}
