/* SPDX-License-Identifier: ISC */
/*
 * IPV6CP (RFC 5072): the interface identifiers, what the kernel must not do of
 * itself on the interface, and the reports to lnsd.
 */

#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/random.h>
#include <sys/socket.h>

#define ID_LOCAL_BIT 0x02 /* of the first octet, "u" */

/* Of this link alone, and unknown to anybody before.  RFC 5072 4.1: a random
 * one does not claim to be unique in the world. */
static void
make_id(eui64_t *id)
{
	if (getrandom(id, sizeof(*id), 0) != (ssize_t)sizeof(*id))
		fatal("lnsd: no random numbers: %m");
	id->e8[0] &= (uint8_t)~ID_LOCAL_BIT;
}

/* A kernel without IPv6 has none of them.  What is so already is not written:
 * as long as another holds the kernel's lock of interfaces, it has who writes
 * disable_ipv6 try again and again. */
static void
set_sysctl(const char *name, char value)
{
	char path[128], is = 0;
	int fd;

	slprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s",
	    ppp_ifname(), name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return;
	if (fd == -1 || read(fd, &is, 1) != 1 ||
	    (is != value && pwrite(fd, &value, 1, 0) != 1))
		warn("lnsd: %s: %m", path);
	if (fd != -1)
		close(fd);
}

static int
put_in_group(int fd, unsigned int ifindex)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
		struct rtattr a;
		uint32_t group;
	} req = {
		.h = { .nlmsg_len = sizeof(req),
		    .nlmsg_type = RTM_NEWLINK,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.i = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex },
		.a = { RTA_LENGTH(sizeof(req.group)), IFLA_GROUP },
		.group = WIRE_LINK_GROUP,
	};
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char quoted[sizeof(req)];
	} answer;

	if (send(fd, &req, sizeof(req), 0) != (ssize_t)sizeof(req) ||
	    recv(fd, &answer, sizeof(answer), 0) <
		(ssize_t)NLMSG_LENGTH(sizeof(answer.e)) ||
	    answer.h.nlmsg_type != NLMSG_ERROR)
		return 0;
	errno = -answer.e.error;
	return answer.e.error == 0;
}

/* Whose source addresses are checked.  Nonzero if they will be. */
static int
be_checked(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int ok;

	ok = fd != -1 && put_in_group(fd, if_nametoindex(ppp_ifname()));
	if (!ok)
		error("lnsd: no IPv6, %s cannot be put in its group: %m",
		    ppp_ifname());
	if (fd != -1)
		close(fd);
	return ok;
}

/* The client keeps its own identifier if it has one; hisid is for one that
 * asks. */
static void
choose_ids(void)
{
	ipv6cp_options *wo = &ipv6cp_wantoptions[0];

	make_id(&wo->hisid);
	do
		make_id(&wo->ourid);
	while (eui64_equals(wo->ourid, wo->hisid));
	wo->opt_local = 1; /* or pppd makes up another */
	wo->opt_remote = 0;
	wo->accept_local = 1;
}

void
ipv6_begin(void)
{
	/* The kernel would take IPv6 from the peer also without IPV6CP, which
	 * lets it pass when it is up. */
	if (!sifnpmode(ppp_ifunit(), PPP_IPV6, NPMODE_DROP))
		fatal("lnsd: IPv6 without IPV6CP cannot be kept out: %m");
	if (ipv6cp_protent.enabled_flag && !be_checked())
		ipv6cp_protent.enabled_flag = 0;
	if (!ipv6cp_protent.enabled_flag)
		return;
	set_sysctl("disable_ipv6", '0');
	/* A client is no router of ours. */
	set_sysctl("accept_ra", '0');
	choose_ids();
}

static void
on_up(void *arg, int unused)
{
	struct wire_msg m = { .type = WIRE_IPV6_UP };
	int mtu = ppp_get_mtu(ppp_ifunit());

	(void)arg;
	(void)unused;
	strlcpy(m.u.ipv6_up.ifname, ppp_ifname(), sizeof(m.u.ipv6_up.ifname));
	memcpy(
	    m.u.ipv6_up.local, ipv6cp_gotoptions[0].ourid.e8, WIRE_IPV6_ID_LEN);
	memcpy(m.u.ipv6_up.remote, ipv6cp_hisoptions[0].hisid.e8,
	    WIRE_IPV6_ID_LEN);
	if (mtu < (int)WIRE_IPV6_MTU_MIN)
		return; /* the kernel has no IPv6 on it */
	m.u.ipv6_up.mtu = (uint32_t)mtu;
	talk_send(&m);
}

static void
on_down(void *arg, int unused)
{
	struct wire_msg m = { .type = WIRE_IPV6_DOWN };

	(void)arg;
	(void)unused;
	talk_send(&m);
}

void
ipv6_init(void)
{
	ppp_add_notify(NF_IPV6_UP, on_up, NULL);
	ppp_add_notify(NF_IPV6_DOWN, on_down, NULL);
}
