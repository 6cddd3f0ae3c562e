/* SPDX-License-Identifier: ISC */
#ifndef ARP_PROBE_H
#define ARP_PROBE_H

/*
 * Whether a host of the LAN has an address that a client is about to get: ARP
 * probes (RFC 5227 2.1), sooner one after another than there, since somebody
 * who dials is waiting.
 */

#include <stdbool.h>
#include <netinet/in.h>

#include "compiler.h"

struct arp_prober; /* of one LAN */
struct arp_probe;

/* mac: who has it, "02:00:5e:10:00:00"; NULL: nobody has answered.  The probe
 * is freed after this returns. */
typedef void (*arp_probe_fn)(void *arg, const char *mac);

/* How long a probe takes when nobody answers. */
#define ARP_PROBE_MS 300

/* local: our address on the LAN, or one of its network.  NULL: no memory. */
struct arp_prober *arp_prober_new(struct in_addr local) must_check;
/* Only when no probe is under way.  NULL is allowed. */
void arp_prober_free(struct arp_prober *);

/* done is called from the loop, unless arp_probe_stop() comes before.  NULL
 * with errno: ENODEV, no interface is on the LAN. */
struct arp_probe *arp_probe_start(struct arp_prober *, struct in_addr,
    arp_probe_fn done, void *arg) must_check;
/* NULL is allowed. */
void arp_probe_stop(struct arp_probe *);

#endif
