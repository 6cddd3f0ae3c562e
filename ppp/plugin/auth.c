/* SPDX-License-Identifier: ISC */
/*
 * The peer's name, secret and address.  lnsd decides; nothing secret of ours
 * is ever here.
 *
 * pppd hands its hooks names and passwords with every octet above 126 made
 * "visible", so "Jürgen" could not log in.  They are taken from the packet
 * instead, as it goes by.
 */

#include "plugin.h"

#define CHAP_OR_PAP_HDRLEN 4 /* code, id, length */

/* RFC 1334 2.2.1: Authenticate-Request has code 1. */
#define PAP_REQUEST 1

struct span {
	const unsigned char *data;
	size_t len;
};

/* The last Response or Authenticate-Request that went by. */
static struct {
	int protocol; /* PPP_CHAP, PPP_PAP, 0: none */
	int id;
	unsigned char name[WIRE_NAME_MAX];
	size_t name_len;
	unsigned char password[WIRE_RESPONSE_MAX];
	size_t password_len;
} seen;

static struct wire_verdict verdict;

/* A length octet and as much data; zero if p has not that much. */
static int
take_counted(struct span *p, struct span *out)
{
	if (p->len < 1 || p->data[0] > p->len - 1)
		return 0;
	out->len = p->data[0];
	out->data = p->data + 1;
	p->data += 1 + out->len;
	p->len -= 1 + out->len;
	return 1;
}

static void
remember(int protocol, int id, struct span name, struct span password)
{
	explicit_bzero(&seen, sizeof(seen));
	if (name.len > sizeof(seen.name) ||
	    password.len > sizeof(seen.password))
		return;
	seen.protocol = protocol;
	seen.id = id;
	seen.name_len = name.len;
	memcpy(seen.name, name.data, name.len);
	seen.password_len = password.len;
	if (password.len > 0)
		memcpy(seen.password, password.data, password.len);
}

static void
snoop(unsigned char *p, int len)
{
	struct span body, value, name, none = { 0 };
	int protocol, code, id;
	size_t said;

	if (len < PPP_HDRLEN + CHAP_OR_PAP_HDRLEN)
		return;
	protocol = p[2] << 8 | p[3];
	success_heard(protocol);
	p += PPP_HDRLEN;
	code = p[0];
	id = p[1];
	said = (size_t)(p[2] << 8 | p[3]);
	if (said < CHAP_OR_PAP_HDRLEN || said > (size_t)(len - PPP_HDRLEN))
		return;
	body.data = p + CHAP_OR_PAP_HDRLEN;
	body.len = said - CHAP_OR_PAP_HDRLEN;
	/* RFC 1994 4.1: the rest behind the value is the name. */
	if (protocol == PPP_CHAP && code == CHAP_RESPONSE &&
	    take_counted(&body, &value))
		remember(protocol, id, body, none);
	else if (protocol == PPP_PAP && code == PAP_REQUEST &&
		 take_counted(&body, &name) && take_counted(&body, &value))
		remember(protocol, id, name, value);
	else
		return;
	proxy_repeat(protocol, id);
}

static void
forget(void)
{
	explicit_bzero(&seen, sizeof(seen));
}

/* What the user gets besides his address: pppd looks at it when the network
 * phase begins, and when the peer asks. */
static void
take_grant(void)
{
	memcpy(ipcp_allowoptions[0].dnsaddr, verdict.dns, sizeof(verdict.dns));
	memcpy(
	    ipcp_allowoptions[0].winsaddr, verdict.wins, sizeof(verdict.wins));
	ppp_set_max_idle_time((int)verdict.idle_s);
	ppp_set_max_connect_time((int)verdict.session_s);
}

/* Asks lnsd about what is in m; verdict holds the answer. */
static int
decide(struct wire_msg *m)
{
	memset(&verdict, 0, sizeof(verdict));
	memcpy(m->u.ask.name, seen.name, seen.name_len);
	m->u.ask.name_len = (uint16_t)seen.name_len;
	forget();
	if (!talk_ask(m, &verdict))
		memset(&verdict, 0, sizeof(verdict));
	take_grant();
	explicit_bzero(m, sizeof(*m));
	return verdict.granted;
}

/* The words that pppd's chap_ms.c uses (see the comments there): clients are
 * used to them.  Windows 98 sets the flags and then takes no M=. */
static void
ms_message(int flags, const struct span *challenge, char *message, int space)
{
	char hex[2 * WIRE_CHALLENGE_MAX + 1] = "";
	size_t i;

	if (verdict.granted) {
		snprintf(message, (size_t)space, "S=%s%s", verdict.proof,
		    flags ? "" : " M=Access granted");
		return;
	}
	for (i = 0; i < challenge->len && i < WIRE_CHALLENGE_MAX; i++)
		snprintf(hex + 2 * i, 3, "%02X", challenge->data[i]);
	snprintf(
	    message, (size_t)space, "E=691 R=1 C=%s V=0 M=Access denied", hex);
}

static int
chap_method(int code)
{
	return code == CHAP_MICROSOFT_V2 ? WIRE_MSCHAPV2
	       : code == CHAP_MD5	 ? WIRE_CHAP
					 : 0;
}

static int
chap_verify(char *name, char *ourname, int id, struct chap_digest_type *digest,
    unsigned char *challenge, unsigned char *response, char *message, int space)
{
	/* Each begins with its length. */
	struct span c = { challenge + 1, challenge[0] };
	struct span r = { response + 1, response[0] };
	struct wire_msg m = { 0 };
	int flags = r.len > 0 ? r.data[r.len - 1] : 0;

	(void)name;
	(void)ourname;
	memset(&verdict, 0, sizeof(verdict));
	m.u.ask.method = (uint8_t)chap_method(digest->code);
	if (m.u.ask.method != 0 && seen.protocol == PPP_CHAP && seen.id == id &&
	    c.len <= WIRE_CHALLENGE_MAX) {
		m.u.ask.id = (uint8_t)id;
		m.u.ask.challenge_len = (uint16_t)c.len;
		memcpy(m.u.ask.challenge, c.data, c.len);
		m.u.ask.response_len = (uint16_t)r.len;
		memcpy(m.u.ask.response, r.data, r.len);
		decide(&m);
	}
	if (digest->code == CHAP_MICROSOFT_V2)
		ms_message(flags, &c, message, space);
	else
		strlcpy(message,
		    verdict.granted ? "Access granted" : "Access denied",
		    (size_t)space);
	return verdict.granted;
}

static int
pap_auth(char *user, char *passwd, char **msgp, struct wordlist **paddrs,
    struct wordlist **popts)
{
	static char granted[] = "Login ok", denied[] = "Login incorrect";
	struct wire_msg m = { 0 };

	(void)user;
	(void)passwd;
	(void)paddrs;
	(void)popts;
	memset(&verdict, 0, sizeof(verdict));
	if (seen.protocol == PPP_PAP) {
		m.u.ask.method = WIRE_PAP;
		m.u.ask.response_len = (uint16_t)seen.password_len;
		memcpy(m.u.ask.response, seen.password, seen.password_len);
		decide(&m);
	}
	*msgp = verdict.granted ? granted : denied;
	return verdict.granted;
}

/* The secrets are lnsd's: pppd need not look for any. */
static int
have_secrets(void)
{
	return 1;
}

/* Never any for us to log in with. */
static int
no_password(char *user, char *passwd)
{
	(void)user;
	if (passwd != NULL)
		passwd[0] = '\0';
	return 0;
}

static int
allowed_address(uint32_t addr)
{
	return verdict.granted && addr == verdict.address;
}

static void
choose_address(uint32_t *addr)
{
	*addr = verdict.granted ? verdict.address : 0;
}

int
auth_granted(void)
{
	return verdict.granted && verdict.address != 0;
}

int
auth_proxied(void)
{
	struct wire_msg m = { 0 };

	forget();
	m.u.ask.method = WIRE_PROXIED;
	decide(&m);
	return auth_granted();
}

void
auth_reset_verdict(void)
{
	memset(&verdict, 0, sizeof(verdict));
}

void
auth_init(void)
{
	snoop_recv_hook = snoop;
	chap_check_hook = have_secrets;
	chap_verify_hook = chap_verify;
	pap_check_hook = have_secrets;
	pap_auth_hook = pap_auth;
	pap_passwd_hook = no_password;
	allowed_address_hook = allowed_address;
	ip_choose_hook = choose_address;
}
