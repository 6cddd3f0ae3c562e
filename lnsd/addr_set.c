/* SPDX-License-Identifier: ISC */
/* Addresses of interfaces; contract in addr_set.h. */

#include "addr_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "log.h"

struct addr {
	unsigned int ifindex;
	struct lns_addr address;
	enum addr_use use;
	bool stale; /* not seen since addr_set_begin() */
};

struct addr_set {
	addr_fn fn;
	void *arg;
	struct addr *list;
	size_t n;
};

enum addr_use
addr_use_of(const struct lns_addr *a, uint8_t scope, uint32_t flags)
{
	if (a->family == 4)
		return a->ip[0] == IN_LOOPBACKNET ? ADDR_NONE : ADDR_ANY;
	/* Nothing can be bound to an address until duplicate address detection
	 * (RFC 4862 5.4) is over; the kernel tells of the address again then.
	 */
	if (scope != RT_SCOPE_UNIVERSE ||
	    (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0)
		return ADDR_NONE;
	/* Nobody dials a temporary address (RFC 8981), and there is a new one
	 * every day. */
	return (flags & (IFA_F_DEPRECATED | IFA_F_TEMPORARY)) != 0 ? ADDR_NAMED
								   : ADDR_ANY;
}

struct addr_set *
addr_set_new(addr_fn fn, void *arg)
{
	struct addr_set *s;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->fn = fn;
	s->arg = arg;
	return s;
}

void
addr_set_free(struct addr_set *s)
{
	if (s == NULL)
		return;
	free(s->list);
	free(s);
}

static struct addr *
find(const struct addr_set *s, unsigned int ifindex, const struct lns_addr *a)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->list[i].ifindex == ifindex &&
		    lns_same_ip(&s->list[i].address, a))
			return &s->list[i];
	return NULL;
}

static struct addr *
add(struct addr_set *s, unsigned int ifindex, const struct lns_addr *a)
{
	struct addr *more;

	more = reallocarray(s->list, s->n + 1, sizeof(*more));
	if (more == NULL) {
		log_warn("addr", "an address is left out");
		return NULL;
	}
	s->list = more;
	s->list[s->n] = (struct addr){ .ifindex = ifindex, .address = *a };
	return &s->list[s->n++];
}

/* On whichever interface it is good for most. */
static enum addr_use
best_use(const struct addr_set *s, const struct lns_addr *a)
{
	enum addr_use best = ADDR_NONE;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->list[i].use > best &&
		    lns_same_ip(&s->list[i].address, a))
			best = s->list[i].use;
	return best;
}

/* Of no use any more, x goes: the last one takes its place. */
static void
change(struct addr_set *s, struct addr *x, enum addr_use use)
{
	struct lns_addr a = x->address;
	enum addr_use before = best_use(s, &a), after;

	x->use = use;
	if (use == ADDR_NONE)
		*x = s->list[--s->n];
	after = best_use(s, &a);
	if (after != before)
		s->fn(&a, after, s->arg);
}

void
addr_set_put(struct addr_set *s, unsigned int ifindex, const struct lns_addr *a,
    enum addr_use use)
{
	struct addr *x;

	x = find(s, ifindex, a);
	if (x == NULL && use != ADDR_NONE)
		x = add(s, ifindex, a);
	if (x == NULL)
		return;
	x->stale = false;
	change(s, x, use);
}

void
addr_set_begin(struct addr_set *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		s->list[i].stale = true;
}

void
addr_set_end(struct addr_set *s)
{
	size_t i = 0;

	while (i < s->n)
		if (s->list[i].stale)
			change(s, &s->list[i], ADDR_NONE);
		else
			i++;
}
