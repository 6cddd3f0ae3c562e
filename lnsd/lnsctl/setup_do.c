/* SPDX-License-Identifier: ISC */
/* Carries out what setup has planned; contract in setup.h. */

#include "setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "setup_file.h"
#include "setup_record.h"
#include "utf8.h"

/* su(1) leaves a path without what only root makes use of. */
static void
complete_path(void)
{
	static const char sbin[] = "/usr/local/sbin:/usr/sbin:/sbin";
	const char *path = getenv("PATH");
	char *whole;

	if (path == NULL) {
		(void)setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	} else if (strstr(path, sbin) == NULL &&
		   asprintf(&whole, "%s:%s", path, sbin) != -1) {
		(void)setenv("PATH", whole, 1);
		free(whole);
	}
}

bool
setup_run(const char *command)
{
	complete_path();
	fflush(NULL);
	if (system(command) == 0)
		return true;
	lnsctl_say("setup: failed: %s", command);
	return false;
}

static bool
failed(const char *path)
{
	lnsctl_say("setup: %s: %s", path, strerror(errno));
	return false;
}

struct doing {
	const char *path; /* of the record */
	json_t *record;
};

/* In the record first: a step that ends halfway can be taken back, too. */
static bool
enter(const struct doing *d, const struct setup_step *st,
    const struct setup_was *was)
{
	if (!setup_record_add(setup_record_last(d->record), st, was)) {
		lnsctl_say("out of memory");
		return false;
	}
	return setup_record_save(d->path, d->record) || failed(d->path);
}

/* The last step has not been done. */
static void
strike(const struct doing *d)
{
	json_t *steps = json_object_get(setup_record_last(d->record), "steps");

	(void)json_array_remove(steps, json_array_size(steps) - 1);
	setup_record_keep(d->record, steps);
	if (!setup_record_save(d->path, d->record))
		failed(d->path);
}

static bool
put_file(
    const struct doing *d, const struct setup_step *st, struct setup_was *was)
{
	unsigned int dir =
	    strstr(st->path, ".service.d/") != NULL ? 0755 : 0700;
	bool linked;

	if (!setup_file_make_directory(st->path, dir, &was->made_dir))
		return failed(st->path);
	if (!enter(d, st, was))
		return false;
	linked = st->backup[0] != '\0' && link(st->path, st->backup) == 0;
	if (st->backup[0] != '\0' && !linked)
		failed(st->backup);
	else if (setup_file_write(st->path, st->text, st->mode))
		return true;
	else
		failed(st->path);
	if (linked)
		(void)unlink(st->backup);
	if (was->made_dir)
		setup_file_remove_directory(st->path);
	strike(d);
	return false;
}

/* It could not be put back as it was. */
static bool
cannot_keep(const struct setup_step *st, const struct setup_was *was)
{
	if (was->text == NULL || st->backup[0] != '\0' ||
	    utf8_is_valid(was->text))
		return false;
	lnsctl_say("setup: %s is not UTF-8 and could not be put back: move it "
		   "away",
	    st->path);
	return true;
}

/* A file that is as it should be was not made by this run. */
static bool
do_file(const struct doing *d, const struct setup_step *st)
{
	struct setup_was was = { .text = NULL };
	bool ok = true;

	was.text = setup_file_read(st->path, &was.mode);
	if (was.text == NULL && errno != ENOENT && errno != ENOTDIR)
		return failed(st->path);
	if (was.text == NULL || strcmp(was.text, st->text) != 0 ||
	    was.mode != st->mode)
		ok = !cannot_keep(st, &was) && put_file(d, st, &was);
	free(was.text);
	return ok;
}

static bool
do_step(const struct doing *d, const struct setup_step *st)
{
	static const struct setup_was nothing;

	printf("- %s\n", st->what);
	fflush(stdout);
	if (st->path[0] != '\0' ? !do_file(d, st) : !enter(d, st, &nothing))
		return false;
	return st->command[0] == '\0' || setup_run(st->command);
}

bool
setup_carry_out(
    const char *path, const struct setup *s, const struct setup_plan *p)
{
	char why[SETUP_WHY], when[40];
	struct doing d = { path, setup_record_load(path, why) };
	time_t now = time(NULL);
	struct tm tm;
	size_t i;
	bool ok;

	if (d.record == NULL) {
		lnsctl_say("setup: %s: nothing was done", why);
		return false;
	}
	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	ok = setup_record_begin(d.record, s->conf, when) != NULL;
	for (i = 0; ok && i < p->n; i++)
		ok = do_step(&d, &p->steps[i]);
	json_decref(d.record);
	if (!ok)
		lnsctl_say("setup: ended before its end; lnsctl setup --undo "
			   "takes back what was done");
	return ok;
}
