/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_COMMAND_H
#define LNSCTL_COMMAND_H

/*
 * The commands of lnsctl.  Each file of commands has a table of them that
 * main.c knows; usage, help and completion are made from the tables.
 */

#include <jansson.h>
#include <stdbool.h>

#include "compiler.h"

enum lnsctl_exit {
	EXIT_OK = 0,
	EXIT_REFUSED = 1, /* it could not be done: the cause is on stderr */
	EXIT_USAGE = 2,
	EXIT_NO_SERVER = 3, /* lnsd does not run, or we may not ask it */
};

struct rpc;

/* What the options say; one for the run of the program. */
struct lnsctl {
	const char *conf;   /* path of the configuration */
	const char *socket; /* path; NULL: in the configuration's run-dir */
	bool json;	    /* --json: results as the server gave them */
	struct rpc *rpc;    /* NULL: not connected yet */
};

/* argv[0] is the first word behind the command's own.  Returns an exit status;
 * says on stderr what is wrong. */
typedef int (*command_fn)(struct lnsctl *, int argc, char **argv);

struct command {
	const char *words; /* "show sessions" */
	const char *args;  /* behind them: "[USER]"; NULL: none */
	const char *help;  /* one line, lower case, no period */
	command_fn fn;
};

/* Asks the server.  params: takes the reference; NULL: none.  on_item(arg) gets
 * each part of a long answer, borrowed; false: enough, the result is then null.
 * Returns the result, to be released; NULL: what is wrong has been said, and
 * *status is the exit status. */
json_t *lnsctl_ask(struct lnsctl *, const char *method, json_t *params,
    bool (*on_item)(void *arg, const json_t *item), void *arg,
    int *status) must_check;
/* For a command whose answer is one result: asks, prints it as JSON if that
 * was wished, else by print(). */
int lnsctl_show(struct lnsctl *, const char *method, json_t *params,
    void (*print)(const json_t *result));
/* A mistake of the user's: says "lnsctl: ..." and returns EXIT_USAGE. */
int lnsctl_usage(const char *fmt, ...) printf_like(1, 2);
/* Until the server has gone; after an answer. */
void lnsctl_wait_end(struct lnsctl *);
/* "lnsctl: ..." on stderr. */
void lnsctl_say(const char *fmt, ...) printf_like(1, 2);
void lnsctl_print_json(const json_t *);

/* Ends with one whose words are NULL. */
extern const struct command doctor_commands[];	/* doctor.c */
extern const struct command setup_commands[];	/* setup.c */
extern const struct command show_commands[];	/* show.c */
extern const struct command status_commands[];	/* status.c */
extern const struct command act_commands[];	/* act.c */
extern const struct command top_commands[];	/* top.c */
extern const struct command server_commands[];	/* server.c */
extern const struct command profile_commands[]; /* profile.c */
extern const struct command explain_commands[]; /* explain.c */

#endif
