/* SPDX-License-Identifier: ISC */
/* Questions and what their answers mean; contracts in setup.h. */

#include "setup.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

/* --- secrets --- */

/* Without what looks alike: i and l and 1, o and 0. */
static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
#define PASSWORD_SHORT 8
#define N_LETTERS (sizeof(letters) - 1)

size_t
setup_spell(char *buf, unsigned int chars, const uint8_t *octets, size_t n)
{
	size_t i, done = 0, at = 0;

	for (i = 0; i < n && done < chars; i++) {
		/* Else the first letters would come more often. */
		if (octets[i] >= 256 / N_LETTERS * N_LETTERS)
			continue;
		if (done > 0 && done % 4 == 0)
			buf[at++] = '-';
		buf[at++] = letters[octets[i] % N_LETTERS];
		done++;
	}
	buf[at] = '\0';
	return done;
}

bool
setup_secret(char *buf, size_t size, unsigned int groups)
{
	uint8_t octets[256];
	bool ok;

	if (size < 5 * groups)
		return false;
	do {
		if (getrandom(octets, sizeof(octets), 0) != sizeof(octets))
			return false;
		ok = setup_spell(buf, 4 * groups, octets, sizeof(octets)) ==
		     4 * groups;
	} while (!ok);
	explicit_bzero(octets, sizeof(octets));
	return true;
}

/* --- address --- */

static bool
is_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n < 254 && s[0] != '-' && s[0] != '.' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789.-") == n;
}

static bool
propose_address(const struct setup *s, char *buf, size_t size)
{
	struct in_addr a = s->machine->uplink_address;

	if (a.s_addr == 0 || machine_is_private(a))
		return false;
	snprintf(buf, size, "%s", machine_ip(a));
	return true;
}

static const char *
take_address(struct setup *s, const char *value)
{
	struct in_addr a;

	if (inet_pton(AF_INET, value, &a) != 1) {
		if (!is_name(value) ||
		    strspn(value, "0123456789.") == strlen(value))
			return "is neither an IPv4 address nor a name";
		if (!s->resolve(value, &a))
			return "is a name without an IPv4 address: enter it "
			       "in DNS first, or give the address";
	}
	if (a.s_addr == 0 || ntohl(a.s_addr) >> 24 == 127 ||
	    ntohl(a.s_addr) >> 28 >= 14)
		return "is no address that others can dial";
	s->behind.s_addr = 0;
	if (!machine_has(s->machine, a)) {
		if (s->machine->uplink_address.s_addr == 0)
			return "is not of this machine, which has no default "
			       "route either: where would clients come in?";
		if (!machine_is_private(s->machine->uplink_address))
			return "is not of this machine";
		s->behind = s->machine->uplink_address;
	}
	s->dialled = a;
	snprintf(s->address, sizeof(s->address), "%s", value);
	return NULL;
}

/* --- user --- */

static bool
propose_nothing(const struct setup *s, char *buf, size_t size)
{
	(void)s;
	(void)buf;
	(void)size;
	return false;
}

static const char *
take_user(struct setup *s, const char *value)
{
	size_t i;

	if (value[0] == '\0' || strlen(value) >= sizeof(s->user))
		return "has to have 1 to 63 characters";
	for (i = 0; value[i] != '\0'; i++)
		if (value[i] <= ' ' || value[i] > '~')
			return "has characters that are no printable ASCII";
	if (strcmp(value, CONF_ANY_USER) == 0)
		return "would be everybody: give a name";
	snprintf(s->user, sizeof(s->user), "%s", value);
	return NULL;
}

/* --- pool --- */

static bool
overlaps(const struct machine_net *n, struct conf_range r)
{
	uint32_t mask = machine_mask(n->bits);
	uint32_t first = ntohl(n->address.s_addr) & mask;

	return ntohl(r.first.s_addr) <= (first | ~mask) &&
	       ntohl(r.last.s_addr) >= first;
}

static bool
is_free(const struct machine *m, struct conf_range r)
{
	size_t i;

	for (i = 0; i < m->n_nets; i++)
		if (overlaps(&m->nets[i], r))
			return false;
	return true;
}

/* The first 10.N.0.0/24, N from 87 on, that is no local network. */
static bool
propose_pool(const struct setup *s, char *buf, size_t size)
{
	struct conf_range r;
	uint32_t i, net;

	for (i = 0; i < 160; i++) {
		net = 10u << 24 | (87 + i) << 16;
		r.first.s_addr = htonl(net);
		r.last.s_addr = htonl(net + 255);
		if (!is_free(s->machine, r))
			continue;
		r.first.s_addr = htonl(net + 1);
		r.last.s_addr = htonl(net + 254);
		snprintf(buf, size, "%s-%s", machine_ip(r.first),
		    machine_ip(r.last));
		return true;
	}
	return false;
}

static bool
parse_range(const char *value, struct conf_range *r)
{
	char first[INET_ADDRSTRLEN];
	const char *dash = strchr(value, '-');
	size_t n;

	if (dash == NULL)
		return false;
	n = (size_t)(dash - value);
	if (n >= sizeof(first))
		return false;
	memcpy(first, value, n);
	first[n] = '\0';
	return inet_pton(AF_INET, first, &r->first) == 1 &&
	       inet_pton(AF_INET, dash + 1, &r->last) == 1;
}

static const char *
take_lan_pool(struct setup *s, struct conf_range r, const struct machine_net *n)
{
	uint32_t mask = machine_mask(n->bits);
	uint32_t own = ntohl(n->address.s_addr);
	uint32_t first = ntohl(r.first.s_addr), last = ntohl(r.last.s_addr);

	if (machine_net_of(s->machine, r.last) != n)
		return "begins in a local network and ends outside of it";
	if ((first & ~mask) == 0 || (last & ~mask) == ~mask)
		return "holds the network's own or broadcast address";
	if (own >= first && own <= last)
		return "holds the address of this machine";
	s->pool = r;
	s->local_address = n->address;
	s->proxy_arp = true;
	s->masquerade = false;
	return NULL;
}

static const char *
take_pool(struct setup *s, const char *value)
{
	const struct machine_net *n;
	struct conf_range r;
	uint32_t first, last;

	if (!parse_range(value, &r))
		return "is no range of IPv4 addresses, as in "
		       "10.87.0.1-10.87.0.254";
	first = ntohl(r.first.s_addr);
	last = ntohl(r.last.s_addr);
	if (first >= last || last - first > 65535)
		return "has to be a range of 2 to 65536 addresses, the lowest "
		       "first";
	if (!machine_is_private(r.first) || !machine_is_private(r.last))
		return "is not of the private addresses (10.0.0.0/8, "
		       "172.16.0.0/12, 192.168.0.0/16)";
	n = machine_net_of(s->machine, r.first);
	if (n != NULL)
		return take_lan_pool(s, r, n);
	if (!is_free(s->machine, r))
		return "overlaps a local network";
	/* The first one is ours. */
	s->local_address = r.first;
	r.first.s_addr = htonl(first + 1);
	s->pool = r;
	s->proxy_arp = false;
	s->masquerade = true;
	return NULL;
}

/* Behind the pool: its default depends on that. */
static bool
propose_masquerade(const struct setup *s, char *buf, size_t size)
{
	snprintf(buf, size, "%s", s->masquerade ? "yes" : "no");
	return true;
}

static const char *
take_masquerade(struct setup *s, const char *value)
{
	if (strcasecmp(value, "yes") != 0 && strcasecmp(value, "no") != 0)
		return "has to be yes or no";
	s->masquerade = strcasecmp(value, "yes") == 0;
	return NULL;
}

/* --- name servers --- */

static bool
propose_dns(const struct setup *s, char *buf, size_t size)
{
	const struct machine *m = s->machine;

	snprintf(buf, size, "%s%s%s",
	    m->n_dns > 0 ? machine_ip(m->dns[0]) : "none",
	    m->n_dns > 1 ? "," : "", m->n_dns > 1 ? machine_ip(m->dns[1]) : "");
	return true;
}

static const char *
take_dns(struct setup *s, const char *value)
{
	char copy[64], *p = copy, *one;

	s->n_dns = 0;
	if (strcmp(value, "none") == 0)
		return NULL;
	if (strlen(value) >= sizeof(copy))
		return "has to be one or two IPv4 addresses, or none";
	memcpy(copy, value, strlen(value) + 1);
	while ((one = strsep(&p, ",")) != NULL) {
		if (s->n_dns == nitems(s->dns) ||
		    inet_pton(AF_INET, one, &s->dns[s->n_dns]) != 1)
			return "has to be one or two IPv4 addresses, with a "
			       "comma between, or none";
		s->n_dns++;
	}
	return NULL;
}

const struct setup_question setup_questions[] = {
	{ "address", "Address or name that clients dial", take_address,
	    propose_address },
	{ "user", "Name of the first user", take_user, propose_nothing },
	{ "pool", "Addresses for clients (unused ones, of the LAN or others)",
	    take_pool, propose_pool },
	{ "masquerade", "Translate them to this machine's address (NAT)",
	    take_masquerade, propose_masquerade },
	{ "dns", "Name servers for clients", take_dns, propose_dns },
	{ NULL, NULL, NULL, NULL },
};

/* --- asking --- */

static bool
read_line(FILE *in, char *buf, size_t size)
{
	if (fgets(buf, (int)size, in) == NULL)
		return false;
	buf[strcspn(buf, "\r\n")] = '\0';
	return true;
}

static bool
ask_one(struct setup *s, const struct setup_question *q, FILE *in, FILE *out)
{
	char proposal[SETUP_TEXT] = "", answer[SETUP_TEXT];
	const char *problem;

	(void)q->propose(s, proposal, sizeof(proposal));
	do {
		fprintf(out, "%s%s%s%s: ", q->text,
		    proposal[0] != '\0' ? " [" : "", proposal,
		    proposal[0] != '\0' ? "]" : "");
		fflush(out);
		if (!read_line(in, answer, sizeof(answer)))
			return false;
		if (answer[0] == '\0')
			memcpy(answer, proposal, sizeof(answer));
		problem = q->take(s, answer);
		if (problem != NULL)
			fprintf(out, "'%s' %s\n", answer, problem);
	} while (problem != NULL);
	return true;
}

static bool
take_one(struct setup *s, const struct setup_question *q, const char *value,
    FILE *err)
{
	char proposal[SETUP_TEXT];
	const char *problem;

	if (value == NULL) {
		if (!q->propose(s, proposal, sizeof(proposal))) {
			fprintf(err,
			    "lnsctl: setup: --%s has to be said: it cannot be "
			    "guessed here\n",
			    q->flag);
			return false;
		}
		value = proposal;
	}
	problem = q->take(s, value);
	if (problem != NULL)
		fprintf(err, "lnsctl: setup: --%s '%s' %s\n", q->flag, value,
		    problem);
	return problem == NULL;
}

/* For who interrupts us while there is no echo. */
static struct termios with_echo;
static int echo_fd;

static void
restore_echo(int sig)
{
	(void)tcsetattr(echo_fd, TCSAFLUSH, &with_echo);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

/* Without an echo if it is a terminal; an empty one is made up. */
static bool
ask_password(struct setup *s, FILE *in, FILE *out)
{
	struct termios quiet;
	bool is_tty, ok;

	echo_fd = fileno(in);
	is_tty = tcgetattr(echo_fd, &with_echo) == 0;

	fprintf(out, "Password of %s [empty: one is made]: ", s->user);
	fflush(out);
	if (is_tty) {
		(void)signal(SIGINT, restore_echo);
		(void)signal(SIGTERM, restore_echo);
		quiet = with_echo;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(echo_fd, TCSAFLUSH, &quiet);
	}
	ok = read_line(in, s->password, sizeof(s->password));
	if (is_tty) {
		(void)tcsetattr(echo_fd, TCSAFLUSH, &with_echo);
		(void)signal(SIGINT, SIG_DFL);
		(void)signal(SIGTERM, SIG_DFL);
	}
	fputc('\n', out);
	if (ok && s->password[0] != '\0' &&
	    strlen(s->password) < PASSWORD_SHORT)
		fprintf(out, "It is short: who knows the pre-shared key can "
			     "try such a password out.\n");
	return ok;
}

/* The end of the input, as by ^D, which leaves the line as it is. */
static bool
no_answer(FILE *err)
{
	fputs("\nlnsctl: setup: no answer: nothing was done\n", err);
	return false;
}

bool
setup_ask(
    struct setup *s, const char *const given[], FILE *in, FILE *out, FILE *err)
{
	const struct setup_question *q;
	size_t i;

	for (i = 0; setup_questions[i].flag != NULL; i++) {
		q = &setup_questions[i];
		if (given[i] == NULL && in != NULL) {
			if (!ask_one(s, q, in, out))
				return no_answer(err);
		} else if (!take_one(s, q, given[i], err)) {
			return false;
		}
	}
	return in == NULL || s->password[0] != '\0' ||
	       ask_password(s, in, out) || no_answer(err);
}
