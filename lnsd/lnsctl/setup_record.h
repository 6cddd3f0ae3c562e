/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_SETUP_RECORD_H
#define LNSCTL_SETUP_RECORD_H

/*
 * What setup did, kept so that it can be taken back: a JSON file that only root
 * may read or write, since commands are in it.  Each run of setup is an entry,
 * and has its steps in the order in which they were done.
 */

#include <jansson.h>
#include <stdbool.h>

#include "compiler.h"
#include "setup.h"

#define SETUP_RECORD "/var/lib/lnsd/setup.json"

#define SETUP_WHY 300

/* The record, to be released; an empty one if there is no file.  NULL: why not,
 * for people. */
json_t *setup_record_load(const char *path, char why[SETUP_WHY]) must_check;
/* Writes it as a whole, or takes the file away once no run is in it, each with
 * its directory if that was made for it.  False with errno. */
bool setup_record_save(const char *path, json_t *record) must_check;

/* --- pure --- */

/* A new run; borrowed.  NULL: out of memory. */
json_t *setup_record_begin(
    json_t *record, const char *conf, const char *when) must_check;
/* The last run, or NULL; borrowed. */
json_t *setup_record_last(const json_t *record) must_check;
/* Steps that are left of the last run; the run goes if there are none. */
void setup_record_keep(json_t *record, json_t *steps);

/* How a file was before a step. */
struct setup_was {
	char *text; /* NULL: not there, or beside it as a backup */
	unsigned int mode;
	bool made_dir; /* setup makes the directory that it is in */
};

/* A step of the last run.  False: out of memory. */
bool setup_record_add(json_t *run, const struct setup_step *,
    const struct setup_was *) must_check;

/* A file as it is now, beside what a step made of it. */
enum setup_fate {
	SETUP_OURS,
	SETUP_BEFORE,  /* as it was before the step */
	SETUP_CHANGED, /* by somebody else: not ours to touch */
	SETUP_GONE,
	SETUP_NO_FILE, /* the step is a command alone */
};

/* The file has been taken back, and is not to be looked at again; what its
 * commands need stays. */
void setup_record_file_done(json_t *step);
/* now: its text; NULL: it is not there. */
enum setup_fate setup_fate(const json_t *step, const char *now) must_check;

#define SETUP_DIGEST 65
/* SHA-256 in hexadecimal digits; "" if that fails. */
void setup_digest(const char *text, char buf[SETUP_DIGEST]);

#endif
