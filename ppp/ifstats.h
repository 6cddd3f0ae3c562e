/* SPDX-License-Identifier: ISC */
#ifndef IFSTATS_H
#define IFSTATS_H

/* What an interface has carried, by rtnetlink. */

#include <stdbool.h>

#include "compiler.h"
#include "radius_acct.h"

/* Waits for whoever changes interfaces just now: for a worker.  False: there is
 * no such interface. */
bool ifstats_read(const char *ifname, struct radius_usage *) must_check;

#endif
