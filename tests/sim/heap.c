/* SPDX-License-Identifier: ISC */
#include "heap.h"

#include <malloc.h>

#ifdef __SANITIZE_ADDRESS__

/* <sanitizer/allocator_interface.h>, which gcc 12 does not bring along. */
size_t __sanitizer_get_current_allocated_bytes(void);

size_t
heap_in_use(void)
{
	return __sanitizer_get_current_allocated_bytes();
}

#else

size_t
heap_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

#endif
