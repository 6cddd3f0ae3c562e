/* SPDX-License-Identifier: ISC */
#ifndef KEYS_H
#define KEYS_H

/*
 * libreswan's key database (NSS): made if it is missing, and the certificates
 * of the configuration imported, by one program of NSS after the other.  With
 * certificates it is made anew at each start and removed at the end, so that
 * it holds what is configured now and no private key stays behind.
 */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "conf.h"
#include "pluto_files.h"
#include "proc.h"

#define CERTUTIL_BIN "/usr/bin/certutil"
#define PK12UTIL_BIN "/usr/bin/pk12util"

struct keys {
	const struct conf *conf;
	const struct pluto_files *files;
	size_t step; /* 0: the database; then two for each certificate */
	char db[PLUTO_PATH_MAX + 4];
	char name[32]; /* of what is imported now */
	char p12[PLUTO_PATH_MAX + 16], password[PLUTO_PATH_MAX + 16];
	char pem[PLUTO_PATH_MAX + 16];
};

/* The files must outlive it. */
void keys_init(struct keys *, const struct conf *, const struct pluto_files *);
bool keys_done(const struct keys *) must_check;
/* Starts the next program, if it is not done; what it says goes to the log.
 * NULL: the cause has been logged. */
struct proc *keys_next(struct keys *, proc_exit_fn ended, void *arg) must_check;
/* Removes what the program that has ended was to import. */
void keys_clean(const struct keys *);
/* And the database if it holds keys. */
void keys_remove(const struct keys *);

#endif
