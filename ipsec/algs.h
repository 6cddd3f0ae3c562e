/* SPDX-License-Identifier: ISC */
#ifndef ALGS_H
#define ALGS_H

/*
 * What clients may choose from in IKE and ESP, by the configured proposals,
 * and which of it the installed libreswan was built with.  algparse, a program
 * of libreswan, is asked; its argument list, the meaning of its answer and the
 * text for ipsec.conf(5) are here, all pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "conf.h"

#define ALGPARSE_BIN "/usr/libexec/ipsec/algparse"

/* Ciphers, hashes and groups of IKE, then the transforms of ESP. */
#define ALGS_N 28

struct algs {
	bool has[ALGS_N];
	bool answered; /* algparse has told something */
	size_t asked;  /* which one the next line is about; ALGS_N: none */
};

/* What every libreswan is built with: for one that cannot be asked. */
void algs_init(struct algs *);
/* algparse's arguments, ending in NULL; static. */
char *const *algs_argv(void);
/* One line of its output. */
void algs_line(struct algs *, const char *line);

/* The lines "ike=" and "esp=" of a connection.  one_group: aggressive mode
 * cannot choose; the one that most clients begin with. */
void algs_write(
    FILE *, const struct algs *, enum conf_proposals, bool one_group);

/* What is accepted, in words: in IKE "aes256/aes128 with ... and ...", in ESP
 * separated by commas.  Cut if need be; returns buf. */
const char *algs_accepts_ike(
    const struct algs *, enum conf_proposals, char *buf, size_t size);
const char *algs_accepts_esp(
    const struct algs *, enum conf_proposals, char *buf, size_t size);

/* Who cannot connect for want of what; false if nothing is wanting. */
#define ALGS_TEXT 512
bool algs_missing(
    const struct algs *, enum conf_proposals, char buf[ALGS_TEXT]) must_check;

#endif
