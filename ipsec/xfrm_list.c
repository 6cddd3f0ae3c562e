/* SPDX-License-Identifier: ISC */
/* The kernel's list of SAs; contracts in xfrm_list.h, include/ipsec_view.h. */

#include "xfrm_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/xfrm.h>

#include "nl.h"
#include "xfrm_event.h"

/* Of a list that changes while it is read. */
#define TRIES 3

struct algs_of {
	const char *crypt, *auth; /* names; NULL: none */
	unsigned int bits;	  /* of the key of crypt */
	bool aead;
};

static const char *
plain_name(const char *name)
{
	static const struct {
		const char *kernel, *name;
	} names[] = {
		{ "cbc(aes)", "aes" },
		{ "cbc(des3_ede)", "3des" },
		{ "cbc(des)", "des" },
		{ "rfc4106(gcm(aes))", "aes" },
		{ "hmac(sha1)", "sha1" },
		{ "hmac(sha256)", "sha256" },
		{ "hmac(sha384)", "sha384" },
		{ "hmac(sha512)", "sha512" },
		{ "hmac(md5)", "md5" },
		{ "ecb(cipher_null)", "null" },
		{ "cipher_null", "null" },
	};
	size_t i;

	for (i = 0; i < nitems(names); i++)
		if (strcmp(names[i].kernel, name) == 0)
			return names[i].name;
	return name;
}

static void
put_cipher(char *out, size_t size, const struct algs_of *a)
{
	const char *crypt = a->crypt == NULL ? "null" : plain_name(a->crypt);
	const char *auth = a->auth == NULL ? NULL : plain_name(a->auth);
	/* The salt of RFC 4106 counts. */
	unsigned int bits = a->aead && a->bits > 32 ? a->bits - 32 : a->bits;
	char strength[16] = "";

	if (strcmp(crypt, "aes") == 0)
		snprintf(strength, sizeof(strength), "%u", bits);
	snprintf(out, size, "%s%s%s%s", crypt, strength,
	    a->aead ? "-gcm" : (auth != NULL ? "-" : ""),
	    !a->aead && auth != NULL ? auth : "");
}

/* Does the name that an attribute begins with end in it? */
static const char *
name_in(const struct nlattr *attr, size_t header)
{
	const char *name = mnl_attr_get_payload(attr);

	if (mnl_attr_get_payload_len(attr) < header ||
	    memchr(name, '\0', 64) == NULL)
		return NULL;
	return name;
}

static int
take_alg(const struct nlattr *attr, void *arg)
{
	struct algs_of *a = arg;
	const void *p = mnl_attr_get_payload(attr);
	struct xfrm_algo algo;
	struct xfrm_algo_aead aead;

	switch (mnl_attr_get_type(attr)) {
	case XFRMA_ALG_AEAD:
		a->crypt = name_in(attr, sizeof(aead));
		if (a->crypt == NULL)
			break;
		memcpy(&aead, p, sizeof(aead));
		a->bits = aead.alg_key_len;
		a->aead = true;
		break;
	case XFRMA_ALG_CRYPT:
		a->crypt = name_in(attr, sizeof(algo));
		if (a->crypt == NULL)
			break;
		memcpy(&algo, p, sizeof(algo));
		a->bits = algo.alg_key_len;
		break;
	case XFRMA_ALG_AUTH:
		a->auth = name_in(attr, sizeof(struct xfrm_algo));
		break;
	case XFRMA_ALG_AUTH_TRUNC:
		a->auth = name_in(attr, sizeof(struct xfrm_algo_auth));
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

bool
xfrm_list_parse(const struct nlmsghdr *h, struct ipsec_sa_detail *d)
{
	struct xfrm_usersa_info x;
	struct algs_of algs = { .crypt = NULL };

	memset(d, 0, sizeof(*d));
	if (h->nlmsg_type != XFRM_MSG_NEWSA ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(x)))
		return false;
	memcpy(&x, NLMSG_DATA(h), sizeof(x));
	if (x.id.proto != IPPROTO_ESP ||
	    !xfrm_addr_get(&x.id.daddr, x.family, &d->dst))
		return false;
	(void)mnl_attr_parse(h, sizeof(x), take_alg, &algs);
	d->spi = ntohl(x.id.spi);
	d->octets = x.curlft.bytes;
	d->packets = x.curlft.packets;
	d->made_s = x.curlft.add_time;
	put_cipher(d->cipher, sizeof(d->cipher), &algs);
	return true;
}

struct list {
	struct ipsec_sa_detail *at;
	size_t n, cap;
	bool failed; /* no memory */
};

static int
take_sa(const struct nlmsghdr *h, void *arg)
{
	struct ipsec_sa_detail d, *more;
	struct list *l = arg;

	if (!xfrm_list_parse(h, &d))
		return MNL_CB_OK;
	if (l->n == l->cap) {
		more = reallocarray(l->at, 2 * l->cap, sizeof(*more));
		if (more == NULL) {
			l->failed = true;
			return MNL_CB_STOP;
		}
		l->at = more;
		l->cap *= 2;
	}
	l->at[l->n++] = d;
	return MNL_CB_OK;
}

static int
by_spi(const void *va, const void *vb)
{
	const struct ipsec_sa_detail *a = va, *b = vb;

	if (a->spi != b->spi)
		return a->spi < b->spi ? -1 : 1;
	return memcmp(a->dst.ip, b->dst.ip, sizeof(a->dst.ip));
}

struct ipsec_sa_detail *
ipsec_read_sas(size_t *n)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct list l = { .cap = 64 };
	int rc = -1, i;

	l.at = calloc(l.cap, sizeof(*l.at));
	if (l.at == NULL)
		return NULL;
	h->nlmsg_type = XFRM_MSG_GETSA;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	for (i = 0; rc == -1 && i < TRIES; i++) {
		l.n = 0;
		rc = nl_ask(NETLINK_XFRM, h, take_sa, &l);
		if (rc == -1 && errno != EINTR)
			break;
	}
	/* The last, although something has changed meanwhile. */
	if (l.failed || (rc == -1 && l.n == 0)) {
		free(l.at);
		return NULL;
	}
	qsort(l.at, l.n, sizeof(*l.at), by_spi);
	*n = l.n;
	return l.at;
}

const struct ipsec_sa_detail *
ipsec_find_sa(const struct ipsec_sa_detail *at, size_t n, uint32_t spi,
    const struct lns_addr *dst)
{
	struct ipsec_sa_detail key = { .dst = *dst, .spi = spi };

	return at == NULL ? NULL : bsearch(&key, at, n, sizeof(*at), by_spi);
}
