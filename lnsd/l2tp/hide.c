/* SPDX-License-Identifier: ISC */

/* Hidden AVPs (RFC 2661 4.3) and the challenge response (5.1.1). */

#include "hide.h"

#include <openssl/evp.h>
#include <string.h>

#include "avp.h"

enum {
	/* 4.3: the length in front of the original value. */
	SUBFORMAT_LEN = 2,
};

/* MD5 over three pieces in a row. */
static bool
digest(uint8_t out[HIDE_MD5_LEN], struct rbuf a, struct rbuf b, struct rbuf c)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1 &&
	     EVP_DigestUpdate(ctx, a.p, a.left) == 1 &&
	     EVP_DigestUpdate(ctx, b.p, b.left) == 1 &&
	     EVP_DigestUpdate(ctx, c.p, c.left) == 1 &&
	     EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static struct rbuf
text(const char *s)
{
	return rbuf_of(s, strlen(s));
}

int
hide_response(uint8_t id, const char *secret, struct rbuf challenge,
    uint8_t response[HIDE_MD5_LEN])
{
	/* RFC 1994 4.1, as a CHAP response is made. */
	return digest(response, rbuf_of(&id, 1), text(secret), challenge)
		   ? 0
		   : L2TP_E_MEMORY;
}

bool
hide_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	volatile uint8_t differs = 0;
	size_t i;

	for (i = 0; i < len; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

void
hide_wipe(void *secret, size_t len)
{
	volatile uint8_t *p = secret;

	while (len-- > 0)
		*p++ = 0;
}

/*
 * 4.3: b1 = MD5(AV + S + RV), bi = MD5(S + c(i-1)); each is XORed with 16
 * octets.  in and out may be the same; the cipher text is c.
 */
static bool
transform(uint16_t type, const char *secret, struct rbuf vector,
    const uint8_t *in, uint8_t *out, size_t len, bool opens)
{
	const uint8_t av[] = { (uint8_t)(type >> 8), (uint8_t)type };
	uint8_t b[HIDE_MD5_LEN], c[HIDE_MD5_LEN];
	size_t at, i, n;

	if (!digest(b, rbuf_of(av, sizeof(av)), text(secret), vector))
		return false;
	for (at = 0; at < len; at += n) {
		n = len - at;
		if (n > HIDE_MD5_LEN)
			n = HIDE_MD5_LEN;
		for (i = 0; i < n; i++) {
			c[i] = opens ? in[at + i] : in[at + i] ^ b[i];
			out[at + i] = in[at + i] ^ b[i];
		}
		if (at + n < len &&
		    !digest(b, text(secret), rbuf_of(c, sizeof(c)),
			rbuf_of(NULL, 0)))
			return false;
	}
	return true;
}

int
hide_open(uint16_t type, const char *secret, struct rbuf vector,
    struct rbuf hidden, uint8_t *room, struct rbuf *value)
{
	struct rbuf r;
	uint16_t len;

	if (!transform(type, secret, vector, hidden.p, room, hidden.left, true))
		return L2TP_E_MEMORY;
	r = rbuf_of(room, hidden.left);
	if (!rbuf_u16(&r, &len) || !rbuf_sub(&r, len, value))
		return L2TP_E_VALUE_LENGTH;
	return 0;
}

void
hide_put(struct wbuf *w, const struct hide_key *k, enum l2tp_avp type,
    const void *value, size_t len)
{
	uint8_t sub[AVP_VALUE_MAX];
	struct wbuf s;

	wbuf_init(&s, sub, sizeof(sub));
	wbuf_u16(&s, (uint16_t)len);
	wbuf_bytes(&s, value, len);
	if (!wbuf_ok(&s) || !transform((uint16_t)type, k->secret,
				rbuf_of(k->vector, sizeof(k->vector)), sub, sub,
				s.len, false)) {
		w->failed = true;
		return;
	}
	avp_put_hidden(w, type, sub, s.len);
}
