/* SPDX-License-Identifier: ISC */
#ifndef GLUE_H
#define GLUE_H

/*
 * The engine in the world: feeds it datagrams, answers and the time, carries
 * out its effects, arms its timer.
 */

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "conf.h"
#include "datapath.h"
#include "ipsec.h"
#include "listener.h"
#include "lns.h"

struct glue;
struct stories;

struct glue_ops {
	void (*address)(void *arg, const struct lns_addr *, bool present);
	/* After glue_shutdown(): nothing is left in the kernel. */
	void (*drained)(void *arg);
};

/* conf and ipsec must outlive it.  address() is called before this returns.
 * NULL: out of memory, or the cause has been logged. */
struct glue *glue_new(const struct conf *, struct ipsec *,
    const struct datapath_ppp *, const struct glue_ops *, void *arg) must_check;
/* What happens is told from now on; they must outlive it. */
void glue_tell(struct glue *, struct stories *);
/* Opens the port; -1 if it could not be. */
int glue_open(struct glue *) must_check;
/* A client has no SA any more: its tunnels end. */
void glue_client_gone(
    struct glue *, const struct lns_addr *peer, uint32_t client);
/* next takes the place of conf, which is given up once this has returned 0;
 * see conf_follow().  -1: out of memory, and conf stays. */
int glue_reload(struct glue *, const struct conf *next,
    const struct conf_changes *) must_check;
/* See ppp_service_read_users(). */
void glue_read_users(struct glue *);
/* For whoever shows them; only lns_view.h and lns_stats(), and what is const,
 * is to be called on these. */
const struct lns *glue_lns(const struct glue *);
const struct datapath *glue_datapath(const struct glue *);
const struct listener *glue_listener(const struct glue *);
/* Ends the PPP of a session, or a tunnel with all its sessions, with this cause
 * in the log.  False: there is none. */
bool glue_disconnect(
    struct glue *, uint16_t tid, uint16_t sid, const char *cause);
bool glue_close_tunnel(struct glue *, uint16_t tid, const char *cause);
/* See lns_drain() and lns_trace(). */
void glue_refuse(struct glue *);
bool glue_trace(struct glue *, const struct lns_addr *peer, bool on);
void glue_stats(const struct glue *, struct lns_stats *);
/* Tells all clients, ends all sessions; drained() follows within a few
 * seconds. */
void glue_shutdown(struct glue *);
void glue_free(struct glue *);

#endif
