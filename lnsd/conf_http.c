/* SPDX-License-Identifier: ISC */
/* The section http. */
#include "conf_check.h"

#include <string.h>
#include <arpa/inet.h>

#include "conf_value.h"

#define HTTP_PORT 9701

static const struct conf_http defaults = {
	.listen = { .family = 4, .ip = { 127, 0, 0, 1 }, .port = HTTP_PORT },
	.metrics = true,
};

static bool
is_loopback(const struct lns_addr *a)
{
	struct in6_addr six;

	if (a->family == 4)
		return a->ip[0] == IN_LOOPBACKNET;
	memcpy(&six, a->ip, sizeof(six));
	return IN6_IS_ADDR_LOOPBACK(&six);
}

static void
set_path(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, struct conf_http *h)
{
	const char *path = e->values[0].text;
	const char *problem = conf_check_dir(path);

	/* Which has room in a struct sockaddr_un. */
	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
	h->listen = (struct lns_addr){ 0 };
	conf_wipe(h->path);
	h->path = conf_strdup(path);
}

void
conf_set_http_listen(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	const char *text = e->values[0].text, *problem;
	struct conf_http *h = obj;

	if (text[0] == '/') {
		set_path(c, node, e, h);
		return;
	}
	problem = conf_parse_endpoint(text, HTTP_PORT, &h->listen);
	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
	else if (!is_loopback(&h->listen))
		conf_warning(c, node, e->line,
		    "listen: who reaches %.64s reads names and addresses of "
		    "users: there is no password",
		    text);
}

void
conf_take_http(struct conf_check *c)
{
	size_t i;

	for (i = 0; i < c->root->n_subs; i++) {
		if (strcmp(c->root->subs[i]->kind->name, "http") != 0)
			continue;
		/* A second one is a mistake, told by others. */
		conf_wipe(c->conf->http.path);
		c->conf->http = defaults;
		conf_apply(c, c->root->subs[i], &c->conf->http);
	}
}
