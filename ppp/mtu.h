/* SPDX-License-Identifier: ISC */
#ifndef MTU_H
#define MTU_H

/* The MTU of a client's link when it is not configured.  Pure. */

#include "ppp.h"

#define MTU_AUTO_MIN 1280u /* RFC 8200 5 */
#define MTU_AUTO_MAX 1400u

/* The largest packet that fits, with all that is put around it, into one that
 * the route to the client and the usual lines of clients carry whole. */
unsigned int mtu_auto(const struct ppp_underlay *);

#endif
