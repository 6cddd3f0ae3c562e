/* SPDX-License-Identifier: ISC */
/* What RADIUS answers; contract in radius_map.h. */

#include "radius_map.h"

#include <ctype.h>
#include <string.h>
#include <arpa/inet.h>

/* RFC 2548 2.3.3: Ident and then "S=" and 40 digits. */
#define MS_SUCCESS_TEXT 1
#define PROOF_DIGITS (CHAP_PROOF_SIZE - 1)
/* RFC 2869 5.16: not more often than once a minute. */
#define INTERIM_MIN_S 60
/* As of rate-up and rate-down. */
#define RATE_MIN_BITS 8000

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

/* RFC 2865 5.9.  255.255.255.255 is what every user of PPP has anyway. */
static bool
take_netmask(const struct radius_attr *a, struct radius_answer *to)
{
	uint32_t mask;

	/* The bits that are not set are the last ones. */
	if (!radius_u32(a, &mask) || mask == 0 || (~mask & (~mask + 1)) != 0)
		return false;
	to->network_bits = 0;
	for (; mask != 0 && mask != 0xffffffff; mask <<= 1)
		to->network_bits++;
	return true;
}

/* RFC 2865 5.11.  They come one by one, and go into the environment of a
 * program with blanks between them. */
static bool
take_filter(const struct radius_attr *a, char filter[GRANT_FILTER_SIZE])
{
	const size_t at = strlen(filter), gap = at > 0;
	size_t i;

	if (a->len == 0 || at + gap + a->len >= GRANT_FILTER_SIZE)
		return false;
	for (i = 0; i < a->len; i++)
		if (a->value[i] >= 0x80 || !isgraph(a->value[i]))
			return false;
	if (gap)
		filter[at] = ' ';
	memcpy(filter + at + gap, a->value, a->len);
	filter[at + gap + a->len] = '\0';
	return true;
}

/* RFC 3162 2.3 and RFC 4818 3: a reserved octet, the length in bits, and what
 * is needed of the prefix. */
static bool
parse_prefix(const struct radius_attr *a, struct conf_prefix *p)
{
	unsigned int bit;

	memset(p, 0, sizeof(*p));
	if (a->len < 2 || a->len > 2 + sizeof(p->address) || a->value[1] == 0 ||
	    a->value[1] > 128)
		return false;
	p->len = a->value[1];
	memcpy(&p->address, a->value + 2, a->len - 2);
	for (bit = p->len; bit < 128; bit++)
		p->address.s6_addr[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	return true;
}

/* Only a /64 can be told to a client by Router Advertisements. */
static bool
take_prefix(const struct radius_attr *a, struct grant *g)
{
	struct conf_prefix p;

	if (!parse_prefix(a, &p) || p.len != 64 ||
	    !radius_may_be_routed(&p.address))
		return false;
	g->ipv6_prefix = p;
	g->one_login = true;
	return true;
}

/* A network behind the client: who tells him of it is not our concern. */
static bool
take_network6(const struct radius_attr *a, struct grant *g)
{
	struct conf_prefix p;

	if (g->n_routes6 == nitems(g->routes6) ||
	    (a->type == RADIUS_FRAMED_IPV6_ROUTE ? !radius_take_route6(a, &p)
						 : !parse_prefix(a, &p)) ||
	    !radius_may_be_routed(&p.address))
		return false;
	g->routes6[g->n_routes6++] = p;
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

bool
radius_take_interim(const struct radius_attr *a, unsigned int *s)
{
	if (!take_seconds(a, s))
		return false;
	if (*s != 0 && *s < INTERIM_MIN_S)
		*s = INTERIM_MIN_S;
	return true;
}

bool
radius_take_rate(const struct radius_attr *a, struct rate_limit *r)
{
	uint32_t bits;

	if (!radius_u32(a, &bits) || (bits != 0 && bits < RATE_MIN_BITS))
		return false;
	if (a->type == RADIUS_WISPR_BANDWIDTH_MAX_UP)
		r->up_kbit = bits / 1000;
	else if (a->type == RADIUS_WISPR_BANDWIDTH_MAX_DOWN)
		r->down_kbit = bits / 1000;
	else
		return false;
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
		return take_netmask(a, to);
	case RADIUS_FILTER_ID:
		return take_filter(a, to->grant.filter);
	case RADIUS_SESSION_TIMEOUT:
		return take_seconds(a, &to->grant.session_timeout_s);
	case RADIUS_IDLE_TIMEOUT:
		return take_seconds(a, &to->grant.idle_timeout_s);
	case RADIUS_FRAMED_IPV6_PREFIX:
		return take_prefix(a, &to->grant);
	case RADIUS_DELEGATED_IPV6_PREFIX:
	case RADIUS_FRAMED_IPV6_ROUTE:
		return take_network6(a, &to->grant);
	case RADIUS_DNS_SERVER_IPV6_ADDRESS:
		return take_dns6(a, &to->grant);
	case RADIUS_PORT_LIMIT:
		return take_seconds(a, &to->grant.max_sessions);
	case RADIUS_CLASS:
		return take_class(a, &to->class);
	case RADIUS_ACCT_INTERIM_INTERVAL:
		return radius_take_interim(a, &to->interim_s);
	case RADIUS_REPLY_MESSAGE:
		return take_message(a, to);
	case RADIUS_FRAMED_ROUTE: /* see take_routes() */
		return true;
	case RADIUS_USER_NAME:
		return take_text(a, to->user, sizeof(to->user));
	case RADIUS_FRAMED_POOL:
		return take_text(a, to->pool, sizeof(to->pool));
	case RADIUS_FRAMED_IPV6_POOL:
		return take_text(a, to->pool6, sizeof(to->pool6));
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

static bool
take_one(const struct radius_attr *a, struct radius_answer *to)
{
	switch (a->vendor) {
	case 0:
		return take_standard(a, to);
	case RADIUS_VENDOR_MICROSOFT:
		return take_microsoft(a, to);
	case RADIUS_VENDOR_WISPR:
		return radius_take_rate(a, &to->grant.rate);
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

	forget_replaced(to, v);
	while (radius_next(v, &c, &a))
		if (!take_one(&a, to) && unheeded != NULL)
			unheeded(arg, &a);
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
		to->cause =
		    to->reason == NULL ? CAUSE_NONE : CAUSE_RADIUS_ANSWER;
		return;
	}
	take_messages(to, v);
	if (v->code == RADIUS_ACCESS_CHALLENGE) {
		to->cause = CAUSE_RADIUS_ANSWER;
		to->reason = "RADIUS asks for more, which PPP cannot give";
		return;
	}
	to->cause = CAUSE_RADIUS_REFUSED;
	to->reason = "refused by RADIUS";
	to->failed = true;
}
