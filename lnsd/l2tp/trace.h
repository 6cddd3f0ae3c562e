/* SPDX-License-Identifier: ISC */
#ifndef L2TP_TRACE_H
#define L2TP_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "avp.h"
#include "buf.h"
#include "env.h"

/* Room for a line that no value can overflow. */
#define TRACE_LINE_MAX 160

/* The line of one AVP, without leading blanks, in the wording for what we
 * sent or received; type is that of the message it stands in. */
void trace_avp(
    char line[TRACE_LINE_MAX], const struct avp *, uint16_t type, bool sent);

/* Logs the AVPs in body at this level, below this header line. */
void trace_message(
    struct env *, int level, const char *header, struct rbuf body, bool sent);

#define TRACE_RECV " recv message AVPs :"
#define TRACE_SEND " send message AVPs :"
/* The documented sample spells it so after a keepalive failure. */
#define TRACE_SEND_KEEPALIVE " send Message AVPs :"

#endif
