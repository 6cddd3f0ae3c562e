/* SPDX-License-Identifier: ISC */
/* What others say, made fit to be shown; contract in story.h. */

#include "story.h"

#include <string.h>

#include "utf8.h"

/* How many octets the character here has; 0: it is none, or one that does
 * something to a terminal or that XML does not have. */
static size_t
character(const char *s, size_t left)
{
	uint32_t c;
	size_t n = utf8_char((const uint8_t *)s, left, &c);

	/* C0 and C1 controls; those that turn the direction of the text
	 * around. */
	if (n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0) ||
	    (c >= 0x200b && c < 0x2010) || (c >= 0x2028 && c < 0x202f) ||
	    (c >= 0x2060 && c < 0x2070) || c == 0xfeff || c == 0xfffe ||
	    c == 0xffff || c >= 0xe0000)
		return 0;
	return n;
}

void
story_text(char *to, size_t size, const char *from)
{
	size_t at = 0, left = strlen(from), n, taken;

	for (; left > 0; from += taken, left -= taken) {
		n = character(from, left);
		taken = n == 0 ? 1 : n;
		if (at + taken >= size)
			break;
		if (n == 0)
			to[at] = '?';
		else
			memcpy(to + at, from, n);
		at += taken;
	}
	to[at] = '\0';
}
