/* SPDX-License-Identifier: ISC */
/* libreswan's configuration from ours; contract in conn.h. */

#include "conn.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* A group-id and what marks its type. */
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

bool
conn_exists(const struct conf_peer *p, enum conn_kind kind)
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

size_t
conn_count(const struct conf *c)
{
	size_t i, n = 0;
	int k;

	for (i = 0; i < c->n_peers; i++)
		for (k = 0; k < CONN_KINDS; k++)
			n += conn_exists(&c->peers[i], (enum conn_kind)k);
	return n;
}

const char *
conn_name(const struct conf *c, size_t peer, enum conn_kind kind,
    struct in_addr local, char buf[CONN_NAME_MAX])
{
	static const char *const suffixes[] = { [CONN_PSK] = "",
		[CONN_CERTIFICATE] = "+cert",
		[CONN_AGGRESSIVE] = "+group" };
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &local, ip, sizeof(ip));
	/* '+' stands in no plain name, so the forms never meet. */
	if (plain_name(c->peers[peer].name))
		snprintf(buf, CONN_NAME_MAX, "%s%s-%s", c->peers[peer].name,
		    suffixes[kind], ip);
	else
		snprintf(buf, CONN_NAME_MAX, "peer+%zu%s-%s", peer,
		    suffixes[kind], ip);
	return buf;
}

/* As clients choose the type of the identity by what is in the name: key id,
 * domain name, user at domain name (ipsec.secrets(5)). */
static const char *
group_id(const struct conf_peer *p, char buf[CONN_ID_MAX])
{
	const char *id = p->group_id;

	if (strchr(id, '.') == NULL)
		snprintf(buf, CONN_ID_MAX, "@[%s]", id);
	else if (strchr(id, '@') == NULL)
		snprintf(buf, CONN_ID_MAX, "@%s", id);
	else
		snprintf(buf, CONN_ID_MAX, "%s", id);
	return buf;
}

static void
write_authentication(FILE *f, const struct conf_peer *p, enum conn_kind kind)
{
	char id[CONN_ID_MAX];

	if (kind != CONN_CERTIFICATE) {
		fprintf(f, "\tauthby=secret\n");
		if (kind == CONN_AGGRESSIVE)
			fprintf(f, "\taggressive=yes\n\trightid=\"%s\"\n",
			    group_id(p, id));
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

static void
write_conn(FILE *f, const struct conf *c, size_t peer, enum conn_kind kind,
    struct in_addr local, const struct algs *algs)
{
	const struct conf_peer *p = &c->peers[peer];
	char name[CONN_NAME_MAX], left[INET_ADDRSTRLEN], right[LNS_ADDR_TEXT];

	inet_ntop(AF_INET, &local, left, sizeof(left));
	if (p->any)
		snprintf(right, sizeof(right), "%%any");
	else
		lns_addr_text(&p->address, right);
	fprintf(f, "\nconn %s\n", conn_name(c, peer, kind, local, name));
	fprintf(f, "\tleft=%s\n", left);
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
	/* The client rekeys; behind a NAT we could not reach it anyway. */
	fprintf(f, "\trekey=no\n");
	fprintf(f, "\tikelifetime=24h\n");
	fprintf(f, "\tsalifetime=24h\n");
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

void
conn_write_config(FILE *f, const struct conf *c, const struct in_addr *locals,
    size_t n_locals, const struct algs *algs)
{
	size_t i, j;
	int k;

	fprintf(f, "# Written by lnsd from its own configuration.\n");
	fprintf(f, "config setup\n");
	fprintf(f, "\tikev1-policy=accept\n");
	/* Households behind different NATs use the same inside addresses. */
	fprintf(f, "\tuniqueids=no\n");
	fprintf(f, "\tdnssec-enable=no\n");
	for (i = 0; i < c->n_peers; i++)
		for (k = 0; k < CONN_KINDS; k++)
			for (j = 0;
			     conn_exists(&c->peers[i], (enum conn_kind)k) &&
			     j < n_locals;
			     j++)
				write_conn(f, c, i, (enum conn_kind)k,
				    locals[j], algs);
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
write_secret(FILE *f, const struct conf_peer *p, struct in_addr local)
{
	char left[INET_ADDRSTRLEN], right[LNS_ADDR_TEXT], id[CONN_ID_MAX];

	inet_ntop(AF_INET, &local, left, sizeof(left));
	if (p->any)
		snprintf(right, sizeof(right), "%%any");
	else
		lns_addr_text(&p->address, right);
	write_psk(f, left, right, p->psk);
	/* A line of its own: pluto does not look at one where our identity,
	 * the peer's and %any stand together. */
	if (p->aggressive)
		write_psk(f, left, group_id(p, id), p->psk);
}

void
conn_write_secrets(FILE *f, const struct conf *c, const struct in_addr *locals,
    size_t n_locals)
{
	size_t i, j;

	fprintf(f, "# Written by lnsd from its own configuration.\n");
	for (i = 0; i < c->n_peers; i++)
		for (j = 0; c->peers[i].psk != NULL && j < n_locals; j++)
			write_secret(f, &c->peers[i], locals[j]);
}
