/* SPDX-License-Identifier: ISC */
#ifndef PLUTO_H
#define PLUTO_H

/*
 * libreswan's IKE daemon: as a child of ours (mode managed), with its files,
 * its start, the connections, its end, and its return when it dies; or the
 * system's (mode system), into which the connections are brought, and out of
 * which they are taken.
 */

#include "compiler.h"
#include "conf.h"
#include "ike.h"

struct pluto;

struct pluto_ops {
	/* It answers and has taken the connections; after each restart too. */
	void (*ready)(void *arg);
	/* The first start failed; the cause has been logged. */
	void (*failed)(void *arg);
	/* A line of its log about a client; not of the system's. */
	void (*ike)(void *arg, struct ike_told *);
	/* After pluto_stop(). */
	void (*stopped)(void *arg);
};

/* Starts it with the addresses given so far.  NULL: out of memory. */
struct pluto *pluto_new(
    const struct conf *, const struct pluto_ops *, void *arg) must_check;
void pluto_free(struct pluto *);
/* Clients may dial this address: adds the connections for it.  Harmless when
 * they are there. */
void pluto_add_address(struct pluto *, const struct lns_addr *);
/* The machine's addresses have changed: pluto looks again. */
void pluto_rescan(struct pluto *);
/*
 * next takes the place of conf: connections that are new or other than before
 * are added, those that are gone are deleted, with their SAs, and the keys are
 * read again.  keep: all stays as it was, and conf is held.
 */
void pluto_reload(struct pluto *, const struct conf *next, bool keep);
void pluto_start(struct pluto *);
/*
 * The SA with this inbound SPI is of before its client dialled again, or (lost)
 * its client does not answer any more.  Its states are deleted some seconds
 * later if there is a newer SA; those of a lost client also if they share their
 * instance of a connection with another's, which dead peer detection would end,
 * too.  Otherwise they stay for when the client comes back.
 */
void pluto_stale(struct pluto *, uint32_t spi, bool lost);
void pluto_stop(struct pluto *);
/* A constant: "starting", "running", "stopping". */
const char *pluto_state(const struct pluto *);

/* NULL if libreswan is there; else words. */
const char *pluto_missing(const struct conf *);

#endif
