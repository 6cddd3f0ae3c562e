/* SPDX-License-Identifier: ISC */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool one_seed;
static uint64_t the_seed;
static const char *program = "sim";

uint64_t
run_seeds(uint64_t n, uint64_t *end)
{
	*end = one_seed ? the_seed + 1 : n;
	return one_seed ? the_seed : 0;
}

void
run_failed(const struct net *n, const char *name, const char *cause)
{
	char path[512];
	bool ok;

	/* Beside the program: among what is built, not in the sources. */
	snprintf(path, sizeof(path), "%s-%s-%" PRIu64 ".pcap", program, name,
	    n->config.seed);
	ok = net_write_pcap(n, path);
	ck_abort_msg("%s: %s; repeat with -s %" PRIu64 "; capture %s: %s", name,
	    cause != NULL ? cause : n->error, n->config.seed, path,
	    ok ? "written" : strerror(errno));
	abort();
}

int
run_main(int argc, char **argv, Suite *suite)
{
	SRunner *runner;
	char *end = NULL;
	int c, failed;

	program = argv[0];
	while ((c = getopt(argc, argv, "s:")) != -1) {
		if (c == 's')
			the_seed = strtoull(optarg, &end, 0);
		if (c != 's' || *optarg == '\0' || *end != '\0') {
			fprintf(stderr, "usage: %s [-s seed]\n", argv[0]);
			return 2;
		}
		one_seed = true;
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
