/* SPDX-License-Identifier: ISC */
#ifndef CONF_FILE_H
#define CONF_FILE_H

/* Configuration files for the tests of conf_load(), in a directory that lives
 * as long as one test. */

#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler.h"
#include "conf.h"

/* Its lines are counted by the tests: what they add begins on line 4. */
#define PPP                                                              \
	"ppp \"p\" { local-address = \"10.0.0.1\" pool = { \"10.0.0.10-" \
	"10.0.0.20\" } }\n"
#define USER "user \"u\" { password = \"pw\" }\n"
#define PEER "peer \"a\" { address = any psk = \"sesame\" }\n"
#define BASE PPP USER PEER

static char dir[] = "/tmp/check_conf.XXXXXX";
static char conf_path[PATH_MAX];
static char *errors; /* of the last load, without the path */

static inline void
put(const char *name, const char *text, size_t len, mode_t mode)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)unlink(path);
	ck_assert_ptr_nonnull(f = fopen(path, "w"));
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* Removes the path in front of every line of errors. */
static inline void
strip_path(void)
{
	size_t n = strlen(conf_path);
	char *from = errors, *to = errors, *end;

	while (*from != '\0') {
		ck_assert_int_eq(strncmp(from, conf_path, n), 0);
		from += n;
		end = strchr(from, '\n');
		ck_assert_ptr_nonnull(end);
		memmove(to, from, (size_t)(end - from) + 1);
		to += end - from + 1;
		from = end + 1;
	}
	*to = '\0';
}

static inline struct conf *
load_len(const char *text, size_t len, mode_t mode)
{
	struct conf *conf;
	size_t n;
	FILE *f;

	put("lnsd.conf", text, len, mode);
	free(errors);
	ck_assert_ptr_nonnull(f = open_memstream(&errors, &n));
	conf = conf_load(conf_path, f);
	fclose(f);
	ck_assert_int_eq(conf == NULL, errors[0] != '\0');
	strip_path();
	return conf;
}

static inline struct conf *
load(const char *text)
{
	return load_len(text, strlen(text), 0600);
}

/* The text is wrong, and this is all that is said about it. */
static inline void
assert_refused(const char *text, const char *expected)
{
	ck_assert_ptr_null(load(text));
	ck_assert_str_eq(errors, expected);
}

static inline struct conf *
assert_loaded(const char *text)
{
	struct conf *conf = load(text);

	ck_assert_msg(conf != NULL, "%s", errors);
	return conf;
}

static inline void
setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(conf_path, sizeof(conf_path), "%s/lnsd.conf", dir);
}

static inline void
teardown(void)
{
	static const char *const names[] = { "lnsd.conf", "secret", "pipe" };
	char path[PATH_MAX];

	for (size_t i = 0; i < nitems(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	ck_assert_int_eq(rmdir(dir), 0);
	free(errors);
	errors = NULL;
}

#endif
