/* SPDX-License-Identifier: ISC */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool one_seed, is_long, is_verbose;
static uint64_t the_seed;
static const char *program = "sim";

uint64_t
run_seeds(uint64_t n, uint64_t *end)
{
	*end = one_seed ? the_seed + 1 : n;
	return one_seed ? the_seed : 0;
}

bool
run_is_long(void)
{
	return is_long;
}

bool
run_is_verbose(void)
{
	return is_verbose;
}

void
run_failed(const struct net *n, const char *name, const char *cause)
{
	char path[512];
	const char *capture = "written";

	/* Beside the program: among what is built, not in the sources. */
	snprintf(path, sizeof(path), "%s-%s-%" PRIu64 ".pcap", program, name,
	    n->config.seed);
	if (n->config.no_capture)
		capture = "not made";
	else if (!net_write_pcap(n, path))
		capture = strerror(errno);
	ck_abort_msg("%s: %s; repeat with -s %" PRIu64 "; capture %s: %s", name,
	    cause != NULL ? cause : n->error, n->config.seed, path, capture);
	abort();
}

static bool
read_seed(const char *text)
{
	char *end = NULL;

	the_seed = strtoull(text, &end, 0);
	one_seed = true;
	return *text != '\0' && *end == '\0';
}

int
run_main(int argc, char **argv, Suite *suite)
{
	SRunner *runner;
	int c, failed;

	program = argv[0];
	while ((c = getopt(argc, argv, "ls:v")) != -1) {
		if (c == 'l') {
			is_long = true;
		} else if (c == 'v') {
			is_verbose = true;
		} else if (c != 's' || !read_seed(optarg)) {
			fprintf(stderr, "usage: %s [-lv] [-s seed]\n", argv[0]);
			return 2;
		}
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
