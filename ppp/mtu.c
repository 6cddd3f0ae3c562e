/* SPDX-License-Identifier: ISC */
/* The arithmetic of tunnels; contract in mtu.h. */

#include "mtu.h"

/*
 * What carries a client's last mile is not seen from here.  DSL and fibre with
 * PPPoE have 1492 at most, in Japan 1454; IPv4 over IPv6 has 1460.
 */
#define CLIENT_LINE_MTU 1454u

enum {
	IPV4_HDR = 20,
	IPV6_HDR = 40,
	UDP_HDR = 8,
	/* RFC 2661 3.1, with length, Ns and Nr. */
	L2TP_HDR = 12,
	/* Address, control and a protocol of two octets. */
	PPP_HDR = 4,
	/* RFC 4303 2: SPI, sequence number; pad length, next header. */
	ESP_HDR = 8,
	ESP_TRAILER = 2,
	/* The worst of what algs.c proposes: AES-CBC with SHA2-512. */
	ESP_IV = 16,
	ESP_BLOCK = 16,
	ESP_ICV = 32,
};

static unsigned int
take(unsigned int room, unsigned int len)
{
	return room > len ? room - len : 0;
}

unsigned int
mtu_auto(const struct ppp_underlay *u)
{
	unsigned int room = CLIENT_LINE_MTU;

	if (u->mtu != 0 && u->mtu < room)
		room = u->mtu;
	room = take(room, u->family == 6 ? IPV6_HDR : IPV4_HDR);
	if (u->esp) {
		if (u->in_udp)
			room = take(room, UDP_HDR);
		room = take(room, ESP_HDR + ESP_IV + ESP_ICV);
		room = take(room - room % ESP_BLOCK, ESP_TRAILER);
	}
	room = take(room, UDP_HDR + L2TP_HDR + PPP_HDR);
	if (room < MTU_AUTO_MIN)
		return MTU_AUTO_MIN;
	return room < MTU_AUTO_MAX ? room : MTU_AUTO_MAX;
}
