/* SPDX-License-Identifier: ISC */
/* Commands that steer the server. */

#include <arpa/inet.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "sessions.h"

/* Whom the log is to name: who he was before sudo(8). */
static const char *
my_name(void)
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *pw;

	if (sudo != NULL && sudo[0] != '\0')
		return sudo;
	pw = getpwuid(getuid());
	return pw != NULL ? pw->pw_name : "?";
}

static json_t *
signed_params(void)
{
	return json_pack("{s:s}", "by", my_name());
}

static void
set_text(json_t *params, const char *key, const char *value)
{
	(void)json_object_set_new(params, key, json_string(value));
}

/* --- disconnect --- */

static bool
is_address(const char *text)
{
	unsigned char buf[16];

	return inet_pton(AF_INET, text, buf) == 1 ||
	       inet_pton(AF_INET6, text, buf) == 1;
}

/* Takes "--reason TEXT" out of argv; false: there is no TEXT. */
static bool
take_reason(int *argc, char **argv, const char **reason)
{
	int i, n = 0;

	*reason = NULL;
	for (i = 0; i < *argc; i++) {
		if (strcmp(argv[i], "--reason") != 0) {
			argv[n++] = argv[i];
			continue;
		}
		if (++i == *argc)
			return false;
		*reason = argv[i];
	}
	*argc = n;
	return true;
}

static void
print_disconnected(const json_t *result)
{
	json_int_t n = int_of(result, "disconnected");

	printf("%lld session%s ended\n", (long long)n, n == 1 ? "" : "s");
}

static int
cmd_disconnect(struct lnsctl *l, int argc, char **argv)
{
	const char *reason;
	json_t *p;
	char *end;
	long n;

	if (!take_reason(&argc, argv, &reason))
		return lnsctl_usage("--reason needs a text");
	p = signed_params();
	if (argc == 2 && strcmp(argv[0], "tunnel") == 0) {
		n = strtol(argv[1], &end, 10);
		if (*end != '\0' || n <= 0) {
			json_decref(p);
			return lnsctl_usage(
			    "disconnect tunnel N: the N of TUNNEL[N]");
		}
		(void)json_object_set_new(p, "tunnel", json_integer(n));
	} else if (argc != 1) {
		json_decref(p);
		return lnsctl_usage("whom?  disconnect USER, ADDRESS, "
				    "tunnel N or all");
	} else if (strcmp(argv[0], "all") == 0) {
		(void)json_object_set_new(p, "all", json_true());
	} else {
		set_text(p, is_address(argv[0]) ? "address" : "user", argv[0]);
	}
	if (reason != NULL)
		set_text(p, "reason", reason);
	return lnsctl_show(l, "disconnect", p, print_disconnected);
}

/* --- stop --- */

static bool
print_left(void *arg, const json_t *item)
{
	(void)arg;
	printf("%lld sessions are left\n", (long long)int_of(item, "sessions"));
	fflush(stdout);
	return true;
}

static int
cmd_stop(struct lnsctl *l, int argc, char **argv)
{
	json_t *p = signed_params(), *result;
	bool drain = false, wrong = false;
	long timeout = 0;
	char *end;
	int i, status;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--drain") == 0) {
			drain = true;
		} else if (strcmp(argv[i], "--timeout") == 0 && i + 1 < argc) {
			timeout = strtol(argv[++i], &end, 10);
			wrong |= *end != '\0' || timeout <= 0;
		} else {
			wrong = true;
		}
	}
	if (wrong || (timeout != 0 && !drain)) {
		json_decref(p);
		return lnsctl_usage("stop [--drain [--timeout SECONDS]]");
	}
	(void)json_object_set_new(p, "drain", json_boolean(drain));
	(void)json_object_set_new(p, "timeout", json_integer(timeout));
	result = lnsctl_ask(l, "stop", p, print_left, NULL, &status);
	json_decref(result);
	if (result == NULL)
		return status;
	lnsctl_wait_end(l);
	if (!l->json)
		puts("stopped");
	return EXIT_OK;
}

/* --- log and trace --- */

static void
print_nothing(const json_t *result)
{
	(void)result;
}

static int
cmd_log_level(struct lnsctl *l, int argc, char **argv)
{
	json_t *p;

	if (argc != 1)
		return lnsctl_usage(
		    "log level err, warning, notice, info or debug");
	p = signed_params();
	set_text(p, "level", argv[0]);
	return lnsctl_show(l, "log.level", p, print_nothing);
}

static int
set_trace(struct lnsctl *l, bool on, int argc, char **argv)
{
	json_t *p;

	if (argc > 1 || (argc == 1 && !is_address(argv[0])))
		return lnsctl_usage(
		    "trace %s [ADDRESS]: the address of a client",
		    on ? "on" : "off");
	p = signed_params();
	(void)json_object_set_new(p, "on", json_boolean(on));
	if (argc == 1)
		set_text(p, "address", argv[0]);
	return lnsctl_show(l, "trace", p, print_nothing);
}

static int
cmd_trace_on(struct lnsctl *l, int argc, char **argv)
{
	return set_trace(l, true, argc, argv);
}

static int
cmd_trace_off(struct lnsctl *l, int argc, char **argv)
{
	return set_trace(l, false, argc, argv);
}

const struct command act_commands[] = {
	{ "disconnect", "USER|ADDRESS|tunnel N|all [--reason TEXT]",
	    "end sessions", cmd_disconnect },
	{ "stop", "[--drain [--timeout SECONDS]]", "end the server", cmd_stop },
	{ "log level", "err|warning|notice|info|debug", "how much is logged",
	    cmd_log_level },
	{ "trace on", "[ADDRESS]", "log control messages with their AVPs",
	    cmd_trace_on },
	{ "trace off", "[ADDRESS]", "no more of that", cmd_trace_off },
	{ NULL, NULL, NULL, NULL },
};
