/* SPDX-License-Identifier: ISC */
/* The state of the server as a whole, and in the layout that routers have for
 * it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "sessions.h"
#include "table.h"

/* --- show status --- */

static void
print_addresses(const json_t *list)
{
	json_t *a;
	size_t i;

	printf("Listening:  ");
	json_array_foreach(list, i, a)
	    printf("%s%s", i > 0 ? ", " : "", json_string_value(a));
	puts(json_array_size(list) == 0 ? "none of the addresses is here" : "");
}

static void
print_pool(const json_t *p)
{
	char name[TABLE_CELL];

	printable(name, sizeof(name), text_of(p, "profile"));
	if (json_is_true(json_object_get(p, "dhcp")))
		printf("Pool:       %s: by DHCP, %lld used\n", name,
		    (long long)int_of(p, "used"));
	else
		printf("Pool:       %s: %lld of %lld used\n", name,
		    (long long)int_of(p, "used"), (long long)int_of(p, "size"));
}

static void
print_radius(const json_t *r)
{
	const char *state = text_of(r, "state");
	char profile[TABLE_CELL], at[64];

	printable(profile, sizeof(profile), text_of(r, "profile"));
	printf("RADIUS:     %s: %s server %s ", profile, text_of(r, "kind"),
	    endpoint_text(text_of(r, "server"), int_of(r, "port"), at));
	if (strcmp(state, "answers") == 0)
		printf("answers, in %lld ms on average\n",
		    (long long)int_of(r, "mean_ms"));
	else
		puts(strcmp(state, "silent") == 0 ? "does not answer"
						  : "was not asked yet");
}

static void
print_failures(const json_t *list)
{
	char when[32], client[64], user[TABLE_CELL];
	json_t *f;
	size_t i;

	if (json_array_size(list) > 0)
		puts("Failed last (lnsctl explain #N tells more):");
	json_array_foreach(list, i, f)
	{
		printable(user, sizeof(user), text_of(f, "user"));
		printf("  #%lld %s  %s%s%s, %s: %s\n",
		    (long long)int_of(f, "n"),
		    time_text(int_of(f, "time"), when), client_text(f, client),
		    user[0] != '\0' ? ", " : "", user, text_of(f, "stage"),
		    text_of(f, "text"));
	}
}

static void
print_numbers(const json_t *s)
{
	json_int_t tunnels = int_of(s, "tunnels_established");
	json_int_t sessions = int_of(s, "sessions_up");

	printf("Tunnels:    %lld established, %lld half-open, %lld lingering\n"
	       "Sessions:   %lld up, %lld connecting\n",
	    (long long)tunnels, (long long)(int_of(s, "tunnels") - tunnels),
	    (long long)int_of(s, "tunnels_lingering"), (long long)sessions,
	    (long long)(int_of(s, "sessions") - sessions));
}

static void
print_status(const json_t *s)
{
	const json_t *ipsec = json_object_get(s, "ipsec");
	char up[24], name[TABLE_CELL];
	json_t *p;
	size_t i;

	printable(name, sizeof(name), text_of(s, "hostname"));
	printf("Server:     %s, lnsd %s, process %lld\n", name,
	    text_of(s, "version"), (long long)int_of(s, "pid"));
	printf("Up:         %s%s\n", duration_text(int_of(s, "seconds"), up),
	    json_is_true(json_object_get(s, "draining"))
		? ", draining: nobody new is served"
		: "");
	print_addresses(json_object_get(s, "addresses"));
	printf("IPsec:      %s, pluto is %s, guard %s\n",
	    text_of(ipsec, "mode"), text_of(ipsec, "pluto"),
	    json_is_true(json_object_get(ipsec, "guard")) ? "stands"
							  : "does not stand");
	print_numbers(s);
	json_array_foreach(json_object_get(s, "pools"), i, p) print_pool(p);
	json_array_foreach(json_object_get(s, "radius"), i, p) print_radius(p);
	print_failures(json_object_get(s, "failures"));
}

static int
cmd_status(struct lnsctl *l, int argc, char **argv)
{
	(void)argv;
	if (argc > 0)
		return lnsctl_usage("show status takes \"l2tp\", \"tunnel N\" "
				    "or nothing");
	return lnsctl_show(l, "status", NULL, print_status);
}

/* --- show status l2tp --- */

static void
print_session(const json_t *s)
{
	printf("    Session State: %s\n"
	       "    Local  Session ID: %lld\n"
	       "    Remote Session ID: %lld\n"
	       "    PP Interface: %s\n"
	       "    %lld seconds  connection.\n"
	       "    Received: %lld packet [%lld octet]\n"
	       "    Transmitted: %lld packet [%lld octet]\n",
	    text_of(s, "state"), (long long)int_of(s, "session_id"),
	    (long long)int_of(s, "peer_session_id"), text_of(s, "label"),
	    (long long)int_of(s, "seconds"), (long long)int_of(s, "rx_packets"),
	    (long long)int_of(s, "rx_octets"),
	    (long long)int_of(s, "tx_packets"),
	    (long long)int_of(s, "tx_octets"));
}

static void
print_tunnel(const json_t *t)
{
	const json_t *sessions = json_object_get(t, "sessions");
	size_t i, n = json_array_size(sessions);
	char vendor[128], hostname[128];

	printable(vendor, sizeof(vendor), text_of(t, "vendor"));
	printable(hostname, sizeof(hostname), text_of(t, "hostname"));
	printf("TUNNEL[%lld]:\n"
	       "  Tunnel State: %s\n"
	       "  Version: %s\n"
	       "  Local  Tunnel ID: %lld\n"
	       "  Remote Tunnel ID: %lld\n",
	    (long long)int_of(t, "tunnel"), text_of(t, "state"),
	    text_of(t, "version"), (long long)int_of(t, "tunnel_id"),
	    (long long)int_of(t, "peer_tunnel_id"));
	printf("  Local  IP Address: %s\n"
	       "  Remote IP Address: %s\n"
	       "  Local  Src port: %lld\n"
	       "  Remote Src port: %lld\n"
	       "  Vendor: %s\n"
	       "  Hostname: %s\n",
	    text_of(t, "local_address"), text_of(t, "peer_address"),
	    (long long)int_of(t, "local_port"),
	    (long long)int_of(t, "peer_port"), vendor, hostname);
	printf("  Next Transmit sequence(Ns): %lld\n"
	       "  Next Receive sequence(Nr) : %lld\n"
	       "  Tunnel has %zu session%s.\n",
	    (long long)int_of(t, "ns"), (long long)int_of(t, "nr"), n,
	    n == 1 ? "" : "s");
	for (i = 0; i < n; i++) {
		puts("  Session Information");
		print_session(json_array_get(sessions, i));
	}
}

static void
print_l2tp(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "tunnels");
	size_t i, n_sessions = 0;
	json_t *t;

	json_array_foreach(list, i, t) n_sessions +=
	    json_array_size(json_object_get(t, "sessions"));
	printf("------------------- L2TP INFORMATION -------------------\n"
	       "Number of control table using\n"
	       "  Tunnel Control: %zu, Session Control: %zu\n",
	    json_array_size(list), n_sessions);
	json_array_foreach(list, i, t) print_tunnel(t);
}

static int
cmd_l2tp(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "tunnels", NULL, print_l2tp);
}

static int
cmd_tunnel(struct lnsctl *l, int argc, char **argv)
{
	char *end = NULL;
	long long n = argc == 1 ? strtoll(argv[0], &end, 10) : 0;
	json_t *answer, *t, *found = NULL;
	int status;
	size_t i;

	if (n <= 0 || *end != '\0')
		return lnsctl_usage("show status tunnel N: the N of TUNNEL[N]");
	answer = lnsctl_ask(l, "tunnels", NULL, NULL, NULL, &status);
	if (answer == NULL)
		return status;
	json_array_foreach(json_object_get(answer, "tunnels"), i,
	    t) if (int_of(t, "tunnel") == n) found = t;
	if (found == NULL) {
		lnsctl_say("there is no TUNNEL[%lld]", n);
		status = EXIT_REFUSED;
	} else if (l->json)
		lnsctl_print_json(found);
	else
		print_tunnel(found);
	json_decref(answer);
	return status;
}

/* --- show ipsec sa --- */

#define SA_COLUMNS 13
static const struct table_column sa_columns[SA_COLUMNS] = { { "sa", false },
	{ "sgw", false }, { "isakmp", false }, { "connection", false },
	{ "dir", false }, { "life[s]", false }, { "remote-id", false },
	{ "port", true }, { "nat-t", false }, { "spi", false },
	{ "proposal", false }, { "packets", true }, { "octets", true } };

/* "-" if it is null, or 0: ports. */
static void
put_number(struct table *t, const char *before, const json_t *value)
{
	if (json_integer_value(value) != 0)
		table_printf(
		    t, "%s%lld", before, (long long)json_integer_value(value));
	else
		table_put(t, "");
}

static void
put_known(struct table *t, const json_t *value)
{
	if (json_is_integer(value))
		table_printf(t, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		table_put(t, json_is_true(value) ? "yes" : "no");
	else
		table_put(t, "");
}

/* What both kinds have in common. */
static void
put_remote(struct table *t, const json_t *o, const char *nat)
{
	put_known(t, json_object_get(o, "life_seconds"));
	table_put(t, text_of(o, "client_address"));
	put_number(t, "", json_object_get(o, "client_port"));
	put_known(t, json_object_get(o, nat));
}

static void
sa_row(struct table *t, size_t n, const json_t *o)
{
	char buf[16];

	table_printf(t, "%zu", n);
	put_known(t, json_object_get(o, "client_number"));
	put_number(t, "#", json_object_get(o, "isakmp"));
	table_printf(
	    t, "tra[%04lld]esp", (long long)int_of(o, "client_number"));
	table_put(t, text_of(o, "direction"));
	put_remote(t, o, "in_udp");
	table_put(t, text_of(o, "spi"));
	table_put(t, text_of(o, "cipher"));
	put_known(t, json_object_get(o, "packets"));
	table_put(t, json_object_get(o, "octets") == NULL
			 ? ""
			 : amount_text((uint64_t)int_of(o, "octets"), buf));
}

static void
isakmp_row(struct table *t, size_t n, const json_t *o)
{
	table_printf(t, "%zu", n);
	put_known(t, json_object_get(o, "client_number"));
	put_number(t, "#", json_object_get(o, "isakmp"));
	table_put(t, "isakmp");
	table_put(t, "");
	put_remote(t, o, "nat_traversal");
	table_put(t, "");
	table_put(t, text_of(o, "proposal"));
	table_put(t, "");
	table_put(t, "");
}

static void
print_sas(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "sas");
	const json_t *isakmp = json_object_get(answer, "isakmp");
	size_t i, n = json_array_size(list), send = 0;
	struct table t;
	json_t *o;

	json_array_foreach(list, i, o) send +=
	    strcmp(text_of(o, "direction"), "send") == 0;
	printf("Total: isakmp:%zu send:%zu recv:%zu\n\n",
	    json_array_size(isakmp), send, n - send);
	table_init(&t, sa_columns, SA_COLUMNS);
	json_array_foreach(list, i, o) sa_row(&t, i + 1, o);
	json_array_foreach(isakmp, i, o) isakmp_row(&t, n + i + 1, o);
	table_print(&t, stdout, "no SAs");
	table_fini(&t);
}

static int
cmd_sas(struct lnsctl *l, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lnsctl_show(l, "ipsec.sas", NULL, print_sas);
}

const struct command status_commands[] = {
	{ "show status", NULL, "how the server is", cmd_status },
	{ "show status l2tp", NULL, "tunnels and sessions, one by one",
	    cmd_l2tp },
	{ "show status tunnel", "N", "the same of TUNNEL[N]", cmd_tunnel },
	{ "show ipsec sa", NULL, "the IPsec and IKE SAs of clients", cmd_sas },
	{ NULL, NULL, NULL, NULL },
};
