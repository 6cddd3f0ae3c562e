/* SPDX-License-Identifier: ISC */
#ifndef COMPAT_H
#define COMPAT_H

/*
 * pppd's headers.  The plugin is written against the names of ppp 2.5; for
 * 2.4.9 they are made from what is there.
 */

#include <stdio.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <linux/ppp_defs.h>
#include <linux/ppp-ioctl.h>

#include <pppd/pppd.h>
#if __has_include(<pppd/options.h>)
#include <pppd/options.h>
#endif
#include <pppd/fsm.h>
#include <pppd/lcp.h>
#include <pppd/ipcp.h>
#include <pppd/ccp.h>
#include <pppd/upap.h>
/* Without it the headers of 2.4.9 refuse to be read. */
#ifndef INET6
#define INET6 1
#endif
#include <pppd/eui64.h>
#include <pppd/ipv6cp.h>

#if __has_include(<pppd/chap.h>)
#include <pppd/chap.h>
/* Exported, but declared in a header that is not installed. */
void die(int) __attribute__((noreturn));
void auth_peer_fail(int, int);
void auth_peer_success(int, int, int, char *, int);
void output(int, unsigned char *, int);
int sifnpmode(int, int, enum NPmode);
#else
#include <pppd/chap-new.h>

#define PPPD_VERSION VERSION

#define ppp_add_options add_options
#define ppp_int_option int_option
#define ppp_option_error option_error
#define ppp_generic_establish generic_establish_ppp
#define ppp_generic_disestablish generic_disestablish_ppp
#define ppp_set_mtu netif_set_mtu
#define ppp_get_mtu netif_get_mtu
#define ppp_ifunit() ifunit
#define ppp_ifname() ifname
#define ppp_set_modem(on) (modem = (on))
#define ppp_status() status
#define ppp_signaled(sig) got_sigterm
#define ppp_set_max_idle_time(s) (idle_time_limit = (s))
#define ppp_set_max_connect_time(s) (maxconnect = (s))
#define ppp_set_pppdevnam(name) strlcpy(ppp_devnam, name, sizeof(ppp_devnam))

#define ppp_timeout(fn, arg, s, us) timeout(fn, arg, s, us)
#define ppp_untimeout(fn, arg) untimeout(fn, arg)
#define ppp_add_notify(list, fn, arg) add_notifier(list, fn, arg)
#define NF_PHASE_CHANGE (&phasechange)
#define NF_EXIT (&exitnotify)
#define NF_IP_UP (&ip_up_notifier)
#define NF_IP_DOWN (&ip_down_notifier)
#define NF_IPV6_UP (&ipv6_up_notifier)
#define NF_IPV6_DOWN (&ipv6_down_notifier)
#define NF_AUTH_UP (&auth_up_notifier)
#define NF_FORK (&fork_notifier)
#endif

#ifndef PPP_CHAP
#error "linux/ppp_defs.h has no PPP_CHAP"
#endif

#endif
