/* SPDX-License-Identifier: ISC */
/* Kept as a list while a run lasts, for it is thrown away when all is well. */
#include "pcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINKTYPE_RAW 101
#define IP_LEN 20
#define UDP_LEN 8

struct net_frame {
	struct net_frame *older;
	struct mono at;
	struct lns_addr from, to;
	size_t len;
	uint8_t data[];
};

void
pcap_record(struct net_frame **frames, struct mono now,
    const struct lns_path *path, bool to_server, const uint8_t *data,
    size_t len)
{
	struct net_frame *f = malloc(sizeof(*f) + len);

	if (f == NULL)
		abort();
	f->older = *frames;
	f->at = now;
	f->from = to_server ? path->peer : path->local;
	f->to = to_server ? path->local : path->peer;
	f->len = len;
	memcpy(f->data, data, len);
	*frames = f;
}

void
pcap_free(struct net_frame **frames)
{
	struct net_frame *f;

	while ((f = *frames) != NULL) {
		*frames = f->older;
		free(f);
	}
}

static void
put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* RFC 791 3.1, RFC 768; a UDP checksum of 0 is "none". */
static void
make_headers(const struct net_frame *f, uint8_t h[IP_LEN + UDP_LEN])
{
	uint32_t sum = 0;

	memset(h, 0, IP_LEN + UDP_LEN);
	h[0] = 0x45;
	put16(h + 2, IP_LEN + UDP_LEN + f->len);
	h[8] = 64;
	h[9] = 17;
	memcpy(h + 12, f->from.ip, 4);
	memcpy(h + 16, f->to.ip, 4);
	for (size_t i = 0; i < IP_LEN; i += 2)
		sum += (uint32_t)h[i] << 8 | h[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put16(h + 10, ~(sum + (sum >> 16)) & 0xffff);
	put16(h + 20, f->from.port);
	put16(h + 22, f->to.port);
	put16(h + 24, UDP_LEN + f->len);
}

static bool
write_frame(FILE *out, const struct net_frame *f)
{
	uint8_t h[IP_LEN + UDP_LEN];
	uint32_t len = (uint32_t)(sizeof(h) + f->len);
	uint32_t r[4] = { (uint32_t)(f->at.ms / 1000),
		(uint32_t)(f->at.ms % 1000 * 1000), len, len };

	make_headers(f, h);
	return fwrite(r, sizeof(r), 1, out) == 1 &&
	       fwrite(h, sizeof(h), 1, out) == 1 &&
	       fwrite(f->data, 1, f->len, out) == f->len;
}

bool
pcap_write(const struct net_frame *newest, const char *path)
{
	/* Magic in host order says the order of all that follows. */
	uint32_t head[6] = { 0xa1b2c3d4, 0, 0, 0, 65535, LINKTYPE_RAW };
	uint16_t version[2] = { 2, 4 };
	const struct net_frame *f, **in_order;
	size_t n = 0, i = 0;
	FILE *out = fopen(path, "wb");
	bool ok;

	if (out == NULL)
		return false;
	memcpy(&head[1], version, sizeof(version));
	ok = fwrite(head, sizeof(head), 1, out) == 1;
	for (f = newest; f != NULL; f = f->older)
		n++;
	in_order = calloc(n + 1, sizeof(*in_order));
	if (in_order == NULL)
		abort();
	for (f = newest; f != NULL; f = f->older)
		in_order[n - ++i] = f;
	for (i = 0; ok && i < n; i++)
		ok = write_frame(out, in_order[i]);
	free(in_order);
	return fclose(out) == 0 && ok;
}
