/* SPDX-License-Identifier: ISC */
#ifndef CHAP_H
#define CHAP_H

/*
 * The arithmetic of PPP authentication, without any idea of users: CHAP with
 * MD5 (RFC 1994), MS-CHAPv2 (RFC 2759).  Comparisons take the same time
 * whatever they find.  Every function that returns bool answers false also
 * when libcrypto fails.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

#define CHAP_MD5_LEN 16
#define CHAP_NT_HASH_LEN 16
#define CHAP_MS_CHALLENGE_LEN 16
#define CHAP_MS_HASHED_LEN 8 /* what ChallengeHash() gives */
#define CHAP_NT_RESPONSE_LEN 24
/* peer challenge 16, reserved 8, NT response 24, flags 1; RFC 2759 4. */
#define CHAP_MS_RESPONSE_LEN 49
#define CHAP_PROOF_SIZE 41 /* 40 digits and a NUL */

/* MD4 and DES, which MS-CHAPv2 is made of, come from OpenSSL's legacy
 * provider; struct chap holds it in a library context of its own. */
struct chap;

/* NULL on failure; *error then says why in words (a constant). */
struct chap *chap_new(const char **error) must_check;
void chap_free(struct chap *);

bool chap_md5_verify(struct chap *, uint8_t id, const char *secret,
    const uint8_t *challenge, size_t challenge_len, const uint8_t *response,
    size_t response_len) must_check;

/* NtPasswordHash, RFC 2759 8.3.  password is UTF-8; if it is not, its octets
 * are taken as Latin-1. */
bool chap_nt_hash(struct chap *, const uint8_t *password, size_t len,
    uint8_t hash[CHAP_NT_HASH_LEN]) must_check;
/* Its octets taken as Latin-1 even if they are UTF-8: what pppd as a client
 * makes of a password. */
bool chap_nt_hash_octets(struct chap *, const uint8_t *password, size_t len,
    uint8_t hash[CHAP_NT_HASH_LEN]) must_check;

/* One exchange of MS-CHAPv2 as the peer presented it. */
struct chap_ms {
	const uint8_t *challenge; /* ours, CHAP_MS_CHALLENGE_LEN octets */
	const uint8_t *response;  /* CHAP_MS_RESPONSE_LEN octets */
	const uint8_t *name;	  /* as in the packet: may have a domain */
	size_t name_len;
};

/* On true, proof is the authenticator response without its "S=". */
bool chap_ms_verify(struct chap *, const struct chap_ms *,
    const uint8_t nt_hash[CHAP_NT_HASH_LEN],
    char proof[CHAP_PROOF_SIZE]) must_check;

/* The part of a name behind its domain: of "OFFICE\alice", "alice". */
const uint8_t *chap_bare_name(const uint8_t *name, size_t *len);

/* The steps of chap_ms_verify(), RFC 2759 8.2, 8.5, 8.7. */
bool chap_ms_challenge_hash(struct chap *, const struct chap_ms *,
    uint8_t hash[CHAP_MS_HASHED_LEN]) must_check;
bool chap_ms_nt_response(struct chap *,
    const uint8_t hashed[CHAP_MS_HASHED_LEN],
    const uint8_t nt_hash[CHAP_NT_HASH_LEN],
    uint8_t response[CHAP_NT_RESPONSE_LEN]) must_check;
bool chap_ms_proof(struct chap *, const uint8_t hashed[CHAP_MS_HASHED_LEN],
    const uint8_t nt_hash[CHAP_NT_HASH_LEN],
    const uint8_t nt_response[CHAP_NT_RESPONSE_LEN],
    char proof[CHAP_PROOF_SIZE]) must_check;

#endif
