/* SPDX-License-Identifier: ISC */
/* The arithmetic of PPP authentication; contract in chap.h. */

#include "chap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "utf8.h"

#define DES_KEY_LEN 8
#define DES_RAW_LEN 7 /* 56 bits before parity */
#define SHA1_LEN 20
/* RFC 2759 8.3: a password has at most 256 Unicode characters. */
#define PASSWORD_UTF16_MAX (256 * 2)

/* RFC 2759 4: where the parts of a response lie. */
#define MS_PEER_CHALLENGE 0
#define MS_NT_RESPONSE 24

struct chap {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *legacy, *dflt;
	EVP_MD *md4, *md5, *sha1;
	EVP_CIPHER *des;
	EVP_MD_CTX *md_ctx;
	EVP_CIPHER_CTX *cipher_ctx;
};

struct piece {
	const void *data;
	size_t len;
};

static const char *
load(struct chap *c)
{
	c->lib = OSSL_LIB_CTX_new();
	if (c->lib == NULL)
		return "out of memory";
	c->dflt = OSSL_PROVIDER_load(c->lib, "default");
	c->legacy = OSSL_PROVIDER_load(c->lib, "legacy");
	if (c->dflt == NULL)
		return "OpenSSL's default provider cannot be loaded";
	if (c->legacy == NULL)
		return "OpenSSL's legacy provider (legacy.so), which has MD4 "
		       "and DES for MS-CHAPv2, cannot be loaded";
	c->md4 = EVP_MD_fetch(c->lib, "MD4", NULL);
	c->md5 = EVP_MD_fetch(c->lib, "MD5", NULL);
	c->sha1 = EVP_MD_fetch(c->lib, "SHA1", NULL);
	c->des = EVP_CIPHER_fetch(c->lib, "DES-ECB", NULL);
	if (c->md4 == NULL || c->md5 == NULL || c->sha1 == NULL ||
	    c->des == NULL)
		return "OpenSSL does not offer MD4, MD5, SHA-1 and DES";
	c->md_ctx = EVP_MD_CTX_new();
	c->cipher_ctx = EVP_CIPHER_CTX_new();
	if (c->md_ctx == NULL || c->cipher_ctx == NULL)
		return "out of memory";
	return NULL;
}

struct chap *
chap_new(const char **error)
{
	struct chap *c;

	c = calloc(1, sizeof(*c));
	*error = c == NULL ? "out of memory" : load(c);
	if (*error == NULL)
		return c;
	chap_free(c);
	return NULL;
}

void
chap_free(struct chap *c)
{
	if (c == NULL)
		return;
	EVP_MD_CTX_free(c->md_ctx);
	EVP_CIPHER_CTX_free(c->cipher_ctx);
	EVP_MD_free(c->md4);
	EVP_MD_free(c->md5);
	EVP_MD_free(c->sha1);
	EVP_CIPHER_free(c->des);
	if (c->legacy != NULL)
		OSSL_PROVIDER_unload(c->legacy);
	if (c->dflt != NULL)
		OSSL_PROVIDER_unload(c->dflt);
	OSSL_LIB_CTX_free(c->lib);
	free(c);
}

static bool
digest(struct chap *c, const EVP_MD *md, const struct piece *p, size_t n,
    uint8_t *out)
{
	size_t i;

	if (EVP_DigestInit_ex(c->md_ctx, md, NULL) != 1)
		return false;
	for (i = 0; i < n; i++)
		if (EVP_DigestUpdate(c->md_ctx, p[i].data, p[i].len) != 1)
			return false;
	return EVP_DigestFinal_ex(c->md_ctx, out, NULL) == 1;
}

bool
chap_md5_verify(struct chap *c, uint8_t id, const char *secret,
    const uint8_t *challenge, size_t challenge_len, const uint8_t *response,
    size_t response_len)
{
	/* RFC 1994 4.1: identifier, secret, challenge. */
	const struct piece p[] = {
		{ &id, 1 },
		{ secret, strlen(secret) },
		{ challenge, challenge_len },
	};
	uint8_t want[CHAP_MD5_LEN];

	return digest(c, c->md5, p, 3, want) && response_len == sizeof(want) &&
	       CRYPTO_memcmp(want, response, sizeof(want)) == 0;
}

static size_t
put_utf16(uint8_t *out, uint32_t unit)
{
	out[0] = (uint8_t)unit;
	out[1] = (uint8_t)(unit >> 8);
	return 2;
}

/* Little-endian UTF-16; 0 for an empty, a too long or a malformed string. */
static size_t
utf8_to_utf16(const uint8_t *s, size_t len, uint8_t out[PASSWORD_UTF16_MAX])
{
	size_t n = 0, octets;
	uint32_t ch;

	for (; len > 0; s += octets, len -= octets) {
		octets = utf8_char(s, len, &ch);
		if (octets == 0 ||
		    n + (ch < 0x10000 ? 2 : 4) > PASSWORD_UTF16_MAX)
			return 0;
		if (ch < 0x10000) {
			n += put_utf16(out + n, ch);
			continue;
		}
		ch -= 0x10000;
		n += put_utf16(out + n, 0xd800 | ch >> 10);
		n += put_utf16(out + n, 0xdc00 | (ch & 0x3ff));
	}
	return n;
}

static size_t
latin1_to_utf16(const uint8_t *s, size_t len, uint8_t out[PASSWORD_UTF16_MAX])
{
	size_t n = 0;

	while (len-- > 0 && n < PASSWORD_UTF16_MAX)
		n += put_utf16(out + n, *s++);
	return n;
}

bool
chap_nt_hash_octets(struct chap *c, const uint8_t *password, size_t len,
    uint8_t hash[CHAP_NT_HASH_LEN])
{
	uint8_t utf16[PASSWORD_UTF16_MAX];
	const struct piece p = { utf16, latin1_to_utf16(password, len, utf16) };
	bool ok;

	ok = digest(c, c->md4, &p, 1, hash);
	OPENSSL_cleanse(utf16, sizeof(utf16));
	return ok;
}

bool
chap_nt_hash(struct chap *c, const uint8_t *password, size_t len,
    uint8_t hash[CHAP_NT_HASH_LEN])
{
	uint8_t utf16[PASSWORD_UTF16_MAX];
	const struct piece p = { utf16, utf8_to_utf16(password, len, utf16) };
	bool ok;

	ok = p.len > 0 ? digest(c, c->md4, &p, 1, hash)
		       : chap_nt_hash_octets(c, password, len, hash);
	OPENSSL_cleanse(utf16, sizeof(utf16));
	return ok;
}

const uint8_t *
chap_bare_name(const uint8_t *name, size_t *len)
{
	size_t i;

	for (i = *len; i > 0; i--)
		if (name[i - 1] == '\\')
			break;
	*len -= i;
	return name + i;
}

bool
chap_ms_challenge_hash(
    struct chap *c, const struct chap_ms *ms, uint8_t hash[CHAP_MS_HASHED_LEN])
{
	size_t len = ms->name_len;
	/* RFC 2759 8.2; 4: the name without a domain in front. */
	const uint8_t *name = chap_bare_name(ms->name, &len);
	const struct piece p[] = {
		{ ms->response + MS_PEER_CHALLENGE, CHAP_MS_CHALLENGE_LEN },
		{ ms->challenge, CHAP_MS_CHALLENGE_LEN },
		{ name, len },
	};
	uint8_t sha[SHA1_LEN];

	if (!digest(c, c->sha1, p, 3, sha))
		return false;
	memcpy(hash, sha, CHAP_MS_HASHED_LEN);
	return true;
}

/* RFC 2759 8.6.  DES ignores the parity bits, so they stay zero. */
static bool
des_encrypt(struct chap *c, const uint8_t clear[CHAP_MS_HASHED_LEN],
    const uint8_t raw[DES_RAW_LEN], uint8_t out[CHAP_MS_HASHED_LEN])
{
	uint8_t key[DES_KEY_LEN];
	uint64_t bits = 0;
	int n = 0, i;
	bool ok;

	for (i = 0; i < DES_RAW_LEN; i++)
		bits = bits << 8 | raw[i];
	for (i = 0; i < DES_KEY_LEN; i++)
		key[i] = (uint8_t)((bits >> (49 - 7 * i) & 0x7f) << 1);
	ok = EVP_EncryptInit_ex2(c->cipher_ctx, c->des, key, NULL, NULL) == 1 &&
	     EVP_CIPHER_CTX_set_padding(c->cipher_ctx, 0) == 1 &&
	     EVP_EncryptUpdate(
		 c->cipher_ctx, out, &n, clear, CHAP_MS_HASHED_LEN) == 1 &&
	     n == CHAP_MS_HASHED_LEN;
	OPENSSL_cleanse(key, sizeof(key));
	return ok;
}

bool
chap_ms_nt_response(struct chap *c, const uint8_t hashed[CHAP_MS_HASHED_LEN],
    const uint8_t nt_hash[CHAP_NT_HASH_LEN],
    uint8_t response[CHAP_NT_RESPONSE_LEN])
{
	/* RFC 2759 8.5: the hash, padded with zeroes to three keys. */
	uint8_t keys[3 * DES_RAW_LEN] = { 0 };
	bool ok = true;
	size_t i;

	memcpy(keys, nt_hash, CHAP_NT_HASH_LEN);
	for (i = 0; i < 3 && ok; i++)
		ok = des_encrypt(c, hashed, keys + i * DES_RAW_LEN,
		    response + i * CHAP_MS_HASHED_LEN);
	OPENSSL_cleanse(keys, sizeof(keys));
	return ok;
}

bool
chap_ms_proof(struct chap *c, const uint8_t hashed[CHAP_MS_HASHED_LEN],
    const uint8_t nt_hash[CHAP_NT_HASH_LEN],
    const uint8_t nt_response[CHAP_NT_RESPONSE_LEN],
    char proof[CHAP_PROOF_SIZE])
{
	/* RFC 2759 8.7, Magic1 and Magic2. */
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] =
	    "Pad to make it do more than one iteration";
	uint8_t hash_hash[CHAP_NT_HASH_LEN], sha[SHA1_LEN];
	const struct piece hash = { nt_hash, CHAP_NT_HASH_LEN };
	const struct piece first[] = {
		{ hash_hash, sizeof(hash_hash) },
		{ nt_response, CHAP_NT_RESPONSE_LEN },
		{ magic1, sizeof(magic1) - 1 },
	};
	const struct piece second[] = {
		{ sha, sizeof(sha) },
		{ hashed, CHAP_MS_HASHED_LEN },
		{ magic2, sizeof(magic2) - 1 },
	};
	bool ok;
	size_t i;

	ok = digest(c, c->md4, &hash, 1, hash_hash) &&
	     digest(c, c->sha1, first, 3, sha) &&
	     digest(c, c->sha1, second, 3, sha);
	OPENSSL_cleanse(hash_hash, sizeof(hash_hash));
	for (i = 0; ok && i < sizeof(sha); i++)
		snprintf(proof + 2 * i, 3, "%02X", sha[i]);
	return ok;
}

bool
chap_ms_verify(struct chap *c, const struct chap_ms *ms,
    const uint8_t nt_hash[CHAP_NT_HASH_LEN], char proof[CHAP_PROOF_SIZE])
{
	const uint8_t *given = ms->response + MS_NT_RESPONSE;
	uint8_t hashed[CHAP_MS_HASHED_LEN], want[CHAP_NT_RESPONSE_LEN];

	/* The proof is made before the comparison: equal time. */
	return chap_ms_challenge_hash(c, ms, hashed) &&
	       chap_ms_nt_response(c, hashed, nt_hash, want) &&
	       chap_ms_proof(c, hashed, nt_hash, given, proof) &&
	       CRYPTO_memcmp(want, given, sizeof(want)) == 0;
}
