/* SPDX-License-Identifier: ISC */
#ifndef PROC_H
#define PROC_H

/*
 * Child processes, watched and signalled by pidfd: a recycled pid is never
 * touched.  Every child gets SIGTERM when lnsd dies (PR_SET_PDEATHSIG).
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "compiler.h"

struct proc;

/* status is as from waitpid(2); the proc is freed after this returns. */
typedef void (*proc_exit_fn)(void *arg, int status);
/* One line that the child wrote to stdout or stderr, without its newline; one
 * of more than some 1000 octets comes in pieces. */
typedef void (*proc_line_fn)(void *arg, const char *line);

#define PROC_KEEP_MAX 4

struct proc_spec {
	const char *path;  /* absolute */
	char *const *argv; /* never holds a secret */
	char *const *env;  /* the same; NULL: PATH and LC_ALL */
	int in_fd;	   /* becomes 0; -1: /dev/null */
	int out_fd;	   /* becomes 1 and 2; -1: /dev/null, or on_line */
	int keep[PROC_KEEP_MAX]; /* inherited under the same number */
	size_t n_keep;		 /* all other descriptors are closed */
	proc_line_fn on_line;	 /* NULL: what out_fd says */
	/* For a child that must never wait for us: its output goes through a
	 * pipe of so many octets, and what does not fit is lost.  0: an
	 * ordinary pipe, which makes it wait. */
	int out_pipe;
	bool own_group; /* lead a process group of its own */
	proc_exit_fn on_exit;
	void *arg;
};

/* NULL with errno set.  Descriptors stay the caller's. */
struct proc *proc_start(const struct proc_spec *) must_check;
/* A child of ours that another process has made for us (CLONE_PARENT); it may
 * have ended already.  It leads a process group of its own from now on.  NULL
 * with errno set: it has been killed, or is no child of ours (ECHILD). */
struct proc *proc_adopt(pid_t, proc_exit_fn, void *arg) must_check;
/* Kills and buries the children in a process group whom nobody has adopted, nor
 * may any more.  False: some have not ended yet, ask again. */
bool proc_reap_group(pid_t group) must_check;
/* Kills it, waits for that and frees it: on_exit is not called. */
void proc_kill(struct proc *);
pid_t proc_pid(const struct proc *);
/* 0, or -1 with errno. */
int proc_signal(struct proc *, int sig);
/* How many children live. */
size_t proc_count(void);
/* "exit status 1", "killed by signal 9"; what 127 means is told with it.  Valid
 * until the next call. */
const char *proc_status_text(int status);

#endif
