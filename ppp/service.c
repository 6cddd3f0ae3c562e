/* SPDX-License-Identifier: ISC */
/* What all links of one configuration share; contract in include/ppp.h. */

#include "link.h"

#include <stdlib.h>

#include "clamp.h"
#include "hook.h"
#include "log.h"
#include "reserve.h"
#include "user.h"
#include "user_file.h"

/* pppd says goodbye for 3 s when the peer does not answer. */
#define KILL_AFTER_MS 5000
#define REFUSAL_STEP_MS 1000
/* How long accounting, and hooks, hold up the end. */
#define FINISH_MS 3000
#define HOOKS_FINISH_MS 10000
#define HOOK_LIMIT_MS 30000
/* A prepared pppd needs some milliseconds for both, unless the disk is slow,
 * which another pppd would wait for as well.  A phone waits for 30 s. */
static const struct prepared_times prepared_times = {
	.start_ms = 10000,
	.patience_ms = 3000,
	.back_off_ms = 1000,
};

static bool
make_pools(struct ppp_service *s)
{
	static const struct conf_users none;
	const struct conf *conf = s->conf;
	size_t i;
	bool ok;

	s->pools = calloc(conf->n_ppp + 1, sizeof(*s->pools));
	s->dhcp = calloc(conf->n_ppp + 1, sizeof(struct dhcp *));
	s->probers = calloc(conf->n_ppp + 1, sizeof(struct arp_prober *));
	ok = s->pools != NULL && s->dhcp != NULL && s->probers != NULL;
	for (i = 0; ok && i < conf->n_ppp; i++) {
		s->pools[i] =
		    pool_new(conf->ppp[i].pool, conf->ppp[i].n_pool, NULL, 0);
		ok = s->pools[i] != NULL;
		if (ok && conf->ppp[i].dhcp) {
			s->dhcp[i] = dhcp_new(conf->ppp[i].local_address);
			ok = s->dhcp[i] != NULL;
		} else if (ok && conf->ppp[i].arp_probe) {
			s->probers[i] =
			    arp_prober_new(conf->ppp[i].local_address);
			ok = s->probers[i] != NULL;
		}
	}
	return ok && reserve(s, &none);
}

static void
on_users(void *arg, const struct conf_users *users)
{
	if (!reserve(arg, users))
		log_warnx("ppp", "no memory to keep addresses for users");
}

bool
ppp_make_user_file(struct ppp_service *s)
{
	if (s->conf->users_file == NULL)
		return true;
	s->user_file = user_file_new(s->conf, s->chap, s->users, on_users, s);
	return s->user_file != NULL;
}

void
ppp_make_clamp(struct ppp_service *s)
{
	size_t i;

	if (s->clamp != NULL)
		return;
	for (i = 0; i < s->conf->n_ppp; i++)
		if (s->conf->ppp[i].mss_clamp)
			break;
	if (i == s->conf->n_ppp)
		return;
	s->clamp = clamp_new();
	if (s->clamp == NULL)
		log_warn("ppp", "no mss-clamp: nftables");
}

static bool
make_radius(struct ppp_service *s)
{
	const struct conf *conf = s->conf;
	size_t i;

	s->radius = calloc(conf->n_ppp + 1, sizeof(*s->radius));
	s->radius_conf = calloc(conf->n_ppp + 1, sizeof(struct conf *));
	if (s->radius == NULL || s->radius_conf == NULL)
		return false;
	for (i = 0; i < conf->n_ppp; i++) {
		if (conf->ppp[i].radius.n_servers == 0)
			continue;
		s->radius[i] = radius_new(conf, &conf->ppp[i]);
		s->radius_conf[i] = conf_hold(conf);
		if (s->radius[i] == NULL)
			return false;
	}
	return true;
}

static bool
can_do(void *arg, size_t profile, const struct radius_order *o,
    const struct radius_view *v)
{
	const struct ppp_service *s = arg;
	const struct ppp_link *l;

	TAILQ_FOREACH (l, &s->links, entry)
		if (l->profile == profile && !aaa_can_obey(l, o, v))
			return false;
	return true;
}

static size_t
on_order(void *arg, size_t profile, const struct radius_order *o,
    const struct radius_view *v)
{
	struct ppp_service *s = arg;
	struct ppp_link *l;
	size_t n = 0;

	TAILQ_FOREACH (l, &s->links, entry)
		n += l->profile == profile && aaa_obey(l, o, v);
	return n;
}

static bool
make_coa(struct ppp_service *s)
{
	static const struct coa_ops ops = { .can = can_do, .order = on_order };

	s->coa = coa_new(s->conf, &ops, s);
	return s->coa != NULL;
}

void
ppp_renew_coa(struct ppp_service *s)
{
	if (s->coa != NULL && coa_reload(s->coa, s->conf))
		return;
	/* What arrives in between is sent again. */
	coa_free(s->coa);
	s->coa = NULL;
	(void)make_coa(s);
}

/* Once; those who say that they are idle after that say it to nobody. */
static void
tell_finished(void *arg)
{
	struct ppp_service *s = arg;
	void (*finished)(void *) = s->finished;

	s->finished = NULL;
	if (finished != NULL)
		finished(s->finished_arg);
}

static void
part_finished(void *arg)
{
	struct ppp_service *s = arg;

	if (s->n_unfinished > 0 && --s->n_unfinished == 0)
		loop_timer_set(s->finish_timer, 0);
}

void
ppp_service_finish(
    struct ppp_service *s, void (*finished)(void *arg), void *arg)
{
	size_t i;

	s->finished = finished;
	s->finished_arg = arg;
	loop_timer_set(s->finish_timer,
	    hooks_running(s->hooks) > 0 ? HOOKS_FINISH_MS : FINISH_MS);
	s->n_unfinished = 1;
	if (hooks_running(s->hooks) > 0)
		s->n_unfinished++;
	for (i = 0; i < s->conf->n_ppp; i++) {
		if (s->radius[i] == NULL)
			continue;
		s->n_unfinished++;
		radius_finish(s->radius[i], part_finished, s);
	}
	part_finished(s);
}

struct prepared *
ppp_new_prepared(const struct ppp_service *s, size_t profile)
{
	struct pppd_spec spec;

	link_pppd_spec(s, profile, &spec);
	return prepared_new(&spec, &prepared_times);
}

static bool
make_prepared(struct ppp_service *s)
{
	size_t i;

	s->prepared = calloc(s->conf->n_ppp + 1, sizeof(struct prepared *));
	s->prepared_conf = calloc(s->conf->n_ppp + 1, sizeof(struct conf *));
	if (s->prepared == NULL || s->prepared_conf == NULL)
		return false;
	for (i = 0; i < s->conf->n_ppp; i++) {
		if (!s->conf->ppp[i].pppd_prepared)
			continue;
		s->prepared[i] = ppp_new_prepared(s, i);
		s->prepared_conf[i] = conf_hold(s->conf);
		if (s->prepared[i] == NULL)
			return false;
	}
	return true;
}

static bool
make_parts(struct ppp_service *s)
{
	return make_pools(s) && make_radius(s) && make_coa(s) &&
	       make_prepared(s) && ppp_make_user_file(s);
}

struct ppp_service *
ppp_service_new(const struct conf *conf, const char *plugin, bool debug)
{
	struct ppp_service *s;
	const char *error;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->conf = conf;
	s->plugin = plugin;
	s->pppd = PPPD_PATH;
	s->debug = debug;
	s->kill_after_ms = KILL_AFTER_MS;
	s->refusal_step_ms = REFUSAL_STEP_MS;
	TAILQ_INIT(&s->links);
	LIST_INIT(&s->retired);
	s->tries = tries_new();
	s->hooks = hooks_new(HOOK_LIMIT_MS, part_finished, s);
	s->ipv6 = link6_service_new(conf);
	s->finish_timer = loop_timer_new(tell_finished, s);
	s->chap = chap_new(&error);
	if (s->chap == NULL)
		log_warnx("ppp", "%s", error);
	else
		s->users = user_db_new(conf->users, conf->n_users, s->chap);
	if (s->users != NULL && s->hooks != NULL && s->tries != NULL &&
	    s->ipv6 != NULL && s->finish_timer != NULL && make_parts(s)) {
		ppp_make_clamp(s);
		return s;
	}
	ppp_service_free(s);
	return NULL;
}

void
ppp_service_free(struct ppp_service *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; s->pools != NULL && i < s->conf->n_ppp; i++)
		pool_free(s->pools[i]);
	free(s->pools);
	for (i = 0; s->dhcp != NULL && i < s->conf->n_ppp; i++)
		dhcp_free(s->dhcp[i]);
	free(s->dhcp);
	for (i = 0; s->probers != NULL && i < s->conf->n_ppp; i++)
		arp_prober_free(s->probers[i]);
	free(s->probers);
	clamp_free(s->clamp);
	hooks_free(s->hooks);
	link6_service_free(s->ipv6);
	for (i = 0; s->radius != NULL && i < s->conf->n_ppp; i++)
		radius_free(s->radius[i]);
	free(s->radius);
	coa_free(s->coa);
	loop_timer_free(s->finish_timer);
	for (i = 0; s->prepared != NULL && i < s->conf->n_ppp; i++)
		prepared_free(s->prepared[i]);
	free(s->prepared);
	ppp_free_retired(s);
	for (i = 0; s->radius_conf != NULL && i < s->conf->n_ppp; i++)
		conf_free(s->radius_conf[i]);
	free(s->radius_conf);
	for (i = 0; s->prepared_conf != NULL && i < s->conf->n_ppp; i++)
		conf_free(s->prepared_conf[i]);
	free(s->prepared_conf);
	user_file_free(s->user_file);
	user_db_free(s->users);
	tries_free(s->tries);
	chap_free(s->chap);
	free(s);
}

void
ppp_service_read_users(struct ppp_service *s)
{
	if (s->user_file != NULL)
		user_file_read(s->user_file);
}

size_t
ppp_service_links(const struct ppp_service *s)
{
	return s->n_links;
}
