/* SPDX-License-Identifier: ISC */
#ifndef ADDR_H
#define ADDR_H

/*
 * The machine's addresses as they come and go (rtnetlink): those that others
 * can dial, so neither loopback nor link-local ones.
 */

#include "addr_set.h"

/* Calls fn for every address there is, before it returns, and later for every
 * change.  Fatal on failure. */
void addr_watch(addr_fn fn, void *arg);
void addr_unwatch(void);

#endif
