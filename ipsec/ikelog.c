/* SPDX-License-Identifier: ISC */
/* Lines of pluto's log; contract in ikelog.h. */

#include "ikelog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
skip(const char **s, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*s, prefix, len) != 0)
		return false;
	*s += len;
	return true;
}

/* Copies [from, to), cut to fit. */
static void
copy(char *buf, size_t size, const char *from, const char *to)
{
	size_t len = (size_t)(to - from);

	if (len >= size)
		len = size - 1;
	memcpy(buf, from, len);
	buf[len] = '\0';
}

/* What stands between start and one of the characters of ends; NULL: start is
 * not there. */
static const char *
between(
    const char *s, const char *start, const char *ends, char *buf, size_t size)
{
	const char *from = strstr(s, start);

	buf[0] = '\0';
	if (from == NULL)
		return NULL;
	from += strlen(start);
	copy(buf, size, from, from + strcspn(from, ends));
	return buf;
}

/* "packet from 192.0.2.1:500: ", "packet from [2001:db8::1]:500: " */
static const char *
packet_prefix(const char *s, struct ike_line *l)
{
	const char *end, *text = strstr(s, ": ");

	if (text == NULL)
		return NULL;
	if (*s == '[') {
		s++;
		end = strchr(s, ']');
	} else {
		end = strchr(s, ':');
	}
	if (end == NULL || end == s || end > text)
		return NULL;
	copy(l->peer, sizeof(l->peer), s, end);
	return text + 2;
}

/* '"name"[1] 192.0.2.1 #2: ', of which only the name and the colon are always
 * there. */
static const char *
conn_prefix(const char *s, struct ike_line *l)
{
	const char *end = strchr(s, '"');
	char *after;
	size_t len;

	if (end == NULL)
		return NULL;
	copy(l->conn, sizeof(l->conn), s, end);
	s = end + 1;
	if (*s == '[') {
		l->instance = strtoul(s + 1, &after, 10);
		if (*after != ']')
			return NULL;
		s = after + 1;
	}
	if (*s == ' ' && s[1] != '#') {
		s++;
		len = strcspn(s, " ");
		end = s + len;
		if (len > 0 && s[len - 1] == ':')
			end--;
		copy(l->peer, sizeof(l->peer), s, end);
		s = end;
	}
	if (skip(&s, " #")) {
		l->state = strtoul(s, &after, 10);
		s = after;
	}
	return skip(&s, ": ") ? s : NULL;
}

/* '{auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP2048}' */
static void
phase1_detail(const char *text, struct ike_line *l)
{
	char cipher[32], integ[32], group[32];

	(void)between(text, " cipher=", " }", cipher, sizeof(cipher));
	(void)between(text, " integ=", " }", integ, sizeof(integ));
	(void)between(text, " group=", " }", group, sizeof(group));
	snprintf(
	    l->detail, sizeof(l->detail), "%s, %s, %s", cipher, integ, group);
}

/* Of "198.51.100.1:4500"; 0: there is none. */
static uint16_t
port_of(const char *text)
{
	const char *colon = strrchr(text, ':');
	unsigned long n = colon == NULL ? 0 : strtoul(colon + 1, NULL, 10);

	return n <= UINT16_MAX ? (uint16_t)n : 0;
}

/* 'transport mode {ESPinUDP=>0x1 <0x2 xfrm=AES_CBC_128-HMAC_SHA1_96 ...}' */
static void
sa_detail(const char *text, struct ike_line *l)
{
	char xfrm[64], number[16], natd[64];

	(void)between(text, " xfrm=", " }", xfrm, sizeof(xfrm));
	(void)between(text, " <0x", " }", number, sizeof(number));
	l->spi = (uint32_t)strtoul(number, NULL, 16);
	/* The port is what follows the last colon, if it is IPv6. */
	(void)between(text, " NATD=", " }", natd, sizeof(natd));
	l->port = port_of(natd);
	snprintf(l->detail, sizeof(l->detail), "%s, %s",
	    strstr(text, "{ESPinUDP") != NULL ? "ESP in UDP" : "ESP", xfrm);
}

/* 'Oakley Transform [3DES_CBC (192), HMAC_SHA1, MODP1536] refused' */
static void
offer_detail(const char *text, struct ike_line *l)
{
	char offer[96], *to = l->detail;
	const char *s;

	/* As libreswan writes an established one: 3DES_CBC_192-HMAC_SHA1. */
	(void)between(text, "[", "]", offer, sizeof(offer));
	for (s = offer; *s != '\0'; s++)
		if (s[0] == ' ' && s[1] == '(') {
			*to++ = '_';
			s++;
		} else if (s[0] == ',' && s[1] == ' ') {
			*to++ = '-';
			s++;
		} else if (*s != ')') {
			*to++ = *s;
		}
	*to = '\0';
}

/* "deleting state (STATE_MAIN_R2) aged", "deleting ISAKMP SA (MAIN_R2)" */
static void
state_detail(const char *text, struct ike_line *l)
{
	char state[64];
	const char *s = state;

	(void)between(text, "(", ")", state, sizeof(state));
	(void)skip(&s, "STATE_");
	copy(l->detail, sizeof(l->detail), s, s + strlen(s));
}

/* "STATE_MAIN_R2: retransmission; will wait 4 seconds for response" */
static void
waiting_detail(const char *text, struct ike_line *l)
{
	char seconds[16];

	(void)between(text, "will wait ", " ", seconds, sizeof(seconds));
	/* Each wait is twice as long as the one before. */
	if (strtoul(seconds, NULL, 10) < 4) {
		l->event = IKE_NOTHING;
		return;
	}
	(void)skip(&text, "STATE_");
	copy(l->detail, sizeof(l->detail), text, strchr(text, ':'));
}

static void
id_detail(const char *text, struct ike_line *l)
{
	(void)between(text, "'", "'", l->detail, sizeof(l->detail));
}

static void
switched_detail(const char *text, struct ike_line *l)
{
	char n[16];

	(void)between(text, "\"", "\"", l->detail, sizeof(l->detail));
	(void)between(text, "\"[", "]", n, sizeof(n));
	l->switched_to = strtoul(n, NULL, 10);
}

static const char *
strstr_either(const char *s, const char *a, const char *b)
{
	const char *at = strstr(s, a);

	return at != NULL ? at : strstr(s, b);
}

/* 'no connection is known for 203.0.113.1/32:UDP/1701===203.0.113.1...
 * 198.51.100.1[192.168.7.11]===192.168.7.11/32:UDP/1701': L2TP, from another
 * address than the packets are from. */
static void
selector_detail(const char *text, struct ike_line *l)
{
	/* In 5.2 with a slash for the colon. */
	const char *us =
	    strstr_either(text, "/32:UDP/1701===", "/32/UDP/1701===");
	const char *them = us == NULL ? NULL : strstr(us, "...");
	char outside[16], inside[16];

	if (them == NULL || strstr_either(them, "/32:UDP/", "/32/UDP/") == NULL)
		return;
	(void)between(them, "...", "[=", outside, sizeof(outside));
	(void)between(them, "===", "/", inside, sizeof(inside));
	if (inside[0] != '\0' && strcmp(inside, outside) != 0)
		l->event = IKE_NO_NATT;
}

/* 'NSS: ERROR: IPsec certificate CN=x invalid: SEC_ERROR_UNKNOWN_ISSUER: Peer's
 * Certificate issuer is not recognized.' */
static void
cert_detail(const char *text, struct ike_line *l)
{
	const char *next, *s = text;
	size_t len;

	/* The last one: a name may be any. */
	while ((next = strstr(s, " invalid: ")) != NULL)
		s = next + strlen(" invalid: ");
	next = strstr(s, ": ");
	if (next != NULL)
		s = next + 2;
	len = strlen(s);
	if (len > 0 && s[len - 1] == '.')
		len--;
	copy(l->detail, sizeof(l->detail), s, s + len);
}

static const struct {
	const char *start; /* of the text; NULL: anything */
	const char *has;   /* behind it; NULL: anything */
	enum ike_event event;
	void (*detail)(const char *text, struct ike_line *);
} texts[] = {
	{ "responding to Main Mode", NULL, IKE_CALLING, NULL },
	{ "Peer ID is ", "'", IKE_ID, id_detail },
	{ "switched to \"", NULL, IKE_SWITCHED, switched_detail },
	{ "Oakley Transform [", "] refused", IKE_OFFER, offer_detail },
	{ "IPsec SA established ", NULL, IKE_SA, sa_detail },
	{ NULL, "SA established {auth=", IKE_PHASE1, phase1_detail },
	{ "no acceptable Oakley Transform", NULL, IKE_NO_PROPOSAL, NULL },
	{ "no acceptable Proposal in IPsec SA", NULL, IKE_NO_ESP, NULL },
	{ NULL, "(mismatch of preshared secrets?)", IKE_BAD_PSK, NULL },
	{ NULL, "Hash Payload does not match computed value", IKE_BAD_PSK,
	    NULL },
	{ NULL, "no preshared key found for", IKE_NO_PSK, NULL },
	{ "initial Main Mode message received", "but no connection has been",
	    IKE_NO_PEER, NULL },
	{ "initial Main Mode message received", "forbids connection",
	    IKE_NO_PEER, NULL },
	{ "initial Aggressive Mode ", NULL, IKE_AGGRESSIVE, NULL },
	{ NULL, "IKE_SA_INIT message received", IKE_VERSION2, NULL },
	{ NULL, "no suitable connection found with IKEv2", IKE_VERSION2, NULL },
	{ NULL, "no suitable connection", IKE_BAD_ID, NULL },
	{ "Peer ID '", "mismatched", IKE_BAD_ID, NULL },
	{ "NSS: ERROR: IPsec certificate ", " invalid: ", IKE_BAD_CERT,
	    cert_detail },
	{ "cannot respond to IPsec SA request", NULL, IKE_BAD_SELECTOR,
	    selector_detail },
	{ NULL, ": retransmission; will wait ", IKE_WAITING, waiting_detail },
	{ "DPD: could not find newest phase 1", NULL, IKE_LAPSED, NULL },
	{ "DPD action - ", NULL, IKE_DEAD, NULL },
	{ "received Delete SA", "IPsec State", IKE_CLOSED_SA, NULL },
	{ "received Delete SA payload via #", NULL, IKE_CLOSED_SA,
	    NULL }, /* 5 */
	{ "received Delete SA", "ISAKMP State", IKE_CLOSED_PHASE1, NULL },
	{ "deleting state (", NULL, IKE_ENDED, state_detail },
	{ "deleting ISAKMP SA (", NULL, IKE_ENDED, state_detail },
	{ "deleting IPsec SA (", NULL, IKE_ENDED, state_detail },
	{ "deleting connection instance", NULL, IKE_FORGOTTEN, NULL },
};

bool
ikelog_parse(const char *line, struct ike_line *l)
{
	const char *text = line;
	size_t i;

	*l = (struct ike_line){ .event = IKE_NOTHING };
	if (skip(&text, "packet from "))
		text = packet_prefix(text, l);
	else if (skip(&text, "\""))
		text = conn_prefix(text, l);
	else
		text = NULL;
	if (text == NULL)
		return false;
	for (i = 0; i < nitems(texts); i++) {
		const char *rest = text;

		if (texts[i].start != NULL && !skip(&rest, texts[i].start))
			continue;
		if (texts[i].has != NULL && strstr(rest, texts[i].has) == NULL)
			continue;
		l->event = texts[i].event;
		if (texts[i].detail != NULL)
			texts[i].detail(text, l);
		break;
	}
	return l->event != IKE_NOTHING;
}

bool
ikelog_is_serious(const char *line)
{
	static const char *const words[] = { "FATAL", "ERROR", "ABORT",
		"ASSERTION FAILED", "EXPECTATION FAILED" };
	size_t i;

	/* Of a client: that is no fault of pluto's or ours. */
	if (line[0] == '"' || strncmp(line, "packet from ", 12) == 0)
		return false;
	for (i = 0; i < nitems(words); i++)
		if (strstr(line, words[i]) != NULL)
			return true;
	return false;
}
