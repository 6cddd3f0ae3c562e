/* SPDX-License-Identifier: ISC */
/* A QR code of half blocks; contract in profile.h. */

#include "profile.h"

#include <errno.h>
#include <string.h>

#include <qrencode.h>

/* ISO/IEC 18004 wants four of light around it. */
#define QUIET 4

static bool
is_dark(const QRcode *q, int x, int y)
{
	if (x < 0 || y < 0 || x >= q->width || y >= q->width)
		return false;
	return (q->data[y * q->width + x] & 1) != 0;
}

/* Light is drawn: most terminals are dark, and phones read it the other way
 * round, too. */
int
profile_qr(FILE *f, const char *text)
{
	static const char *const blocks[2][2] = { { "█", "▀" },
		{ "▄", " " } }; /* [above is dark][below is dark] */
	QRcode *q;
	int x, y;

	q = QRcode_encodeData(
	    (int)strlen(text), (const unsigned char *)text, 0, QR_ECLEVEL_L);
	if (q == NULL)
		return -1;
	for (y = -QUIET; y < q->width + QUIET; y += 2) {
		for (x = -QUIET; x < q->width + QUIET; x++)
			fputs(
			    blocks[is_dark(q, x, y)][is_dark(q, x, y + 1)], f);
		fputc('\n', f);
	}
	memset(q->data, 0, (size_t)q->width * (size_t)q->width);
	QRcode_free(q);
	return ferror(f) != 0 ? -1 : 0;
}
