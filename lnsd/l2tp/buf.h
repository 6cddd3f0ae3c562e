/* SPDX-License-Identifier: ISC */
#ifndef L2TP_BUF_H
#define L2TP_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

/*
 * A cursor over bytes that somebody else owns.  A read that does not fit
 * returns false and leaves the cursor where it was.
 */
struct rbuf {
	const uint8_t *p;
	size_t left;
};

struct rbuf rbuf_of(const void *data, size_t len);
size_t rbuf_left(const struct rbuf *);
must_check bool rbuf_u8(struct rbuf *, uint8_t *);
must_check bool rbuf_u16(struct rbuf *, uint16_t *);
must_check bool rbuf_u32(struct rbuf *, uint32_t *);
/* Splits the next n bytes off into a cursor of their own. */
must_check bool rbuf_sub(struct rbuf *, size_t n, struct rbuf *sub);

/*
 * A writer into a fixed buffer.  What does not fit is not written and makes
 * wbuf_ok() false for good.
 */
struct wbuf {
	uint8_t *p;
	size_t cap, len;
	bool failed;
};

void wbuf_init(struct wbuf *, void *data, size_t cap);
bool wbuf_ok(const struct wbuf *);
void wbuf_u8(struct wbuf *, uint8_t);
void wbuf_u16(struct wbuf *, uint16_t);
void wbuf_u32(struct wbuf *, uint32_t);
void wbuf_bytes(struct wbuf *, const void *data, size_t len);
/* Overwrites two bytes that have been written before. */
void wbuf_patch_u16(struct wbuf *, size_t at, uint16_t);

#endif
