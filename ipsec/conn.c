/* SPDX-License-Identifier: ISC */
/* libreswan's configuration from ours; contract in conn.h. */

#include "conn.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

/* An identity and what marks its type. */
#define CONN_ID_MAX (LNS_NAME_MAX + 4)

/* What libreswan takes in a connection's name without a second thought. */
static bool
plain_name(const char *s)
{
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && *s != '-' && *s != '_')
			return false;
	return true;
}

static bool
has_kind(const struct conf_peer *p, enum conn_kind kind)
{
	switch (kind) {
	case CONN_PSK:
		return p->psk != NULL;
	case CONN_CERTIFICATE:
		return p->certificate != NULL;
	case CONN_AGGRESSIVE:
		return p->psk != NULL && p->aggressive;
	case CONN_KINDS:
		break;
	}
	return false;
}

bool
conn_exists(const struct conf *c, size_t peer, enum conn_kind kind,
    const struct lns_addr *local)
{
	const struct conf_peer *p = &c->peers[peer];

	return !p->gone && has_kind(p, kind) &&
	       (p->any || p->address.family == local->family);
}

size_t
conn_count(const struct conf *c, const struct lns_addr *local)
{
	size_t i, n = 0;
	int k;

	for (i = 0; i < c->n_peers; i++)
		for (k = 0; k < CONN_KINDS; k++)
			n += conn_exists(c, i, (enum conn_kind)k, local);
	return n;
}

static const char *
prefix_of(const struct conf *c)
{
	return c->ipsec.mode == CONF_IPSEC_SYSTEM ? CONN_PREFIX : "";
}

static const char *const suffixes[] = { [CONN_PSK] = "",
	[CONN_CERTIFICATE] = "+cert",
	[CONN_AGGRESSIVE] = "+group" };

/* All of a connection's name but its address.  '+' stands in no plain name, so
 * the forms never meet. */
static void
name_before(const struct conf *c, size_t peer, enum conn_kind kind,
    char buf[CONN_NAME_MAX])
{
	if (plain_name(c->peers[peer].name))
		snprintf(buf, CONN_NAME_MAX, "%s%s%s-", prefix_of(c),
		    c->peers[peer].name, suffixes[kind]);
	else
		snprintf(buf, CONN_NAME_MAX, "%speer+%zu%s-", prefix_of(c),
		    peer, suffixes[kind]);
}

const char *
conn_name(const struct conf *c, size_t peer, enum conn_kind kind,
    const struct lns_addr *local, char buf[CONN_NAME_MAX])
{
	char ip[LNS_ADDR_TEXT];
	size_t len;

	name_before(c, peer, kind, buf);
	len = strlen(buf);
	snprintf(
	    buf + len, CONN_NAME_MAX - len, "%s", lns_addr_text(local, ip));
	return buf;
}

bool
conn_of_status(const struct conf *c, const char *line, char buf[CONN_NAME_MAX])
{
	static const char number[] = "000 ", policy[] = "\":   policy: ";
	const char *prefix = prefix_of(c), *name = line, *end;
	size_t len;

	/* libreswan 4 only. */
	if (strncmp(name, number, sizeof(number) - 1) == 0)
		name += sizeof(number) - 1;

	/* Of many lines that a connection has this is one; an instance of it,
	 * for a client, has its number behind the name. */
	if (*name++ != '"')
		return false;
	end = strchr(name, '"');
	if (end == NULL || strncmp(end, policy, sizeof(policy) - 1) != 0 ||
	    strncmp(name, prefix, strlen(prefix)) != 0)
		return false;
	len = (size_t)(end - name);
	if (len >= CONN_NAME_MAX)
		return false;
	memcpy(buf, name, len);
	buf[len] = '\0';
	return true;
}

bool
conn_find_peer(const struct conf *c, const char *name, size_t *peer)
{
	char before[CONN_NAME_MAX];
	size_t i, len;
	int k;

	for (i = 0; i < c->n_peers; i++)
		for (k = 0; !c->peers[i].gone && k < CONN_KINDS; k++) {
			name_before(c, i, (enum conn_kind)k, before);
			len = strlen(before);
			/* What follows is an address, and no more of a
			 * name. */
			if (strncmp(name, before, len) == 0 &&
			    strchr(name + len, '-') == NULL) {
				*peer = i;
				return true;
			}
		}
	return false;
}

/* As clients choose the type of the identity by what is in the name: address,
 * key id, domain name, user at domain name (ipsec.secrets(5)). */
static const char *
typed_id(const char *id, char buf[CONN_ID_MAX])
{
	struct in_addr a;

	if (inet_pton(AF_INET, id, &a) == 1)
		snprintf(buf, CONN_ID_MAX, "%s", id);
	else if (strchr(id, '.') == NULL)
		snprintf(buf, CONN_ID_MAX, "@[%s]", id);
	else if (strchr(id, '@') == NULL)
		snprintf(buf, CONN_ID_MAX, "@%s", id);
	else
		snprintf(buf, CONN_ID_MAX, "%s", id);
	return buf;
}

/* Who we are for a client that dials local: the address that it has typed. */
static const char *
our_id(
    const struct conf *c, const struct lns_addr *local, char buf[LNS_ADDR_TEXT])
{
	struct lns_addr id = *local;
	size_t i;

	for (i = 0; i < c->n_uplinks; i++)
		if (local->family == 4 && c->uplinks[i].has_public_address &&
		    memcmp(local->ip, &c->uplinks[i].address, 4) == 0)
			memcpy(id.ip, &c->uplinks[i].public_address, 4);
	return lns_addr_text(&id, buf);
}

static void
write_authentication(FILE *f, const struct conf_peer *p, enum conn_kind kind)
{
	char id[CONN_ID_MAX];

	if (kind != CONN_CERTIFICATE) {
		fprintf(f, "\tauthby=secret\n");
		if (kind == CONN_AGGRESSIVE)
			fprintf(f, "\taggressive=yes\n\trightid=\"%s\"\n",
			    typed_id(p->group_id, id));
		else if (p->identity != NULL)
			fprintf(
			    f, "\trightid=\"%s\"\n", typed_id(p->identity, id));
		return;
	}
	fprintf(f, "\tauthby=rsasig\n");
	fprintf(f, "\tleftcert=" CONN_NICKNAME "\n", p->certificate_number);
	fprintf(f, "\tleftid=%%fromcert\n");
	fprintf(f, "\tleftsendcert=always\n");
	/* Whoever has a certificate of the authority that issued ours. */
	fprintf(f, "\trightca=%%same\n");
	fprintf(f, "\trightid=%%fromcert\n");
}

/* When we begin, of the shorter lifetime; libreswan's own nine minutes may be
 * longer than that. */
#define REKEY_MARGIN_MAX_S 540u
#define REKEY_MARGIN_PART 3

static void
write_lifetimes(FILE *f, const struct conf *c)
{
	unsigned int ike = c->ipsec.ike_lifetime_s, sa = c->ipsec.sa_lifetime_s;
	unsigned int margin = (ike < sa ? ike : sa) / REKEY_MARGIN_PART;

	if (margin > REKEY_MARGIN_MAX_S)
		margin = REKEY_MARGIN_MAX_S;
	/* By default it is left to the client, which we may be unable to reach
	 * behind its NAT. */
	fprintf(f, "\trekey=%s\n", c->ipsec.rekey ? "yes" : "no");
	fprintf(f, "\trekeymargin=%us\n", margin);
	fprintf(f, "\tikelifetime=%us\n", ike);
	fprintf(f, "\tsalifetime=%us\n", sa);
}

static void
write_conn(FILE *f, const struct conf *c, size_t peer, enum conn_kind kind,
    const struct lns_addr *local, const struct algs *algs)
{
	const struct conf_peer *p = &c->peers[peer];
	char name[CONN_NAME_MAX], left[LNS_ADDR_TEXT], id[LNS_ADDR_TEXT];
	char right[LNS_ADDR_TEXT];

	(void)lns_addr_text(local, left);
	if (p->any)
		snprintf(right, sizeof(right), "%%any");
	else
		lns_addr_text(&p->address, right);
	fprintf(f, "\nconn %s\n", conn_name(c, peer, kind, local, name));
	/* What "%%any" means. */
	fprintf(f, "\thostaddrfamily=ipv%d\n", local->family);
	fprintf(f, "\tleft=%s\n", left);
	if (kind != CONN_CERTIFICATE)
		fprintf(f, "\tleftid=%s\n", our_id(c, local, id));
	fprintf(f, "\tleftprotoport=17/1701\n");
	/* The policies are in the kernel already: no script has to run. */
	fprintf(f, "\tleftupdown=%%disabled\n");
	fprintf(f, "\tright=%s\n", right);
	/* A NAT, and most phones, choose another source port. */
	fprintf(f, "\trightprotoport=17/%%any\n");
	write_authentication(f, p, kind);
	fprintf(f, "\ttype=transport\n");
	fprintf(f, "\tikev2=never\n");
	fprintf(f, "\tpfs=no\n");
	write_lifetimes(f, c);
	/* Clients behind one NAT have the same addresses and ports: with a
	 * mark of its own each has a policy that does not replace another's,
	 * and that matches nothing.  Our sockets have the policies. */
	fprintf(f, "\tmark=-1\n");
	fprintf(f, "\tencapsulation=auto\n");
	fprintf(f, "\tfragmentation=yes\n");
	fprintf(f, "\tdpddelay=%u\n", c->ipsec.dpd_delay_s);
	fprintf(f, "\tdpdtimeout=%u\n", c->ipsec.dpd_timeout_s);
	fprintf(f, "\tdpdaction=clear\n");
	/* RFC 4868; who sends less is kept away from it, see algs.c. */
	fprintf(f, "\tsha2-truncbug=no\n");
	algs_write(f, algs, c->ipsec.proposals, kind == CONN_AGGRESSIVE);
	/* Loaded by name, so that it is known whether it was taken. */
	fprintf(f, "\tauto=ignore\n");
}

/* As it is in ipsec.conf, to be freed; NULL: out of memory. */
static char *
conn_text(const struct conf *c, size_t peer, enum conn_kind kind,
    const struct lns_addr *local, const struct algs *algs)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	write_conn(f, c, peer, kind, local, algs);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

static bool
is_there(const struct conf *c, size_t peer, enum conn_kind kind,
    const struct lns_addr *local)
{
	return peer < c->n_peers && conn_exists(c, peer, kind, local);
}

enum conn_change
conn_compare(const struct conf *before, const struct conf *next, size_t peer,
    enum conn_kind kind, const struct lns_addr *local, const struct algs *algs)
{
	const bool was = is_there(before, peer, kind, local);
	const bool is = is_there(next, peer, kind, local);
	enum conn_change change = CONN_UNKNOWN;
	char *a, *b;

	if (!was || !is)
		return was ? CONN_GONE : is ? CONN_ADDED : CONN_SAME;
	a = conn_text(before, peer, kind, local, algs);
	b = conn_text(next, peer, kind, local, algs);
	if (a != NULL && b != NULL)
		change = strcmp(a, b) == 0 ? CONN_SAME : CONN_CHANGED;
	free(a);
	free(b);
	return change;
}

/* For a pluto of our own. */
static void
write_setup(FILE *f, const struct conf *c)
{
	fprintf(f, "config setup\n");
	fprintf(f, "\tikev1-policy=accept\n");
	/* Households behind different NATs use the same inside addresses. */
	fprintf(f, "\tuniqueids=no\n");
	fprintf(f, "\tdnssec-enable=no\n");
	if (c->ipsec.log_level == CONF_LOG_DEBUG)
		fprintf(f, "\tplutodebug=base\n");
}

void
conn_write_config(FILE *f, const struct conf *c, const struct lns_addr *locals,
    size_t n_locals, const struct algs *algs)
{
	enum conn_kind kind;
	size_t i, j;
	int k;

	fprintf(f, "# Written by lnsd from its own configuration.\n");
	if (c->ipsec.mode != CONF_IPSEC_SYSTEM)
		write_setup(f, c);
	for (i = 0; i < c->n_peers; i++)
		for (k = 0; k < CONN_KINDS; k++)
			for (j = 0; j < n_locals; j++) {
				kind = (enum conn_kind)k;
				if (conn_exists(c, i, kind, &locals[j]))
					write_conn(
					    f, c, i, kind, &locals[j], algs);
			}
}

static void
write_psk(FILE *f, const char *left, const char *right, const char *psk)
{
	fprintf(f, "%s %s : PSK 0x", left, right);
	for (; *psk != '\0'; psk++)
		fprintf(f, "%02x", (unsigned int)(unsigned char)*psk);
	fputc('\n', f);
}

static void
write_secret(FILE *f, const struct conf *c, const struct conf_peer *p,
    const struct lns_addr *local)
{
	char ours[LNS_ADDR_TEXT], right[LNS_ADDR_TEXT], id[CONN_ID_MAX];

	(void)our_id(c, local, ours);

	if (p->any)
		snprintf(right, sizeof(right), "%s",
		    local->family == 6 ? "%any6" : "%any");
	else
		lns_addr_text(&p->address, right);
	write_psk(f, ours, right, p->psk);
	/* A line of its own: pluto does not look at one where our identity,
	 * the peer's and %any stand together. */
	if (p->aggressive)
		write_psk(f, ours, typed_id(p->group_id, id), p->psk);
	if (p->identity != NULL)
		write_psk(f, ours, typed_id(p->identity, id), p->psk);
}

void
conn_write_secrets(FILE *f, const struct conf *c, const struct lns_addr *locals,
    size_t n_locals)
{
	size_t i, j;

	fprintf(f, "# Written by lnsd from its own configuration.\n");
	for (i = 0; i < c->n_peers; i++)
		for (j = 0; j < n_locals; j++)
			if (conn_exists(c, i, CONN_PSK, &locals[j]))
				write_secret(f, c, &c->peers[i], &locals[j]);
}
