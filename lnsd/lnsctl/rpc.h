/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_RPC_H
#define LNSCTL_RPC_H

/* The client's end of the control socket; see ctl.h. */

#include <jansson.h>
#include <stdbool.h>

#include "compiler.h"

struct rpc;

/* NULL with errno. */
struct rpc *rpc_open(const char *path) must_check;
void rpc_close(struct rpc *);
/* Waits for the answer.  params: takes the reference; NULL: none.  Returns the
 * whole answer, with "result" or "error" in it, to be released; NULL: the
 * connection is broken, or (errno 0) on_item() has had enough. */
json_t *rpc_call(struct rpc *, const char *method, json_t *params,
    bool (*on_item)(void *arg, const json_t *item), void *arg) must_check;

/* Reads until the server closes the connection. */
void rpc_wait_end(struct rpc *);

#endif
