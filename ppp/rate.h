/* SPDX-License-Identifier: ISC */
#ifndef RATE_H
#define RATE_H

/*
 * How much a client may send and is sent, by the kernel's traffic control: what
 * goes to it waits in a short queue (tbf), what comes from it beyond its rate
 * is dropped (police).  It goes with the interface.
 */

#include <stdint.h>

#include "compiler.h"

struct rate_limit {
	unsigned int up_kbit, down_kbit; /* per second; 0: no limit */
};

/* What there was before on this interface goes.  Waits for the kernel, which
 * may have to load modules.  0, or -1 with errno: ENODEV, the interface has
 * gone. */
int rate_set(uint32_t ifindex, const struct rate_limit *) must_check;

/* Octets that may come at once, and those that wait at most. */
uint32_t rate_up_burst(unsigned int kbit);
uint32_t rate_down_burst(unsigned int kbit);
uint32_t rate_down_queue(unsigned int kbit);

#endif
