/* SPDX-License-Identifier: ISC */
/*
 * One pppd for each link: started, spoken with through its plugin
 * (plugin/wire.h), stopped, buried.  What pppd sends is not trusted: it parses
 * what the peer sends.
 *
 * Contract in include/ppp.h.  A link is freed in one place, on_exit_pppd(),
 * after its pppd has been reaped; its address goes back there or, once pppd has
 * taken the interface down on our demand, before.
 */

#include "link.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <openssl/crypto.h>

#include "address.h"
#include "log.h"
#include "mtu.h"
#include "proc.h"
#include "proxy.h"
#include "proxyarp.h"

/* Packets taken from one pppd before the others have their turn. */
#define READS_MAX 8
#define READS_AT_END_MAX 64

void
link_stop(
    struct ppp_link *l, enum lns_ppp_end why, enum cause code, const char *text)
{
	if (l->stop_cause != NULL || (l->proc == NULL && !l->starting))
		return;
	l->stop_cause = text;
	l->stop_code = code;
	l->stop_why = why;
	aaa_cancel(l);
	if (l->starting)
		return; /* launch.c will stop it */
	(void)proc_signal(l->proc, SIGTERM);
	loop_timer_set(l->kill_timer, l->svc->kill_after_ms);
}

static void
kill_it(void *arg)
{
	struct ppp_link *l = arg;

	if (l->proc != NULL)
		(void)proc_signal(l->proc, SIGKILL);
}

void
ppp_link_stop(struct ppp_link *l, enum cause code, const char *text)
{
	if (l->stop_cause != NULL)
		return;
	snprintf(l->cause, sizeof(l->cause), "%s", text);
	link_stop(l, LNS_PPP_ADMIN, code, l->cause);
}

void
link_refuse(struct ppp_link *l, enum cause cause, const char *fmt, ...)
{
	va_list ap;

	l->refused = cause;
	va_start(ap, fmt);
	vsnprintf(l->reason, sizeof(l->reason), fmt, ap);
	va_end(ap);
}

static void
close_ctl(struct ppp_link *l)
{
	loop_io_free(l->io);
	l->io = NULL;
	if (l->ctl != -1)
		close(l->ctl);
	l->ctl = -1;
}

/* An answer that does not arrive is no trouble: without one the plugin
 * refuses. */
static void
send_verdict(void *arg)
{
	struct ppp_link *l = arg;
	struct wire_msg m = { .magic = WIRE_MAGIC, .type = WIRE_VERDICT };
	bool granted = l->reason[0] == '\0';

	m.serial = l->serial;
	m.u.verdict.granted = granted;
	if (granted) {
		grant_write(&l->grant, &m.u.verdict);
		if (link_time_is_kept(l))
			m.u.verdict.session_s = m.u.verdict.idle_s = 0;
		m.u.verdict.address = l->lease.address.s_addr;
		memcpy(m.u.verdict.proof, l->proof, sizeof(l->proof));
	}
	if (l->ctl != -1)
		(void)send(l->ctl, &m, sizeof(m), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
link_answer(struct ppp_link *l, int64_t hold_ms)
{
	l->waiting = false;
	if (hold_ms > 0)
		loop_timer_set(l->refuse_timer, hold_ms);
	else
		send_verdict(l);
	l->ops->auth(l->arg, l->user, l->refused,
	    l->reason[0] == '\0' ? NULL : l->reason);
}

static void
broken(struct ppp_link *l)
{
	close_ctl(l);
	link_stop(l, LNS_PPP_FAILED, CAUSE_PPPD,
	    "pppd sent a message that makes no sense");
}

static void
advance(struct ppp_link *l, enum pppd_progress to)
{
	if (to > l->progress)
		l->progress = to;
}

static void
on_up(struct ppp_link *l, const struct wire_up *w)
{
	struct ppp_up up = { .ifname = w->ifname, .user = l->user };

	up.local.s_addr = w->local;
	up.remote.s_addr = w->remote;
	if (!address_held(l, up.remote)) {
		broken(l);
		return;
	}
	advance(l, PPPD_RUNNING);
	if (!l->was_up)
		l->up_at = clock_now();
	l->was_up = true;
	aaa_up(l, up.remote);
	snprintf(l->ifname, sizeof(l->ifname), "%s", w->ifname);
	l->ifindex = w->ifindex;
	link_net_up(l);
	l->ops->up(l->arg, &up);
}

static void
on_down(struct ppp_link *l, const struct wire_down *w)
{
	l->rx_bytes = w->rx_bytes;
	l->tx_bytes = w->tx_bytes;
	aaa_counted(l, w);
	/* It will not come up again, and somebody may wait. */
	if (l->stop_cause != NULL)
		address_release(l);
}

static void
on_phase(struct ppp_link *l, uint32_t phase)
{
	bool auth = phase == WIRE_PHASE_AUTH;

	advance(l, auth ? PPPD_AUTH : PPPD_NETWORK);
	if (l->ops->step != NULL)
		l->ops->step(l->arg, auth ? PPP_STEP_AUTH : PPP_STEP_NETWORK);
}

static void
on_message(struct ppp_link *l, const struct wire_msg *m)
{
	switch (m->type) {
	case WIRE_ASK:
		link_asked(l, m);
		break;
	case WIRE_PHASE:
		on_phase(l, m->u.phase);
		break;
	case WIRE_UP:
		on_up(l, &m->u.up);
		break;
	case WIRE_DOWN:
		on_down(l, &m->u.down);
		break;
	case WIRE_IPV6_UP:
		if (!link6_up(l, &m->u.ipv6_up))
			broken(l);
		break;
	case WIRE_IPV6_DOWN:
		link6_down(l);
		break;
	case WIRE_END:
		l->peer_terminated =
		    (m->u.end.flags & WIRE_END_PEER_TERMINATED) != 0;
		l->end_status = (int)m->u.end.status;
		break;
	default: /* what only we say */
		broken(l);
	}
}

/* False when there is nothing more to read now. */
static bool
read_one(struct ppp_link *l)
{
	struct wire_msg m;
	ssize_t n;

	if (l->ctl == -1)
		return false;
	n = recv(l->ctl, &m, sizeof(m), MSG_DONTWAIT | MSG_TRUNC);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		close_ctl(l);
	else if (!wire_valid(&m, (size_t)n))
		broken(l);
	else
		on_message(l, &m);
	OPENSSL_cleanse(&m, sizeof(m)); /* a PAP password */
	return n > 0;
}

static void
on_readable(int fd, void *arg)
{
	int i;

	(void)fd;
	for (i = 0; i < READS_MAX && read_one(arg); i++)
		;
}

static enum lns_ppp_end
why_ended(struct ppp_link *l, int status, const char **cause, enum cause *code)
{
	struct pppd_exit e = {
		.status = status,
		.progress = l->progress,
		.named = l->user[0] != '\0' || l->reason[0] != '\0',
		.peer_terminated = l->peer_terminated,
	};
	enum lns_ppp_end why;

	if (WIFEXITED(status) && l->end_status != -1)
		e.status = W_EXITCODE(l->end_status, 0);
	why = pppd_why(&e, cause, code);
	/* Who hangs up on us twice, by LCP and then by L2TP, makes us stop a
	 * link that he has ended. */
	if (l->stop_cause != NULL && why != LNS_PPP_PEER) {
		*cause = l->stop_cause;
		*code = l->stop_code;
		return l->stop_why;
	}
	if (why == LNS_PPP_AUTH && l->reason[0] != '\0') {
		*code = l->refused;
		snprintf(
		    l->cause, sizeof(l->cause), "%s (%s)", *cause, l->reason);
		*cause = l->cause;
	}
	return why;
}

static void
link_free(struct ppp_link *l)
{
	close_ctl(l);
	aaa_fini(l);
	loop_timer_free(l->kill_timer);
	loop_timer_free(l->refuse_timer);
	OPENSSL_cleanse(&l->proxied, sizeof(l->proxied));
	conf_free(l->conf);
	free(l);
}

/* What a pppd that was killed could not. */
static void
clean_up(struct ppp_link *l)
{
	pppd_remove_pid_file(PPPD_RUN_DIR, l->ifname, l->pid);
	pppd_remove_pid_file(PPPD25_RUN_DIR, l->ifname, l->pid);
	if (l->was_up && l->lease.held && profile_of(l)->proxy_arp &&
	    proxyarp_forget(l->lease.address, &l->svc->proxy_ifindex) == -1)
		log_warn("ppp", "cannot remove the proxy ARP entry of '%s'",
		    l->user);
}

static void
on_exit_pppd(void *arg, int status)
{
	struct ppp_link *l = arg;
	struct ppp_end end = { 0 };
	int i;

	l->proc = NULL;
	/* Its last words may still lie in the socket. */
	for (i = 0; i < READS_AT_END_MAX && read_one(l); i++)
		;
	end.why = why_ended(l, status, &end.cause, &end.code);
	end.user = l->user[0] != '\0' ? l->user : NULL;
	end.rx_bytes = l->rx_bytes;
	end.tx_bytes = l->tx_bytes;
	if (l->was_up)
		end.connect_s =
		    (uint32_t)(mono_diff_ms(clock_now(), l->up_at) / 1000);
	aaa_ended(l, &end);
	TAILQ_REMOVE(&l->svc->links, l, entry);
	l->svc->n_links--;
	if (WIFSIGNALED(status))
		clean_up(l);
	link_net_down(l, &end);
	if (l->from_prepared && l->svc->prepared[l->profile] != NULL)
		prepared_child_ended(l->svc->prepared[l->profile], status);
	address_release(l);
	link6_end(l);
	l->ops->ended(l->arg, &end);
	ppp_free_retired(l->svc);
	link_free(l);
}

/* pppd will find it when it starts.  The answer of the peer, which may be a
 * password, does not leave us. */
static void
offer_proxy(struct ppp_link *l, const struct ppp_start *start,
    const struct conf_ppp *ppp)
{
	struct wire_msg m = { .magic = WIRE_MAGIC, .type = WIRE_PROXY };
	struct proxy_plan plan;
	const char *why_not;

	if (start->call == NULL || !proxy_is_offered(start->call))
		return;
	why_not = proxy_decide(start->call, ppp, &plan);
	m.u.proxy = plan.open;
	if (why_not == NULL &&
	    send(l->ctl, &m, sizeof(m), MSG_NOSIGNAL | MSG_DONTWAIT) == -1)
		why_not = "cannot tell pppd";
	if (why_not == NULL)
		l->proxied = plan.ask;
	log_debug("ppp", "%s proxy lcp %s%s", start->label,
	    why_not == NULL ? "is used" : "is not used: ",
	    why_not == NULL ? "" : why_not);
	OPENSSL_cleanse(&plan, sizeof(plan));
}

static struct ppp_link *
link_new(struct ppp_service *s, int ctl)
{
	struct ppp_link *l;

	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		close(ctl);
		return NULL;
	}
	l->svc = s;
	l->ctl = ctl;
	l->end_status = -1;
	l->io = loop_io_new(ctl, on_readable, l);
	l->kill_timer = loop_timer_new(kill_it, l);
	l->refuse_timer = loop_timer_new(send_verdict, l);
	if (l->io != NULL && l->kill_timer != NULL && l->refuse_timer != NULL)
		return l;
	link_free(l);
	errno = ENOMEM;
	return NULL;
}

struct ppp_link *
ppp_link_start(struct ppp_service *s, const struct ppp_start *start,
    const struct ppp_ops *ops, void *arg)
{
	struct ppp_link *l;
	struct conf_ppp ppp = s->conf->ppp[start->profile];
	int fd[2], err;

	if (ppp.mtu == 0)
		ppp.mtu = mtu_auto(&start->underlay);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		return NULL;
	l = link_new(s, fd[0]);
	if (l == NULL) {
		err = errno;
		close(fd[1]);
		errno = err;
		return NULL;
	}
	l->conf = conf_hold(s->conf);
	l->profile = start->profile;
	l->session_fd = start->session_fd;
	l->mtu = ppp.mtu;
	snprintf(l->label, sizeof(l->label), "%s", start->label);
	if (start->from != NULL)
		lns_addr_text(start->from, l->from);
	l->ops = ops;
	l->arg = arg;
	offer_proxy(l, start, &ppp);
	if (!aaa_init(l, start)) {
		close(fd[1]);
		link_free(l);
		errno = ENOMEM;
		return NULL;
	}
	if (link_launch(l, fd[1], on_exit_pppd) == -1) {
		err = errno;
		link_free(l);
		errno = err;
		return NULL;
	}
	TAILQ_INSERT_TAIL(&s->links, l, entry);
	s->n_links++;
	return l;
}
