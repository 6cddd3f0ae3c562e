/* SPDX-License-Identifier: ISC */
/* users-file; contract in user_file.h. */

#include "user_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "watch.h"
#include "worker.h"

struct user_file {
	const struct conf *conf;
	struct chap *chap;
	struct user_db *others;
	user_file_fn taken;
	void *arg;
	struct watch *watch;
	struct conf_users *users; /* those of db */
	struct user_db *db;
	bool reading, changed_again;
	bool dead; /* freed while it was read */
};

/* One reading of it. */
struct reading {
	struct user_file *file; /* not for the thread */
	const struct conf *conf;
	struct conf *held;
	struct conf_users *users;
	char *errors;
	size_t errors_len;
};

static void
log_errors(char *text)
{
	char *save, *line;

	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		log_warnx("conf", "%s", line);
}

/* Takes the users; whoever is not among them cannot log in from now on. */
static void
replace(struct user_file *f, struct conf_users *users)
{
	struct user_db *db = user_db_new(users->list, users->n, f->chap);

	if (db == NULL) {
		log_warnx("ppp", "no memory for the users of %s",
		    f->conf->users_file);
		conf_users_free(users);
		return;
	}
	user_db_add(f->others, db);
	user_db_free(f->db);
	conf_users_free(f->users);
	f->db = db;
	f->users = users;
	f->taken(f->arg, users);
	log_info("ppp", "%zu users of %s", users->n, f->conf->users_file);
}

static void
read_users(void *arg)
{
	struct reading *r = arg;
	FILE *out = open_memstream(&r->errors, &r->errors_len);

	if (out == NULL)
		return;
	r->users = conf_users_load(r->conf, out);
	fclose(out);
}

static void
users_read(void *arg)
{
	struct reading *r = arg;
	struct user_file *f = r->file;

	f->reading = false;
	if (f->dead) {
		conf_users_free(r->users);
	} else if (r->users != NULL) {
		replace(f, r->users);
	} else {
		if (r->errors != NULL)
			log_errors(r->errors);
		log_warnx("ppp", "%s is not used, its users stay as they were",
		    f->conf->users_file);
	}
	free(r->errors);
	conf_free(r->held);
	free(r);
	if (f->dead)
		free(f);
	else if (f->changed_again)
		user_file_read(f);
}

static struct reading *
reading_new(struct user_file *f)
{
	struct reading *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->file = f;
	r->conf = f->conf;
	r->held = conf_hold(f->conf);
	return r;
}

void
user_file_read(struct user_file *f)
{
	struct reading *r;

	f->changed_again = f->reading;
	if (f->reading)
		return;
	r = reading_new(f);
	if (r != NULL && worker_submit(read_users, users_read, r) == 0) {
		f->reading = true;
		return;
	}
	log_warn("ppp", "cannot read %s", f->conf->users_file);
	if (r != NULL)
		conf_free(r->held);
	free(r);
}

static void
on_change(void *arg)
{
	user_file_read(arg);
}

struct user_file *
user_file_new(const struct conf *conf, struct chap *chap,
    struct user_db *others, user_file_fn taken, void *arg)
{
	struct user_file *f = calloc(1, sizeof(*f));
	struct reading *r;

	if (f == NULL)
		return NULL;
	f->conf = conf;
	f->chap = chap;
	f->others = others;
	f->taken = taken;
	f->arg = arg;
	/* First, so that no change goes unnoticed. */
	f->watch = watch_new(conf->users_file, on_change, f);
	if (f->watch == NULL)
		log_warn("ppp", "%s is not watched", conf->users_file);
	r = reading_new(f);
	if (r == NULL) {
		user_file_free(f);
		return NULL;
	}
	read_users(r);
	users_read(r);
	return f;
}

void
user_file_free(struct user_file *f)
{
	if (f == NULL)
		return;
	user_db_add(f->others, NULL);
	watch_free(f->watch);
	user_db_free(f->db);
	conf_users_free(f->users);
	if (f->reading)
		f->dead = true;
	else
		free(f);
}

const struct conf_users *
user_file_users(const struct user_file *f)
{
	return f->users;
}
