/* SPDX-License-Identifier: ISC */
/* Reading the configuration again; contract in reload.h. */

#include "reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "worker.h"

struct reload {
	char *path;
	struct reload_ops ops;
	void *arg;
	bool running;
	bool again; /* for who asks without waiting */
	bool dead;
	struct ctl_request *request; /* that waits; NULL: none */
	/* Of the worker. */
	struct conf *next;
	char *errors;
	size_t errors_len;
};

static void
read_it(void *arg)
{
	struct reload *r = arg;
	FILE *out = open_memstream(&r->errors, &r->errors_len);

	if (out == NULL)
		return;
	r->next = conf_load(r->path, out);
	fclose(out);
}

/* --- the answer --- */

static void
refuse(struct reload *r, enum ctl_error code, const char *text)
{
	struct ctl_request *rq = r->request;

	r->request = NULL;
	if (rq != NULL)
		ctl_fail(rq, code, "%s", text);
}

static void
say_mistakes(struct reload *r)
{
	char *save, *line, *text = r->errors;

	if (text == NULL) {
		log_warnx("lnsd", "reload: no memory");
		refuse(r, CTL_INTERNAL, "out of memory");
		return;
	}
	while (r->errors_len > 0 && text[r->errors_len - 1] == '\n')
		text[--r->errors_len] = '\0';
	refuse(r, CTL_FAILED, text);
	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		log_warnx("conf", "%s", line);
	log_warnx("lnsd", "reload: the configuration stays as it was");
}

/* The list, and a line of the log: "profile \"x\"". */
static void printf_like(2, 3) add(json_t *list, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n == -1)
		return;
	log_info("lnsd", "reload: %s", text);
	(void)json_array_append_new(list, json_string(text));
	free(text);
}

static const char *
what_became(bool was, bool is)
{
	return is ? "removed" : was ? "changed" : "added";
}

static json_t *
changes_of(const struct conf *next, const struct conf *before,
    const struct conf_changes *ch)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < next->n_ppp; i++)
		if (ch->ppp[i])
			add(list, "ppp \"%s\" %s", next->ppp[i].name,
			    what_became(
				i < before->n_ppp && !before->ppp[i].gone,
				next->ppp[i].gone));
	for (i = 0; i < next->n_peers; i++)
		if (ch->peers[i])
			add(list, "peer \"%s\" %s", next->peers[i].name,
			    what_became(
				i < before->n_peers && !before->peers[i].gone,
				next->peers[i].gone));
	if (ch->users)
		add(list, "users changed");
	if (ch->users_file)
		add(list, "users-file changed");
	if (ch->general)
		add(list, "general settings changed");
	return list;
}

static json_t *
restart_of(const struct conf_changes *ch)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < ch->n_restart; i++) {
		log_warnx(
		    "lnsd", "reload: needs a restart: %s", ch->restart[i]);
		(void)json_array_append_new(list, json_string(ch->restart[i]));
	}
	return list;
}

static void
apply(struct reload *r)
{
	const struct conf *before = r->ops.current(r->arg);
	struct conf *next = r->next;
	struct ctl_request *rq = r->request;
	struct conf_changes ch;
	json_t *changed, *restart;
	size_t i;

	r->next = NULL;
	if (before == NULL) {
		conf_free(next);
		refuse(r, CTL_BUSY, "the server is stopping");
		return;
	}
	for (i = 0; i < next->n_warnings; i++)
		log_warnx("conf", "%s", next->warnings[i]);
	if (conf_follow(next, before, &ch) == -1) {
		conf_free(next);
		refuse(r, CTL_INTERNAL, "out of memory");
		return;
	}
	changed = changes_of(next, before, &ch);
	restart = restart_of(&ch);
	if (json_array_size(changed) == 0) {
		log_info("lnsd", "reload: nothing has changed");
		conf_free(next);
		r->ops.unchanged(r->arg);
	} else if (r->ops.apply(r->arg, next, &ch) == -1) {
		log_warnx("lnsd", "reload: no memory");
		conf_free(next);
		refuse(r, CTL_INTERNAL, "out of memory");
		rq = NULL;
	}
	conf_changes_fini(&ch);
	r->request = NULL;
	if (rq != NULL)
		ctl_done(rq, json_pack("{s:O, s:O}", "changed", changed,
				 "restart", restart));
	json_decref(changed);
	json_decref(restart);
}

/* --- order --- */

static void
has_read(void *arg)
{
	struct reload *r = arg;

	r->running = false;
	if (r->dead) {
		conf_free(r->next);
		free(r->errors);
		free(r->path);
		free(r);
		return;
	}
	if (r->next != NULL)
		apply(r);
	else
		say_mistakes(r);
	free(r->errors);
	r->errors = NULL;
	r->ops.running(r->arg, false);
	if (r->again)
		reload_now(r);
}

void
reload_now(struct reload *r)
{
	r->again = r->running;
	if (r->running)
		return;
	if (worker_submit(read_it, has_read, r) == -1) {
		log_warn("lnsd", "reload");
		refuse(r, CTL_INTERNAL, "out of memory");
		return;
	}
	r->running = true;
	r->ops.running(r->arg, true);
}

static void
asker_gone(void *arg)
{
	struct reload *r = arg;

	r->request = NULL;
}

void
reload_asked(void *arg, struct ctl_request *rq)
{
	struct reload *r = arg;

	if (r->running) {
		ctl_fail(rq, CTL_BUSY, "a reload is under way");
		return;
	}
	r->request = rq;
	ctl_on_gone(rq, asker_gone, r);
	reload_now(r);
}

struct reload *
reload_new(const char *path, const struct reload_ops *ops, void *arg)
{
	struct reload *r;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	/* A daemon has no directory of its own. */
	r->path = realpath(path, NULL);
	if (r->path == NULL)
		r->path = strdup(path);
	if (r->path == NULL) {
		free(r);
		return NULL;
	}
	r->ops = *ops;
	r->arg = arg;
	return r;
}

void
reload_free(struct reload *r)
{
	if (r == NULL)
		return;
	r->dead = r->running;
	if (r->running)
		return;
	free(r->path);
	free(r);
}
