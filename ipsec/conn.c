/* SPDX-License-Identifier: ISC */
/* libreswan's configuration from ours; contract in conn.h. */

#include "conn.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* What libreswan takes in a connection's name without a second thought. */
static bool
plain_name(const char *s)
{
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && *s != '-' && *s != '_')
			return false;
	return true;
}

const char *
conn_name(const struct conf *c, size_t peer, struct in_addr local,
    char buf[CONN_NAME_MAX])
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &local, ip, sizeof(ip));
	/* '+' stands in no plain name, so the two forms never meet. */
	if (plain_name(c->peers[peer].name))
		snprintf(buf, CONN_NAME_MAX, "%s-%s", c->peers[peer].name, ip);
	else
		snprintf(buf, CONN_NAME_MAX, "peer+%zu-%s", peer, ip);
	return buf;
}

static void
write_conn(FILE *f, const struct conf *c, size_t peer, struct in_addr local,
    const struct algs *algs)
{
	const struct conf_peer *p = &c->peers[peer];
	char name[CONN_NAME_MAX], left[INET_ADDRSTRLEN], right[LNS_ADDR_TEXT];

	inet_ntop(AF_INET, &local, left, sizeof(left));
	if (p->any)
		snprintf(right, sizeof(right), "%%any");
	else
		lns_addr_text(&p->address, right);
	fprintf(f, "\nconn %s\n", conn_name(c, peer, local, name));
	fprintf(f, "\tleft=%s\n", left);
	fprintf(f, "\tleftprotoport=17/1701\n");
	/* The policies are in the kernel already: no script has to run. */
	fprintf(f, "\tleftupdown=%%disabled\n");
	fprintf(f, "\tright=%s\n", right);
	/* A NAT, and most phones, choose another source port. */
	fprintf(f, "\trightprotoport=17/%%any\n");
	fprintf(f, "\tauthby=secret\n");
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
	algs_write(f, algs, c->ipsec.proposals);
	/* Loaded by name, so that it is known whether it was taken. */
	fprintf(f, "\tauto=ignore\n");
}

void
conn_write_config(FILE *f, const struct conf *c, const struct in_addr *locals,
    size_t n_locals, const struct algs *algs)
{
	size_t i, j;

	fprintf(f, "# Written by lnsd from its own configuration.\n");
	fprintf(f, "config setup\n");
	fprintf(f, "\tikev1-policy=accept\n");
	/* Households behind different NATs use the same inside addresses. */
	fprintf(f, "\tuniqueids=no\n");
	fprintf(f, "\tdnssec-enable=no\n");
	for (i = 0; i < c->n_peers; i++)
		for (j = 0; j < n_locals; j++)
			write_conn(f, c, i, locals[j], algs);
}

static void
write_secret(FILE *f, const struct conf_peer *p, struct in_addr local)
{
	char left[INET_ADDRSTRLEN], right[LNS_ADDR_TEXT];
	const char *s;

	inet_ntop(AF_INET, &local, left, sizeof(left));
	if (p->any)
		snprintf(right, sizeof(right), "%%any");
	else
		lns_addr_text(&p->address, right);
	fprintf(f, "%s %s : PSK 0x", left, right);
	for (s = p->psk; *s != '\0'; s++)
		fprintf(f, "%02x", (unsigned int)(unsigned char)*s);
	fputc('\n', f);
}

void
conn_write_secrets(FILE *f, const struct conf *c, const struct in_addr *locals,
    size_t n_locals)
{
	size_t i, j;

	fprintf(f, "# Written by lnsd from its own configuration.\n");
	for (i = 0; i < c->n_peers; i++)
		for (j = 0; j < n_locals; j++)
			write_secret(f, &c->peers[i], locals[j]);
}
