/* SPDX-License-Identifier: ISC */
/* Algorithms of IKE and ESP; contract in algs.h. */

#include "algs.h"

#include <string.h>

enum alg_kind {
	ALG_CIPHER,
	ALG_HASH,
	ALG_GROUP,
	ALG_ESP,
};

struct alg {
	enum alg_kind kind;
	enum conf_proposals from, to; /* the first and the last with it */
	bool rare;		      /* Debian leaves it out */
	const char *name;	      /* as in ipsec.conf(5) */
	const char *words;	      /* for people; NULL: the name */
	const char *who;	      /* cannot connect without it */
};

#define ALL CONF_PROPOSALS_MODERN, CONF_PROPOSALS_LEGACY
#define NOT_MODERN CONF_PROPOSALS_COMPATIBLE, CONF_PROPOSALS_LEGACY
#define ONLY_LEGACY CONF_PROPOSALS_LEGACY, CONF_PROPOSALS_LEGACY
#define NOT_LEGACY CONF_PROPOSALS_MODERN, CONF_PROPOSALS_COMPATIBLE
#define SOME "clients that know nothing better"

/*
 * SHA-1 is an HMAC here and stays in "modern": Windows offers nothing else by
 * default.  IKEv1 has no AEAD in phase 1.
 *
 * Without ESP with SHA2-256 in "legacy": Android up to 11 truncates it to 96
 * bits instead of the 128 of RFC 4868, and from 6 to 7.1.1 offers it first, so
 * that IKE succeeds and every packet is dropped.  Each client that offers it
 * offers SHA-1 as well.
 */
/* clang-format off */
static const struct alg algs[] = {
	{ ALG_CIPHER, ALL, false, "aes256", NULL, SOME },
	{ ALG_CIPHER, ALL, false, "aes128", NULL, SOME },
	{ ALG_CIPHER, NOT_MODERN, false, "3des", "3DES", SOME },
	{ ALG_HASH, ALL, false, "sha2_256", NULL, SOME },
	{ ALG_HASH, ALL, false, "sha2_512", NULL, SOME },
	{ ALG_HASH, ALL, false, "sha2_384", NULL, SOME },
	{ ALG_HASH, ALL, false, "sha1", NULL, SOME },
	{ ALG_HASH, ONLY_LEGACY, false, "md5", "MD5", SOME },
	{ ALG_GROUP, ALL, false, "dh20", NULL, SOME },
	{ ALG_GROUP, ALL, false, "dh19", NULL, SOME },
	{ ALG_GROUP, ALL, false, "dh14", NULL, SOME },
	{ ALG_GROUP, ALL, false, "dh15", NULL, SOME },
	{ ALG_GROUP, ALL, false, "dh16", NULL, SOME },
	{ ALG_GROUP, ALL, false, "dh21", NULL, SOME },
	{ ALG_GROUP, NOT_MODERN, false, "dh5", "DH group 5 (modp1536)", SOME },
	{ ALG_GROUP, ONLY_LEGACY, true, "dh2", "DH group 2 (modp1024)",
	    "Android, older iPhones and Macs" },
	{ ALG_ESP, ALL, false, "aes_gcm256", NULL, SOME },
	{ ALG_ESP, ALL, false, "aes_gcm128", NULL, SOME },
	{ ALG_ESP, NOT_LEGACY, false, "aes256-sha2_256", NULL, SOME },
	{ ALG_ESP, ALL, false, "aes256-sha2_512", NULL, SOME },
	{ ALG_ESP, ALL, false, "aes256-sha1", NULL, SOME },
	{ ALG_ESP, NOT_LEGACY, false, "aes128-sha2_256", NULL, SOME },
	{ ALG_ESP, ALL, false, "aes128-sha2_512", NULL, SOME },
	{ ALG_ESP, ALL, false, "aes128-sha1", NULL, SOME },
	{ ALG_ESP, NOT_MODERN, false, "3des-sha1", "3DES in ESP", SOME },
	{ ALG_ESP, ONLY_LEGACY, false, "aes256-md5", NULL, SOME },
	{ ALG_ESP, ONLY_LEGACY, false, "aes128-md5", NULL, SOME },
	{ ALG_ESP, ONLY_LEGACY, false, "3des-md5", NULL, SOME },
};
/* clang-format on */
_Static_assert(nitems(algs) == ALGS_N, "ALGS_N");

#define PROBE_MAX 40

/* A whole proposal that stands or falls with the algorithm. */
static void
probe(size_t i, char buf[PROBE_MAX])
{
	const char *name = algs[i].name;

	switch (algs[i].kind) {
	case ALG_CIPHER:
		snprintf(buf, PROBE_MAX, "ike=%s-sha1;dh14", name);
		break;
	case ALG_HASH:
		snprintf(buf, PROBE_MAX, "ike=aes128-%s;dh14", name);
		break;
	case ALG_GROUP:
		snprintf(buf, PROBE_MAX, "ike=aes128-sha1;%s", name);
		break;
	case ALG_ESP:
		snprintf(buf, PROBE_MAX, "esp=%s", name);
		break;
	}
}

void
algs_init(struct algs *a)
{
	size_t i;

	for (i = 0; i < ALGS_N; i++)
		a->has[i] = !algs[i].rare;
	a->answered = false;
	a->asked = ALGS_N;
}

char *const *
algs_argv(void)
{
	static char name[] = "algparse", version[] = "-ikev1";
	static char probes[ALGS_N][PROBE_MAX];
	static char *argv[ALGS_N + 3];
	size_t i;

	argv[0] = name;
	argv[1] = version;
	for (i = 0; i < ALGS_N; i++) {
		probe(i, probes[i]);
		argv[2 + i] = probes[i];
	}
	return argv;
}

/*
 *	algparse -v1 'ike=aes128-sha1;dh2'
 *		ERROR: IKE DH algorithm 'dh2' is not recognized
 */
void
algs_line(struct algs *a, const char *line)
{
	char text[PROBE_MAX], quoted[PROBE_MAX + 2];
	size_t i;

	if (strncmp(line, "algparse ", 9) == 0) {
		a->asked = ALGS_N;
		for (i = 0; i < ALGS_N; i++) {
			probe(i, text);
			snprintf(quoted, sizeof(quoted), "'%s'", text);
			if (strstr(line, quoted) != NULL)
				a->asked = i;
		}
	} else if (line[0] == '\t' && a->asked < ALGS_N) {
		a->has[a->asked] = strncmp(line, "\tERROR", 6) != 0;
		a->asked = ALGS_N;
		a->answered = true;
	}
}

/* The next one of the kind, from number i on; ALGS_N if there is none. */
static size_t
next(const struct algs *a, enum conf_proposals level, enum alg_kind kind,
    size_t i)
{
	while (i < ALGS_N && (algs[i].kind != kind || !a->has[i] ||
				 level < algs[i].from || level > algs[i].to))
		i++;
	return i;
}

/* Android knows no group but 2; the others begin with 14. */
static bool
is_the_one(const struct algs *a, enum conf_proposals level, size_t k)
{
	size_t last = ALGS_N, i;

	for (i = next(a, level, ALG_GROUP, 0); i < ALGS_N;
	     i = next(a, level, ALG_GROUP, i + 1))
		if (algs[i].rare || strcmp(algs[i].name, "dh14") == 0)
			last = i;
	return k == last;
}

static void
write_ike(FILE *f, const struct algs *a, enum conf_proposals level, size_t i,
    bool one_group, const char *sep)
{
	size_t j, k;

	for (j = next(a, level, ALG_HASH, 0); j < ALGS_N;
	     j = next(a, level, ALG_HASH, j + 1))
		for (k = next(a, level, ALG_GROUP, 0); k < ALGS_N;
		     k = next(a, level, ALG_GROUP, k + 1)) {
			if (one_group && !is_the_one(a, level, k))
				continue;
			fprintf(f, "%s%s-%s;%s", sep, algs[i].name,
			    algs[j].name, algs[k].name);
			sep = ",";
		}
}

void
algs_write(
    FILE *f, const struct algs *a, enum conf_proposals level, bool one_group)
{
	const char *sep = "\tike=";
	size_t i;

	for (i = next(a, level, ALG_CIPHER, 0); i < ALGS_N;
	     i = next(a, level, ALG_CIPHER, i + 1)) {
		write_ike(f, a, level, i, one_group, sep);
		sep = ",";
	}
	sep = "\n\tesp=";
	for (i = next(a, level, ALG_ESP, 0); i < ALGS_N;
	     i = next(a, level, ALG_ESP, i + 1)) {
		fprintf(f, "%s%s", sep, algs[i].name);
		sep = ",";
	}
	fputc('\n', f);
}

/* Adds all of the kind; before: what comes before the first. */
static void
append_kind(char *buf, size_t size, const struct algs *a,
    enum conf_proposals level, enum alg_kind kind, const char *before,
    const char *between)
{
	const char *sep = before;
	size_t i, len;

	for (i = next(a, level, kind, 0); i < ALGS_N;
	     i = next(a, level, kind, i + 1)) {
		len = strlen(buf);
		snprintf(buf + len, size - len, "%s%s", sep, algs[i].name);
		sep = between;
	}
}

const char *
algs_accepts_ike(
    const struct algs *a, enum conf_proposals level, char *buf, size_t size)
{
	buf[0] = '\0';
	append_kind(buf, size, a, level, ALG_CIPHER, "", "/");
	append_kind(buf, size, a, level, ALG_HASH, " with ", "/");
	append_kind(buf, size, a, level, ALG_GROUP, " and ", "/");
	return buf;
}

const char *
algs_accepts_esp(
    const struct algs *a, enum conf_proposals level, char *buf, size_t size)
{
	buf[0] = '\0';
	append_kind(buf, size, a, level, ALG_ESP, "", ",");
	return buf;
}

static const char *
level_name(enum conf_proposals level)
{
	switch (level) {
	case CONF_PROPOSALS_MODERN:
		return "modern";
	case CONF_PROPOSALS_COMPATIBLE:
		return "compatible";
	case CONF_PROPOSALS_LEGACY:
		break;
	}
	return "legacy";
}

static void
append(char *buf, size_t size, const char *sep, const char *text)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s%s", len > 0 ? sep : "", text);
}

bool
algs_missing(
    const struct algs *a, enum conf_proposals level, char buf[ALGS_TEXT])
{
	char what[ALGS_TEXT / 2] = "", who[ALGS_TEXT / 4] = "";
	size_t i;

	for (i = 0; i < ALGS_N; i++) {
		const struct alg *alg = &algs[i];

		if (a->has[i] || level < alg->from || level > alg->to)
			continue;
		append(what, sizeof(what), ", no ",
		    alg->words != NULL ? alg->words : alg->name);
		if (strstr(who, alg->who) == NULL)
			append(who, sizeof(who), ", ", alg->who);
	}
	if (what[0] == '\0')
		return false;
	snprintf(buf, ALGS_TEXT,
	    "this libreswan has no %s: %s cannot connect with proposals = %s",
	    what, who, level_name(level));
	return true;
}
