/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_PROFILE_H
#define LNSCTL_PROFILE_H

/*
 * What a client needs to know to connect, and the files and words by which it
 * is told.  All but profile_give() is pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compiler.h"
#include "conf.h"

enum profile_platform {
	PROFILE_IOS,
	PROFILE_MACOS,
	PROFILE_WINDOWS,
	PROFILE_ANDROID,
	PROFILE_CHROMEOS,
	PROFILE_NETWORKMANAGER,
	PROFILE_N,
};

/* Strings and routes are borrowed, UTF-8 unless it says otherwise. */
struct profile_facts {
	const char *name; /* of the connection, for people */
	const char *server;
	const char *user;
	const char *password; /* NULL: the client asks */
	const char *psk;      /* octets; NULL: by certificate */
	const char *pkcs12;   /* path on the client, without psk; or NULL */
	enum conf_proposals proposals;
	unsigned int auth; /* the best of the profile: one CONF_AUTH_... */
	unsigned int mtu;  /* 0: the client's own */
	bool ipv6;
	bool behind_nat; /* the server is */
	bool all_traffic;
	const struct conf_route *routes; /* if not all_traffic; maybe none */
	size_t n_routes;
};

/* "ios" and so on; PROFILE_N: no such platform. */
enum profile_platform profile_platform(const char *name) must_check;

/* --- the files; 0, or -1 when it cannot be written --- */

/* A property list with the payload com.apple.vpn.managed.  Needs a psk. */
int profile_write_apple(FILE *, const struct profile_facts *) must_check;
/* Open Network Configuration.  Needs a psk in UTF-8. */
int profile_write_onc(FILE *, const struct profile_facts *) must_check;
/* A script for PowerShell 5.1 and later; CR LF, with a byte order mark. */
int profile_write_windows(FILE *, const struct profile_facts *) must_check;
/* A keyfile for the plugin network-manager-l2tp. */
int profile_write_nm(FILE *, const struct profile_facts *) must_check;

/* --- for people --- */

/* What to do on the client: with file, of that name, or else by hand with every
 * value, secrets included. */
void profile_steps(FILE *, enum profile_platform, const struct profile_facts *,
    const char *file);
/* What the platform cannot do, or not as well as it should, a line for each. */
void profile_warnings(
    FILE *, enum profile_platform, const struct profile_facts *);
/* Text as a QR code, for a terminal that knows UTF-8; -1: too long for one, or
 * it cannot be written. */
int profile_qr(FILE *, const char *text) must_check;

/* --- text --- */

bool profile_is_ascii(const char *);
#define PROFILE_UUID 37
/* Always the same for the same server, user and what (a version 5 UUID, in
 * lower case). */
void profile_uuid(
    const struct profile_facts *, const char *what, char buf[PROFILE_UUID]);
void profile_base64(FILE *, const char *);     /* in one line */
void profile_powershell(FILE *, const char *); /* with the quotes */
void profile_keyfile(FILE *, const char *);    /* as a value of GKeyFile */
void profile_route(FILE *, const struct conf_route *);

/* --- what a client needs to know --- */

/* NULL and false: not said. */
struct profile_wish {
	enum profile_platform platform;
	const char *user;
	const char *server, *peer, *name, *routes, *pkcs12;
	bool no_password, all_traffic;
	const char *out; /* "-": stdout; NULL: steps by hand */
	bool force;	 /* out may exist */
	bool qr;	 /* draw the pre-shared key */
	const char *url; /* draw this, where out will be found */
};

/* Of this machine. */
struct profile_host {
	const char *fqdn; /* NULL: it has none */
	/* The one it would send from to the Internet; family 0: none. */
	struct lns_addr address;
};

#define PROFILE_ROUTES 16
/* What has no owner in the configuration. */
struct profile_store {
	char server[256];
	char name[300];
	struct conf_route routes[PROFILE_ROUTES];
};

/*
 * From the configuration.  users: those of its file; NULL: none.  facts borrow
 * from all of them and from store.  Remarks go to say, a line for each; false:
 * it cannot be done, the last line says why.
 */
bool profile_facts(const struct conf *, const struct conf_users *users,
    const struct profile_wish *, const struct profile_host *,
    struct profile_store *store, struct profile_facts *, FILE *say) must_check;

/* All of it: the file, with mode 0600, the steps and remarks.  Returns an exit
 * status; says on stderr what is wrong. */
int profile_give(const struct conf *, const struct profile_wish *);

#endif
