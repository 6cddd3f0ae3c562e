/* SPDX-License-Identifier: ISC */
#ifndef LADDER_H
#define LADDER_H

/* A story as a list and as a sequence diagram.  Pure. */

#include <stdio.h>

#include "story.h"

/* All but the SVG fit into so many columns. */
#define LADDER_COLUMNS 80

/* From column at on, where the cursor is; further lines begin there, too. */
void ladder_wrapped(const char *text, int at, FILE *);
/* A head, and each event with its time since the beginning. */
void ladder_timeline(const struct story *, FILE *);
void ladder_text(const struct story *, FILE *);
/* A document of its own, without anything from outside. */
void ladder_svg(const struct story *, FILE *);

#endif
