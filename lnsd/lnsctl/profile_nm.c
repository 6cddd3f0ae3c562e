/* SPDX-License-Identifier: ISC */
/*
 * A keyfile of NetworkManager's for the plugin network-manager-l2tp; contract
 * in profile.h.  The names are those of its nm-service-defines.h.
 */

#include "profile.h"

#include <string.h>

static void
value(FILE *f, const char *key, const char *text)
{
	fprintf(f, "%s=", key);
	profile_keyfile(f, text);
	fputc('\n', f);
}

/* Our best and what every server has, in words that libreswan and strongSwan
 * know.  The plugin's own list has had group 2 in front, which a libreswan
 * without it refuses as a whole. */
static void
proposals(FILE *f)
{
	fputs("ipsec-ike=aes256-sha2_256-modp2048,aes256-sha1-modp2048\n"
	      "ipsec-esp=aes256-sha2_512,aes256-sha1\n",
	    f);
}

static void
authentication(FILE *f, const struct profile_facts *facts)
{
	static const struct {
		const char *key;
		unsigned int method;
	} refuse[] = {
		{ "refuse-eap", 0 },
		{ "refuse-pap", CONF_AUTH_PAP },
		{ "refuse-chap", CONF_AUTH_CHAP },
		{ "refuse-mschap", 0 },
		{ "refuse-mschapv2", CONF_AUTH_MSCHAPV2 },
	};

	for (size_t i = 0; i < nitems(refuse); i++)
		if (refuse[i].method != facts->auth)
			fprintf(f, "%s=yes\n", refuse[i].key);
}

static void
vpn(FILE *f, const struct profile_facts *facts)
{
	fputs("\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\n", f);
	value(f, "gateway", facts->server);
	value(f, "user", facts->user);
	/* Flags: 0 is saved, 2 is asked for every time. */
	fprintf(f, "password-flags=%d\n", facts->password != NULL ? 0 : 2);
	authentication(f, facts);
	if (facts->mtu != 0)
		fprintf(f, "mtu=%u\nmru=%u\n", facts->mtu, facts->mtu);
	fputs(
	    "lcp-echo-interval=30\nlcp-echo-failure=4\nipsec-enabled=yes\n", f);
	if (facts->psk != NULL) {
		fputs("machine-auth-type=psk\nipsec-psk-flags=0\n", f);
	} else {
		fputs("machine-auth-type=tls\nmachine-certpass-flags=2\n", f);
		value(f, "machine-ca", facts->pkcs12);
		value(f, "machine-cert", facts->pkcs12);
		value(f, "machine-key", facts->pkcs12);
	}
	proposals(f);
}

/* "0s" in front tells the plugin that it is in base64. */
static void
psk(FILE *f, const char *text)
{
	size_t len = strlen(text);

	if (profile_is_ascii(text) && strncmp(text, "0s", 2) != 0 &&
	    text[0] != ' ' && text[len - 1] != ' ') {
		value(f, "ipsec-psk", text);
		return;
	}
	fputs("ipsec-psk=0s", f);
	profile_base64(f, text);
	fputc('\n', f);
}

static void
addresses(FILE *f, const struct profile_facts *facts)
{
	fputs("\n[ipv4]\nmethod=auto\n", f);
	if (!facts->all_traffic)
		fputs("never-default=true\n", f);
	for (size_t i = 0; i < facts->n_routes && !facts->all_traffic; i++) {
		fprintf(f, "route%zu=", i + 1);
		profile_route(f, &facts->routes[i]);
		fputc('\n', f);
	}
	fprintf(f, "\n[ipv6]\nmethod=%s\n", facts->ipv6 ? "auto" : "disabled");
	if (!facts->all_traffic && facts->ipv6)
		fputs("never-default=true\n", f);
}

int
profile_write_nm(FILE *f, const struct profile_facts *facts)
{
	char uuid[PROFILE_UUID];

	profile_uuid(facts, "nm", uuid);
	fputs("[connection]\n", f);
	value(f, "id", facts->name);
	fprintf(f, "uuid=%s\ntype=vpn\nautoconnect=false\n", uuid);
	vpn(f, facts);
	if (facts->password != NULL || facts->psk != NULL)
		fputs("\n[vpn-secrets]\n", f);
	if (facts->password != NULL)
		value(f, "password", facts->password);
	if (facts->psk != NULL)
		psk(f, facts->psk);
	addresses(f, facts);
	return ferror(f) != 0 ? -1 : 0;
}
