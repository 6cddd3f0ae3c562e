/* SPDX-License-Identifier: ISC */
#ifndef RELOAD_H
#define RELOAD_H

/*
 * Reading the configuration again: in a worker, so that nobody waits; then what
 * has changed takes effect at once.  What an invalid file, or one that needs a
 * restart, says is in the log and in the answer.
 */

#include "compiler.h"
#include "conf.h"
#include "ctl.h"

struct reload;

struct reload_ops {
	/* next takes the place of the configuration: -1 if it cannot. */
	int (*apply)(void *arg, struct conf *next, const struct conf_changes *);
	/* NULL: the server stops. */
	const struct conf *(*current)(void *arg);
	/* Nothing has changed, but users-file may have. */
	void (*unchanged)(void *arg);
	/* It begins; it has ended, whatever became of it. */
	void (*running)(void *arg, bool);
};

/* path is copied.  NULL: out of memory. */
struct reload *reload_new(
    const char *path, const struct reload_ops *, void *arg) must_check;
void reload_free(struct reload *);
/* One that is under way is followed by another. */
void reload_now(struct reload *);
/* The method of the control socket: answers when it is done. */
void reload_asked(void *reload, struct ctl_request *);

#endif
