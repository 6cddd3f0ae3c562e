/* SPDX-License-Identifier: ISC */
/*
 * lnsctl: asks and steers a running lnsd, and helps where none runs yet.  Each
 * file beside this one has the commands of one topic; see command.h.
 */

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "conf.h"
#include "rpc.h"
#include "utf8.h"
#include "../ctl.h"

#define SOCKET_DEFAULT "/run/lnsd/" CTL_SOCKET

static const struct command *const tables[] = { status_commands, show_commands,
	top_commands, explain_commands, act_commands, doctor_commands,
	setup_commands, profile_commands, server_commands };

/* --- what commands use --- */

static void printf_like(1, 0) say_v(const char *fmt, va_list ap)
{
	fputs("lnsctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void
lnsctl_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_v(fmt, ap);
	va_end(ap);
}

int
lnsctl_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_v(fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

void
lnsctl_print_json(const json_t *o)
{
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}

static void
say_no_server(const char *path)
{
	switch (errno) {
	case EACCES:
	case EPERM:
		lnsctl_say(
		    "%s: not permitted: be root, or of the group lnsd", path);
		break;
	case ENOENT:
	case ECONNREFUSED:
		lnsctl_say("lnsd is not running: nobody answers at %s; start "
			   "it (systemctl start lnsd), its log says why if it "
			   "ends; lnsctl doctor looks for causes",
		    path);
		break;
	default:
		lnsctl_say("%s: %s", path, strerror(errno));
	}
}

/* In the configuration's run-dir; NULL: we may not read it, or it is wrong,
 * which is no matter of ours. */
static char *
socket_of_conf(const char *path)
{
	char *text = NULL, *socket = NULL;
	struct conf *conf;
	size_t len;
	FILE *errors;

	errors = open_memstream(&text, &len);
	if (errors == NULL)
		return NULL;
	conf = conf_load(path, errors);
	fclose(errors);
	free(text);
	if (conf == NULL)
		return NULL;
	if (asprintf(&socket, "%s/" CTL_SOCKET, conf->run_dir) == -1)
		socket = NULL;
	conf_free(conf);
	return socket;
}

static bool
connect_server(struct lnsctl *l)
{
	char *found = NULL;
	const char *path;

	if (l->rpc != NULL)
		return true;
	if (l->socket == NULL)
		found = socket_of_conf(l->conf);
	path = found != NULL ? found : l->socket;
	if (path == NULL)
		path = SOCKET_DEFAULT;
	l->rpc = rpc_open(path);
	if (l->rpc == NULL)
		say_no_server(path);
	free(found);
	return l->rpc != NULL;
}

json_t *
lnsctl_ask(struct lnsctl *l, const char *method, json_t *params,
    bool (*on_item)(void *arg, const json_t *item), void *arg, int *status)
{
	const json_t *error;
	json_t *o, *result;

	*status = EXIT_NO_SERVER;
	if (!connect_server(l)) {
		json_decref(params);
		return NULL;
	}
	o = rpc_call(l->rpc, method, params, on_item, arg);
	if (o == NULL) {
		if (errno == 0)
			return json_null();
		lnsctl_say("lnsd has broken off: %s", strerror(errno));
		return NULL;
	}
	error = json_object_get(o, "error");
	if (error != NULL) {
		lnsctl_say(
		    "%s", json_string_value(json_object_get(error, "message")));
		*status = EXIT_REFUSED;
		result = NULL;
	} else {
		*status = EXIT_OK;
		result = json_incref(json_object_get(o, "result"));
	}
	json_decref(o);
	return result;
}

void
lnsctl_wait_end(struct lnsctl *l)
{
	if (l->rpc != NULL)
		rpc_wait_end(l->rpc);
}

int
lnsctl_show(struct lnsctl *l, const char *method, json_t *params,
    void (*print)(const json_t *result))
{
	json_t *result;
	int status;

	result = lnsctl_ask(l, method, params, NULL, NULL, &status);
	if (result == NULL)
		return status;
	if (l->json)
		lnsctl_print_json(result);
	else
		print(result);
	json_decref(result);
	return EXIT_OK;
}

/* --- the command line --- */

static void
print_help(FILE *out)
{
	const struct command *c;
	char left[64];
	size_t i;

	fputs("usage: lnsctl [-j] [-c file] [-s socket] command ...\n\n", out);
	for (i = 0; i < nitems(tables); i++) {
		for (c = tables[i]; c->words != NULL; c++) {
			snprintf(left, sizeof(left), "%s%s%s", c->words,
			    c->args != NULL ? " " : "",
			    c->args != NULL ? c->args : "");
			if (strlen(left) > 34)
				fprintf(out, "  %s\n  %34s %s\n", left, "",
				    c->help);
			else
				fprintf(out, "  %-34s %s\n", left, c->help);
		}
	}
}

/* How many words of argv are those of c; 0: others. */
static int
match(const struct command *c, int argc, char **argv)
{
	const char *w = c->words;
	size_t n;
	int i;

	for (i = 0; *w != '\0'; i++) {
		n = strcspn(w, " ");
		if (i == argc || strlen(argv[i]) != n ||
		    strncmp(argv[i], w, n) != 0)
			return 0;
		w += n;
		w += strspn(w, " ");
	}
	return i;
}

/* The command with the most words that match. */
static const struct command *
find(int argc, char **argv, int *words)
{
	const struct command *c, *best = NULL;
	size_t i;
	int n;

	*words = 0;
	for (i = 0; i < nitems(tables); i++) {
		for (c = tables[i]; c->words != NULL; c++) {
			n = match(c, argc, argv);
			if (n > *words) {
				*words = n;
				best = c;
			}
		}
	}
	return best;
}

/* One command in a line, its words and its arguments: for completion. */
static int
list_commands(void)
{
	const struct command *c;
	size_t i;

	for (i = 0; i < nitems(tables); i++)
		for (c = tables[i]; c->words != NULL; c++)
			printf("%s\t%s\n", c->words,
			    c->args != NULL ? c->args : "");
	return EXIT_OK;
}

static int
run(struct lnsctl *l, int argc, char **argv)
{
	const struct command *c;
	int words, i;

	/* What is asked with is JSON. */
	for (i = 0; i < argc; i++)
		if (!utf8_is_valid(argv[i]))
			return lnsctl_usage("argument %d is not UTF-8", i + 1);
	if (argc == 0) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[0], "help") == 0) {
		print_help(stdout);
		return EXIT_OK;
	}
	c = find(argc, argv, &words);
	if (c == NULL)
		return lnsctl_usage("no command \"%s%s%s\": lnsctl help",
		    argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	if (c->args == NULL && argc > words)
		return lnsctl_usage(
		    "\"%s\" takes no argument: %s", c->words, argv[words]);
	return c->fn(l, argc - words, argv + words);
}

/* --json may stand anywhere: people add it to the end. */
static int
take_json(struct lnsctl *l, int argc, char **argv)
{
	int i, n = 0;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			l->json = true;
		else
			argv[n++] = argv[i];
	}
	argv[n] = NULL;
	return n;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL,
						   'h' },
		{ "version", no_argument, NULL, 'V' },
		{ "list-commands", no_argument, NULL, 'L' },
		{ NULL, 0, NULL, 0 } };
	struct lnsctl l = { .conf = LNSD_CONF };
	int ch, status;

	argc = take_json(&l, argc, argv);
	while ((ch = getopt_long(argc, argv, "+c:hjs:V", longs, NULL)) != -1) {
		switch (ch) {
		case 'c':
			l.conf = optarg;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_OK;
		case 'j':
			l.json = true;
			break;
		case 'L':
			return list_commands();
		case 's':
			l.socket = optarg;
			break;
		case 'V':
			printf("lnsctl %s\n", LNSD_VERSION);
			return EXIT_OK;
		default:
			print_help(stderr);
			return EXIT_USAGE;
		}
	}
	status = run(&l, argc - optind, argv + optind);
	rpc_close(l.rpc);
	if (fflush(stdout) == EOF && status == EXIT_OK)
		status = EXIT_REFUSED;
	return status;
}
