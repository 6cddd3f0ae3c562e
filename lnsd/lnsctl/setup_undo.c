/* SPDX-License-Identifier: ISC */
/* Takes back what setup did; contract in setup.h. */

#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ruleset.h"
#include "setup_file.h"
#include "setup_record.h"

struct undo {
	const char *path; /* of the record */
	json_t *record;
	bool act; /* else it is told alone */
	bool tell;
	size_t left;	 /* steps that were not taken back */
	bool rules_left; /* one of them could not be deleted */
};

static const char *
text_of(const json_t *step, const char *key)
{
	const char *s = json_string_value(json_object_get(step, key));

	return s != NULL ? s : "";
}

static void
tell(const struct undo *u, const char *what, const char *of)
{
	if (u->tell)
		printf("- %s%s\n", what, of);
	fflush(stdout);
}

static bool
failed(const char *path)
{
	lnsctl_say("setup: %s: %s", path, strerror(errno));
	return false;
}

/* --- files --- */

static bool
put_back(const struct undo *u, const json_t *step)
{
	const char *path = text_of(step, "path");
	const char *backup = text_of(step, "backup");
	json_int_t mode = json_integer_value(json_object_get(step, "mode"));

	if (backup[0] != '\0') {
		tell(u, "put back as it was: ", path);
		return !u->act || rename(backup, path) == 0 || failed(backup);
	}
	if (json_object_get(step, "was") != NULL) {
		tell(u, "put back as it was: ", path);
		return !u->act ||
		       setup_file_write(
			   path, text_of(step, "was"), (unsigned int)mode) ||
		       failed(path);
	}
	tell(u, "remove ", path);
	return !u->act || unlink(path) == 0 || failed(path);
}

/* There was another one before, which is not lost. */
static bool
had_file(const json_t *step)
{
	const char *backup = text_of(step, "backup");

	return backup[0] != '\0' ? access(backup, F_OK) == 0
				 : json_object_get(step, "was") != NULL;
}

/* False: it stays, and with it what makes use of it. */
static bool
undo_file(const struct undo *u, const json_t *step)
{
	const char *path = text_of(step, "path");
	char *now = path[0] != '\0' ? setup_file_read(path, NULL) : NULL;
	enum setup_fate fate = setup_fate(step, now);
	bool ok = true;

	if (fate == SETUP_GONE && errno != ENOENT && errno != ENOTDIR)
		return failed(path);
	free(now);
	switch (fate) {
	case SETUP_OURS:
		ok = put_back(u, step);
		break;
	case SETUP_CHANGED:
		tell(u, "leave as it is, for it was changed since: ", path);
		return false;
	case SETUP_GONE:
		if (had_file(step))
			ok = put_back(u, step);
		else
			tell(u, "gone already: ", path);
		break;
	case SETUP_BEFORE:
		tell(u, "as it was already: ", path);
		break;
	case SETUP_NO_FILE:
		break;
	}
	if (ok && u->act && json_is_true(json_object_get(step, "made-dir")))
		setup_file_remove_directory(path);
	return ok;
}

/* --- commands --- */

static void
delete_rule(void *arg, const json_t *rule)
{
	struct undo *u = arg;
	char handle[24], what[300];
	const char *const argv[] = { "nft", "delete", "rule",
		text_of(rule, "family"), text_of(rule, "table"),
		text_of(rule, "chain"), "handle", handle, NULL };

	snprintf(handle, sizeof(handle), "%lld",
	    (long long)json_integer_value(json_object_get(rule, "handle")));
	snprintf(what, sizeof(what), "%s %s %s handle %s", argv[3], argv[4],
	    argv[5], handle);
	tell(u, "nft delete rule ", what);
	if (!u->act || machine_run(NULL, argv) == 0)
		return;
	lnsctl_say("setup: failed: nft delete rule %s", what);
	u->rules_left = true;
}

static bool
undo_rules(struct undo *u)
{
	static const char *const nft[] = { "nft", "-j", "list", "ruleset",
		NULL };
	json_t *rules = NULL;
	json_error_t error;
	char *said;
	int status;

	u->rules_left = false;
	status = machine_run(&said, nft);
	if (status == 0 && said != NULL)
		rules = json_loads(said, 0, &error);
	free(said);
	/* Where nft has gone (127) it is not asked for what it has. */
	if (rules == NULL && status != 127) {
		lnsctl_say("setup: nft does not list the rules");
		return false;
	}
	ruleset_commented(rules, FIREWALL_COMMENT, delete_rule, u);
	json_decref(rules);
	return !u->rules_left;
}

static bool
is_there(const json_t *step)
{
	const char *there = text_of(step, "there");
	const char *const argv[] = { "sh", "-c", there, NULL };

	return there[0] == '\0' || machine_run(NULL, argv) == 0;
}

static bool
undo_commands(struct undo *u, const json_t *step)
{
	const char *command = text_of(step, "command");
	const char *undo = text_of(step, "undo");

	if (json_is_true(json_object_get(step, "rules")) && !undo_rules(u))
		return false;
	if (undo[0] != '\0' && is_there(step)) {
		tell(u, "", undo);
		if (u->act && !setup_run(undo))
			return false;
	}
	if (json_object_get(step, "was") == NULL || command[0] == '\0')
		return true;
	tell(u, "", command);
	return !u->act || setup_run(command);
}

/* --- all of it --- */

/* At once, for a command may be the end of us, as what hangs a terminal up. */
static void
save(const struct undo *u)
{
	if (!setup_record_save(u->path, u->record))
		failed(u->path);
}

static bool
undo_step(struct undo *u, json_t *step)
{
	if (!undo_file(u, step))
		return false;
	if (u->act) {
		setup_record_file_done(step);
		save(u);
	}
	return undo_commands(u, step);
}

/* The last step first. */
static void
undo_steps(struct undo *u, json_t *steps)
{
	size_t i;

	for (i = json_array_size(steps); i-- > 0;) {
		if (!undo_step(u, json_array_get(steps, i)))
			u->left++;
		else if (u->act)
			(void)json_array_remove(steps, i);
	}
}

static int
undo_last(struct undo *u)
{
	json_t *earlier, *steps;

	steps = json_object_get(setup_record_last(u->record), "steps");
	undo_steps(u, steps);
	if (!u->act)
		return EXIT_OK;
	setup_record_keep(u->record, steps);
	if (!setup_record_save(u->path, u->record)) {
		failed(u->path);
		return EXIT_REFUSED;
	}
	if (u->left > 0) {
		lnsctl_say("setup: not all was taken back; mend what has "
			   "failed, delete what was left if you do not need "
			   "it, and lnsctl setup --undo again");
		return EXIT_REFUSED;
	}
	earlier = setup_record_last(u->record);
	if (earlier == NULL)
		puts("Nothing of setup is left.");
	else
		printf("What setup did on %s is still there: --undo again "
		       "takes that back, too.\n",
		    text_of(earlier, "when"));
	return EXIT_OK;
}

int
setup_undo(const char *path, bool ask, bool dry)
{
	struct undo u = { .path = path, .tell = true };
	char why[SETUP_WHY];
	json_t *record, *run;
	int status = EXIT_OK;

	record = setup_record_load(path, why);
	if (record == NULL) {
		lnsctl_say("setup: %s", why);
		return EXIT_REFUSED;
	}
	u.record = record;
	run = setup_record_last(record);
	if (run == NULL) {
		puts("Nothing of setup is left to take back.");
		json_decref(record);
		return EXIT_OK;
	}
	printf("To take back what setup did on %s, with %s:\n",
	    text_of(run, "when"), text_of(run, "conf"));
	if (dry || ask)
		status = undo_last(&u);
	if (!dry && !setup_agreed(ask ? "Take it back? [yes] " : NULL)) {
		status = EXIT_REFUSED;
	} else if (!dry) {
		u.act = true;
		u.tell = !ask;
		u.left = 0;
		status = undo_last(&u);
	}
	json_decref(record);
	return status;
}
