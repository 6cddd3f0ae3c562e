/* SPDX-License-Identifier: ISC */
#ifndef USER_FILE_H
#define USER_FILE_H

/*
 * The users of users-file, read again when it changes, away from the loop.  A
 * file with mistakes changes nothing.
 */

#include "chap.h"
#include "compiler.h"
#include "conf.h"
#include "user.h"

struct user_file;

/* These are its users from now on. */
typedef void (*user_file_fn)(void *arg, const struct conf_users *);

/* Reads the file and adds its users to the others; conf, chap and others must
 * outlive it.  taken may be called from in here.  NULL: out of memory. */
struct user_file *user_file_new(const struct conf *, struct chap *,
    struct user_db *others, user_file_fn taken, void *arg) must_check;
/* NULL: none yet.  Until taken is called again. */
const struct conf_users *user_file_users(const struct user_file *);
void user_file_free(struct user_file *);
/* Reads it again although nothing says that it has changed. */
void user_file_read(struct user_file *);

#endif
