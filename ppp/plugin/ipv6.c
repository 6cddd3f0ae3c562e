/* SPDX-License-Identifier: ISC */
/*
 * IPV6CP (RFC 5072): the interface identifiers, what the kernel must not do of
 * itself on the interface, and the reports to lnsd.
 */

#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/random.h>

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

static void
set_sysctl(const char *name, char value)
{
	char path[128];
	int fd;

	slprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s",
	    ppp_ifname(), name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, &value, 1) != 1)
		warn("lnsd: %s: %m", path);
	if (fd != -1)
		close(fd);
}

void
ipv6_begin(void)
{
	ipv6cp_options *wo = &ipv6cp_wantoptions[0];

	if (!ipv6cp_protent.enabled_flag)
		return;
	/* The client keeps its own identifier if it has one; this is for one
	 * that asks. */
	make_id(&wo->hisid);
	do
		make_id(&wo->ourid);
	while (eui64_equals(wo->ourid, wo->hisid));
	wo->opt_local = 1; /* or pppd makes up another */
	wo->opt_remote = 0;
	wo->accept_local = 1;
	/* A client is no router of ours. */
	set_sysctl("accept_ra", '0');
	set_sysctl("disable_ipv6", '0');
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
	m.u.ipv6_up.mtu = mtu > 0 ? (uint32_t)mtu : 0;
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
