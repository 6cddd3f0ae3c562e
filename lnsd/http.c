/* SPDX-License-Identifier: ISC */
/*
 * HTTP by libevent's evhttp; contract in http.h.  Besides loop.c the one file
 * that knows libevent: evhttp wants the loop's base, and the rest of the server
 * sees none of it.
 */

#include "http.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "ctl.h"
#include "http_host.h"
#include "log.h"
#include "loop.h"
#include "sockaddr.h"

#define CONNECTIONS_MAX 32
#define HEADERS_MAX 8192
#define BODY_MAX 1024
#define TIMEOUT_S 30 /* a scraper may keep its connection in between */

struct path {
	LIST_ENTRY(path) entry;
	struct http *http;
	http_fn fn;
	void *arg;
};

struct http_request {
	LIST_ENTRY(http_request) entry;
	struct evhttp_request *ev;
};

/* What we know of one that evhttp owns.  It may have gone: then its descriptor
 * is no socket with this inode any more. */
struct connection {
	TAILQ_ENTRY(connection) entry;
	struct bufferevent *fresh; /* held until its socket is known; or NULL */
	int fd;
	ino_t inode;
};

struct http {
	struct evhttp *ev;
	char *socket_path; /* to be removed; NULL: none */
	bool tcp;
	LIST_HEAD(, path) paths;
	LIST_HEAD(, http_request) requests;
	TAILQ_HEAD(, connection) connections; /* the oldest first */
	size_t n_connections;
	struct loop_timer *look; /* at those that are fresh */
};

/* --- connections --- */

/*
 * evhttp tells of requests, and not of connections that make none or of their
 * end; it does ask for the bufferevent of each.  So we keep the sockets of
 * these in mind, and look who is still there when it matters.
 */

static void
connection_free(struct http *h, struct connection *c)
{
	if (c->fresh != NULL)
		(void)bufferevent_decref(c->fresh);
	TAILQ_REMOVE(&h->connections, c, entry);
	h->n_connections--;
	free(c);
}

static bool
is_there(const struct connection *c)
{
	struct stat st;

	return c->fresh != NULL ||
	       (fstat(c->fd, &st) == 0 && st.st_ino == c->inode);
}

/* Where there are too many the oldest yields; evhttp sees its end. */
static void
make_room(struct http *h)
{
	struct connection *c, *next, *oldest = NULL;

	if (h->n_connections < CONNECTIONS_MAX)
		return;
	for (c = TAILQ_FIRST(&h->connections); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (!is_there(c))
			connection_free(h, c);
		else if (oldest == NULL && c->fresh == NULL)
			oldest = c;
	}
	if (h->n_connections < CONNECTIONS_MAX || oldest == NULL)
		return;
	(void)shutdown(oldest->fd, SHUT_RDWR);
	connection_free(h, oldest);
}

/* By now evhttp has given them their sockets. */
static void
look_at_fresh(void *arg)
{
	struct http *h = arg;
	struct connection *c, *next;
	struct stat st;

	for (c = TAILQ_FIRST(&h->connections); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (c->fresh == NULL)
			continue;
		c->fd = bufferevent_getfd(c->fresh);
		if (c->fd == -1 || fstat(c->fd, &st) == -1) {
			connection_free(h, c);
			continue;
		}
		c->inode = st.st_ino;
		(void)bufferevent_decref(c->fresh);
		c->fresh = NULL;
	}
}

/* NULL makes evhttp take one of its own. */
static struct bufferevent *
new_connection(struct event_base *base, void *arg)
{
	struct connection *c = calloc(1, sizeof(*c));
	struct http *h = arg;

	if (c == NULL)
		return NULL;
	c->fresh = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (c->fresh == NULL) {
		free(c);
		return NULL;
	}
	bufferevent_incref(c->fresh);
	make_room(h);
	TAILQ_INSERT_TAIL(&h->connections, c, entry);
	h->n_connections++;
	loop_timer_set(h->look, 0);
	return c->fresh;
}

/* --- requests --- */

/* What a page from here may do, and who may show it: nothing from elsewhere,
 * and nobody. */
static const char *const headers[][2] = {
	{ "Content-Security-Policy",
	    "default-src 'self'; base-uri 'none'; form-action 'none'; "
	    "frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cache-Control", "no-store" },
};

static void
send_reply(struct evhttp_request *ev, int status, const char *reason,
    const char *type, struct evbuffer *body)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(ev);
	char length[24];
	size_t i;

	for (i = 0; i < nitems(headers); i++)
		(void)evhttp_add_header(out, headers[i][0], headers[i][1]);
	(void)evhttp_add_header(out, "Content-Type", type);
	/* evhttp would send the body after all. */
	if (evhttp_request_get_command(ev) == EVHTTP_REQ_HEAD) {
		snprintf(length, sizeof(length), "%zu",
		    body == NULL ? 0 : evbuffer_get_length(body));
		(void)evhttp_add_header(out, "Content-Length", length);
		body = NULL;
	}
	evhttp_send_reply(ev, status, reason, body);
}

static void
send_text(struct evhttp_request *ev, int status, const char *reason)
{
	struct evbuffer *b = evbuffer_new();

	if (b != NULL)
		(void)evbuffer_add_printf(b, "%s\n", reason);
	send_reply(ev, status, reason, "text/plain; charset=utf-8", b);
	if (b != NULL)
		evbuffer_free(b);
}

/* Whether it is meant for us; else it has been answered. */
static bool
is_for_us(const struct http *h, struct evhttp_request *ev)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(ev);
	const char *host =
	    evhttp_find_header(evhttp_request_get_input_headers(ev), "Host");

	if (uri == NULL || evhttp_uri_get_host(uri) != NULL) {
		send_text(ev, HTTP_BADREQUEST, "not a proxy");
		return false;
	}
	if (h->tcp && !http_host_is_ours(host)) {
		send_text(ev, 421, "Host must be an address or localhost");
		return false;
	}
	return true;
}

static void
request_free(struct http_request *r)
{
	LIST_REMOVE(r, entry);
	free(r);
}

static void
on_request(struct evhttp_request *ev, void *arg)
{
	struct path *p = arg;
	struct http_request *r;

	if (!is_for_us(p->http, ev))
		return;
	r = calloc(1, sizeof(*r));
	if (r == NULL) {
		send_text(ev, HTTP_SERVUNAVAIL, "out of memory");
		return;
	}
	r->ev = ev;
	LIST_INSERT_HEAD(&p->http->requests, r, entry);
	p->fn(p->arg, r);
}

static void
on_unknown(struct evhttp_request *ev, void *arg)
{
	if (is_for_us(arg, ev))
		send_text(ev, HTTP_NOTFOUND, "not found");
}

const char *
http_header(const struct http_request *r, const char *name)
{
	return evhttp_find_header(
	    evhttp_request_get_input_headers(r->ev), name);
}

const char *
http_query(const struct http_request *r)
{
	return evhttp_uri_get_query(evhttp_request_get_evhttp_uri(r->ev));
}

void
http_reply(
    struct http_request *r, const char *type, const void *body, size_t len)
{
	struct evbuffer *b = evbuffer_new();

	if (b == NULL || evbuffer_add(b, body, len) == -1)
		send_text(r->ev, HTTP_SERVUNAVAIL, "out of memory");
	else
		send_reply(r->ev, HTTP_OK, "OK", type, b);
	if (b != NULL)
		evbuffer_free(b);
	request_free(r);
}

void
http_fail(struct http_request *r, int status, const char *reason)
{
	send_text(r->ev, status, reason);
	request_free(r);
}

/* --- the socket --- */

static int
open_unix(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const struct group *gr = getgrnam(CTL_GROUP);
	struct stat st;
	int fd, saved;

	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	/* Of an lnsd that was killed. */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
	/* The mask of main() keeps others out until the mode is set. */
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 &&
	    (gr == NULL || chown(path, 0, gr->gr_gid) == 0) &&
	    chmod(path, 0660) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* The address may come later. */
static int
open_tcp(const struct lns_addr *a)
{
	const int on = 1;
	union sockaddr_any any;
	socklen_t len = sockaddr_from(a, &any);
	int fd, saved;

	fd = socket(
	    any.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
	if (any.sa.sa_family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &any.sa, len) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool
http_listen(struct http *h, const struct conf_http *c)
{
	char ip[LNS_ADDR_TEXT];
	int fd;

	h->tcp = c->path == NULL;
	fd = h->tcp ? open_tcp(&c->listen) : open_unix(c->path);
	if (fd != -1 && !h->tcp)
		h->socket_path = strdup(c->path);
	if (fd != -1 && listen(fd, CONNECTIONS_MAX) == 0 &&
	    evhttp_accept_socket(h->ev, fd) == 0)
		return true;
	if (h->tcp)
		log_warn("http", "%s port %u", lns_addr_text(&c->listen, ip),
		    c->listen.port);
	else
		log_warn("http", "%s", c->path);
	if (fd != -1)
		close(fd);
	return false;
}

struct http *
http_new(const struct conf_http *c)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	LIST_INIT(&h->paths);
	LIST_INIT(&h->requests);
	TAILQ_INIT(&h->connections);
	h->look = loop_timer_new(look_at_fresh, h);
	h->ev = evhttp_new(loop_base());
	if (h->look == NULL || h->ev == NULL || !http_listen(h, c)) {
		http_free(h);
		return NULL;
	}
	evhttp_set_allowed_methods(h->ev, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(h->ev, HEADERS_MAX);
	evhttp_set_max_body_size(h->ev, BODY_MAX);
	evhttp_set_timeout(h->ev, TIMEOUT_S);
	evhttp_set_bevcb(h->ev, new_connection, h);
	evhttp_set_gencb(h->ev, on_unknown, h);
	return h;
}

/* Those whose client has gone belong to nobody but us. */
static void
forget_requests(struct http *h)
{
	struct http_request *r, *next;

	for (r = LIST_FIRST(&h->requests); r != NULL; r = next) {
		next = LIST_NEXT(r, entry);
		if (evhttp_request_get_connection(r->ev) == NULL)
			evhttp_request_free(r->ev);
		request_free(r);
	}
}

void
http_free(struct http *h)
{
	struct connection *c, *next_connection;
	struct path *p, *next;

	if (h == NULL)
		return;
	forget_requests(h);
	for (c = TAILQ_FIRST(&h->connections); c != NULL; c = next_connection) {
		next_connection = TAILQ_NEXT(c, entry);
		connection_free(h, c);
	}
	if (h->ev != NULL)
		evhttp_free(h->ev);
	loop_timer_free(h->look);
	for (p = LIST_FIRST(&h->paths); p != NULL; p = next) {
		next = LIST_NEXT(p, entry);
		free(p);
	}
	if (h->socket_path != NULL)
		(void)unlink(h->socket_path);
	free(h->socket_path);
	free(h);
}

void
http_add(struct http *h, const char *path, http_fn fn, void *arg)
{
	struct path *p = calloc(1, sizeof(*p));

	if (p == NULL)
		fatal("http", "memory");
	p->http = h;
	p->fn = fn;
	p->arg = arg;
	LIST_INSERT_HEAD(&h->paths, p, entry);
	if (evhttp_set_cb(h->ev, path, on_request, p) != 0)
		fatalx("http", "%s", path);
}
