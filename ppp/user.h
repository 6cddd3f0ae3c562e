/* SPDX-License-Identifier: ISC */
#ifndef USER_H
#define USER_H

/*
 * Who may in: the users of the configuration and the verdict on what a peer
 * presents as one of them.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cause.h"
#include "chap.h"
#include "compiler.h"
#include "conf.h"
#include "plugin/wire.h"

struct user_db;

struct user_verdict {
	bool granted;
	/* Whom the name means; NULL: nobody.  Until the data base changes. */
	const struct conf_user *user;
	/* Who he is: his user's name, or the peer's own if anybody may be that
	 * user; "" if nobody. */
	char name[WIRE_NAME_MAX + 1];
	/* Not granted, though by a method that is allowed: maybe a guess. */
	bool failed;
	/* Why not, in words (a constant); NULL if granted.  For our log only:
	 * the peer must not be told an unknown user from a wrong password. */
	const char *reason;
	enum cause cause;	     /* the same, for programs */
	char proof[CHAP_PROOF_SIZE]; /* MS-CHAPv2 and granted, else "" */
};

/* The CONF_AUTH_* bit of a wire_method, or 0. */
unsigned int user_method_bit(uint8_t method);

/* The users and chap must outlive it.  NULL: no memory or no MD4. */
struct user_db *user_db_new(
    const struct conf_user *, size_t n, struct chap *) must_check;
void user_db_free(struct user_db *);
/* Users that are looked for after those of the data base, instead of those
 * added before; NULL: none.  The names differ. */
void user_db_add(struct user_db *, const struct user_db *more);

/*
 * allowed: CONF_AUTH_* bits.  The name is looked up as it is, and then
 * without the domain in front ("OFFICE\alice" is alice); who has no user of his
 * own is CONF_ANY_USER if there is one.  An unknown name costs as much time as
 * a known one.
 */
void user_verify(const struct user_db *, unsigned int allowed,
    const struct wire_ask *, struct user_verdict *);

#endif
