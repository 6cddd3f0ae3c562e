/* SPDX-License-Identifier: ISC */
#ifndef WEB_H
#define WEB_H

/*
 * What is served over HTTP: /metrics for Prometheus, and the status page with
 * the answers that it asks for below /api.  lnsd(8) describes both.
 */

#include "compiler.h"
#include "conf.h"
#include "ctl_server.h"
#include "http.h"
#include "story.h"

/* Opens the port, and serves what conf->http says; all must outlive it.
 * Nothing, if it says so.  Fatal on failure. */
void web_init(const struct conf *, const struct ctl_server *, struct stories *);
/* The port is closed; after the loop has ended. */
void web_close(void);
/* After worker_fini(). */
void web_fini(void);

/* For web.c: the two halves of it. */

/* /metrics, and what has been carried: it samples by itself from now on. */
void web_metrics_init(struct http *, const struct conf *,
    const struct ctl_server *, struct stories *);
void web_metrics_close(void);
void web_metrics_fini(void);

/* The page, and /api. */
void web_page_init(struct http *, const struct ctl_server *, struct stories *);
void web_page_fini(void);

/* How many sessions were up when they were looked at last. */
uint32_t web_sessions_up(void);
/* What has been carried so far. */
struct traffic;
const struct traffic *web_traffic(void);

#endif
