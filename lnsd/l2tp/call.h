/* SPDX-License-Identifier: ISC */
#ifndef L2TP_CALL_H
#define L2TP_CALL_H

#include "lns.h"
#include "msg.h"

/* The record of a call: what ICRQ says of it, and then ICCN. */
void call_begin(struct lns_call *, const struct l2tp_msg *icrq);
void call_connect(struct lns_call *, const struct l2tp_msg *iccn);

#endif
