/* SPDX-License-Identifier: ISC */
/* Addresses of interfaces; contract in addr_set.h. */

#include "addr_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <netinet/in.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "log.h"

struct addr {
	LIST_ENTRY(addr) entry;
	unsigned int ifindex;
	struct lns_addr address;
	enum addr_use use;
	bool stale; /* not seen since addr_set_begin() */
};

LIST_HEAD(addr_list, addr);

struct addr_set {
	addr_fn fn;
	void *arg;
	struct addr_list list;
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
	LIST_INIT(&s->list);
	return s;
}

void
addr_set_free(struct addr_set *s)
{
	struct addr *x, *next;

	if (s == NULL)
		return;
	for (x = LIST_FIRST(&s->list); x != NULL; x = next) {
		next = LIST_NEXT(x, entry);
		free(x);
	}
	free(s);
}

static struct addr *
find(const struct addr_set *s, unsigned int ifindex, const struct lns_addr *a)
{
	struct addr *x;

	LIST_FOREACH (x, &s->list, entry)
		if (x->ifindex == ifindex && lns_same_ip(&x->address, a))
			return x;
	return NULL;
}

/* On whichever interface it is good for most. */
static enum addr_use
best_use(const struct addr_set *s, const struct lns_addr *a)
{
	enum addr_use best = ADDR_NONE;
	struct addr *x;

	LIST_FOREACH (x, &s->list, entry)
		if (x->use > best && lns_same_ip(&x->address, a))
			best = x->use;
	return best;
}

static void
change(struct addr_set *s, struct addr *x, enum addr_use use)
{
	struct lns_addr a = x->address;
	enum addr_use before = best_use(s, &a), after;

	if (use == ADDR_NONE) {
		LIST_REMOVE(x, entry);
		free(x);
	} else {
		x->use = use;
	}
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
	if (x == NULL && use == ADDR_NONE)
		return;
	if (x == NULL) {
		x = calloc(1, sizeof(*x));
		if (x == NULL) {
			log_warn("addr", "an address is left out");
			return;
		}
		x->ifindex = ifindex;
		x->address = *a;
		LIST_INSERT_HEAD(&s->list, x, entry);
	}
	x->stale = false;
	change(s, x, use);
}

void
addr_set_begin(struct addr_set *s)
{
	struct addr *x;

	LIST_FOREACH (x, &s->list, entry)
		x->stale = true;
}

void
addr_set_end(struct addr_set *s)
{
	struct addr *x, *next;

	for (x = LIST_FIRST(&s->list); x != NULL; x = next) {
		next = LIST_NEXT(x, entry);
		if (x->stale)
			change(s, x, ADDR_NONE);
	}
}
