/* SPDX-License-Identifier: ISC */
/* XFRM netlink; contract in xfrm.h. */

#include "xfrm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>

#include "nl.h"

#define L2TP_PORT 1701
#define XFRM_BUF 16384

enum kind {
	KIND_SA,
	KIND_POLICY,
};

/* A deletion request, ready to be sent. */
struct victim {
	struct victim *next;
	struct nlmsghdr *msg; /* in buf */
	_Alignas(struct nlmsghdr) char buf[512];
};

struct reaper {
	bool neighbour;
	bool failed;
	struct victim *victims;
	unsigned int n;
};

static bool
is_l2tp(const struct xfrm_selector *s)
{
	return s->proto == IPPROTO_UDP &&
	       (ntohs(s->sport) == L2TP_PORT || ntohs(s->dport) == L2TP_PORT);
}

/* ICMPv6 keeps its type where UDP has the source port. */
static bool
is_neighbour(const struct xfrm_selector *s)
{
	return s->family == AF_INET6 && s->proto == IPPROTO_ICMPV6 &&
	       (ntohs(s->sport) == ND_NEIGHBOR_SOLICIT ||
		   ntohs(s->sport) == ND_NEIGHBOR_ADVERT);
}

static struct victim *
victim_add(struct reaper *r, uint16_t type)
{
	struct victim *v;

	v = calloc(1, sizeof(*v));
	if (v == NULL) {
		r->failed = true;
		return NULL;
	}
	v->msg = mnl_nlmsg_put_header(v->buf);
	v->msg->nlmsg_type = type;
	v->msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	v->next = r->victims;
	r->victims = v;
	r->n++;
	return v;
}

static int
on_mark(const struct nlattr *attr, void *arg)
{
	struct victim *v = arg;

	if (mnl_attr_get_type(attr) == XFRMA_MARK &&
	    mnl_attr_get_payload_len(attr) == sizeof(struct xfrm_mark))
		mnl_attr_put(v->msg, XFRMA_MARK, sizeof(struct xfrm_mark),
		    mnl_attr_get_payload(attr));
	return MNL_CB_OK;
}

static int
on_sa(const struct nlmsghdr *h, void *arg)
{
	const struct xfrm_usersa_info *sa = mnl_nlmsg_get_payload(h);
	struct xfrm_usersa_id *id;
	struct reaper *r = arg;
	struct victim *v;

	if (h->nlmsg_type != XFRM_MSG_NEWSA || sa->id.proto != IPPROTO_ESP ||
	    sa->mode != XFRM_MODE_TRANSPORT || !is_l2tp(&sa->sel))
		return MNL_CB_OK;
	v = victim_add(r, XFRM_MSG_DELSA);
	if (v == NULL)
		return MNL_CB_STOP;
	id = mnl_nlmsg_put_extra_header(v->msg, sizeof(*id));
	id->daddr = sa->id.daddr;
	id->spi = sa->id.spi;
	id->family = sa->family;
	id->proto = sa->id.proto;
	(void)mnl_attr_parse(h, sizeof(*sa), on_mark, v);
	return MNL_CB_OK;
}

static int
on_policy(const struct nlmsghdr *h, void *arg)
{
	const struct xfrm_userpolicy_info *p = mnl_nlmsg_get_payload(h);
	struct xfrm_userpolicy_id *id;
	struct reaper *r = arg;
	struct victim *v;

	if (h->nlmsg_type != XFRM_MSG_NEWPOLICY || p->dir > XFRM_POLICY_FWD ||
	    !(is_l2tp(&p->sel) || (r->neighbour && is_neighbour(&p->sel))))
		return MNL_CB_OK;
	v = victim_add(r, XFRM_MSG_DELPOLICY);
	if (v == NULL)
		return MNL_CB_STOP;
	id = mnl_nlmsg_put_extra_header(v->msg, sizeof(*id));
	id->sel = p->sel;
	id->dir = p->dir;
	(void)mnl_attr_parse(h, sizeof(*p), on_mark, v);
	return MNL_CB_OK;
}

static int
dump(struct mnl_socket *nl, enum kind kind, struct reaper *r)
{
	char buf[XFRM_BUF];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = kind == KIND_SA ? XFRM_MSG_GETSA : XFRM_MSG_GETPOLICY;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	return nl_talk(nl, h, kind == KIND_SA ? on_sa : on_policy, r);
}

/* Deletes all victims and forgets them; what is gone already is fine. */
static int
kill_victims(struct mnl_socket *nl, struct reaper *r)
{
	struct victim *v;
	int rc = 0;

	while ((v = r->victims) != NULL) {
		r->victims = v->next;
		if (nl_talk(nl, v->msg, NULL, NULL) == -1 && errno != ESRCH &&
		    errno != ENOENT)
			rc = -1;
		free(v);
	}
	return rc;
}

int
xfrm_reap(bool neighbour)
{
	struct reaper r = { .neighbour = neighbour };
	struct mnl_socket *nl;
	int rc = -1;

	nl = nl_open(NETLINK_XFRM, 0);
	if (nl == NULL)
		return -1;
	if (dump(nl, KIND_SA, &r) != -1 && dump(nl, KIND_POLICY, &r) != -1)
		rc = 0;
	if (kill_victims(nl, &r) == -1 || r.failed)
		rc = -1;
	mnl_socket_close(nl);
	return rc == -1 ? -1 : (int)r.n;
}

static int
on_any_neighbour(const struct nlmsghdr *h, void *arg)
{
	const struct xfrm_userpolicy_info *p = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type == XFRM_MSG_NEWPOLICY && is_neighbour(&p->sel))
		*(bool *)arg = true;
	return MNL_CB_OK;
}

bool
xfrm_has_neighbour_policies(void)
{
	char buf[XFRM_BUF];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct mnl_socket *nl;
	bool found = false;

	nl = nl_open(NETLINK_XFRM, 0);
	if (nl == NULL)
		return false;
	h->nlmsg_type = XFRM_MSG_GETPOLICY;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (nl_talk(nl, h, on_any_neighbour, &found) == -1)
		found = false;
	mnl_socket_close(nl);
	return found;
}

const char *
xfrm_missing(void)
{
	struct mnl_socket *nl;

	nl = nl_open(NETLINK_XFRM, 0);
	if (nl == NULL)
		return "no XFRM netlink (module xfrm_user)";
	mnl_socket_close(nl);
	return NULL;
}
