/* SPDX-License-Identifier: ISC */
#ifndef WORKER_H
#define WORKER_H

/*
 * Threads for system calls that sleep.  Creating or closing a PPPoL2TP socket
 * waits for RCU grace periods (12 to 36 ms each); on the loop that would
 * freeze everybody.  The waits overlap across threads, so there are several.
 */

#include <stddef.h>

#include "compiler.h"

typedef void (*worker_fn)(void *arg);

/* Fatal on failure.  Threads start when there is work. */
void worker_init(void);
/* run(arg) on some thread, then done(arg) on the loop; in between, arg belongs
 * to the job and the loop keeps its hands off.  0, or -1 with errno and
 * nothing done. */
int worker_submit(worker_fn run, worker_fn done, void *arg) must_check;
/* Jobs whose done() has not been called. */
size_t worker_pending(void);
/* Waits for the threads; jobs not yet finished are run, done() is not. */
void worker_fini(void);

#endif
