/* SPDX-License-Identifier: ISC */
/*
 * The service manager; contract in notify.h.  The protocol is three lines of
 * text in a datagram, and documented to stay as it is: libsystemd would bring
 * seven more libraries into a process that runs as root.
 */

#include "notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

/* So often the status is brought up to date, if the watchdog does not want
 * more. */
#define STATUS_MS 10000
/* Of three signs of life two may get lost. */
#define BEATS 3

static int sock = -1;
static struct sockaddr_un manager;
static socklen_t manager_len;
static int64_t interval_ms = STATUS_MS;

/* "@" begins a name of the abstract kind. */
static bool
set_manager(const char *name)
{
	size_t len = strlen(name);

	if ((name[0] != '/' && name[0] != '@') ||
	    len >= sizeof(manager.sun_path))
		return false;
	manager.sun_family = AF_UNIX;
	memcpy(manager.sun_path, name, len + 1);
	if (name[0] == '@')
		manager.sun_path[0] = '\0';
	else
		len++;
	manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return true;
}

/* The watchdog may be meant for another process. */
static void
set_interval(const char *usec, const char *pid)
{
	int64_t ms;

	interval_ms = STATUS_MS;
	if (usec == NULL || (pid != NULL && atoll(pid) != getpid()))
		return;
	ms = atoll(usec) / 1000 / BEATS;
	if (ms > 0 && ms < interval_ms)
		interval_ms = ms;
}

void
notify_init(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (name != NULL && set_manager(name)) {
		sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (sock == -1)
			log_warn("notify", "socket");
	}
	set_interval(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}

void
notify_fini(void)
{
	if (sock != -1)
		close(sock);
	sock = -1;
}

bool
notify_wanted(void)
{
	return sock != -1;
}

int64_t
notify_interval_ms(void)
{
	return interval_ms;
}

size_t
notify_text(char *buf, size_t size, enum notify_state state, const char *status,
    struct mono now)
{
	static const char *const states[] = { [NOTIFY_STARTING] = "",
		[NOTIFY_READY] = "READY=1\n",
		[NOTIFY_RELOADING] = "RELOADING=1\n",
		[NOTIFY_STOPPING] = "STOPPING=1\n" };
	char since[64] = "";
	int n;

	/* The manager compares it with when it asked, in microseconds: what has
	 * been cut off must not make it earlier. */
	if (state == NOTIFY_RELOADING)
		snprintf(since, sizeof(since), "MONOTONIC_USEC=%lld\n",
		    (long long)now.ms * 1000 + 999);
	n = snprintf(buf, size, "%s%sSTATUS=%.*s\nWATCHDOG=1\n", states[state],
	    since, (int)strcspn(status, "\n"), status);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

void
notify_tell(enum notify_state state, const char *status, struct mono now)
{
	char cut[NOTIFY_STATUS_MAX], text[NOTIFY_STATUS_MAX + 128];
	size_t len;

	if (sock == -1)
		return;
	snprintf(cut, sizeof(cut), "%s", status);
	len = notify_text(text, sizeof(text), state, cut, now);
	if (sendto(sock, text, len, MSG_NOSIGNAL | MSG_DONTWAIT,
		(const struct sockaddr *)&manager, manager_len) == -1)
		log_debug("notify", "nobody listens: %s", strerror(errno));
}
