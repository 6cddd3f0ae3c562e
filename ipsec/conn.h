/* SPDX-License-Identifier: ISC */
#ifndef CONN_H
#define CONN_H

/*
 * libreswan's configuration as text, made from ours (ipsec.conf(5),
 * ipsec.secrets(5)).  Pure: writes to the given stream, nothing else.
 *
 * For each peer and each address of its family that clients dial there is one
 * connection for each way to authenticate, named "<peer>-<address>",
 * "<peer>+cert-<address>" and "<peer>+group-<address>"; in mode system with
 * "lnsd+" in front, so that it is nobody else's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "algs.h"
#include "conf.h"

enum conn_kind {
	CONN_PSK, /* main mode */
	CONN_CERTIFICATE,
	CONN_AGGRESSIVE, /* with the psk, and only who sends the group-id */
	CONN_KINDS,
};

#define CONN_PREFIX "lnsd+"
#define CONN_NAME_MAX (sizeof(CONN_PREFIX) + LNS_NAME_MAX + 8 + LNS_ADDR_TEXT)

/* Of a certificate in the key database, by its number. */
#define CONN_NICKNAME "lnsd-%zu"

/* False: the peer does not authenticate so, or has an address of the other
 * family. */
bool conn_exists(const struct conf *, size_t peer, enum conn_kind,
    const struct lns_addr *local);
/* Of all peers, for one address. */
size_t conn_count(const struct conf *, const struct lns_addr *local);
/* The name of peer's connection at local; returns buf. */
const char *conn_name(const struct conf *, size_t peer, enum conn_kind,
    const struct lns_addr *local, char buf[CONN_NAME_MAX]);
/* Is this a line of whack --status with which one of our connections begins?
 * Then its name is in buf. */
bool conn_of_status(
    const struct conf *, const char *line, char buf[CONN_NAME_MAX]);
/* The peer whose connection has this name. */
bool conn_find_peer(const struct conf *, const char *name, size_t *peer);
/* What has to become of a peer's connection when next takes the place of
 * before. */
enum conn_change {
	CONN_SAME, /* or it is in neither */
	CONN_ADDED,
	CONN_CHANGED, /* by more than its key */
	CONN_GONE,
	CONN_UNKNOWN, /* out of memory */
};
enum conn_change conn_compare(const struct conf *before,
    const struct conf *next, size_t peer, enum conn_kind,
    const struct lns_addr *local, const struct algs *);
/* The whole ipsec.conf. */
void conn_write_config(FILE *, const struct conf *,
    const struct lns_addr *locals, size_t n_locals, const struct algs *);
/* The whole ipsec.secrets; PSKs in hexadecimal, so that no character of
 * theirs means anything to the reader. */
void conn_write_secrets(FILE *, const struct conf *,
    const struct lns_addr *locals, size_t n_locals);

#endif
