/* SPDX-License-Identifier: ISC */
/* Files of setup; contract in setup_file.h. */

#include "setup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
setup_file_write(const char *path, const char *text, unsigned int mode)
{
	size_t len = strlen(text);
	char new[220];
	bool ok;
	int fd, err;

	snprintf(new, sizeof(new), "%.210s.new", path);
	(void)unlink(new);
	fd = open(
	    new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	ok = fd != -1 && write(fd, text, len) == (ssize_t)len &&
	     fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0;
	err = errno;
	if (fd != -1 && close(fd) == -1 && ok) {
		ok = false;
		err = errno;
	}
	if (ok && rename(new, path) == 0)
		return true;
	if (ok)
		err = errno;
	(void)unlink(new);
	errno = err;
	return false;
}

char *
setup_file_read(const char *path, unsigned int *mode)
{
	struct stat st;
	char *text = NULL;
	size_t len;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		return NULL;
	if (fstat(fileno(f), &st) == 0 && st.st_size >= 0 &&
	    (text = malloc((size_t)st.st_size + 1)) != NULL) {
		len = fread(text, 1, (size_t)st.st_size, f);
		text[len] = '\0';
		if (mode != NULL)
			*mode = st.st_mode & 07777;
	}
	fclose(f);
	return text;
}

/* False: it has none. */
static bool
directory_of(const char *path, char up[220])
{
	char *slash;

	snprintf(up, 220, "%s", path);
	slash = strrchr(up, '/');
	if (slash == NULL || slash == up)
		return false;
	*slash = '\0';
	return true;
}

bool
setup_file_make_directory(const char *path, unsigned int mode, bool *made)
{
	char up[220];

	*made = false;
	if (!directory_of(path, up))
		return true;
	if (mkdir(up, (mode_t)mode) == 0)
		*made = true;
	return *made || errno == EEXIST;
}

void
setup_file_remove_directory(const char *path)
{
	char up[220];

	if (directory_of(path, up))
		(void)rmdir(up);
}
