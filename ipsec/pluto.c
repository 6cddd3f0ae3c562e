/* SPDX-License-Identifier: ISC */
/*
 * pluto as a child; contract in pluto.h.  One step runs at a time, each a
 * process or a wait; pluto_next() chooses the one to take, so that a death, a
 * new address or a stop in the middle needs no special path.
 */

#include "pluto.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <unistd.h>

#include "algs.h"
#include "conn.h"
#include "keys.h"
#include "log.h"
#include "loop.h"
#include "pluto_files.h"
#include "proc.h"

#define PLUTO_DIR "/usr/libexec/ipsec/"
#define PLUTO_BIN PLUTO_DIR "pluto"
#define ADDCONN_BIN PLUTO_DIR "addconn"
#define WHACK_BIN PLUTO_DIR "whack"

#define IKE_PORT 500

#define PLUTO_POLL_MS 50
#define PLUTO_RETRY_MS 1000
#define PLUTO_BOOT_MS 30000
#define PLUTO_PORT_MS 10000
#define PLUTO_KILL_MS 8000
#define PLUTO_BACKOFF_MAX_MS INT64_C(30000)

struct pluto_addr {
	struct in_addr a;
	bool loaded; /* this pluto has its connections */
};

struct pluto {
	const struct conf *conf;
	struct pluto_ops ops;
	void *arg;
	struct pluto_files files;
	struct proc *daemon; /* pluto itself */
	struct proc *step;   /* certutil, addconn or whack */
	struct loop_timer *timer;
	struct pluto_addr *addrs;
	size_t n_addrs;
	size_t n_taken;	   /* connections that pluto has */
	struct mono since; /* start of the wait for port or socket */
	struct mono restarted;
	int64_t backoff_ms;
	struct algs algs;
	bool know_algs; /* algparse was asked */
	struct keys keys;
	bool answers;	/* the control socket is there */
	bool count;	/* see whether it took them all */
	bool rescan;	/* --listen is due */
	bool was_ready; /* ever */
	bool stopping;
	bool failed;
};

static void pluto_next(struct pluto *);

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
give_up(struct pluto *p)
{
	if (p->stopping) {
		pluto_next(p);
		return;
	}
	if (p->failed || p->was_ready)
		return;
	p->failed = true;
	p->ops.failed(p->arg);
}

static int
write_files(struct pluto *p)
{
	struct in_addr *locals;
	size_t i;
	int rc;

	locals = calloc(p->n_addrs + 1, sizeof(*locals));
	if (locals == NULL)
		return -1;
	for (i = 0; i < p->n_addrs; i++)
		locals[i] = p->addrs[i].a;
	rc =
	    pluto_files_write(&p->files, p->conf, locals, p->n_addrs, &p->algs);
	free(locals);
	return rc;
}

/* --- steps --- */

/* What a step has to say is bad news, and codes below 10 are not. */
static void
step_line(void *arg, const char *line)
{
	(void)arg;
	if (strncmp(line, "00", 2) == 0)
		log_debug("ipsec", "%s", line);
	else
		log_warnx("ipsec", "%s", line);
}

/* whack --status: a connection, not an instance of one for a client, has one
 * line '000 "name":   policy: ...'. */
static void
status_line(void *arg, const char *line)
{
	static const char start[] = "000 \"", policy[] = "\":   policy: ";
	struct pluto *p = arg;

	if (strncmp(line, start, sizeof(start) - 1) == 0 &&
	    strstr(line, policy) != NULL)
		p->n_taken++;
}

static void
run_step(struct pluto *p, const char *bin, char *const *argv, proc_line_fn line,
    proc_exit_fn ended)
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
	give_up(p);
}

/* What every step's end has in common. */
static bool
step_ok(struct pluto *p, const char *what, int status)
{
	p->step = NULL;
	if (status == 0)
		return true;
	if (p->daemon != NULL || !p->stopping)
		log_warnx("ipsec", "%s: %s", what, proc_status_text(status));
	return false;
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
	run_step(p, ALGPARSE_BIN, algs_argv(), alg_line, algs_told);
}

static void
key_made(void *arg, int status)
{
	struct pluto *p = arg;

	keys_clean(&p->keys);
	if (step_ok(p, "the key database", status))
		pluto_next(p);
	else
		give_up(p);
}

static void
make_keys(struct pluto *p)
{
	p->step = keys_next(&p->keys, key_made, p);
	if (p->step == NULL)
		give_up(p);
}

static void
listened(void *arg, int status)
{
	struct pluto *p = arg;

	if (!step_ok(p, "whack --listen", status)) {
		give_up(p);
		if (p->was_ready)
			loop_timer_set(p->timer, PLUTO_RETRY_MS);
		return;
	}
	p->rescan = false;
	p->was_ready = true;
	p->ops.ready(p->arg);
	pluto_next(p);
}

/* Reads the secrets too. */
static void
listen_again(struct pluto *p)
{
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--listen" }, NULL };

	run_step(p, WHACK_BIN, argv, step_line, listened);
}

static void
conns_counted(void *arg, int status)
{
	struct pluto *p = arg;
	size_t wanted = p->n_addrs * conn_count(p->conf);

	p->count = !step_ok(p, "whack --status", status);
	p->rescan = true;
	if (!p->count && p->n_taken >= wanted) {
		pluto_next(p);
		return;
	}
	log_warnx("ipsec", "pluto has %zu of %zu connections: see its log",
	    p->n_taken, wanted);
	give_up(p);
	if (p->was_ready)
		loop_timer_set(p->timer, PLUTO_RETRY_MS);
}

/* addconn does not tell what pluto thought of each connection. */
static void
count_conns(struct pluto *p)
{
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--status" }, NULL };

	p->n_taken = 0;
	run_step(p, WHACK_BIN, argv, status_line, conns_counted);
}

static void
conns_loaded(void *arg, int status)
{
	struct pluto *p = arg;

	(void)step_ok(p, "addconn", status);
	p->count = true;
	pluto_next(p);
}

static bool
all_loaded(const struct pluto *p)
{
	size_t i;

	for (i = 0; i < p->n_addrs; i++)
		if (!p->addrs[i].loaded)
			return false;
	return true;
}

/* Adds the names of the connections of an address behind the first n. */
static size_t
name_conns(const struct pluto *p, struct in_addr a,
    char (*names)[CONN_NAME_MAX], size_t n)
{
	size_t i;
	int k;

	for (i = 0; i < p->conf->n_peers; i++)
		for (k = 0; k < CONN_KINDS; k++)
			if (conn_exists(&p->conf->peers[i], (enum conn_kind)k))
				(void)conn_name(p->conf, i, (enum conn_kind)k,
				    a, names[n++]);
	return n;
}

/* addconn reads ipsec.conf and hands the named connections to pluto; one that
 * is there already would lose its SAs, so each is named once. */
static void
load_conns(struct pluto *p)
{
	size_t n = p->n_addrs * conn_count(p->conf), i, at = 5, n_names = 0;
	char(*names)[CONN_NAME_MAX];
	char **argv;

	argv = calloc(at + n + 1, sizeof(*argv));
	names = calloc(n + 1, sizeof(*names));
	if (argv == NULL || names == NULL || write_files(p) == -1) {
		give_up(p);
		goto out;
	}
	argv[0] = (char[]){ "addconn" };
	argv[1] = (char[]){ "--config" };
	argv[2] = p->files.conf;
	argv[3] = (char[]){ "--ctlsocket" };
	argv[4] = p->files.ctl;
	for (i = 0; i < p->n_addrs; i++) {
		if (p->addrs[i].loaded)
			continue;
		p->addrs[i].loaded = true;
		n_names = name_conns(p, p->addrs[i].a, names, n_names);
	}
	for (i = 0; i < n_names; i++)
		argv[at++] = names[i];
	run_step(p, ADDCONN_BIN, argv, step_line, conns_loaded);
out:
	free(argv);
	free(names);
}

static void
pluto_line(void *arg, const char *line)
{
	(void)arg;
	log_info("pluto", "%s", line);
}

static void
daemon_ended(void *arg, int status)
{
	struct pluto *p = arg;
	size_t i;

	p->daemon = NULL;
	p->since = MONO_NEVER;
	p->answers = false;
	p->count = false;
	for (i = 0; i < p->n_addrs; i++)
		p->addrs[i].loaded = false;
	if (!p->stopping) {
		log_warnx("ipsec", "pluto ended by itself: %s",
		    proc_status_text(status));
		give_up(p);
	}
	if (!p->failed)
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
		NULL };
	struct proc_spec spec = { .path = PLUTO_BIN,
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.on_line = pluto_line,
		.on_exit = daemon_ended,
		.arg = p };

	(void)unlink(p->files.pid);
	(void)unlink(p->files.ctl);
	p->since = p->restarted = clock_now();
	p->daemon = proc_start(&spec);
	if (p->daemon == NULL) {
		log_warn("ipsec", "cannot start %s", PLUTO_BIN);
		give_up(p);
	}
}

/* A pluto of an lnsd that was killed may still be on its way out. */
static void
old_one_told(void *arg, int status)
{
	struct pluto *p = arg;

	(void)step_ok(p, "whack --shutdown", status);
	loop_timer_set(p->timer, PLUTO_POLL_MS);
}

static void
end_old_one(struct pluto *p)
{
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--shutdown" }, NULL };

	log_info("ipsec", "ending the pluto of an earlier run");
	run_step(p, WHACK_BIN, argv, step_line, old_one_told);
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
	if (mono_is_never(p->since))
		p->since = clock_now();
	if (mono_diff_ms(clock_now(), p->since) < PLUTO_PORT_MS) {
		loop_timer_set(p->timer, PLUTO_POLL_MS);
		return;
	}
	log_warnx("ipsec",
	    "UDP port %d is taken: another IKE daemon runs (systemctl disable "
	    "--now ipsec)",
	    IKE_PORT);
	p->since = MONO_NEVER;
	give_up(p);
	if (p->was_ready)
		loop_timer_set(p->timer, PLUTO_RETRY_MS);
}

static void
restart_later(struct pluto *p)
{
	struct mono now = clock_now();

	if (ike_port_taken()) {
		wait_for_port(p);
		return;
	}
	if (mono_diff_ms(now, p->restarted) > 2 * PLUTO_BACKOFF_MAX_MS)
		p->backoff_ms = 0;
	if (mono_diff_ms(now, p->restarted) < p->backoff_ms) {
		loop_timer_set(p->timer, p->backoff_ms);
		return;
	}
	p->backoff_ms = p->backoff_ms == 0 ? 1000 : p->backoff_ms * 2;
	if (p->backoff_ms > PLUTO_BACKOFF_MAX_MS)
		p->backoff_ms = PLUTO_BACKOFF_MAX_MS;
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
	if (mono_diff_ms(clock_now(), p->since) > PLUTO_BOOT_MS) {
		log_warnx("ipsec", "pluto does not answer: ended");
		(void)proc_signal(p->daemon, SIGKILL);
		return;
	}
	loop_timer_set(p->timer, PLUTO_POLL_MS);
}

static void
finish(struct pluto *p)
{
	keys_remove(&p->keys);
	pluto_files_remove(&p->files);
	p->ops.stopped(p->arg);
}

/* Takes the next step, if none is under way. */
static void
pluto_next(struct pluto *p)
{
	if (p->step != NULL)
		return;
	if (p->stopping) {
		if (p->daemon == NULL)
			finish(p);
	} else if (!p->know_algs) {
		ask_algs(p);
	} else if (!keys_done(&p->keys)) {
		make_keys(p);
	} else if (p->daemon == NULL) {
		if (answers(p))
			end_old_one(p);
		else
			restart_later(p);
	} else if (!p->answers) {
		wait_for_socket(p);
	} else if (!all_loaded(p)) {
		load_conns(p);
	} else if (p->count) {
		count_conns(p);
	} else if (p->rescan) {
		listen_again(p);
	}
}

static void
timer_fired(void *arg)
{
	struct pluto *p = arg;

	if (p->stopping && p->daemon != NULL) {
		log_warnx("ipsec", "pluto does not end: killed");
		(void)proc_signal(p->daemon, SIGKILL);
		return;
	}
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
	pluto_files_init(&p->files, c);
	keys_init(&p->keys, c, &p->files);
	algs_init(&p->algs);
	p->ops = *ops;
	p->arg = arg;
	p->since = MONO_NEVER;
	p->timer = loop_timer_new(timer_fired, p);
	if (p->timer == NULL) {
		free(p);
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
	free(p->addrs);
	free(p);
}

void
pluto_start(struct pluto *p)
{
	if (pluto_files_make(&p->files) == -1 || write_files(p) == -1) {
		give_up(p);
		return;
	}
	p->rescan = true;
	pluto_next(p);
}

void
pluto_add_address(struct pluto *p, struct in_addr a)
{
	struct pluto_addr *more;
	size_t i;

	for (i = 0; i < p->n_addrs; i++)
		if (p->addrs[i].a.s_addr == a.s_addr)
			return;
	more = reallocarray(p->addrs, p->n_addrs + 1, sizeof(*more));
	if (more == NULL) {
		log_warn("ipsec", "an address is left out");
		return;
	}
	p->addrs = more;
	p->addrs[p->n_addrs++] = (struct pluto_addr){ .a = a };
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
	if (p->daemon != NULL) {
		(void)proc_signal(p->daemon, SIGTERM);
		loop_timer_set(p->timer, PLUTO_KILL_MS);
	} else {
		loop_timer_stop(p->timer);
	}
	pluto_next(p);
}

const char *
pluto_missing(void)
{
	static const char *const bins[] = { PLUTO_BIN, ADDCONN_BIN, WHACK_BIN };
	size_t i;

	for (i = 0; i < nitems(bins); i++)
		if (access(bins[i], X_OK) == -1)
			return "libreswan is not installed (package libreswan)";
	if (access(CERTUTIL_BIN, X_OK) == -1 ||
	    access(PK12UTIL_BIN, X_OK) == -1)
		return "certutil is not installed (package libnss3-tools)";
	return NULL;
}
