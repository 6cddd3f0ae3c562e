/* SPDX-License-Identifier: ISC */
/* Commands that show what the server does. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "sessions.h"
#include "show.h"
#include "table.h"

/* Between the two looks from which rates are made. */
#define RATE_MS 500

static void
put_amount(struct table *t, const json_t *o, const char *key)
{
	char buf[16];

	if (json_is_integer(json_object_get(o, key)))
		table_put(t, amount_text((uint64_t)int_of(o, key), buf));
	else
		table_put(t, "");
}

static void
put_duration(struct table *t, const json_t *o, const char *key)
{
	char buf[24];

	if (json_is_integer(json_object_get(o, key)))
		table_put(t, duration_text(int_of(o, key), buf));
	else
		table_put(t, "");
}

/* 0: no limit. */
static void
put_limit(struct table *t, json_int_t n)
{
	if (n != 0)
		table_printf(t, "%lld", (long long)n);
	else
		table_put(t, "");
}

/* --- sessions --- */

void
sessions_row(struct table *t, const json_t *s)
{
	char client[64];

	table_put(t, text_of(s, "user"));
	table_put(t, client_text(s, client));
	table_put(t, text_of(s, "address"));
	put_duration(t, s, "seconds");
	put_duration(t, s, "idle_seconds");
	put_amount(t, s, "rx_octets");
	put_amount(t, s, "tx_octets");
	put_amount(t, s, "rx_bps");
	put_amount(t, s, "tx_bps");
	table_put(t, text_of(s, "cipher"));
	table_put(t, text_of(s, "client"));
}

const struct table_column session_columns[SESSION_COLUMNS] = {
	{ "USER", false },
	{ "CLIENT", false },
	{ "ADDRESS", false },
	{ "UP", true },
	{ "IDLE", true },
	{ "RX", true },
	{ "TX", true },
	{ "RX/s", true },
	{ "TX/s", true },
	{ "CIPHER", false },
	{ "KIND", false },
};

static void
print_sessions(const json_t *answer)
{
	struct table t;
	const json_t *s;
	size_t i;

	table_init(&t, session_columns, SESSION_COLUMNS);
	json_array_foreach(json_object_get(answer, "sessions"), i, s)
	    sessions_row(&t, s);
	table_print(&t, stdout, "no sessions");
	table_fini(&t);
}

json_t *
sessions_with_rates(struct lnsctl *l, int *status)
{
	const struct timespec wait = { .tv_nsec = RATE_MS * 1000000L };
	json_t *older, *answer;

	older = lnsctl_ask(l, "sessions", NULL, NULL, NULL, status);
	if (older == NULL)
		return NULL;
	if (json_array_size(json_object_get(older, "sessions")) == 0)
		return older;
	(void)nanosleep(&wait, NULL);
	answer = lnsctl_ask(l, "sessions", NULL, NULL, NULL, status);
	if (answer != NULL)
		sessions_add_rates(answer, older);
	json_decref(older);
	return answer;
}

static int
cmd_sessions(struct lnsctl *l, int argc, char **argv)
{
	json_t *answer;
	int status;

	if (argc > 1 || (argc == 1 && strcmp(argv[0], "--fast") != 0))
		return lnsctl_usage("show sessions takes --fast or nothing");
	answer = argc == 1
		     ? lnsctl_ask(l, "sessions", NULL, NULL, NULL, &status)
		     : sessions_with_rates(l, &status);
	if (answer == NULL)
		return status;
	sessions_sort(answer, "user", 0);
	if (l->json)
		lnsctl_print_json(answer);
	else
		print_sessions(answer);
	json_decref(answer);
	return EXIT_OK;
}

/* --- tunnels --- */

static void
print_tunnels(const json_t *answer)
{
	static const struct table_column columns[] = { { "TUNNEL", true },
		{ "STATE", false }, { "CLIENT", false }, { "L2TP", false },
		{ "PEER", false }, { "ID", true }, { "PEER-ID", true },
		{ "SESSIONS", true }, { "UP", true }, { "HOSTNAME", false },
		{ "VENDOR", false } };
	struct table t;
	char client[64];
	const json_t *o;
	size_t i;

	table_init(&t, columns, nitems(columns));
	json_array_foreach(json_object_get(answer, "tunnels"), i, o)
	{
		table_printf(&t, "%lld", (long long)int_of(o, "tunnel"));
		table_put(&t, text_of(o, "state"));
		table_put(&t, client_text(o, client));
		table_printf(&t, "%s:%lld", text_of(o, "peer_address"),
		    (long long)int_of(o, "peer_port"));
		table_put(&t, text_of(o, "peer"));
		table_printf(&t, "%lld", (long long)int_of(o, "tunnel_id"));
		table_printf(
		    &t, "%lld", (long long)int_of(o, "peer_tunnel_id"));
		table_printf(
		    &t, "%zu", json_array_size(json_object_get(o, "sessions")));
		put_duration(&t, o, "seconds");
		table_put(&t, text_of(o, "hostname"));
		table_put(&t, text_of(o, "vendor"));
	}
	table_print(&t, stdout, "no tunnels");
	table_fini(&t);
}

static int
cmd_tunnels(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "tunnels", NULL, print_tunnels);
}

/* --- peers, pools --- */

static void
print_peers(const json_t *answer)
{
	static const struct table_column columns[] = { { "PEER", false },
		{ "ADDRESS", false }, { "PROFILE", false },
		{ "AUTHENTICATION", false }, { "TUNNELS", true },
		{ "MAX", true }, { "SESSIONS", true }, { "MAX", true } };
	struct table t;
	const json_t *o;
	size_t i;

	table_init(&t, columns, nitems(columns));
	json_array_foreach(json_object_get(answer, "peers"), i, o)
	{
		table_put(&t, text_of(o, "peer"));
		table_put(&t, text_of(o, "address"));
		table_put(&t, text_of(o, "profile"));
		table_put(&t, text_of(o, "authentication"));
		table_printf(&t, "%lld", (long long)int_of(o, "tunnels"));
		put_limit(&t, int_of(o, "max_tunnels"));
		table_printf(&t, "%lld", (long long)int_of(o, "sessions"));
		put_limit(&t, int_of(o, "max_sessions"));
	}
	table_print(&t, stdout, "no peers");
	table_fini(&t);
}

static int
cmd_peers(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "peers", NULL, print_peers);
}

static void
print_pools(const json_t *answer)
{
	static const struct table_column columns[] = { { "PROFILE", false },
		{ "SIZE", true }, { "USED", true }, { "FREE", true },
		{ "PREFIXES", true }, { "USED", true } };
	struct table t;
	const json_t *o;
	bool dhcp;
	size_t i;

	table_init(&t, columns, nitems(columns));
	json_array_foreach(json_object_get(answer, "pools"), i, o)
	{
		dhcp = json_is_true(json_object_get(o, "dhcp"));
		table_put(&t, text_of(o, "profile"));
		if (dhcp)
			table_put(&t, "dhcp");
		else
			table_printf(&t, "%lld", (long long)int_of(o, "size"));
		table_printf(&t, "%lld", (long long)int_of(o, "used"));
		table_printf(
		    &t, dhcp ? "-" : "%lld", (long long)int_of(o, "free"));
		put_limit(&t, int_of(o, "prefixes"));
		if (json_object_get(o, "prefixes") != NULL)
			table_printf(
			    &t, "%lld", (long long)int_of(o, "prefixes_used"));
		else
			table_put(&t, "");
	}
	table_print(&t, stdout, "no profiles");
	table_fini(&t);
}

static int
cmd_pool(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "pools", NULL, print_pools);
}

/* --- counters, configuration --- */

/* of: what the counters are about, behind a dot; "": nothing more. */
static void
print_group(const char *name, const char *of, const json_t *group)
{
	const json_t *value;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)group, key, value)
	{
		if (!json_is_integer(value) || strcmp(key, "port") == 0 ||
		    (json_integer_value(value) == 0 &&
			strcmp(name, "xfrm") == 0))
			continue;
		printf("%s%s.%s %lld\n", name, of, key,
		    (long long)json_integer_value(value));
	}
}

static void
print_radius_counters(const json_t *server)
{
	char profile[TABLE_CELL], at[64], of[192];

	printable(profile, sizeof(profile), text_of(server, "profile"));
	snprintf(of, sizeof(of), ".%s.%s.%s", profile, text_of(server, "kind"),
	    endpoint_text(
		text_of(server, "server"), int_of(server, "port"), at));
	print_group("radius", of, server);
}

static void
print_counters(const json_t *answer)
{
	const char *name;
	json_t *group, *server;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)answer, name, group)
	{
		if (json_is_object(group))
			print_group(name, "", group);
		json_array_foreach(group, i, server)
		    print_radius_counters(server);
	}
}

static int
cmd_counters(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "counters", NULL, print_counters);
}

static void
print_value(const json_t *v)
{
	char text[1024];
	json_t *item;
	size_t i;

	if (json_is_string(v)) {
		printable(text, sizeof(text), json_string_value(v));
		printf("\"%s\"", text);
	} else if (json_is_array(v)) {
		fputs("{ ", stdout);
		json_array_foreach(v, i, item)
		{
			fputs(i > 0 ? ", " : "", stdout);
			print_value(item);
		}
		fputs(" }", stdout);
	} else if (json_is_boolean(v)) {
		fputs(json_is_true(v) ? "yes" : "no", stdout);
	} else {
		printf("%lld", (long long)json_integer_value(v));
	}
}

static void print_section(const json_t *, const char *key, int depth);

static void
print_keys(const json_t *o, int depth)
{
	const char *key;
	json_t *v, *item;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		if (depth > 0 && strcmp(key, "name") == 0)
			continue;
		if (json_is_object(v)) {
			print_section(v, key, depth);
		} else if (json_is_object(json_array_get(v, 0))) {
			json_array_foreach(v, i, item)
			    print_section(item, key, depth);
		} else if (!json_is_array(v) || json_array_size(v) > 0) {
			printf("%*s%s = ", 4 * depth, "", key);
			print_value(v);
			putchar('\n');
		}
	}
}

static void
print_section(const json_t *o, const char *key, int depth)
{
	const json_t *name = json_object_get(o, "name");

	printf("%*s%s ", 4 * depth, "", key);
	if (name != NULL) {
		print_value(name);
		putchar(' ');
	}
	puts("{");
	print_keys(o, depth + 1);
	printf("%*s}\n", 4 * depth, "");
}

static void
print_config(const json_t *answer)
{
	print_keys(answer, 0);
}

static int
cmd_config(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "config", NULL, print_config);
}

const struct command show_commands[] = {
	{ "show sessions", "[--fast]", "who is connected, and what he does",
	    cmd_sessions },
	{ "show tunnels", NULL, "the L2TP tunnels", cmd_tunnels },
	{ "show peers", NULL, "the configured peers and their use", cmd_peers },
	{ "show pool", NULL, "how many addresses are left", cmd_pool },
	{ "show counters", NULL, "what has been counted", cmd_counters },
	{ "show config", NULL, "the configuration in effect, without secrets",
	    cmd_config },
	{ NULL, NULL, NULL, NULL },
};
