/* SPDX-License-Identifier: ISC */
#ifndef L2TP_REQUEST_H
#define L2TP_REQUEST_H

#include <stdint.h>

#include "buf.h"
#include "hdr.h"
#include "lns.h"
#include "msg.h"

#define NO_PEER UINT32_MAX

/* The beginning of a control connection that has no tunnel (yet). */
struct request {
	const struct lns_path *path;
	struct l2tp_hdr hdr;
	struct rbuf data, body;
	struct l2tp_msg msg;
	uint16_t peer_tid;
	uint32_t peer; /* NO_PEER: a stranger */
	struct mono now;
};

/* A SCCRQ; err: what decoding it has returned.  It makes a tunnel, goes to the
 * one that it is a repetition for, is refused (RFC 2661 5.1), or dropped. */
void engine_request(struct lns *, struct request *, int err);

#endif
