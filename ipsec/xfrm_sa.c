/* SPDX-License-Identifier: ISC */
/* Changes to SAs; contract in xfrm_sa.h. */

#include "xfrm_sa.h"

#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/xfrm.h>

#include "nl.h"
#include "xfrm_event.h"

/* The SA as the kernel tells it, with its keys, to be told back. */
struct told {
	size_t len; /* 0: not there */
	_Alignas(struct nlmsghdr) char buf[NL_BUF];
};

static struct nlmsghdr *
message(struct told *t)
{
	return (void *)t->buf;
}

static struct xfrm_usersa_info *
info(struct told *t)
{
	return mnl_nlmsg_get_payload(message(t));
}

static int
on_told(const struct nlmsghdr *h, void *arg)
{
	struct told *t = arg;

	if (h->nlmsg_type != XFRM_MSG_NEWSA || h->nlmsg_len > sizeof(t->buf) ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(struct xfrm_usersa_info))
		return MNL_CB_OK;
	memcpy(t->buf, h, h->nlmsg_len);
	t->len = h->nlmsg_len;
	return MNL_CB_STOP;
}

static struct nlmsghdr *
put_id(char *buf, uint16_t type, const struct sa_info *sa)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct xfrm_usersa_id *id;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST;
	id = mnl_nlmsg_put_extra_header(h, sizeof(*id));
	xfrm_addr_put(&sa->dst, &id->daddr);
	id->spi = htonl(sa->spi);
	id->family = xfrm_family(&sa->dst);
	id->proto = IPPROTO_ESP;
	return h;
}

static int
get(struct mnl_socket *nl, const struct sa_info *sa, struct told *t)
{
	char buf[256];

	t->len = 0;
	if (nl_talk(nl, put_id(buf, XFRM_MSG_GETSA, sa), on_told, t) == -1)
		return -1;
	if (t->len != 0)
		return 0;
	errno = ESRCH;
	return -1;
}

/* In a kernel that is locked down for confidentiality GETSA tells zeros. */
static int
on_key(const struct nlattr *attr, void *arg)
{
	static const size_t key_at[XFRMA_MAX + 1] = {
		[XFRMA_ALG_AEAD] = sizeof(struct xfrm_algo_aead),
		[XFRMA_ALG_CRYPT] = sizeof(struct xfrm_algo),
		[XFRMA_ALG_AUTH] = sizeof(struct xfrm_algo),
		[XFRMA_ALG_AUTH_TRUNC] = sizeof(struct xfrm_algo_auth),
	};
	const uint8_t *p = mnl_attr_get_payload(attr);
	uint16_t type = mnl_attr_get_type(attr);
	size_t i, len = mnl_attr_get_payload_len(attr);
	bool *hidden = arg;

	if (type > XFRMA_MAX || key_at[type] == 0 || len <= key_at[type])
		return MNL_CB_OK;
	for (i = key_at[type]; i < len; i++)
		if (p[i] != 0)
			return MNL_CB_OK;
	*hidden = true;
	return MNL_CB_STOP;
}

static bool
has_keys(struct told *t)
{
	bool hidden = false;

	(void)mnl_attr_parse(message(t), sizeof(*info(t)), on_key, &hidden);
	return !hidden;
}

static int
drop(struct mnl_socket *nl, const struct sa_info *sa)
{
	char buf[256];
	struct nlmsghdr *h = put_id(buf, XFRM_MSG_DELSA, sa);

	h->nlmsg_flags |= NLM_F_ACK;
	h->nlmsg_pid = mnl_socket_get_portid(nl);
	return nl_talk(nl, h, NULL, NULL);
}

static int
tell(struct mnl_socket *nl, struct told *t, uint16_t type)
{
	struct nlmsghdr *h = message(t);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	h->nlmsg_pid = mnl_socket_get_portid(nl);
	return nl_talk(nl, h, NULL, NULL);
}

static int
done(struct told *t, int rc)
{
	int err = errno;

	explicit_bzero(t->buf, t->len);
	errno = err;
	return rc == -1 ? -1 : 0;
}

struct remap {
	const struct sa_info *sa;
	struct told *told;
};

static int
on_encap(const struct nlattr *attr, void *arg)
{
	const struct remap *r = arg;
	struct xfrm_encap_tmpl *encap;
	size_t at;

	if (mnl_attr_get_type(attr) != XFRMA_ENCAP ||
	    mnl_attr_get_payload_len(attr) < sizeof(*encap))
		return MNL_CB_OK;
	at = (size_t)((const char *)mnl_attr_get_payload(attr) - r->told->buf);
	encap = (void *)(r->told->buf + at);
	encap->encap_sport = htons(r->sa->encap_sport);
	encap->encap_dport = htons(r->sa->encap_dport);
	return MNL_CB_STOP;
}

int
xfrm_sa_remap(struct mnl_socket *nl, const struct sa_info *sa)
{
	struct told t;
	struct remap r = { .sa = sa, .told = &t };

	if (get(nl, sa, &t) == -1)
		return -1;
	(void)mnl_attr_parse(message(&t), sizeof(*info(&t)), on_encap, &r);
	return done(&t, tell(nl, &t, XFRM_MSG_UPDSA));
}

/* False: it was. */
static bool
widen(struct xfrm_usersa_info *x, bool inbound)
{
	uint8_t *bits = inbound ? &x->sel.prefixlen_d : &x->sel.prefixlen_s;

	if (*bits == 0)
		return false;
	*bits = 0;
	if (!inbound)
		memset(&x->saddr, 0, sizeof(x->saddr));
	return true;
}

int
xfrm_sa_widen(
    struct mnl_socket *nl, const struct sa_info *sa, bool inbound, bool *lost)
{
	struct told t;

	*lost = false;
	if (get(nl, sa, &t) == -1)
		return -1;
	if (!widen(info(&t), inbound))
		return done(&t, 0);
	if (!has_keys(&t)) {
		errno = EACCES;
		return done(&t, -1);
	}
	if (drop(nl, sa) == -1)
		return done(&t, -1);
	if (tell(nl, &t, XFRM_MSG_NEWSA) == -1) {
		*lost = true;
		return done(&t, -1);
	}
	return done(&t, 0);
}
