/* SPDX-License-Identifier: ISC */
#ifndef RUN_H
#define RUN_H

/* What the simulations have in common: seeds, verdicts, main(). */

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "net.h"

/* The seeds of a test: first <= seed < *end; n of them, or the one that was
 * asked for by -s. */
uint64_t run_seeds(uint64_t n, uint64_t *end);

/* The run has failed: writes its capture, ends the test with name, seed and
 * cause.  Without a cause: that of the net. */
_Noreturn void run_failed(
    const struct net *, const char *name, const char *cause);

/* Asked for by -l: more of everything.  By -v: statistics, to stdout. */
bool run_is_long(void);
bool run_is_verbose(void);

/* [-lv] [-s SEED]: runs the suite, prints libcheck's summary. */
int run_main(int argc, char **argv, Suite *);

#endif
