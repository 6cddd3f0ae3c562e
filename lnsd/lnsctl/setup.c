/* SPDX-License-Identifier: ISC */
/* The command setup; contract in setup.h. */

#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "profile.h"
#include "rpc.h"
#include "setup_record.h"
#include "../ctl.h"

#define WAIT_S 60
#define QUESTIONS 5

struct wishes {
	const char *given[QUESTIONS + 1];
	const char *password_file, *psk_file, *plugin;
	enum profile_platform platform; /* PROFILE_N: any */
	bool yes, dry_run, undo;
	bool others; /* options that --undo has no use for */
};

static bool
resolve(const char *name, struct in_addr *a)
{
	const struct addrinfo hints = { .ai_family = AF_INET,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	struct sockaddr_in sin;

	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return false;
	memcpy(&sin, found->ai_addr, sizeof(sin));
	freeaddrinfo(found);
	*a = sin.sin_addr;
	return true;
}

/* --- secrets --- */

/* The first line of a file that nobody else may read. */
static bool
read_secret(const char *flag, const char *path, char *buf, size_t size)
{
	struct stat st;

	if (stat(path, &st) == -1) {
		lnsctl_say("setup: --%s %s: %s", flag, path, strerror(errno));
		return false;
	}
	if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0) {
		lnsctl_say("setup: --%s %s can be read by others: chmod 0600 "
			   "%s",
		    flag, path, path);
		return false;
	}
	if (!machine_line(path, buf, size) || buf[0] == '\0') {
		lnsctl_say(
		    "setup: --%s %s: its first line is empty", flag, path);
		return false;
	}
	/* It could have been cut. */
	if (strlen(buf) == size - 1) {
		lnsctl_say("setup: --%s %s: its first line is too long (%zu "
			   "octets at most)",
		    flag, path, size - 2);
		return false;
	}
	return true;
}

static bool
read_secrets(struct setup *s, const struct wishes *w)
{
	return (w->password_file == NULL ||
		   read_secret("password-file", w->password_file, s->password,
		       sizeof(s->password))) &&
	       (w->psk_file == NULL || read_secret("psk-file", w->psk_file,
					   s->psk, sizeof(s->psk)));
}

static bool
make_secrets(struct setup *s)
{
	s->made_password = s->password[0] == '\0';
	s->made_psk = s->psk[0] == '\0';
	return (!s->made_password ||
		   setup_secret(s->password, sizeof(s->password), 3)) &&
	       (!s->made_psk || setup_secret(s->psk, sizeof(s->psk), 5));
}

/* --- the steps --- */

/* Whether lnsd would take the text; says what is wrong. */
static bool
is_valid(const char *text)
{
	char path[40];
	struct conf *c;
	size_t i, len = strlen(text);
	int fd;

	fd = memfd_create("lnsd.conf", MFD_CLOEXEC);
	if (fd == -1 || fchmod(fd, 0600) == -1 ||
	    write(fd, text, len) != (ssize_t)len) {
		lnsctl_say("setup: %s", strerror(errno));
		if (fd != -1)
			close(fd);
		return false;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	c = conf_load(path, stderr);
	close(fd);
	if (c == NULL) {
		lnsctl_say("setup: with these answers the configuration would "
			   "be wrong: nothing was done");
		return false;
	}
	for (i = 0; i < c->n_warnings; i++)
		lnsctl_say("setup: %s", c->warnings[i]);
	conf_free(c);
	return true;
}

/* What would keep the server from starting; says so. */
static bool
can_start(const struct setup *s, const struct doctor_facts *f)
{
	struct findings found = { .n = 0 };
	bool can = true;
	size_t i;

	if (s->start_command == NULL && !s->systemd)
		return true;
	doctor_judge_start(f, &found);
	for (i = 0; i < found.n; i++) {
		const struct finding *e = &found.list[i];

		if (e->state != FINDING_FAIL)
			continue;
		lnsctl_say("setup: %s -> %s", e->text, e->mend);
		/* Not all of them may be needed here. */
		can = can && strcmp(e->check, "modules") == 0;
	}
	if (!can)
		lnsctl_say("setup: the server would not start: nothing was "
			   "done; mend that, and run setup again");
	return can;
}

static void
print_indented(const char *text)
{
	size_t n;

	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		printf("    %.*s\n", (int)n, text);
	}
}

static void
print_plan(const struct setup_plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct setup_step *st = &p->steps[i];

		printf("- %s\n", st->what);
		/* The first one has the secrets. */
		if (i > 0 && st->text != NULL)
			print_indented(st->text);
		if (st->text != NULL && st->command[0] != '\0' && !st->rules)
			printf("- %s\n", st->command);
	}
}

/* --- the end --- */

static bool
answers(const char *path)
{
	json_t *answer = NULL;
	struct rpc *rpc;

	rpc = rpc_open(path);
	if (rpc != NULL)
		answer = rpc_call(rpc, "version", NULL, NULL, NULL);
	json_decref(answer);
	rpc_close(rpc);
	return answer != NULL;
}

static bool
wait_for_server(const char *socket)
{
	const struct timespec tick = { .tv_nsec = 200 * 1000 * 1000 };
	int i;

	for (i = 0; i < WAIT_S * 5; i++) {
		if (answers(socket))
			return true;
		nanosleep(&tick, NULL);
	}
	lnsctl_say("setup: lnsd does not answer at %s after %d s; its log says "
		   "why",
	    socket, WAIT_S);
	return false;
}

static void
print_values(const struct profile_facts *facts)
{
	printf("\nA client is set up with\n"
	       "  type      L2TP/IPsec with a pre-shared key\n"
	       "  server    %s\n  key       %s\n"
	       "  user      %s\n  password  %s\n",
	    facts->server, facts->psk, facts->user, facts->password);
}

/* What the first user needs, without secrets that he has given himself. */
static void
print_facts(const struct setup *s, enum profile_platform platform)
{
	static const char given[] = "(the one you gave)";
	bool other = strcmp(s->conf, LNSD_CONF) != 0;
	char name[SETUP_TEXT + 4];
	const struct profile_facts facts = {
		.name = name,
		.server = s->address,
		.user = s->user,
		.password = s->made_password ? s->password : given,
		.psk = s->made_psk ? s->psk : given,
		.auth = CONF_AUTH_MSCHAPV2,
		.behind_nat = s->behind.s_addr != 0,
		.all_traffic = true,
	};

	snprintf(name, sizeof(name), "VPN %s", s->address);
	if (platform == PROFILE_N) {
		print_values(&facts);
	} else {
		printf("\nOn the client\n");
		profile_steps(stdout, platform, &facts, NULL);
		profile_warnings(stdout, platform, &facts);
	}
	printf("\n%s, or with -o FILE what it takes as a file (--for ios, "
	       "macos,\nwindows, android, chromeos or "
	       "networkmanager)\n  lnsctl %s%s%sprofile '%s' --for ios "
	       "--server %s\n",
	    platform == PROFILE_N ? "Step by step for a client"
				  : "The same for other clients",
	    other ? "-c " : "", other ? s->conf : "", other ? " " : "", s->user,
	    s->address);
}

static void
print_notes(const struct setup_plan *p)
{
	size_t i;

	if (p->n_notes > 0)
		printf("\nLeft for you\n");
	for (i = 0; i < p->n_notes; i++)
		printf("  %s\n", p->notes[i]);
}

static int
finish(struct lnsctl *l, const struct setup *s, const struct setup_plan *p,
    const struct wishes *w)
{
	const char *socket =
	    l->socket != NULL ? l->socket : "/run/lnsd/" CTL_SOCKET;
	bool started = s->start_command != NULL || s->systemd, good = true;

	if (started)
		good = wait_for_server(socket);
	if (started && good) {
		printf("\nlnsctl doctor finds\n");
		good = doctor_run(l->conf, l->socket, w->plugin, false, true);
	}
	print_notes(p);
	print_facts(s, w->platform);
	puts("\nAll of this is taken back by\n  lnsctl setup --undo");
	return good ? EXIT_OK : EXIT_REFUSED;
}

bool
setup_agreed(const char *question)
{
	char line[20] = "";

	if (question == NULL)
		return true;
	fputs(question, stdout);
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == '\n' || line[0] == 'y' || line[0] == 'Y'))
		return true;
	puts("Nothing was done.");
	return false;
}

static int
proceed(struct lnsctl *l, const struct setup *s, const struct wishes *w,
    const struct doctor_facts *f)
{
	bool ask = !w->yes;
	struct setup_plan plan;
	int status = EXIT_REFUSED;

	if (!setup_plan(s, f, &plan)) {
		lnsctl_say("out of memory");
	} else if (is_valid(plan.steps[0].text)) {
		if (w->dry_run || ask) {
			puts("This is what setup would do");
			print_plan(&plan);
			print_notes(&plan);
		}
		if (!can_start(s, f))
			status = EXIT_REFUSED;
		else if (w->dry_run)
			status = EXIT_OK;
		else if (setup_agreed(ask ? "\nDo it? [yes] " : NULL) &&
			 setup_carry_out(SETUP_RECORD, s, &plan))
			status = finish(l, s, &plan, w);
	}
	setup_plan_free(&plan);
	return status;
}

/* Questions first: to look at all that doctor does takes seconds. */
static int
begin(struct lnsctl *l, struct setup *s, const struct wishes *w)
{
	struct machine machine;
	struct doctor_facts *f;
	int status;

	machine_look(&machine);
	s->machine = &machine;
	if (!setup_ask(s, w->given, w->yes ? NULL : stdin, stdout, stderr) ||
	    !make_secrets(s))
		return EXIT_REFUSED;
	f = doctor_look(l->conf, l->socket, w->plugin);
	if (f == NULL) {
		lnsctl_say("out of memory");
		return EXIT_REFUSED;
	}
	status = proceed(l, s, w, f);
	doctor_facts_free(f);
	return status;
}

/* --- the command line --- */

static int
parse(struct setup *s, struct wishes *w, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "address", required_argument, NULL, 0 },
		{ "user", required_argument, NULL, 1 },
		{ "pool", required_argument, NULL, 2 },
		{ "masquerade", required_argument, NULL, 3 },
		{ "dns", required_argument, NULL, 4 },
		{ "password-file", required_argument, NULL, 'p' },
		{ "psk-file", required_argument, NULL, 'k' },
		{ "start-command", required_argument, NULL, 's' },
		{ "plugin", required_argument, NULL, 'l' },
		{ "for", required_argument, NULL, 'c' },
		{ "firewall", no_argument, NULL, 'f' },
		{ "force", no_argument, NULL, 'F' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "undo", no_argument, NULL, 'u' },
		{ "yes", no_argument, NULL, 'y' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	/* argv[-1] is the command's name.  0: begins anew (GNU). */
	optind = 0;
	opterr = 0;
	while (
	    (ch = getopt_long(argc + 1, argv - 1, "+y", longs, NULL)) != -1) {
		w->others |= ch < QUESTIONS || strchr("uny", ch) == NULL;
		switch (ch) {
		case 'p':
			w->password_file = optarg;
			break;
		case 'k':
			w->psk_file = optarg;
			break;
		case 's':
			s->start_command = optarg;
			break;
		case 'l':
			w->plugin = optarg;
			break;
		case 'c':
			w->platform = profile_platform(optarg);
			if (w->platform == PROFILE_N)
				return lnsctl_usage(
				    "setup: --for %s: no such client", optarg);
			break;
		case 'f':
			s->firewall = true;
			break;
		case 'F':
			s->force = true;
			break;
		case 'u':
			w->undo = true;
			break;
		case 'n':
			w->dry_run = true;
			break;
		case 'y':
			w->yes = true;
			break;
		default:
			if (ch >= QUESTIONS)
				return lnsctl_usage("setup: not understood, or "
						    "without its value: %s",
				    argv[optind - 2]);
			w->given[ch] = optarg;
		}
	}
	return optind == argc + 1 ? EXIT_OK
				  : lnsctl_usage("setup: not understood: %s",
					argv[optind - 1]);
}

static int
check(struct setup *s, const struct wishes *w)
{
	static char backup[200];
	const char *problem = setup_wrong_path(s);
	struct tm tm;
	time_t now = time(NULL);

	if (problem != NULL && !w->undo)
		return lnsctl_usage("setup: -c %s %s", s->conf, problem);
	if (w->undo && w->others)
		return lnsctl_usage("setup: --undo goes with --dry-run and "
				    "--yes alone");
	/* What is left of it would be run by root. */
	if (s->start_command != NULL &&
	    strlen(s->start_command) >= SETUP_COMMAND)
		return lnsctl_usage("setup: --start-command is too long (%d "
				    "octets at most)",
		    SETUP_COMMAND - 1);
	if (geteuid() != 0) {
		lnsctl_say("setup: must be run by root");
		return EXIT_REFUSED;
	}
	if (!w->yes && !(w->undo && w->dry_run) && isatty(STDIN_FILENO) == 0)
		return lnsctl_usage("setup: there is no terminal to ask on: "
				    "say --yes%s",
		    w->undo ? "" : ", and what cannot be guessed");
	if (w->undo || access(s->conf, F_OK) == -1)
		return EXIT_OK;
	if (!s->force) {
		lnsctl_say("setup: %s is there already: --force makes another "
			   "and keeps this one beside it",
		    s->conf);
		return EXIT_REFUSED;
	}
	localtime_r(&now, &tm);
	snprintf(backup, sizeof(backup), "%.150s.", s->conf);
	strftime(backup + strlen(backup), sizeof(backup) - strlen(backup),
	    "%Y%m%d-%H%M%S", &tm);
	s->backup = backup;
	return EXIT_OK;
}

/* --undo will be told to run it. */
static const char *
own_path(void)
{
	static char path[200];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	return n > 0 ? path : "lnsctl";
}

static int
cmd_setup(struct lnsctl *l, int argc, char **argv)
{
	struct setup s = { .conf = l->conf, .resolve = resolve };
	struct wishes w = { .platform = PROFILE_N, .plugin = DOCTOR_PLUGIN };
	int status;

	s.self = own_path();
	s.systemd = access("/run/systemd/system", F_OK) == 0;
	status = parse(&s, &w, argc, argv);
	if (status == EXIT_OK)
		status = check(&s, &w);
	if (status == EXIT_OK && w.undo)
		return setup_undo(SETUP_RECORD, !w.yes, w.dry_run);
	if (status != EXIT_OK || !read_secrets(&s, &w))
		return status != EXIT_OK ? status : EXIT_REFUSED;
	status = begin(l, &s, &w);
	explicit_bzero(s.password, sizeof(s.password));
	explicit_bzero(s.psk, sizeof(s.psk));
	return status;
}

const struct command setup_commands[] = {
	{ "setup", "[--undo] [OPTION ...]",
	    "set a server up, or take that back", cmd_setup },
	{ NULL, NULL, NULL, NULL },
};
