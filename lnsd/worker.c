/* SPDX-License-Identifier: ISC */
/* A small thread pool; contract in worker.h. */

#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

#define WORKER_THREADS 16
#define WORKER_STACK 262144

struct job {
	STAILQ_ENTRY(job) next;
	worker_fn run, done;
	void *arg;
};

STAILQ_HEAD(job_list, job);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
/* Under the lock. */
static struct job_list todo, finished;
static unsigned int n_idle;
static bool stopping;
/* Of the main thread alone. */
static pthread_t threads[WORKER_THREADS];
static unsigned int n_threads;
static size_t n_pending;
static int event_fd = -1;
static struct loop_io *event_io;

static void *
worker_main(void *arg)
{
	const uint64_t one = 1;
	struct job *j;

	(void)arg;
	pthread_mutex_lock(&lock);
	for (;;) {
		while ((j = STAILQ_FIRST(&todo)) == NULL && !stopping) {
			n_idle++;
			pthread_cond_wait(&wake, &lock);
			n_idle--;
		}
		if (j == NULL)
			break;
		STAILQ_REMOVE_HEAD(&todo, next);
		pthread_mutex_unlock(&lock);
		j->run(j->arg);
		pthread_mutex_lock(&lock);
		STAILQ_INSERT_TAIL(&finished, j, next);
		/* Fails only on overflow, and then it is readable anyway. */
		if (write(event_fd, &one, sizeof(one)) == -1)
			continue;
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void
jobs_finished(int fd, void *arg)
{
	struct job_list ready = STAILQ_HEAD_INITIALIZER(ready);
	struct job *j;
	uint64_t n;

	(void)arg;
	if (read(fd, &n, sizeof(n)) == -1 && errno != EAGAIN)
		log_warn("worker", "eventfd");
	pthread_mutex_lock(&lock);
	STAILQ_CONCAT(&ready, &finished);
	pthread_mutex_unlock(&lock);
	while ((j = STAILQ_FIRST(&ready)) != NULL) {
		STAILQ_REMOVE_HEAD(&ready, next);
		n_pending--;
		j->done(j->arg);
		free(j);
	}
}

void
worker_init(void)
{
	STAILQ_INIT(&todo);
	STAILQ_INIT(&finished);
	stopping = false;
	event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event_fd == -1)
		fatal("worker", "eventfd");
	event_io = loop_io_new(event_fd, jobs_finished, NULL);
	if (event_io == NULL)
		fatalx("worker", "out of memory");
}

static int
start_thread(void)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int err;

	err = pthread_attr_init(&attr);
	if (err != 0)
		return err;
	(void)pthread_attr_setstacksize(&attr, WORKER_STACK);
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&threads[n_threads], &attr, worker_main, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (err == 0)
		n_threads++;
	return err;
}

int
worker_submit(worker_fn run, worker_fn done, void *arg)
{
	struct job *j;
	bool idle;
	int err;

	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return -1;
	j->run = run;
	j->done = done;
	j->arg = arg;
	pthread_mutex_lock(&lock);
	idle = n_idle > 0 && STAILQ_EMPTY(&todo);
	pthread_mutex_unlock(&lock);
	if (!idle && n_threads < WORKER_THREADS) {
		err = start_thread();
		if (err != 0 && n_threads == 0) {
			free(j);
			errno = err;
			return -1;
		}
	}
	n_pending++;
	pthread_mutex_lock(&lock);
	STAILQ_INSERT_TAIL(&todo, j, next);
	pthread_cond_signal(&wake);
	pthread_mutex_unlock(&lock);
	return 0;
}

size_t
worker_pending(void)
{
	return n_pending;
}

void
worker_fini(void)
{
	struct job *j;

	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&wake);
	pthread_mutex_unlock(&lock);
	while (n_threads > 0)
		pthread_join(threads[--n_threads], NULL);
	while ((j = STAILQ_FIRST(&finished)) != NULL) {
		STAILQ_REMOVE_HEAD(&finished, next);
		n_pending--;
		free(j);
	}
	loop_io_free(event_io);
	event_io = NULL;
	if (event_fd != -1)
		close(event_fd);
	event_fd = -1;
}
