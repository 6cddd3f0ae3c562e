/* SPDX-License-Identifier: ISC */
/* What became of clients that tried to connect. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ladder.h"
#include "../story_json.h"
#include "command.h"
#include "sessions.h"
#include "table.h"

/* A set-up that takes longer is slow. */
#define SLOW_MS 5000

static void
print_time(int64_t wall_s)
{
	char text[32];

	printf("%-14s", time_text(wall_s, text));
}

static void
print_list(const json_t *list)
{
	const json_t *o;
	size_t i;

	printf("%-6s%-14s %-22s %-16s %-11s %s\n", "n", "begun", "client",
	    "user", "result", "stage, cause");
	json_array_foreach(list, i, o)
	{
		char client[64];

		printf(
		    "#%-5d", (int)json_integer_value(json_object_get(o, "n")));
		print_time(json_integer_value(json_object_get(o, "begun")));
		printf(" %-22s %-16s %-11s %s%s%s\n",
		    endpoint_text(
			text_of(o, "peer"), int_of(o, "port"), client),
		    text_of(o, "user"), text_of(o, "result"),
		    text_of(o, "stage"),
		    text_of(o, "cause")[0] != '\0' ? ", " : "",
		    text_of(o, "cause"));
	}
}

/* Which stage took the time. */
static void
print_stages(const struct story *s)
{
	enum story_stage i, slowest = STORY_IKE;
	int64_t ms, most = -1, sum = 0;

	fputs("stages:   ", stdout);
	for (i = STORY_IKE; i < STORY_UP; i++) {
		ms = story_stage_ms(s, i);
		if (ms < 0)
			continue;
		printf(" %s %lld ms", story_stage_name(i), (long long)ms);
		sum += ms;
		if (ms > most) {
			most = ms;
			slowest = i;
		}
	}
	putchar('\n');
	if (sum > SLOW_MS && !mono_is_never(s->reached[STORY_UP]))
		printf("slow:      most of the time went into %s\n",
		    story_stage_name(slowest));
}

static void
print_story(const struct story *s)
{
	char ip[LNS_ADDR_TEXT];

	printf(
	    "client:    %s port %u", lns_addr_text(&s->peer, ip), s->peer.port);
	if (s->id[0] != '\0')
		printf(", calls itself %s", s->id);
	if (s->host[0] != '\0')
		printf(", named %s", s->host);
	fputs("\nbegun:     ", stdout);
	print_time(s->wall_s);
	printf("\nuser:      %s\nresult:    %s, got as far as %s\n", s->user,
	    story_result_name(s->result), story_stage_name(story_stage(s)));
	print_stages(s);
	putchar('\n');
	ladder_timeline(s, stdout);
	if (s->cause == CAUSE_NONE)
		return;
	printf("\ncause:     %s\n           %s\n", cause_name(s->cause),
	    cause_text(s->cause));
	if (s->detail[0] != '\0')
		printf("detail:    %s\n", s->detail);
	printf("to do:     %s\n", cause_mend(s->cause));
}

/* The story of who; false: what is wrong has been said. */
static bool
get_story(struct lnsctl *l, const char *who, struct story *s, int *status)
{
	json_t *params = json_pack("{s:s}", "who", who);
	json_t *o = lnsctl_ask(l, "story", params, NULL, NULL, status);
	bool ok;

	if (o == NULL)
		return false;
	if (l->json) {
		lnsctl_print_json(o);
		json_decref(o);
		return false;
	}
	ok = story_from_json(o, s);
	json_decref(o);
	if (ok)
		return true;
	lnsctl_say("lnsd's answer makes no sense");
	*status = EXIT_REFUSED;
	return false;
}

static int
cmd_explain(struct lnsctl *l, int argc, char **argv)
{
	struct story s;
	int status;

	if (argc == 0)
		return lnsctl_show(l, "stories", NULL, print_list);
	if (argc > 1)
		return lnsctl_usage("explain takes one client");
	if (!get_story(l, argv[0], &s, &status))
		return status;
	print_story(&s);
	free(s.events);
	return EXIT_OK;
}

static int
cmd_causes(struct lnsctl *l, int argc, char **argv)
{
	(void)l;
	(void)argc;
	(void)argv;
	cause_print_table(stdout);
	return EXIT_OK;
}

static int
write_svg(const struct story *s, const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL) {
		lnsctl_say("%s: %s", path, strerror(errno));
		return EXIT_REFUSED;
	}
	ladder_svg(s, f);
	if (fclose(f) == 0)
		return EXIT_OK;
	lnsctl_say("%s: %s", path, strerror(errno));
	return EXIT_REFUSED;
}

static int
cmd_ladder(struct lnsctl *l, int argc, char **argv)
{
	const char *who = "last", *svg = NULL;
	struct story s;
	int i, status;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--svg") != 0)
			who = argv[i];
		else if (++i < argc)
			svg = argv[i];
		else
			return lnsctl_usage("--svg needs a file");
	}
	if (!get_story(l, who, &s, &status))
		return status;
	status = EXIT_OK;
	if (svg != NULL)
		status = write_svg(&s, svg);
	else
		ladder_text(&s, stdout);
	free(s.events);
	return status;
}

static bool
print_traced(void *arg, const json_t *o)
{
	const struct lnsctl *l = arg;
	const json_t *e = json_object_get(o, "event");

	if (l->json) {
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		printf("#%d %s %s %8.3f %-5s %-4s %s\n",
		    (int)json_integer_value(json_object_get(o, "n")),
		    text_of(o, "peer"), text_of(o, "user"),
		    (double)json_integer_value(json_object_get(e, "at_ms")) /
			1000,
		    text_of(e, "stage"), text_of(e, "dir"), text_of(e, "text"));
	}
	return fflush(stdout) == 0;
}

static int
cmd_trace(struct lnsctl *l, int argc, char **argv)
{
	json_t *o;
	int status;

	if (argc > 1)
		return lnsctl_usage("trace takes one client");
	o = lnsctl_ask(l, "events",
	    argc == 1 ? json_pack("{s:s}", "who", argv[0]) : NULL, print_traced,
	    l, &status);
	json_decref(o);
	return status;
}

const struct command explain_commands[] = {
	{ "explain", "[WHO|last]", "why a client does not get in",
	    cmd_explain },
	{ "explain causes", NULL, "all causes, as a table in Markdown",
	    cmd_causes },
	{ "ladder", "[WHO|last] [--svg FILE]",
	    "an attempt to connect as a sequence diagram", cmd_ladder },
	{ "trace", "[WHO]", "events of clients as they happen", cmd_trace },
	{ NULL, NULL, NULL, NULL },
};
