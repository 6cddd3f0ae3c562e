/* SPDX-License-Identifier: ISC */
/* The verdict on a user; contract in user.h. */

#include "user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>

/* All that is ever compared with.  The NT hash is made once, so that users
 * with a password and those with a hash cost the same. */
struct entry {
	const struct conf_user *user; /* NULL: the user nobody is */
	const char *password;	      /* NULL: not known */
	uint8_t nt_hash[CHAP_NT_HASH_LEN];
	/* As pppd makes it as a client; differs beyond ASCII. */
	uint8_t octets_hash[CHAP_NT_HASH_LEN];
};

struct user_db {
	struct chap *chap;
	struct entry *entries; /* sorted by name */
	size_t n;
	struct entry nobody;
	const struct user_db *more;
};

/* Nobody has it: nobody is refused whatever he presents. */
#define NOBODYS_PASSWORD "no password"

struct key {
	const uint8_t *name;
	size_t len;
};

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->user->name, y->user->name);
}

static int
compare_key(const void *k, const void *e)
{
	const struct key *key = k;
	const char *name = ((const struct entry *)e)->user->name;
	size_t len = strlen(name);
	int r;

	r = memcmp(key->name, name, key->len < len ? key->len : len);
	if (r != 0 || key->len == len)
		return r;
	return key->len < len ? -1 : 1;
}

static bool
entry_init(struct entry *e, struct chap *chap, const struct conf_user *u)
{
	const uint8_t *pw = (const uint8_t *)u->password;

	e->user = u;
	e->password = u->password;
	if (pw != NULL)
		return chap_nt_hash(
			   chap, pw, strlen(u->password), e->nt_hash) &&
		       chap_nt_hash_octets(
			   chap, pw, strlen(u->password), e->octets_hash);
	memcpy(e->nt_hash, u->nt_hash, sizeof(e->nt_hash));
	memcpy(e->octets_hash, u->nt_hash, sizeof(e->octets_hash));
	return u->has_nt_hash;
}

struct user_db *
user_db_new(const struct conf_user *users, size_t n, struct chap *chap)
{
	char secret[] = NOBODYS_PASSWORD;
	const struct conf_user nobody = { .password = secret };
	struct user_db *db;
	bool ok;
	size_t i;

	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return NULL;
	db->chap = chap;
	db->n = n;
	db->entries = calloc(n > 0 ? n : 1, sizeof(*db->entries));
	ok = db->entries != NULL && entry_init(&db->nobody, chap, &nobody);
	for (i = 0; ok && i < n; i++)
		ok = entry_init(&db->entries[i], chap, &users[i]);
	if (!ok) {
		user_db_free(db);
		return NULL;
	}
	db->nobody.user = NULL;
	db->nobody.password = NOBODYS_PASSWORD;
	if (n > 1)
		qsort(db->entries, n, sizeof(*db->entries), compare_entries);
	return db;
}

void
user_db_free(struct user_db *db)
{
	if (db == NULL)
		return;
	if (db->entries != NULL)
		OPENSSL_cleanse(db->entries, db->n * sizeof(*db->entries));
	free(db->entries);
	free(db);
}

void
user_db_add(struct user_db *db, const struct user_db *more)
{
	db->more = more;
}

static const struct entry *
find_here(const struct user_db *db, const struct key *key)
{
	return db->n == 0 ? NULL
			  : bsearch(key, db->entries, db->n,
				sizeof(*db->entries), compare_key);
}

static const struct entry *
find(const struct user_db *db, const uint8_t *name, size_t len)
{
	const struct key key = { name, len };
	const struct entry *e = find_here(db, &key);

	return e == NULL && db->more != NULL ? find_here(db->more, &key) : e;
}

static bool
is_any(const struct entry *e)
{
	return e->user != NULL && strcmp(e->user->name, CONF_ANY_USER) == 0;
}

/* He will be in the log, and in the environment of programs. */
static bool
is_printable(const uint8_t *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (name[i] < 0x20 || name[i] == 0x7f)
			return false;
	return len > 0;
}

/* *bare: the name that he counts by if he has no user of his own. */
static const struct entry *
find_any(const struct user_db *db, const struct wire_ask *ask, struct key *bare)
{
	static const uint8_t any[] = CONF_ANY_USER;
	const struct entry *e = find(db, ask->name, ask->name_len);

	bare->len = ask->name_len;
	bare->name = chap_bare_name(ask->name, &bare->len);
	if (e == NULL)
		e = find(db, bare->name, bare->len);
	if (e == NULL && is_printable(bare->name, bare->len))
		e = find(db, any, sizeof(any) - 1);
	return e;
}

static bool
verify_pap(
    const struct user_db *db, const struct entry *e, const struct wire_ask *ask)
{
	uint8_t given[CHAP_NT_HASH_LEN];
	bool ok;

	/* By hash for all: users whose password is not known log in too, and
	 * the lengths of the passwords play no part. */
	ok = chap_nt_hash(db->chap, ask->response, ask->response_len, given) &&
	     CRYPTO_memcmp(given, e->nt_hash, sizeof(given)) == 0;
	OPENSSL_cleanse(given, sizeof(given));
	return ok;
}

static bool
verify_ms(const struct user_db *db, const struct entry *e,
    const struct wire_ask *ask, char proof[CHAP_PROOF_SIZE])
{
	const struct chap_ms ms = { ask->challenge, ask->response, ask->name,
		ask->name_len };
	char other[CHAP_PROOF_SIZE];
	bool ok, other_ok;

	if (ask->challenge_len != CHAP_MS_CHALLENGE_LEN ||
	    ask->response_len != CHAP_MS_RESPONSE_LEN)
		return false;
	/* Always both: equal time. */
	ok = chap_ms_verify(db->chap, &ms, e->nt_hash, proof);
	other_ok = chap_ms_verify(db->chap, &ms, e->octets_hash, other);
	if (!ok && other_ok)
		memcpy(proof, other, sizeof(other));
	return ok || other_ok;
}

static bool
verify(const struct user_db *db, const struct entry *e,
    const struct wire_ask *ask, char proof[CHAP_PROOF_SIZE])
{
	switch (ask->method) {
	case WIRE_PAP:
		return verify_pap(db, e, ask);
	case WIRE_CHAP:
		return chap_md5_verify(db->chap, ask->id,
		    e->password != NULL ? e->password : db->nobody.password,
		    ask->challenge, ask->challenge_len, ask->response,
		    ask->response_len);
	case WIRE_MSCHAPV2:
		return verify_ms(db, e, ask, proof);
	default:
		return false;
	}
}

unsigned int
user_method_bit(uint8_t method)
{
	return method == WIRE_PAP	 ? CONF_AUTH_PAP
	       : method == WIRE_CHAP	 ? CONF_AUTH_CHAP
	       : method == WIRE_MSCHAPV2 ? CONF_AUTH_MSCHAPV2
					 : 0;
}

static enum cause
why_not(unsigned int allowed, const struct entry *e, const struct wire_ask *ask,
    bool right, const char **reason)
{
	*reason = "protocol not allowed";
	if ((user_method_bit(ask->method) & allowed) == 0)
		return CAUSE_AUTH_METHOD;
	*reason = "unknown user";
	if (e->user == NULL)
		return CAUSE_USER_UNKNOWN;
	*reason = "the user is disabled";
	if (e->user->disabled)
		return CAUSE_USER_DISABLED;
	*reason = "chap needs a password, only its nt-hash is known";
	if (ask->method == WIRE_CHAP && e->password == NULL)
		return CAUSE_AUTH_METHOD;
	*reason = right ? NULL : "wrong password";
	return right ? CAUSE_NONE : CAUSE_PASSWORD;
}

void
user_verify(const struct user_db *db, unsigned int allowed,
    const struct wire_ask *ask, struct user_verdict *v)
{
	struct key bare;
	const struct entry *e = find_any(db, ask, &bare);
	char proof[CHAP_PROOF_SIZE] = "";
	bool right;

	memset(v, 0, sizeof(*v));
	if (e == NULL)
		e = &db->nobody;
	right = verify(db, e, ask, proof);
	v->user = e->user;
	if (is_any(e))
		memcpy(v->name, bare.name, bare.len);
	else if (e->user != NULL)
		snprintf(v->name, sizeof(v->name), "%s", e->user->name);
	v->cause = why_not(allowed, e, ask, right, &v->reason);
	v->granted = v->reason == NULL;
	v->failed =
	    !v->granted && (user_method_bit(ask->method) & allowed) != 0;
	if (v->granted)
		memcpy(v->proof, proof, sizeof(v->proof));
}
