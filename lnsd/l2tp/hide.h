/* SPDX-License-Identifier: ISC */
#ifndef L2TP_HIDE_H
#define L2TP_HIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "compiler.h"
#include "proto.h"

/*
 * What RFC 2661 does with the secret that two peers share: hidden AVPs (4.3)
 * and the response to a challenge (5.1.1).
 */

enum {
	HIDE_MD5_LEN = 16,
	/* Of the random vectors and challenges that we make (4.4.1). */
	HIDE_VECTOR_LEN = 16,
};

/* How the AVPs of one message that we send are hidden. */
struct hide_key {
	const char *secret;
	uint8_t vector[HIDE_VECTOR_LEN];
};

/* 4.4.3: the response to a challenge; id is the type of the message that
 * carries it.  0 or L2TP_E_MEMORY. */
must_check int hide_response(uint8_t id, const char *secret,
    struct rbuf challenge, uint8_t response[HIDE_MD5_LEN]);
/* Takes a time that does not depend on what is compared. */
bool hide_equal(const uint8_t *a, const uint8_t *b, size_t len);
/* Overwrites a secret; is not optimised away. */
void hide_wipe(void *, size_t len);

/*
 * Uncovers the value of a hidden AVP into room, which has at least as many
 * octets; value gets what the length inside says, which is not trusted.
 * Returns 0, L2TP_E_VALUE_LENGTH or L2TP_E_MEMORY.
 */
must_check int hide_open(uint16_t type, const char *secret, struct rbuf vector,
    struct rbuf hidden, uint8_t *room, struct rbuf *value);

/* Appends an AVP with its value hidden; needs a Random Vector AVP before. */
void hide_put(struct wbuf *, const struct hide_key *, enum l2tp_avp,
    const void *value, size_t len);

#endif
