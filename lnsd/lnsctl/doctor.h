/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_DOCTOR_H
#define LNSCTL_DOCTOR_H

/*
 * What can keep clients out, found and explained.  doctor_facts.c looks at the
 * machine and decides nothing; doctor_judge*.c decide, and are pure.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "compiler.h"
#include "conf.h"
#include "firewall.h"
#include "machine.h"

enum finding_state { FINDING_OK, FINDING_WARN, FINDING_FAIL };

#define FINDINGS_MAX 96

struct finding {
	enum finding_state state;
	const char *check; /* "firewall": for programs, and the manual */
	char text[400];
	char mend[400]; /* "": nothing to do */
};

struct findings {
	struct finding list[FINDINGS_MAX];
	size_t n;
};

/* Who has a UDP port. */
struct doctor_port {
	unsigned int port;
	long pid; /* 0: not found */
	char name[32];
	bool ours; /* lnsd, or a pluto of it */
};

#define DOCTOR_PORTS 16

struct doctor_facts {
	bool root;
	/* The kernel. */
	char kernel[80];
	bool has_module_dir; /* modules of the kernel that runs */
	char missing[200];   /* modules, ", " between; "": none */
	char forbidden[200]; /* those that modprobe.d turns off */
	bool dev_ppp, l2tp;  /* /dev/ppp, a socket of L2TP, can be opened */
	bool ip_forward, ipv6_forward;
	int rp_filter;	  /* of the uplink; 1: strict */
	char denied[300]; /* the last denial of AppArmor's; "": none */
	/* Programs. */
	char pppd[40];		   /* version; "": not installed */
	const char *plugin;	   /* path */
	char plugin_error[300];	   /* what pppd says of it; "": loads */
	const char *ipsec_missing; /* in words; NULL: all is there */
	char libreswan[80];
	const char *remarks; /* of ipsec_remarks(), lines */
	struct doctor_port ports[DOCTOR_PORTS];
	size_t n_ports;
	/* The configuration. */
	const char *conf_path;
	const struct conf *conf; /* NULL: wrong, or not there */
	bool has_conf;
	const char *conf_errors; /* lines */
	bool has_group, run_dir_ok, state_dir_ok;
	/* The server. */
	char server[40]; /* version; "": does not answer */
	char server_error[120];
	bool pluto_answers;
	unsigned long max_files; /* 0: unknown */
	char silent_radius[160]; /* servers, ", " between; "": none is */
	bool systemd, unit_enabled, unit_active;
	/* The network. */
	struct machine machine;
	/* Its rules (NULL: unknown) and its keeper. */
	struct firewall firewall;
	char dead_dns[80]; /* servers that do not answer, ", " between */
	/* Time. */
	time_t now;
	bool synchronised;
};

/* text and mend as of printf: "what", "what to do" or NULL; what is not
 * printable, or not UTF-8, becomes '?'. */
void finding_add(struct findings *, enum finding_state, const char *check,
    const char *mend, const char *fmt, ...) printf_like(5, 6);

/* The plugin of pppd as it is installed. */
#define DOCTOR_PLUGIN LNSD_LIBDIR "/lnsd-ppp.so"

/* Appends to findings what the facts mean. */
void doctor_judge(const struct doctor_facts *, struct findings *);
/* Of that, what the server needs before it can start. */
void doctor_judge_start(const struct doctor_facts *, struct findings *);
void doctor_judge_net(const struct doctor_facts *, struct findings *);
void doctor_judge_firewall(const struct doctor_facts *, struct findings *);
/* Clients get addresses of IPv6; conf may be NULL. */
bool doctor_has_ipv6_inside(const struct conf *) must_check;

/* The facts with what they own; doctor_facts_free() frees it. */
struct doctor_facts *doctor_look(
    const char *conf_path, const char *socket, const char *plugin) must_check;
void doctor_facts_free(struct doctor_facts *);

/* Of a list with ", " between.  Pure. */
bool doctor_is_listed(const char *list, const char *word) must_check;
/* A line of /proc/net/udp: port and inode.  Pure. */
bool doctor_udp_line(
    const char *line, unsigned int *port, unsigned long *inode) must_check;
/* What "modprobe -n -v --show-depends" says: a module is turned off.  Pure. */
bool doctor_is_forbidden(const char *said) must_check;

/* Prints the findings; quiet leaves out what is right.  True: none is bad. */
bool doctor_print(const struct findings *, bool json, bool quiet);
/* All of it: for the end of setup. */
bool doctor_run(const char *conf_path, const char *socket, const char *plugin,
    bool json, bool quiet) must_check;

#endif
