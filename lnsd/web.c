/* SPDX-License-Identifier: ISC */
/* What is served over HTTP; contract in web.h. */

#include "web.h"

#include "log.h"

static struct http *http;

void
web_init(const struct conf *c, const struct ctl_server *s, struct stories *st)
{
	char ip[LNS_ADDR_TEXT];

	if (c->http.path == NULL && c->http.listen.family == 0)
		return;
	if (!c->http.metrics && !c->http.page)
		return;
	http = http_new(&c->http);
	if (http == NULL)
		fatalx("http", "cannot serve");
	web_metrics_init(http, c, s, st);
	if (c->http.page)
		web_page_init(http, s, st);
	if (c->http.path != NULL)
		log_info("http", "serving on %s", c->http.path);
	else
		log_info("http", "serving on %s port %u",
		    lns_addr_text(&c->http.listen, ip), c->http.listen.port);
}

void
web_close(void)
{
	web_metrics_close();
	http_free(http);
	http = NULL;
}

void
web_fini(void)
{
	web_metrics_fini();
	web_page_fini();
}
