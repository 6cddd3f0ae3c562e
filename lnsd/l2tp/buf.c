/* SPDX-License-Identifier: ISC */

/* Bounded reading and writing of network-order integers. */

#include "buf.h"

#include <string.h>

struct rbuf
rbuf_of(const void *data, size_t len)
{
	return (struct rbuf){ data, len };
}

size_t
rbuf_left(const struct rbuf *r)
{
	return r->left;
}

bool
rbuf_sub(struct rbuf *r, size_t n, struct rbuf *sub)
{
	if (n > r->left)
		return false;
	*sub = rbuf_of(r->p, n);
	if (n != 0)
		r->p += n;
	r->left -= n;
	return true;
}

bool
rbuf_u8(struct rbuf *r, uint8_t *v)
{
	struct rbuf b;

	if (!rbuf_sub(r, 1, &b))
		return false;
	*v = b.p[0];
	return true;
}

bool
rbuf_u16(struct rbuf *r, uint16_t *v)
{
	struct rbuf b;

	if (!rbuf_sub(r, 2, &b))
		return false;
	*v = (uint16_t)(b.p[0] << 8 | b.p[1]);
	return true;
}

bool
rbuf_u32(struct rbuf *r, uint32_t *v)
{
	struct rbuf b;

	if (!rbuf_sub(r, 4, &b))
		return false;
	*v = (uint32_t)b.p[0] << 24 | (uint32_t)b.p[1] << 16 |
	     (uint32_t)b.p[2] << 8 | b.p[3];
	return true;
}

void
wbuf_init(struct wbuf *w, void *data, size_t cap)
{
	*w = (struct wbuf){ .p = data, .cap = cap };
}

bool
wbuf_ok(const struct wbuf *w)
{
	return !w->failed;
}

void
wbuf_bytes(struct wbuf *w, const void *data, size_t len)
{
	if (w->failed || len > w->cap - w->len) {
		w->failed = true;
		return;
	}
	if (len != 0)
		memcpy(w->p + w->len, data, len);
	w->len += len;
}

void
wbuf_u8(struct wbuf *w, uint8_t v)
{
	wbuf_bytes(w, &v, 1);
}

void
wbuf_u16(struct wbuf *w, uint16_t v)
{
	const uint8_t b[] = { (uint8_t)(v >> 8), (uint8_t)v };

	wbuf_bytes(w, b, sizeof(b));
}

void
wbuf_u32(struct wbuf *w, uint32_t v)
{
	const uint8_t b[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };

	wbuf_bytes(w, b, sizeof(b));
}

void
wbuf_patch_u16(struct wbuf *w, size_t at, uint16_t v)
{
	if (w->failed || w->len < 2 || at > w->len - 2) {
		w->failed = true;
		return;
	}
	w->p[at] = (uint8_t)(v >> 8);
	w->p[at + 1] = (uint8_t)v;
}
