/* SPDX-License-Identifier: ISC */
/*
 * lnsd's plugin for pppd: the channel (a PPPoL2TP session socket that lnsd
 * made) and the reports to lnsd.  What lnsd is asked about is in auth.c.
 */

#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <net/if.h>
#include <linux/if_pppox.h>

/* pppd refuses a plugin that was built for another version. */
const char pppd_version[] = PPPD_VERSION;

void plugin_init(void);

static int set_session(char **argv);
static int set_ctl(char **argv);
static int set_prepared(char **argv);

static int session = -1, ctl = -1;
static char label[64];
static bool no_scripts;
static int peer_terminated;
/* pppd's exit status when the link began to end, -1 before.  The one it exits
 * with is of no use: whenever the end was driven by a timer, 2.4.9 reads once
 * more from the closed channel and calls that a hangup. */
static int end_status = -1;

static option_t options[] = {
	{ .name = "lnsd-session",
	    .type = o_special,
	    .addr = (void *)set_session,
	    .description = "PPPoL2TP session socket of lnsd",
	    .flags = OPT_PRIV | OPT_INITONLY | OPT_NOPRINT },
	{ .name = "lnsd-ctl",
	    .type = o_special,
	    .addr = (void *)set_ctl,
	    .description = "socket to lnsd",
	    .flags = OPT_PRIV | OPT_INITONLY | OPT_NOPRINT },
	{ .name = "lnsd-prepared",
	    .type = o_special,
	    .addr = (void *)set_prepared,
	    .description = "socket from which lnsd asks for sessions",
	    .flags = OPT_PRIV | OPT_INITONLY | OPT_NOPRINT },
	{ .name = "lnsd-label",
	    .type = o_string,
	    .addr = label,
	    .description = "name of the session in log lines",
	    .flags = OPT_PRIV | OPT_STATIC,
	    .upper_limit = sizeof(label) },
	{ .name = "lnsd-noscripts",
	    .type = o_bool,
	    .addr = &no_scripts,
	    .description = "run no scripts of /etc/ppp",
	    .flags = OPT_PRIV | 1 },
	{ .name = NULL },
};

/* All of pppd's random numbers (magic numbers, CHAP identifiers and
 * challenges) come from one mrand48() state, which it seeds with little more
 * than the time and its pid; the children of a prepared pppd inherit it. */
static void
reseed(void)
{
	unsigned short seed[3];

	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		fatal("lnsd: no random numbers: %m");
	seed48(seed);
}

static void
report_phase(uint32_t step)
{
	struct wire_msg m = { .type = WIRE_PHASE };

	m.u.phase = step;
	talk_send(&m);
}

static void
on_phase(void *arg, int new_phase)
{
	(void)arg;
	if (new_phase == PHASE_AUTHENTICATE) {
		reseed();
		report_phase(WIRE_PHASE_AUTH);
	} else if (new_phase == PHASE_ESTABLISH) {
		success_forget();
		auth_reset_verdict();
		proxy_establish();
	} else if (new_phase == PHASE_NETWORK) {
		ipv6_begin();
		report_phase(WIRE_PHASE_NETWORK);
	} else if (new_phase == PHASE_TERMINATE ||
		   new_phase == PHASE_DISCONNECT) {
		success_forget();
		if (end_status == -1)
			end_status = (int)ppp_status();
	}
}

/*
 * pppd goes on to the network phase without our verdict when the peer refused
 * to authenticate and pap-secrets happens to have a line for an empty name.
 */
static void
on_auth_up(void *arg, int unused)
{
	(void)arg;
	(void)unused;
	if (auth_granted())
		return;
	error("lnsd: the peer has not authenticated");
	die(EXIT_PEER_AUTH_FAILED);
}

static void
on_ip_up(void *arg, int unused)
{
	struct wire_msg m = { .type = WIRE_UP };

	(void)arg;
	(void)unused;
	strlcpy(m.u.up.ifname, ppp_ifname(), sizeof(m.u.up.ifname));
	m.u.up.ifindex = if_nametoindex(ppp_ifname());
	m.u.up.local = ipcp_gotoptions[0].ouraddr;
	m.u.up.remote = ipcp_hisoptions[0].hisaddr;
	talk_send(&m);
}

static void
on_ip_down(void *arg, int unused)
{
	struct wire_msg m = { .type = WIRE_DOWN };

	(void)arg;
	(void)unused;
	stats_read(&m.u.down);
	talk_send(&m);
}

static void
on_exit_pppd(void *arg, int code)
{
	struct wire_msg m = { .type = WIRE_END };

	(void)arg;
	m.u.end.status =
	    (uint32_t)(end_status != -1 ? end_status : code) & WIRE_STATUS_MAX;
	m.u.end.flags = peer_terminated ? WIRE_END_PEER_TERMINATED : 0;
	talk_send(&m);
}

/* In the child, before it becomes a script. */
static void
on_fork(void *arg, int unused)
{
	(void)arg;
	(void)unused;
	if (no_scripts)
		_exit(0);
}

/* pppd does not tell who hung up: the peer did if its Terminate-Request came
 * before ours. */
static void (*pppd_lcp_input)(int, unsigned char *, int);

static void
lcp_input(int unit, unsigned char *p, int len)
{
	if (len > 0 && p[0] == TERMREQ && lcp_fsm[unit].state != CLOSING)
		peer_terminated = 1;
	pppd_lcp_input(unit, p, len);
}

static void
check_session(void)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (session == -1)
		fatal("lnsd: option lnsd-session is missing");
	if (ctl == -1)
		fatal("lnsd: option lnsd-ctl is missing");
	if (getsockname(session, (struct sockaddr *)&ss, &len) == -1)
		fatal("lnsd: session socket: %m");
	if (ss.ss_family != AF_PPPOX)
		fatal("lnsd: the session is no PPPoX socket");
}

static void
check(void)
{
	check_session();
	/* Before the question, or a death in between would go unnoticed. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1)
		fatal("lnsd: prctl: %m");
	proxy_init();
	if (!talk_alive())
		fatal("lnsd has gone");
	if (label[0] != '\0')
		ppp_set_pppdevnam(label);
	nak_init();
	reseed();
}

static int
channel_connect(void)
{
	return session;
}

static void
channel_close(void)
{
	if (session != -1)
		close(session);
	session = -1;
}

static void
send_config(int mtu, uint32_t accm, int pcomp, int accomp)
{
	(void)accm;
	(void)pcomp;
	(void)accomp;
	if (lcp_allowoptions[0].mru > 0 && mtu > lcp_allowoptions[0].mru)
		mtu = lcp_allowoptions[0].mru;
	ppp_set_mtu(ppp_ifunit(), mtu);
}

static void
recv_config(int mru, uint32_t accm, int pcomp, int accomp)
{
	(void)accm;
	(void)pcomp;
	(void)accomp;
	if (ppp_ifunit() >= 0 && ioctl(session, PPPIOCSMRU, &mru) == -1)
		error("lnsd: cannot set the mru: %m");
}

static struct channel channel = {
	.options = options,
	.process_extra_options = prepared_wait,
	.check_options = check,
	.connect = channel_connect,
	.disconnect = channel_close,
	.establish_ppp = ppp_generic_establish,
	.disestablish_ppp = ppp_generic_disestablish,
	.send_config = send_config,
	.recv_config = recv_config,
	.close = channel_close,
};

static int
take_fd(const char *option, char *word, int *fd)
{
	if (!ppp_int_option(word, fd))
		return 0;
	if (fcntl(*fd, F_SETFD, FD_CLOEXEC) == 0)
		return 1;
	ppp_option_error("%s: no such descriptor: %m", option);
	return 0;
}

static int
set_ctl(char **argv)
{
	if (!take_fd("lnsd-ctl", *argv, &ctl))
		return 0;
	talk_init(ctl);
	return 1;
}

/* What a link on L2TP does without, as pppd's own pppol2tp.so has it: modem
 * lines, and asking for compression of headers.  We do not ask for a character
 * map either, whatever /etc/ppp/options says, but agree when the peer does: to
 * reject it would cost each phone a round trip. */
static void
use_channel(void)
{
	ppp_set_modem(0);
	lcp_wantoptions[0].neg_asyncmap = 0;
	lcp_allowoptions[0].neg_asyncmap = 1;
	lcp_wantoptions[0].neg_accompression = 0;
	lcp_wantoptions[0].neg_pcompression = 0;
	lcp_allowoptions[0].neg_accompression = 1;
	lcp_allowoptions[0].neg_pcompression = 1;
	the_channel = &channel;
}

static int
set_session(char **argv)
{
	if (!take_fd("lnsd-session", *argv, &session))
		return 0;
	use_channel();
	return 1;
}

/* A prepared pppd gets its sessions later. */
static int
set_prepared(char **argv)
{
	int fd;

	if (!take_fd("lnsd-prepared", *argv, &fd))
		return 0;
	if (!prepared_init(fd)) {
		ppp_option_error("lnsd-prepared: not with this pppd");
		return 0;
	}
	use_channel();
	return 1;
}

void
plugin_init(void)
{
	ppp_add_options(options);
	ppp_add_notify(NF_PHASE_CHANGE, on_phase, NULL);
	ppp_add_notify(NF_AUTH_UP, on_auth_up, NULL);
	ppp_add_notify(NF_IP_UP, on_ip_up, NULL);
	ppp_add_notify(NF_IP_DOWN, on_ip_down, NULL);
	ppp_add_notify(NF_EXIT, on_exit_pppd, NULL);
	ppp_add_notify(NF_FORK, on_fork, NULL);
	pppd_lcp_input = lcp_protent.input;
	lcp_protent.input = lcp_input;
	auth_init();
	success_init();
	ipv6_init();
}
