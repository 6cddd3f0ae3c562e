/* SPDX-License-Identifier: ISC */
/* The key database; contract in keys.h. */

#include "keys.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cert.h"
#include "conn.h"
#include "log.h"

void
keys_init(struct keys *k, const struct conf *c, const struct pluto_files *files)
{
	*k = (struct keys){ .conf = c, .files = files };
	snprintf(k->db, sizeof(k->db), "sql:%s", files->nss);
	snprintf(k->p12, sizeof(k->p12), "%s/import.p12", files->dir);
	snprintf(
	    k->password, sizeof(k->password), "%s/import.pass", files->dir);
	snprintf(k->pem, sizeof(k->pem), "%s/import.pem", files->dir);
	/* Nothing to import: the database of an earlier run will do. */
	if (c->n_certificates == 0 && pluto_files_have_keys(files))
		k->step = 1;
}

void
keys_clean(const struct keys *k)
{
	(void)unlink(k->p12);
	(void)unlink(k->password);
	(void)unlink(k->pem);
}

static void
remove_database(const struct keys *k)
{
	static const char *const names[] = { "cert9.db", "key4.db",
		"pkcs11.txt" };
	char path[PLUTO_PATH_MAX + 16];
	size_t i;

	for (i = 0; i < nitems(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", k->files->nss, names[i]);
		(void)unlink(path);
	}
}

void
keys_remove(const struct keys *k)
{
	keys_clean(k);
	if (k->conf->n_certificates > 0)
		remove_database(k);
}

static void
say(void *arg, const char *line)
{
	(void)arg;
	log_info("ipsec", "%s", line);
}

static struct proc *
start(struct keys *k, const char *bin, char *const *argv, proc_exit_fn ended,
    void *arg)
{
	struct proc_spec spec = { .path = bin,
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.on_line = say,
		.on_exit = ended,
		.arg = arg };
	struct proc *p = proc_start(&spec);

	k->step++;
	if (p == NULL)
		log_warn("ipsec", "cannot start %s", bin);
	return p;
}

static struct proc *
make_database(struct keys *k, proc_exit_fn ended, void *arg)
{
	char *const argv[] = { (char[]){ "certutil" }, (char[]){ "-N" },
		(char[]){ "-d" }, k->db, (char[]){ "--empty-password" }, NULL };

	return start(k, CERTUTIL_BIN, argv, ended, arg);
}

static int
write_private(const char *path, const void *data, size_t len)
{
	FILE *f = pluto_files_open_private(path);
	bool bad = f == NULL || fwrite(data, 1, len, f) != len;

	if (f != NULL && fclose(f) != 0)
		bad = true;
	if (bad)
		log_warn("ipsec", "cannot write %s", path);
	return bad ? -1 : 0;
}

/* Protects the file on its way of a moment; nobody has to remember it. */
static int
write_password(const struct keys *k, char password[33])
{
	uint8_t random[16];
	size_t i;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
		log_warn("ipsec", "getrandom");
		return -1;
	}
	for (i = 0; i < sizeof(random); i++)
		snprintf(password + 2 * i, 3, "%02x", random[i]);
	return write_private(k->password, password, 32);
}

static int
write_key(struct keys *k, const struct conf_peer *p)
{
	char password[33];
	uint8_t *der = NULL;
	size_t len = 0;
	int rc = -1;

	if (write_password(k, password) == 0) {
		der = cert_pkcs12(
		    p->certificate, p->private_key, k->name, password, &len);
		if (der == NULL)
			log_warnx("ipsec", "a certificate cannot be packed");
		else
			rc = write_private(k->p12, der, len);
	}
	if (der != NULL)
		explicit_bzero(der, len);
	free(der);
	explicit_bzero(password, sizeof(password));
	return rc;
}

static const struct conf_peer *
peer_of(const struct conf *c, size_t certificate)
{
	size_t i = 0;

	while (c->peers[i].certificate == NULL ||
	       c->peers[i].certificate_number != certificate)
		i++;
	return &c->peers[i];
}

static struct proc *
import_key(
    struct keys *k, const struct conf_peer *p, proc_exit_fn ended, void *arg)
{
	char *const argv[] = { (char[]){ "pk12util" }, (char[]){ "-d" }, k->db,
		(char[]){ "-i" }, k->p12, (char[]){ "-w" }, k->password, NULL };

	snprintf(
	    k->name, sizeof(k->name), CONN_NICKNAME, p->certificate_number);
	if (write_key(k, p) == -1)
		return NULL;
	return start(k, PK12UTIL_BIN, argv, ended, arg);
}

/* Clients have to be of this authority. */
static struct proc *
import_authority(
    struct keys *k, const struct conf_peer *p, proc_exit_fn ended, void *arg)
{
	char *const argv[] = { (char[]){ "certutil" }, (char[]){ "-A" },
		(char[]){ "-d" }, k->db, (char[]){ "-n" }, k->name,
		(char[]){ "-t" }, (char[]){ "CT,," }, (char[]){ "-a" },
		(char[]){ "-i" }, k->pem, NULL };

	snprintf(k->name, sizeof(k->name), "ca-%zu", p->certificate_number);
	if (write_private(k->pem, p->ca, strlen(p->ca)) == -1)
		return NULL;
	return start(k, CERTUTIL_BIN, argv, ended, arg);
}

bool
keys_done(const struct keys *k)
{
	return k->step > 2 * k->conf->n_certificates;
}

struct proc *
keys_next(struct keys *k, proc_exit_fn ended, void *arg)
{
	const struct conf_peer *p;

	if (k->step == 0) {
		if (k->conf->n_certificates > 0)
			remove_database(k);
		return make_database(k, ended, arg);
	}
	p = peer_of(k->conf, (k->step - 1) / 2);
	return k->step % 2 == 1 ? import_authority(k, p, ended, arg)
				: import_key(k, p, ended, arg);
}
