/* SPDX-License-Identifier: ISC */

/* The record of a call that PPP is given (RFC 2661 4.4.4, 4.4.5). */

#include "call.h"

#include <string.h>

/* What is too long is left out: a part of it would be wrong. */
static void
put_octets(struct lns_octets *out, const struct l2tp_msg *m, enum l2tp_avp type)
{
	size_t len = m->avp[type].len;

	if (!msg_has(m, type) || len == 0 || len > sizeof(out->data))
		return;
	out->len = (uint8_t)len;
	memcpy(out->data, m->avp[type].data, len);
}

void
call_begin(struct lns_call *c, const struct l2tp_msg *m)
{
	*c = (struct lns_call){
		.serial = msg_num(m, AVP_CALL_SERIAL, 0),
		.bearer = msg_num(m, AVP_BEARER_TYPE, 0),
		.physical_channel = msg_num(m, AVP_PHYS_CHANNEL, 0),
	};
	msg_text(m, AVP_CALLED_NUMBER, c->called, sizeof(c->called));
	msg_text(m, AVP_CALLING_NUMBER, c->calling, sizeof(c->calling));
	msg_text(m, AVP_SUB_ADDRESS, c->sub_address, sizeof(c->sub_address));
}

/* 4.4.5: which AVPs must be there for each type, besides the name. */
static bool
is_complete(const struct lns_call *c, const struct l2tp_msg *m)
{
	bool named = msg_has(m, AVP_PROXY_AUTH_NAME) &&
		     msg_has(m, AVP_PROXY_AUTH_RESPONSE);

	switch (c->auth) {
	case LNS_PROXY_NO_AUTH:
		return true;
	case LNS_PROXY_TEXT:
		return named;
	case LNS_PROXY_PAP:
		return named && msg_has(m, AVP_PROXY_AUTH_ID);
	case LNS_PROXY_CHAP:
	case LNS_PROXY_MSCHAP:
		return named && msg_has(m, AVP_PROXY_AUTH_ID) &&
		       c->auth_challenge.len != 0;
	case LNS_PROXY_NONE:
		break;
	}
	return false;
}

void
call_connect(struct lns_call *c, const struct l2tp_msg *m)
{
	uint32_t auth = msg_num(m, AVP_PROXY_AUTH_TYPE, LNS_PROXY_NONE);

	c->framing = msg_num(m, AVP_FRAMING_TYPE, 0);
	c->tx_bps = msg_num(m, AVP_TX_SPEED, 0);
	c->rx_bps = msg_num(m, AVP_RX_SPEED, 0);
	c->sequencing = msg_has(m, AVP_SEQUENCING);
	msg_text(
	    m, AVP_PRIVATE_GROUP, c->private_group, sizeof(c->private_group));
	put_octets(&c->first_received, m, AVP_INITIAL_CONFREQ);
	put_octets(&c->last_sent, m, AVP_LAST_SENT_CONFREQ);
	put_octets(&c->last_received, m, AVP_LAST_RECV_CONFREQ);
	if (auth <= LNS_PROXY_MSCHAP)
		c->auth = (enum lns_proxy_auth)auth;
	/* The high octet is reserved. */
	c->auth_id = (uint8_t)msg_num(m, AVP_PROXY_AUTH_ID, 0);
	put_octets(&c->auth_name, m, AVP_PROXY_AUTH_NAME);
	put_octets(&c->auth_challenge, m, AVP_PROXY_AUTH_CHALLENGE);
	put_octets(&c->auth_response, m, AVP_PROXY_AUTH_RESPONSE);
	if (!is_complete(c, m))
		c->auth = LNS_PROXY_NONE;
}
