/* SPDX-License-Identifier: ISC */
#ifndef WIRE_PREPARED_H
#define WIRE_PREPARED_H

/*
 * What lnsd and a prepared pppd say to each other over a SOCK_SEQPACKET
 * socketpair.  lnsd sends a request for each session, with two descriptors
 * (SCM_RIGHTS): the session and the end of the plugin's socket to lnsd
 * (wire.h).  The child that serves the session answers, before it does
 * anything else, or the prepared pppd if it could make none.  The first that
 * the prepared pppd says, id 0, is that it can take requests.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WIRE_PREPARED_MAGIC 0x6c6e7371u /* changes with what is below */

#define WIRE_PREPARED_FDS 2
#define WIRE_PREPARED_WORDS 16
#define WIRE_PREPARED_TEXT 1024

struct wire_request {
	uint32_t magic;
	uint32_t id; /* not 0 */
	/* Options of pppd, each with its NUL.  Only so many octets as there
	 * are words are sent. */
	char text[WIRE_PREPARED_TEXT];
};

struct wire_answer {
	uint32_t magic;
	uint32_t id;
	int32_t pid; /* or a negative errno */
};

/* Puts words, which end with NULL, into r; how long r is now, 0 if they do not
 * fit. */
static inline size_t
wire_request_put(struct wire_request *r, uint32_t id, char *const *words)
{
	size_t used = 0, n, i;

	r->magic = WIRE_PREPARED_MAGIC;
	r->id = id;
	for (i = 0; words[i] != NULL; i++) {
		n = strlen(words[i]) + 1;
		if (i == WIRE_PREPARED_WORDS || n > sizeof(r->text) - used)
			return 0;
		memcpy(r->text + used, words[i], n);
		used += n;
	}
	return offsetof(struct wire_request, text) + used;
}

/* len: what r really had.  How many words there are, which point into r; -1 if
 * it makes no sense. */
static inline int
wire_request_take(
    struct wire_request *r, size_t len, char *words[WIRE_PREPARED_WORDS])
{
	size_t at = 0, end;
	int n = 0;

	if (len < offsetof(struct wire_request, text) || len > sizeof(*r) ||
	    r->magic != WIRE_PREPARED_MAGIC || r->id == 0)
		return -1;
	end = len - offsetof(struct wire_request, text);
	if (end > 0 && r->text[end - 1] != '\0')
		return -1;
	while (at < end) {
		if (n == WIRE_PREPARED_WORDS)
			return -1;
		words[n++] = r->text + at;
		at += strlen(r->text + at) + 1;
	}
	return n;
}

#endif
