/* SPDX-License-Identifier: ISC */
/* DHCP messages; contract in dhcp_msg.h. */

#include "dhcp_msg.h"

#include <string.h>
#include <arpa/inet.h>

/* RFC 2131 2, without the options. */
struct fixed {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	struct in_addr ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[16];
	uint8_t sname[64], file[128];
	uint8_t cookie[4];
};

#define OP_REQUEST 1
#define OP_REPLY 2
#define HTYPE_ETHERNET 1
/* The answer goes to everybody on the wire: nobody has the address yet. */
#define FLAG_BROADCAST 0x8000

static const uint8_t cookie[4] = { 99, 130, 83, 99 };

/* RFC 2132. */
enum {
	OPT_PAD = 0,
	OPT_DNS = 6,
	OPT_HOST_NAME = 12,
	OPT_WANTED = 50,
	OPT_LEASE = 51,
	OPT_TYPE = 53,
	OPT_SERVER = 54,
	OPT_PARAMETERS = 55,
	OPT_MAX_SIZE = 57,
	OPT_RENEW = 58,
	OPT_CLIENT_ID = 61,
	OPT_END = 255,
};

/* The shortest message that some relays and servers take (RFC 951). */
#define MSG_MIN 300
/* IP and UDP included. */
#define PACKET_MAX 576

struct out {
	uint8_t *at;
};

static void
put(struct out *o, uint8_t option, const void *data, size_t len)
{
	*o->at++ = option;
	*o->at++ = (uint8_t)len;
	memcpy(o->at, data, len);
	o->at += len;
}

static void
put_addr(struct out *o, uint8_t option, struct in_addr a)
{
	if (a.s_addr != 0)
		put(o, option, &a, sizeof(a));
}

static void
put_options(struct out *o, const struct dhcp_request *r)
{
	static const uint8_t wanted[] = { OPT_DNS, OPT_LEASE, OPT_RENEW };
	const uint8_t type = (uint8_t)r->type;
	const uint16_t max = htons(PACKET_MAX);
	uint8_t id[1 + DHCP_MAC_LEN] = { HTYPE_ETHERNET };

	memcpy(id + 1, r->id->mac, DHCP_MAC_LEN);
	put(o, OPT_TYPE, &type, sizeof(type));
	put(o, OPT_CLIENT_ID, id, sizeof(id));
	put_addr(o, OPT_WANTED, r->wanted);
	put_addr(o, OPT_SERVER, r->server);
	if (r->type == DHCP_DISCOVER || r->type == DHCP_REQUEST) {
		if (r->id->name[0] != '\0')
			put(o, OPT_HOST_NAME, r->id->name, strlen(r->id->name));
		put(o, OPT_MAX_SIZE, &max, sizeof(max));
		put(o, OPT_PARAMETERS, wanted, sizeof(wanted));
	}
	*o->at++ = OPT_END;
}

size_t
dhcp_msg_write(uint8_t buf[DHCP_MSG_MAX], const struct dhcp_request *r)
{
	struct fixed f = { .op = OP_REQUEST,
		.htype = HTYPE_ETHERNET,
		.hlen = DHCP_MAC_LEN,
		.xid = htonl(r->xid),
		.secs = htons(r->secs),
		.flags = htons(FLAG_BROADCAST),
		.ciaddr = r->ciaddr };
	struct out o = { buf + sizeof(f) };
	size_t len;

	memset(buf, 0, DHCP_MSG_MAX);
	memcpy(f.chaddr, r->id->mac, DHCP_MAC_LEN);
	memcpy(f.cookie, cookie, sizeof(cookie));
	memcpy(buf, &f, sizeof(f));
	put_options(&o, r);
	len = (size_t)(o.at - buf);
	return len < MSG_MIN ? MSG_MIN : len;
}

static uint32_t
read_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

static void
read_dns(struct dhcp_reply *r, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < 2 && len >= (i + 1) * sizeof(r->dns[i]); i++)
		memcpy(
		    &r->dns[i], p + i * sizeof(r->dns[i]), sizeof(r->dns[i]));
}

static void
read_option(struct dhcp_reply *r, uint8_t option, const uint8_t *p, size_t len)
{
	if (option == OPT_TYPE && len == 1)
		r->type = (enum dhcp_type)p[0];
	else if (option == OPT_DNS)
		read_dns(r, p, len);
	else if (len != 4)
		return;
	else if (option == OPT_SERVER)
		memcpy(&r->server, p, sizeof(r->server));
	else if (option == OPT_LEASE)
		r->lease_s = read_u32(p);
	else if (option == OPT_RENEW)
		r->renew_s = read_u32(p);
}

/* False: one reaches beyond the end. */
static bool
read_options(struct dhcp_reply *r, const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p != OPT_END) {
		if (*p == OPT_PAD) {
			p++;
			continue;
		}
		if (end - p < 2 || p[1] > end - p - 2)
			return false;
		read_option(r, p[0], p + 2, p[1]);
		p += 2 + p[1];
	}
	return true;
}

bool
dhcp_msg_read(struct dhcp_reply *r, const uint8_t *data, size_t len)
{
	struct fixed f;

	memset(r, 0, sizeof(*r));
	if (len < sizeof(f))
		return false;
	memcpy(&f, data, sizeof(f));
	if (f.op != OP_REPLY || f.htype != HTYPE_ETHERNET ||
	    f.hlen != DHCP_MAC_LEN ||
	    memcmp(f.cookie, cookie, sizeof(cookie)) != 0)
		return false;
	r->xid = ntohl(f.xid);
	memcpy(r->mac, f.chaddr, DHCP_MAC_LEN);
	r->address = f.yiaddr;
	if (!read_options(r, data + sizeof(f), data + len))
		return false;
	return r->type == DHCP_OFFER || r->type == DHCP_ACK ||
	       r->type == DHCP_NAK;
}
