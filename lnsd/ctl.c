/* SPDX-License-Identifier: ISC */
/* The control socket; contract in ctl.h. */

#include "ctl.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

#define CLIENTS_MAX 64
#define LINE_MAX_OCTETS 65536
/* A client that reads more slowly than it asks is cut. */
#define OUTPUT_MAX (8u << 20)

struct ctl_method {
	LIST_ENTRY(ctl_method) entry;
	const char *name;
	ctl_fn fn;
	void *arg;
};

struct ctl_request {
	LIST_ENTRY(ctl_request) entry;
	struct ctl_client *client;
	json_t *id; /* NULL: a notification, nothing is answered */
	json_t *params;
	void (*gone)(void *arg);
	void *gone_arg;
};

struct ctl_client {
	LIST_ENTRY(ctl_client) entry;
	struct ctl *ctl;
	int fd;
	uid_t uid;
	struct loop_io *io, *writer;
	char *in; /* LINE_MAX_OCTETS */
	size_t n_in;
	char *out;
	size_t n_out, cap_out;
	bool over;     /* to be freed in the next turn of the loop */
	bool said_all; /* it will not ask any more */
	LIST_HEAD(, ctl_request) requests;
};

struct ctl {
	int fd;
	struct loop_io *io;
	struct loop_timer *reaper; /* of clients that are over */
	char *path;
	LIST_HEAD(, ctl_client) clients;
	size_t n_clients;
	LIST_HEAD(, ctl_method) methods;
};

/* --- a client --- */

static void
request_free(struct ctl_request *r)
{
	LIST_REMOVE(r, entry);
	json_decref(r->id);
	json_decref(r->params);
	free(r);
}

static void
client_free(struct ctl_client *c)
{
	struct ctl_request *r, *next;

	for (r = LIST_FIRST(&c->requests); r != NULL; r = next) {
		next = LIST_NEXT(r, entry);
		if (r->gone != NULL)
			r->gone(r->gone_arg);
		request_free(r);
	}
	LIST_REMOVE(c, entry);
	c->ctl->n_clients--;
	loop_io_free(c->io);
	loop_io_free(c->writer);
	close(c->fd);
	free(c->in);
	free(c->out);
	free(c);
}

/* Whoever is up the stack may still use it. */
static void
client_end(struct ctl_client *c)
{
	if (c->over)
		return;
	c->over = true;
	/* Nothing of it is ready any more that would run before the reaper. */
	loop_io_free(c->writer);
	c->writer = NULL;
	loop_timer_set(c->ctl->reaper, 0);
}

static void
reap(void *arg)
{
	struct ctl *ctl = arg;
	struct ctl_client *c, *next;

	for (c = LIST_FIRST(&ctl->clients); c != NULL; c = next) {
		next = LIST_NEXT(c, entry);
		if (c->over)
			client_free(c);
	}
}

static void client_flush(struct ctl_client *);

static void
client_writable(int fd, void *arg)
{
	(void)fd;
	client_flush(arg);
}

static void
client_flush(struct ctl_client *c)
{
	ssize_t n = 0;
	size_t at = 0;

	if (c->over)
		return;
	while (at < c->n_out) {
		n = send(c->fd, c->out + at, c->n_out - at,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	c->n_out -= at;
	if (c->n_out > 0)
		memmove(c->out, c->out + at, c->n_out);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		client_end(c);
	} else if (c->n_out == 0) {
		loop_io_free(c->writer);
		c->writer = NULL;
		if (c->said_all && LIST_EMPTY(&c->requests))
			client_end(c);
	} else if (c->writer == NULL) {
		c->writer = loop_io_new_writer(c->fd, client_writable, c);
		if (c->writer == NULL)
			client_end(c);
	}
}

static bool
client_room(struct ctl_client *c, size_t n)
{
	size_t cap = c->cap_out == 0 ? 4096 : c->cap_out;
	char *out;

	while (cap - c->n_out < n && cap < OUTPUT_MAX)
		cap *= 2;
	if (cap - c->n_out < n)
		return false;
	if (cap == c->cap_out)
		return true;
	out = realloc(c->out, cap);
	if (out == NULL)
		return false;
	c->out = out;
	c->cap_out = cap;
	return true;
}

static void
client_write(struct ctl_client *c, const char *text, size_t n)
{
	memcpy(c->out + c->n_out, text, n);
	c->n_out += n;
}

/* Takes the reference. */
static void
client_send(struct ctl_client *c, json_t *o)
{
	char *text;
	size_t n;

	if (c->over) {
		json_decref(o);
		return;
	}
	text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	json_decref(o);
	n = text == NULL ? 0 : strlen(text);
	if (text == NULL || !client_room(c, n + 1)) {
		log_debug("ctl", "a client is cut: it does not read, or no "
				 "memory");
		client_end(c);
	} else {
		client_write(c, text, n);
		client_write(c, "\n", 1);
		client_flush(c);
	}
	free(text);
}

/* --- requests --- */

const json_t *
ctl_params(const struct ctl_request *r)
{
	return r->params;
}

const char *
ctl_param(const struct ctl_request *r, const char *name)
{
	return json_string_value(json_object_get(r->params, name));
}

void
ctl_on_gone(struct ctl_request *r, void (*gone)(void *arg), void *arg)
{
	r->gone = gone;
	r->gone_arg = arg;
}

void
ctl_item(struct ctl_request *r, json_t *item)
{
	struct ctl_client *c = r->client;

	if (r->id == NULL || item == NULL) {
		json_decref(item);
		return;
	}
	client_send(
	    c, json_pack("{s:s, s:s, s:{s:O, s:o}}", "jsonrpc", "2.0", "method",
		   "item", "params", "id", r->id, "item", item));
}

/* key: "result" or "error"; takes the reference. */
static void
answer(struct ctl_request *r, const char *key, json_t *value)
{
	struct ctl_client *c = r->client;

	if (r->id != NULL)
		client_send(c, json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0",
				   "id", r->id, key, value));
	else
		json_decref(value);
	request_free(r);
	if (c->said_all)
		client_flush(c);
}

void
ctl_done(struct ctl_request *r, json_t *result)
{
	if (result == NULL)
		ctl_fail(r, CTL_INTERNAL, "out of memory");
	else
		answer(r, "result", result);
}

void
ctl_fail(struct ctl_request *r, enum ctl_error code, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	answer(r, "error",
	    json_pack("{s:i, s:s}", "code", (int)code, "message", text));
}

uid_t
ctl_uid(const struct ctl_request *r)
{
	return r->client->uid;
}

void
ctl_done_text(struct ctl_request *r, const char *result)
{
	struct ctl_client *c = r->client;
	char *id = r->id == NULL ? NULL : json_dumps(r->id, JSON_ENCODE_ANY);
	size_t n = strlen(result);
	char head[128];
	int len;

	len = snprintf(head, sizeof(head),
	    "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":", id != NULL ? id : "");
	if (id == NULL || c->over) {
		/* Nobody waits. */
	} else if ((size_t)len >= sizeof(head) ||
		   !client_room(c, (size_t)len + n + 2)) {
		client_end(c);
	} else {
		client_write(c, head, (size_t)len);
		client_write(c, result, n);
		client_write(c, "}\n", 2);
		client_flush(c);
	}
	free(id);
	request_free(r);
	if (c->said_all)
		client_flush(c);
}

/* --- input --- */

static const struct ctl_method *
find_method(const struct ctl *ctl, const char *name)
{
	const struct ctl_method *m;

	LIST_FOREACH (m, &ctl->methods, entry)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

static struct ctl_request *
request_new(struct ctl_client *c, json_t *id, json_t *params)
{
	struct ctl_request *r;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->client = c;
	r->id = json_incref(id);
	r->params = params != NULL ? json_incref(params) : json_object();
	LIST_INSERT_HEAD(&c->requests, r, entry);
	return r;
}

static void
take_line(struct ctl_client *c, const char *line, size_t n)
{
	const struct ctl_method *m = NULL;
	json_t *o, *id, *params;
	const char *method;
	struct ctl_request *r;
	json_error_t error;
	bool parsed;

	o = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	parsed = o != NULL;
	id = json_object_get(o, "id");
	params = json_object_get(o, "params");
	method = json_string_value(json_object_get(o, "method"));
	if (method != NULL)
		m = find_method(c->ctl, method);
	/* An error always has an id, of null if there is none. */
	r = request_new(c, id != NULL || m != NULL ? id : json_null(),
	    json_is_object(params) ? params : NULL);
	if (r == NULL)
		client_end(c);
	else if (!parsed)
		ctl_fail(r, CTL_PARSE, "not JSON");
	else if (method == NULL || (params != NULL && !json_is_object(params)))
		ctl_fail(r, CTL_INVALID,
		    "not a request: {\"jsonrpc\": \"2.0\", \"id\": 1, "
		    "\"method\": NAME, \"params\": {...}}");
	else if (m == NULL)
		ctl_fail(r, CTL_NO_METHOD, "no method \"%.64s\"", method);
	else
		m->fn(m->arg, r);
	json_decref(o);
}

static void
take_lines(struct ctl_client *c)
{
	char *nl, *at = c->in;

	while (!c->over && (nl = memchr(at, '\n',
				c->n_in - (size_t)(at - c->in))) != NULL) {
		if (nl != at)
			take_line(c, at, (size_t)(nl - at));
		at = nl + 1;
	}
	c->n_in -= (size_t)(at - c->in);
	memmove(c->in, at, c->n_in);
	if (c->n_in == LINE_MAX_OCTETS) {
		log_debug("ctl", "a client is cut: its line is too long");
		client_end(c);
	}
}

static void
client_readable(int fd, void *arg)
{
	struct ctl_client *c = arg;
	ssize_t n;

	n = recv(fd, c->in + c->n_in, LINE_MAX_OCTETS - c->n_in, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		c->n_in += (size_t)n;
		take_lines(c);
	} else if (n == 0) {
		/* It may still listen. */
		loop_io_free(c->io);
		c->io = NULL;
		c->said_all = true;
		client_flush(c);
	} else {
		client_end(c);
	}
}

static void
client_arrives(int fd, void *arg)
{
	struct ctl *ctl = arg;
	struct ctl_client *c;
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int cfd;

	cfd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (cfd == -1)
		return;
	c = ctl->n_clients < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (c == NULL) {
		close(cfd);
		return;
	}
	c->ctl = ctl;
	c->uid = (uid_t)-1;
	c->fd = cfd;
	if (getsockopt(cfd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
		c->uid = cred.uid;
	LIST_INIT(&c->requests);
	LIST_INSERT_HEAD(&ctl->clients, c, entry);
	ctl->n_clients++;
	c->in = malloc(LINE_MAX_OCTETS);
	c->io = c->in == NULL ? NULL : loop_io_new(cfd, client_readable, c);
	if (c->io == NULL)
		client_free(c);
}

/* --- life --- */

static void
say_version(void *arg, struct ctl_request *r)
{
	(void)arg;
	ctl_done(r, json_pack("{s:s, s:i}", "version", LNSD_VERSION, "protocol",
			CTL_PROTOCOL));
}

/* Root's and the group's, if there is one; -1: logged. */
static int
open_socket(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const struct group *gr = getgrnam(CTL_GROUP);
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		log_warnx("ctl", "run-dir is too long for a socket in it");
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1) {
		log_warn("ctl", "socket");
		return -1;
	}
	/* Of an lnsd that was killed: we are the only one in run-dir.  The
	 * mask of main() keeps others out until the mode is set. */
	(void)unlink(path);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    (gr != NULL && chown(path, 0, gr->gr_gid) == -1) ||
	    chmod(path, gr != NULL ? 0660 : 0600) == -1 ||
	    listen(fd, 16) == -1) {
		log_warn("ctl", "%s", path);
		close(fd);
		return -1;
	}
	return fd;
}

struct ctl *
ctl_new(const char *run_dir)
{
	struct ctl *ctl;

	ctl = calloc(1, sizeof(*ctl));
	if (ctl == NULL)
		return NULL;
	LIST_INIT(&ctl->clients);
	LIST_INIT(&ctl->methods);
	ctl->fd = -1;
	if (asprintf(&ctl->path, "%s/%s", run_dir, CTL_SOCKET) == -1)
		ctl->path = NULL;
	ctl->reaper = loop_timer_new(reap, ctl);
	if (ctl->path != NULL && ctl->reaper != NULL)
		ctl->fd = open_socket(ctl->path);
	if (ctl->fd != -1)
		ctl->io = loop_io_new(ctl->fd, client_arrives, ctl);
	if (ctl->io == NULL) {
		ctl_free(ctl);
		return NULL;
	}
	ctl_add(ctl, "version", say_version, NULL);
	return ctl;
}

void
ctl_free(struct ctl *ctl)
{
	struct ctl_client *c, *next_client;
	struct ctl_method *m, *next;

	if (ctl == NULL)
		return;
	for (c = LIST_FIRST(&ctl->clients); c != NULL; c = next_client) {
		next_client = LIST_NEXT(c, entry);
		client_free(c);
	}
	for (m = LIST_FIRST(&ctl->methods); m != NULL; m = next) {
		next = LIST_NEXT(m, entry);
		free(m);
	}
	loop_timer_free(ctl->reaper);
	loop_io_free(ctl->io);
	if (ctl->fd != -1) {
		close(ctl->fd);
		(void)unlink(ctl->path);
	}
	free(ctl->path);
	free(ctl);
}

void
ctl_add(struct ctl *ctl, const char *name, ctl_fn fn, void *arg)
{
	struct ctl_method *m;

	assert(find_method(ctl, name) == NULL);
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		fatal("ctl", "no memory");
	m->name = name;
	m->fn = fn;
	m->arg = arg;
	LIST_INSERT_HEAD(&ctl->methods, m, entry);
}
