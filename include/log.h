/* SPDX-License-Identifier: ISC */
#ifndef LOG_H
#define LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <syslog.h>

#include "compiler.h"

/*
 * The daemon's log.  Levels are syslog's (LOG_ERR ... LOG_DEBUG).  The first
 * argument of the verbs names the subsystem ("udp", "ppp", "ipsec"); lines of
 * the documented L2TP vocabulary go through log_l2tp(), which writes the
 * prefix "[L2TP] " and nothing else in front of the text.
 *
 * Texts are one line, lower case, without a final period.  No secret and no
 * PPP payload may ever be passed here.  Control characters in the text are
 * written as '?': strings from peers can be logged as they are.
 */
typedef void (*log_sink_fn)(int level, const char *line, void *arg);

/* to_stderr: foreground, besides syslog, or instead of it if that is where
 * systemd takes what is for its journal; debug: let LOG_DEBUG through (-v). */
void log_init(const char *ident, bool to_stderr, bool debug);
/* Lines up to this level are written from now on; log_init() has set
 * LOG_DEBUG or LOG_INFO. */
void log_set_level(int level);
int log_level(void);
/* Divert every line (tests); NULL restores syslog/stderr. */
void log_sink(log_sink_fn fn, void *arg);

void log_l2tp(int level, const char *fmt, ...) printf_like(2, 3);
/* A line without subsystem prefix: the PP[..] vocabulary. */
void log_plain(int level, const char *fmt, ...) printf_like(2, 3);

/* log_warn() and fatal() add ": " and strerror(errno). */
void log_warn(const char *sub, const char *fmt, ...) printf_like(2, 3);
void log_warnx(const char *sub, const char *fmt, ...) printf_like(2, 3);
void log_info(const char *sub, const char *fmt, ...) printf_like(2, 3);
void log_debug(const char *sub, const char *fmt, ...) printf_like(2, 3);
/* Start-up only; exit status 1. */
void fatal(const char *sub, const char *fmt, ...) printf_like(2, 3) no_return;
void fatalx(const char *sub, const char *fmt, ...) printf_like(2, 3) no_return;

#endif
