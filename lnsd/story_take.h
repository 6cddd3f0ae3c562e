/* SPDX-License-Identifier: ISC */
#ifndef STORY_TAKE_H
#define STORY_TAKE_H

/*
 * What happens to clients, put into their stories.  Pure: time comes in.  The
 * part of IKE and the part of L2TP of one client are joined by its number in
 * the IPsec layer, which pluto's SPI leads to.  A stories of NULL does nothing.
 */

#include "ike.h"
#include "lns.h"
#include "ppp.h"
#include "story.h"

/* A line of pluto's. */
void story_take_ike(
    struct stories *, const struct ike_told *, struct story_time);
/* LNS_MESSAGE and LNS_TUNNEL_CLOSE. */
void story_take_effect(
    struct stories *, const struct lns_effect *, struct story_time);

/* PPP of a session in tunnel tid. */
void story_take_ppp_start(struct stories *, uint16_t tid, struct mono);
void story_take_ppp_step(
    struct stories *, uint16_t tid, enum ppp_step, struct mono);
/* CAUSE_NONE: granted, and reason is NULL. */
void story_take_auth(struct stories *, uint16_t tid, const char *user,
    enum cause, const char *reason, struct mono);
void story_take_up(
    struct stories *, uint16_t tid, const struct ppp_up *, struct mono);
void story_take_ppp_end(
    struct stories *, uint16_t tid, enum cause, const char *text, struct mono);
/* Another note, of PPP's stage: "IPv6 is up". */
void story_take_note(
    struct stories *, uint16_t tid, const char *text, struct mono);

#endif
