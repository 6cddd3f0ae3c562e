/* SPDX-License-Identifier: ISC */
#ifndef CONN_H
#define CONN_H

/*
 * libreswan's configuration as text, made from ours (ipsec.conf(5),
 * ipsec.secrets(5)).  Pure: writes to the given stream, nothing else.
 *
 * There is one connection for each peer and each address that clients dial,
 * named "<peer>-<address>".
 */

#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>

#include "algs.h"
#include "conf.h"

#define CONN_NAME_MAX (LNS_NAME_MAX + 2 + INET_ADDRSTRLEN)

/* The name of peer's connection at local; returns buf. */
const char *conn_name(const struct conf *, size_t peer, struct in_addr local,
    char buf[CONN_NAME_MAX]);
/* The whole ipsec.conf. */
void conn_write_config(FILE *, const struct conf *,
    const struct in_addr *locals, size_t n_locals, const struct algs *);
/* The whole ipsec.secrets; PSKs in hexadecimal, so that no character of
 * theirs means anything to the reader. */
void conn_write_secrets(
    FILE *, const struct conf *, const struct in_addr *locals, size_t n_locals);

#endif
