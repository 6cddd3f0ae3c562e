/* SPDX-License-Identifier: ISC */
/* The command doctor; contract in doctor.h. */

#include "doctor.h"

#include <stdio.h>
#include <string.h>

#include "command.h"

static const char *const state_words[] = { "ok", "warn", "FAIL" };

static void
print_json(const struct findings *f)
{
	static const char *const words[] = { "ok", "warn", "fail" };
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < f->n; i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s}", "check", f->list[i].check,
			"state", words[f->list[i].state], "text",
			f->list[i].text, "mend", f->list[i].mend));
	lnsctl_print_json(list);
	json_decref(list);
}

bool
doctor_print(const struct findings *f, bool json, bool quiet)
{
	bool good = true, said = false;
	size_t i;

	if (json)
		print_json(f);
	for (i = 0; i < f->n; i++) {
		const struct finding *e = &f->list[i];

		good = good && e->state != FINDING_FAIL;
		if (json || (quiet && e->state == FINDING_OK))
			continue;
		printf(
		    "%-4s  %s: %s\n", state_words[e->state], e->check, e->text);
		if (e->mend[0] != '\0')
			printf("      -> %s\n", e->mend);
		said = true;
	}
	if (quiet && !json && !said)
		puts("ok    nothing is wrong");
	return good;
}

bool
doctor_run(const char *conf_path, const char *socket, const char *plugin,
    bool json, bool quiet)
{
	struct findings found = { .n = 0 };
	struct doctor_facts *facts;
	bool good;

	facts = doctor_look(
	    conf_path, socket, plugin != NULL ? plugin : DOCTOR_PLUGIN);
	if (facts == NULL) {
		lnsctl_say("out of memory");
		return false;
	}
	doctor_judge(facts, &found);
	good = doctor_print(&found, json, quiet);
	doctor_facts_free(facts);
	return good;
}

static int
cmd_doctor(struct lnsctl *l, int argc, char **argv)
{
	const char *plugin = NULL;
	int i;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--plugin") != 0 || i + 1 == argc)
			return lnsctl_usage("doctor: not understood: %s; it "
					    "changes nothing, and tells the "
					    "command that mends",
			    argv[i]);
		plugin = argv[++i];
	}
	return doctor_run(l->conf, l->socket, plugin, l->json, false)
		   ? EXIT_OK
		   : EXIT_REFUSED;
}

const struct command doctor_commands[] = {
	{ "doctor", "[--plugin FILE]",
	    "what keeps clients out, and how to mend it", cmd_doctor },
	{ NULL, NULL, NULL, NULL },
};
