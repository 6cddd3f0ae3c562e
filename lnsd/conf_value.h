/* SPDX-License-Identifier: ISC */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

/* From the text of one value to what it means: pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "conf.h"

/* Decimal digits only. */
bool conf_parse_number(const char *, unsigned int min, unsigned int max,
    unsigned int *) must_check;
/* Kilobits, or with a k or M behind them; 0, or 8 kbit to 10 Gbit. */
bool conf_parse_rate(const char *, unsigned int *kbit) must_check;
/* yes, no, true, false, on, off. */
bool conf_parse_bool(const char *, bool *) must_check;
/* 2 * len hex digits. */
bool conf_parse_hex(const char *, uint8_t *, size_t len) must_check;

/* These return NULL, or what is wrong as the end of a sentence that starts
 * with the value: "is not an IPv4 address". */

/* The IPv4 address of one host. */
const char *conf_parse_address(const char *, struct in_addr *) must_check;
/* The IPv4 or IPv6 address of one host, reachable from others; port 0. */
const char *conf_parse_host(const char *, struct lns_addr *) must_check;
/* "a/n", with n from 1 and no bits set behind it, or "a". */
const char *conf_parse_network(const char *, struct conf_route *) must_check;
/* "a-b", "a/n" or "a".  Of a/n the first and the last address are left out, as
 * they name a network, unless n is 31 or 32. */
const char *conf_parse_range(const char *, struct conf_range *) must_check;
/* "a/n" of IPv6 unicast addresses, n from min to 64; nothing may be set behind
 * it. */
const char *conf_parse_prefix(
    const char *, unsigned int min, struct conf_prefix *) must_check;
/* The name of a section or of this host. */
const char *conf_check_name(const char *, bool blanks) must_check;
/* A directory whose name can stand in the files of other programs. */
const char *conf_check_dir(const char *) must_check;
/* The absolute path of a program that only its owner can change. */
const char *conf_check_program(const char *) must_check;
/* A password or pre-shared key. */
const char *conf_check_secret(const char *) must_check;
/* An IKE identity: a name or an IPv4 address. */
const char *conf_check_identity(const char *) must_check;

/* Why a good guesser finds this pre-shared key: the same; NULL if not. */
const char *conf_weak_psk(const char *) must_check;

/* How many letters have to be changed, added, dropped or swapped; 99 for names
 * that are too long to compare. */
size_t conf_distance(const char *, const char *);

/*
 * The first line of a file that only its owner can read, without the newline.
 * A relative path starts at the directory of the file conf_path.  On failure
 * NULL, and problem says why.
 */
char *conf_read_secret(
    const char *conf_path, const char *path, char problem[128]) must_check;

/* All of a text file of at most 64 kB, which only its owner can read if it is
 * private; else the same. */
char *conf_read_file(const char *conf_path, const char *path, bool private,
    char problem[128]) must_check;

#endif
