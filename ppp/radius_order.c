/* SPDX-License-Identifier: ISC */
/* Orders of RADIUS servers; contract in radius_order.h. */

#include "radius_order.h"

#include <string.h>

/* RFC 5176 3.1: Service-Type Authorize-Only, which is not done here. */
#define SERVICE_AUTHORIZE_ONLY 17u

static bool
same_text(const struct radius_attr *a, const char *text)
{
	return text != NULL && a->len == strlen(text) &&
	       memcmp(a->value, text, a->len) == 0;
}

static bool
same_ip(const struct radius_attr *a, const struct lns_addr *addr)
{
	const size_t len = addr->family == 6 ? 16 : 4;

	return addr->family != 0 && a->len == len &&
	       memcmp(a->value, addr->ip, len) == 0;
}

static bool
same_ipv4(const struct radius_attr *a, struct in_addr address)
{
	return a->len == 4 && memcmp(a->value, &address, 4) == 0;
}

static bool
same_port(const struct radius_attr *a, uint32_t port)
{
	uint32_t value;

	return radius_u32(a, &value) && value == port;
}

static bool
is_nas_address(const struct radius_attr *a, const struct radius_station *st)
{
	return st->nas_address.s_addr != INADDR_ANY
		   ? same_ipv4(a, st->nas_address)
		   : same_ip(a, &st->local);
}

static bool
is_number(const struct radius_attr *a, const char *number,
    const struct lns_addr *addr)
{
	char text[LNS_ADDR_TEXT];

	if (number != NULL && number[0] != '\0')
		return same_text(a, number);
	return addr->family != 0 && same_text(a, lns_addr_text(addr, text));
}

/* What names a session; RFC 5176 3. */
static bool
names_session(uint8_t type)
{
	switch (type) {
	case RADIUS_USER_NAME:
	case RADIUS_NAS_PORT:
	case RADIUS_NAS_PORT_ID:
	case RADIUS_FRAMED_IP_ADDRESS:
	case RADIUS_CALLING_STATION_ID:
	case RADIUS_ACCT_SESSION_ID:
		return true;
	default:
		return false;
	}
}

static bool
agrees(const struct radius_attr *a, const struct radius_target *t)
{
	const struct radius_station *st = t->station;

	switch (a->type) {
	case RADIUS_USER_NAME:
		return same_text(a, t->user) ||
		       (t->told_user[0] != '\0' && same_text(a, t->told_user));
	case RADIUS_NAS_PORT:
		return same_port(a, st->port);
	case RADIUS_NAS_PORT_ID:
		return same_text(a, st->label);
	case RADIUS_FRAMED_IP_ADDRESS:
		return same_ipv4(a, t->address);
	case RADIUS_CALLING_STATION_ID:
		return is_number(a, st->calling, &st->peer);
	case RADIUS_CALLED_STATION_ID:
		return is_number(a, st->called, &st->local);
	case RADIUS_ACCT_SESSION_ID:
		return same_text(a, st->session_id);
	case RADIUS_NAS_IP_ADDRESS:
	case RADIUS_NAS_IPV6_ADDRESS:
		return is_nas_address(a, st);
	default:
		return true;
	}
}

bool
radius_order_is_for(const struct radius_view *v, const struct radius_target *t)
{
	struct radius_cursor c = { 0 };
	struct radius_attr a;

	while (radius_next(v, &c, &a))
		if (a.vendor == 0 && !agrees(&a, t))
			return false;
	return true;
}

/* What an Access-Accept may say, too, and is taken as there.  NULL: has no such
 * thing; false in *ok: its value is none. */
static bool *
take_change(struct radius_order *o, const struct radius_attr *a, bool *ok)
{
	if (a->vendor == RADIUS_VENDOR_WISPR) {
		*ok = radius_take_rate(a, &o->rate);
		return a->type == RADIUS_WISPR_BANDWIDTH_MAX_UP
			   ? &o->has_rate_up
		       : a->type == RADIUS_WISPR_BANDWIDTH_MAX_DOWN
			   ? &o->has_rate_down
			   : NULL;
	}
	switch (a->vendor == 0 ? a->type : 0) {
	case RADIUS_SESSION_TIMEOUT:
		*ok = radius_u32(a, &o->session_timeout_s);
		return &o->has_session_timeout;
	case RADIUS_IDLE_TIMEOUT:
		*ok = radius_u32(a, &o->idle_timeout_s);
		return &o->has_idle_timeout;
	case RADIUS_ACCT_INTERIM_INTERVAL:
		*ok = radius_take_interim(a, &o->interim_s);
		return &o->has_interim;
	default:
		return NULL;
	}
}

static enum radius_error_cause
take_time(struct radius_order *o, const struct radius_attr *a)
{
	o->has_time = radius_u32(a, &o->time_s);
	return o->has_time ? 0 : RADIUS_INVALID_VALUE;
}

static enum radius_error_cause
take_service(const struct radius_attr *a)
{
	uint32_t value;

	if (!radius_u32(a, &value))
		return RADIUS_INVALID_VALUE;
	return value == SERVICE_AUTHORIZE_ONLY ? RADIUS_UNSUPPORTED_SERVICE : 0;
}

static enum radius_error_cause
take_one(struct radius_order *o, const struct radius_attr *a,
    const char *nas_identifier)
{
	bool ok = false, *has = take_change(o, a, &ok);

	if (has != NULL) {
		*has = true;
		return o->disconnect ? RADIUS_UNSUPPORTED_ATTRIBUTE
		       : ok	     ? 0
				     : RADIUS_INVALID_VALUE;
	}
	if (a->vendor != 0)
		return RADIUS_UNSUPPORTED_ATTRIBUTE;
	switch (a->type) {
	case RADIUS_EVENT_TIMESTAMP:
		return take_time(o, a);
	case RADIUS_SERVICE_TYPE:
		return take_service(a);
	case RADIUS_NAS_IDENTIFIER:
		return same_text(a, nas_identifier) ? 0 : RADIUS_NAS_MISMATCH;
	case RADIUS_USER_NAME:
	case RADIUS_NAS_IP_ADDRESS:
	case RADIUS_NAS_PORT:
	case RADIUS_FRAMED_IP_ADDRESS:
	case RADIUS_REPLY_MESSAGE:
	case RADIUS_CLASS:
	case RADIUS_CALLED_STATION_ID:
	case RADIUS_CALLING_STATION_ID:
	case RADIUS_PROXY_STATE:
	case RADIUS_ACCT_SESSION_ID:
	case RADIUS_ACCT_TERMINATE_CAUSE:
	case RADIUS_MESSAGE_AUTHENTICATOR:
	case RADIUS_NAS_PORT_TYPE:
	case RADIUS_NAS_PORT_ID:
	case RADIUS_NAS_IPV6_ADDRESS:
		return 0;
	default:
		return RADIUS_UNSUPPORTED_ATTRIBUTE;
	}
}

static bool
has_change(const struct radius_order *o)
{
	return o->has_session_timeout || o->has_idle_timeout ||
	       o->has_interim || o->has_rate_up || o->has_rate_down;
}

enum radius_error_cause
radius_take_order(struct radius_order *o, const struct radius_view *v,
    const char *nas_identifier)
{
	enum radius_error_cause error = 0;
	struct radius_cursor c = { 0 };
	struct radius_attr a;
	bool named = false;

	memset(o, 0, sizeof(*o));
	o->disconnect = v->code == RADIUS_DISCONNECT_REQUEST;
	while (radius_next(v, &c, &a)) {
		/* The first mistake is told, but the time is wanted. */
		enum radius_error_cause one = take_one(o, &a, nas_identifier);

		if (error == 0)
			error = one;
		named = named || (a.vendor == 0 && names_session(a.type));
	}
	if (error == 0 && !named)
		error = RADIUS_MISSING_ATTRIBUTE;
	if (error == 0 && !o->disconnect && !has_change(o))
		error = RADIUS_MISSING_ATTRIBUTE;
	return error;
}

static enum radius_code
reply_code(uint8_t request, bool ok)
{
	if (request == RADIUS_DISCONNECT_REQUEST)
		return ok ? RADIUS_DISCONNECT_ACK : RADIUS_DISCONNECT_NAK;
	return ok ? RADIUS_COA_ACK : RADIUS_COA_NAK;
}

void
radius_from_order(struct radius_request *reply, const struct radius_view *v,
    enum radius_error_cause error)
{
	struct radius_cursor c = { 0 };
	struct radius_attr a;

	memset(reply, 0, sizeof(*reply));
	reply->code = reply_code(v->code, error == 0);
	if (error != 0)
		radius_add_u32(&reply->attrs, RADIUS_ERROR_CAUSE, error);
	/* RFC 5176 3.1: given back as they came, in their order. */
	while (radius_next(v, &c, &a))
		if (a.vendor == 0 && a.type == RADIUS_PROXY_STATE)
			radius_add(&reply->attrs, a.type, a.value, a.len);
}

const char *
radius_error_text(enum radius_error_cause error)
{
	switch (error) {
	case RADIUS_UNSUPPORTED_ATTRIBUTE:
		return "unsupported attribute";
	case RADIUS_MISSING_ATTRIBUTE:
		return "missing attribute";
	case RADIUS_NAS_MISMATCH:
		return "meant for another server";
	case RADIUS_INVALID_REQUEST:
		return "invalid request";
	case RADIUS_UNSUPPORTED_SERVICE:
		return "unsupported service";
	case RADIUS_INVALID_VALUE:
		return "invalid attribute value";
	case RADIUS_NO_SUCH_SESSION:
		return "no such session";
	case RADIUS_RESOURCES:
		return "out of memory";
	case RADIUS_SEVERAL_SESSIONS:
		return "several sessions";
	}
	return "done";
}
