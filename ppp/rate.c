/* SPDX-License-Identifier: ISC */
/* Traffic control by rtnetlink; contract in rate.h. */

#include "rate.h"

#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "nl.h"

/* Ten packets: TCP stands still on less. */
#define PACKETS_MIN 15000u
#define INGRESS_HANDLE 0xffff0000u
#define ROOT_HANDLE 0x00010000u

/* The kernel counts time in ticks of 64 ns (PSCHED_SHIFT). */
#define NS_PER_TICK 64u

static uint32_t
octets_per_s(unsigned int kbit)
{
	return kbit * 125;
}

static uint32_t
at_least(uint32_t min, uint32_t n)
{
	return n > min ? n : min;
}

/* 200 ms: what is beyond is lost, and TCP sends in bursts. */
uint32_t
rate_up_burst(unsigned int kbit)
{
	return at_least(PACKETS_MIN, octets_per_s(kbit) / 5);
}

uint32_t
rate_down_burst(unsigned int kbit)
{
	return at_least(PACKETS_MIN / 5, octets_per_s(kbit) / 50);
}

/* 300 ms: a longer queue is nothing but a delay. */
uint32_t
rate_down_queue(unsigned int kbit)
{
	return at_least(PACKETS_MIN, octets_per_s(kbit) / 10 * 3);
}

static struct nlmsghdr *
put_request(
    void *buf, uint16_t type, uint16_t flags, uint32_t ifindex, uint32_t parent)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct tcmsg *t;

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	t = mnl_nlmsg_put_extra_header(h, sizeof(*t));
	t->tcm_family = AF_UNSPEC;
	t->tcm_ifindex = (int)ifindex;
	t->tcm_parent = parent;
	return h;
}

static struct tcmsg *
tcm(const struct nlmsghdr *h)
{
	return mnl_nlmsg_get_payload(h);
}

static int
ask(struct nlmsghdr *h)
{
	return nl_ask(NETLINK_ROUTE, h, NULL, NULL) == -1 ? -1 : 0;
}

static struct tc_ratespec
ratespec(unsigned int kbit)
{
	/* Of old, times of packets were looked up in a table, which has to be
	 * there though nobody looks: cell_log is of it. */
	return (struct tc_ratespec){ .cell_log = 3,
		.linklayer = TC_LINKLAYER_ETHERNET,
		.rate = octets_per_s(kbit) };
}

static int
limit_down(uint32_t ifindex, unsigned int kbit)
{
	char buf[512];
	struct nlmsghdr *h = put_request(
	    buf, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex, TC_H_ROOT);
	struct tc_tbf_qopt opt = { .rate = ratespec(kbit),
		.limit = rate_down_queue(kbit) };
	struct nlattr *nest;

	tcm(h)->tcm_handle = ROOT_HANDLE;
	mnl_attr_put_strz(h, TCA_KIND, "tbf");
	nest = mnl_attr_nest_start(h, TCA_OPTIONS);
	mnl_attr_put(h, TCA_TBF_PARMS, sizeof(opt), &opt);
	mnl_attr_put_u32(h, TCA_TBF_BURST, rate_down_burst(kbit));
	mnl_attr_nest_end(h, nest);
	return ask(h);
}

static void
put_police(struct nlmsghdr *h, unsigned int kbit)
{
	static const uint8_t table[TC_RTAB_SIZE];
	const uint64_t ns =
	    1000000000ull * rate_up_burst(kbit) / octets_per_s(kbit);
	const struct tc_police police = { .action = TC_POLICE_SHOT,
		.burst = (uint32_t)(ns / NS_PER_TICK),
		.mtu = 65535,
		.rate = ratespec(kbit) };
	struct nlattr *options = mnl_attr_nest_start(h, TCA_ACT_OPTIONS);

	mnl_attr_put(h, TCA_POLICE_TBF, sizeof(police), &police);
	mnl_attr_put(h, TCA_POLICE_RATE, sizeof(table), table);
	mnl_attr_nest_end(h, options);
}

static int
limit_up(uint32_t ifindex, unsigned int kbit)
{
	char buf[2048];
	struct nlattr *options, *actions, *first;
	struct nlmsghdr *h = put_request(buf, RTM_NEWQDISC,
	    NLM_F_CREATE | NLM_F_EXCL, ifindex, TC_H_INGRESS);

	tcm(h)->tcm_handle = INGRESS_HANDLE;
	mnl_attr_put_strz(h, TCA_KIND, "ingress");
	if (ask(h) == -1)
		return -1;
	h = put_request(buf, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, ifindex,
	    INGRESS_HANDLE);
	tcm(h)->tcm_info = TC_H_MAKE(1u << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(h, TCA_KIND, "matchall");
	options = mnl_attr_nest_start(h, TCA_OPTIONS);
	actions = mnl_attr_nest_start(h, TCA_MATCHALL_ACT);
	first = mnl_attr_nest_start(h, 1);
	mnl_attr_put_strz(h, TCA_ACT_KIND, "police");
	put_police(h, kbit);
	mnl_attr_nest_end(h, first);
	mnl_attr_nest_end(h, actions);
	mnl_attr_nest_end(h, options);
	return ask(h);
}

/* Nothing is there mostly, which the kernel calls an error. */
static void
forget(uint32_t ifindex, uint32_t parent)
{
	char buf[256];

	(void)ask(put_request(buf, RTM_DELQDISC, 0, ifindex, parent));
}

int
rate_set(uint32_t ifindex, const struct rate_limit *r)
{
	forget(ifindex, TC_H_ROOT);
	forget(ifindex, TC_H_INGRESS);
	if (r->down_kbit != 0 && limit_down(ifindex, r->down_kbit) == -1)
		return -1;
	if (r->up_kbit != 0 && limit_up(ifindex, r->up_kbit) == -1)
		return -1;
	return 0;
}
