/* SPDX-License-Identifier: ISC */
#ifndef LISTENER_H
#define LISTENER_H

/*
 * The listening sockets: one for each address that clients may dial, following
 * the machine's addresses as they come and go.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr_set.h"
#include "compiler.h"
#include "conf.h"
#include "ipsec.h"
#include "lns.h"

struct listener;

struct listener_ops {
	/* A datagram from somebody without a tunnel socket. */
	void (*packet)(void *arg, const struct lns_path *path,
	    const uint8_t *data, size_t len);
	/* An address that clients may dial has come or gone. */
	void (*address)(void *arg, const struct lns_addr *, bool present);
};

/* Knows the addresses from now on, and tells them; opens no socket yet.  conf
 * and ipsec must outlive it. */
struct listener *listener_new(const struct conf *, struct ipsec *,
    const struct listener_ops *, void *arg) must_check;
/* Opens the port on every address, now and as they come.  -1 if there was none
 * to open; the cause has been logged. */
int listener_open(struct listener *) must_check;
void listener_close(struct listener *);
/* conf's place is taken; it wants the same addresses. */
void listener_reload(struct listener *, const struct conf *);
void listener_free(struct listener *);
/* Is this an address to listen on?  Pure. */
bool listener_wants(
    const struct conf *, const struct lns_addr *, enum addr_use);
/* The addresses that clients may dial: writes up to max, returns how many
 * there are. */
size_t listener_addresses(
    const struct listener *, struct lns_addr *, size_t max);
/* The socket of this local address, or -1. */
int listener_socket(const struct listener *, const struct lns_addr *local);

#endif
