/* SPDX-License-Identifier: ISC */
#ifndef CTL_STORY_H
#define CTL_STORY_H

#include "ctl.h"
#include "story.h"

/* The methods "stories", "story" and "trace"; and the clock of stories.  Both
 * must outlive it.  Fatal without memory. */
void ctl_story_add(struct ctl *, struct stories *);
/* When the control socket is closed. */
void ctl_story_end(void);

#endif
