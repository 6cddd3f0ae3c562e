/* SPDX-License-Identifier: ISC */
/* What RADIUS says and is told; contract in radius_map.h. */

#include "radius_map.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

/* RFC 2548 2.3.2: Ident, Flags, Peer-Challenge, Reserved, Response. */
#define MS_RESPONSE_LEN 50
#define MS_RESPONSE_PEER 2
/* RFC 2548 2.3.3: Ident and then "S=" and 40 digits. */
#define MS_SUCCESS_TEXT 1
#define PROOF_DIGITS (CHAP_PROOF_SIZE - 1)
/* RFC 2869 5.16: not more often than once a minute. */
#define INTERIM_MIN_S 60

/* --- what is told --- */

static void
add_address(struct radius_attrs *a, uint8_t four, uint8_t six,
    const struct lns_addr *addr)
{
	if (addr->family == 6)
		radius_add(a, six, addr->ip, 16);
	else if (addr->family == 4)
		radius_add(a, four, addr->ip, 4);
}

void
radius_add_nas(struct radius_attrs *a, const struct radius_station *st)
{
	radius_add_text(a, RADIUS_NAS_IDENTIFIER, st->nas_identifier);
	if (st->nas_address.s_addr != INADDR_ANY)
		radius_add(a, RADIUS_NAS_IP_ADDRESS, &st->nas_address, 4);
	else
		add_address(a, RADIUS_NAS_IP_ADDRESS, RADIUS_NAS_IPV6_ADDRESS,
		    &st->local);
}

static void
add_end(struct radius_attrs *a, uint8_t type, const struct lns_addr *addr)
{
	char text[LNS_ADDR_TEXT];

	if (addr->family != 0)
		radius_add_text(a, type, lns_addr_text(addr, text));
}

/* RFC 2868: with a tag of 0, as there is one tunnel. */
static void
add_tunnel(struct radius_attrs *a, const struct radius_station *st)
{
	if (st->peer.family == 0)
		return;
	radius_add_u32(a, RADIUS_TUNNEL_TYPE, RADIUS_TUNNEL_L2TP);
	radius_add_u32(a, RADIUS_TUNNEL_MEDIUM_TYPE,
	    st->peer.family == 6 ? RADIUS_MEDIUM_IPV6 : RADIUS_MEDIUM_IPV4);
	add_end(a, RADIUS_TUNNEL_CLIENT_ENDPOINT, &st->peer);
	add_end(a, RADIUS_TUNNEL_SERVER_ENDPOINT, &st->local);
}

static void
add_number(struct radius_attrs *a, uint8_t type, const char *number,
    const struct lns_addr *addr)
{
	if (number != NULL && number[0] != '\0')
		radius_add_text(a, type, number);
	else
		add_end(a, type, addr);
}

void
radius_add_station(struct radius_attrs *a, const struct radius_station *st)
{
	radius_add_nas(a, st);
	radius_add_u32(a, RADIUS_NAS_PORT, st->port);
	radius_add_u32(a, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_VIRTUAL);
	radius_add_text(a, RADIUS_NAS_PORT_ID, st->label);
	radius_add_u32(a, RADIUS_SERVICE_TYPE, RADIUS_SERVICE_FRAMED);
	radius_add_u32(a, RADIUS_FRAMED_PROTOCOL, RADIUS_PROTOCOL_PPP);
	add_number(a, RADIUS_CALLING_STATION_ID, st->calling, &st->peer);
	add_number(a, RADIUS_CALLED_STATION_ID, st->called, &st->local);
	add_tunnel(a, st);
	radius_add_text(a, RADIUS_ACCT_SESSION_ID, st->session_id);
}

static const char *
add_pap(struct radius_request *rq, const struct wire_ask *ask)
{
	if (ask->response_len > sizeof(rq->password))
		return "the password is too long for RADIUS";
	rq->has_password = true;
	rq->password_len = ask->response_len;
	memcpy(rq->password, ask->response, ask->response_len);
	return NULL;
}

static const char *
add_chap(struct radius_request *rq, const struct wire_ask *ask)
{
	uint8_t value[1 + CHAP_MD5_LEN] = { ask->id };

	if (ask->response_len != CHAP_MD5_LEN || ask->challenge_len == 0)
		return "the response has a wrong length";
	memcpy(value + 1, ask->response, CHAP_MD5_LEN);
	radius_add(&rq->attrs, RADIUS_CHAP_PASSWORD, value, sizeof(value));
	radius_add(&rq->attrs, RADIUS_CHAP_CHALLENGE, ask->challenge,
	    ask->challenge_len);
	return NULL;
}

static const char *
add_mschapv2(struct radius_request *rq, const struct wire_ask *ask)
{
	/* The client's flags are its last octet; here they are zero. */
	const size_t without_flags = CHAP_MS_RESPONSE_LEN - 1;
	uint8_t value[MS_RESPONSE_LEN] = { ask->id };

	if (ask->response_len != CHAP_MS_RESPONSE_LEN ||
	    ask->challenge_len != CHAP_MS_CHALLENGE_LEN)
		return "the response has a wrong length";
	memcpy(value + MS_RESPONSE_PEER, ask->response, without_flags);
	radius_add_vendor(&rq->attrs, RADIUS_VENDOR_MICROSOFT,
	    RADIUS_MS_CHAP_CHALLENGE, ask->challenge, ask->challenge_len);
	radius_add_vendor(&rq->attrs, RADIUS_VENDOR_MICROSOFT,
	    RADIUS_MS_CHAP2_RESPONSE, value, sizeof(value));
	return NULL;
}

const char *
radius_from_ask(struct radius_request *rq, const struct wire_ask *ask,
    const struct radius_station *st)
{
	memset(rq, 0, sizeof(*rq));
	rq->code = RADIUS_ACCESS_REQUEST;
	if (ask->name_len == 0 || ask->name_len > RADIUS_VALUE_MAX)
		return "the name has a wrong length";
	radius_add(&rq->attrs, RADIUS_USER_NAME, ask->name, ask->name_len);
	radius_add_station(&rq->attrs, st);
	switch (ask->method) {
	case WIRE_PAP:
		return add_pap(rq, ask);
	case WIRE_CHAP:
		return add_chap(rq, ask);
	case WIRE_MSCHAPV2:
		return add_mschapv2(rq, ask);
	default:
		return "protocol not allowed";
	}
}

void
radius_add_class(struct radius_attrs *a, const struct radius_class *c)
{
	size_t at;

	for (at = 0; at < c->len; at += c->octets[at + 1])
		radius_add(a, c->octets[at], c->octets + at + 2,
		    (size_t)c->octets[at + 1] - 2);
}

/* --- what is said --- */

static bool
take_seconds(const struct radius_attr *a, unsigned int *s)
{
	uint32_t value;

	if (!radius_u32(a, &value))
		return false;
	*s = value;
	return true;
}

static bool
take_server(const struct radius_attr *a, struct in_addr *to)
{
	if (a->len != 4)
		return false;
	memcpy(to, a->value, 4);
	return true;
}

/* RFC 2865 5.8.  What the peer would choose, we do. */
static bool
take_address(const struct radius_attr *a, struct grant *g)
{
	uint32_t value;

	if (!radius_u32(a, &value))
		return false;
	if (value == RADIUS_ADDRESS_OF_PEER || value == RADIUS_ADDRESS_OF_NAS)
		return true;
	if (value == INADDR_ANY || IN_MULTICAST(value))
		return false;
	g->has_address = g->address_is_told = true;
	g->address.s_addr = htonl(value);
	/* An address, as a prefix or a network, can be in one place only. */
	g->one_login = true;
	return true;
}

/* RFC 3162 2.3: a reserved octet, the length in bits, and what is needed of
 * the prefix.  Only a /64 can be told to a client by Router Advertisements. */
static bool
take_prefix(const struct radius_attr *a, struct grant *g)
{
	struct in6_addr prefix = { 0 };

	if (a->len < 2 || a->len > 2 + sizeof(prefix) || a->value[1] != 64)
		return false;
	memcpy(&prefix, a->value + 2, a->len - 2);
	memset(prefix.s6_addr + 8, 0, 8);
	if (IN6_IS_ADDR_UNSPECIFIED(&prefix) || IN6_IS_ADDR_MULTICAST(&prefix))
		return false;
	g->ipv6_prefix = (struct conf_prefix){ prefix, 64 };
	g->one_login = true;
	return true;
}

static bool
take_dns6(const struct radius_attr *a, struct grant *g)
{
	if (a->len != sizeof(g->dns6[0]) || g->n_dns6 == nitems(g->dns6))
		return false;
	memcpy(&g->dns6[g->n_dns6++], a->value, a->len);
	return true;
}

static bool
take_class(const struct radius_attr *a, struct radius_class *c)
{
	if (a->len == 0 || sizeof(c->octets) - c->len < a->len + 2)
		return false;
	c->octets[c->len] = a->type;
	c->octets[c->len + 1] = (uint8_t)(a->len + 2);
	memcpy(c->octets + c->len + 2, a->value, a->len);
	c->len += a->len + 2;
	return true;
}

/* One after the other; they may be several. */
static bool
take_message(const struct radius_attr *a, struct radius_answer *to)
{
	size_t at = strlen(to->message), i;

	for (i = 0; i < a->len && at + 1 < sizeof(to->message); i++)
		to->message[at++] =
		    isprint(a->value[i]) ? (char)a->value[i] : '?';
	to->message[at] = '\0';
	return true;
}

static bool
take_text(const struct radius_attr *a, char *to, size_t size)
{
	if (a->len == 0 || a->len >= size ||
	    memchr(a->value, '\0', a->len) != NULL)
		return false;
	memcpy(to, a->value, a->len);
	to[a->len] = '\0';
	return true;
}

static bool
take_interim(const struct radius_attr *a, unsigned int *s)
{
	if (!take_seconds(a, s))
		return false;
	if (*s != 0 && *s < INTERIM_MIN_S)
		*s = INTERIM_MIN_S;
	return true;
}

/* Whether it says only what holds anyway. */
static bool
says(const struct radius_attr *a, uint32_t what)
{
	uint32_t value;

	return radius_u32(a, &value) && value == what;
}

/* False: it has no effect here. */
static bool
take_standard(const struct radius_attr *a, struct radius_answer *to)
{
	switch (a->type) {
	case RADIUS_SERVICE_TYPE:
		return says(a, RADIUS_SERVICE_FRAMED);
	case RADIUS_FRAMED_PROTOCOL:
		return says(a, RADIUS_PROTOCOL_PPP);
	case RADIUS_FRAMED_COMPRESSION:
	case RADIUS_FRAMED_ROUTING:
	case RADIUS_TERMINATION_ACTION:
		return says(a, 0);
	case RADIUS_FRAMED_IP_ADDRESS:
		return take_address(a, &to->grant);
	case RADIUS_FRAMED_IP_NETMASK:
		return says(a, 0xffffffff);
	case RADIUS_SESSION_TIMEOUT:
		return take_seconds(a, &to->grant.session_timeout_s);
	case RADIUS_IDLE_TIMEOUT:
		return take_seconds(a, &to->grant.idle_timeout_s);
	case RADIUS_FRAMED_IPV6_PREFIX:
		return take_prefix(a, &to->grant);
	case RADIUS_DNS_SERVER_IPV6_ADDRESS:
		return take_dns6(a, &to->grant);
	case RADIUS_PORT_LIMIT:
		return take_seconds(a, &to->grant.max_sessions);
	case RADIUS_CLASS:
		return take_class(a, &to->class);
	case RADIUS_ACCT_INTERIM_INTERVAL:
		return take_interim(a, &to->interim_s);
	case RADIUS_REPLY_MESSAGE:
		return take_message(a, to);
	case RADIUS_FRAMED_ROUTE: /* see take_routes() */
		return true;
	case RADIUS_USER_NAME:
		return take_text(a, to->user, sizeof(to->user));
	case RADIUS_FRAMED_POOL:
		return take_text(a, to->pool, sizeof(to->pool));
	case RADIUS_STATE:
	case RADIUS_PROXY_STATE:
	case RADIUS_MESSAGE_AUTHENTICATOR:
		return true; /* asks for nothing */
	default:
		return false;
	}
}

static bool
take_microsoft(const struct radius_attr *a, struct radius_answer *to)
{
	switch (a->type) {
	case RADIUS_MS_PRIMARY_DNS:
		return take_server(a, &to->grant.dns[0]);
	case RADIUS_MS_SECONDARY_DNS:
		return take_server(a, &to->grant.dns[1]);
	case RADIUS_MS_PRIMARY_NBNS:
		return take_server(a, &to->grant.wins[0]);
	case RADIUS_MS_SECONDARY_NBNS:
		return take_server(a, &to->grant.wins[1]);
	/* Keys for MPPE, which is not used: IPsec encrypts. */
	case RADIUS_MS_MPPE_ENCRYPTION_POLICY:
	case RADIUS_MS_MPPE_ENCRYPTION_TYPES:
	case RADIUS_MS_MPPE_SEND_KEY:
	case RADIUS_MS_MPPE_RECV_KEY:
	case RADIUS_MS_CHAP2_SUCCESS: /* see take_proof() */
	case RADIUS_MS_CHAP_ERROR:
	case RADIUS_MS_CHAP_DOMAIN:
		return true;
	default:
		return false;
	}
}

/* When the user's address is known. */
static void
take_routes(struct radius_answer *to, const struct radius_view *v,
    radius_unheeded_fn unheeded, void *arg)
{
	struct grant *g = &to->grant;
	struct radius_cursor c = { 0 };
	struct radius_attr a;

	while (radius_next(v, &c, &a)) {
		if (a.vendor != 0 || a.type != RADIUS_FRAMED_ROUTE)
			continue;
		if (g->n_routes < CONF_ROUTES_MAX &&
		    radius_take_route(
			&a, g->address, &g->routes[g->n_routes])) {
			g->n_routes++;
			g->one_login = true;
		} else if (unheeded != NULL) {
			unheeded(arg, &a);
		}
	}
}

/* A list of name servers replaces the profile's, whichever of it is told. */
static void
forget_replaced(struct radius_answer *to, const struct radius_view *v)
{
	struct radius_attr a;

	if (radius_find(
		v, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_PRIMARY_DNS, &a) ||
	    radius_find(
		v, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_SECONDARY_DNS, &a))
		memset(to->grant.dns, 0, sizeof(to->grant.dns));
	if (radius_find(v, 0, RADIUS_DNS_SERVER_IPV6_ADDRESS, &a))
		to->grant.n_dns6 = 0;
	if (radius_find(
		v, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_PRIMARY_NBNS, &a) ||
	    radius_find(
		v, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_SECONDARY_NBNS, &a))
		memset(to->grant.wins, 0, sizeof(to->grant.wins));
}

static void
move_up(struct in_addr two[2])
{
	if (two[0].s_addr != 0)
		return;
	two[0] = two[1];
	two[1].s_addr = 0;
}

/* What the client wants to see before it believes us (RFC 2759 8.7); false:
 * there is none for this answer of the client. */
static bool
take_proof(const struct radius_view *v, uint8_t id, char proof[CHAP_PROOF_SIZE])
{
	struct radius_attr a;
	size_t i;

	if (!radius_find(
		v, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_CHAP2_SUCCESS, &a) ||
	    a.len < MS_SUCCESS_TEXT + 2 + PROOF_DIGITS || a.value[0] != id ||
	    memcmp(a.value + MS_SUCCESS_TEXT, "S=", 2) != 0)
		return false;
	for (i = 0; i < PROOF_DIGITS; i++) {
		proof[i] = (char)a.value[MS_SUCCESS_TEXT + 2 + i];
		if (!isxdigit(a.value[MS_SUCCESS_TEXT + 2 + i]))
			return false;
	}
	proof[PROOF_DIGITS] = '\0';
	return true;
}

static void
take_all(struct radius_answer *to, const struct radius_view *v,
    radius_unheeded_fn unheeded, void *arg)
{
	struct radius_cursor c = { 0 };
	struct radius_attr a;
	bool taken;

	forget_replaced(to, v);
	while (radius_next(v, &c, &a)) {
		taken = a.vendor == 0 ? take_standard(&a, to)
			: a.vendor == RADIUS_VENDOR_MICROSOFT
			    ? take_microsoft(&a, to)
			    : false;
		if (!taken && unheeded != NULL)
			unheeded(arg, &a);
	}
	take_routes(to, v, unheeded, arg);
	move_up(to->grant.dns);
	move_up(to->grant.wins);
}

static void
take_messages(struct radius_answer *to, const struct radius_view *v)
{
	struct radius_cursor c = { 0 };
	struct radius_attr a;

	while (radius_next(v, &c, &a))
		if (a.vendor == 0 && a.type == RADIUS_REPLY_MESSAGE)
			(void)take_message(&a, to);
}

/* RFC 2865 5.6: what is asked of us and cannot be done is a refusal. */
static bool
is_other_service(const struct radius_view *v)
{
	struct radius_attr a;

	return (radius_find(v, 0, RADIUS_SERVICE_TYPE, &a) &&
		   !says(&a, RADIUS_SERVICE_FRAMED)) ||
	       (radius_find(v, 0, RADIUS_FRAMED_PROTOCOL, &a) &&
		   !says(&a, RADIUS_PROTOCOL_PPP));
}

void
radius_take_reply(struct radius_answer *to, const struct radius_view *v,
    uint8_t method, uint8_t id, radius_unheeded_fn unheeded, void *arg)
{
	const struct grant grant = to->grant;

	memset(to, 0, sizeof(*to));
	to->grant = grant;
	if (v->code == RADIUS_ACCESS_ACCEPT) {
		take_all(to, v, unheeded, arg);
		if (is_other_service(v))
			to->reason = "RADIUS grants another service than PPP";
		else if (method == WIRE_MSCHAPV2 &&
			 !take_proof(v, id, to->proof))
			to->reason = "RADIUS does not prove that it knows the "
				     "password";
		return;
	}
	take_messages(to, v);
	if (v->code == RADIUS_ACCESS_CHALLENGE) {
		to->reason = "RADIUS asks for more, which PPP cannot give";
		return;
	}
	to->reason = "refused by RADIUS";
	to->failed = true;
}

static const struct {
	uint32_t vendor;
	uint8_t type;
	const char *name;
} names[] = {
	{ 0, RADIUS_SERVICE_TYPE, "Service-Type" },
	{ 0, RADIUS_FRAMED_PROTOCOL, "Framed-Protocol" },
	{ 0, RADIUS_FRAMED_IP_ADDRESS, "Framed-IP-Address" },
	{ 0, RADIUS_FRAMED_IP_NETMASK, "Framed-IP-Netmask" },
	{ 0, RADIUS_FRAMED_ROUTING, "Framed-Routing" },
	{ 0, RADIUS_FILTER_ID, "Filter-Id" },
	{ 0, RADIUS_FRAMED_MTU, "Framed-MTU" },
	{ 0, RADIUS_FRAMED_COMPRESSION, "Framed-Compression" },
	{ 0, RADIUS_FRAMED_ROUTE, "Framed-Route" },
	{ 0, RADIUS_SESSION_TIMEOUT, "Session-Timeout" },
	{ 0, RADIUS_IDLE_TIMEOUT, "Idle-Timeout" },
	{ 0, RADIUS_TERMINATION_ACTION, "Termination-Action" },
	{ 0, RADIUS_PORT_LIMIT, "Port-Limit" },
	{ 0, RADIUS_ACCT_INTERIM_INTERVAL, "Acct-Interim-Interval" },
	{ 0, RADIUS_FRAMED_POOL, "Framed-Pool" },
	{ 0, RADIUS_FRAMED_INTERFACE_ID, "Framed-Interface-Id" },
	{ 0, RADIUS_FRAMED_IPV6_PREFIX, "Framed-IPv6-Prefix" },
	{ 0, RADIUS_DELEGATED_IPV6_PREFIX, "Delegated-IPv6-Prefix" },
	{ 0, RADIUS_DNS_SERVER_IPV6_ADDRESS, "DNS-Server-IPv6-Address" },
	{ RADIUS_VENDOR_MICROSOFT, RADIUS_MS_PRIMARY_DNS,
	    "MS-Primary-DNS-Server" },
	{ RADIUS_VENDOR_MICROSOFT, RADIUS_MS_SECONDARY_DNS,
	    "MS-Secondary-DNS-Server" },
	{ RADIUS_VENDOR_MICROSOFT, RADIUS_MS_PRIMARY_NBNS,
	    "MS-Primary-NBNS-Server" },
	{ RADIUS_VENDOR_MICROSOFT, RADIUS_MS_SECONDARY_NBNS,
	    "MS-Secondary-NBNS-Server" },
};

const char *
radius_attr_name(const struct radius_attr *a, char buf[RADIUS_NAME_SIZE])
{
	size_t i;

	for (i = 0; i < nitems(names); i++)
		if (names[i].vendor == a->vendor && names[i].type == a->type)
			return names[i].name;
	if (a->vendor == 0)
		snprintf(buf, RADIUS_NAME_SIZE, "attribute %u", a->type);
	else
		snprintf(buf, RADIUS_NAME_SIZE, "attribute %u of vendor %u",
		    a->type, a->vendor);
	return buf;
}
