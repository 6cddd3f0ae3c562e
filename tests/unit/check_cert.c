/* SPDX-License-Identifier: ISC */
/* Certificates: what is of use, and their way into the key database. */

#include "conf_file.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/wait.h>

#include "../../ipsec/keys.h"
#include "../../ipsec/pluto_files.h"
#include "cert.h"
#include "log.h"
#include "loop.h"

#define DAY_S (24 * 60 * 60L)

struct identity {
	EVP_PKEY *key;
	X509 *x;
	char *cert_pem, *key_pem;
};

static struct identity ca, other_ca, server, ecdsa, small, expired;

static char *
text_of(BIO *b)
{
	char *data, *text;
	long n = BIO_get_mem_data(b, &data);

	text = strndup(data, (size_t)n);
	ck_assert_ptr_nonnull(text);
	BIO_free(b);
	return text;
}

static void
add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* issuer NULL: an authority of its own. */
static struct identity
identity(const char *name, EVP_PKEY *key, const struct identity *issuer,
    long until_s)
{
	struct identity id = { .key = key, .x = X509_new() };
	BIO *b;

	ck_assert_ptr_nonnull(key);
	X509_set_version(id.x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(id.x), 1 + (long)strlen(name));
	X509_gmtime_adj(X509_getm_notBefore(id.x), -2 * DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(id.x), until_s);
	X509_set_pubkey(id.x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(id.x), "CN",
	    MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(
	    id.x, X509_get_subject_name(issuer != NULL ? issuer->x : id.x));
	add_extension(id.x, NID_basic_constraints,
	    issuer == NULL ? "critical,CA:TRUE" : "CA:FALSE");
	ck_assert_int_gt(
	    X509_sign(id.x, issuer != NULL ? issuer->key : key, EVP_sha256()),
	    0);
	b = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(b, id.x);
	id.cert_pem = text_of(b);
	b = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL);
	id.key_pem = text_of(b);
	return id;
}

static void
forget(struct identity *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->x);
	free(id->cert_pem);
	free(id->key_pem);
}

static void
make_identities(void)
{
	ca = identity("ca", EVP_RSA_gen(2048), NULL, DAY_S);
	other_ca = identity("other ca", EVP_EC_gen("P-256"), NULL, DAY_S);
	server = identity("server", EVP_RSA_gen(2048), &ca, DAY_S);
	ecdsa = identity("ecdsa", EVP_EC_gen("P-256"), &ca, DAY_S);
	small = identity("small", EVP_RSA_gen(1024), &ca, DAY_S);
	expired = identity("expired", EVP_RSA_gen(2048), &ca, -DAY_S);
}

static void
forget_identities(void)
{
	struct identity *const all[] = { &ca, &other_ca, &server, &ecdsa,
		&small, &expired };

	for (size_t i = 0; i < nitems(all); i++)
		forget(all[i]);
}

static void
assert_problem(
    const char *cert, const char *key, const char *authority, const char *want)
{
	const char *problem = cert_problem(cert, key, authority);

	ck_assert_str_eq(problem != NULL ? problem : "", want);
}

START_TEST(certificate_of_the_authority_is_good)
{
	char both[8192];

	assert_problem(server.cert_pem, server.key_pem, ca.cert_pem, "");
	/* With the chain behind it, and words in front. */
	snprintf(both, sizeof(both), "subject=CN = server\n%s%s",
	    server.cert_pem, ca.cert_pem);
	assert_problem(both, server.key_pem, ca.cert_pem, "");
}
END_TEST

START_TEST(what_is_of_no_use_is_told)
{
	assert_problem("", server.key_pem, ca.cert_pem,
	    "certificate-file: no certificate in PEM is in it");
	assert_problem(server.cert_pem, server.cert_pem, ca.cert_pem,
	    "private-key-file: no key in PEM without a passphrase is in it");
	assert_problem(server.cert_pem, server.key_pem, server.key_pem,
	    "ca-file: no certificate in PEM is in it");
	assert_problem(server.cert_pem, ca.key_pem, ca.cert_pem,
	    "private-key-file: it is not the key of the certificate");
	assert_problem(ecdsa.cert_pem, ecdsa.key_pem, ca.cert_pem,
	    "certificate-file: its key is not RSA, and IKEv1 of libreswan "
	    "knows nothing else");
	assert_problem(small.cert_pem, small.key_pem, ca.cert_pem,
	    "certificate-file: its key has fewer than 2048 bits");
	assert_problem(server.cert_pem, server.key_pem, server.cert_pem,
	    "ca-file: it is not an authority's certificate");
	assert_problem(server.cert_pem, server.key_pem, other_ca.cert_pem,
	    "certificate-file: it was not issued by the authority of ca-file");
}
END_TEST

START_TEST(key_with_a_passphrase_is_refused_without_asking)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *pem;

	PEM_write_bio_PrivateKey(b, server.key, EVP_aes_128_cbc(),
	    (const unsigned char *)"x", 1, NULL, NULL);
	pem = text_of(b);
	assert_problem(server.cert_pem, pem, ca.cert_pem,
	    "private-key-file: no key in PEM without a passphrase is in it");
	free(pem);
}
END_TEST

START_TEST(time_of_a_certificate_is_no_mistake)
{
	assert_problem(expired.cert_pem, expired.key_pem, ca.cert_pem, "");
	ck_assert(cert_is_out_of_date(expired.cert_pem));
	ck_assert(!cert_is_out_of_date(server.cert_pem));
}
END_TEST

/* --- the configuration --- */

#define CERT_PEER                                                  \
	PPP "peer a { address = any certificate-file = cert.pem\n" \
	    "  private-key-file = key.pem ca-file = ca.pem }\n"

static void
put_files(const struct identity *id, const struct identity *authority)
{
	put("cert.pem", id->cert_pem, strlen(id->cert_pem), 0644);
	put("key.pem", id->key_pem, strlen(id->key_pem), 0600);
	put("ca.pem", authority->cert_pem, strlen(authority->cert_pem), 0644);
}

static void
teardown_certs(void)
{
	static const char *const names[] = { "cert.pem", "key.pem", "ca.pem" };
	char path[PATH_MAX];

	for (size_t i = 0; i < nitems(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	teardown();
}

START_TEST(peer_may_have_a_certificate_in_the_place_of_a_key)
{
	struct conf *c;

	put_files(&server, &ca);
	c = assert_loaded(CERT_PEER);
	ck_assert_str_eq(c->peers[0].certificate, server.cert_pem);
	ck_assert_ptr_null(c->peers[0].psk);
	ck_assert_uint_eq(c->n_certificates, 1);
	ck_assert_uint_eq(c->n_warnings, 0);
	conf_free(c);
}
END_TEST

START_TEST(peers_with_the_same_certificate_share_it)
{
	struct conf *c;

	put_files(&server, &ca);
	c = assert_loaded(
	    PPP "template t { certificate-file = cert.pem\n"
		"  private-key-file = key.pem ca-file = ca.pem }\n"
		"peer a { address = any template = t psk = x }\n"
		"peer b { address = 192.0.2.1 template = t }\n"
		"peer c { address = 192.0.2.2 psk = x }\n");
	ck_assert_uint_eq(c->n_certificates, 1);
	ck_assert_uint_eq(c->peers[1].certificate_number, 0);
	ck_assert_ptr_null(c->peers[2].certificate);
	conf_free(c);
}
END_TEST

START_TEST(mistakes_with_certificates_have_a_line)
{
	char path[PATH_MAX];

	put_files(&server, &other_ca);
	assert_refused(CERT_PEER,
	    ":2: peer \"a\": certificate-file: it was not issued by the "
	    "authority of ca-file\n");
	put_files(&server, &ca);
	snprintf(path, sizeof(path), "%s/key.pem", dir);
	ck_assert_int_eq(chmod(path, 0640), 0);
	assert_refused(CERT_PEER,
	    ":3: peer \"a\": private-key-file 'key.pem': readable by group or "
	    "others (mode 0640): chmod 0600\n");
	assert_refused(PPP "peer a { address = any psk = x\n"
			   "  ca-file = ca.pem }\n",
	    ":2: peer \"a\": certificate-file, private-key-file and ca-file "
	    "go together\n");
}
END_TEST

START_TEST(expired_certificate_is_warned_of)
{
	char text[PATH_MAX + 128];
	struct conf *c;

	put_files(&expired, &ca);
	c = assert_loaded(CERT_PEER);
	snprintf(text, sizeof(text),
	    "%s:2: warning: peer \"a\": certificate-file: its time is over, "
	    "or has not come",
	    conf_path);
	ck_assert_uint_eq(c->n_warnings, 1);
	ck_assert_str_eq(c->warnings[0], text);
	conf_free(c);
}
END_TEST

/* --- the key database --- */

static struct keys keys;
static bool failed;

static void
step_ended(void *arg, int status)
{
	(void)arg;
	failed = status != 0;
	keys_clean(&keys);
	if (!failed && !keys_done(&keys) &&
	    keys_next(&keys, step_ended, NULL) != NULL)
		return;
	loop_stop();
}

static void
ignore_log(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

static unsigned int
in_database(const struct pluto_files *f, const char *what)
{
	char command[512], line[256];
	unsigned int n = 0;
	FILE *p;

	snprintf(command, sizeof(command),
	    CERTUTIL_BIN " -L -d sql:%s; " CERTUTIL_BIN " -K -d sql:%s; ls %s",
	    f->nss, f->nss, f->dir);
	p = popen(command, "r"); /* NOLINT */
	ck_assert_ptr_nonnull(p);
	while (fgets(line, sizeof(line), p) != NULL)
		n += strstr(line, what) != NULL;
	ck_assert_int_eq(pclose(p), 0);
	return n;
}

static void
fill_database(struct conf *c, const struct pluto_files *f)
{
	keys_init(&keys, c, f);
	failed = false;
	ck_assert(!keys_done(&keys));
	ck_assert_ptr_nonnull(keys_next(&keys, step_ended, NULL));
	loop_run();
	ck_assert(!failed);
	ck_assert(keys_done(&keys));
}

START_TEST(certificate_gets_into_the_database_and_out_of_it)
{
	struct pluto_files f;
	struct conf *c;
	char run[PATH_MAX], state[PATH_MAX];

	put_files(&server, &ca);
	c = assert_loaded(CERT_PEER);
	free(c->run_dir);
	free(c->state_dir);
	c->run_dir = strdup(dir);
	ck_assert_int_gt(asprintf(&c->state_dir, "%s/state", dir), 0);
	pluto_files_init(&f, c);
	ck_assert_int_eq(pluto_files_make(&f), 0);
	log_sink(ignore_log, NULL);
	loop_init();
	/* The second time over what a killed lnsd has left. */
	for (int i = 0; i < 2; i++) {
		fill_database(c, &f);
		ck_assert_uint_eq(in_database(&f, "lnsd-0"), 2);
		ck_assert_uint_eq(in_database(&f, "CT,,"), 1);
		ck_assert_uint_eq(in_database(&f, "import"), 0);
	}
	loop_fini();
	keys_remove(&keys);
	ck_assert(!pluto_files_have_keys(&f));
	pluto_files_remove(&f);
	snprintf(run, sizeof(run), "%s/ipsec", dir);
	ck_assert_int_eq(access(run, F_OK), -1);
	ck_assert_int_eq(rmdir(f.nss), 0);
	snprintf(state, sizeof(state), "%s/state", dir);
	ck_assert_int_eq(rmdir(state), 0);
	conf_free(c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cert");
	TCase *tc = tcase_create("cert");
	SRunner *sr = srunner_create(s);
	int n_failed;

	tcase_add_unchecked_fixture(tc, make_identities, forget_identities);
	tcase_add_checked_fixture(tc, setup, teardown_certs);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, certificate_of_the_authority_is_good);
	tcase_add_test(tc, what_is_of_no_use_is_told);
	tcase_add_test(tc, key_with_a_passphrase_is_refused_without_asking);
	tcase_add_test(tc, time_of_a_certificate_is_no_mistake);
	tcase_add_test(tc, peer_may_have_a_certificate_in_the_place_of_a_key);
	tcase_add_test(tc, peers_with_the_same_certificate_share_it);
	tcase_add_test(tc, mistakes_with_certificates_have_a_line);
	tcase_add_test(tc, expired_certificate_is_warned_of);
	tcase_add_test(tc, certificate_gets_into_the_database_and_out_of_it);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	n_failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return n_failed == 0 ? 0 : 1;
}
