/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_H
#define RADIUS_H

/* RADIUS for the sessions of one profile. */

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "conf.h"
#include "ppp_view.h"
#include "radius_acct.h"
#include "radius_map.h"

struct radius;

/* conf and its profile must outlive it.  NULL: out of memory. */
struct radius *radius_new(
    const struct conf *, const struct conf_ppp *) must_check;
void radius_free(struct radius *);
/* The place of both is taken; the radius block is the same.  Those that it was
 * made of must stay nevertheless; these are held, for a profile that goes is
 * not told the next ones. */
void radius_reload(
    struct radius *, const struct conf *, const struct conf_ppp *);

/* Not used by any other session, of an lnsd before us neither. */
void radius_new_session_id(struct radius *, char id[RADIUS_SESSION_ID_SIZE]);

/* answer->grant: the profile's, with what RADIUS says.  It is valid until this
 * returns. */
typedef void (*radius_login_fn)(void *arg, const struct radius_answer *answer);

/*
 * Asks whether this user may in.  done is called once, later and never from in
 * here, unless it is cancelled.  NULL: it cannot be asked, and *why says why (a
 * constant).
 */
struct radius_login;
struct radius_login *radius_log_in(struct radius *, const struct wire_ask *,
    const struct radius_station *, radius_login_fn done, void *arg,
    const char **why) must_check;
/* Not after done; NULL is nothing. */
void radius_login_cancel(struct radius_login *);

/* Whether sessions are accounted for. */
bool radius_accounts(const struct radius *);
/* insist: again for some minutes if no server takes it. */
void radius_account(
    struct radius *, const struct radius_request *, bool insist);
/* No session is left: Accounting-Off.  idle(arg) once all records have arrived
 * or are given up, maybe from in here. */
void radius_finish(struct radius *, void (*idle)(void *arg), void *arg);

/* See ppp_service_view_radius(). */
size_t radius_view_servers(
    const struct radius *, struct ppp_radius_view *, size_t room);

/* What all requests of the profile have in common; the session's own is added
 * by the caller. */
void radius_fill_station(const struct radius *, struct radius_station *);

#endif
