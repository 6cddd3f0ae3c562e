/* SPDX-License-Identifier: ISC */
/* Text in XML; contract in xml.h. */

#include "xml.h"

void
xml_text(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		case '\r': /* a parser makes a newline of it */
			fputs("&#13;", f);
			break;
		default:
			fputc(*s, f);
		}
	}
}
