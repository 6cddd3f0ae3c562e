/* SPDX-License-Identifier: ISC */
#ifndef XML_H
#define XML_H

#include <stdio.h>

/* Writes s as text of an element, or between the double quotes of an
 * attribute. */
void xml_text(FILE *, const char *s);

#endif
