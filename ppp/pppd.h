/* SPDX-License-Identifier: ISC */
#ifndef PPPD_H
#define PPPD_H

/*
 * What pppd is told on its command line, what its exit code means, and what it
 * leaves behind when it is killed.  Pure but for the last.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "compiler.h"
#include "conf.h"
#include "lns.h"

struct pppd_spec {
	const struct conf_ppp *ppp;
	const char *path;   /* of pppd */
	const char *plugin; /* absolute path */
	const char *name;   /* how we call ourselves to the peer */
	const char *label;  /* in pppd's own log lines */
	int session_fd, ctl_fd;
	bool debug; /* let pppd log every control packet */
	unsigned int mtu;
	/* It makes a child for each session: ctl_fd is where requests come
	 * from; label, session and mtu come with them
	 * (plugin/wire_prepared.h). */
	bool prepared;
};

#define PPPD_ARGS_MAX 128
#define PPPD_TEXT_MAX 8192 /* a path has up to 4096 */

/* argv points into text: do not copy the struct. */
struct pppd_args {
	char *argv[PPPD_ARGS_MAX];
	size_t n;
	char text[PPPD_TEXT_MAX];
	size_t used;
	bool full;
};

/* False when it does not fit.  argv ends with NULL. */
bool pppd_args(struct pppd_args *, const struct pppd_spec *) must_check;
/* What differs from session to session, but for descriptors. */
bool pppd_session_args(
    struct pppd_args *, const char *label, unsigned int mtu) must_check;

/* How far a link had come. */
enum pppd_progress {
	PPPD_LCP,     /* the peer has not yet agreed on a link */
	PPPD_AUTH,    /* it has, and must now say who it is */
	PPPD_NETWORK, /* we know, and negotiate addresses */
	PPPD_RUNNING,
};

/* What pppd_why() calls it when the session's time is over. */
#define PPPD_SESSION_TIME "session time limit"
#define PPPD_IDLE_TIME "idle timeout"
/* Its exit status after a signal that is due to a fault of it; a shell's, and
 * ours, for a program that could not be executed. */
#define PPPD_CRASHED 127

struct pppd_exit {
	int status; /* as from waitpid(2), better: see plugin/plugin.c */
	enum pppd_progress progress;
	bool named;	      /* the peer said who it wants to be */
	bool peer_terminated; /* it sent an LCP Terminate-Request */
};

/* Why the link ended, in words too (valid until the next call). */
enum lns_ppp_end pppd_why(
    const struct pppd_exit *, const char **cause, enum cause *);

/* Where pppd keeps its pid while it has an interface, until 2.4 and from 2.5.
 */
#define PPPD_RUN_DIR "/var/run"
#define PPPD25_RUN_DIR "/var/run/pppd"
/* Removes the file of this pppd, which has ended, from dir; it may have none,
 * and those of others stay.  ifname: of its interface, "" if unknown. */
void pppd_remove_pid_file(const char *dir, const char *ifname, pid_t pid);

#endif
