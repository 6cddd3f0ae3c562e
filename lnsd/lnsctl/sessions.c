/* SPDX-License-Identifier: ISC */
/* Sessions, sorted and with their rates; contract in sessions.h. */

#include "sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

json_int_t
int_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void
key_of(const json_t *session, char buf[48])
{
	snprintf(buf, 48, "%lld/%lld", (long long)int_of(session, "tunnel_id"),
	    (long long)int_of(session, "session_id"));
}

static json_t *
rate(const json_t *now, const json_t *then, const char *key, json_int_t ms)
{
	const json_t *a = json_object_get(then, key);
	const json_t *b = json_object_get(now, key);
	json_int_t n = json_integer_value(b) - json_integer_value(a);

	if (!json_is_integer(a) || !json_is_integer(b) || ms <= 0 || n < 0)
		return json_null();
	return json_integer(n * 8000 / ms);
}

void
sessions_add_rates(json_t *answer, const json_t *older)
{
	json_int_t ms = int_of(answer, "time_ms") - int_of(older, "time_ms");
	json_t *index = json_object(), *s;
	const json_t *then;
	char key[48];
	size_t i;

	json_array_foreach(json_object_get(older, "sessions"), i, s)
	{
		key_of(s, key);
		(void)json_object_set(index, key, s);
	}
	json_array_foreach(json_object_get(answer, "sessions"), i, s)
	{
		key_of(s, key);
		then = json_object_get(index, key);
		(void)json_object_set_new(
		    s, "rx_bps", rate(s, then, "rx_octets", ms));
		(void)json_object_set_new(
		    s, "tx_bps", rate(s, then, "tx_octets", ms));
	}
	json_decref(index);
}

/* --- order --- */

static const char *sort_key;
static int sort_down;

static int
compare_addresses(const char *a, const char *b)
{
	unsigned char x[16] = { 0 }, y[16] = { 0 };

	(void)inet_pton(AF_INET, a, x);
	(void)inet_pton(AF_INET, b, y);
	return memcmp(x, y, sizeof(x));
}

static int
compare(const void *va, const void *vb)
{
	const json_t *a = *(json_t *const *)va, *b = *(json_t *const *)vb;
	const json_t *x = json_object_get(a, sort_key);
	const json_t *y = json_object_get(b, sort_key);
	json_int_t nx = json_integer_value(x), ny = json_integer_value(y);
	int by;

	if (json_is_integer(x) || json_is_integer(y))
		by = (nx > ny) - (nx < ny);
	else if (strcmp(sort_key, "address") == 0)
		by = compare_addresses(
		    text_of(a, sort_key), text_of(b, sort_key));
	else
		by = strcmp(text_of(a, sort_key), text_of(b, sort_key));
	if (by != 0)
		return sort_down ? -by : by;
	/* So that what is equal does not jump about. */
	nx = int_of(a, "tunnel") * 65536 + int_of(a, "session_id");
	ny = int_of(b, "tunnel") * 65536 + int_of(b, "session_id");
	return (nx > ny) - (nx < ny);
}

void
sessions_sort(json_t *answer, const char *key, int down)
{
	json_t *list = json_object_get(answer, "sessions");
	size_t i, n = json_array_size(list);
	json_t **at = calloc(n + 1, sizeof(json_t *));

	if (at == NULL)
		return;
	for (i = 0; i < n; i++)
		at[i] = json_incref(json_array_get(list, i));
	sort_key = key;
	sort_down = down;
	qsort(at, n, sizeof(json_t *), compare);
	for (i = 0; i < n; i++)
		(void)json_array_set_new(list, i, at[i]);
	free(at);
}

const char *
endpoint_text(const char *ip, json_int_t port, char buf[64])
{
	if (port == 0)
		snprintf(buf, 64, "%.45s", ip);
	else
		snprintf(buf, 64,
		    strchr(ip, ':') != NULL ? "[%.45s]:%d" : "%.45s:%d", ip,
		    (int)port);
	return buf;
}

const char *
client_text(const json_t *session, char buf[64])
{
	return endpoint_text(text_of(session, "client_address"),
	    int_of(session, "client_port"), buf);
}
