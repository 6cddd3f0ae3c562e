/* SPDX-License-Identifier: ISC */
#ifndef CERT_H
#define CERT_H

/* X.509 certificates and keys as PEM text: pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

/*
 * Whether a server can authenticate itself with the certificate (the first of
 * the text; those behind it lead to the authority), its private key and its
 * certificate authority.  NULL, or what is wrong: "certificate-file: ...", by
 * the names of lnsd.conf(5).
 */
const char *cert_problem(
    const char *certificate, const char *key, const char *authority) must_check;
/* The certificate's time has not come, or is over. */
bool cert_is_out_of_date(const char *certificate) must_check;

/*
 * All but the authority as PKCS #12, encrypted with the password.  The caller
 * wipes and frees the result; NULL after a failure.
 */
uint8_t *cert_pkcs12(const char *certificate, const char *key, const char *name,
    const char *password, size_t *len) must_check;

#endif
