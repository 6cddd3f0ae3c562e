/* SPDX-License-Identifier: ISC */
/* The record of setup; contract in setup_record.h. */

#include "setup_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "setup_file.h"

#define VERSION 1

/* --- pure --- */

void
setup_digest(const char *text, char buf[SETUP_DIGEST])
{
	uint8_t h[EVP_MAX_MD_SIZE];
	unsigned int n = 0, i;

	buf[0] = '\0';
	if (EVP_Digest(text, strlen(text), h, &n, EVP_sha256(), NULL) != 1)
		return;
	for (i = 0; i < n && 2 * i + 2 < SETUP_DIGEST; i++)
		snprintf(buf + 2 * i, 3, "%02x", h[i]);
}

json_t *
setup_record_begin(json_t *record, const char *conf, const char *when)
{
	json_t *run =
	    json_pack("{s:s, s:s, s:[]}", "conf", conf, "when", when, "steps");

	return json_array_append_new(json_object_get(record, "runs"), run) == 0
		   ? run
		   : NULL;
}

json_t *
setup_record_last(const json_t *record)
{
	json_t *runs = json_object_get(record, "runs");

	return json_array_size(runs) == 0
		   ? NULL
		   : json_array_get(runs, json_array_size(runs) - 1);
}

void
setup_record_keep(json_t *record, json_t *steps)
{
	json_t *runs = json_object_get(record, "runs");

	if (json_array_size(steps) > 0)
		(void)json_object_set(
		    setup_record_last(record), "steps", steps);
	else
		(void)json_array_remove(runs, json_array_size(runs) - 1);
}

/* An empty text is left out. */
static int
put(json_t *o, const char *key, const char *text)
{
	return text == NULL || text[0] == '\0'
		   ? 0
		   : json_object_set_new(o, key, json_string(text));
}

bool
setup_record_add(
    json_t *run, const struct setup_step *st, const struct setup_was *was)
{
	char digest[SETUP_DIGEST] = "", before[SETUP_DIGEST] = "";
	json_t *o = json_object();
	int bad = o == NULL;

	if (st->path[0] != '\0')
		setup_digest(st->text, digest);
	if (was->text != NULL)
		setup_digest(was->text, before);
	bad |= put(o, "path", st->path) | put(o, "sha256", digest) |
	       put(o, "was-sha256", before) | put(o, "backup", st->backup) |
	       put(o, "command", st->command) | put(o, "undo", st->undo) |
	       put(o, "there", st->there);
	if (was->text != NULL && st->backup[0] == '\0')
		bad |= json_object_set_new(o, "was", json_string(was->text)) |
		       json_object_set_new(
			   o, "mode", json_integer((json_int_t)was->mode));
	if (was->made_dir)
		bad |= json_object_set_new(o, "made-dir", json_true());
	if (st->rules)
		bad |= json_object_set_new(o, "rules", json_true());
	/* Takes the reference in any case. */
	return json_array_append_new(json_object_get(run, "steps"), o) == 0 &&
	       !bad;
}

void
setup_record_file_done(json_t *step)
{
	(void)json_object_del(step, "path");
	(void)json_object_del(step, "made-dir");
}

static bool
has_digest(const json_t *step, const char *key, const char *digest)
{
	const char *s = json_string_value(json_object_get(step, key));

	return s != NULL && strcmp(s, digest) == 0;
}

enum setup_fate
setup_fate(const json_t *step, const char *now)
{
	char digest[SETUP_DIGEST];

	if (json_object_get(step, "path") == NULL)
		return SETUP_NO_FILE;
	if (now == NULL)
		return SETUP_GONE;
	setup_digest(now, digest);
	return has_digest(step, "sha256", digest)	? SETUP_OURS
	       : has_digest(step, "was-sha256", digest) ? SETUP_BEFORE
							: SETUP_CHANGED;
}

/* --- the file --- */

static bool
is_record(const json_t *o)
{
	const json_t *runs = json_object_get(o, "runs"), *run;
	size_t i;

	if (json_integer_value(json_object_get(o, "version")) != VERSION ||
	    !json_is_array(runs))
		return false;
	json_array_foreach(runs, i, run)
	{
		if (!json_is_array(json_object_get(run, "steps")))
			return false;
	}
	return true;
}

/* -1: why not. */
static int
open_record(const char *path, char why[SETUP_WHY])
{
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1 || fstat(fd, &st) == -1) {
		snprintf(why, SETUP_WHY, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		   (st.st_mode & 022) != 0) {
		/* What is in it is run. */
		snprintf(
		    why, SETUP_WHY, "%s: others could have written it", path);
	} else {
		return fd;
	}
	if (fd != -1)
		close(fd);
	return -1;
}

json_t *
setup_record_load(const char *path, char why[SETUP_WHY])
{
	json_error_t error;
	json_t *o;
	int fd;

	if (access(path, F_OK) == -1 && errno == ENOENT)
		return json_pack("{s:i, s:[]}", "version", VERSION, "runs");
	fd = open_record(path, why);
	if (fd == -1)
		return NULL;
	o = json_loadfd(fd, 0, &error);
	close(fd);
	if (o != NULL && is_record(o))
		return o;
	snprintf(why, SETUP_WHY, "%s is no record of setup: %s", path,
	    o == NULL ? error.text : "of another version");
	json_decref(o);
	return NULL;
}

bool
setup_record_save(const char *path, json_t *record)
{
	bool ok, made = false;
	char *text;

	if (setup_record_last(record) == NULL) {
		if (unlink(path) == -1 && errno != ENOENT)
			return false;
		if (json_is_true(json_object_get(record, "made-dir")))
			setup_file_remove_directory(path);
		return true;
	}
	if (!setup_file_make_directory(path, 0700, &made) ||
	    (made && json_object_set_new(record, "made-dir", json_true()) != 0))
		return false;
	text = json_dumps(record, JSON_INDENT(1));
	ok = text != NULL && setup_file_write(path, text, 0600);
	free(text);
	return ok;
}
