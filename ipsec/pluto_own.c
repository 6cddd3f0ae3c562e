/* SPDX-License-Identifier: ISC */
/* A pluto of our own, as a child; contract in pluto_parts.h. */

#include "pluto_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define IKE_PORT 500

/* Of pluto's log: some seconds of a busy one, should we be slow. */
#define LOG_PIPE (256 << 10)

#define PLUTO_BOOT_MS 30000
#define PLUTO_PORT_MS 10000
#define PLUTO_KILL_MS 8000
#define PLUTO_BACKOFF_MAX_MS INT64_C(30000)

static bool
answers(const struct pluto *p)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	bool ok;
	int fd;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", p->files.ctl);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return false;
	/* EAGAIN: its queue is full, so somebody is there. */
	ok = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 ||
	     errno == EAGAIN;
	close(fd);
	return ok;
}

static void
key_made(void *arg, int status)
{
	struct pluto *p = arg;

	keys_clean(&p->own.keys);
	if (pluto_step_ok(p, "the key database", status))
		pluto_next(p);
	else
		pluto_give_up(p);
}

static void
make_keys(struct pluto *p)
{
	p->step = keys_next(&p->own.keys, key_made, p);
	if (p->step == NULL)
		pluto_give_up(p);
}

static void
pluto_line(void *arg, const char *line)
{
	struct pluto *p = arg;

	plutolog_line(p->own.log, line);
}

static void
daemon_ended(void *arg, int status)
{
	struct pluto *p = arg;

	plutolog_end(p->own.log, !p->stopping);
	p->own.daemon = NULL;
	p->own.since = MONO_NEVER;
	pluto_lost(p);
	if (!p->stopping) {
		log_warnx("ipsec", "pluto ended by itself: %s",
		    proc_status_text(status));
		pluto_give_up(p);
	}
	if (p->stopping || !p->failed)
		pluto_next(p);
}

static void
start_daemon(struct pluto *p)
{
	char *const argv[] = { (char[]){ "pluto" }, (char[]){ "--config" },
		p->files.conf, (char[]){ "--nofork" }, (char[]){ "--rundir" },
		p->files.dir, (char[]){ "--dumpdir" }, p->files.dir,
		(char[]){ "--ipsecdir" }, p->files.dir, (char[]){ "--nssdir" },
		p->files.nss, (char[]){ "--secretsfile" }, p->files.secrets,
		(char[]){ "--stderrlog" }, (char[]){ "--log-no-time" }, NULL };
	struct proc_spec spec = { .path = PLUTO_BIN,
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.on_line = pluto_line,
		.out_pipe = LOG_PIPE,
		.on_exit = daemon_ended,
		.arg = p };

	(void)unlink(p->files.pid);
	(void)unlink(p->files.ctl);
	plutolog_start(p->own.log);
	p->own.since = p->own.restarted = clock_now();
	p->own.daemon = proc_start(&spec);
	if (p->own.daemon == NULL) {
		log_warn("ipsec", "cannot start %s", PLUTO_BIN);
		pluto_give_up(p);
	}
}

/* A pluto of an lnsd that was killed may still be on its way out. */
static void
old_one_told(void *arg, int status)
{
	struct pluto *p = arg;

	(void)pluto_step_ok(p, "whack --shutdown", status);
	loop_timer_set(p->timer, PLUTO_POLL_MS);
}

static void
end_old_one(struct pluto *p)
{
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--shutdown" }, NULL };

	log_info("ipsec", "ending the pluto of an earlier run");
	pluto_run_step(p, WHACK_BIN, argv, pluto_step_line, old_one_told);
}

/* pluto would start all the same, and hear nobody. */
static bool
ike_port_taken(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(IKE_PORT) };
	bool taken;
	int fd;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	taken = bind(fd, (struct sockaddr *)&in, sizeof(in)) == -1 &&
		errno == EADDRINUSE;
	close(fd);
	return taken;
}

/* The pluto of an lnsd that was killed lets go of the port when it has said
 * goodbye to its peers; anybody else's does not. */
static void
wait_for_port(struct pluto *p)
{
	if (mono_is_never(p->own.since))
		p->own.since = clock_now();
	if (mono_diff_ms(clock_now(), p->own.since) < PLUTO_PORT_MS) {
		loop_timer_set(p->timer, PLUTO_POLL_MS);
		return;
	}
	log_warnx("ipsec",
	    "UDP port %d is taken: another IKE daemon runs (systemctl disable "
	    "--now ipsec)",
	    IKE_PORT);
	p->own.since = MONO_NEVER;
	pluto_give_up(p);
}

static void
restart_later(struct pluto *p)
{
	struct mono now = clock_now();

	if (ike_port_taken()) {
		wait_for_port(p);
		return;
	}
	if (mono_diff_ms(now, p->own.restarted) > 2 * PLUTO_BACKOFF_MAX_MS)
		p->own.backoff_ms = 0;
	if (mono_diff_ms(now, p->own.restarted) < p->own.backoff_ms) {
		loop_timer_set(p->timer, p->own.backoff_ms);
		return;
	}
	p->own.backoff_ms =
	    p->own.backoff_ms == 0 ? 1000 : p->own.backoff_ms * 2;
	if (p->own.backoff_ms > PLUTO_BACKOFF_MAX_MS)
		p->own.backoff_ms = PLUTO_BACKOFF_MAX_MS;
	start_daemon(p);
	loop_timer_set(p->timer, PLUTO_POLL_MS);
}

static void
wait_for_socket(struct pluto *p)
{
	/* Not by connect(): pluto would complain of a caller that says
	 * nothing. */
	p->answers = access(p->files.ctl, F_OK) == 0;
	if (p->answers) {
		pluto_next(p);
		return;
	}
	if (mono_diff_ms(clock_now(), p->own.since) > PLUTO_BOOT_MS) {
		log_warnx("ipsec", "pluto does not answer: ended");
		(void)proc_signal(p->own.daemon, SIGKILL);
		return;
	}
	loop_timer_set(p->timer, PLUTO_POLL_MS);
}

static void
told(void *arg, struct ike_told *t)
{
	struct pluto *p = arg;

	p->ops.ike(p->arg, t);
}

static int
own_init(struct pluto *p)
{
	p->own.since = MONO_NEVER;
	keys_init(&p->own.keys, p->conf, &p->files);
	p->own.log = plutolog_new(p->conf, &p->algs);
	if (p->own.log == NULL)
		return -1;
	plutolog_on_told(p->own.log, told, p);
	return 0;
}

static void
own_fini(struct pluto *p)
{
	plutolog_free(p->own.log);
}

static int
own_prepare(struct pluto *p)
{
	return pluto_files_make(&p->files) == -1 ? -1 : pluto_write_files(p);
}

static void
own_reach(struct pluto *p)
{
	if (!keys_done(&p->own.keys))
		make_keys(p);
	else if (p->own.daemon != NULL)
		wait_for_socket(p);
	else if (answers(p))
		end_old_one(p);
	else
		restart_later(p);
}

static void
own_stop(struct pluto *p)
{
	plutolog_stop(p->own.log);
	if (p->own.daemon == NULL)
		return;
	(void)proc_signal(p->own.daemon, SIGTERM);
	loop_timer_set(p->timer, PLUTO_KILL_MS);
}

/* Its end is what is waited for. */
static bool
own_leave(struct pluto *p)
{
	if (p->own.daemon != NULL)
		return true;
	keys_remove(&p->own.keys);
	return false;
}

static void
own_late(struct pluto *p)
{
	if (p->own.daemon == NULL)
		return;
	log_warnx("ipsec", "pluto does not end: killed");
	(void)proc_signal(p->own.daemon, SIGKILL);
}

const struct pluto_kind pluto_own = {
	.init = own_init,
	.fini = own_fini,
	.prepare = own_prepare,
	.reach = own_reach,
	.stop = own_stop,
	.leave = own_leave,
	.late = own_late,
};
