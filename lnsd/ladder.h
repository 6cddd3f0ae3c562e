/* SPDX-License-Identifier: ISC */
#ifndef LADDER_H
#define LADDER_H

/* A story as a list and as a sequence diagram.  Pure. */

#include <stdio.h>

#include "story.h"

/* One line for each event, with its time since the beginning. */
void ladder_timeline(const struct story *, FILE *);
void ladder_text(const struct story *, FILE *);
/* A document of its own, without anything from outside. */
void ladder_svg(const struct story *, FILE *);

#endif
