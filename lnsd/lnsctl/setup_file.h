/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_SETUP_FILE_H
#define LNSCTL_SETUP_FILE_H

/* Files that setup writes, and takes back. */

#include <stdbool.h>

#include "compiler.h"

/* Whole, or not at all.  False with errno. */
bool setup_file_write(
    const char *path, const char *text, unsigned int mode) must_check;
/* Its text, to be freed, and mode (NULL: not asked for).  NULL with errno. */
char *setup_file_read(const char *path, unsigned int *mode) must_check;
/* The directory that path is in, if that is lacking; made: it was.  False with
 * errno. */
bool setup_file_make_directory(
    const char *path, unsigned int mode, bool *made) must_check;
/* If nothing is in it. */
void setup_file_remove_directory(const char *path);

#endif
