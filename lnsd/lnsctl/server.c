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

const struct command server_commands[] = {
	{ "show version", NULL, "which lnsd answers", cmd_version },
	{ NULL, NULL, NULL, NULL },
};
