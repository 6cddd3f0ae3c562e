/* SPDX-License-Identifier: ISC */
/*
 * Proxy LCP and proxy authentication; contract in proxy.h.
 *
 * All that is not exactly what we could have negotiated ourselves means
 * negotiating anew, which the RFC always allows and every peer must bear.
 * Whether the LAC is believed at all is not decided here: a recorded CHAP
 * exchange can be replayed by whoever may be a LAC.
 */

#include "proxy.h"

#include <string.h>
#include <openssl/crypto.h>

#include "user.h"

/* RFC 1661 6, RFC 1662 7.1, RFC 1990 5.1.3. */
enum {
	LCP_MRU = 1,
	LCP_ACCM = 2,
	LCP_AUTH = 3,
	LCP_MAGIC = 5,
	LCP_PFC = 7,
	LCP_ACFC = 8,
	LCP_ENDPOINT = 19,
};

#define MRU_DEFAULT 1500 /* RFC 1661 6.1 */
#define MRU_MIN 128	 /* pppd naks less */

#define AUTH_PAP 0xc023u
#define AUTH_CHAP 0xc223u
#define CHAP_ALGORITHM_MD5 5	     /* RFC 1994 3 */
#define CHAP_ALGORITHM_MSCHAPV2 0x81 /* RFC 2759 3 */

static const char malformed[] = "malformed lcp options";

static uint32_t
big_endian(const uint8_t *p, size_t len)
{
	uint32_t v = 0;

	while (len-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* type, and how long its value must be; RFC 1990 5.1.3 has up to 20 octets
 * behind the class. */
static bool
has_right_length(uint8_t type, size_t len)
{
	switch (type) {
	case LCP_MRU:
		return len == 2;
	case LCP_ACCM:
	case LCP_MAGIC:
		return len == 4;
	case LCP_AUTH:
		return len >= 2;
	case LCP_PFC:
	case LCP_ACFC:
		return len == 0;
	case LCP_ENDPOINT:
		return len >= 1 && len <= 21;
	default:
		return true;
	}
}

static const char *
take_auth(struct proxy_lcp *o, const uint8_t *v, size_t len)
{
	o->auth = (uint16_t)big_endian(v, 2);
	if (len > 3)
		return "an authentication protocol that we do not do";
	if (len == 3)
		o->algorithm = v[2];
	return NULL;
}

/* What we would have agreed to ourselves.  Nothing need be done about the
 * character map (the LAC sees to it), compressed headers (the kernel takes
 * both kinds, and need not send them) and an endpoint's name (without
 * multilink it means nothing). */
static const char *
take_option(struct proxy_lcp *o, uint8_t type, const uint8_t *v, size_t len)
{
	if (!has_right_length(type, len))
		return malformed;
	switch (type) {
	case LCP_MRU:
		o->lcp.flags |= WIRE_LCP_MRU;
		o->lcp.mru = (uint16_t)big_endian(v, len);
		break;
	case LCP_ACCM:
		o->lcp.flags |= WIRE_LCP_ACCM;
		o->lcp.asyncmap = big_endian(v, len);
		break;
	case LCP_AUTH:
		return take_auth(o, v, len);
	case LCP_MAGIC:
		o->lcp.flags |= WIRE_LCP_MAGIC;
		o->lcp.magic = big_endian(v, len);
		break;
	case LCP_PFC:
		o->lcp.flags |= WIRE_LCP_PFC;
		break;
	case LCP_ACFC:
		o->lcp.flags |= WIRE_LCP_ACFC;
		break;
	case LCP_ENDPOINT:
		break;
	default:
		return "an lcp option that we do not do";
	}
	return NULL;
}

const char *
proxy_parse(const uint8_t *p, size_t len, struct proxy_lcp *o)
{
	bool seen[UINT8_MAX + 1] = { false };
	const char *error = NULL;

	memset(o, 0, sizeof(*o));
	while (len > 0 && error == NULL) {
		/* The length counts type and length, RFC 1661 6. */
		if (len < 2 || p[1] < 2 || p[1] > len || seen[p[0]])
			return malformed;
		seen[p[0]] = true;
		error = take_option(o, p[0], p + 2, p[1] - 2u);
		len -= p[1];
		p += p[1];
	}
	return error;
}

static uint8_t
method_of(const struct proxy_lcp *o)
{
	if (o->auth == AUTH_PAP && o->algorithm == 0)
		return WIRE_PAP;
	if (o->auth != AUTH_CHAP)
		return 0;
	return o->algorithm == CHAP_ALGORITHM_MD5	 ? WIRE_CHAP
	       : o->algorithm == CHAP_ALGORITHM_MSCHAPV2 ? WIRE_MSCHAPV2
							 : 0;
}

static const char *
check_lcp(const struct proxy_lcp *sent, const struct proxy_lcp *received,
    unsigned int mru_max)
{
	const struct wire_lcp *s = &sent->lcp, *r = &received->lcp;
	unsigned int mru = s->flags & WIRE_LCP_MRU ? s->mru : MRU_DEFAULT;

	if (received->auth != 0)
		return "the peer wants us to authenticate";
	if (mru > mru_max)
		return "the lac has allowed larger packets than we do";
	if (mru < MRU_MIN || ((r->flags & WIRE_LCP_MRU) && r->mru < MRU_MIN))
		return "an mru that is too small";
	if (((s->flags & WIRE_LCP_MAGIC) && s->magic == 0) ||
	    ((r->flags & WIRE_LCP_MAGIC) && r->magic == 0))
		return "a magic number of zero";
	if ((s->flags & r->flags & WIRE_LCP_MAGIC) && s->magic == r->magic)
		return "the line is looped back";
	return NULL;
}

/* Which method must LCP have agreed on for what the LAC has of the peer? */
static const char *
check_type(const struct lns_call *call, const struct proxy_lcp *sent)
{
	static const char mismatch[] =
	    "authentication is not what lcp has agreed on";
	uint8_t method = method_of(sent);

	switch (call->auth) {
	case LNS_PROXY_TEXT:
		return sent->auth == 0 ? NULL : mismatch;
	case LNS_PROXY_PAP:
		return method == WIRE_PAP ? NULL : mismatch;
	case LNS_PROXY_CHAP:
		return method == WIRE_CHAP ? NULL : mismatch;
	case LNS_PROXY_NO_AUTH:
		return method != 0 ? NULL : "lcp without authentication";
	case LNS_PROXY_NONE:
		/* The peer may have been through it with the LAC.  A new
		 * challenge can be sent at any time (RFC 1994 2), but only
		 * the peer can begin with PAP. */
		if (method == WIRE_PAP)
			return "pap may be over";
		return method != 0 ? NULL : "lcp without authentication";
	case LNS_PROXY_MSCHAP:
		break;
	}
	return "an authentication protocol that we do not do";
}

static const char *
copy_answer(const struct lns_call *call, struct proxy_plan *p)
{
	const struct lns_octets *c = &call->auth_challenge;
	const struct lns_octets *r = &call->auth_response;
	struct wire_ask *ask = &p->ask;

	if (p->open.method == WIRE_CHAP && c->len > sizeof(ask->challenge))
		return "a challenge that is too long";
	p->open.answered = 1;
	p->open.reply = call->auth != LNS_PROXY_TEXT;
	p->open.id = call->auth_id;
	p->open.name_len = call->auth_name.len;
	memcpy(p->open.name, call->auth_name.data, call->auth_name.len);
	ask->method = p->open.method;
	ask->id = call->auth_id;
	ask->name_len = call->auth_name.len;
	memcpy(ask->name, call->auth_name.data, call->auth_name.len);
	if (p->open.method == WIRE_CHAP) {
		ask->challenge_len = c->len;
		memcpy(ask->challenge, c->data, c->len);
	}
	ask->response_len = r->len;
	memcpy(ask->response, r->data, r->len);
	return NULL;
}

static const char *
make_plan(const struct lns_call *call, const struct conf_ppp *ppp,
    struct proxy_plan *p)
{
	struct proxy_lcp sent, received;
	const char *error;

	if (call->last_sent.len == 0 || call->last_received.len == 0)
		return "lcp options are missing";
	error = proxy_parse(call->last_sent.data, call->last_sent.len, &sent);
	if (error == NULL)
		error = proxy_parse(call->last_received.data,
		    call->last_received.len, &received);
	if (error == NULL)
		error = check_lcp(&sent, &received, ppp->mtu);
	if (error == NULL)
		error = check_type(call, &sent);
	if (error != NULL)
		return error;
	p->open.sent = sent.lcp;
	p->open.received = received.lcp;
	/* In clear text is as good, or as bad, as PAP. */
	p->open.method =
	    call->auth == LNS_PROXY_TEXT ? WIRE_PAP : method_of(&sent);
	if ((user_method_bit(p->open.method) & ppp->auth) == 0)
		return "an authentication protocol that is not allowed";
	return call->auth == LNS_PROXY_NONE || call->auth == LNS_PROXY_NO_AUTH
		   ? NULL
		   : copy_answer(call, p);
}

bool
proxy_is_offered(const struct lns_call *call)
{
	return call->last_sent.len != 0 || call->last_received.len != 0 ||
	       call->auth != LNS_PROXY_NONE;
}

const char *
proxy_decide(const struct lns_call *call, const struct conf_ppp *ppp,
    struct proxy_plan *p)
{
	const char *error;

	memset(p, 0, sizeof(*p));
	error = make_plan(call, ppp, p);
	if (error != NULL)
		OPENSSL_cleanse(p, sizeof(*p));
	return error;
}
