/* SPDX-License-Identifier: ISC */
/* The daemon's log: syslog, and stderr in the foreground. */

#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE_MAX 1024

static bool to_stderr;
static bool to_journal; /* that is what stderr is */
static int max_level = LOG_INFO;
static bool opened;
static log_sink_fn sink;
static void *sink_arg;

/* systemd says which file it is, and sd-daemon(3) how to write to it.  What is
 * read from there is known to be this service's, even the last words of one
 * that ends. */
static bool
stderr_is_journal(void)
{
	const char *s = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return s != NULL && sscanf(s, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	       st.st_ino == ino;
}

void
log_init(const char *ident, bool err, bool dbg)
{
	to_stderr = err;
	to_journal = err && stderr_is_journal();
	max_level = dbg ? LOG_DEBUG : LOG_INFO;
	opened = true;
	openlog(ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void
log_set_level(int level)
{
	max_level = level;
}

int
log_level(void)
{
	return max_level;
}

void
log_sink(log_sink_fn fn, void *arg)
{
	sink = fn;
	sink_arg = arg;
}

/* A peer's string must not start a new line or move the cursor. */
static void
make_printable(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

static void
to_terminal(const char *line)
{
	char stamp[32];
	struct tm tm;
	time_t now;

	now = time(NULL);
	if (localtime_r(&now, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y/%m/%d %H:%M:%S", &tm) == 0)
		stamp[0] = '\0';
	fprintf(stderr, "%s: %s\n", stamp, line);
}

static void
emit(int level, char *line)
{
	make_printable(line);
	if (sink != NULL) {
		sink(level, line, sink_arg);
		return;
	}
	if (level > max_level)
		return;
	if (to_journal) {
		fprintf(stderr, "<%d>%s\n", level, line);
		return;
	}
	if (opened)
		syslog(level, "%s", line);
	if (to_stderr || !opened)
		to_terminal(line);
}

/* prefix is written as it is; sub, if given, with ": " behind it. */
static void printf_like(5, 0) emit_v(int level, const char *prefix,
    const char *sub, int err, const char *fmt, va_list ap)
{
	char line[LOG_LINE_MAX];
	size_t at;
	int n;

	n = snprintf(line, sizeof(line), "%s%s%s", prefix,
	    sub != NULL ? sub : "", sub != NULL ? ": " : "");
	at = n < 0 ? 0 : (size_t)n;
	if (at < sizeof(line)) {
		n = vsnprintf(line + at, sizeof(line) - at, fmt, ap);
		at += n < 0 ? 0 : (size_t)n;
	}
	if (err != 0 && at < sizeof(line))
		snprintf(line + at, sizeof(line) - at, ": %s", strerror(err));
	emit(level, line);
}

void
log_l2tp(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit_v(level, "[L2TP] ", NULL, 0, fmt, ap);
	va_end(ap);
}

void
log_plain(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit_v(level, "", NULL, 0, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *sub, const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	emit_v(LOG_WARNING, "", sub, err, fmt, ap);
	va_end(ap);
}

void
log_warnx(const char *sub, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit_v(LOG_WARNING, "", sub, 0, fmt, ap);
	va_end(ap);
}

void
log_info(const char *sub, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit_v(LOG_INFO, "", sub, 0, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *sub, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit_v(LOG_DEBUG, "", sub, 0, fmt, ap);
	va_end(ap);
}

void
fatal(const char *sub, const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	emit_v(LOG_ERR, "", sub, err, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *sub, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit_v(LOG_ERR, "", sub, 0, fmt, ap);
	va_end(ap);
	exit(1);
}
