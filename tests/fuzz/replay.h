/* SPDX-License-Identifier: ISC */
#ifndef REPLAY_H
#define REPLAY_H

/*
 * What a fuzz target is made of, for it is one file: libFuzzer's entry and,
 * without libFuzzer (LNSD_LIBFUZZER not defined), a main() that replays the
 * files named on the command line and those in the directories named.
 */

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef LNSD_LIBFUZZER

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define REPLAY_MAX 65536

static void
replay_file(const char *path)
{
	static uint8_t buf[REPLAY_MAX];
	FILE *f = fopen(path, "rb");
	uint8_t *exact;
	size_t n;

	if (f == NULL)
		err(1, "%s", path);
	n = fread(buf, 1, sizeof(buf), f);
	if (ferror(f))
		errx(1, "%s: cannot read", path);
	fclose(f);
	/* The sanitizers see a byte read too far only at the end of an
	 * allocation. */
	exact = malloc(n == 0 ? 1 : n);
	if (exact == NULL)
		err(1, NULL);
	for (size_t i = 0; i < n; i++)
		exact[i] = buf[i];
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

/* Returns how many files there were. */
static unsigned
replay_path(const char *path)
{
	struct dirent **names;
	struct stat st;
	char child[4096];
	unsigned count = 0;
	int n;

	if (stat(path, &st) == -1)
		err(1, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path);
		return 1;
	}
	if ((n = scandir(path, &names, NULL, alphasort)) == -1)
		err(1, "%s", path);
	for (int i = 0; i < n; i++) {
		snprintf(child, sizeof(child), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.') {
			replay_file(child);
			count++;
		}
		free(names[i]);
	}
	free(names);
	return count;
}

int
main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++)
		count += replay_path(argv[i]);
	printf("%s: %u inputs replayed\n", argv[0], count);
	if (count == 0)
		errx(1, "nothing to replay");
	return 0;
}

#endif
#endif
