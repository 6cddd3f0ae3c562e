/* SPDX-License-Identifier: ISC */
#ifndef IPSEC_H
#define IPSEC_H

/*
 * The protection of UDP 1701: the kernel guard; libreswan's pluto, ours or the
 * system's, with the connections of the configuration; and the ties between
 * clients, their SAs and our sockets.  In mode off nothing is done and ready()
 * comes at once.
 */

#include <stdbool.h>
#include <stdio.h>

#include "compiler.h"
#include "conf.h"
#include "ike.h"
#include "lns.h"

struct ipsec;
struct ipsec_socket; /* a socket that is tied to its client's SA */

struct ipsec_ops {
	/* The guard stands: UDP 1701 may be opened.  Once. */
	void (*guarded)(void *arg);
	/* pluto answers and has taken the connections.  Again after each
	 * restart of pluto. */
	void (*ready)(void *arg);
	/* Start-up failed; the cause has been logged. */
	void (*failed)(void *arg);
	/* A client that has sockets lost its last SA some seconds ago. */
	void (*client_gone)(
	    void *arg, const struct lns_addr *peer, uint32_t client);
	/* What becomes of a client's IKE; may be NULL.  Not in mode system. */
	void (*ike)(void *arg, const struct ike_told *);
	/* After ipsec_stop(): everything is gone. */
	void (*stopped)(void *arg);
};

/* conf must outlive it.  No op is called before this returns.  NULL: out of
 * memory, or the cause has been logged. */
struct ipsec *ipsec_start(
    const struct conf *, const struct ipsec_ops *, void *arg) must_check;
/* next takes the place of conf, which is held if anything of it is needed: its
 * connections and keys are brought into pluto; SAs of connections that are as
 * they were stay.  With other certificates nothing happens. */
void ipsec_reload(
    struct ipsec *, const struct conf *next, const struct conf_changes *);
/* An address that clients dial has come or gone. */
void ipsec_address(struct ipsec *, const struct lns_addr *, bool present);
/* Ends pluto, removes what it left in the kernel, then the guard; or takes the
 * connections out of the system's pluto.  stopped() follows, and the caller
 * then calls ipsec_free(). */
void ipsec_stop(struct ipsec *);
void ipsec_free(struct ipsec *);

/*
 * Before fd, a socket of this family, is bound to an address that clients
 * dial: it gets only what came out of an SA, with the mark of SO_RCVMARK, and
 * sends nothing.  0, or -1 with errno.
 */
int ipsec_protect_listener(struct ipsec *, int fd, uint8_t family) must_check;
/* Which client a datagram on a listening socket is from, by its mark: sets
 * path->client.  False: of none, to be dropped. */
bool ipsec_client(struct ipsec *, struct lns_path *path, uint32_t mark);
/*
 * Ties fd, a UDP socket that is not bound yet, to the SAs of path->client, and
 * follows them when they are replaced.  *bind_to: the address to bind it to,
 * which may be one that stands for the client; the address that was dialled
 * has to be its source nevertheless.  receives: whatever the client sends to
 * path->local, requests for a tunnel excepted, goes to its sockets with this
 * flag from now on.  *tie: what to free; NULL in mode off.  0, or -1 with
 * errno, ENOENT if the client has no SA.
 */
int ipsec_socket_new(struct ipsec *, const struct lns_path *, int fd,
    bool receives, struct lns_addr *bind_to,
    struct ipsec_socket **tie) must_check;
/* The client does not answer any more; before ipsec_socket_free().  NULL does
 * nothing. */
void ipsec_socket_lost(struct ipsec_socket *);
/* The client's ESP is in UDP at the moment.  NULL: no. */
bool ipsec_socket_in_udp(const struct ipsec_socket *);
/* Before fd is closed.  NULL does nothing. */
void ipsec_socket_free(struct ipsec_socket *);

/* What an administrator should know of this configuration on this machine; for
 * a program without a loop. */
void ipsec_remarks(const struct conf *, FILE *out);
/* What is missing on this machine, in words; NULL if all is there. */
const char *ipsec_missing(const struct conf *);
/* The control socket of the pluto that serves this configuration. */
void ipsec_pluto_socket(const struct conf *, char *path, size_t size);

#endif
