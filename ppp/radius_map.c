/* SPDX-License-Identifier: ISC */
/* What RADIUS is told and asked; contract in radius_map.h. */

#include "radius_map.h"

#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

/* RFC 2548 2.3.2: Ident, Flags, Peer-Challenge, Reserved, Response. */
#define MS_RESPONSE_LEN 50
#define MS_RESPONSE_PEER 2

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
	{ 0, RADIUS_FRAMED_IPV6_ROUTE, "Framed-IPv6-Route" },
	{ 0, RADIUS_FRAMED_IPV6_POOL, "Framed-IPv6-Pool" },
	{ 0, RADIUS_DELEGATED_IPV6_PREFIX, "Delegated-IPv6-Prefix" },
	{ 0, RADIUS_DNS_SERVER_IPV6_ADDRESS, "DNS-Server-IPv6-Address" },
	{ RADIUS_VENDOR_WISPR, RADIUS_WISPR_BANDWIDTH_MAX_UP,
	    "WISPr-Bandwidth-Max-Up" },
	{ RADIUS_VENDOR_WISPR, RADIUS_WISPR_BANDWIDTH_MAX_DOWN,
	    "WISPr-Bandwidth-Max-Down" },
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
