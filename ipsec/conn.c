/* SPDX-License-Identifier: ISC */
/* libreswan's configuration from ours; contract in conn.h. */

#include "conn.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/*
 * What is accepted as a responder; lnsd.conf(5) tells it in words.  SHA-1 in
 * IKE and ESP is an HMAC and stays in "modern": Windows offers nothing else
 * by default.  IKEv1 has no AEAD in phase 1.
 */
struct proposals {
	const char *const *ciphers, *const *hashes, *const *groups;
	const char *esp;
};

static const char *const aes[] = { "aes256", "aes128", NULL };
static const char *const aes_3des[] = { "aes256", "aes128", "3des", NULL };
static const char *const sha[] = { "sha2_256", "sha2_512", "sha2_384", "sha1",
	NULL };
static const char *const sha_md5[] = { "sha2_256", "sha2_512", "sha2_384",
	"sha1", "md5", NULL };
static const char *const groups_modern[] = { "dh20", "dh19", "dh14", "dh15",
	"dh16", "dh21", NULL };
static const char *const groups_compatible[] = { "dh20", "dh19", "dh14", "dh15",
	"dh16", "dh21", "dh5", NULL };

#define ESP_MODERN                                                           \
	"aes_gcm256,aes_gcm128,aes256-sha2_256,aes256-sha2_512,aes256-sha1," \
	"aes128-sha2_256,aes128-sha2_512,aes128-sha1"

static const struct proposals proposals[] = {
	[CONF_PROPOSALS_MODERN] = { aes, sha, groups_modern, ESP_MODERN },
	[CONF_PROPOSALS_COMPATIBLE] = { aes_3des, sha, groups_compatible,
	    ESP_MODERN ",3des-sha1" },
	[CONF_PROPOSALS_LEGACY] = { aes_3des, sha_md5, groups_compatible,
	    ESP_MODERN ",3des-sha1,aes256-md5,aes128-md5,3des-md5" },
};

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
conn_exists(const struct conf *c, size_t peer, const struct lns_addr *local)
{
	const struct conf_peer *p = &c->peers[peer];

	return p->any || p->address.family == local->family;
}

static const char *
prefix_of(const struct conf *c)
{
	return c->ipsec.mode == CONF_IPSEC_SYSTEM ? CONN_PREFIX : "";
}

const char *
conn_name(const struct conf *c, size_t peer, const struct lns_addr *local,
    char buf[CONN_NAME_MAX])
{
	char ip[LNS_ADDR_TEXT];

	(void)lns_addr_text(local, ip);
	/* '+' stands in no plain name, so the two forms never meet. */
	if (plain_name(c->peers[peer].name))
		snprintf(buf, CONN_NAME_MAX, "%s%s-%s", prefix_of(c),
		    c->peers[peer].name, ip);
	else
		snprintf(buf, CONN_NAME_MAX, "%speer+%zu-%s", prefix_of(c),
		    peer, ip);
	return buf;
}

bool
conn_of_status(const struct conf *c, const char *line, char buf[CONN_NAME_MAX])
{
	static const char start[] = "000 \"", policy[] = "\":   policy: ";
	const char *prefix = prefix_of(c), *name, *end;
	size_t len;

	/* Of many lines that a connection has this is one; an instance of it,
	 * for a client, has its number behind the name. */
	if (strncmp(line, start, sizeof(start) - 1) != 0)
		return false;
	name = line + sizeof(start) - 1;
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
	char prefix[CONN_NAME_MAX];
	size_t i, len;

	for (i = 0; i < c->n_peers; i++) {
		if (plain_name(c->peers[i].name))
			snprintf(
			    prefix, sizeof(prefix), "%s-", c->peers[i].name);
		else
			snprintf(prefix, sizeof(prefix), "peer+%zu-", i);
		len = strlen(prefix);
		/* What follows is an address, and no more of a name. */
		if (strncmp(name, prefix, len) == 0 &&
		    strchr(name + len, '-') == NULL) {
			*peer = i;
			return true;
		}
	}
	return false;
}

static size_t
join(char *buf, size_t size, size_t at, const char *sep,
    const char *const *words)
{
	size_t i;
	int n;

	for (i = 0; words[i] != NULL && at < size; i++) {
		n = snprintf(
		    buf + at, size - at, "%s%s", i == 0 ? sep : "/", words[i]);
		at += n < 0 ? 0 : (size_t)n;
	}
	return at;
}

const char *
conn_accepts_ike(const struct conf *c, char *buf, size_t size)
{
	const struct proposals *p = &proposals[c->ipsec.proposals];
	size_t at;

	at = join(buf, size, 0, "", p->ciphers);
	at = join(buf, size, at, " with ", p->hashes);
	(void)join(buf, size, at, " and ", p->groups);
	return buf;
}

const char *
conn_accepts_esp(const struct conf *c)
{
	return proposals[c->ipsec.proposals].esp;
}

static void
write_ike(FILE *f, const struct proposals *p)
{
	const char *sep = "\tike=";
	size_t i, j, k;

	for (i = 0; p->ciphers[i] != NULL; i++)
		for (j = 0; p->hashes[j] != NULL; j++)
			for (k = 0; p->groups[k] != NULL; k++) {
				fprintf(f, "%s%s-%s;%s", sep, p->ciphers[i],
				    p->hashes[j], p->groups[k]);
				sep = ",";
			}
	fputc('\n', f);
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
write_conn(
    FILE *f, const struct conf *c, size_t peer, const struct lns_addr *local)
{
	const struct conf_peer *p = &c->peers[peer];
	char name[CONN_NAME_MAX], left[LNS_ADDR_TEXT], id[LNS_ADDR_TEXT];
	char right[LNS_ADDR_TEXT];

	(void)lns_addr_text(local, left);
	if (p->any)
		snprintf(right, sizeof(right), "%%any");
	else
		lns_addr_text(&p->address, right);
	fprintf(f, "\nconn %s\n", conn_name(c, peer, local, name));
	/* What "%%any" means. */
	fprintf(f, "\thostaddrfamily=ipv%d\n", local->family);
	fprintf(f, "\tleft=%s\n", left);
	fprintf(f, "\tleftid=%s\n", our_id(c, local, id));
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
	/* Clients behind one NAT have the same addresses and ports: with a
	 * mark of its own each has a policy that does not replace another's,
	 * and that matches nothing.  Our sockets have the policies. */
	fprintf(f, "\tmark=-1\n");
	fprintf(f, "\tencapsulation=auto\n");
	fprintf(f, "\tfragmentation=yes\n");
	fprintf(f, "\tdpddelay=%u\n", c->ipsec.dpd_delay_s);
	fprintf(f, "\tdpdtimeout=%u\n", c->ipsec.dpd_timeout_s);
	fprintf(f, "\tdpdaction=clear\n");
	write_ike(f, &proposals[c->ipsec.proposals]);
	fprintf(f, "\tesp=%s\n", proposals[c->ipsec.proposals].esp);
	/* Loaded by name, so that it is known whether it was taken. */
	fprintf(f, "\tauto=ignore\n");
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
    size_t n_locals)
{
	size_t i, j;

	fprintf(f, "# Written by lnsd from its own configuration.\n");
	if (c->ipsec.mode != CONF_IPSEC_SYSTEM)
		write_setup(f, c);
	for (i = 0; i < c->n_peers; i++)
		for (j = 0; j < n_locals; j++)
			if (conn_exists(c, i, &locals[j]))
				write_conn(f, c, i, &locals[j]);
}

static void
write_secret(FILE *f, const struct conf *c, const struct conf_peer *p,
    const struct lns_addr *local)
{
	char id[LNS_ADDR_TEXT], right[LNS_ADDR_TEXT];
	const char *s;

	if (p->any)
		snprintf(right, sizeof(right), "%s",
		    local->family == 6 ? "%any6" : "%any");
	else
		lns_addr_text(&p->address, right);
	fprintf(f, "%s %s : PSK 0x", our_id(c, local, id), right);
	for (s = p->psk; *s != '\0'; s++)
		fprintf(f, "%02x", (unsigned int)(unsigned char)*s);
	fputc('\n', f);
}

void
conn_write_secrets(FILE *f, const struct conf *c, const struct lns_addr *locals,
    size_t n_locals)
{
	size_t i, j;

	fprintf(f, "# Written by lnsd from its own configuration.\n");
	for (i = 0; i < c->n_peers; i++)
		for (j = 0; j < n_locals; j++)
			if (conn_exists(c, i, &locals[j]))
				write_secret(f, c, &c->peers[i], &locals[j]);
}
