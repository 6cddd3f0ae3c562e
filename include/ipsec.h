/* SPDX-License-Identifier: ISC */
#ifndef IPSEC_H
#define IPSEC_H

/*
 * The protection of UDP 1701: the kernel guard, and libreswan's pluto with the
 * connections of the configuration.  In mode off nothing is done and ready()
 * comes at once.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

#include "compiler.h"
#include "conf.h"

struct ipsec;

struct ipsec_ops {
	/* The guard stands: UDP 1701 may be opened.  Once. */
	void (*guarded)(void *arg);
	/* pluto answers and has taken the connections.  Again after each
	 * restart of pluto. */
	void (*ready)(void *arg);
	/* Start-up failed; the cause has been logged. */
	void (*failed)(void *arg);
	/* After ipsec_stop(): everything is gone. */
	void (*stopped)(void *arg);
};

/* conf must outlive it.  No op is called before this returns.  NULL: out of
 * memory. */
struct ipsec *ipsec_start(
    const struct conf *, const struct ipsec_ops *, void *arg) must_check;
/* An address that clients dial has come or gone. */
void ipsec_address(struct ipsec *, struct in_addr, bool present);
/* Ends pluto, removes what it left in the kernel, then the guard; stopped()
 * follows, and the caller then calls ipsec_free(). */
void ipsec_stop(struct ipsec *);
void ipsec_free(struct ipsec *);

/* What an administrator should know of this configuration on this machine; for
 * a program without a loop. */
void ipsec_remarks(const struct conf *, FILE *out);
/* What is missing on this machine, in words; NULL if all is there. */
const char *ipsec_missing(const struct conf *);

#endif
