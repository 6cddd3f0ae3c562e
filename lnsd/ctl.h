/* SPDX-License-Identifier: ISC */
#ifndef CTL_H
#define CTL_H

/*
 * The control socket: a unix stream socket in run-dir on which lnsctl, or
 * anybody in the group, asks and commands.  JSON-RPC 2.0, one object in a line;
 * what a long answer tells on its way are notifications "item".  The protocol
 * is described in lnsd(8).
 *
 * Who answers a request is a method that somebody has added; it may answer at
 * once or later, and once.
 */

#include <jansson.h>
#include <sys/types.h>

#include "compiler.h"

#define CTL_PROTOCOL 1
#define CTL_SOCKET "lnsd.sock"
#define CTL_GROUP "lnsd"

/* Codes of errors, beside JSON-RPC's own. */
enum ctl_error {
	CTL_PARSE = -32700,
	CTL_INVALID = -32600,
	CTL_NO_METHOD = -32601,
	CTL_PARAMS = -32602,
	CTL_INTERNAL = -32603,
	CTL_NOT_FOUND = -32001, /* no such session, user, peer ... */
	CTL_BUSY = -32002,	/* not now */
	CTL_FAILED = -32003,
};

struct ctl;
struct ctl_request;

/* Must end in ctl_done() or ctl_fail(), now or later. */
typedef void (*ctl_fn)(void *arg, struct ctl_request *);

/* run_dir must be there.  NULL: the cause has been logged. */
struct ctl *ctl_new(const char *run_dir) must_check;
/* Requests that are still open are forgotten: who holds one is told by its
 * gone(). */
void ctl_free(struct ctl *);
/* Answers name, which must outlive it, and which nobody else answers.  Fatal
 * without memory. */
void ctl_add(struct ctl *, const char *name, ctl_fn, void *arg);

/* What was asked with: an object, valid until the request ends. */
const json_t *ctl_params(const struct ctl_request *);
/* The parameter of this name; NULL: not given, or not a string. */
const char *ctl_param(const struct ctl_request *, const char *name);
/* For who answers later: gone(arg) once if the client goes first; the request
 * is not to be touched then. */
void ctl_on_gone(struct ctl_request *, void (*gone)(void *arg), void *arg);
/* A part of a long answer.  Takes the reference; NULL: was out of memory, and
 * does nothing. */
void ctl_item(struct ctl_request *, json_t *item);
/* Whose process asks. */
uid_t ctl_uid(const struct ctl_request *);
/* The end, of a result that is JSON text already (borrowed). */
void ctl_done_text(struct ctl_request *, const char *result);
/* The end.  Takes the reference; NULL: out of memory. */
void ctl_done(struct ctl_request *, json_t *result);
void ctl_fail(struct ctl_request *, enum ctl_error, const char *fmt, ...)
    printf_like(3, 4);

#endif
