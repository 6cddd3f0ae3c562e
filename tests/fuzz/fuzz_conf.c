/* SPDX-License-Identifier: ISC */
/*
 * The input is a configuration file.  Whatever it holds, it is either taken, or
 * refused with at least one line that names the file.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "replay.h"

static int
file_of(const uint8_t *data, size_t size, char path[64])
{
	int fd = memfd_create("conf", MFD_CLOEXEC);

	if (fd == -1 || fchmod(fd, 0600) == -1 ||
	    write(fd, data, size) != (ssize_t)size)
		err(1, "memfd");
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64], *text = NULL;
	size_t len = 0;
	int fd = file_of(data, size, path);
	FILE *errors = open_memstream(&text, &len);
	struct conf *conf;

	if (errors == NULL)
		err(1, "open_memstream");
	conf = conf_load(path, errors);
	fclose(errors);
	if ((conf == NULL) != (len > 0) ||
	    (len > 0 && strncmp(text, path, strlen(path)) != 0))
		abort();
	conf_free(conf);
	free(text);
	close(fd);
	return 0;
}
