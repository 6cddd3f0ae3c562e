/* SPDX-License-Identifier: ISC */
/*
 * The order of things with pluto; contracts in pluto.h and pluto_parts.h.  One
 * step runs at a time, each a process or a wait; pluto_next() chooses the one
 * to take, so that a death, a new address or a stop in the middle needs no
 * special path.
 */

#include "pluto_parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

void
pluto_give_up(struct pluto *p)
{
	if (p->stopping) {
		pluto_next(p);
	} else if (p->was_ready) {
		loop_timer_set(p->timer, PLUTO_RETRY_MS);
	} else if (!p->failed) {
		p->failed = true;
		p->ops.failed(p->arg);
	}
}

/* What a step has to say is bad news, and codes below 10 are not. */
void
pluto_step_line(void *arg, const char *line)
{
	(void)arg;
	if (strncmp(line, "00", 2) == 0)
		log_debug("ipsec", "%s", line);
	else
		log_warnx("ipsec", "%s", line);
}

void
pluto_run_step(struct pluto *p, const char *bin, char *const *argv,
    proc_line_fn line, proc_exit_fn ended)
{
	struct proc_spec spec = { .path = bin,
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.on_line = line,
		.on_exit = ended,
		.arg = p };

	p->step = proc_start(&spec);
	if (p->step != NULL)
		return;
	log_warn("ipsec", "cannot start %s", bin);
	pluto_give_up(p);
}

/* What every step's end has in common. */
bool
pluto_step_ok(struct pluto *p, const char *what, int status)
{
	p->step = NULL;
	if (status == 0)
		return true;
	if (p->answers || !p->stopping)
		log_warnx("ipsec", "%s: %s", what, proc_status_text(status));
	return false;
}

void
pluto_lost(struct pluto *p)
{
	size_t i;

	p->answers = false;
	p->was_lost = true;
	p->count = false;
	pluto_forget_changes(p);
	pluto_weeding_forget(p);
	for (i = 0; i < p->n_addrs; i++)
		p->addrs[i].loaded = false;
}

static void
alg_line(void *arg, const char *line)
{
	struct pluto *p = arg;

	algs_line(&p->algs, line);
}

/* Its status tells only that some are missing. */
static void
algs_told(void *arg, int status)
{
	struct pluto *p = arg;
	char text[ALGS_TEXT];

	p->step = NULL;
	p->know_algs = true;
	if (!p->algs.answered)
		log_warnx("ipsec", ALGPARSE_BIN ": %s, no answer",
		    proc_status_text(status));
	if (algs_missing(&p->algs, p->conf->ipsec.proposals, text))
		log_warnx("ipsec", "%s", text);
	pluto_next(p);
}

static void
ask_algs(struct pluto *p)
{
	pluto_run_step(p, ALGPARSE_BIN, algs_argv(), alg_line, algs_told);
}

static void
finish(struct pluto *p)
{
	pluto_files_remove(&p->files);
	p->ops.stopped(p->arg);
}

void
pluto_next(struct pluto *p)
{
	if (p->step != NULL)
		return;
	if (p->stopping) {
		if (!p->kind->leave(p))
			finish(p);
	} else if (!p->know_algs) {
		ask_algs(p);
	} else if (!p->answers) {
		p->kind->reach(p);
	} else if (!pluto_all_loaded(p)) {
		pluto_load_conns(p);
	} else if (pluto_take_changes(p)) {
		/* One at a time. */
	} else if (p->count) {
		pluto_count_conns(p);
	} else if (p->rescan) {
		pluto_listen_again(p);
	} else {
		(void)pluto_weed(p);
	}
}

static void
timer_fired(void *arg)
{
	struct pluto *p = arg;

	if (p->stopping)
		p->kind->late(p);
	else
		pluto_next(p);
}

/* --- interface --- */

struct pluto *
pluto_new(const struct conf *c, const struct pluto_ops *ops, void *arg)
{
	struct pluto *p;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->conf = c;
	p->kind =
	    c->ipsec.mode == CONF_IPSEC_SYSTEM ? &pluto_system : &pluto_own;
	pluto_files_init(&p->files, c);
	algs_init(&p->algs);
	p->ops = *ops;
	p->arg = arg;
	p->timer = loop_timer_new(timer_fired, p);
	if (p->timer == NULL || pluto_weeding_init(p) == -1 ||
	    p->kind->init(p) == -1) {
		pluto_free(p);
		return NULL;
	}
	return p;
}

void
pluto_free(struct pluto *p)
{
	if (p == NULL)
		return;
	loop_timer_free(p->timer);
	p->kind->fini(p);
	pluto_weeding_fini(p);
	pluto_forget_changes(p);
	conf_free(p->held);
	free(p->addrs);
	free(p);
}

void
pluto_start(struct pluto *p)
{
	if (p->kind->prepare(p) == -1) {
		pluto_give_up(p);
		return;
	}
	p->rescan = true;
	pluto_next(p);
}

void
pluto_add_address(struct pluto *p, const struct lns_addr *a)
{
	struct pluto_addr *more;
	size_t i;

	for (i = 0; i < p->n_addrs; i++)
		if (lns_same_ip(&p->addrs[i].a, a))
			return;
	more = reallocarray(p->addrs, p->n_addrs + 1, sizeof(*more));
	if (more == NULL) {
		log_warn("ipsec", "an address is left out");
		return;
	}
	p->addrs = more;
	p->addrs[p->n_addrs++] = (struct pluto_addr){ .a = *a };
}

void
pluto_rescan(struct pluto *p)
{
	p->rescan = true;
	if (p->was_ready && !p->stopping)
		pluto_next(p);
}

void
pluto_stop(struct pluto *p)
{
	if (p->stopping)
		return;
	p->stopping = true;
	loop_timer_stop(p->timer);
	pluto_weeding_forget(p);
	p->kind->stop(p);
	pluto_next(p);
}

const char *
pluto_missing(const struct conf *c)
{
	static const char *const bins[] = { PLUTO_BIN, ADDCONN_BIN, WHACK_BIN };
	size_t i;

	for (i = 0; i < nitems(bins); i++)
		if (access(bins[i], X_OK) == -1)
			return "libreswan is not installed (package libreswan)";
	if (c->ipsec.mode == CONF_IPSEC_MANAGED &&
	    (access(CERTUTIL_BIN, X_OK) == -1 ||
		access(PK12UTIL_BIN, X_OK) == -1))
		return "certutil is not installed (package libnss3-tools)";
	return NULL;
}

const char *
pluto_state(const struct pluto *p)
{
	if (p->stopping)
		return "stopping";
	return p->answers && pluto_all_loaded(p) ? "running" : "starting";
}
