/* SPDX-License-Identifier: ISC */
#ifndef HOOK_H
#define HOOK_H

/*
 * Programs of the administrator's that are told of sessions: ip-up when one is
 * up, ip-down when it has ended, and not before ip-up has.  They get an
 * environment of their own, no arguments, and limited time.
 */

#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include "compiler.h"
#include "conf.h"
#include "ppp.h"

struct hook;
struct hooks; /* those that run */

struct hook_session {
	const struct conf_ppp *ppp;
	const char *user, *ifname;
	const char *peer; /* where the client is; "": unknown */
	struct in_addr local, remote;
	const char *filter; /* Filter-Id; "": none */
};

/* idle: none runs any more.  limit_ms: how long one may run, before it is told
 * to end, and half as long again before it is killed.  NULL: out of memory. */
struct hooks *hooks_new(
    int64_t limit_ms, void (*idle)(void *arg), void *arg) must_check;
/* What still runs is left alone. */
void hooks_free(struct hooks *);
size_t hooks_running(const struct hooks *);

/* Runs ip-up.  NULL: the profile has no hook, or the cause has been logged. */
struct hook *hook_up(struct hooks *, const struct hook_session *) must_check;
/* Runs ip-down, as soon as ip-up has ended; the hook is freed afterwards. */
void hook_down(struct hook *, const struct ppp_end *);

#endif
