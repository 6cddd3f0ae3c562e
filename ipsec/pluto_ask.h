/* SPDX-License-Identifier: ISC */
#ifndef PLUTO_ASK_H
#define PLUTO_ASK_H

/* pluto is asked for its SAs, beside what else it is told; see ipsec_ask_ike()
 * in include/ipsec_view.h. */

#include "compiler.h"
#include "conf.h"
#include "ipsec_view.h"

/* socket: of pluto's control; not kept. */
struct ipsec_ask *pluto_ask(const char *socket, const struct conf *,
    ipsec_ike_fn done, void *arg) must_check;

#endif
