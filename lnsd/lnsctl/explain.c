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

	if (json_array_size(list) == 0) {
		puts("nothing was heard of any client yet");
		return;
	}
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

/* As people say it; what takes long there, mostly. */
static const struct {
	const char *name, *slow;
} stages[STORY_STAGES] = {
	[STORY_IKE] = { "IKE", "packets that are lost (several times the "
			       "same), or a slow client" },
	[STORY_ESP] = { "IPsec", "the client, which waits before it begins "
				 "L2TP, or IKE again behind a NAT" },
	[STORY_L2TP] = { "L2TP", "packets that are lost (\"again\")" },
	[STORY_PPP] = { "PPP", "packets that are lost, or RADIUS, DHCP or "
			       "arp-probe, which have to answer first" },
	[STORY_UP] = { "its session", "" },
	[STORY_DOWN] = { "its end", "" },
};

/* A line that may go on below. */
static void
print_field(const char *name, const char *text)
{
	printf("%-11s", name);
	ladder_wrapped(text, 11, stdout);
}

/* Which stage took the time. */
static void
print_stages(const struct story *s)
{
	enum story_stage i, slowest = STORY_IKE;
	int64_t ms, most = -1, sum = 0;
	char text[160];
	const char *before = "";

	fputs("stages:    ", stdout);
	for (i = STORY_IKE; i < STORY_UP; i++) {
		ms = story_stage_ms(s, i);
		if (ms < 0)
			continue;
		printf("%s%s %lld ms", before, stages[i].name, (long long)ms);
		before = ", ";
		sum += ms;
		if (ms > most) {
			most = ms;
			slowest = i;
		}
	}
	putchar('\n');
	if (sum <= SLOW_MS || mono_is_never(s->reached[STORY_UP]))
		return;
	snprintf(text, sizeof(text),
	    "most of the time went into %s; that is often %s",
	    stages[slowest].name, stages[slowest].slow);
	print_field("slow:", text);
}

static void
print_who(const struct story *s)
{
	char ip[LNS_ADDR_TEXT], port[16] = "", text[256];

	if (s->peer.port != 0)
		snprintf(port, sizeof(port), " port %u", s->peer.port);
	snprintf(text, sizeof(text), "%s%s%s%s%s%s",
	    lns_addr_text(&s->peer, ip), port,
	    s->id[0] != '\0' ? ", calls itself " : "", s->id,
	    s->host[0] != '\0' ? ", named " : "", s->host);
	print_field("client:", text);
	fputs("begun:     ", stdout);
	print_time(s->wall_s);
	putchar('\n');
	if (s->user[0] != '\0')
		print_field("user:", s->user);
	if (s->address[0] != '\0')
		print_field("address:", s->address);
}

static void
print_result(const struct story *s)
{
	enum story_stage stage = story_stage(s);
	int64_t up_s;

	printf("result:    %s", story_result_name(s->result));
	if (s->result == STORY_FAILED)
		printf(" in %s", stages[stage].name);
	else if (s->result == STORY_CONNECTING)
		printf(", in %s so far", stages[stage].name);
	else if (stage == STORY_UP && !mono_is_never(s->reached[STORY_DOWN])) {
		up_s = story_stage_ms(s, STORY_UP) / 1000;
		printf(", was up for %lld:%02lld:%02lld",
		    (long long)up_s / 3600, (long long)up_s / 60 % 60,
		    (long long)up_s % 60);
	}
	putchar('\n');
}

static void
print_story(const struct story *s)
{
	print_who(s);
	print_result(s);
	print_stages(s);
	putchar('\n');
	ladder_timeline(s, stdout);
	if (s->cause == CAUSE_NONE)
		return;
	putchar('\n');
	print_field("cause:", cause_name(s->cause));
	print_field("", cause_text(s->cause));
	if (s->detail[0] != '\0')
		print_field("detail:", s->detail);
	print_field("to do:", cause_mend(s->cause));
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
	if (svg != NULL) {
		status = write_svg(&s, svg);
	} else {
		ladder_text(&s, stdout);
		if (s.cause != CAUSE_NONE) {
			putchar('\n');
			print_field("cause:", cause_text(s.cause));
		}
	}
	free(s.events);
	return status;
}

static bool
print_traced(void *arg, const json_t *o)
{
	const struct lnsctl *l = arg;
	const json_t *e = json_object_get(o, "event");
	const char *dir = text_of(e, "dir");

	if (l->json) {
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		printf("#%d %s %s %8.3f %-5s %s %s\n",
		    (int)json_integer_value(json_object_get(o, "n")),
		    text_of(o, "peer"),
		    text_of(o, "user")[0] != '\0' ? text_of(o, "user") : "-",
		    (double)json_integer_value(json_object_get(e, "at_ms")) /
			1000,
		    text_of(e, "stage"),
		    strcmp(dir, "in") == 0    ? "->"
		    : strcmp(dir, "out") == 0 ? "<-"
					      : "  ",
		    text_of(e, "text"));
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
