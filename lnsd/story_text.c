/* SPDX-License-Identifier: ISC */
/* What others say, made fit to be shown; contract in story.h. */

#include "story.h"

#include <string.h>

/* How many octets a character of UTF-8 has here; 0: it is none, or one that
 * does something to a terminal. */
static size_t
character(const unsigned char *s)
{
	size_t i, n;
	uint32_t c;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	n = s[0] >= 0xf0 && s[0] < 0xf5	  ? 4
	    : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
	    : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
					  : 0;
	if (n == 0)
		return 0;
	c = s[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	/* Overlong, surrogates, too large; C1 controls; those that turn the
	 * direction of the text around. */
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) ||
	    (c >= 0xd800 && c < 0xe000) || c > 0x10ffff || c < 0xa0 ||
	    (c >= 0x200b && c < 0x2010) || (c >= 0x2028 && c < 0x202f) ||
	    (c >= 0x2060 && c < 0x2070) || c == 0xfeff || c >= 0xe0000)
		return 0;
	return n;
}

void
story_text(char *to, size_t size, const char *from)
{
	size_t at = 0, n;

	while (*from != '\0') {
		n = character((const unsigned char *)from);
		if (at + (n == 0 ? 1 : n) >= size)
			break;
		if (n == 0)
			to[at++] = '?';
		else
			memcpy(to + at, from, n);
		at += n;
		from += n == 0 ? 1 : n;
	}
	to[at] = '\0';
}
