/* SPDX-License-Identifier: ISC */
#ifndef LINK_H
#define LINK_H

/* What service.c, link.c and its neighbours share behind include/ppp.h. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "arp_probe.h"
#include "aaa.h"
#include "chap.h"
#include "coa.h"
#include "dhcp.h"
#include "grant.h"
#include "link6.h"
#include "link_time.h"
#include "loop.h"
#include "plugin/wire.h"
#include "pool.h"
#include "ppp.h"
#include "pppd.h"
#include "prepared.h"
#include "proc.h"
#include "tries.h"
#include "user.h"

#define PPPD_PATH "/usr/sbin/pppd"

TAILQ_HEAD(link_list, ppp_link);

/* A prepared pppd of before, that somebody may wait for. */
struct retired {
	LIST_ENTRY(retired) entry;
	struct prepared *prepared;
	struct conf *conf;
};

LIST_HEAD(retired_list, retired);

struct ppp_service {
	const struct conf *conf;
	const char *plugin, *pppd; /* paths */
	int64_t kill_after_ms;	   /* from SIGTERM to SIGKILL */
	bool debug;
	struct chap *chap;
	struct user_db *users;
	struct user_file *user_file; /* NULL: none */
	struct tries *tries;
	int64_t refusal_step_ms; /* see hold_back() */
	struct pool **pools;	 /* one for each conf.ppp */
	/* The same; NULL: it has none. */
	struct dhcp **dhcp;
	struct arp_prober **probers;
	struct link6_service *ipv6;
	struct radius **radius; /* the same; NULL: no block */
	struct coa *coa;
	/* The end: see ppp_service_finish(). */
	struct loop_timer *finish_timer;
	size_t n_unfinished; /* profiles whose records are on their way */
	void (*finished)(void *arg);
	void *finished_arg;
	/* One for each conf.ppp; NULL: each session executes pppd. */
	struct prepared **prepared;
	/* What the parts of each profile were made of, held; NULL: nothing. */
	struct conf **radius_conf, **prepared_conf;
	struct retired_list retired;
	struct link_list links;
	size_t n_links;
	int proxy_ifindex; /* see proxyarp.h */
	struct hooks *hooks;
	struct clamp *clamp; /* NULL: in no profile, or it cannot be */
};

struct lease {
	bool held;
	struct in_addr address;
	/* NULL: the user's own address, or of the LAN's DHCP server */
	struct pool *pool;
};

struct ppp_link {
	TAILQ_ENTRY(ppp_link) entry;
	struct ppp_service *svc;
	struct conf *conf; /* held; NULL: it needs not be */
	size_t profile;
	const struct ppp_ops *ops;
	void *arg;

	/* How pppd is started, see launch.c. */
	char label[64];
	unsigned int mtu;
	int session_fd;
	int plugin_ctl; /* -1 unless it is being started */
	struct prepared_request request;
	bool starting; /* proc follows, or on_exit without one */
	bool from_prepared;
	proc_exit_fn on_exit;

	struct proc *proc;
	int ctl; /* -1: pppd has closed its end, or misbehaved */
	struct loop_io *io;
	struct loop_timer *kill_timer;
	struct loop_timer *refuse_timer; /* a refusal that is held back */

	struct grant grant; /* of the last verdict */
	struct lease lease;
	/* Granted, but the address is still in use on an older link, or (0)
	 * the DHCP server has not answered yet, or somebody on the LAN may. */
	bool waiting;
	struct in_addr wanted;
	struct dhcp_client *dhcp; /* NULL: not asked */
	struct arp_probe *probe;  /* NULL: no one is under way */
	unsigned int conflicts;	  /* of addresses, since the last verdict */
	struct link6 v6;
	uint32_t serial; /* of the question being answered */
	char proof[CHAP_PROOF_SIZE];
	/* What the peer has answered to a LAC, until it is verified; method 0:
	 * nothing.  May hold a password. */
	struct wire_ask proxied;
	unsigned int asks;
	char from[LNS_ADDR_TEXT]; /* "": unknown */

	struct aaa aaa;
	struct link_time time;

	char user[WIRE_NAME_MAX + 1]; /* "": never named one */
	enum cause refused;	      /* what reason means */
	char reason[128];	      /* the same in words, "": not refused */
	char cause[192];
	const char *stop_cause; /* not NULL: we are ending it */
	enum cause stop_code;
	enum lns_ppp_end stop_why;

	enum pppd_progress progress;
	bool peer_terminated;
	int end_status; /* exit status that the plugin named, or -1 */
	bool was_up;
	char ifname[WIRE_IFNAME_MAX]; /* "": was never up */
	uint32_t ifindex;	      /* 0: unknown */
	struct hook *hook;	      /* NULL: none has run */
	struct link_setup *setup;     /* a worker has it; see link_net.c */
	bool was_limited;	      /* in its rate */
	bool setup_again;	      /* when that has ended */
	bool setup_routes;	      /* the next one makes them, too */
	pid_t pid;		      /* of pppd, also when it has gone */
	struct mono up_at;
	uint64_t rx_bytes, tx_bytes;
};

/* As it was when the link began: what was set up goes by the same values. */
static inline const struct conf_ppp *
profile_of(const struct ppp_link *l)
{
	const struct conf *c = l->conf != NULL ? l->conf : l->svc->conf;

	return &c->ppp[l->profile];
}

/* In service.c, for reload.c. */
bool ppp_make_user_file(struct ppp_service *) must_check;
void ppp_make_clamp(struct ppp_service *);
void ppp_renew_coa(struct ppp_service *);
/* NULL: no memory. */
struct prepared *ppp_new_prepared(
    const struct ppp_service *, size_t profile) must_check;
/* In reload.c: frees what nobody waits for any more. */
void ppp_free_retired(struct ppp_service *);

/* Ends it, and says why: a text that stays. */
void link_stop(
    struct ppp_link *, enum lns_ppp_end why, enum cause, const char *text);
/* The verdict is no, and why. */
void link_refuse(struct ppp_link *, enum cause, const char *fmt, ...)
    printf_like(3, 4);
/* What pppd's plugin asks about its peer (link_login.c); an answer follows. */
void link_asked(struct ppp_link *, const struct wire_msg *);
/* The verdict on what was asked last; if it is granted, l->grant is what the
 * user gets. */
void link_decide(struct ppp_link *, const struct user_verdict *);
/* Tells pppd the verdict in l->reason, after hold_ms, and the owner at once. */
void link_answer(struct ppp_link *, int64_t hold_ms);

/* What the kernel has for a link besides pppd's interface (link_net.c).  IP is
 * up, for the first time or again. */
void link_net_up(struct ppp_link *);
/* IP is up, and l->grant.rate has changed. */
void link_net_limit(struct ppp_link *);
/* pppd has ended; may never have been up. */
void link_net_down(struct ppp_link *, const struct ppp_end *);

/* Starts the pppd of a link whose profile, label, mtu and session_fd are set,
 * and takes plugin_ctl over.  -1 with errno: there is none.  If it is on its
 * way (starting), on_exit also tells that it cannot be started. */
int link_launch(
    struct ppp_link *, int plugin_ctl, proc_exit_fn on_exit) must_check;
/* All but what differs from session to session. */
void link_pppd_spec(
    const struct ppp_service *, size_t profile, struct pppd_spec *);

#endif
