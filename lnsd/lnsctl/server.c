/* SPDX-License-Identifier: ISC */
/* Commands that concern the daemon itself. */

#include <stdio.h>

#include "command.h"

static void
print_version(const json_t *v)
{
	printf("lnsd %s, protocol %d\n",
	    json_string_value(json_object_get(v, "version")),
	    (int)json_integer_value(json_object_get(v, "protocol")));
}

static int
cmd_version(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "version", NULL, print_version);
}

static void
print_list(const char *before, const json_t *list)
{
	const json_t *x;
	size_t i;

	json_array_foreach(list, i, x)
	    printf("%s%s\n", before, json_string_value(x));
}

static void
print_reload(const json_t *v)
{
	const json_t *changed = json_object_get(v, "changed");

	if (json_array_size(changed) == 0)
		puts("nothing has changed");
	print_list("", changed);
	print_list("needs a restart: ", json_object_get(v, "restart"));
}

static int
cmd_reload(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "reload", NULL, print_reload);
}

const struct command server_commands[] = {
	{ "reload", NULL, "read the configuration again", cmd_reload },
	{ "show version", NULL, "which lnsd answers", cmd_version },
	{ NULL, NULL, NULL, NULL },
};
