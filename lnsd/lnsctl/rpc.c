/* SPDX-License-Identifier: ISC */
/* The client's end of the control socket; contract in rpc.h. */

#include "rpc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct rpc {
	FILE *in;
	int fd;
	json_int_t last_id;
	char *line; /* of getline() */
	size_t cap;
};

struct rpc *
rpc_open(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct rpc *r;
	int err;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (r->fd != -1 &&
	    connect(r->fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		r->in = fdopen(r->fd, "r");
	if (r->in != NULL)
		return r;
	err = errno;
	if (r->fd != -1)
		close(r->fd);
	free(r);
	errno = err;
	return NULL;
}

void
rpc_close(struct rpc *r)
{
	if (r == NULL)
		return;
	fclose(r->in);
	free(r->line);
	free(r);
}

static bool
send_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = send(fd, p, n, MSG_NOSIGNAL);
		if (k == -1 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static bool
ask(struct rpc *r, const char *method, json_t *params)
{
	json_t *o;
	char *text;
	bool ok;

	o = json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0", "id",
	    ++r->last_id, "method", method, "params",
	    params != NULL ? params : json_object());
	text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	json_decref(o);
	errno = ENOMEM;
	ok = text != NULL && send_all(r->fd, text, strlen(text)) &&
	     send_all(r->fd, "\n", 1);
	free(text);
	return ok;
}

/* What the server says next; NULL: it has gone, or speaks nonsense. */
static json_t *
next_object(struct rpc *r)
{
	json_error_t error;
	json_t *o;
	ssize_t n;

	errno = 0;
	n = getline(&r->line, &r->cap, r->in);
	if (n <= 0) {
		if (errno == 0)
			errno = ECONNRESET;
		return NULL;
	}
	o = json_loadb(r->line, (size_t)n, 0, &error);
	if (o == NULL)
		errno = EPROTO;
	return o;
}

json_t *
rpc_call(struct rpc *r, const char *method, json_t *params,
    bool (*on_item)(void *arg, const json_t *item), void *arg)
{
	const json_t *note;
	json_t *o;
	bool more = true;

	if (!ask(r, method, params))
		return NULL;
	while ((o = next_object(r)) != NULL) {
		if (json_integer_value(json_object_get(o, "id")) == r->last_id)
			return o;
		note = json_object_get(o, "params");
		if (on_item != NULL && json_object_get(note, "item") != NULL)
			more = on_item(arg, json_object_get(note, "item"));
		json_decref(o);
		if (!more) {
			errno = 0;
			return NULL;
		}
	}
	return NULL;
}

void
rpc_wait_end(struct rpc *r)
{
	while (getline(&r->line, &r->cap, r->in) > 0)
		;
}
