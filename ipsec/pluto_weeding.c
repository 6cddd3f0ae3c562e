/* SPDX-License-Identifier: ISC */
/*
 * States of calls that are over are taken out of pluto; contract in
 * pluto_parts.h.  pluto's own dead peer detection ends whole instances of
 * connections, which may be those of a client that has dialled again, or of
 * others that say they are the same.
 */

#include "pluto_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* By then a client that dials is through, and all of those that were lost at
 * the same time are in one list. */
#define DELAY_MS 5000

static void
timer_fired(void *arg)
{
	struct pluto *p = arg;

	p->weeding.due = true;
	if (p->answers && !p->stopping)
		pluto_next(p);
}

int
pluto_weeding_init(struct pluto *p)
{
	p->weeding.timer = loop_timer_new(timer_fired, p);
	return p->weeding.timer == NULL ? -1 : 0;
}

void
pluto_weeding_forget(struct pluto *p)
{
	struct pluto_weeding *w = &p->weeding;

	if (w->timer != NULL)
		loop_timer_stop(w->timer);
	w->due = false;
	w->n_wanted = w->n_asked = w->n_doomed = 0;
}

void
pluto_weeding_fini(struct pluto *p)
{
	loop_timer_free(p->weeding.timer);
	states_clear(&p->weeding.states);
	free(p->weeding.wanted);
	free(p->weeding.doomed);
}

void
pluto_stale(struct pluto *p, uint32_t spi, bool lost)
{
	struct pluto_weeding *w = &p->weeding;
	size_t cap = w->cap_wanted == 0 ? 16 : 2 * w->cap_wanted;
	struct stale *more;

	if (p->stopping || !p->answers)
		return;
	if (w->n_wanted == w->cap_wanted) {
		more = reallocarray(w->wanted, cap, sizeof(*more));
		if (more == NULL)
			return;
		w->wanted = more;
		w->cap_wanted = cap;
	}
	w->wanted[w->n_wanted++] = (struct stale){ spi, lost };
	if (w->n_wanted == w->n_asked + 1)
		loop_timer_set(w->timer, DELAY_MS);
}

/* It tells of what goes with a state, too. */
static void
debug_line(void *arg, const char *line)
{
	(void)arg;
	log_debug("ipsec", "%s", line);
}

static void
state_deleted(void *arg, int status)
{
	struct pluto *p = arg;

	/* It may have ended by itself. */
	p->step = NULL;
	if (status != 0)
		log_debug("ipsec", "whack --deletestate: %s",
		    proc_status_text(status));
	pluto_next(p);
}

static void
delete_state(struct pluto *p)
{
	struct pluto_weeding *w = &p->weeding;
	char number[24];
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--deletestate" }, number, NULL };

	snprintf(number, sizeof(number), "%lu", w->doomed[--w->n_doomed]);
	log_debug("ipsec", "state #%s of pluto is out of date", number);
	pluto_run_step(p, WHACK_BIN, argv, debug_line, state_deleted);
}

static void
state_line(void *arg, const char *line)
{
	struct pluto *p = arg;

	if (states_take(&p->weeding.states, line) == -1)
		p->weeding.incomplete = true;
}

static void
choose(struct pluto_weeding *w, const struct conf *c)
{
	unsigned long *doomed;

	doomed = reallocarray(w->doomed, w->states.n + 1, sizeof(*doomed));
	if (doomed == NULL)
		return;
	w->doomed = doomed;
	w->n_doomed =
	    states_choose(&w->states, c, w->wanted, w->n_asked, w->doomed);
}

static void
states_listed(void *arg, int status)
{
	struct pluto *p = arg;
	struct pluto_weeding *w = &p->weeding;

	if (pluto_step_ok(p, "whack --showstates", status) && !w->incomplete)
		choose(w, p->conf);
	states_clear(&w->states);
	w->n_wanted -= w->n_asked;
	memmove(w->wanted, w->wanted + w->n_asked,
	    w->n_wanted * sizeof(*w->wanted));
	w->n_asked = 0;
	pluto_next(p);
}

static void
list_states(struct pluto *p)
{
	struct pluto_weeding *w = &p->weeding;
	char *const argv[] = { (char[]){ "whack" }, (char[]){ "--ctlsocket" },
		p->files.ctl, (char[]){ "--showstates" }, NULL };

	w->due = w->incomplete = false;
	w->n_asked = w->n_wanted;
	pluto_run_step(p, WHACK_BIN, argv, state_line, states_listed);
}

bool
pluto_weed(struct pluto *p)
{
	struct pluto_weeding *w = &p->weeding;

	if (w->n_doomed > 0)
		delete_state(p);
	else if (w->due)
		list_states(p);
	else
		return false;
	return true;
}
