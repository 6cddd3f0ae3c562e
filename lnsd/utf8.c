/* SPDX-License-Identifier: ISC */
/* UTF-8 (RFC 3629); contract in utf8.h. */

#include "utf8.h"

#include <string.h>

size_t
utf8_char(const uint8_t *s, size_t n, uint32_t *code)
{
	/* By length; of one octet there is no shorter form. */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;

	if (n == 0)
		return 0;
	len = s[0] < 0x80	      ? 1
	      : (s[0] & 0xe0) == 0xc0 ? 2
	      : (s[0] & 0xf0) == 0xe0 ? 3
	      : (s[0] & 0xf8) == 0xf0 ? 4
				      : 0;
	if (len == 0 || len > n)
		return 0;
	*code = len == 1 ? s[0] : s[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3fu);
	}
	if (*code < least[len] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return len;
}

bool
utf8_is_valid(const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t left = strlen(text), len;
	uint32_t code;

	for (; left > 0; s += len, left -= len) {
		len = utf8_char(s, left, &code);
		if (len == 0)
			return false;
	}
	return true;
}
