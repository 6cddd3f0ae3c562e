/* SPDX-License-Identifier: ISC */
/* pluto's files; contract in pluto_files.h. */

#include "pluto_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conn.h"
#include "log.h"

void
pluto_files_init(struct pluto_files *f, const struct conf *c)
{
	const char *run = c->run_dir, *state = c->state_dir;

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
    const struct in_addr *locals, size_t n_locals, const struct algs *algs)
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
	(void)unlink(f->ctl);
	(void)unlink(f->pid);
	(void)rmdir(f->policies);
	(void)rmdir(f->dir);
}
