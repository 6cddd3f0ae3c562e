/* SPDX-License-Identifier: ISC */
/*
 * Another configuration for the sessions to come; contract in include/ppp.h.
 * Those that are there hold the one that they began with (profile_of()); what
 * all sessions of a profile share keeps its number and is changed in place, or
 * made anew beside the old one, which goes when nobody waits for it.
 */

#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "log.h"
#include "reserve.h"
#include "user.h"
#include "user_file.h"

void
ppp_free_retired(struct ppp_service *s)
{
	const struct ppp_link *l;
	struct retired *r;

	if (LIST_EMPTY(&s->retired))
		return;
	TAILQ_FOREACH (l, &s->links, entry)
		if (l->starting)
			return;
	while ((r = LIST_FIRST(&s->retired)) != NULL) {
		LIST_REMOVE(r, entry);
		prepared_free(r->prepared);
		conf_free(r->conf);
		free(r);
	}
}

/* --- room --- */

/* The service's lists by profile: each a list of pointers. */
static bool
lengthen(void *list, size_t n_old, size_t n)
{
	void **old, **longer;

	memcpy(&old, list, sizeof(old));
	longer = calloc(n + 1, sizeof(*longer));
	if (longer == NULL)
		return false;
	if (old != NULL)
		memcpy(longer, old, n_old * sizeof(*longer));
	free(old);
	memcpy(list, &longer, sizeof(longer));
	return true;
}

static bool
make_room(struct ppp_service *s, size_t n)
{
	const size_t n_old = s->conf->n_ppp;

	return lengthen(&s->pools, n_old, n) && lengthen(&s->dhcp, n_old, n) &&
	       lengthen(&s->probers, n_old, n) &&
	       lengthen(&s->radius, n_old, n) &&
	       lengthen(&s->prepared, n_old, n) &&
	       lengthen(&s->radius_conf, n_old, n) &&
	       lengthen(&s->prepared_conf, n_old, n);
}

/* --- parts of a profile --- */

/* Parts of one that is new, but for its pool; without memory it has fewer. */
static void
add_profile(struct ppp_service *s, const struct conf *next, size_t i)
{
	const struct conf_ppp *ppp = &next->ppp[i];

	if (ppp->dhcp)
		s->dhcp[i] = dhcp_new(ppp->local_address);
	else if (ppp->arp_probe)
		s->probers[i] = arp_prober_new(ppp->local_address);
	if (ppp->radius.n_servers == 0)
		return;
	s->radius[i] = radius_new(next, ppp);
	s->radius_conf[i] = conf_hold(next);
	if (s->radius[i] == NULL)
		log_warnx("radius", "ppp \"%s\": no memory for its servers",
		    ppp->name);
}

static void
retire_prepared(struct ppp_service *s, size_t i)
{
	struct retired *r;

	if (s->prepared[i] == NULL)
		return;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return; /* the old one goes on as it is */
	r->prepared = s->prepared[i];
	r->conf = s->prepared_conf[i];
	LIST_INSERT_HEAD(&s->retired, r, entry);
	s->prepared[i] = NULL;
	s->prepared_conf[i] = NULL;
}

/* Of s->conf, which is the new one by now. */
static void
renew_prepared(struct ppp_service *s, size_t i)
{
	const struct conf_ppp *ppp = &s->conf->ppp[i];

	retire_prepared(s, i);
	if (ppp->gone || !ppp->pppd_prepared || s->prepared[i] != NULL)
		return;
	s->prepared[i] = ppp_new_prepared(s, i);
	s->prepared_conf[i] = conf_hold(s->conf);
}

/* Pools of profiles that are new; false: out of memory, and there is none. */
static bool
add_pools(struct ppp_service *s, const struct conf *next, size_t n_old)
{
	size_t i;

	for (i = n_old; i < next->n_ppp; i++) {
		s->pools[i] =
		    pool_new(next->ppp[i].pool, next->ppp[i].n_pool, NULL, 0);
		if (s->pools[i] != NULL)
			continue;
		while (i-- > n_old) {
			pool_free(s->pools[i]);
			s->pools[i] = NULL;
		}
		return false;
	}
	return true;
}

static void
change_pool(struct ppp_service *s, const struct conf_ppp *ppp, size_t i)
{
	if (!pool_resize(s->pools[i], ppp->pool, ppp->n_pool))
		log_warnx(
		    "ppp", "ppp \"%s\": no memory for another pool", ppp->name);
}

static void
change_users(struct ppp_service *s, struct user_db *db)
{
	static const struct conf_users none;

	user_file_free(s->user_file);
	s->user_file = NULL;
	user_db_free(s->users);
	s->users = db;
	if (!reserve(s, &none))
		log_warnx("ppp", "no memory to keep addresses for users");
	if (!ppp_make_user_file(s))
		log_warnx("ppp", "no memory for users-file");
}

int
ppp_service_reload(struct ppp_service *s, const struct conf *next,
    const struct conf_changes *ch)
{
	const size_t n_old = s->conf->n_ppp;
	struct user_db *db;
	size_t i;

	/* What can fail, before anything has changed. */
	db = user_db_new(next->users, next->n_users, s->chap);
	if (db == NULL || !make_room(s, next->n_ppp) ||
	    !link6_service_make_room(s->ipv6, next->n_ppp) ||
	    !add_pools(s, next, n_old)) {
		user_db_free(db);
		return -1;
	}
	s->conf = next;
	link6_service_reload(s->ipv6, next);
	for (i = 0; i < n_old; i++)
		if (ch->ppp[i])
			change_pool(s, &next->ppp[i], i);
	change_users(s, db);
	for (i = 0; i < next->n_ppp; i++) {
		if (i >= n_old)
			add_profile(s, next, i);
		else if (s->radius[i] != NULL && !next->ppp[i].gone)
			radius_reload(s->radius[i], next, &next->ppp[i]);
		if (ch->ppp[i])
			renew_prepared(s, i);
	}
	ppp_renew_coa(s);
	ppp_make_clamp(s);
	ppp_free_retired(s);
	return 0;
}
