/* SPDX-License-Identifier: ISC */
#ifndef PLUTO_FILES_H
#define PLUTO_FILES_H

/*
 * pluto's files: configuration, secrets and control socket below run-dir, gone
 * when lnsd stops; the key database below state-dir (keys.h).  Of the system's
 * pluto only the configuration of our connections is below run-dir; our secrets
 * are a file of their own where it looks for them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "algs.h"
#include "compiler.h"
#include "conf.h"

/* sun_path is the narrowest of all. */
#define PLUTO_PATH_MAX 108

/* Where libreswan has these unless it is told otherwise. */
#define PLUTO_SYSTEM_CTL "/run/pluto/pluto.ctl"
#define PLUTO_SYSTEM_PID "/run/pluto/pluto.pid"
#define PLUTO_SYSTEM_SECRETS "/etc/ipsec.secrets"
#define PLUTO_SYSTEM_OURS "/etc/ipsec.d/lnsd.secrets"

struct pluto_files {
	bool system;
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
    const struct lns_addr *locals, size_t n_locals,
    const struct algs *) must_check;
/* A new file, mode 0600, in the place of an old one; NULL with errno. */
FILE *pluto_files_open_private(const char *name) must_check;
bool pluto_files_have_keys(const struct pluto_files *);
/* What is ours and does not stay. */
void pluto_files_remove(const struct pluto_files *);

/* Is there an include directive in text, an ipsec.secrets(5) that lies in dir,
 * that covers file?  Pure. */
bool pluto_files_includes(const char *text, const char *dir, const char *file);

#endif
