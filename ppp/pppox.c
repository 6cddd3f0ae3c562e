/* SPDX-License-Identifier: ISC */
/* PPPoL2TP sockets; contract in pppox.h. */

#include "pppox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_pppol2tp.h>
#include <linux/if_ppp.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>

#ifndef SOL_PPPOL2TP
#define SOL_PPPOL2TP 273
#endif

static void
close_keep_errno(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
}

static int
pppox_connect(const struct pppox_session *s)
{
	struct sockaddr_pppol2tp sa = { 0 };
	int fd;

	fd = socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);
	if (fd == -1)
		return -1;
	sa.sa_family = AF_PPPOX;
	sa.sa_protocol = PX_PROTO_OL2TP;
	/* The peer's address is the UDP socket's: the kernel ignores it here.
	 */
	sa.pppol2tp.fd = s->udp_fd;
	sa.pppol2tp.s_tunnel = s->tid;
	sa.pppol2tp.d_tunnel = s->peer_tid;
	sa.pppol2tp.s_session = s->sid;
	sa.pppol2tp.d_session = s->peer_sid;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1) {
		close_keep_errno(fd);
		return -1;
	}
	return fd;
}

int
pppox_tunnel(int udp_fd, uint16_t tid, uint16_t peer_tid)
{
	struct pppox_session t = {
		.udp_fd = udp_fd, .tid = tid, .peer_tid = peer_tid
	};

	return pppox_connect(&t);
}

int
pppox_session(const struct pppox_session *s)
{
	const int on = 1;
	int fd, channel;

	fd = pppox_connect(s);
	if (fd == -1)
		return -1;
	if (setsockopt(
		fd, SOL_PPPOL2TP, PPPOL2TP_SO_LNSMODE, &on, sizeof(on)) == -1)
		goto fail;
	/* Binds the channel: from now on frames queue for whoever attaches. */
	if (ioctl(fd, PPPIOCGCHAN, &channel) == -1)
		goto fail;
	return fd;

fail:
	close_keep_errno(fd);
	return -1;
}

int
pppox_sequencing(int fd)
{
	const int on = 1;

	if (setsockopt(
		fd, SOL_PPPOL2TP, PPPOL2TP_SO_SENDSEQ, &on, sizeof(on)) == -1)
		return -1;
	return setsockopt(
	    fd, SOL_PPPOL2TP, PPPOL2TP_SO_RECVSEQ, &on, sizeof(on));
}

static void
add_user_packets(const char *ifname, struct pppox_traffic *t)
{
	struct ppp_stats stats = { 0 };
	struct ifreq ifr = { 0 };
	int fd;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	ifr.ifr_data = (char *)&stats;
	/* The interface counts what PPP hands to the network, so neither LCP
	 * nor authentication. */
	if (ioctl(fd, SIOCGPPPSTATS, &ifr) == 0)
		t->user_packets +=
		    (uint64_t)stats.p.ppp_ipackets + stats.p.ppp_opackets;
	close(fd);
}

void
pppox_add_traffic(int fd, const char *ifname, struct pppox_traffic *t)
{
	struct pppol2tp_ioc_stats stats = { 0 };

	if (ioctl(fd, PPPIOCGL2TPSTATS, &stats) == 0)
		t->rx_packets += stats.rx_packets;
	if (ifname[0] != '\0')
		add_user_packets(ifname, t);
}

const char *
pppox_missing(void)
{
	int fd;

	fd = open("/dev/ppp", O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return errno == EPERM || errno == EACCES
			   ? "no permission to open /dev/ppp"
			   : "/dev/ppp cannot be opened (module ppp_generic)";
	close(fd);
	fd = socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);
	if (fd == -1)
		return "no PPP over L2TP sockets (module l2tp_ppp)";
	close(fd);
	return NULL;
}
