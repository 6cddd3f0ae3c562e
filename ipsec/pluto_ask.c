/* SPDX-License-Identifier: ISC */
/* whack --status, for who shows what pluto has; contract in pluto_ask.h. */

#include "pluto_ask.h"

#include <signal.h>
#include <stdlib.h>

#include "ikesas.h"
#include "log.h"
#include "loop.h"
#include "pluto_parts.h"
#include "proc.h"

/* A pluto that hangs shall not make anybody wait. */
#define PATIENCE_MS 5000

struct ipsec_ask {
	struct conf *conf;
	struct proc *proc;
	struct loop_timer *timer;
	struct ikesas sas;
	ipsec_ike_fn done;
	void *arg;
};

static void
ask_free(struct ipsec_ask *a)
{
	loop_timer_free(a->timer);
	ikesas_clear(&a->sas);
	conf_free(a->conf);
	free(a);
}

static void
ask_line(void *arg, const char *line)
{
	struct ipsec_ask *a = arg;

	ikesas_take(&a->sas, line);
}

static void
ask_ended(void *arg, int status)
{
	struct ipsec_ask *a = arg;
	struct ipsec_ike *ike = NULL;

	a->proc = NULL;
	if (status == 0)
		ike = ikesas_result(&a->sas, a->conf);
	a->done(a->arg, ike);
	ask_free(a);
}

static void
too_late(void *arg)
{
	struct ipsec_ask *a = arg;

	log_info("ipsec", "pluto does not tell its SAs: given up");
	(void)proc_signal(a->proc, SIGKILL);
}

struct ipsec_ask *
pluto_ask(
    const char *socket, const struct conf *c, ipsec_ike_fn done, void *arg)
{
	char path[sizeof(((struct pluto_files *)0)->ctl)];
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		path, (char[]){ "--status" }, NULL };
	struct ipsec_ask *a = calloc(1, sizeof(*a));
	struct proc_spec spec = { .path = WHACK_BIN,
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.on_line = ask_line,
		.on_exit = ask_ended,
		.arg = a };

	if (a == NULL)
		return NULL;
	snprintf(path, sizeof(path), "%s", socket);
	a->conf = conf_hold(c);
	a->done = done;
	a->arg = arg;
	a->timer = loop_timer_new(too_late, a);
	a->proc = a->timer == NULL ? NULL : proc_start(&spec);
	if (a->proc == NULL) {
		ask_free(a);
		return NULL;
	}
	loop_timer_set(a->timer, PATIENCE_MS);
	return a;
}

void
ipsec_ask_cancel(struct ipsec_ask *a)
{
	if (a == NULL)
		return;
	proc_kill(a->proc);
	ask_free(a);
}
