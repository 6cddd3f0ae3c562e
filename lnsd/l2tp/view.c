/* SPDX-License-Identifier: ISC */

/* Tunnels and sessions as values; contract in include/lns_view.h. */

#include "lns_view.h"

#include <string.h>

#include "engine.h"
#include "session.h"

_Static_assert((int)LNS_VIEW_SESSIONS == (int)TUN_SESSIONS, "all have room");

static void
view_session(const struct session *s, struct lns_session_view *v)
{
	*v = (struct lns_session_view){ .sid = s->sid,
		.peer_sid = s->peer_sid,
		.state = session_state_name(s),
		.established = s->state == SES_ESTABLISHED,
		.up = s->state == SES_ESTABLISHED ? s->up : MONO_NEVER };
}

static void
view_tunnel(const struct tunnel *t, struct lns_tunnel_view *v)
{
	size_t i;

	*v = (struct lns_tunnel_view){ .slot = t->slot,
		.peer = t->peer,
		.tid = t->tid,
		.peer_tid = t->peer_tid,
		.state = tunnel_state_name(t->state),
		.established = t->state == TUN_ESTABLISHED,
		.path = t->path,
		.firmware = t->firmware,
		.ns = t->chan.max,
		.nr = t->chan.nr,
		.born = t->born,
		.up = t->state == TUN_ESTABLISHED ? t->up : MONO_NEVER };
	memcpy(v->hostname, t->hostname, sizeof(v->hostname));
	memcpy(v->vendor, t->vendor, sizeof(v->vendor));
	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL &&
		    session_is_live(t->sessions[i]->state))
			view_session(
			    t->sessions[i], &v->sessions[v->n_sessions++]);
}

bool
lns_view_tunnel(const struct lns *e, uint16_t tid, struct lns_tunnel_view *v)
{
	const struct tunnel *t = e->by_tid[tid];

	if (t == NULL || t->finished)
		return false;
	view_tunnel(t, v);
	return true;
}

bool
lns_next_tunnel(const struct lns *e, uint16_t *tid, struct lns_tunnel_view *v)
{
	uint32_t i;

	for (i = *tid + 1u; i <= UINT16_MAX; i++)
		if (lns_view_tunnel(e, (uint16_t)i, v)) {
			*tid = (uint16_t)i;
			return true;
		}
	return false;
}

void
lns_view_peer(
    const struct lns *e, uint32_t peer, uint32_t *tunnels, uint32_t *sessions)
{
	*tunnels = e->peer_tunnels[peer];
	*sessions = e->env.peer_sessions[peer];
}
