/* SPDX-License-Identifier: ISC */
#ifndef PREPARED_H
#define PREPARED_H

/*
 * A pppd that has been started and told its profile's options, and makes a
 * child for each session: a fifth of the CPU and a sixth of the memory of one
 * that is executed.  One for each profile, whose options it need not parse for
 * every session then; started when the first session wants it, so that a
 * profile that nobody uses costs nothing.  What it cannot or does not do in
 * time is left to the caller, who executes pppd with the same options.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "compiler.h"
#include "mono.h"
#include "pppd.h"

struct prepared;

/* pid: of the child, which is ours but not adopted yet; -1: there is none, the
 * session needs a pppd of its own.  Never called from within prepared_ask(). */
typedef void (*prepared_fn)(void *arg, pid_t pid);

/* Embedded by who asks, and his again when answered() is called. */
struct prepared_request {
	TAILQ_ENTRY(prepared_request) entry;
	uint32_t id;
	struct mono until;
	prepared_fn answered;
	void *arg;
};

struct prepared_times {
	int64_t start_ms;    /* for being ready, on a machine just booted */
	int64_t patience_ms; /* for an answer when it is */
	/* Before it is started again, once it has ended; twice as long each
	 * time that it did not make one child in between. */
	int64_t back_off_ms;
};

/* What spec points to must live as long; what differs from session to
 * session is not looked at.  NULL: no memory. */
struct prepared *prepared_new(
    const struct pppd_spec *, const struct prepared_times *) must_check;
/* Not while somebody waits for an answer. */
void prepared_free(struct prepared *);
/* Asks for a child that serves session_fd and speaks with us over ctl_fd, with
 * label and mtu; nothing else of session is looked at, and both descriptors
 * stay the caller's.  True: answered() follows.  False: there is no prepared
 * pppd at the moment. */
bool prepared_ask(struct prepared *, struct prepared_request *,
    const struct pppd_spec *session) must_check;
/* A child has ended, status as from waitpid(2).  If memory was corrupted, those
 * that follow get another layout of the address space. */
void prepared_child_ended(struct prepared *, int status);

#endif
