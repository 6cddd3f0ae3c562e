/* SPDX-License-Identifier: ISC */
/* The status page; contract in web.h. */

#include "web.h"

void
web_page_init(struct http *http, const struct ctl_server *s, struct stories *st)
{
	(void)http;
	(void)s;
	(void)st;
}

void
web_page_fini(void)
{
}
