/* SPDX-License-Identifier: ISC */
/*
 * The pluto that the system runs; contract in pluto_parts.h.  Ours in it are
 * the connections whose names begin with CONN_PREFIX, and a file of secrets.
 * Nothing else is touched, and no SA but through it.
 */

#include "pluto_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

#define WAIT_MS 10000
#define LEAVE_MS 15000

/* The beginning of a small file as a string; false: it cannot be read. */
static bool
read_file(const char *name, char *buf, size_t size)
{
	FILE *f = fopen(name, "re");
	size_t n;

	if (f == NULL)
		return false;
	n = fread(buf, 1, size - 1, f);
	fclose(f);
	buf[n] = '\0';
	return true;
}

/* --- is it there? --- */

static void
forget_daemon(struct pluto *p)
{
	struct pluto_system *s = &p->system;

	loop_io_free(s->io);
	s->io = NULL;
	if (s->pidfd != -1)
		close(s->pidfd);
	s->pidfd = -1;
	s->listed = false;
	s->n_strays = 0;
	s->since = MONO_NEVER;
	pluto_lost(p);
}

static void
daemon_gone(int fd, void *arg)
{
	struct pluto *p = arg;

	(void)fd;
	forget_daemon(p);
	if (!p->stopping)
		log_warnx("ipsec",
		    "the system's pluto has ended: waiting for the next");
	pluto_next(p);
}

/* Finds it, and hears of its end from then on. */
static bool
find_daemon(struct pluto *p)
{
	struct pluto_system *s = &p->system;
	char buf[32], name[64];
	unsigned long pid;

	if (!read_file(p->files.pid, buf, sizeof(buf)))
		return false;
	pid = strtoul(buf, NULL, 10);
	if (pid <= 1 || pid > INT32_MAX)
		return false;
	s->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (s->pidfd == -1)
		return false;
	/* Of a pluto that was killed, the file stays. */
	snprintf(name, sizeof(name), "/proc/%lu/comm", pid);
	if (read_file(name, buf, sizeof(buf)) && strcmp(buf, "pluto\n") == 0 &&
	    access(p->files.ctl, F_OK) == 0)
		s->io = loop_io_new(s->pidfd, daemon_gone, p);
	if (s->io == NULL) {
		close(s->pidfd);
		s->pidfd = -1;
	}
	return s->io != NULL;
}

static void
wait_for_daemon(struct pluto *p)
{
	struct mono now = clock_now();

	if (mono_is_never(p->system.since))
		p->system.since = now;
	if (!p->was_ready && mono_diff_ms(now, p->system.since) > WAIT_MS) {
		log_warnx("ipsec",
		    "the system's pluto does not run (systemctl enable --now "
		    "ipsec)");
		pluto_give_up(p);
		return;
	}
	loop_timer_set(p->timer, PLUTO_RETRY_MS);
}

/* --- what of ours is in it --- */

/* What it is told for all its connections, and ours need otherwise. */
static void
check_setup(const char *line)
{
	if (strstr(line, "ikev1-policy=") != NULL &&
	    strstr(line, "ikev1-policy=accept") == NULL)
		log_warnx("ipsec",
		    "no client can connect: 'config setup' of the system's "
		    "ipsec.conf needs ikev1-policy=accept");
	if (strstr(line, "uniqueids=yes") != NULL)
		log_warnx("ipsec",
		    "clients with the same private address behind different "
		    "NATs will cut each other off: 'config setup' of the "
		    "system's ipsec.conf needs uniqueids=no");
}

static void
strays_line(void *arg, const char *line)
{
	struct pluto *p = arg;
	struct pluto_system *s = &p->system;
	char name[CONN_NAME_MAX], (*more)[CONN_NAME_MAX];

	if (!p->stopping)
		check_setup(line);
	if (!conn_of_status(p->conf, line, name))
		return;
	more = reallocarray(s->strays, s->n_strays + 1, sizeof(*more));
	if (more == NULL) {
		log_warn("ipsec", "connection %s stays", name);
		return;
	}
	s->strays = more;
	memcpy(s->strays[s->n_strays++], name, sizeof(name));
}

static void
strays_listed(void *arg, int status)
{
	struct pluto *p = arg;

	if (pluto_step_ok(p, "whack --status", status) || p->stopping) {
		pluto_next(p);
		return;
	}
	p->system.listed = false;
	pluto_give_up(p);
}

static void
list_strays(struct pluto *p)
{
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--status" }, NULL };

	/* Whatever comes of it: the end is not to wait for it for ever. */
	p->system.listed = true;
	p->system.n_strays = 0;
	pluto_run_step(p, WHACK_BIN, argv, strays_line, strays_listed);
}

/* It tells of every SA that goes with the connection. */
static void
delete_line(void *arg, const char *line)
{
	(void)arg;
	log_debug("ipsec", "%s", line);
}

static void
stray_deleted(void *arg, int status)
{
	struct pluto *p = arg;

	(void)pluto_step_ok(p, "whack --delete", status);
	pluto_next(p);
}

/* With its instances, and their SAs; the clients are told. */
static void
delete_stray(struct pluto *p)
{
	struct pluto_system *s = &p->system;
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--delete" }, (char[]){ "--name" },
		s->strays[--s->n_strays], NULL };

	pluto_run_step(p, WHACK_BIN, argv, delete_line, stray_deleted);
}

static void
secrets_forgotten(void *arg, int status)
{
	struct pluto *p = arg;

	(void)pluto_step_ok(p, "whack --rereadsecrets", status);
	pluto_next(p);
}

static void
forget_secrets(struct pluto *p)
{
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--rereadsecrets" }, NULL };

	(void)unlink(p->files.secrets);
	p->system.forgotten = true;
	pluto_run_step(p, WHACK_BIN, argv, delete_line, secrets_forgotten);
}

/* --- the kind --- */

static int
system_init(struct pluto *p)
{
	p->system.pidfd = -1;
	p->system.since = MONO_NEVER;
	return 0;
}

static void
system_fini(struct pluto *p)
{
	forget_daemon(p);
	free(p->system.strays);
}

static int
system_prepare(struct pluto *p)
{
	static char text[65536];

	if (!read_file(PLUTO_SYSTEM_SECRETS, text, sizeof(text)) ||
	    !pluto_files_includes(text, "/etc", p->files.secrets)) {
		explicit_bzero(text, sizeof(text));
		log_warnx("ipsec",
		    "%s does not include %s: add the line 'include "
		    "/etc/ipsec.d/*.secrets'",
		    PLUTO_SYSTEM_SECRETS, p->files.secrets);
		return -1;
	}
	explicit_bzero(text, sizeof(text));
	if (pluto_files_make(&p->files) == -1)
		return -1;
	return pluto_write_files(p);
}

static void
system_reach(struct pluto *p)
{
	struct pluto_system *s = &p->system;

	if (s->pidfd == -1 && !find_daemon(p)) {
		wait_for_daemon(p);
	} else if (!s->listed) {
		list_strays(p);
	} else if (s->n_strays > 0) {
		/* Of an lnsd that was killed. */
		delete_stray(p);
	} else {
		p->answers = true;
		p->rescan = true;
		pluto_next(p);
	}
}

static void
system_stop(struct pluto *p)
{
	p->system.listed = false;
	p->system.n_strays = 0;
	loop_timer_set(p->timer, LEAVE_MS);
}

static bool
system_leave(struct pluto *p)
{
	struct pluto_system *s = &p->system;

	if (s->pidfd == -1)
		return false;
	if (!s->listed)
		list_strays(p);
	else if (s->n_strays > 0)
		delete_stray(p);
	else if (!s->forgotten)
		forget_secrets(p);
	else
		return false;
	return true;
}

static void
system_late(struct pluto *p)
{
	log_warnx("ipsec",
	    "the system's pluto does not answer: connections of ours may stay "
	    "in it");
	forget_daemon(p);
	if (p->step != NULL)
		(void)proc_signal(p->step, SIGKILL);
	else
		pluto_next(p);
}

const struct pluto_kind pluto_system = {
	.init = system_init,
	.fini = system_fini,
	.prepare = system_prepare,
	.reach = system_reach,
	.stop = system_stop,
	.leave = system_leave,
	.late = system_late,
};
