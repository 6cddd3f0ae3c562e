/* SPDX-License-Identifier: ISC */
/* Messages of XFRM netlink to events; contract in xfrm_event.h. */

#include "xfrm_event.h"

#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <libmnl/libmnl.h>

#define L2TP_PORT 1701

bool
xfrm_addr_get(const xfrm_address_t *x, uint16_t family, struct lns_addr *a)
{
	memset(a, 0, sizeof(*a));
	if (family == AF_INET) {
		a->family = 4;
		memcpy(a->ip, &x->a4, 4);
		return true;
	}
	a->family = 6;
	memcpy(a->ip, x->a6, 16);
	return family == AF_INET6;
}

void
xfrm_addr_put(const struct lns_addr *a, xfrm_address_t *x)
{
	memset(x, 0, sizeof(*x));
	memcpy(x->a6, a->ip, 16);
}

uint16_t
xfrm_family(const struct lns_addr *a)
{
	return a->family == 6 ? AF_INET6 : AF_INET;
}

static bool
has_room(const struct nlmsghdr *h, size_t len)
{
	return mnl_nlmsg_get_payload_len(h) >= len;
}

static int
on_sa_attr(const struct nlattr *attr, void *arg)
{
	struct sa_info *sa = arg;
	struct xfrm_encap_tmpl encap;

	if (mnl_attr_get_type(attr) != XFRMA_ENCAP ||
	    mnl_attr_get_payload_len(attr) < sizeof(encap))
		return MNL_CB_OK;
	memcpy(&encap, mnl_attr_get_payload(attr), sizeof(encap));
	sa->encap_sport = ntohs(encap.encap_sport);
	sa->encap_dport = ntohs(encap.encap_dport);
	return MNL_CB_OK;
}

/* The source of an SA that xfrm_sa_widen() made is only in its selector. */
static bool
get_source(const struct xfrm_usersa_info *x, struct lns_addr *a)
{
	const __be32 *ip = x->saddr.a6;
	bool any = (ip[0] | ip[1] | ip[2] | ip[3]) == 0;

	return xfrm_addr_get(any ? &x->sel.saddr : &x->saddr, x->family, a);
}

/* attrs_at: where the attributes begin in the payload. */
static void
parse_sa(const struct nlmsghdr *h, const struct xfrm_usersa_info *x,
    size_t attrs_at, struct xfrm_event *e)
{
	uint16_t sport = ntohs(x->sel.sport), dport = ntohs(x->sel.dport);

	if (x->id.proto != IPPROTO_ESP || x->mode != XFRM_MODE_TRANSPORT ||
	    x->sel.proto != IPPROTO_UDP ||
	    (sport != L2TP_PORT && dport != L2TP_PORT) ||
	    !get_source(x, &e->sa.src) ||
	    !xfrm_addr_get(&x->id.daddr, x->family, &e->sa.dst))
		return;
	e->type = XFRM_EVENT_SA;
	e->sa.spi = ntohl(x->id.spi);
	e->sa.reqid = x->reqid;
	e->sa.sel_sport = sport;
	e->sa.sel_dport = dport;
	(void)mnl_attr_parse(h, (unsigned int)attrs_at, on_sa_attr, &e->sa);
}

static void
parse_new(const struct nlmsghdr *h, struct xfrm_event *e)
{
	if (has_room(h, sizeof(struct xfrm_usersa_info)))
		parse_sa(h, mnl_nlmsg_get_payload(h),
		    sizeof(struct xfrm_usersa_info), e);
}

static void
parse_deleted(const struct nlmsghdr *h, struct xfrm_event *e)
{
	const struct xfrm_usersa_id *id = mnl_nlmsg_get_payload(h);

	if (!has_room(h, sizeof(*id)) || id->proto != IPPROTO_ESP ||
	    !xfrm_addr_get(&id->daddr, id->family, &e->sa.dst))
		return;
	e->type = XFRM_EVENT_GONE;
	e->sa.spi = ntohl(id->spi);
}

/* A hard end comes without a deletion. */
static void
parse_expired(const struct nlmsghdr *h, struct xfrm_event *e)
{
	const struct xfrm_user_expire *x = mnl_nlmsg_get_payload(h);

	if (!has_room(h, sizeof(*x)) || x->hard == 0)
		return;
	parse_sa(h, &x->state, sizeof(*x), e);
	if (e->type == XFRM_EVENT_SA)
		e->type = XFRM_EVENT_GONE;
}

static void
parse_mapping(const struct nlmsghdr *h, struct xfrm_event *e)
{
	const struct xfrm_user_mapping *m = mnl_nlmsg_get_payload(h);

	if (!has_room(h, sizeof(*m)) ||
	    !xfrm_addr_get(&m->id.daddr, m->id.family, &e->sa.dst) ||
	    !xfrm_addr_get(&m->new_saddr, m->id.family, &e->sa.src))
		return;
	e->type = XFRM_EVENT_MAPPING;
	e->sa.spi = ntohl(m->id.spi);
	e->sa.encap_sport = ntohs(m->new_sport);
}

void
xfrm_event_parse(const struct nlmsghdr *h, struct xfrm_event *e)
{
	memset(e, 0, sizeof(*e));
	switch (h->nlmsg_type) {
	case XFRM_MSG_NEWSA:
	case XFRM_MSG_UPDSA:
		parse_new(h, e);
		break;
	case XFRM_MSG_DELSA:
		parse_deleted(h, e);
		break;
	case XFRM_MSG_EXPIRE:
		parse_expired(h, e);
		break;
	case XFRM_MSG_FLUSHSA:
		e->type = XFRM_EVENT_FLUSH;
		break;
	case XFRM_MSG_MAPPING:
		parse_mapping(h, e);
		break;
	default:
		break;
	}
}
