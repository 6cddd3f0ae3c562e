/* SPDX-License-Identifier: ISC */
#ifndef NET_H
#define NET_H

/*
 * One engine, its scripted clients, and a bad network between them, in
 * virtual time: the clock jumps to whatever comes next.  A seed decides
 * everything that is random, so that a run can be repeated.
 *
 * All that the server sends and receives is kept as a capture.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contract.h"
#include "lac.h"
#include "lns.h"

struct net_config {
	uint64_t seed;
	unsigned loss_pm, dup_pm, reorder_pm; /* per mille of datagrams */
	int64_t delay_ms, jitter_ms;	      /* one way */
	int64_t reorder_ms;		      /* extra delay of those */
	int64_t open_ms;       /* SESSION_OPEN is answered within this */
	unsigned open_fail_pm; /* and fails so often */
	uint32_t keepalive_interval_s, keepalive_count;
	uint16_t random_mask; /* of each octet pair; 0: all bits */
	bool no_capture;      /* keeps the memory to the engine's */
};

struct net_client {
	struct net *net;
	struct lac lac;
	struct lns_path path;
	struct mono fifo[2];   /* the network keeps the order, mostly */
	struct mono dialled;   /* the last time */
	struct mono ppp_at;    /* PPP_START; MONO_NEVER: not since dialled */
	uint16_t tid, sid;     /* of that */
	struct mono closed_at; /* TUNNEL_CLOSE of the last tunnel */
	uint64_t rx_packets, user_packets; /* of its sessions, by a test */
	unsigned dials;
	unsigned tunnels; /* TUNNEL_OPENs that it caused */
};

struct net_event;
struct net_frame;

struct net {
	struct net_config config;
	struct lns *lns;
	struct contract contract;
	struct mono now;
	uint64_t rng, engine_rng, serial;
	struct net_client *clients;
	size_t n_clients;
	struct net_event **heap;
	size_t n_events, max_events;
	struct net_frame *frames; /* the capture, newest first */
	unsigned spins;
	size_t strays;	       /* datagrams to nobody of clients[] */
	uint16_t stray_tid;    /* of the last: the tunnel's id */
	size_t logs, logs_now; /* lines; in this second */
	size_t logs_max;       /* in any second */
	int64_t logs_s;	       /* this second */
	char error[160];       /* the first; empty: none */
};

/* All clients get this style; net_set_style() changes one. */
void net_init(
    struct net *, const struct net_config *, size_t n_clients, enum lac_kind);
void net_set_style(struct net *, size_t client, enum lac_kind);
/* Frees the engine, too. */
void net_fini(struct net *);

uint64_t net_random(struct net *, uint64_t below);

/* A client starts a new life with new ids, from the same port or (where its
 * kind does so) another. */
void net_dial(struct net *, size_t client, bool same_port);
/* As lac_hangup(), at this time. */
void net_hangup(struct net *, size_t client);
/* Server's inputs. */
void net_ppp_exit(struct net *, size_t client, enum lns_ppp_end);
void net_shutdown(struct net *);
/* Its SA has gone, as the server sees it; the next will be another. */
void net_client_gone(struct net *, size_t client);
/* The server loses its power, and boots. */
void net_restart(struct net *);
/* A datagram as if that client had sent it now, past its machine. */
void net_inject(struct net *, size_t client, const uint8_t *data, size_t len);
/* A datagram from 198.18.0.0/15, whoever that is, reaches the server in this
 * moment; answers to there go nowhere. */
void net_attack(
    struct net *, const struct lns_path *, const uint8_t *data, size_t len);

/* The two oldest datagrams in flight from that client change places; false:
 * there are no two. */
bool net_overtake(struct net *, size_t client);

/* Both ends say that the call stands. */
bool net_client_up(const struct net *, size_t client);

/* Runs until the time; false: something is wrong (see error). */
bool net_run(struct net *, struct mono until);
/* Runs until done() says so; false: it has not by that time, or error. */
bool net_run_until(struct net *, bool (*done)(struct net *, void *arg),
    void *arg, struct mono limit);
/* Runs while anything is pending, at most to limit; then checks that nothing
 * is left in the engine, and that every effect has found its end. */
bool net_run_dry(struct net *, struct mono limit);

void net_error(struct net *, const char *text);
/* Writes the capture for tshark; false with errno. */
bool net_write_pcap(const struct net *, const char *path);

#endif
