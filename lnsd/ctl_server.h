/* SPDX-License-Identifier: ISC */
#ifndef CTL_SERVER_H
#define CTL_SERVER_H

/* The methods by which an administrator looks at the server and steers it;
 * lnsctl(8) tells what each is for. */

#include <stdbool.h>

#include "conf.h"
#include "ctl.h"
#include "glue.h"
#include "ipsec.h"
#include "mono.h"
#include "story.h"

struct ctl_server {
	const struct conf *const *conf; /* which is in effect now */
	struct glue *glue;
	struct ipsec *ipsec;
	struct stories *stories;
	struct mono started;
	void (*stop)(void); /* tells all clients and ends, once */
};

/* Both last as long as the other; what is under way when the loop has ended is
 * freed by ctl_show_fini(), after worker_fini(). */
void ctl_show_add(struct ctl *, const struct ctl_server *);
void ctl_show_fini(void);
void ctl_act_add(struct ctl *, const struct ctl_server *);
void ctl_act_fini(void);

/* For ctl_show.c: the whole in one answer; what has been counted, in the same
 * way. */
void ctl_status_add(struct ctl *, const struct ctl_server *);
void ctl_counters_add(struct ctl *, const struct ctl_server *);
void ctl_counters_fini(void);

/* Whether somebody has asked for a drain. */
bool ctl_act_draining(void);

/* Each profile's pool and how much of it is in use. */
json_t *ctl_pools_json(const struct ctl_server *);
/* The RADIUS servers, how each answers. */
json_t *ctl_radius_json(const struct ctl_server *);
/* The configuration, without its secrets.  Pure.  NULL: out of memory. */
json_t *ctl_conf_json(const struct conf *);

#endif
