/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_MACHINE_H
#define LNSCTL_MACHINE_H

/* What doctor and setup know of the machine they run on: its networks, its way
 * out, its name servers; and how they ask other programs. */

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compiler.h"

#define MACHINE_NETS 32
#define MACHINE_DNS 2

/* An IPv4 network that the machine is part of.  Addresses of PPP links and
 * loopback are not among them. */
struct machine_net {
	char ifname[IFNAMSIZ];
	struct in_addr address; /* ours */
	unsigned int bits;
};

struct machine {
	struct machine_net nets[MACHINE_NETS];
	size_t n_nets;
	char uplink[IFNAMSIZ];	       /* of the default route; "": none */
	struct in_addr uplink_address; /* zero: none */
	size_t n_ways;		       /* interfaces with a default route */
	bool has_ipv6;		       /* an address that others can dial */
	struct in_addr dns[MACHINE_DNS];
	size_t n_dns;
};

void machine_look(struct machine *);

/* The first network that holds the address; NULL: none.  Pure, as what
 * follows. */
const struct machine_net *machine_net_of(
    const struct machine *, struct in_addr) must_check;
/* Of RFC 1918, RFC 6598, link-local: nobody outside can dial it. */
bool machine_is_private(struct in_addr) must_check;
bool machine_has(const struct machine *, struct in_addr) must_check;
uint32_t machine_mask(unsigned int bits);
/* Text for messages; valid until the fourth call from here. */
const char *machine_ip(struct in_addr);
/* nameserver lines; those of loopback are left out. */
void machine_parse_resolv(struct machine *, FILE *);
/* /proc/net/route. */
void machine_parse_routes(struct machine *, FILE *);

/* Runs a program, ten seconds at most.  text: what it prints, stderr too, to be
 * freed; NULL: goes nowhere.  Returns its exit status, 127: not there. */
int machine_run(char **text, const char *const argv[]);
/* The first line of a file without its newline; false: cannot be read. */
bool machine_line(const char *path, char *buf, size_t size) must_check;

#endif
