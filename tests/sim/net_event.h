/* SPDX-License-Identifier: ISC */
#ifndef NET_EVENT_H
#define NET_EVENT_H

/* What is to happen later in a net: one heap, ordered by time, then by age. */

#include "net.h"

enum event_kind {
	EV_TO_SERVER,
	EV_TO_CLIENT,
	EV_OPENED,
	EV_EXITED,
	EV_TRAFFIC,
};

struct net_event {
	struct mono at;
	uint64_t serial;
	enum event_kind kind;
	size_t client;
	struct lns_path path; /* when it was sent */
	uint16_t tid, sid;
	bool ok;
	size_t len;
	uint8_t data[];
};

/* A test without memory is over. */
void *net_alloc(size_t size);
void net_push(struct net *, struct net_event *);
struct net_event *net_pop(struct net *);

#endif
