/* SPDX-License-Identifier: ISC */
/* lnsctl profile; contract in profile.h. */

#include "profile.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "sockaddr.h"

/* --- this machine --- */

/* Connecting a UDP socket sends nothing. */
static bool
sends_from(const char *ip, uint8_t family, struct lns_addr *out)
{
	struct lns_addr far = { .family = family, .port = 500 };
	union sockaddr_any sa = { 0 };
	socklen_t len;
	bool ok;
	int fd;

	if (inet_pton(family == 4 ? AF_INET : AF_INET6, ip, far.ip) != 1)
		return false;
	len = sockaddr_from(&far, &sa);
	fd = socket(sa.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	ok = connect(fd, &sa.sa, len) == 0;
	len = sizeof(sa);
	ok = ok && getsockname(fd, &sa.sa, &len) == 0;
	close(fd);
	if (ok)
		sockaddr_to(&sa, out);
	return ok;
}

static void
find_host(struct profile_host *host, char name[256])
{
	memset(host, 0, sizeof(*host));
	if (gethostname(name, 256) == 0 && strchr(name, '.') != NULL)
		host->fqdn = name;
	/* Of the documentation: no such hosts. */
	if (!sends_from("192.0.2.1", 4, &host->address))
		(void)sends_from("2001:db8::1", 6, &host->address);
}

/* --- output --- */

/* Each line as lnsctl's own. */
static void
say_lines(char *text)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0')
			lnsctl_say("%s", line);
}

typedef int (*write_fn)(FILE *, const struct profile_facts *);

static write_fn
writer(enum profile_platform p)
{
	static const write_fn writers[PROFILE_N] = {
		[PROFILE_IOS] = profile_write_apple,
		[PROFILE_MACOS] = profile_write_apple,
		[PROFILE_WINDOWS] = profile_write_windows,
		[PROFILE_CHROMEOS] = profile_write_onc,
		[PROFILE_NETWORKMANAGER] = profile_write_nm,
	};

	return writers[p];
}

/* NULL: errno.  tmp: what replaces path in the end; "": nothing. */
static FILE *
open_out(const char *path, bool force, char tmp[PATH_MAX])
{
	struct stat st;
	FILE *f;
	int fd;

	tmp[0] = '\0';
	if (!force || lstat(path, &st) == -1) {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	} else if (!S_ISREG(st.st_mode)) {
		errno = EEXIST;
		return NULL;
	} else if (snprintf(tmp, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	} else {
		fd = mkostemp(tmp, O_CLOEXEC); /* 0600 */
	}
	if (fd == -1)
		return NULL;
	f = fdopen(fd, "w");
	if (f == NULL)
		close(fd);
	return f;
}

/* Whole or not at all.  False: errno. */
static bool
put_file(const char *path, bool force, write_fn fn,
    const struct profile_facts *facts)
{
	char tmp[PATH_MAX];
	FILE *f = open_out(path, force, tmp);
	int saved;
	bool ok;

	if (f == NULL)
		return false;
	ok = fn(f, facts) == 0;
	ok = fclose(f) == 0 && ok;
	if (ok && tmp[0] != '\0')
		ok = rename(tmp, path) == 0;
	if (!ok) {
		saved = errno;
		(void)unlink(tmp[0] != '\0' ? tmp : path);
		errno = saved;
	}
	return ok;
}

static int
write_out(const struct profile_wish *wish, const struct profile_facts *facts)
{
	write_fn fn = writer(wish->platform);

	if (fn == NULL)
		return lnsctl_usage("Android has no file for this: leave out "
				    "-o, and the steps are printed");
	if (strcmp(wish->out, "-") == 0) {
		if (fn(stdout, facts) == 0)
			return EXIT_OK;
		lnsctl_say("it could not be written");
		return EXIT_REFUSED;
	}
	errno = 0;
	if (put_file(wish->out, wish->force, fn, facts))
		return EXIT_OK;
	if (errno == EEXIST)
		lnsctl_say("%s is there already%s", wish->out,
		    wish->force ? " and no file" : ": --force");
	else
		lnsctl_say("%s: %s", wish->out,
		    errno != 0 ? strerror(errno) : "cannot be written");
	return EXIT_REFUSED;
}

static void
draw(FILE *f, const char *what, const char *text)
{
	fprintf(f, "\n%s\n", what);
	if (profile_qr(f, text) == -1)
		lnsctl_say("too long for a QR code");
}

/* What a phone can do with one: fetch a profile, or copy the key. */
static void
draw_codes(
    FILE *f, const struct profile_wish *wish, const struct profile_facts *facts)
{
	if (wish->url != NULL)
		draw(f, "Where the profile is, for the camera of the phone:",
		    wish->url);
	if (wish->qr && facts->psk != NULL)
		draw(f,
		    "The pre-shared key as text, to be copied (not searched "
		    "for!) in the camera of the phone:",
		    facts->psk);
}

static const char *
base(const char *path)
{
	const char *s = strrchr(path, '/');

	return s != NULL ? s + 1 : path;
}

static int
give(const struct profile_wish *wish, const struct profile_facts *facts)
{
	bool to_stdout = wish->out != NULL && strcmp(wish->out, "-") == 0;
	FILE *steps = to_stdout ? stderr : stdout;
	const char *file = NULL;
	int status = EXIT_OK;

	if (wish->out != NULL) {
		status = write_out(wish, facts);
		file = to_stdout ? "FILE" : base(wish->out);
	}
	if (status != EXIT_OK)
		return status;
	profile_steps(steps, wish->platform, facts, file);
	draw_codes(steps, wish, facts);
	return EXIT_OK;
}

int
profile_give(const struct conf *conf, const struct profile_wish *wish)
{
	struct conf_users *users = NULL;
	struct profile_store store = { 0 };
	struct profile_facts facts;
	struct profile_host host;
	char name[256], *said = NULL;
	int status = EXIT_REFUSED;
	size_t len;
	FILE *say;
	bool ok;

	find_host(&host, name);
	say = open_memstream(&said, &len);
	if (say == NULL) {
		lnsctl_say("%s", strerror(errno));
		return EXIT_REFUSED;
	}
	if (conf->users_file != NULL)
		users = conf_users_load(conf, say);
	ok = profile_facts(conf, users, wish, &host, &store, &facts, say);
	if (ok)
		profile_warnings(say, wish->platform, &facts);
	fclose(say);
	say_lines(said);
	free(said);
	if (ok)
		status = give(wish, &facts);
	conf_users_free(users);
	return status;
}

/* --- the command line --- */

enum {
	OPT_FOR = 256,
	OPT_SERVER,
	OPT_PEER,
	OPT_NAME,
	OPT_ROUTES,
	OPT_ALL,
	OPT_NO_PASSWORD,
	OPT_PKCS12,
	OPT_FORCE,
	OPT_QR,
	OPT_URL,
};

static const struct option longs[] = {
	{ "for", required_argument, NULL, OPT_FOR },
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "peer", required_argument, NULL, OPT_PEER },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "routes", required_argument, NULL, OPT_ROUTES },
	{ "all-traffic", no_argument, NULL, OPT_ALL },
	{ "no-password", no_argument, NULL, OPT_NO_PASSWORD },
	{ "pkcs12", required_argument, NULL, OPT_PKCS12 },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "qr", no_argument, NULL, OPT_QR },
	{ "url", required_argument, NULL, OPT_URL },
	{ NULL, 0, NULL, 0 },
};

/* False: usage. */
static bool
take_option(struct profile_wish *wish, int ch)
{
	switch (ch) {
	case OPT_FOR:
		wish->platform = profile_platform(optarg);
		return true;
	case OPT_SERVER:
		wish->server = optarg;
		return true;
	case OPT_PEER:
		wish->peer = optarg;
		return true;
	case OPT_NAME:
		wish->name = optarg;
		return true;
	case OPT_ROUTES:
		wish->routes = optarg;
		return true;
	case OPT_ALL:
		wish->all_traffic = true;
		return true;
	case OPT_NO_PASSWORD:
		wish->no_password = true;
		return true;
	case OPT_PKCS12:
		wish->pkcs12 = optarg;
		return true;
	case OPT_FORCE:
		wish->force = true;
		return true;
	case OPT_QR:
		wish->qr = true;
		return true;
	case OPT_URL:
		wish->url = optarg;
		return true;
	case 'o':
		wish->out = optarg;
		return true;
	default:
		return false;
	}
}

static int
cmd_profile(struct lnsctl *l, int argc, char **argv)
{
	struct profile_wish wish = { .platform = PROFILE_N };
	struct conf *conf;
	int ch, status;

	/* Begins anew; it takes the word before argv for the program. */
	optind = 0;
	while ((ch = getopt_long(argc + 1, argv - 1, "o:", longs, NULL)) != -1)
		if (!take_option(&wish, ch))
			return EXIT_USAGE;
	if (argc + 1 - optind != 1)
		return lnsctl_usage("profile: one user, and what it is --for");
	if (wish.platform == PROFILE_N)
		return lnsctl_usage("profile: --for ios, macos, windows, "
				    "android, chromeos or networkmanager");
	wish.user = argv[optind - 1];
	conf = conf_load(l->conf, stderr);
	if (conf == NULL)
		return EXIT_REFUSED;
	status = profile_give(conf, &wish);
	conf_free(conf);
	return status;
}

const struct command profile_commands[] = {
	{ "profile", "USER --for PLATFORM", "what a client needs to connect",
	    cmd_profile },
	{ NULL, NULL, NULL, NULL },
};
