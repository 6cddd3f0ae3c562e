/* SPDX-License-Identifier: ISC */
/* The scripted PPP client.  RFC 1661, RFC 1334, RFC 1994, RFC 2759,
 * RFC 1332. */

#include "ppp_client.h"

#include <string.h>
#include <openssl/evp.h>

#define RESTART_MS 3000 /* RFC 1661 4.6 */
/* A server that drops what comes before its pppd is there would be measured by
 * our timer.  Its first request shows that it listens now. */
#define NUDGED_MS 100
#define FRAME_MAX 256

enum {
	IPCP = 0x8021,
	LCP = 0xc021,
	PAP = 0xc023,
	CHAP = 0xc223,
	PROTOCOL_IS_CONTROL = 0x8000, /* of all that negotiates */
};

enum {
	CONF_REQ = 1,
	CONF_ACK = 2,
	CONF_NAK = 3,
	CONF_REJ = 4,
	TERM_REQ = 5,
	TERM_ACK = 6,
	PROTO_REJ = 8,
	ECHO_REQ = 9,
	ECHO_REPLY = 10,
};

enum {
	CHAP_CHALLENGE_CODE = 1,
	CHAP_RESPONSE_CODE = 2,
	CHAP_SUCCESS_CODE = 3,
	CHAP_FAILURE_CODE = 4,
};

enum { PAP_REQUEST_CODE = 1, PAP_ACK_CODE = 2, PAP_NAK_CODE = 3 };

/* Options of LCP and of IPCP. */
enum { LCP_AUTH = 3, LCP_MAGIC = 5, IPCP_ADDRESS = 3 };

#define ALGORITHM_MD5 5 /* RFC 1994 3 */
#define NAME_MAX_LEN 64

struct packet {
	unsigned int protocol;
	uint8_t code, id;
	const uint8_t *data; /* behind the header */
	size_t len;
};

static void
send_packet(struct ppp_client *c, const struct packet *p)
{
	uint8_t f[FRAME_MAX] = { 0xff, 0x03, (uint8_t)(p->protocol >> 8),
		(uint8_t)p->protocol, p->code, p->id };

	if (p->len > sizeof(f) - 8)
		return;
	f[6] = (uint8_t)((p->len + 4) >> 8);
	f[7] = (uint8_t)(p->len + 4);
	if (p->len > 0)
		memcpy(f + 8, p->data, p->len);
	c->send(c->arg, f, p->len + 8);
}

static void
request_lcp(struct ppp_client *c)
{
	const uint8_t options[] = { LCP_MAGIC, 6, (uint8_t)(c->magic >> 24),
		(uint8_t)(c->magic >> 16), (uint8_t)(c->magic >> 8),
		(uint8_t)c->magic };
	const struct packet p = { LCP, CONF_REQ, ++c->id, options,
		sizeof(options) };

	send_packet(c, &p);
}

static void
request_ipcp(struct ppp_client *c)
{
	const uint8_t options[] = { IPCP_ADDRESS, 6, c->address[0],
		c->address[1], c->address[2], c->address[3] };
	const struct packet p = { IPCP, CONF_REQ, ++c->id, options,
		sizeof(options) };

	send_packet(c, &p);
}

/* What has not been answered yet; between LCP and IPCP it is the server's
 * turn. */
static void
request(struct ppp_client *c, struct mono now)
{
	c->deadline = mono_add_ms(now, RESTART_MS);
	if (!c->lcp_mine)
		request_lcp(c);
	else if (c->authenticated && !c->ipcp_mine)
		request_ipcp(c);
	else
		c->deadline = MONO_NEVER;
}

static void
request_pap(struct ppp_client *c)
{
	size_t name_len = strlen(c->user->name);
	size_t len = strlen(c->user->password);
	uint8_t data[2 * NAME_MAX_LEN + 2];
	const struct packet p = { PAP, PAP_REQUEST_CODE, ++c->id, data,
		name_len + len + 2 };

	if (name_len > NAME_MAX_LEN || len > NAME_MAX_LEN) {
		c->failed = true;
		return;
	}
	data[0] = (uint8_t)name_len;
	memcpy(data + 1, c->user->name, name_len);
	data[1 + name_len] = (uint8_t)len;
	memcpy(data + 2 + name_len, c->user->password, len);
	send_packet(c, &p);
}

static void
nudge(struct ppp_client *c, struct mono now)
{
	if (!mono_is_never(c->deadline))
		c->deadline =
		    mono_min(c->deadline, mono_add_ms(now, NUDGED_MS));
}

static void
answer(struct ppp_client *c, const struct packet *to, uint8_t code)
{
	struct packet p = *to;

	p.code = code;
	send_packet(c, &p);
}

/* RFC 1661 6.2: how the server wants us to say who we are. */
static void
note_method(struct ppp_client *c, const struct packet *p)
{
	size_t at = 0;

	while (at + 2 <= p->len && p->data[at + 1] >= 2 &&
	       p->data[at + 1] <= p->len - at) {
		if (p->data[at] == LCP_AUTH && p->data[at + 1] >= 4) {
			c->pap = p->data[at + 2] == PAP >> 8 &&
				 p->data[at + 3] == (PAP & 0xff);
			c->md5 = p->data[at + 1] == 5 &&
				 p->data[at + 4] == ALGORITHM_MD5;
		}
		at += p->data[at + 1];
	}
}

/* It is for us to begin.  Nothing is lost here: no timer. */
static void
begin_pap(struct ppp_client *c)
{
	if (c->pap && c->lcp_mine && c->lcp_theirs && !c->authenticated)
		request_pap(c);
}

static void
on_lcp(struct ppp_client *c, const struct packet *p, struct mono now)
{
	uint8_t echo[4];
	struct packet reply = { LCP, ECHO_REPLY, p->id, echo, sizeof(echo) };

	switch (p->code) {
	case CONF_REQ:
		note_method(c, p);
		answer(c, p, CONF_ACK);
		c->lcp_theirs = true;
		nudge(c, now);
		begin_pap(c);
		break;
	case CONF_ACK:
		c->lcp_mine = true;
		c->deadline = MONO_NEVER;
		begin_pap(c);
		break;
	case CONF_NAK:
	case CONF_REJ:
		c->failed = true;
		break;
	case TERM_REQ:
		answer(c, p, TERM_ACK);
		break;
	case ECHO_REQ:
		memcpy(echo,
		    (uint8_t[]){ (uint8_t)(c->magic >> 24),
			(uint8_t)(c->magic >> 16), (uint8_t)(c->magic >> 8),
			(uint8_t)c->magic },
		    sizeof(echo));
		send_packet(c, &reply);
		break;
	default:
		break;
	}
}

static void
respond(struct ppp_client *c, const struct packet *p)
{
	uint8_t data[1 + CHAP_MS_RESPONSE_LEN + 64] = { CHAP_MS_RESPONSE_LEN };
	uint8_t hashed[CHAP_MS_HASHED_LEN];
	size_t name_len = strlen(c->user->name);
	const struct chap_ms ms = { p->data + 1, data + 1,
		(const uint8_t *)c->user->name, name_len };
	struct packet out = { CHAP, CHAP_RESPONSE_CODE, p->id, data,
		1 + CHAP_MS_RESPONSE_LEN + name_len };

	if (p->len < 1 + CHAP_MS_CHALLENGE_LEN ||
	    p->data[0] != CHAP_MS_CHALLENGE_LEN || name_len > 64) {
		c->failed = true;
		return;
	}
	/* The peer's challenge is as good as any. */
	memset(data + 1, 0x5a, CHAP_MS_CHALLENGE_LEN);
	if (!chap_ms_challenge_hash(c->user->chap, &ms, hashed) ||
	    !chap_ms_nt_response(
		c->user->chap, hashed, c->user->nt_hash, data + 25)) {
		c->failed = true;
		return;
	}
	memcpy(data + 1 + CHAP_MS_RESPONSE_LEN, c->user->name, name_len);
	send_packet(c, &out);
}

/* RFC 1994 4.1 */
static void
respond_md5(struct ppp_client *c, const struct packet *p)
{
	uint8_t data[1 + CHAP_MD5_LEN + NAME_MAX_LEN] = { CHAP_MD5_LEN };
	size_t name_len = strlen(c->user->name);
	struct packet out = { CHAP, CHAP_RESPONSE_CODE, p->id, data,
		1 + CHAP_MD5_LEN + name_len };
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	c->failed = md == NULL || p->len < 1 || p->len < 1u + p->data[0] ||
		    name_len > NAME_MAX_LEN ||
		    EVP_DigestInit_ex(md, EVP_md5(), NULL) != 1 ||
		    EVP_DigestUpdate(md, &p->id, 1) != 1 ||
		    EVP_DigestUpdate(md, c->user->password,
			strlen(c->user->password)) != 1 ||
		    EVP_DigestUpdate(md, p->data + 1, p->data[0]) != 1 ||
		    EVP_DigestFinal_ex(md, data + 1, NULL) != 1;
	EVP_MD_CTX_free(md);
	if (c->failed)
		return;
	memcpy(data + 1 + CHAP_MD5_LEN, c->user->name, name_len);
	send_packet(c, &out);
}

static void
on_authenticated(struct ppp_client *c, struct mono now)
{
	if (c->authenticated)
		return;
	c->authenticated = true;
	request(c, now);
}

static void
on_pap(struct ppp_client *c, const struct packet *p, struct mono now)
{
	if (p->code == PAP_ACK_CODE)
		on_authenticated(c, now);
	else if (p->code == PAP_NAK_CODE)
		c->failed = true;
}

static void
on_chap(struct ppp_client *c, const struct packet *p, struct mono now)
{
	switch (p->code) {
	case CHAP_CHALLENGE_CODE:
		if (c->md5)
			respond_md5(c, p);
		else
			respond(c, p);
		break;
	case CHAP_SUCCESS_CODE:
		on_authenticated(c, now);
		break;
	case CHAP_FAILURE_CODE:
		c->failed = true;
		break;
	default:
		break;
	}
}

/* We want nothing but an address: other options are rejected, one by one. */
static void
on_ipcp_request(struct ppp_client *c, const struct packet *p)
{
	struct packet reject = { IPCP, CONF_REJ, p->id, NULL, 0 };
	size_t at = 0;

	while (at + 2 <= p->len && p->data[at + 1] >= 2 &&
	       p->data[at + 1] <= p->len - at) {
		if (p->data[at] != IPCP_ADDRESS) {
			reject.data = p->data + at;
			reject.len = p->data[at + 1];
			send_packet(c, &reject);
			return;
		}
		at += p->data[at + 1];
	}
	answer(c, p, CONF_ACK);
	c->ipcp_theirs = true;
}

static void
on_ipcp(struct ppp_client *c, const struct packet *p, struct mono now)
{
	switch (p->code) {
	case CONF_REQ:
		on_ipcp_request(c, p);
		nudge(c, now);
		break;
	case CONF_ACK:
		c->ipcp_mine = true;
		c->deadline = MONO_NEVER;
		break;
	case CONF_NAK:
		if (p->len >= 6 && p->data[0] == IPCP_ADDRESS)
			memcpy(c->address, p->data + 2, sizeof(c->address));
		request(c, now);
		break;
	case CONF_REJ:
		c->failed = true;
		break;
	default:
		break;
	}
}

/* False: not a control packet as it should be. */
static bool
parse(struct packet *p, const uint8_t *data, size_t len)
{
	size_t said;

	if (len >= 2 && data[0] == 0xff && data[1] == 0x03) {
		data += 2;
		len -= 2;
	}
	if (len < 6)
		return false;
	p->protocol = (unsigned int)data[0] << 8 | data[1];
	p->code = data[2];
	p->id = data[3];
	said = (size_t)data[4] << 8 | data[5];
	if (said < 4 || said > len - 2)
		return false;
	p->data = data + 6;
	p->len = said - 4;
	return true;
}

static void
reject_protocol(struct ppp_client *c, const struct packet *p)
{
	const uint8_t what[] = { (uint8_t)(p->protocol >> 8),
		(uint8_t)p->protocol };
	const struct packet out = { LCP, PROTO_REJ, ++c->id, what,
		sizeof(what) };

	send_packet(c, &out);
}

void
ppp_client_receive(
    struct ppp_client *c, const uint8_t *data, size_t len, struct mono now)
{
	struct packet p;

	if (!parse(&p, data, len))
		return;
	if (p.protocol == LCP)
		on_lcp(c, &p, now);
	else if (p.protocol == PAP)
		on_pap(c, &p, now);
	else if (p.protocol == CHAP)
		on_chap(c, &p, now);
	else if (p.protocol == IPCP)
		on_ipcp(c, &p, now);
	else if (p.protocol & PROTOCOL_IS_CONTROL)
		reject_protocol(c, &p);
}

void
ppp_client_expire(struct ppp_client *c, struct mono now)
{
	if (mono_before(now, c->deadline))
		return;
	c->resent++;
	request(c, now);
}

void
ppp_client_start(struct ppp_client *c, struct mono now)
{
	request(c, now);
}

bool
ppp_client_is_up(const struct ppp_client *c)
{
	return c->lcp_theirs && c->ipcp_mine && c->ipcp_theirs;
}

void
ppp_client_init(struct ppp_client *c, const struct ppp_client_user *user,
    uint32_t magic, ppp_client_send_fn send, void *arg)
{
	memset(c, 0, sizeof(*c));
	c->user = user;
	c->magic = magic;
	c->send = send;
	c->arg = arg;
	c->deadline = MONO_NEVER;
}
