/* SPDX-License-Identifier: ISC */
#ifndef PCAP_H
#define PCAP_H

/* A capture in memory, and its file: LINKTYPE_RAW, IPv4 and UDP. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"

struct net_frame;

/* Adds a datagram; *frames is the newest and begins as NULL. */
void pcap_record(struct net_frame **frames, struct mono now,
    const struct lns_path *, bool to_server, const uint8_t *data, size_t len);
void pcap_free(struct net_frame **frames);
/* False with errno. */
bool pcap_write(const struct net_frame *newest, const char *path);

#endif
