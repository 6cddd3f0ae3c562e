/* SPDX-License-Identifier: ISC */
#ifndef PAGE_FILES_H
#define PAGE_FILES_H

#include <stddef.h>

/* The files of the status page, lnsd/page/, as they were when it was built. */
struct page_file {
	const char *path, *type; /* as they are served */
	const char *text, *end;
};

#define PAGE_FILES 4
extern const struct page_file page_files[PAGE_FILES];

#endif
