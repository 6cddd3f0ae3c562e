/* SPDX-License-Identifier: ISC */
/* Certificates by libcrypto; contract in include/cert.h. */

#include "cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>
#include <string.h>

#define RSA_BITS_MIN 2048

static BIO *
reader(const char *pem)
{
	return BIO_new_mem_buf(pem, (int)strlen(pem));
}

static X509 *
read_first(const char *pem)
{
	BIO *in = reader(pem);
	X509 *x = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);

	BIO_free(in);
	ERR_clear_error();
	return x;
}

/* Those behind the first one; NULL: out of memory. */
static STACK_OF(X509) * read_others(const char *pem)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	BIO *in = reader(pem);
	bool first = true;
	X509 *x;

	while (all != NULL && in != NULL &&
	       (x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
		if (first || sk_X509_push(all, x) <= 0)
			X509_free(x);
		first = false;
	}
	BIO_free(in);
	ERR_clear_error();
	return all;
}

static int
no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static EVP_PKEY *
read_key(const char *pem)
{
	BIO *in = reader(pem);
	EVP_PKEY *key =
	    in == NULL ? NULL
		       : PEM_read_bio_PrivateKey(in, NULL, no_password, NULL);

	BIO_free(in);
	ERR_clear_error();
	return key;
}

/* Its time is another matter. */
static bool
leads_to(const char *certificate, X509 *x, X509 *authority)
{
	STACK_OF(X509) *others = read_others(certificate);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool good = false;

	if (others != NULL && store != NULL && ctx != NULL &&
	    X509_STORE_add_cert(store, authority) == 1 &&
	    X509_STORE_CTX_init(ctx, store, x, others) == 1) {
		X509_STORE_CTX_set_flags(
		    ctx, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
		good = X509_verify_cert(ctx) == 1;
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_pop_free(others, X509_free);
	ERR_clear_error();
	return good;
}

static const char *
problem_of(const char *certificate, X509 *x, EVP_PKEY *key, X509 *authority)
{
	if (x == NULL)
		return "certificate-file: no certificate in PEM is in it";
	if (key == NULL)
		return "private-key-file: no key in PEM without a passphrase "
		       "is in it";
	if (authority == NULL)
		return "ca-file: no certificate in PEM is in it";
	if (X509_check_private_key(x, key) != 1)
		return "private-key-file: it is not the key of the certificate";
	/* RFC 2409 knows RSA and DSS; libreswan's IKEv1 only the former. */
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return "certificate-file: its key is not RSA, and IKEv1 of "
		       "libreswan knows nothing else";
	if (EVP_PKEY_get_bits(key) < RSA_BITS_MIN)
		return "certificate-file: its key has fewer than 2048 bits";
	if (X509_check_ca(authority) == 0)
		return "ca-file: it is not an authority's certificate";
	if (!leads_to(certificate, x, authority))
		return "certificate-file: it was not issued by the authority "
		       "of ca-file";
	return NULL;
}

const char *
cert_problem(const char *certificate, const char *key, const char *authority)
{
	X509 *x = read_first(certificate), *ca = read_first(authority);
	EVP_PKEY *k = read_key(key);
	const char *problem = problem_of(certificate, x, k, ca);

	X509_free(x);
	X509_free(ca);
	EVP_PKEY_free(k);
	ERR_clear_error();
	return problem;
}

bool
cert_is_out_of_date(const char *certificate)
{
	X509 *x = read_first(certificate);
	bool out = x == NULL ||
		   X509_cmp_current_time(X509_get0_notBefore(x)) > 0 ||
		   X509_cmp_current_time(X509_get0_notAfter(x)) < 0;

	X509_free(x);
	return out;
}

uint8_t *
cert_pkcs12(const char *certificate, const char *key, const char *name,
    const char *password, size_t *len)
{
	X509 *x = read_first(certificate);
	EVP_PKEY *k = read_key(key);
	STACK_OF(X509) *others = read_others(certificate);
	PKCS12 *p12 = NULL;
	uint8_t *der = NULL;
	int n = -1;

	if (x != NULL && k != NULL && others != NULL)
		p12 =
		    PKCS12_create(password, name, k, x, others, 0, 0, 0, 0, 0);
	if (p12 != NULL)
		n = i2d_PKCS12(p12, &der);
	*len = n > 0 ? (size_t)n : 0;
	PKCS12_free(p12);
	X509_free(x);
	EVP_PKEY_free(k);
	sk_X509_pop_free(others, X509_free);
	ERR_clear_error();
	return der;
}
