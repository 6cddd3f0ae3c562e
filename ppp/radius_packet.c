/* SPDX-License-Identifier: ISC */
/* RADIUS packets; contract in radius_packet.h. */

#include "radius_packet.h"

#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define MD5_LEN 16
#define SECRET_MAX 255
#define ATTR_HDR_LEN 2
#define VENDOR_HDR_LEN 4
/* Where things lie in a packet. */
#define AT_ID 1
#define AT_LENGTH 2
#define AT_AUTHENTICATOR 4

static void
put_u16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void
put_u32(uint8_t *p, uint32_t value)
{
	put_u16(p, value >> 16);
	put_u16(p + 2, value & 0xffff);
}

static uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* --- attributes that are sent --- */

void
radius_attrs_init(struct radius_attrs *a)
{
	a->len = 0;
	a->overflow = false;
}

/* Room for a value of this length, whose header is written; NULL: none. */
static uint8_t *
add_room(struct radius_attrs *a, uint8_t type, size_t len)
{
	uint8_t *p = a->octets + a->len;

	if (a->overflow || len > RADIUS_VALUE_MAX ||
	    sizeof(a->octets) - a->len < ATTR_HDR_LEN + len) {
		a->overflow = true;
		return NULL;
	}
	p[0] = type;
	p[1] = (uint8_t)(ATTR_HDR_LEN + len);
	a->len += ATTR_HDR_LEN + len;
	return p + ATTR_HDR_LEN;
}

void
radius_add(struct radius_attrs *a, uint8_t type, const void *value, size_t len)
{
	uint8_t *p;

	if (len == 0)
		return;
	p = add_room(a, type, len);
	if (p != NULL)
		memcpy(p, value, len);
}

void
radius_add_u32(struct radius_attrs *a, uint8_t type, uint32_t value)
{
	uint8_t octets[4];

	put_u32(octets, value);
	radius_add(a, type, octets, sizeof(octets));
}

void
radius_add_text(struct radius_attrs *a, uint8_t type, const char *text)
{
	if (text != NULL)
		radius_add(a, type, text, strnlen(text, RADIUS_VALUE_MAX));
}

void
radius_add_vendor(struct radius_attrs *a, uint32_t vendor, uint8_t type,
    const void *value, size_t len)
{
	uint8_t *p;

	if (len > RADIUS_VENDOR_VALUE_MAX) {
		a->overflow = true;
		return;
	}
	p = add_room(
	    a, RADIUS_VENDOR_SPECIFIC, VENDOR_HDR_LEN + ATTR_HDR_LEN + len);
	if (p == NULL)
		return;
	put_u32(p, vendor);
	p[4] = type;
	p[5] = (uint8_t)(ATTR_HDR_LEN + len);
	if (len > 0)
		memcpy(p + VENDOR_HDR_LEN + ATTR_HDR_LEN, value, len);
}

/* --- digests --- */

/* Not as a string: no NUL is behind it. */
static void
put_octets(uint8_t *to, const void *octets, size_t len)
{
	memcpy(to, octets, len);
}

/* MD5 of a packet with this in the place of its authenticator, and the secret
 * behind it: RFC 2865 3, RFC 2866 3. */
static bool
digest_with(const uint8_t *packet, size_t len,
    const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN], const char *secret,
    uint8_t out[MD5_LEN])
{
	uint8_t buf[RADIUS_PACKET_MAX + SECRET_MAX];
	const size_t secret_len = strlen(secret);
	bool ok;

	if (len > RADIUS_PACKET_MAX || secret_len > SECRET_MAX)
		return false;
	memcpy(buf, packet, len);
	memcpy(buf + AT_AUTHENTICATOR, authenticator, RADIUS_AUTHENTICATOR_LEN);
	put_octets(buf + len, secret, secret_len);
	ok = EVP_Digest(buf, len + secret_len, out, NULL, EVP_md5(), NULL) == 1;
	OPENSSL_cleanse(buf + len, secret_len);
	return ok;
}

/* HMAC-MD5 of a packet with this in the place of its authenticator, and zeroes
 * in that of the Message-Authenticator, whose value is at ma: RFC 2869 5.14. */
static bool
hmac_with(const uint8_t *packet, size_t len, size_t ma,
    const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN], const char *secret,
    uint8_t out[MD5_LEN])
{
	uint8_t buf[RADIUS_PACKET_MAX];
	const size_t secret_len = strlen(secret);

	if (len > sizeof(buf) || secret_len > SECRET_MAX)
		return false;
	memcpy(buf, packet, len);
	memcpy(buf + AT_AUTHENTICATOR, authenticator, RADIUS_AUTHENTICATOR_LEN);
	memset(buf + ma, 0, MD5_LEN);
	return HMAC(EVP_md5(), secret, (int)secret_len, buf, len, out, NULL) !=
	       NULL;
}

/* One block of RFC 2865 5.2: b = MD5(secret, what was before), out = in ^ b. */
static bool
hide_block(const char *secret, const uint8_t before[MD5_LEN],
    const uint8_t in[MD5_LEN], uint8_t out[MD5_LEN])
{
	uint8_t buf[SECRET_MAX + MD5_LEN], mask[MD5_LEN];
	const size_t secret_len = strlen(secret);
	bool ok;
	size_t i;

	if (secret_len > SECRET_MAX)
		return false;
	put_octets(buf, secret, secret_len);
	memcpy(buf + secret_len, before, MD5_LEN);
	ok = EVP_Digest(
		 buf, secret_len + MD5_LEN, mask, NULL, EVP_md5(), NULL) == 1;
	for (i = 0; i < MD5_LEN && ok; i++)
		out[i] = in[i] ^ mask[i];
	OPENSSL_cleanse(buf, sizeof(buf));
	OPENSSL_cleanse(mask, sizeof(mask));
	return ok;
}

bool
radius_unhide(const char *secret,
    const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN],
    const uint8_t *hidden, size_t len, uint8_t plain[RADIUS_PASSWORD_MAX])
{
	const uint8_t *before = authenticator;
	size_t at;

	if (len == 0 || len > RADIUS_PASSWORD_MAX || len % MD5_LEN != 0)
		return false;
	for (at = 0; at < len; at += MD5_LEN) {
		if (!hide_block(secret, before, hidden + at, plain + at))
			return false;
		before = hidden + at;
	}
	return true;
}

static bool
add_password(struct radius_attrs *a, const struct radius_request *rq,
    const struct radius_seal *seal)
{
	uint8_t plain[RADIUS_PASSWORD_MAX] = { 0 };
	const uint8_t *before = seal->authenticator;
	/* An empty one is a block of zeroes. */
	size_t len = rq->password_len == 0 ? 1 : rq->password_len;
	bool ok = true;
	uint8_t *p;
	size_t at;

	if (len > sizeof(plain))
		return false;
	memcpy(plain, rq->password, rq->password_len);
	len = (len + MD5_LEN - 1) / MD5_LEN * MD5_LEN;
	p = add_room(a, RADIUS_USER_PASSWORD, len);
	for (at = 0; at < len && p != NULL && ok; at += MD5_LEN) {
		ok = hide_block(seal->secret, before, plain + at, p + at);
		before = p + at;
	}
	OPENSSL_cleanse(plain, sizeof(plain));
	return ok && p != NULL;
}

/* --- packets that are sent --- */

static bool
is_accounting(uint8_t code)
{
	return code == RADIUS_ACCOUNTING_REQUEST ||
	       code == RADIUS_ACCOUNTING_RESPONSE;
}

/* Requests whose authenticator is a digest of the packet, made with zeroes in
 * its place. */
static bool
is_digest_request(uint8_t code)
{
	return code == RADIUS_ACCOUNTING_REQUEST ||
	       code == RADIUS_DISCONNECT_REQUEST || code == RADIUS_COA_REQUEST;
}

static bool
sign(struct radius_packet *p, const struct radius_seal *seal)
{
	const uint8_t zero[RADIUS_AUTHENTICATOR_LEN] = { 0 };
	const uint8_t *with =
	    is_digest_request(p->octets[0]) ? zero : seal->authenticator;
	const size_t ma = RADIUS_HDR_LEN + ATTR_HDR_LEN;

	if (!is_accounting(p->octets[0]) &&
	    !hmac_with(
		p->octets, p->len, ma, with, seal->secret, p->octets + ma))
		return false;
	if (p->octets[0] == RADIUS_ACCESS_REQUEST) {
		memcpy(p->octets + AT_AUTHENTICATOR, with,
		    RADIUS_AUTHENTICATOR_LEN);
		return true;
	}
	return digest_with(p->octets, p->len, with, seal->secret,
	    p->octets + AT_AUTHENTICATOR);
}

bool
radius_encode(struct radius_packet *p, const struct radius_request *rq,
    const struct radius_seal *seal)
{
	const uint8_t zero[MD5_LEN] = { 0 };
	struct radius_attrs all;

	radius_attrs_init(&all);
	/* First, so that no prefix of the packet can be chosen by others. */
	if (!is_accounting((uint8_t)rq->code))
		radius_add(
		    &all, RADIUS_MESSAGE_AUTHENTICATOR, zero, sizeof(zero));
	if (rq->attrs.overflow || sizeof(all.octets) - all.len < rq->attrs.len)
		return false;
	memcpy(all.octets + all.len, rq->attrs.octets, rq->attrs.len);
	all.len += rq->attrs.len;
	if (rq->has_password && !add_password(&all, rq, seal))
		return false;
	if (rq->has_delay)
		radius_add_u32(&all, RADIUS_ACCT_DELAY_TIME, seal->delay_s);
	if (all.overflow)
		return false;
	p->len = RADIUS_HDR_LEN + all.len;
	p->octets[0] = (uint8_t)rq->code;
	p->octets[AT_ID] = seal->id;
	put_u16(p->octets + AT_LENGTH, p->len);
	memcpy(p->octets + RADIUS_HDR_LEN, all.octets, all.len);
	return sign(p, seal);
}

/* --- packets that come --- */

bool
radius_view(struct radius_view *v, const uint8_t *data, size_t len)
{
	size_t said, at;

	if (len < RADIUS_HDR_LEN)
		return false;
	said = (size_t)data[AT_LENGTH] << 8 | data[AT_LENGTH + 1];
	if (said < RADIUS_HDR_LEN || said > len || said > RADIUS_PACKET_MAX)
		return false;
	for (at = RADIUS_HDR_LEN; at < said; at += data[at + 1])
		if (said - at < ATTR_HDR_LEN || data[at + 1] < ATTR_HDR_LEN ||
		    data[at + 1] > said - at)
			return false;
	v->code = data[0];
	v->id = data[AT_ID];
	v->octets = data;
	v->len = said;
	return true;
}

const uint8_t *
radius_authenticator(const struct radius_view *v)
{
	return v->octets + AT_AUTHENTICATOR;
}

/* Is the value a vendor's number and behind it attributes, to the end? */
static bool
is_well_formed(const uint8_t *p, size_t len)
{
	size_t at;

	if (len < VENDOR_HDR_LEN + ATTR_HDR_LEN || get_u32(p) == 0)
		return false;
	for (at = VENDOR_HDR_LEN; at < len; at += p[at + 1])
		if (len - at < ATTR_HDR_LEN || p[at + 1] < ATTR_HDR_LEN ||
		    p[at + 1] > len - at)
			return false;
	return true;
}

static void
take(const struct radius_view *v, size_t *at, struct radius_attr *a)
{
	const uint8_t *p = v->octets + *at;

	a->type = p[0];
	a->value = p + ATTR_HDR_LEN;
	a->len = (size_t)p[1] - ATTR_HDR_LEN;
	*at += p[1];
}

bool
radius_next(
    const struct radius_view *v, struct radius_cursor *c, struct radius_attr *a)
{
	size_t from;

	if (c->at == 0)
		c->at = RADIUS_HDR_LEN;
	if (c->sub < c->end) {
		a->vendor = c->vendor;
		take(v, &c->sub, a);
		return true;
	}
	if (c->at >= v->len)
		return false;
	from = c->at + ATTR_HDR_LEN;
	a->vendor = 0;
	take(v, &c->at, a);
	if (a->type != RADIUS_VENDOR_SPECIFIC ||
	    !is_well_formed(a->value, a->len))
		return true;
	c->vendor = get_u32(a->value);
	c->sub = from + VENDOR_HDR_LEN;
	c->end = c->at;
	return radius_next(v, c, a);
}

bool
radius_find(const struct radius_view *v, uint32_t vendor, uint8_t type,
    struct radius_attr *a)
{
	struct radius_cursor c = { 0 };

	while (radius_next(v, &c, a))
		if (a->vendor == vendor && a->type == type)
			return true;
	return false;
}

bool
radius_u32(const struct radius_attr *a, uint32_t *value)
{
	if (a->len != 4)
		return false;
	*value = get_u32(a->value);
	return true;
}

/* with: what stood in the place of the authenticator when the
 * Message-Authenticator was made. */
static enum radius_check
check_seal(const struct radius_view *v, const uint8_t *with, const char *secret,
    bool required)
{
	struct radius_attr a;
	uint8_t want[MD5_LEN];

	if (!radius_find(v, 0, RADIUS_MESSAGE_AUTHENTICATOR, &a))
		return required ? RADIUS_UNSEALED : RADIUS_GOOD;
	if (a.len != MD5_LEN ||
	    !hmac_with(v->octets, v->len, (size_t)(a.value - v->octets), with,
		secret, want) ||
	    CRYPTO_memcmp(want, a.value, MD5_LEN) != 0)
		return RADIUS_FORGED;
	return RADIUS_GOOD;
}

static enum radius_check
check(const struct radius_view *v, const uint8_t *with, const char *secret,
    bool require_ma)
{
	uint8_t want[MD5_LEN];

	if (!digest_with(v->octets, v->len, with, secret, want) ||
	    CRYPTO_memcmp(want, radius_authenticator(v), MD5_LEN) != 0)
		return RADIUS_FORGED;
	return check_seal(v, with, secret, require_ma);
}

enum radius_check
radius_check_reply(const struct radius_view *v,
    const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
    const char *secret, bool require_ma)
{
	return check(v, request_authenticator, secret, require_ma);
}

enum radius_check
radius_check_request(
    const struct radius_view *v, const char *secret, bool require_ma)
{
	const uint8_t zero[RADIUS_AUTHENTICATOR_LEN] = { 0 };

	return check(v, zero, secret, require_ma);
}
