/* SPDX-License-Identifier: ISC */
#ifndef WATCH_H
#define WATCH_H

/* A file that others write: by rewriting it, or by another that takes its name,
 * which need not be there. */

#include "compiler.h"

struct watch;

typedef void (*watch_fn)(void *arg);

/* changed, on the loop, shortly after the last of several changes; the file may
 * not be whole yet.  The directory has to be there, and stay.  NULL with errno.
 */
struct watch *watch_new(
    const char *path, watch_fn changed, void *arg) must_check;
void watch_free(struct watch *);

#endif
