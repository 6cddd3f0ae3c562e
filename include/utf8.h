/* SPDX-License-Identifier: ISC */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

/* The character that n octets begin with; code is its number.  Returns how many
 * octets it has, 0 for none: overlong forms, surrogates and what is cut off are
 * no characters. */
size_t utf8_char(const uint8_t *s, size_t n, uint32_t *code) must_check;
/* Whether the whole string is UTF-8. */
bool utf8_is_valid(const char *) must_check;

#endif
