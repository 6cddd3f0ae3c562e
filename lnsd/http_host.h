/* SPDX-License-Identifier: ISC */
#ifndef HTTP_HOST_H
#define HTTP_HOST_H

#include <stdbool.h>

/*
 * Whether a request may have this Host: "localhost" or an address, with or
 * without a port.  A name that a stranger's server has given to our address
 * (DNS rebinding) is none of these.  Pure.  NULL is refused.
 */
bool http_host_is_ours(const char *host);

#endif
