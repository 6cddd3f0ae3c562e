/* SPDX-License-Identifier: ISC */
/* pluto's files; contract in pluto_files.h. */

#include "pluto_files.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conn.h"
#include "log.h"

void
pluto_files_init(struct pluto_files *f, const struct conf *c)
{
	const char *run = c->run_dir, *state = c->state_dir;

	f->system = c->ipsec.mode == CONF_IPSEC_SYSTEM;
	/* conf.c admits no directory that is too long for these. */
	snprintf(f->state, PLUTO_PATH_MAX, "%s", state);
	snprintf(f->nss, PLUTO_PATH_MAX, "%s/nss", state);
	snprintf(f->keys, PLUTO_PATH_MAX, "%s/nss/key4.db", state);
	snprintf(f->dir, PLUTO_PATH_MAX, "%s/ipsec", run);
	snprintf(f->policies, PLUTO_PATH_MAX, "%s/ipsec/policies", run);
	snprintf(f->conf, PLUTO_PATH_MAX, "%s/ipsec/ipsec.conf", run);
	snprintf(f->secrets, PLUTO_PATH_MAX, "%s/ipsec/ipsec.secrets", run);
	snprintf(f->ctl, PLUTO_PATH_MAX, "%s/ipsec/pluto.ctl", run);
	snprintf(f->pid, PLUTO_PATH_MAX, "%s/ipsec/pluto.pid", run);
	if (!f->system)
		return;
	snprintf(f->secrets, PLUTO_PATH_MAX, "%s", PLUTO_SYSTEM_OURS);
	snprintf(f->ctl, PLUTO_PATH_MAX, "%s", PLUTO_SYSTEM_CTL);
	snprintf(f->pid, PLUTO_PATH_MAX, "%s", PLUTO_SYSTEM_PID);
}

static int
make_dir(const char *name)
{
	if (mkdir(name, 0700) == 0 || errno == EEXIST)
		return 0;
	log_warn("ipsec", "cannot make %s", name);
	return -1;
}

int
pluto_files_make(const struct pluto_files *f)
{
	if (f->system)
		return make_dir(f->dir);
	if (make_dir(f->state) == -1 || make_dir(f->nss) == -1 ||
	    make_dir(f->dir) == -1 || make_dir(f->policies) == -1)
		return -1;
	return 0;
}

FILE *
pluto_files_open_private(const char *name)
{
	FILE *f;
	int fd;

	(void)unlink(name);
	fd = open(
	    name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	f = fd == -1 ? NULL : fdopen(fd, "w");
	if (f == NULL && fd != -1)
		close(fd);
	return f;
}

/* 0 if all of it was written. */
static int
close_private(FILE *f, const char *name)
{
	bool bad = f == NULL || ferror(f);

	if (f != NULL && fclose(f) != 0)
		bad = true;
	if (bad)
		log_warn("ipsec", "cannot write %s", name);
	return bad ? -1 : 0;
}

int
pluto_files_write(const struct pluto_files *f, const struct conf *c,
    const struct lns_addr *locals, size_t n_locals, const struct algs *algs)
{
	FILE *out = pluto_files_open_private(f->conf);

	if (out != NULL)
		conn_write_config(out, c, locals, n_locals, algs);
	if (close_private(out, f->conf) == -1)
		return -1;
	out = pluto_files_open_private(f->secrets);
	if (out != NULL)
		conn_write_secrets(out, c, locals, n_locals);
	return close_private(out, f->secrets);
}

bool
pluto_files_have_keys(const struct pluto_files *f)
{
	return access(f->keys, F_OK) == 0;
}

void
pluto_files_remove(const struct pluto_files *f)
{
	(void)unlink(f->conf);
	(void)unlink(f->secrets);
	if (!f->system) {
		(void)unlink(f->ctl);
		(void)unlink(f->pid);
		(void)rmdir(f->policies);
	}
	(void)rmdir(f->dir);
}

bool
pluto_files_includes(const char *text, const char *dir, const char *file)
{
	static const char word[] = "include";
	const char *line, *end;
	char pattern[256];
	size_t len;

	for (line = text; *line != '\0'; line = *end == '\0' ? end : end + 1) {
		end = line + strcspn(line, "\n");
		if (strncmp(line, word, sizeof(word) - 1) != 0)
			continue;
		line += sizeof(word) - 1;
		len = strspn(line, " \t");
		line += len;
		if (len == 0 || line >= end)
			continue;
		len = strcspn(line, " \t\n");
		/* One that is not absolute starts where the file lies. */
		snprintf(pattern, sizeof(pattern), "%s%s%.*s",
		    *line == '/' ? "" : dir, *line == '/' ? "" : "/", (int)len,
		    line);
		if (fnmatch(pattern, file, FNM_PATHNAME) == 0)
			return true;
	}
	return false;
}
