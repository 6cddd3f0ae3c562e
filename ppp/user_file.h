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

/* Reads the file and adds its users to the others; conf, chap and others must
 * outlive it.  NULL: out of memory. */
struct user_file *user_file_new(
    const struct conf *, struct chap *, struct user_db *others) must_check;
void user_file_free(struct user_file *);
/* Reads it again although nothing says that it has changed. */
void user_file_read(struct user_file *);

#endif
