/* SPDX-License-Identifier: ISC */
/* Files by inotify(7); contract in watch.h. */

#include "watch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "loop.h"

/* An editor writes in several steps. */
#define SETTLE_MS 200

/* Also who may read it. */
#define CHANGES (IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB)

struct watch {
	int fd;
	struct loop_io *io;
	struct loop_timer *settle;
	char *name; /* in its directory */
	watch_fn changed;
	void *arg;
};

static bool
concerns(const struct watch *w, const struct inotify_event *e)
{
	return (e->mask & IN_Q_OVERFLOW) != 0 ||
	       (e->len > 0 && strcmp(e->name, w->name) == 0);
}

static void
on_event(int fd, void *arg)
{
	_Alignas(struct inotify_event) char buf[4096];
	const struct inotify_event *e;
	struct watch *w = arg;
	size_t at = 0;
	ssize_t n;

	n = read(fd, buf, sizeof(buf));
	while (n > 0 && at < (size_t)n) {
		e = (const void *)(buf + at);
		if (concerns(w, e))
			loop_timer_set(w->settle, SETTLE_MS);
		at += sizeof(*e) + e->len;
	}
}

static void
on_settled(void *arg)
{
	const struct watch *w = arg;

	w->changed(w->arg);
}

/* The directory: what replaces a file is no change of the file. */
static int
add_directory(struct watch *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int rc, err;

	w->name = strdup(slash != NULL ? slash + 1 : path);
	dir = slash == NULL   ? strdup(".")
	      : slash == path ? strdup("/")
			      : strndup(path, (size_t)(slash - path));
	rc = -1;
	errno = ENOMEM;
	if (w->name != NULL && dir != NULL)
		rc = inotify_add_watch(w->fd, dir, CHANGES | IN_ONLYDIR);
	err = errno;
	free(dir);
	errno = err;
	return rc;
}

struct watch *
watch_new(const char *path, watch_fn changed, void *arg)
{
	struct watch *w = calloc(1, sizeof(*w));
	int err;

	if (w == NULL)
		return NULL;
	w->changed = changed;
	w->arg = arg;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd != -1 && add_directory(w, path) != -1) {
		w->settle = loop_timer_new(on_settled, w);
		w->io = loop_io_new(w->fd, on_event, w);
		if (w->settle != NULL && w->io != NULL)
			return w;
		errno = ENOMEM;
	}
	err = errno;
	watch_free(w);
	errno = err;
	return NULL;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	loop_io_free(w->io);
	loop_timer_free(w->settle);
	if (w->fd != -1)
		close(w->fd);
	free(w->name);
	free(w);
}
