/* SPDX-License-Identifier: ISC */
/*
 * pppd's command line and exit codes; contract in pppd.h.
 *
 * pppd reads /etc/ppp/options first, whatever we say: every option that the
 * distribution's file sets, and every one that would weaken us, is given here
 * again.  Options of serial lines (crtscts, lock, modem) do nothing on our
 * channel.
 */

#include "pppd.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <arpa/inet.h>

static void printf_like(2, 3) addf(struct pppd_args *a, const char *fmt, ...)
{
	size_t room = sizeof(a->text) - a->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(a->text + a->used, room, fmt, ap);
	va_end(ap);
	/* The last slot is for NULL. */
	if (n < 0 || (size_t)n >= room || a->n + 1 >= PPPD_ARGS_MAX) {
		a->full = true;
		return;
	}
	a->argv[a->n++] = a->text + a->used;
	a->used += (size_t)n + 1;
}

static void
add(struct pppd_args *a, const char *word)
{
	addf(a, "%s", word);
}

static void
add_uint(struct pppd_args *a, const char *option, unsigned int value)
{
	add(a, option);
	/* pppd keeps it in an int. */
	addf(a, "%u", value < INT_MAX ? value : INT_MAX);
}

static void
add_addr(struct pppd_args *a, struct in_addr addr, const char *after)
{
	char text[INET_ADDRSTRLEN];

	addf(a, "%s%s", inet_ntop(AF_INET, &addr, text, sizeof(text)), after);
}

static void
add_auth(struct pppd_args *a, unsigned int auth)
{
	add(a, "auth");
	if (auth & CONF_AUTH_MSCHAPV2)
		add(a, "require-mschap-v2");
	if (auth & CONF_AUTH_CHAP)
		add(a, "require-chap");
	if (auth & CONF_AUTH_PAP)
		add(a, "require-pap");
	/* These are about the other direction: we never say who we are. */
	add(a, "refuse-mschap-v2");
	add(a, "refuse-mschap");
	add(a, "refuse-chap");
	add(a, "refuse-pap");
	add(a, "refuse-eap");
	add(a, "hide-password");
}

static void
add_link(struct pppd_args *a, const struct conf_ppp *ppp)
{
	add(a, "noccp");
	/* With 0 pppd says goodbye once and does not wait for the answer: L2TP
	 * has told the peer, or is about to, and who dials again waits for
	 * the address. */
	add_uint(a, "lcp-max-terminate", 0);
	/* A lost packet costs a second of set-up, not three; the patience of
	 * 30 s is as long. */
	add_uint(a, "lcp-restart", 1);
	add_uint(a, "lcp-max-configure", 30);
	add_uint(a, "ipcp-restart", 1);
	add_uint(a, "ipcp-max-configure", 30);
	/* Any traffic proves life: ask only a silent peer. */
	add(a, "lcp-echo-adaptive");
	add_uint(a, "lcp-echo-interval", ppp->lcp_echo_interval_s);
	add_uint(a, "lcp-echo-failure", ppp->lcp_echo_failure);
}

/* The peer's address, name servers and time limits come with the verdict. */
static void
add_ip(struct pppd_args *a, const struct conf_ppp *ppp)
{
	add_addr(a, ppp->local_address, ":");
	add(a, "noipdefault");
	add(a, "novj");
	add(a, "nodefaultroute");
	add(a, ppp->proxy_arp ? "proxyarp" : "noproxyarp");
}

static void
add_ipv6(struct pppd_args *a, const struct conf_ppp *ppp)
{
	if (ppp->ipv6_pool.len == 0) {
		add(a, "noipv6");
		return;
	}
	/* The identifiers come from the plugin. */
	add(a, "+ipv6");
	add_uint(a, "ipv6cp-restart", 1);
	add_uint(a, "ipv6cp-max-configure", 30);
	add(a, "nodefaultroute6");
}

static void
begin(struct pppd_args *a)
{
	a->n = 0;
	a->used = 0;
	a->full = false;
}

static bool
end(struct pppd_args *a)
{
	a->argv[a->n] = NULL;
	return !a->full;
}

static void
add_session(struct pppd_args *a, const char *label, unsigned int mtu)
{
	add(a, "lnsd-label");
	add(a, label);
	add(a, "ipparam");
	add(a, label);
	add_uint(a, "mtu", mtu);
	add_uint(a, "mru", mtu);
}

bool
pppd_session_args(struct pppd_args *a, const char *label, unsigned int mtu)
{
	begin(a);
	add_session(a, label, mtu);
	return end(a);
}

static void
add_fds(struct pppd_args *a, const struct pppd_spec *spec)
{
	add(a, spec->prepared ? "lnsd-prepared" : "lnsd-ctl");
	addf(a, "%d", spec->ctl_fd);
	if (spec->prepared)
		return;
	add(a, "lnsd-session");
	addf(a, "%d", spec->session_fd);
}

bool
pppd_args(struct pppd_args *a, const struct pppd_spec *spec)
{
	size_t i;

	begin(a);
	add(a, spec->path);
	add(a, "plugin");
	add(a, spec->plugin);
	add_fds(a, spec);
	/* Of what is given twice pppd takes the last: ours. */
	for (i = 0; i < spec->ppp->n_pppd_options; i++)
		add(a, spec->ppp->pppd_options[i]);
	if (!spec->ppp->scripts)
		add(a, "lnsd-noscripts");
	add(a, "name");
	add(a, spec->name);
	add(a, "nodetach");
	add(a, "nopersist");
	add(a, "nolog");
	if (spec->debug)
		add(a, "debug");
	add_auth(a, spec->ppp->auth);
	add_link(a, spec->ppp);
	add_ip(a, spec->ppp);
	add_ipv6(a, spec->ppp);
	if (!spec->prepared)
		add_session(a, spec->label, spec->mtu);
	return end(a);
}

/* pppd(8), EXIT STATUS. */
enum {
	PPPD_OK = 0,
	PPPD_USER_REQUEST = 5,
	PPPD_NEGOTIATION_FAILED = 10,
	PPPD_PEER_AUTH_FAILED = 11,
	PPPD_HANGUP = 16,
};

static const struct {
	int code;
	enum lns_ppp_end why;
	enum cause cause_code;
	const char *cause;
} exits[] = {
	{ PPPD_OK, LNS_PPP_PEER, CAUSE_HUNG_UP, "peer hung up" },
	{ 1, LNS_PPP_FAILED, CAUSE_PPPD, "pppd failed, see its own log lines" },
	{ 2, LNS_PPP_FAILED, CAUSE_PPPD,
	    "pppd did not understand its options" },
	{ 3, LNS_PPP_FAILED, CAUSE_PPPD, "pppd is not running as root" },
	{ 4, LNS_PPP_FAILED, CAUSE_KERNEL, "the kernel does not offer ppp" },
	{ PPPD_USER_REQUEST, LNS_PPP_ADMIN, CAUSE_ADMIN,
	    "pppd was told to stop" },
	{ 8, LNS_PPP_FAILED, CAUSE_PPPD, "pppd could not use the session" },
	{ PPPD_PEER_AUTH_FAILED, LNS_PPP_AUTH, CAUSE_AUTH_METHOD,
	    "authentication failed" },
	{ 12, LNS_PPP_IDLE, CAUSE_IDLE, PPPD_IDLE_TIME },
	{ 13, LNS_PPP_IDLE, CAUSE_SESSION_TIME, PPPD_SESSION_TIME },
	{ 15, LNS_PPP_LOST, CAUSE_DEAD_PEER, "no reply to lcp echo requests" },
	{ PPPD_HANGUP, LNS_PPP_FAILED, CAUSE_OTHER,
	    "the kernel session went away" },
	{ 17, LNS_PPP_FAILED, CAUSE_PPPD, "the line is looped back" },
	{ 19, LNS_PPP_FAILED, CAUSE_AUTH_METHOD,
	    "the peer wants us to authenticate" },
	{ PPPD_CRASHED, LNS_PPP_FAILED, CAUSE_PPPD,
	    "pppd could not be started" },
};

static enum lns_ppp_end
negotiation_failed(
    const struct pppd_exit *e, const char **cause, enum cause *code)
{
	switch (e->progress) {
	case PPPD_LCP:
		*code = CAUSE_LCP_SILENT;
		*cause = "could not negotiate lcp with the peer";
		return LNS_PPP_LOST;
	case PPPD_AUTH:
		*code = CAUSE_AUTH_SILENT;
		*cause = "the peer did not finish authentication";
		return LNS_PPP_AUTH;
	case PPPD_NETWORK:
	case PPPD_RUNNING:
		break;
	}
	*code = CAUSE_NO_IP;
	*cause = "could not negotiate an ip address with the peer";
	return LNS_PPP_FAILED;
}

/* Codes with which pppd ends also after the peer's Terminate-Request. */
static bool
leaves_open_who(int code)
{
	return code == PPPD_OK || code == PPPD_USER_REQUEST ||
	       code == PPPD_NEGOTIATION_FAILED || code == PPPD_HANGUP;
}

enum lns_ppp_end
pppd_why(const struct pppd_exit *e, const char **cause, enum cause *cause_code)
{
	static char text[64];
	size_t i;
	int code;

	*cause = text;
	*cause_code = CAUSE_PPPD;
	if (!WIFEXITED(e->status)) {
		snprintf(text, sizeof(text), "pppd was killed by signal %d",
		    WTERMSIG(e->status));
		return LNS_PPP_FAILED;
	}
	code = WEXITSTATUS(e->status);
	if (e->peer_terminated && leaves_open_who(code))
		code = PPPD_OK;
	/* Or asked in vain who it is; before that it will not be asked. */
	if (code == PPPD_NEGOTIATION_FAILED ||
	    (code == PPPD_PEER_AUTH_FAILED && !e->named &&
		e->progress == PPPD_AUTH))
		return negotiation_failed(e, cause, cause_code);
	if (code == PPPD_PEER_AUTH_FAILED && !e->named) {
		*cause_code = CAUSE_AUTH_METHOD;
		*cause = "the peer did not authenticate";
		return LNS_PPP_AUTH;
	}
	if (code == PPPD_CRASHED && e->progress != PPPD_LCP) {
		*cause = "pppd crashed";
		return LNS_PPP_FAILED;
	}
	/* Asking for an address takes no time in which people change their
	 * mind. */
	if (code == PPPD_OK && e->progress == PPPD_NETWORK) {
		*cause_code = CAUSE_NO_IP;
		*cause = "peer hung up before it had an ip address";
		return LNS_PPP_PEER;
	}
	for (i = 0; i < nitems(exits); i++) {
		if (exits[i].code != code)
			continue;
		*cause_code = exits[i].cause_code;
		*cause = exits[i].cause;
		return exits[i].why;
	}
	snprintf(text, sizeof(text), "pppd ended with exit status %d", code);
	return LNS_PPP_FAILED;
}

static bool
file_holds_pid(const char *path, pid_t pid)
{
	char text[16];
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return strtol(text, NULL, 10) == (long)pid;
}

void
pppd_remove_pid_file(const char *dir, const char *ifname, pid_t pid)
{
	char pattern[PATH_MAX];
	glob_t files;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/%s.pid", dir,
	    ifname[0] != '\0' && strchr(ifname, '/') == NULL ? ifname : "ppp*");
	if (glob(pattern, GLOB_NOSORT, NULL, &files) != 0)
		return;
	for (i = 0; i < files.gl_pathc; i++)
		if (file_holds_pid(files.gl_pathv[i], pid))
			(void)unlink(files.gl_pathv[i]);
	globfree(&files);
}
