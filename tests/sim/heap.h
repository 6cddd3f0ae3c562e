/* SPDX-License-Identifier: ISC */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>

/* Octets that the process has allocated and not freed, with what the
 * allocator needs for itself. */
size_t heap_in_use(void);

#endif
