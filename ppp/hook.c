/* SPDX-License-Identifier: ISC */
/* ip-up and ip-down; contract in hook.h. */

#include "hook.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "log.h"
#include "loop.h"
#include "proc.h"

#define ENV_MAX 20

struct hooks {
	size_t n;
	int64_t limit_ms;
	void (*idle)(void *arg);
	void *arg;
};

/* Of one session: at most one program of it runs. */
struct hook {
	struct hooks *all;
	char *down_path;   /* NULL: no ip-down */
	struct proc *proc; /* NULL: none runs */
	const char *what;  /* the key that it is of */
	struct loop_timer *limit;
	bool told; /* to end */
	bool down; /* ip-down is wanted, or has begun */
	char user[64];
	char *env[ENV_MAX + 1];
	size_t n_env;
};

static void run_down(struct hook *);

static void printf_like(2, 3) put_env(struct hook *h, const char *fmt, ...)
{
	va_list ap;
	char *entry;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&entry, fmt, ap);
	va_end(ap);
	/* One that is missing is better than a session that is not told of. */
	if (n == -1)
		return;
	if (h->n_env == ENV_MAX)
		free(entry);
	else
		h->env[h->n_env++] = entry;
}

static void
put_addr(struct hook *h, const char *name, struct in_addr a)
{
	char ip[INET_ADDRSTRLEN];

	put_env(h, "%s=%s", name, inet_ntop(AF_INET, &a, ip, sizeof(ip)));
}

static void
hook_free(struct hook *h)
{
	struct hooks *all = h->all;
	size_t i;

	loop_timer_free(h->limit);
	for (i = 0; i < h->n_env; i++)
		free(h->env[i]);
	free(h->down_path);
	free(h);
	all->n--;
	if (all->n == 0)
		all->idle(all->arg);
}

static void
on_limit(void *arg)
{
	struct hook *h = arg;

	if (h->proc == NULL)
		return;
	(void)proc_signal(h->proc, h->told ? SIGKILL : SIGTERM);
	if (!h->told) {
		log_warnx(
		    "ppp", "%s for '%s' takes too long", h->what, h->user);
		loop_timer_set(h->limit, h->all->limit_ms / 2);
	}
	h->told = true;
}

static void
on_line(void *arg, const char *line)
{
	const struct hook *h = arg;

	log_info("ppp", "%s for '%s': %s", h->what, h->user, line);
}

static void
on_exit_hook(void *arg, int status)
{
	struct hook *h = arg;
	bool was_down = strcmp(h->what, "ip-down") == 0;

	h->proc = NULL;
	loop_timer_stop(h->limit);
	if (status != 0)
		log_warnx("ppp", "%s for '%s': %s", h->what, h->user,
		    proc_status_text(status));
	if (was_down)
		hook_free(h);
	else if (h->down)
		run_down(h);
}

/* False: nothing runs. */
static bool
run(struct hook *h, const char *what, char *path)
{
	char *const argv[] = { path, NULL };
	const struct proc_spec spec = { .path = path,
		.argv = argv,
		.env = h->env,
		.in_fd = -1,
		.out_fd = -1,
		.on_line = on_line,
		.on_exit = on_exit_hook,
		.arg = h };

	if (path == NULL)
		return false;
	h->what = what;
	h->told = false;
	h->proc = proc_start(&spec);
	if (h->proc == NULL) {
		log_warn("ppp", "cannot run %s for '%s'", what, h->user);
		return false;
	}
	loop_timer_set(h->limit, h->all->limit_ms);
	return true;
}

static void
run_down(struct hook *h)
{
	if (!run(h, "ip-down", h->down_path))
		hook_free(h);
}

struct hooks *
hooks_new(int64_t limit_ms, void (*idle)(void *arg), void *arg)
{
	struct hooks *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->limit_ms = limit_ms;
	all->idle = idle;
	all->arg = arg;
	return all;
}

void
hooks_free(struct hooks *all)
{
	/* Each has its own end. */
	if (all != NULL && all->n == 0)
		free(all);
}

size_t
hooks_running(const struct hooks *all)
{
	return all->n;
}

static void
put_session(struct hook *h, const struct hook_session *s)
{
	put_env(h, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	put_env(h, "LC_ALL=C");
	put_env(h, "LNSD_PROFILE=%s", s->ppp->name);
	put_env(h, "LNSD_USER=%s", s->user);
	put_env(h, "LNSD_IFNAME=%s", s->ifname);
	put_env(h, "LNSD_PEER=%s", s->peer);
	put_addr(h, "LNSD_LOCAL", s->local);
	put_addr(h, "LNSD_REMOTE", s->remote);
	put_env(h, "LNSD_FILTER_ID=%s", s->filter);
}

struct hook *
hook_up(struct hooks *all, const struct hook_session *s)
{
	struct hook *h;

	if (s->ppp->ip_up == NULL && s->ppp->ip_down == NULL)
		return NULL;
	h = calloc(1, sizeof(*h));
	if (h != NULL) {
		h->limit = loop_timer_new(on_limit, h);
		if (h->limit == NULL) {
			free(h);
			h = NULL;
		}
	}
	if (h == NULL) {
		log_warnx("ppp", "no memory for the hooks of '%s'", s->user);
		return NULL;
	}
	h->all = all;
	all->n++;
	if (s->ppp->ip_down != NULL)
		h->down_path = strdup(s->ppp->ip_down);
	snprintf(h->user, sizeof(h->user), "%s", s->user);
	put_session(h, s);
	(void)run(h, "ip-up", s->ppp->ip_up);
	return h;
}

void
hook_down(struct hook *h, const struct ppp_end *end)
{
	if (h == NULL)
		return;
	put_env(h, "LNSD_CAUSE=%s", end->cause);
	put_env(h, "LNSD_CONNECT_TIME=%u", end->connect_s);
	put_env(h, "LNSD_RX_BYTES=%llu", (unsigned long long)end->rx_bytes);
	put_env(h, "LNSD_TX_BYTES=%llu", (unsigned long long)end->tx_bytes);
	h->down = true;
	if (h->proc == NULL)
		run_down(h);
}
