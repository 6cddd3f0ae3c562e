/* SPDX-License-Identifier: ISC */
/*
 * The order of things: guard, then pluto; at the end pluto, what it left in
 * the kernel, guard.  Contract in include/ipsec.h.
 */

#include "ipsec.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "algs.h"
#include "assoc.h"
#include "guard.h"
#include "ipsec_view.h"
#include "log.h"
#include "loop.h"
#include "pluto.h"
#include "pluto_ask.h"
#include "pluto_files.h"
#include "policy.h"
#include "steer.h"
#include "proc.h"
#include "xfrm.h"

/* Since Linux 5.19. */
#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif

struct ipsec {
	const struct conf *conf;
	struct ipsec_ops ops;
	void *arg;
	struct pluto *pluto;	  /* NULL in mode off */
	struct assoc *assoc;	  /* NULL in mode off */
	struct loop_timer *begin; /* the first turn of the loop */
	bool guarded;
	bool guard_busy;
	bool stopping;
	bool neighbour_before; /* the exceptions were not this pluto's */
};

static void
all_gone(struct ipsec *i)
{
	i->ops.stopped(i->arg);
}

static void
unguarded(bool ok, void *arg)
{
	struct ipsec *i = arg;

	(void)ok;
	i->guarded = false;
	all_gone(i);
}

/* pluto is gone, or never was. */
static void
take_down(struct ipsec *i)
{
	int n;

	/* The system's pluto takes its own with it, and others have theirs. */
	if (i->conf->ipsec.mode == CONF_IPSEC_MANAGED) {
		n = xfrm_reap(!i->neighbour_before);
		if (n == -1)
			log_warn("ipsec", "cannot clear the kernel's SAs");
		else if (n > 0)
			log_debug(
			    "ipsec", "%d SAs and policies of pluto removed", n);
	}
	if (!i->guarded) {
		all_gone(i);
		return;
	}
	if (guard_unload(unguarded, i) == -1) {
		log_warn("ipsec", "cannot remove the guard");
		all_gone(i);
	}
}

static void
pluto_ready(void *arg)
{
	struct ipsec *i = arg;

	i->ops.ready(i->arg);
}

static void
pluto_failed(void *arg)
{
	struct ipsec *i = arg;

	i->ops.failed(i->arg);
}

static void
pluto_ike(void *arg, struct ike_told *told)
{
	struct ipsec *i = arg;

	if (i->ops.ike == NULL)
		return;
	if (told->spi != 0)
		told->client = assoc_client_of(i->assoc, told->spi);
	i->ops.ike(i->arg, told);
}

static void
pluto_stopped(void *arg)
{
	take_down(arg);
}

static void
guard_loaded(bool ok, void *arg)
{
	struct ipsec *i = arg;

	i->guard_busy = false;
	i->guarded = ok;
	if (i->stopping) {
		take_down(i);
		return;
	}
	if (!ok) {
		log_warnx("ipsec",
		    "the guard table " GUARD_TABLE " could not be loaded");
		i->ops.failed(i->arg);
		return;
	}
	i->ops.guarded(i->arg);
	if (!i->stopping)
		pluto_start(i->pluto);
}

static void
begin(void *arg)
{
	struct ipsec *i = arg;

	if (i->stopping)
		return;
	if (i->pluto == NULL) {
		i->ops.guarded(i->arg);
		i->ops.ready(i->arg);
		return;
	}
	if (i->conf->ipsec.mode == CONF_IPSEC_MANAGED) {
		/* Of an lnsd that was killed. */
		if (xfrm_reap(false) > 0)
			log_info("ipsec", "SAs of an earlier run removed");
		i->neighbour_before = xfrm_has_neighbour_policies();
	}
	if (guard_load(i->conf, guard_loaded, i) == -1) {
		log_warn("ipsec", "cannot start " GUARD_NFT);
		i->ops.failed(i->arg);
		return;
	}
	i->guard_busy = true;
}

static void
client_gone(void *arg, const struct lns_addr *peer, uint32_t client)
{
	struct ipsec *i = arg;

	i->ops.client_gone(i->arg, peer, client);
}

static void
sa_stale(void *arg, uint32_t spi, bool lost)
{
	struct ipsec *i = arg;

	pluto_stale(i->pluto, spi, lost);
}

struct ipsec *
ipsec_start(const struct conf *c, const struct ipsec_ops *ops, void *arg)
{
	static const struct assoc_ops assoc_ops = { .client_gone = client_gone,
		.stale = sa_stale };
	static const struct pluto_ops pluto_ops = { .ready = pluto_ready,
		.failed = pluto_failed,
		.ike = pluto_ike,
		.stopped = pluto_stopped };
	struct ipsec *i;

	i = calloc(1, sizeof(*i));
	if (i == NULL)
		return NULL;
	i->conf = c;
	i->ops = *ops;
	i->arg = arg;
	i->begin = loop_timer_new(begin, i);
	if (c->ipsec.mode != CONF_IPSEC_OFF) {
		i->pluto = pluto_new(c, &pluto_ops, i);
		i->assoc = assoc_new(c->ipsec.client_range, &assoc_ops, i);
	}
	if (i->begin == NULL || (c->ipsec.mode != CONF_IPSEC_OFF &&
				    (i->pluto == NULL || i->assoc == NULL))) {
		ipsec_free(i);
		return NULL;
	}
	loop_timer_set(i->begin, 0);
	return i;
}

void
ipsec_free(struct ipsec *i)
{
	if (i == NULL)
		return;
	loop_timer_free(i->begin);
	pluto_free(i->pluto);
	assoc_free(i->assoc);
	free(i);
}

void
ipsec_reload(
    struct ipsec *i, const struct conf *next, const struct conf_changes *ch)
{
	i->conf = next;
	if (i->pluto != NULL)
		pluto_reload(i->pluto, next, ch->certificates);
}

void
ipsec_address(struct ipsec *i, const struct lns_addr *a, bool present)
{
	if (i->pluto == NULL)
		return;
	assoc_address(i->assoc, a, present);
	/* Connections of an address that has gone wait for its return. */
	if (present)
		pluto_add_address(i->pluto, a);
	pluto_rescan(i->pluto);
}

void
ipsec_stop(struct ipsec *i)
{
	if (i->stopping)
		return;
	i->stopping = true;
	if (i->guard_busy)
		return;
	if (i->pluto != NULL)
		pluto_stop(i->pluto);
	else
		take_down(i);
}

int
ipsec_protect_listener(struct ipsec *i, int fd, uint8_t family)
{
	const int on = 1;
	struct policy p;

	if (i->assoc == NULL)
		return 0;
	policy_in(&p, family);
	if (policy_set(fd, &p) == -1)
		return -1;
	policy_block(&p, family);
	if (policy_set(fd, &p) == -1)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_RCVMARK, &on, sizeof(on));
}

bool
ipsec_client(struct ipsec *i, struct lns_path *path, uint32_t mark)
{
	path->client = 0;
	return i->assoc == NULL || assoc_client(i->assoc, path, mark);
}

int
ipsec_socket_new(struct ipsec *i, const struct lns_path *path, int fd,
    bool receives, struct lns_addr *bind_to, struct ipsec_socket **tie)
{
	*bind_to = path->local;
	*tie = NULL;
	if (i->assoc == NULL)
		return 0;
	*tie = assoc_socket_new(i->assoc, path, fd, receives, bind_to);
	return *tie == NULL ? -1 : 0;
}

void
ipsec_socket_lost(struct ipsec_socket *tie)
{
	assoc_socket_lost(tie);
}

bool
ipsec_socket_in_udp(const struct ipsec_socket *tie)
{
	return assoc_socket_in_udp(tie);
}

void
ipsec_socket_free(struct ipsec_socket *tie)
{
	assoc_socket_free(tie);
}

void
ipsec_view_status(const struct ipsec *i, struct ipsec_status *s)
{
	s->guarded = i->guarded;
	s->pluto = i->pluto == NULL ? "off" : pluto_state(i->pluto);
}

bool
ipsec_view_client(const struct ipsec *i, uint32_t client, struct lns_addr *addr)
{
	return i->assoc != NULL && assoc_view_client(i->assoc, client, addr);
}

void
ipsec_view_sas(const struct ipsec *i,
    void (*fn)(void *arg, const struct ipsec_sa_view *), void *arg)
{
	if (i->assoc != NULL)
		assoc_view_sas(i->assoc, fn, arg);
}

struct ipsec_ask *
ipsec_ask_ike(const struct ipsec *i, ipsec_ike_fn done, void *arg)
{
	char socket[PATH_MAX];

	if (i->pluto == NULL || strcmp(pluto_state(i->pluto), "running") != 0)
		return NULL;
	ipsec_pluto_socket(i->conf, socket, sizeof(socket));
	return pluto_ask(socket, i->conf, done, arg);
}

const char *
ipsec_missing(const struct conf *c)
{
	const char *why;

	if (c->ipsec.mode == CONF_IPSEC_OFF)
		return NULL;
	if (access(GUARD_NFT, X_OK) == -1)
		return "nft is not installed (package nftables)";
	why = pluto_missing(c);
	if (why == NULL)
		why = xfrm_missing();
	return why != NULL ? why : steer_missing();
}

static void
alg_line(void *arg, const char *line)
{
	algs_line(arg, line);
}

static void
algs_told(void *arg, int status)
{
	(void)arg;
	(void)status;
	loop_stop();
}

void
ipsec_remarks(const struct conf *c, FILE *out)
{
	char text[ALGS_TEXT];
	struct algs algs;
	struct proc_spec spec = { .path = ALGPARSE_BIN,
		.argv = algs_argv(),
		.in_fd = -1,
		.out_fd = -1,
		.on_line = alg_line,
		.on_exit = algs_told,
		.arg = &algs };

	if (c->ipsec.mode == CONF_IPSEC_OFF || access(ALGPARSE_BIN, X_OK) == -1)
		return;
	algs_init(&algs);
	loop_init();
	if (proc_start(&spec) != NULL)
		loop_run();
	loop_fini();
	if (algs.answered && algs_missing(&algs, c->ipsec.proposals, text))
		fprintf(out, "remark: %s\n", text);
}

void
ipsec_pluto_socket(const struct conf *c, char *path, size_t size)
{
	struct pluto_files files;

	pluto_files_init(&files, c);
	snprintf(path, size, "%s", files.ctl);
}
