/* SPDX-License-Identifier: ISC */
#ifndef PLUTO_FILES_H
#define PLUTO_FILES_H

/*
 * pluto's files: configuration, secrets and control socket below run-dir, gone
 * when lnsd stops; the key database below state-dir (keys.h).
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "algs.h"
#include "compiler.h"
#include "conf.h"

/* sun_path is the narrowest of all. */
#define PLUTO_PATH_MAX 108

struct pluto_files {
	char state[PLUTO_PATH_MAX], nss[PLUTO_PATH_MAX], keys[PLUTO_PATH_MAX];
	char dir[PLUTO_PATH_MAX], policies[PLUTO_PATH_MAX];
	char conf[PLUTO_PATH_MAX], secrets[PLUTO_PATH_MAX];
	char ctl[PLUTO_PATH_MAX], pid[PLUTO_PATH_MAX];
};

/* Names only. */
void pluto_files_init(struct pluto_files *, const struct conf *);
/* Makes the directories, mode 0700.  -1: the cause has been logged. */
int pluto_files_make(const struct pluto_files *) must_check;
/* Writes configuration and secrets, mode 0600.  -1: the cause has been
 * logged. */
int pluto_files_write(const struct pluto_files *, const struct conf *,
    const struct in_addr *locals, size_t n_locals,
    const struct algs *) must_check;
/* A new file, mode 0600, in the place of an old one; NULL with errno. */
FILE *pluto_files_open_private(const char *name) must_check;
bool pluto_files_have_keys(const struct pluto_files *);
/* What is below run-dir. */
void pluto_files_remove(const struct pluto_files *);

#endif
