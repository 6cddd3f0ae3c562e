/* SPDX-License-Identifier: ISC */
/*
 * The kernel guard; contract in guard.h.  The rule set is loaded by nft(8):
 * libnftables may not live in one process with OpenSSL (licences), and this
 * happens twice in a daemon's life.
 */

#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"
#include "proc.h"

/* Declaring a table before deleting it makes the deletion always succeed. */
#define FORGET(family)                            \
	"table " family " " GUARD_TABLE " {\n}\n" \
	"delete table " family " " GUARD_TABLE "\n"
static const char guard_forget[] = FORGET("ip") FORGET("ip6");

/*
 * The rules, after the route and its transformation are known, before
 * connection tracking: untracked, a packet keeps its source address, and with
 * it the policy of its socket, whatever a firewall masquerades.  ICMP: a
 * decapsulated packet that meets no socket makes the kernel quote it in an
 * error, in clear text; bit 240 (IPv6: 400) is where the quoted destination
 * port begins.
 *
 * Every packet that leaves the machine passes them, ESP twice: each rule begins
 * with the comparison that ends it for nearly all of them and costs the least.
 */
#define RULES(family, icmp, type, port)                                    \
	"table " family " " GUARD_TABLE " {\n"                             \
	"	chain l2tp {\n"                                                  \
	"		rt ipsec missing counter drop "                                 \
	"comment \"" GUARD_CLEAR_OUT "\"\n"                                \
	"		notrack\n"                                                      \
	"	}\n"                                                             \
	"	chain output {\n"                                                \
	"		type filter hook output priority raw;\n"                        \
	"		@th,0,16 1701 meta l4proto udp goto l2tp\n"                     \
	"		" port " 1701 @th,0,8 " type " meta l4proto " icmp \
	" rt ipsec missing counter drop "                                  \
	"comment \"" GUARD_ICMP_OUT "\"\n"                                 \
	"	}\n"                                                             \
	"}\n"
static const char guard_rules[] = RULES("ip", "icmp", "3", "@th,240,16")
    RULES("ip6", "icmpv6", "1", "@th,400,16");

struct guard_job {
	guard_fn done;
	void *arg;
};

/*
 * A chain that changes the mark of a packet makes the kernel look up its route
 * again.  ESP passes the chain once as the datagram that it protects and once
 * as itself; the mark stays on it, so that only the first costs a look-up.
 */
static void
write_uplink(FILE *f, const struct conf_uplink *u)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &u->address, ip, sizeof(ip));
	fprintf(f,
	    "		ip saddr %s udp sport { 500, 1701, 4500 } "
	    "meta mark set %u\n",
	    ip, u->fwmark);
	fprintf(f, "		ip saddr %s ip protocol esp meta mark set %u\n",
	    ip, u->fwmark);
}

static bool
has_marks(const struct conf *c)
{
	size_t i;

	for (i = 0; i < c->n_uplinks; i++)
		if (c->uplinks[i].fwmark != 0)
			return true;
	return false;
}

void
guard_write(FILE *f, const struct conf *c)
{
	size_t i;

	fputs(guard_forget, f);
	fputs(guard_rules, f);
	if (!has_marks(c))
		return;
	fputs("table ip " GUARD_TABLE " {\n"
	      "	chain uplinks {\n"
	      "		type route hook output priority -150; policy accept;\n",
	    f);
	for (i = 0; i < c->n_uplinks; i++)
		if (c->uplinks[i].fwmark != 0)
			write_uplink(f, &c->uplinks[i]);
	/* What has another route now. */
	fputs("	}\n"
	      "	chain routed {\n"
	      "		type filter hook output priority 10;\n"
	      "		@th,0,16 1701 meta l4proto udp goto l2tp\n"
	      "	}\n}\n",
	    f);
}

static void
nft_line(void *arg, const char *line)
{
	(void)arg;
	log_warnx("guard", "nft: %s", line);
}

static void
nft_ended(void *arg, int status)
{
	struct guard_job j = *(struct guard_job *)arg;

	free(arg);
	if (status != 0)
		log_warnx("guard", "nft failed: %s", proc_status_text(status));
	j.done(status == 0, j.arg);
}

/* The text as a file to read from; -1 with errno. */
static int
text_fd(const char *text)
{
	size_t len = strlen(text);
	int fd, err;

	fd = memfd_create("nft", MFD_CLOEXEC);
	if (fd == -1)
		return -1;
	errno = EIO;
	if (write(fd, text, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int
run_nft(const char *text, guard_fn done, void *arg)
{
	char *const argv[] = { (char[]){ "nft" }, (char[]){ "-f" },
		(char[]){ "-" }, NULL };
	struct proc_spec spec = { .path = GUARD_NFT,
		.argv = argv,
		.out_fd = -1,
		.on_line = nft_line,
		.on_exit = nft_ended };
	struct guard_job *j;
	struct proc *p = NULL;
	int err;

	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return -1;
	j->done = done;
	j->arg = arg;
	spec.arg = j;
	spec.in_fd = text_fd(text);
	if (spec.in_fd != -1)
		p = proc_start(&spec);
	err = errno;
	if (spec.in_fd != -1)
		close(spec.in_fd);
	if (p == NULL)
		free(j);
	errno = err;
	return p == NULL ? -1 : 0;
}

int
guard_load(const struct conf *c, guard_fn done, void *arg)
{
	char *text = NULL;
	size_t len;
	FILE *f;
	int rc;

	f = open_memstream(&text, &len);
	if (f == NULL)
		return -1;
	guard_write(f, c);
	rc = fclose(f) == 0 ? run_nft(text, done, arg) : -1;
	free(text);
	return rc;
}

int
guard_unload(guard_fn done, void *arg)
{
	return run_nft(guard_forget, done, arg);
}
