/* SPDX-License-Identifier: ISC */
/* The life of a lease; contract in dhcp_lease.h. */

#include "dhcp_lease.h"

#include <string.h>
#include <arpa/inet.h>

#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS 4000
/* RFC 2131 4.4.5 says 60 s; leases can be shorter than that. */
#define RENEW_WAIT_MIN_MS 10000

static void
enter(struct dhcp_lease *l, enum dhcp_state state)
{
	l->state = state;
	l->sent = 0;
}

static enum dhcp_step
lose(struct dhcp_lease *l, const char *why)
{
	enter(l, DHCP_OVER);
	l->deadline = MONO_NEVER;
	l->why = why;
	return DHCP_LOST;
}

/* 1, 2, 4, 4 ... seconds, and never beyond the end of patience. */
static enum dhcp_step
send_and_wait(struct dhcp_lease *l, struct mono now)
{
	int64_t ms = FIRST_WAIT_MS << (l->sent < 2 ? l->sent : 2);

	l->sent++;
	l->deadline = mono_min(
	    mono_add_ms(now, ms < LONGEST_WAIT_MS ? ms : LONGEST_WAIT_MS),
	    mono_add_ms(l->begun, DHCP_PATIENCE_MS));
	return DHCP_SEND;
}

void
dhcp_lease_begin(struct dhcp_lease *l, const struct dhcp_identity *id,
    uint32_t xid, struct mono now)
{
	memset(l, 0, sizeof(*l));
	l->id = *id;
	l->xid = xid;
	l->begun = now;
	l->expires = MONO_NEVER;
	enter(l, DHCP_SELECTING);
	(void)send_and_wait(l, now);
}

static enum dhcp_step
renew(struct dhcp_lease *l, struct mono now)
{
	int64_t left = mono_diff_ms(l->expires, now);
	int64_t ms =
	    left / 2 > RENEW_WAIT_MIN_MS ? left / 2 : RENEW_WAIT_MIN_MS;

	if (left <= 0)
		return lose(l, "the DHCP lease has ended without another");
	l->sent++;
	l->deadline = mono_min(mono_add_ms(now, ms), l->expires);
	return DHCP_SEND;
}

enum dhcp_step
dhcp_lease_expire(struct dhcp_lease *l, struct mono now)
{
	if (mono_before(now, l->deadline))
		return DHCP_WAIT;
	switch (l->state) {
	case DHCP_SELECTING:
	case DHCP_REQUESTING:
		if (mono_diff_ms(now, l->begun) < DHCP_PATIENCE_MS)
			return send_and_wait(l, now);
		return lose(
		    l, l->state == DHCP_SELECTING
			   ? "no DHCP server offers an address"
			   : "the DHCP server does not confirm its offer");
	case DHCP_BOUND:
		enter(l, DHCP_RENEWING);
		return renew(l, now);
	case DHCP_RENEWING:
		return renew(l, now);
	case DHCP_OVER:
		break;
	}
	return DHCP_WAIT;
}

static void
take_times(struct dhcp_lease *l, const struct dhcp_reply *r, struct mono now)
{
	uint32_t renew_s = r->renew_s;

	if (r->lease_s == DHCP_FOREVER) {
		l->expires = MONO_NEVER;
		l->deadline = MONO_NEVER;
		return;
	}
	if (renew_s == 0 || renew_s > r->lease_s / 2)
		renew_s = r->lease_s / 2;
	l->expires = mono_add_ms(now, (int64_t)r->lease_s * 1000);
	l->deadline = mono_add_ms(now, (int64_t)renew_s * 1000);
}

static bool
is_host(struct in_addr a)
{
	uint32_t ip = ntohl(a.s_addr);

	return ip >> 24 != 0 && ip >> 24 != IN_LOOPBACKNET &&
	       !IN_MULTICAST(ip) && !IN_BADCLASS(ip);
}

static enum dhcp_step
on_offer(struct dhcp_lease *l, const struct dhcp_reply *r, struct mono now)
{
	if (l->state != DHCP_SELECTING || !is_host(r->address) ||
	    r->server.s_addr == 0)
		return DHCP_WAIT;
	l->address = r->address;
	l->server = r->server;
	enter(l, DHCP_REQUESTING);
	return send_and_wait(l, now);
}

static enum dhcp_step
on_ack(struct dhcp_lease *l, const struct dhcp_reply *r, struct mono now)
{
	bool first = l->state == DHCP_REQUESTING;

	if ((!first && l->state != DHCP_RENEWING) || r->lease_s == 0 ||
	    r->address.s_addr != l->address.s_addr)
		return DHCP_WAIT;
	enter(l, DHCP_BOUND);
	take_times(l, r, now);
	/* Another server may have taken over. */
	if (r->server.s_addr != 0)
		l->server = r->server;
	if (!first)
		return DHCP_WAIT;
	memcpy(l->dns, r->dns, sizeof(l->dns));
	return DHCP_GOT;
}

static enum dhcp_step
on_nak(struct dhcp_lease *l, const struct dhcp_reply *r, struct mono now)
{
	if (r->server.s_addr != 0 && r->server.s_addr != l->server.s_addr)
		return DHCP_WAIT;
	if (l->state == DHCP_RENEWING)
		return lose(l, "the DHCP server has taken the address back");
	if (l->state != DHCP_REQUESTING)
		return DHCP_WAIT;
	l->address.s_addr = 0;
	l->server.s_addr = 0;
	enter(l, DHCP_SELECTING);
	/* Not at once: the two of us could go on like that for ever. */
	l->deadline = mono_add_ms(now, FIRST_WAIT_MS);
	return DHCP_WAIT;
}

enum dhcp_step
dhcp_lease_reply(
    struct dhcp_lease *l, const struct dhcp_reply *r, struct mono now)
{
	if (r->type == DHCP_OFFER)
		return on_offer(l, r, now);
	if (r->type == DHCP_ACK)
		return on_ack(l, r, now);
	return on_nak(l, r, now);
}

void
dhcp_lease_request(
    const struct dhcp_lease *l, struct mono now, struct dhcp_request *r)
{
	int64_t secs = mono_diff_ms(now, l->begun) / 1000;

	*r = (struct dhcp_request){ .type = DHCP_DISCOVER,
		.xid = l->xid,
		.secs = (uint16_t)(secs < UINT16_MAX ? secs : UINT16_MAX),
		.id = &l->id };
	if (l->state == DHCP_SELECTING)
		return;
	r->type = DHCP_REQUEST;
	r->wanted = l->address;
	if (l->state == DHCP_REQUESTING)
		r->server = l->server;
	else
		r->secs = 0;
}

bool
dhcp_lease_release(const struct dhcp_lease *l, struct dhcp_request *r)
{
	*r = (struct dhcp_request){ .type = DHCP_RELEASE,
		.xid = l->xid,
		.id = &l->id,
		.ciaddr = l->address,
		.server = l->server };
	return l->state == DHCP_BOUND || l->state == DHCP_RENEWING;
}
