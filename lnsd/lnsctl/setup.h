/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_SETUP_H
#define LNSCTL_SETUP_H

/*
 * A server in a minute: answers (setup_answer.c) become a plan of files and
 * commands (setup_plan.c), both pure; setup.c asks and shows the plan,
 * setup_do.c carries it out, setup_undo.c takes it back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compiler.h"
#include "conf.h"
#include "doctor.h"
#include "machine.h"

#define SETUP_TEXT 256
#define SETUP_COMMAND 1250

struct setup {
	const struct machine *machine;
	/* The address of a name; false: it has none. */
	bool (*resolve)(const char *name, struct in_addr *);
	/* The answers. */
	char address[SETUP_TEXT]; /* what clients dial, as they type it */
	struct in_addr dialled;	  /* the same as an address */
	struct in_addr behind;	  /* ours, if that is a router's; or zero */
	char user[64];
	char password[SETUP_TEXT], psk[SETUP_TEXT];
	bool made_password, made_psk;
	struct conf_range pool;
	struct in_addr local_address;
	bool proxy_arp;
	bool masquerade;
	struct in_addr dns[2];
	size_t n_dns;
	/* The wishes. */
	const char *conf, *start_command;
	const char *self; /* the path of lnsctl */
	bool systemd, firewall, force;
	const char *backup; /* of a configuration that is there; NULL: none */
};

/* Each checks an answer and takes it.  NULL, or what is wrong with it. */
typedef const char *(*setup_take_fn)(struct setup *, const char *value);

struct setup_question {
	const char *flag; /* "pool" */
	const char *text; /* of the question */
	setup_take_fn take;
	/* What to answer if nobody says: false, it has to be said. */
	bool (*propose)(const struct setup *, char *buf, size_t size);
};

/* In the order in which they are asked; the last one's flag is NULL. */
extern const struct setup_question setup_questions[];

/* Asks for what given[] (one for each question) lacks.  in: NULL, nobody can be
 * asked, and the proposals count.  False: what is wrong has been said on err,
 * as that nothing more comes from in. */
bool setup_ask(struct setup *, const char *const given[], FILE *in, FILE *out,
    FILE *err) must_check;

/* Groups of four, "abcd-efgh", of letters and digits that can be told apart on
 * a phone and over one; 19.8 bits in each.  False: no randomness. */
bool setup_secret(char *buf, size_t size, unsigned int groups) must_check;
/* The same from these octets; those that do not suit are skipped.  Returns how
 * many characters, without dashes, they made.  Pure. */
size_t setup_spell(
    char *buf, unsigned int chars, const uint8_t *octets, size_t n);

/*
 * A step: a file to write, a command of sh(1), or a file and then the command
 * that makes use of it.  It is taken back in the same order: the file, then its
 * rules, then undo; and if there was another file before, its command again.
 */
struct setup_step {
	char what[200];	  /* for people */
	char path[200];	  /* "": no file */
	char backup[200]; /* what the old file gets as its second name; or "" */
	char *text;	  /* of the file */
	unsigned int mode;
	char command[SETUP_COMMAND];
	char undo[400];	 /* a command; "": nothing to do */
	char there[160]; /* fails if there is nothing to undo; "": never */
	bool rules;	 /* those of FIREWALL_COMMENT are to go */
};

#define SETUP_STEPS 24

struct setup_plan {
	struct setup_step steps[SETUP_STEPS];
	size_t n;
	char notes[8][400]; /* what is left for the administrator */
	size_t n_notes;
};

/* What is wrong with the path of the configuration: it gets into commands, and
 * the server has to be started with it.  NULL: nothing. */
const char *setup_wrong_path(const struct setup *) must_check;
/* False: out of memory. */
bool setup_plan(const struct setup *, const struct doctor_facts *,
    struct setup_plan *) must_check;
void setup_plan_free(struct setup_plan *);
void setup_write_conf(FILE *, const struct setup *);

/* Does it, telling each step, and keeps a record of it at path.  False: what is
 * wrong has been said. */
bool setup_carry_out(const char *path, const struct setup *,
    const struct setup_plan *) must_check;
/* Takes back what the last run did, by the record at path, as far as nobody has
 * changed it since; ask: shows what that is, and asks first; dry: shows it
 * alone.  Returns an exit status. */
int setup_undo(const char *path, bool ask, bool dry) must_check;
/* yes: asks on the terminal. */
bool setup_agreed(const char *question) must_check;
/* A command of sh(1).  False: has been said. */
bool setup_run(const char *command) must_check;

#endif
