/* SPDX-License-Identifier: ISC */
#ifndef PLUTO_PARTS_H
#define PLUTO_PARTS_H

/*
 * What the files of pluto.h share.  pluto.c holds the order of things:
 * pluto_next() takes the next step, one at a time, each a process or a wait.
 * pluto_conns.c brings the connections into a pluto that answers; what
 * answers is a child (pluto_own.c) or the system's (pluto_system.c).
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "algs.h"
#include "conn.h"
#include "keys.h"
#include "loop.h"
#include "mono.h"
#include "pluto.h"
#include "pluto_files.h"
#include "plutolog.h"
#include "proc.h"
#include "states.h"

#define PLUTO_DIR "/usr/libexec/ipsec/"
#define PLUTO_BIN PLUTO_DIR "pluto"
#define ADDCONN_BIN PLUTO_DIR "addconn"
#define WHACK_BIN PLUTO_DIR "whack"

#define PLUTO_POLL_MS 50
#define PLUTO_RETRY_MS 1000

struct pluto_addr {
	struct lns_addr a;
	bool loaded; /* this pluto has its connections */
};

struct pluto;

/* What is different with our own and the system's. */
struct pluto_kind {
	/* -1: out of memory; fini is called in any case. */
	int (*init)(struct pluto *);
	void (*fini)(struct pluto *);
	/* Makes the files.  -1: the cause has been logged. */
	int (*prepare)(struct pluto *);
	/* Takes a step towards a pluto that answers, and sets answers. */
	void (*reach)(struct pluto *);
	/* Once: everything shall go.  A step may be under way. */
	void (*stop)(struct pluto *);
	/* Takes a step towards the end; false: there is none left. */
	bool (*leave)(struct pluto *);
	/* The time set has come, and it has been told to stop. */
	void (*late)(struct pluto *);
};

/* A child of ours. */
struct pluto_own {
	struct plutolog *log;
	struct proc *daemon;
	struct mono since; /* start of the wait for port or socket */
	struct mono restarted;
	int64_t backoff_ms;
	struct keys keys;
};

/* The system's. */
struct pluto_system {
	struct loop_io *io; /* tells when it ends */
	int pidfd;	    /* -1: it has not been found */
	struct mono since;  /* start of the wait for it */
	/* Connections of ours that have to go. */
	char (*strays)[CONN_NAME_MAX];
	size_t n_strays;
	bool listed;	/* they have been looked for */
	bool forgotten; /* it has read the secrets again, without ours */
};

/* What pluto_stale() was told of. */
struct pluto_weeding {
	struct loop_timer *timer;
	struct stale *wanted;
	size_t n_wanted, cap_wanted;
	size_t n_asked;	 /* of those, when the states were listed */
	bool due;	 /* the states are to be listed */
	bool incomplete; /* memory was short */
	struct states states;
	unsigned long *doomed; /* numbers of states to delete */
	size_t n_doomed;
};

/* What pluto_reload() has found. */
struct pluto_changes {
	char (*gone)[CONN_NAME_MAX];
	size_t n_gone;
	char (*fresh)[CONN_NAME_MAX];
	size_t n_fresh;
};

struct pluto {
	const struct conf *conf;
	struct conf *held; /* conf, if others have another; NULL */
	const struct pluto_kind *kind;
	struct pluto_ops ops;
	void *arg;
	struct pluto_files files;
	struct algs algs;
	bool know_algs;	   /* algparse was asked */
	struct proc *step; /* certutil, addconn or whack */
	struct loop_timer *timer;
	struct pluto_addr *addrs;
	size_t n_addrs;
	size_t n_taken; /* connections that pluto has */
	bool answers;	/* the control socket is there */
	bool count;	/* see whether it took them all */
	bool rescan;	/* --listen is due */
	bool was_ready; /* ever */
	bool was_lost;	/* since then, and has not answered again */
	struct pluto_changes changes;
	bool stopping;
	bool failed;
	struct pluto_own own;
	struct pluto_system system;
	struct pluto_weeding weeding;
};

extern const struct pluto_kind pluto_own, pluto_system;

/* --- pluto.c --- */

/* Takes the next step, if none is under way. */
void pluto_next(struct pluto *);
/* A step has failed, and with it the start; later it is tried again. */
void pluto_give_up(struct pluto *);
/* Starts a step.  ended has to call pluto_step_ok() first. */
void pluto_run_step(struct pluto *, const char *bin, char *const *argv,
    proc_line_fn line, proc_exit_fn ended);
/* What every step's end has in common: was it good? */
bool pluto_step_ok(struct pluto *, const char *what, int status);
/* A line of a step, for the log. */
void pluto_step_line(void *arg, const char *line);
/* There is no pluto any more: it has to be reached and told anew. */
void pluto_lost(struct pluto *);

/* --- pluto_conns.c --- */

int pluto_write_files(struct pluto *);
bool pluto_all_loaded(const struct pluto *);
/* The steps. */
void pluto_load_conns(struct pluto *);
void pluto_count_conns(struct pluto *);
void pluto_listen_again(struct pluto *);

/* --- pluto_reload.c --- */

/* Takes a step; false: there is none to take. */
bool pluto_take_changes(struct pluto *);
/* They are overtaken by a pluto that is told all. */
void pluto_forget_changes(struct pluto *);

/* --- pluto_weeding.c --- */

/* -1: out of memory; fini is called in any case. */
int pluto_weeding_init(struct pluto *) must_check;
void pluto_weeding_fini(struct pluto *);
/* There is no pluto, and no state, any more. */
void pluto_weeding_forget(struct pluto *);
/* Takes a step; false: there is none to take. */
bool pluto_weed(struct pluto *);

#endif
