/* SPDX-License-Identifier: ISC */
/* How the formats write what people have chosen; contract in profile.h. */

#include "profile.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

bool
profile_is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

/* RFC 9562 5.5, in a name space of our own. */
void
profile_uuid(
    const struct profile_facts *facts, const char *what, char buf[PROFILE_UUID])
{
	static const uint8_t space[16] = { 0x5b, 0x1e, 0x0c, 0x52, 0x8f, 0x0d,
		0x4a, 0x61, 0x9a, 0x34, 0xc0, 0x77, 0x6c, 0x6e, 0x73, 0x64 };
	const char *const parts[] = { what, facts->server, facts->user };
	uint8_t h[EVP_MAX_MD_SIZE] = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t i;

	if (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1) {
		(void)EVP_DigestUpdate(ctx, space, sizeof(space));
		/* With the NUL: "a" "bc" is not "ab" "c". */
		for (i = 0; i < nitems(parts); i++)
			(void)EVP_DigestUpdate(
			    ctx, parts[i], strlen(parts[i]) + 1);
		(void)EVP_DigestFinal_ex(ctx, h, NULL);
	}
	EVP_MD_CTX_free(ctx);
	h[6] = (uint8_t)((h[6] & 0x0f) | 0x50);
	h[8] = (uint8_t)((h[8] & 0x3f) | 0x80);
	snprintf(buf, PROFILE_UUID,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10],
	    h[11], h[12], h[13], h[14], h[15]);
}

void
profile_base64(FILE *f, const char *s)
{
	unsigned char out[5];
	size_t len = strlen(s), n;

	for (; len > 0; s += n, len -= n) {
		n = len < 3 ? len : 3;
		EVP_EncodeBlock(out, (const unsigned char *)s, (int)n);
		fwrite(out, 1, 4, f);
	}
}

/*
 * In single quotes only they themselves are special, and are doubled.
 * PowerShell takes the typographic ones, U+2018 to U+201B, for the same.
 */
void
profile_powershell(FILE *f, const char *s)
{
	fputc('\'', f);
	while (*s != '\0') {
		size_t len = 1;

		if (strncmp(s, "\xe2\x80", 2) == 0 &&
		    (unsigned char)s[2] >= 0x98 && (unsigned char)s[2] <= 0x9b)
			len = 3;
		if (len == 3 || *s == '\'')
			fwrite(s, 1, len, f);
		fwrite(s, 1, len, f);
		s += len;
	}
	fputc('\'', f);
}

/* Blanks at either end could be taken off. */
void
profile_keyfile(FILE *f, const char *s)
{
	const char *start = s;

	for (; *s != '\0'; s++) {
		switch (*s) {
		case '\\':
			fputs("\\\\", f);
			break;
		case '\n':
			fputs("\\n", f);
			break;
		case '\r':
			fputs("\\r", f);
			break;
		case '\t':
			fputs("\\t", f);
			break;
		case ' ':
			fputs(s == start || s[1] == '\0' ? "\\s" : " ", f);
			break;
		default:
			fputc(*s, f);
		}
	}
}

void
profile_route(FILE *f, const struct conf_route *r)
{
	char buf[INET_ADDRSTRLEN];

	fprintf(f, "%s/%u", inet_ntop(AF_INET, &r->network, buf, sizeof(buf)),
	    r->bits);
}
