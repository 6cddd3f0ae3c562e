/* SPDX-License-Identifier: ISC */
/* pluto's log; contract in plutolog.h. */

#include "plutolog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ikelog.h"
#include "ikestory.h"
#include "log.h"
#include "loop.h"

/* What a pluto that dies while it starts has said last. */
#define LAST_LINES 8
#define LAST_LEN 256

/* Of what clients make pluto say, so much goes to syslog; a file takes all. */
#define LINES_BURST 500
#define LINES_EVERY_MS 20

enum phase {
	STARTING,
	RUNNING,
	STOPPING,
};

struct plutolog {
	const struct conf *conf;
	struct ikestory *story;
	enum phase phase;
	int fd; /* of the file; -1: none, or it cannot be opened */
	char last[LAST_LINES][LAST_LEN];
	unsigned int n_last;
	int64_t full_ms; /* when all of the burst is there again */
	unsigned int suppressed;
	plutolog_told_fn told; /* NULL: nobody is told */
	void *told_arg;
};

struct plutolog *
plutolog_new(const struct conf *c, const struct algs *algs)
{
	struct plutolog *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->conf = c;
	l->fd = -1;
	l->story = ikestory_new(c, algs);
	if (l->story == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
plutolog_on_told(struct plutolog *l, plutolog_told_fn fn, void *arg)
{
	l->told = fn;
	l->told_arg = arg;
}

static void
close_file(struct plutolog *l)
{
	if (l->fd != -1)
		close(l->fd);
	l->fd = -1;
}

void
plutolog_free(struct plutolog *l)
{
	if (l == NULL)
		return;
	close_file(l);
	ikestory_free(l->story);
	free(l);
}

void
plutolog_reload(struct plutolog *l, const struct conf *next)
{
	l->conf = next;
	ikestory_reload(l->story, next);
}

void
plutolog_start(struct plutolog *l)
{
	const char *name = l->conf->ipsec.log;

	l->phase = STARTING;
	l->n_last = 0;
	close_file(l);
	if (name == NULL)
		return;
	/* A fifo without a reader would block us. */
	l->fd = open(name,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    0600);
	if (l->fd == -1)
		log_warn("ipsec", "cannot open %s", name);
}

void
plutolog_ready(struct plutolog *l)
{
	l->phase = RUNNING;
}

void
plutolog_stop(struct plutolog *l)
{
	l->phase = STOPPING;
}

void
plutolog_end(struct plutolog *l, bool unexpected)
{
	unsigned int i;

	i = l->n_last > LAST_LINES ? l->n_last - LAST_LINES : 0;
	for (; unexpected && l->phase == STARTING && i < l->n_last; i++)
		log_warnx("pluto", "%s", l->last[i % LAST_LINES]);
	ikestory_reset(l->story);
	close_file(l);
}

/* With the time of day, as pluto would do itself. */
static void
to_file(struct plutolog *l, const char *line)
{
	char stamp[32] = "", text[1200];
	struct tm tm;
	time_t now = time(NULL);
	int len;

	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(stamp, sizeof(stamp), "%Y/%m/%d %H:%M:%S", &tm);
	len = snprintf(text, sizeof(text), "%s: %s\n", stamp, line);
	if (len < 0 || (size_t)len >= sizeof(text))
		return;
	if (write(l->fd, text, (size_t)len) == len)
		return;
	log_warn("ipsec", "cannot write %s: no more of pluto's log goes there",
	    l->conf->ipsec.log);
	close_file(l);
}

static bool
may_forward(struct plutolog *l)
{
	struct mono now = clock_now();
	int64_t from_ms = l->full_ms > now.ms ? l->full_ms : now.ms;

	if (from_ms > now.ms + LINES_EVERY_MS * (LINES_BURST - 1)) {
		l->suppressed++;
		return false;
	}
	l->full_ms = from_ms + LINES_EVERY_MS;
	if (l->suppressed > 0)
		log_info("pluto", "%u lines suppressed", l->suppressed);
	l->suppressed = 0;
	return true;
}

/* A route that comes, with each session, has the number of an SA's expiry:
 * libreswan 4 takes the one for the other, and does nothing about it. */
static bool
is_route_misread(const char *line)
{
	static const char text[] = "netlink_expire got message with length ";

	return strncmp(line, text, sizeof(text) - 1) == 0;
}

static void
to_syslog(struct plutolog *l, const char *line)
{
	bool debug = l->conf->ipsec.log_level == CONF_LOG_DEBUG;
	/* libreswan 5 tells of a new client in some of its own accord. */
	bool detail = l->phase != RUNNING || is_route_misread(line) ||
		      strncmp(line, "| ", 2) == 0;

	if (ikelog_is_serious(line))
		log_warnx("pluto", "%s", line);
	else if (debug && detail)
		log_debug("pluto", "%s", line);
	else if (l->conf->ipsec.log_level != CONF_LOG_QUIET && !detail &&
		 may_forward(l))
		log_info("pluto", "%s", line);
}

static void
tell_story(struct plutolog *l, const char *line)
{
	const char *text = ikestory_take(l->story, line, clock_now());
	struct ike_told told;
	unsigned int n;

	if (l->told != NULL && ikestory_told(l->story, &told))
		l->told(l->told_arg, &told);
	if (text == NULL)
		return;
	n = ikestory_suppressed(l->story);
	if (n > 0)
		log_plain(LOG_INFO, "[IKE] %u lines suppressed", n);
	log_plain(LOG_INFO, "[IKE] %s", text);
}

void
plutolog_line(struct plutolog *l, const char *line)
{
	if (l->phase == STARTING) {
		snprintf(l->last[l->n_last % LAST_LINES], LAST_LEN, "%.*s",
		    LAST_LEN - 1, line);
		l->n_last++;
	}
	if (l->conf->ipsec.log == NULL)
		to_syslog(l, line);
	else if (l->fd != -1)
		to_file(l, line);
	if (l->phase == RUNNING)
		tell_story(l, line);
}
