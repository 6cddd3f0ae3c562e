/* SPDX-License-Identifier: ISC */
#ifndef CLIENT_KIND_H
#define CLIENT_KIND_H

#include <stdint.h>

/* What a client is, guessed by how it names itself in SCCRQ; "" where it does
 * not.  A constant, "unknown" if there is nothing to go by.  Pure. */
const char *client_kind(
    const char *hostname, const char *vendor, uint16_t firmware);

#endif
