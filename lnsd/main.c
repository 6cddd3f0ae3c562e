/* SPDX-License-Identifier: ISC */
/*
 * lnsd: start, stop, and the order of both.
 *
 *	start	configuration, checks, run-dir, engine, guard, UDP 1701, pluto
 *	stop	clients told and sessions ended, UDP 1701, pluto, guard
 *
 * See include/lns.h for the seam between this shell and the protocol engine.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "ctl.h"
#include "ctl_server.h"
#include "ctl_story.h"
#include "glue.h"
#include "ipsec.h"
#include "log.h"
#include "loop.h"
#include "notify.h"
#include "pppox.h"
#include "proc.h"
#include "reload.h"
#include "story_take.h"
#include "web.h"
#include "worker.h"

#define PLUGIN LNSD_LIBDIR "/lnsd-ppp.so"

struct daemon_state {
	const char *file; /* of the configuration; absolute */
	struct conf *conf;
	struct glue *glue;
	struct ipsec *ipsec;
	struct ctl *ctl;
	struct reload *reload;
	struct ctl_server server;
	struct stories *stories;
	struct datapath_ppp ppp;
	struct loop_timer *beat; /* for the service manager */
	int notify_fd; /* the parent waits at its other end; -1: none */
	int pid_fd;
	bool up;
	bool reloading;
	bool stopping;
	int exit_code;
};

static struct daemon_state d = {
	.ppp = { .plugin = PLUGIN }, .notify_fd = -1, .pid_fd = -1
};

/* d.conf, for those who only look. */
static const struct conf *in_effect;

static void no_return
usage(int code)
{
	fprintf(code == 0 ? stdout : stderr,
	    "usage: lnsd [-ftvV] [-c file] [-p plugin]\n");
	exit(code);
}

/* --- the service manager --- */

static enum notify_state
state(void)
{
	if (d.stopping)
		return NOTIFY_STOPPING;
	if (d.reloading)
		return NOTIFY_RELOADING;
	return d.up ? NOTIFY_READY : NOTIFY_STARTING;
}

static void
tell_manager(void)
{
	static const char *const words[] = { [NOTIFY_STARTING] =
						 "starting libreswan",
		[NOTIFY_READY] = "ready",
		[NOTIFY_RELOADING] = "reading the configuration again",
		[NOTIFY_STOPPING] = "stopping" };
	char text[NOTIFY_STATUS_MAX];
	struct lns_stats st = { 0 };

	if (!notify_wanted())
		return;
	if (d.glue != NULL)
		glue_stats(d.glue, &st);
	snprintf(text, sizeof(text), "%s: tunnels %u, sessions %u",
	    words[state()], st.tunnels_established, st.sessions);
	notify_tell(state(), text, clock_now());
}

/* From the loop: one that hangs sends no sign of life. */
static void
beat(void *arg)
{
	(void)arg;
	tell_manager();
	loop_timer_set(d.beat, notify_interval_ms());
}

/* --- stop --- */

static void
begin_stop(int code)
{
	if (d.stopping)
		return;
	d.stopping = true;
	d.exit_code = code;
	tell_manager();
	glue_shutdown(d.glue);
}

static void
glue_drained(void *arg)
{
	(void)arg;
	ipsec_stop(d.ipsec);
}

static void
ipsec_stopped(void *arg)
{
	(void)arg;
	loop_stop();
}

static void
on_stop_signal(int sig)
{
	if (d.stopping)
		return;
	log_info("lnsd", "stopping on signal %d", sig);
	begin_stop(0);
}

/* --- reload --- */

static int
take_conf(void *arg, struct conf *next, const struct conf_changes *ch)
{
	(void)arg;
	if (glue_reload(d.glue, next, ch) == -1)
		return -1;
	ipsec_reload(d.ipsec, next, ch);
	conf_free(d.conf);
	d.conf = next;
	in_effect = next;
	return 0;
}

static const struct conf *
current_conf(void *arg)
{
	(void)arg;
	return d.stopping ? NULL : d.conf;
}

static void
conf_unchanged(void *arg)
{
	(void)arg;
	glue_read_users(d.glue);
}

static void
reload_runs(void *arg, bool running)
{
	(void)arg;
	d.reloading = running;
	tell_manager();
}

static void
on_hangup(int sig)
{
	(void)sig;
	reload_now(d.reload);
}

/* --- start --- */

/* Until it is up, a daemon says on the terminal why it is not. */
static void
tell_parent(void)
{
	int null_fd;

	if (d.notify_fd == -1)
		return;
	if (write(d.notify_fd, "", 1) != 1)
		log_debug("lnsd", "nobody waits for the start");
	close(d.notify_fd);
	d.notify_fd = -1;
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd == -1 || dup2(null_fd, STDERR_FILENO) == -1)
		log_warn("lnsd", "/dev/null");
	if (null_fd > STDERR_FILENO)
		close(null_fd);
	log_init("lnsd", false, d.ppp.debug);
}

static void
ipsec_guarded(void *arg)
{
	(void)arg;
	if (glue_open(d.glue) == -1)
		begin_stop(1);
}

static void
ipsec_ready(void *arg)
{
	(void)arg;
	if (d.stopping)
		return;
	if (d.up) {
		log_info("ipsec", "pluto is back");
		return;
	}
	d.up = true;
	log_info("lnsd", "ready");
	tell_parent();
	tell_manager();
}

static void
ipsec_failed(void *arg)
{
	(void)arg;
	begin_stop(1);
}

static void
client_gone(void *arg, const struct lns_addr *peer, uint32_t client)
{
	(void)arg;
	glue_client_gone(d.glue, peer, client);
}

static void
ike_told(void *arg, const struct ike_told *told)
{
	const struct story_time now = { clock_now(), clock_wall_s() };

	(void)arg;
	story_take_ike(d.stories, told, now);
}

static void
address_changed(void *arg, const struct lns_addr *a, bool present)
{
	(void)arg;
	ipsec_address(d.ipsec, a, present);
}

static void
stop_by_order(void)
{
	begin_stop(0);
}

/* The methods need what has been started by now. */
static void
serve_administrators(void)
{
	in_effect = d.conf;
	d.server = (struct ctl_server){ .conf = &in_effect,
		.glue = d.glue,
		.ipsec = d.ipsec,
		.stories = d.stories,
		.started = clock_now(),
		.stop = stop_by_order };
	ctl_show_add(d.ctl, &d.server);
	ctl_act_add(d.ctl, &d.server);
}

/* A module that is built in or missing shows in the checks that follow. */
static void
load_modules(void)
{
	static const char *const names[] = { "l2tp_ppp", "xfrm_user", "esp4",
		"esp6", "nft_xfrm", "nft_fib_inet", "nft_ct", NULL };
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		execl("/sbin/modprobe", "modprobe", "-q", "-a", names[0],
		    names[1], names[2], names[3], names[4], names[5], names[6],
		    (char *)NULL);
		_exit(127);
	}
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}

static void
check_machine(void)
{
	const char *why;

	if (geteuid() != 0)
		fatalx("lnsd", "must be started by root");
	load_modules();
	why = pppox_missing();
	if (why == NULL)
		why = ipsec_missing(d.conf);
	if (why == NULL && access("/usr/sbin/pppd", X_OK) == -1)
		why = "pppd is not installed (package ppp)";
	if (why == NULL && access(d.ppp.plugin, R_OK) == -1)
		why = "the pppd plugin is not installed";
	if (why != NULL)
		fatalx("lnsd", "%s", why);
}

/* Two descriptors for each tunnel and three for each session. */
static void
raise_limits(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
	}
}

static char *
pid_path(void)
{
	static char buf[4096];

	snprintf(buf, sizeof(buf), "%s/lnsd.pid", d.conf->run_dir);
	return buf;
}

/* The directory, and the only lnsd in it. */
static void
claim_run_dir(void)
{
	const struct group *gr;

	assert(d.conf != NULL);
	if (mkdir(d.conf->run_dir, 0700) == -1 && errno != EEXIST)
		fatal("lnsd", "cannot make %s", d.conf->run_dir);
	/* The group gets as far as the control socket; what else is in there
	 * is readable by us only. */
	gr = getgrnam(CTL_GROUP);
	if (gr != NULL && (chown(d.conf->run_dir, 0, gr->gr_gid) == -1 ||
			      chmod(d.conf->run_dir, 0750) == -1))
		log_warn("lnsd", "%s", d.conf->run_dir);
	d.pid_fd =
	    open(pid_path(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (d.pid_fd == -1)
		fatal("lnsd", "%s", pid_path());
	if (flock(d.pid_fd, LOCK_EX | LOCK_NB) == -1)
		fatalx("lnsd", "another lnsd runs in %s", d.conf->run_dir);
	if (ftruncate(d.pid_fd, 0) == -1 ||
	    dprintf(d.pid_fd, "%d\n", (int)getpid()) < 0)
		fatal("lnsd", "%s", pid_path());
}

/* Leaves a child behind that goes on; the parent waits until that says that
 * it is up, and exits with what became of it. */
static void
become_daemon(void)
{
	int fds[2], null_fd, status;
	pid_t pid;
	char c;

	if (pipe2(fds, O_CLOEXEC) == -1)
		fatal("lnsd", "pipe");
	pid = fork();
	if (pid == -1)
		fatal("lnsd", "fork");
	if (pid > 0) {
		close(fds[1]);
		if (read(fds[0], &c, 1) == 1)
			_exit(0);
		(void)waitpid(pid, &status, 0);
		_exit(1);
	}
	close(fds[0]);
	d.notify_fd = fds[1];
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (setsid() == -1 || chdir("/") == -1 || null_fd == -1 ||
	    dup2(null_fd, STDIN_FILENO) == -1 ||
	    dup2(null_fd, STDOUT_FILENO) == -1)
		fatal("lnsd", "cannot become a daemon");
	if (null_fd > STDERR_FILENO)
		close(null_fd);
}

static void
run(void)
{
	static const struct ipsec_ops ipsec_ops = { .guarded = ipsec_guarded,
		.ready = ipsec_ready,
		.failed = ipsec_failed,
		.client_gone = client_gone,
		.ike = ike_told,
		.stopped = ipsec_stopped };
	static const struct glue_ops glue_ops = { .address = address_changed,
		.drained = glue_drained };
	static const struct reload_ops reload_ops = { .apply = take_conf,
		.current = current_conf,
		.unchanged = conf_unchanged,
		.running = reload_runs };

	loop_init();
	worker_init();
	loop_signal(SIGTERM, on_stop_signal);
	loop_signal(SIGINT, on_stop_signal);
	loop_signal(SIGHUP, on_hangup);
	(void)signal(SIGPIPE, SIG_IGN);
	d.ctl = ctl_new(d.conf->run_dir);
	if (d.ctl == NULL)
		fatalx("lnsd", "cannot open the control socket");
	d.stories = stories_new();
	if (d.stories == NULL)
		fatal("lnsd", "stories");
	d.ipsec = ipsec_start(d.conf, &ipsec_ops, NULL);
	if (d.ipsec == NULL)
		fatalx("lnsd", "cannot protect UDP 1701");
	d.glue = glue_new(d.conf, d.ipsec, &d.ppp, &glue_ops, NULL);
	if (d.glue == NULL)
		fatalx("lnsd", "cannot start the engine");
	d.reload = reload_new(d.file, &reload_ops, NULL);
	d.beat = loop_timer_new(beat, NULL);
	if (d.reload == NULL || d.beat == NULL)
		fatalx("lnsd", "out of memory");
	ctl_add(d.ctl, "reload", reload_asked, d.reload);
	serve_administrators();
	glue_tell(d.glue, d.stories);
	ctl_story_add(d.ctl, d.stories);
	web_init(d.conf, &d.server, d.stories);
	if (notify_wanted())
		beat(NULL);
	loop_run();
	web_close();
	ctl_free(d.ctl);
	ctl_act_fini();
	reload_free(d.reload);
	ctl_story_end();
	loop_timer_free(d.beat);
	glue_free(d.glue);
	ipsec_free(d.ipsec);
	stories_free(d.stories);
	worker_fini();
	ctl_show_fini();
	web_fini();
	loop_fini();
	notify_fini();
	log_info("lnsd", "stopped");
	(void)unlink(pid_path());
	(void)rmdir(d.conf->run_dir);
	conf_free(d.conf);
}

static void
log_warnings(const struct conf *c)
{
	for (size_t i = 0; i < c->n_warnings; i++)
		log_warnx("conf", "%s", c->warnings[i]);
}

static void
print_remarks(const struct conf *c)
{
	for (size_t i = 0; i < c->n_warnings; i++)
		fprintf(stderr, "%s\n", c->warnings[i]);
	ipsec_remarks(c, stderr);
}

int
main(int argc, char **argv)
{
	const char *file = LNSD_CONF;
	bool foreground = false, check = false;
	struct conf *conf;
	int ch;

	while ((ch = getopt(argc, argv, "c:fp:tvV?")) != -1) {
		switch (ch) {
		case 'c':
			file = optarg;
			break;
		case 'f':
			foreground = true;
			break;
		case 'p':
			d.ppp.plugin = optarg;
			break;
		case 't':
			check = true;
			break;
		case 'v':
			d.ppp.debug = true;
			break;
		case 'V':
			printf("lnsd %s\n", LNSD_VERSION);
			return 0;
		default:
			usage(optopt == '?' || optopt == 0 ? 0 : 2);
		}
	}
	if (optind != argc)
		usage(2);
	conf = conf_load(file, stderr);
	if (conf == NULL)
		return 1;
	d.conf = conf;
	d.file = realpath(file, NULL);
	if (check) {
		print_remarks(conf);
		conf_free(conf);
		return 0;
	}
	log_init("lnsd", true, d.ppp.debug);
	notify_init();
	log_warnings(conf);
	check_machine();
	raise_limits();
	(void)umask(077);
	if (!foreground)
		become_daemon();
	claim_run_dir();
	run();
	return d.exit_code;
}
