/* SPDX-License-Identifier: ISC */
/*
 * How a link comes by its pppd: as the child of a prepared one, or by executing
 * one, with the same options.
 */

#include "link.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

#include "proc.h"

static void
spec_of(const struct ppp_link *l, struct pppd_spec *spec)
{
	link_pppd_spec(l->svc, l->profile, spec);
	spec->label = l->label;
	spec->mtu = l->mtu;
	spec->session_fd = l->session_fd;
	spec->ctl_fd = l->plugin_ctl;
}

static int
execute(struct ppp_link *l)
{
	struct pppd_spec spec;
	struct pppd_args args;
	struct proc_spec run = {
		.path = l->svc->pppd,
		.argv = args.argv,
		.in_fd = -1,
		.out_fd = -1,
		.keep = { l->session_fd, l->plugin_ctl },
		.n_keep = 2,
		.own_group = true,
		.on_exit = l->on_exit,
		.arg = l,
	};

	spec_of(l, &spec);
	if (!pppd_args(&args, &spec)) {
		errno = E2BIG;
		return -1;
	}
	l->proc = proc_start(&run);
	return l->proc == NULL ? -1 : 0;
}

/* pppd has its own now, or there is none. */
static void
close_plugin_ctl(struct ppp_link *l)
{
	close(l->plugin_ctl);
	l->plugin_ctl = -1;
}

/* What the prepared pppd has made, or has not.  Whoever was to be stopped
 * meanwhile is not given a pppd only for that. */
static void
on_child(void *arg, pid_t pid)
{
	struct ppp_link *l = arg;

	l->starting = false;
	if (pid != -1) {
		l->proc = proc_adopt(pid, l->on_exit, l);
		l->from_prepared = true;
	} else if (l->stop_cause == NULL) {
		(void)execute(l);
	}
	close_plugin_ctl(l);
	if (l->proc == NULL) {
		l->on_exit(l, W_EXITCODE(127, 0));
		return;
	}
	l->pid = proc_pid(l->proc);
	if (l->stop_cause == NULL)
		return;
	(void)proc_signal(l->proc, SIGTERM);
	loop_timer_set(l->kill_timer, l->svc->kill_after_ms);
}

int
link_launch(struct ppp_link *l, int plugin_ctl, proc_exit_fn on_exit)
{
	struct prepared *p = l->svc->prepared[l->profile];
	struct pppd_spec spec;
	int rc, err;

	l->on_exit = on_exit;
	l->plugin_ctl = plugin_ctl;
	l->request.answered = on_child;
	l->request.arg = l;
	spec_of(l, &spec);
	l->starting = p != NULL && prepared_ask(p, &l->request, &spec);
	if (l->starting)
		return 0;
	rc = execute(l);
	err = errno;
	close_plugin_ctl(l);
	if (rc == 0)
		l->pid = proc_pid(l->proc);
	errno = err;
	return rc;
}

void
link_pppd_spec(
    const struct ppp_service *s, size_t profile, struct pppd_spec *spec)
{
	*spec = (struct pppd_spec){
		.ppp = &s->conf->ppp[profile],
		.path = s->pppd,
		.plugin = s->plugin,
		.name = s->conf->hostname,
		.session_fd = -1,
		.ctl_fd = -1,
		.debug = s->debug,
	};
}
