/* SPDX-License-Identifier: ISC */
#ifndef CONF_H
#define CONF_H

/*
 * The configuration as a value: read once by conf_load(), never changed.
 * Every string and array belongs to the struct conf and dies with
 * conf_free().  Names are as in lnsd.conf(5).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <netinet/in.h>

#include "compiler.h"
#include "lns.h"

enum conf_ipsec_mode {
	CONF_IPSEC_MANAGED, /* we configure and run our own pluto */
	CONF_IPSEC_SYSTEM,  /* into the pluto that the system runs */
	CONF_IPSEC_OFF,	    /* no IPsec and no guard: laboratory only */
};

enum conf_proposals {
	CONF_PROPOSALS_MODERN,
	CONF_PROPOSALS_COMPATIBLE,
	CONF_PROPOSALS_LEGACY,
};

/* How much of pluto's own log is kept. */
enum conf_log_level {
	CONF_LOG_NORMAL,
	CONF_LOG_QUIET,
	CONF_LOG_DEBUG,
};

/* Bits of conf_ppp.auth. */
#define CONF_AUTH_PAP 0x1u
#define CONF_AUTH_CHAP 0x2u /* CHAP with MD5 */
#define CONF_AUTH_MSCHAPV2 0x4u

struct conf_range {
	struct in_addr first, last; /* inclusive, first <= last */
};

/* Nothing is set behind the length. */
struct conf_prefix {
	struct in6_addr address;
	unsigned int len; /* 0: none */
};

bool conf_same_prefix(const struct conf_prefix *, const struct conf_prefix *);
/* Whether one is in the other; neither is none. */
bool conf_prefixes_overlap(
    const struct conf_prefix *, const struct conf_prefix *);

#define CONF_RADIUS_SERVERS 4

/* A radius block.  n_servers 0: there is none. */
struct conf_radius {
	struct lns_addr servers[CONF_RADIUS_SERVERS]; /* with their ports */
	size_t n_servers;
	char *secrets[CONF_RADIUS_SERVERS]; /* one for each server */
	size_t n_secrets;
	unsigned int timeout_s; /* until a request is sent again */
	unsigned int tries;	/* to one server */
	unsigned int dead_time_s;
	bool require_message_authenticator;
	bool accounting;
	unsigned int accounting_port;	    /* 0: the one after server's */
	unsigned int accounting_interval_s; /* 0: as the server says */
	char *nas_identifier;		    /* NULL: hostname */
	struct in_addr nas_address;	    /* 0: as the client has dialled */
	struct lns_addr coa_listen;	    /* of RFC 5176; family 0: nowhere */
};

/* What may be sent in a second. */
struct conf_rate {
	bool given;
	unsigned int kbit; /* 0: no limit */
};

struct conf_route {
	struct in_addr network;
	unsigned int bits; /* 1..32; none of network is set behind them */
};

struct conf_ppp {
	char *name;
	bool gone; /* only keeps its place, see conf_follow() */
	unsigned int auth;
	struct in_addr local_address;
	struct conf_range *pool;
	size_t n_pool;
	bool arp_probe; /* ask the LAN before one of the pool is given */
	bool dhcp;	/* in the place of a pool: the LAN's DHCP server */
	struct conf_prefix ipv6_pool; /* /32../64; none: IPv4 only */
	struct in_addr dns[2];
	size_t n_dns;
	struct in6_addr dns6[2]; /* the IPv6 addresses of dns */
	size_t n_dns6;
	struct in_addr wins[2]; /* zero: none */
	unsigned int mtu;	/* octets, 576..1500; 0: auto */
	bool mss_clamp;
	struct conf_rate rate_up, rate_down; /* from and to a client */
	bool proxy_arp;
	unsigned int idle_timeout_s;	  /* 0: never */
	unsigned int session_timeout_s;	  /* 0: never */
	unsigned int lcp_echo_interval_s; /* 0: no LCP echo */
	unsigned int lcp_echo_failure;
	bool scripts;	       /* run /etc/ppp/ip-up and its kin */
	bool pppd_prepared;    /* one pppd makes those of the sessions */
	char *ip_up, *ip_down; /* programs that are run; NULL: none */
	char **pppd_options;   /* words for its command line */
	size_t n_pppd_options;
	/* A login ends the older ones of the same user. */
	bool one_login_per_user;
	/* Of a user or from an address; 0: no limit. */
	unsigned int max_login_failures;
	unsigned int login_failure_time_s; /* how long they count */
	struct conf_radius radius;
};

/* The name of who is named nowhere else. */
#define CONF_ANY_USER "*"
#define CONF_NT_HASH_LEN 16
#define CONF_ROUTES_MAX 16

struct conf_user {
	char *name;
	char *password;	  /* NULL when only the hash is known */
	bool has_nt_hash; /* from nt-hash */
	uint8_t nt_hash[CONF_NT_HASH_LEN];
	bool has_address;
	struct in_addr address;
	struct conf_prefix ipv6_prefix;		   /* a /64, or none */
	bool disabled;				   /* may not log in */
	unsigned int max_sessions;		   /* 0: no limit */
	struct conf_route routes[CONF_ROUTES_MAX]; /* networks behind him */
	size_t n_routes;
	struct conf_rate rate_up, rate_down; /* if given: not the profile's */
};

struct conf_keepalive {
	unsigned int interval_s; /* 0: no HELLO of ours */
	unsigned int count;
};

struct conf_peer {
	char *name;
	bool gone; /* only keeps its place, see conf_follow() */
	bool any;
	struct lns_addr address; /* if !any */
	char *identity;		 /* of its IKE; NULL: address, or (any) all */
	char *psk; /* from the peer, else from its template; NULL: none */
	/* Another way than psk, or besides it: PEM; all three or none. */
	char *certificate, *private_key, *ca;
	size_t certificate_number; /* the same for the same three */
	/* Who sends this as its IKE identity may use aggressive mode. */
	bool aggressive;
	char *group_id;
	struct conf_keepalive keepalive;
	size_t ppp;		   /* index into conf.ppp */
	unsigned int max_tunnels;  /* 0: no limit */
	unsigned int max_sessions; /* 0: no limit */
	char *tunnel_secret;	   /* NULL: none */
	bool tunnel_auth;	   /* demand that the peer knows it */
	bool hidden_avps;
	bool proxy_authentication; /* believe what a LAC says of its users */
	unsigned int disconnect_time_s; /* without user data; 0: never */
};

/* What is particular about one of the server's addresses. */
struct conf_uplink {
	struct in_addr address; /* ours, one of listen */
	unsigned int fwmark;	/* on IKE, ESP and L2TP from there; 0: none */
	bool has_public_address;
	struct in_addr public_address; /* of the NAT before us */
};

/* What is served over HTTP, and where. */
struct conf_http {
	struct lns_addr listen; /* with its port; family 0: see path */
	char *path;		/* of a unix socket; both none: nothing */
	bool metrics, page;
};

struct conf {
	/* All zero: every local address of that family; port 0. */
	struct lns_addr *listen;
	size_t n_listen;
	struct conf_uplink *uplinks;
	size_t n_uplinks;
	char *hostname;
	unsigned int max_tunnels; /* all peers together; 0: what ids allow */
	unsigned int max_half_open;
	unsigned int receive_window;  /* control messages, RFC 2661 5.8 */
	unsigned int retransmissions; /* of a control message */
	bool trace;
	bool keepalive_log;
	char *state_dir;
	char *run_dir;
	struct {
		enum conf_ipsec_mode mode;
		enum conf_proposals proposals;
		unsigned int dpd_delay_s, dpd_timeout_s;
		bool rekey; /* we renew the keys, besides the client */
		unsigned int ike_lifetime_s, sa_lifetime_s;
		/* First address of the /16 that clients' sockets have. */
		struct in_addr client_range;
		char *log; /* file of pluto's own log; NULL: syslog */
		enum conf_log_level log_level;
	} ipsec;
	struct conf_http http;
	struct conf_ppp *ppp;
	size_t n_ppp;
	struct conf_user *users;
	size_t n_users;
	char *users_file;	 /* absolute path; NULL: none */
	struct conf_peer *peers; /* templates already applied */
	size_t n_peers;
	size_t n_certificates; /* different ones */
	char **warnings; /* "file:line: warning: ...", no secret in them */
	size_t n_warnings;
	/* For conf_hold(); NULL: it is not one that conf_load() made. */
	struct conf *self;
	unsigned int holders; /* besides who loaded it */
};

/*
 * Reads path.  Every mistake is written to errors as "file:line: message\n",
 * all of them; NULL when there was at least one.  The caller frees the result
 * with conf_free(), which wipes the secrets.
 */
struct conf *conf_load(const char *path, FILE *errors) must_check;
/* Gives up what conf_load() or conf_hold() returned; the last one frees it.
 * NULL does nothing. */
void conf_free(struct conf *);
/* For who needs it longer than its owner: the same, to be given up with
 * conf_free(). */
struct conf *conf_hold(const struct conf *) must_check;

/* What is different in a configuration that follows another. */
struct conf_changes {
	bool users, users_file;
	bool *ppp;	   /* of each of its profiles: new, other or gone */
	bool *peers;	   /* the same, of its peers */
	bool certificates; /* any of them, or its number */
	bool general;	   /* what concerns all peers or tunnels */
	const char *restart[20]; /* keys whose change needs a restart */
	size_t n_restart;
};

/*
 * next, just loaded, is to take before's place while we run: profiles and peers
 * that both have get the numbers that they had, those that next does not have
 * leave a place behind that is marked as gone, and what cannot change while we
 * run stays as it was, and is named in restart.  -1: out of memory, and next is
 * only good to be freed.
 */
int conf_follow(struct conf *next, const struct conf *before,
    struct conf_changes *) must_check;
void conf_changes_fini(struct conf_changes *);

/* The users of users_file, which changes while we run. */
struct conf_users {
	struct conf_user *list;
	size_t n;
};

/* The same for that file, which is compared with the configuration it belongs
 * to.  One call at a time, on any thread. */
struct conf_users *conf_users_load(
    const struct conf *, FILE *errors) must_check;
void conf_users_free(struct conf_users *);

#endif
