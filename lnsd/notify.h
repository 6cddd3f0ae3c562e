/* SPDX-License-Identifier: ISC */
#ifndef NOTIFY_H
#define NOTIFY_H

/*
 * What the service manager is told: sd_notify(3) of systemd, Type=notify.
 * Without one that wants it nothing is sent, and nothing fails.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "mono.h"

enum notify_state {
	NOTIFY_STARTING,
	NOTIFY_READY,
	NOTIFY_RELOADING, /* ready again with the next NOTIFY_READY */
	NOTIFY_STOPPING,
};

#define NOTIFY_STATUS_MAX 160

/* Takes what the manager asks for out of the environment, so that no child
 * process gets it.  Once, and before there are any. */
void notify_init(void);
void notify_fini(void);
/* Whether anybody wants to be told. */
bool notify_wanted(void);
/* notify_tell() has to be called again within this time: it is the sign of
 * life, too. */
int64_t notify_interval_ms(void);
/* Never waits.  What gets lost is made up for by the next call, for each tells
 * everything.  status: a line for people, cut at NOTIFY_STATUS_MAX. */
void notify_tell(enum notify_state, const char *status, struct mono now);

/* The datagram of the latter: its length, without the NUL. */
size_t notify_text(char *buf, size_t size, enum notify_state,
    const char *status, struct mono now) must_check;

#endif
