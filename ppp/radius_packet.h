/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_PACKET_H
#define RADIUS_PACKET_H

/*
 * RADIUS packets (RFC 2865 3): from attributes to octets and back, signed and
 * verified.  Pure.
 *
 * Why own code, where the rule is to use a library: radcli sends and waits in
 * one call, so that a dead server would stop everybody or cost a thread for
 * each login.  libfreeradius-radius separates packets from I/O, but Debian
 * ships it as a part of the server: in a private directory, without soname or
 * pkg-config file or any promise that its structs stay; it needs the server's
 * dictionaries at run time, talloc and libpcap.  What we need of it is this
 * file; the digests are OpenSSL's.
 *
 * Functions that return bool also answer false when libcrypto fails.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "radius_attr.h"

#define RADIUS_HDR_LEN 20
#define RADIUS_PACKET_MAX 4096
#define RADIUS_AUTHENTICATOR_LEN 16
#define RADIUS_VALUE_MAX 253
#define RADIUS_VENDOR_VALUE_MAX 247
#define RADIUS_PASSWORD_MAX 128 /* RFC 2865 5.2 */

/* --- what is sent --- */

/* Attributes as they stand in a packet. */
struct radius_attrs {
	uint8_t octets[RADIUS_PACKET_MAX - RADIUS_HDR_LEN];
	size_t len;
	bool overflow; /* something did not fit, for good */
};

void radius_attrs_init(struct radius_attrs *);
/* Nothing is added of no octets; RFC 2865 5. */
void radius_add(
    struct radius_attrs *, uint8_t type, const void *value, size_t len);
void radius_add_u32(struct radius_attrs *, uint8_t type, uint32_t value);
/* A longer text is cut; NULL and "" add nothing. */
void radius_add_text(struct radius_attrs *, uint8_t type, const char *text);
void radius_add_vendor(struct radius_attrs *, uint32_t vendor, uint8_t type,
    const void *value, size_t len);

/* What a packet is made from, again for every server that it is sent to. */
struct radius_request {
	enum radius_code code;
	struct radius_attrs attrs; /* without the two that follow */
	/* Access-Request only: User-Password, hidden by encoding; a secret. */
	bool has_password;
	uint8_t password[RADIUS_PASSWORD_MAX];
	size_t password_len;
	/* Accounting-Request only: Acct-Delay-Time is to be added. */
	bool has_delay;
};

struct radius_packet {
	uint8_t octets[RADIUS_PACKET_MAX];
	size_t len;
};

struct radius_seal {
	const char *secret;
	uint8_t id;
	/* Access-Request: the Request Authenticator, random.  Replies: that
	 * of the request.  Others: not looked at. */
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
	uint32_t delay_s; /* for has_delay */
};

/*
 * Message-Authenticator is always there and first, but not in Accounting,
 * where RFC 2869 5.14 does not have it and the packet is signed as a whole.
 * False: it does not fit.
 */
bool radius_encode(struct radius_packet *, const struct radius_request *,
    const struct radius_seal *) must_check;

/* --- what comes --- */

struct radius_attr {
	uint32_t vendor; /* 0: none; else type is the vendor's */
	uint8_t type;
	const uint8_t *value;
	size_t len;
};

/* A received packet whose lengths agree; points into it. */
struct radius_view {
	uint8_t code, id;
	const uint8_t *octets;
	size_t len; /* as its header says; padding is left out */
};

/* False: it is no packet (RFC 2865 3 wants it discarded silently). */
bool radius_view(
    struct radius_view *, const uint8_t *data, size_t len) must_check;
const uint8_t *radius_authenticator(const struct radius_view *);

/* The attribute at *at, which begins at 0 and is moved on; false at the end.
 * A vendor's are given one by one; those that are not in the form of RFC 2865
 * 5.26 as one of type RADIUS_VENDOR_SPECIFIC with the vendor 0. */
struct radius_cursor {
	size_t at;	 /* of the next attribute, within the packet */
	size_t sub, end; /* within one of a vendor; sub == end: not in one */
	uint32_t vendor;
};
bool radius_next(const struct radius_view *, struct radius_cursor *,
    struct radius_attr *) must_check;
/* The first of its kind. */
bool radius_find(const struct radius_view *, uint32_t vendor, uint8_t type,
    struct radius_attr *) must_check;
/* False if it is not one of four octets. */
bool radius_u32(const struct radius_attr *, uint32_t *) must_check;

enum radius_check {
	RADIUS_GOOD,
	RADIUS_FORGED,	/* not signed with this secret */
	RADIUS_UNSEALED /* no Message-Authenticator, though it is required */
};

/* A reply to a request with this authenticator.  The Response Authenticator
 * alone proves nothing since CVE-2024-3596 (BlastRADIUS): require_ma wants a
 * Message-Authenticator, which is verified in any case if there is one. */
enum radius_check radius_check_reply(const struct radius_view *,
    const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
    const char *secret, bool require_ma) must_check;
/* A request whose authenticator is a digest: Accounting (RFC 2866 3) and those
 * of RFC 5176 2.3. */
enum radius_check radius_check_request(
    const struct radius_view *, const char *secret, bool require_ma) must_check;

/* For tests: what radius_encode() has hidden, RFC 2865 5.2; len is that of the
 * attribute.  False if that is none of a hidden password. */
bool radius_unhide(const char *secret,
    const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN],
    const uint8_t *hidden, size_t len,
    uint8_t plain[RADIUS_PASSWORD_MAX]) must_check;

#endif
