/* SPDX-License-Identifier: ISC */
#ifndef STORY_H
#define STORY_H

/*
 * What becomes of each client that tries to connect: its story, from the first
 * packet of IKE to the end of the session.  Also of those that never got
 * through.  Pure: time comes in.  Memory is bounded: so many stories, so many
 * of one address, so many of strangers who have proved nothing about where
 * they are, so many events in each.  story_take.h is how events get in.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "cause.h"
#include "compiler.h"
#include "ike.h"
#include "lns.h"
#include "mono.h"

enum {
	STORY_MAX = 512,
	/* Of these, those that anybody could have begun under any address. */
	STORY_STRANGERS = 128,
	/* Of one address, those whose session is not up. */
	STORY_OF_ADDRESS = 16,
	/* Events of one: the first, and the last. */
	STORY_FIRST = 40,
	STORY_EVENTS = 64,
	/* After this without an event an attempt in IKE or ESP has failed. */
	STORY_IKE_QUIET_MS = 30000,
	STORY_ESP_QUIET_MS = 15000,
	/* From the end of its IPsec SA on, which may have a successor. */
	STORY_CLOSED_QUIET_MS = 2000,
	STORY_TEXT = 104,
	STORY_DETAIL = 640,
	STORY_WATCHERS = 4,
};

enum story_stage {
	STORY_IKE,  /* phase 1 */
	STORY_ESP,  /* there is an IPsec SA */
	STORY_L2TP, /* its messages */
	STORY_PPP,
	STORY_UP, /* it has an address */
	STORY_DOWN,
	STORY_STAGES,
};

enum story_dir {
	STORY_NOTE, /* nothing that was sent or received */
	STORY_IN,   /* from the client */
	STORY_OUT,
};

enum story_result {
	STORY_CONNECTING,
	STORY_IS_UP,
	STORY_FAILED, /* never was up */
	STORY_ENDED,
};

/* Texts are clean: UTF-8 without control characters. */
struct story_event {
	struct mono at;
	uint8_t stage, dir;
	uint8_t again; /* so many times more; 255: or more often */
	uint8_t cause;
	struct mono last; /* of those */
	char text[STORY_TEXT];
};

struct story {
	TAILQ_ENTRY(story) entry;
	uint64_t n;	      /* from 1 on, in the order in which they begin */
	struct lns_addr peer; /* port 0: not known */
	char id[64];	      /* what it calls itself in IKE; "": nothing */
	char host[64];	      /* in L2TP */
	char user[96];	      /* in PPP */
	char address[LNS_ADDR_TEXT]; /* that it got; "": none */
	enum story_result result;
	enum cause cause; /* of what is wrong, or went wrong (last) */
	char detail[STORY_DETAIL];
	struct mono begun, last;
	int64_t wall_s; /* when it began, since 1970 */
	/* When it got there first; MONO_NEVER: not. */
	struct mono reached[STORY_STAGES];
	struct story_event *events;
	size_t n_events, cap;
	unsigned int left_out; /* events behind the first STORY_FIRST */

	/* How it is found. */
	char conn[32]; /* of pluto's; "": no IKE was seen */
	unsigned long instance, state;
	uint32_t client; /* see struct lns_path; 0: not known */
	uint16_t tid;	 /* 0: no tunnel (any more) */
	bool borrowed;	 /* that is of its client's story before: no new SA */
	bool stranger;
	bool in_udp;	    /* its ESP is */
	bool closed;	    /* the client has ended its IPsec SA */
	bool authentic;	    /* phase 1 stands */
	bool counted;	    /* as failed, since its last session began */
	unsigned int n_ppp; /* of its sessions, those that have PPP */
};

TAILQ_HEAD(story_list, story);

/* How long clients were in a stage before they got to the next.  bucket[i]:
 * how many needed at most story_bucket_ms[i], but more than the one before. */
#define STORY_BUCKETS 9
extern const int64_t story_bucket_ms[STORY_BUCKETS];
struct story_times {
	uint64_t bucket[STORY_BUCKETS];
	uint64_t n, sum_ms; /* of all, the longer ones included */
};

/* Since the start. */
struct story_counts {
	uint64_t begun;
	uint64_t reached[STORY_STAGES]; /* of those, how many got there */
	/* And failed there, and why; one that goes on after that, and fails
	 * again, counts once. */
	uint64_t failed[STORY_STAGES][CAUSE_N];
	struct story_times times[STORY_STAGES];
	uint64_t evicted; /* forgotten for want of room */
};

struct stories;

/* What time it is. */
struct story_time {
	struct mono mono;
	int64_t wall_s;
};

/* NULL: out of memory. */
struct stories *stories_new(void) must_check;
void stories_free(struct stories *);
const struct story_counts *stories_counts(const struct stories *);
/* The newest first.  Valid until the next event. */
const struct story *stories_first(const struct stories *);
const struct story *stories_next(const struct story *);
/* fn(arg) is told each event after it has happened, valid during the call; it
 * may not touch the stories.  False: there are STORY_WATCHERS. */
typedef void (*story_fn)(
    void *arg, const struct story *, const struct story_event *);
bool stories_watch(struct stories *, story_fn, void *arg) must_check;
void stories_unwatch(struct stories *, story_fn, const void *arg);
/* Those that have been quiet for too long have failed.  Returns when to be
 * called next; MONO_NEVER: nothing is pending. */
struct mono stories_expire(struct stories *, struct mono now);

/* The newest that who means: an address ("198.51.100.1"), with its port, what
 * the client calls itself, its user, the number of a story ("#7"), "last" or
 * NULL.  NULL: none. */
const struct story *stories_find(const struct stories *, const char *who);
bool story_is_of(const struct story *, const char *who);

/* The furthest that it got: STORY_UP at most. */
enum story_stage story_stage(const struct story *);
/* How long it took from there to the next stage, or to now, in ms; -1: it
 * never got there.  STORY_IKE: phase 1, STORY_ESP: phase 2 (both together
 * until there is an SA count as IKE) and until L2TP begins. */
int64_t story_stage_ms(const struct story *, enum story_stage);
/* "ike", "esp" ... */
const char *story_stage_name(enum story_stage);
/* "connecting", "up", "failed", "ended" */
const char *story_result_name(enum story_result);
const char *story_dir_name(enum story_dir);

/* For story_take.c. */

/* A new one, which may make others go; NULL: out of memory. */
struct story *story_begin(struct stories *, const struct lns_addr *,
    bool stranger, struct story_time);
/* Adds an event; text is cleaned and cut. */
void story_add(struct stories *, struct story *, struct mono at,
    const struct story_event *, const char *text);
/* It has failed or ended; adds the event that tells so. */
void story_finish(struct stories *, struct story *, enum story_result,
    enum cause, const char *detail, struct mono at);
/* It answers from where it says that it is. */
void story_prove(struct stories *, struct story *);
/* It goes on, after it had failed. */
void story_reopen(struct story *);
void story_drop(struct stories *, struct story *);
/* Sets a text of a story, cleaned and cut. */
void story_text(char *to, size_t size, const char *from);
struct story *story_by_tid(const struct stories *, uint16_t tid);
void story_set_tid(struct stories *, struct story *, uint16_t tid);
struct story_list *stories_list(struct stories *);
/* All events of from go into to, in their order; from is dropped. */
void story_merge(struct stories *, struct story *to, struct story *from);

#endif
