/* SPDX-License-Identifier: ISC */
#include "conf_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_tree.h"

/* RFC 2865 5.2 and MS-CHAP (RFC 2759 4) stay below; so does a pre-shared key
 * that anybody can type. */
#define SECRET_MAX 255
/* A socket below it must fit into sun_path. */
#define DIR_MAX 64
/* More is a mistake in writing rather than a pool. */
#define RANGE_MAX 65536u
#define DISTANCE_MAX 32
#define TEXT_MAX (64 << 10)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
conf_parse_number(
    const char *s, unsigned int min, unsigned int max, unsigned int *out)
{
	unsigned long long n = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (!is_digit(*s))
			return false;
		n = n * 10 + (unsigned long long)(*s - '0');
		if (n > max)
			return false;
	}
	if (n < min)
		return false;
	*out = (unsigned int)n;
	return true;
}

#define RATE_MIN 8u
#define RATE_MAX 10000000u

bool
conf_parse_rate(const char *s, unsigned int *kbit)
{
	char digits[16] = "";
	size_t len = strspn(s, "0123456789");
	unsigned int n, unit = 1;

	if (strcmp(s + len, "M") == 0)
		unit = 1000;
	else if (s[len] != '\0' && strcmp(s + len, "k") != 0)
		return false;
	if (len >= sizeof(digits))
		return false;
	memcpy(digits, s, len);
	if (!conf_parse_number(digits, 0, RATE_MAX / unit, &n))
		return false;
	n *= unit;
	if (n != 0 && n < RATE_MIN)
		return false;
	*kbit = n;
	return true;
}

bool
conf_parse_bool(const char *s, bool *out)
{
	static const char *const words[][2] = {
		{ "no", "yes" },
		{ "false", "true" },
		{ "off", "on" },
	};

	for (size_t i = 0; i < nitems(words); i++)
		for (size_t v = 0; v < 2; v++)
			if (strcasecmp(s, words[i][v]) == 0) {
				*out = v == 1;
				return true;
			}
	return false;
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *p = strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c);

	return c != '\0' && p != NULL ? (int)(p - digits) : -1;
}

bool
conf_parse_hex(const char *s, uint8_t *out, size_t len)
{
	if (strlen(s) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

const char *
conf_parse_address(const char *s, struct in_addr *out)
{
	struct in6_addr six;
	struct in_addr a;
	unsigned int top;

	if (inet_pton(AF_INET6, s, &six) == 1)
		return "is an IPv6 address, which is not supported yet";
	if (inet_pton(AF_INET, s, &a) != 1)
		return "is not an IPv4 address";
	/* RFC 1122 3.2.1.3: this network, loopback; above 223 multicast, class
	 * E and broadcast. */
	top = ntohl(a.s_addr) >> 24;
	if (top == 0 || top == 127 || top > 223)
		return "is not an address that a host can have";
	*out = a;
	return NULL;
}

const char *
conf_parse_host(const char *s, struct lns_addr *out)
{
	const char *problem = NULL;
	struct lns_addr a = { 0 };
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET6, s, &six) != 1) {
		if (inet_pton(AF_INET, s, &four) != 1)
			return "is not an IP address";
		problem = conf_parse_address(s, &four);
		a.family = 4;
		memcpy(a.ip, &four, sizeof(four));
	} else if (IN6_IS_ADDR_LINKLOCAL(&six)) {
		problem = "is a link-local address";
	} else if (IN6_IS_ADDR_V4MAPPED(&six) || IN6_IS_ADDR_V4COMPAT(&six)) {
		problem = "is an IPv4 address in IPv6 form";
	} else if (IN6_IS_ADDR_UNSPECIFIED(&six) ||
		   IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_MULTICAST(&six)) {
		problem = "is not an address that a host can have";
	} else {
		a.family = 6;
		memcpy(a.ip, &six, sizeof(six));
	}
	if (problem == NULL)
		*out = a;
	return problem;
}

const char *
conf_parse_network(const char *s, struct conf_route *out)
{
	const char *slash = strchr(s, '/'), *problem;
	char ip[INET_ADDRSTRLEN] = "";
	struct in_addr a;
	unsigned int bits = 32;
	size_t len = slash != NULL ? (size_t)(slash - s) : strlen(s);

	if (len < sizeof(ip))
		memcpy(ip, s, len);
	if (strcmp(ip, "0.0.0.0") == 0)
		return "is everything";
	problem = conf_parse_address(ip, &a);
	if (problem != NULL)
		return problem;
	if (slash != NULL && !conf_parse_number(slash + 1, 1, 32, &bits))
		return "has a prefix length that is not from 1 to 32";
	if (bits < 32 && (ntohl(a.s_addr) & (~0u >> bits)) != 0)
		return "has bits set behind its prefix length";
	*out = (struct conf_route){ a, bits };
	return NULL;
}

static const char *
parse_prefix(const char *address, const char *length, struct conf_range *out)
{
	unsigned int bits, first, size;
	const char *problem = conf_parse_address(address, &out->first);

	if (problem != NULL)
		return problem;
	if (!conf_parse_number(length, 16, 32, &bits))
		return "has a prefix length that is not from 16 to 32";
	first = ntohl(out->first.s_addr);
	size = 1u << (32 - bits);
	if ((first & (size - 1)) != 0)
		return "has bits set behind its prefix length";
	out->last.s_addr = htonl(first + size - 1);
	if (bits <= 30) {
		out->first.s_addr = htonl(first + 1);
		out->last.s_addr = htonl(first + size - 2);
	}
	return NULL;
}

const char *
conf_parse_range(const char *s, struct conf_range *out)
{
	/* An address is no longer than this: what is cut off was wrong. */
	char text[2 * INET_ADDRSTRLEN + 2];
	const char *problem;
	char *rest;

	if (strlen(s) >= sizeof(text))
		return strchr(s, ':') != NULL
			   ? "is an IPv6 range, which is not supported yet"
			   : "is not a range of IPv4 addresses";
	memcpy(text, s, strlen(s) + 1);
	rest = strpbrk(text, "-/");
	if (rest == NULL) {
		problem = conf_parse_address(text, &out->first);
		out->last = out->first;
		return problem;
	}
	if (*rest == '/') {
		*rest++ = '\0';
		return parse_prefix(text, rest, out);
	}
	*rest++ = '\0';
	problem = conf_parse_address(text, &out->first);
	if (problem == NULL)
		problem = conf_parse_address(rest, &out->last);
	if (problem != NULL)
		return problem;
	if (ntohl(out->first.s_addr) > ntohl(out->last.s_addr))
		return "ends before it begins";
	if (ntohl(out->last.s_addr) - ntohl(out->first.s_addr) >= RANGE_MAX)
		return "holds more than 65536 addresses";
	return NULL;
}

static bool
is_clear_behind(const struct in6_addr *a, unsigned int bits)
{
	for (unsigned int i = bits; i < 128; i++)
		if (a->s6_addr[i / 8] >> (7 - i % 8) & 1)
			return false;
	return true;
}

bool
conf_same_prefix(const struct conf_prefix *a, const struct conf_prefix *b)
{
	return a->len == b->len && IN6_ARE_ADDR_EQUAL(&a->address, &b->address);
}

/* Both begin with the same bits as far as the shorter goes. */
bool
conf_prefixes_overlap(const struct conf_prefix *a, const struct conf_prefix *b)
{
	const unsigned int len = a->len < b->len ? a->len : b->len;
	const uint8_t *x = a->address.s6_addr, *y = b->address.s6_addr;

	return memcmp(x, y, len / 8) == 0 &&
	       (len % 8 == 0 ||
		   (x[len / 8] ^ y[len / 8]) >> (8 - len % 8) == 0);
}

const char *
conf_parse_prefix(const char *s, unsigned int min, struct conf_prefix *out)
{
	static const char no_prefix[] =
	    "is not a prefix of IPv6 addresses like 2001:db8:100::/56";
	const char *slash = strchr(s, '/'), *problem;
	struct conf_prefix p = { 0 };
	char text[INET6_ADDRSTRLEN];
	struct lns_addr a;

	if (slash == NULL || (size_t)(slash - s) >= sizeof(text))
		return no_prefix;
	memcpy(text, s, (size_t)(slash - s));
	text[slash - s] = '\0';
	if (inet_pton(AF_INET6, text, &p.address) != 1)
		return no_prefix;
	problem = conf_parse_host(text, &a);
	if (problem != NULL)
		return problem;
	if (!conf_parse_number(slash + 1, min, 64, &p.len))
		return min == 64 ? "has a prefix length that is not 64"
				 : "has a prefix length that is not from 32 "
				   "to 64";
	if (!is_clear_behind(&p.address, p.len))
		return "has bits set behind its prefix length";
	*out = p;
	return NULL;
}

const char *
conf_check_name(const char *s, bool blanks)
{
	if (*s == '\0')
		return "is empty";
	if (strlen(s) >= LNS_NAME_MAX)
		return "is longer than 63 characters";
	for (; *s != '\0'; s++)
		if (*s < (blanks ? 0x20 : 0x21) || *s > 0x7e)
			return blanks ? "has characters that are not printable "
					"ASCII"
				      : "has characters that are blank or not "
					"printable "
					"ASCII";
	return NULL;
}

const char *
conf_check_dir(const char *s)
{
	if (*s != '/')
		return "is not an absolute path";
	if (strlen(s) > DIR_MAX)
		return "is longer than 64 characters";
	for (; *s != '\0'; s++)
		if (!is_digit(*s) && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= 'a' && *s <= 'z') && strchr("/._-+@:", *s) == NULL)
			return "has characters other than letters, digits and "
			       "/._-+@:";
	return NULL;
}

const char *
conf_check_program(const char *path)
{
	struct stat st;

	if (*path != '/')
		return "is not an absolute path";
	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return "is no file";
	if (access(path, X_OK) == -1)
		return "cannot be executed";
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "can be changed by group or others";
	return NULL;
}

const char *
conf_check_secret(const char *s)
{
	if (*s == '\0')
		return "is empty";
	if (strlen(s) > SECRET_MAX)
		return "is longer than 255 octets";
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return "has control characters";
	return NULL;
}

const char *
conf_check_identity(const char *s)
{
	if (*s == '\0')
		return "is empty";
	if (strlen(s) >= LNS_NAME_MAX)
		return "is longer than 63 characters";
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr("-_.@", *s) == NULL)
			return "has characters other than letters, digits and "
			       "-_.@";
	return NULL;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
conf_distance(const char *a, const char *b)
{
	size_t d[DISTANCE_MAX + 1][DISTANCE_MAX + 1];
	size_t m = strlen(a), n = strlen(b);

	if (m > DISTANCE_MAX || n > DISTANCE_MAX)
		return 99;
	for (size_t i = 0; i <= m; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= m; i++)
		for (size_t j = 1; j <= n; j++) {
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1);
			d[i][j] = least(
			    d[i][j], d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[m][n];
}

static int
open_beside(const char *conf_path, const char *path)
{
	const char *slash = strrchr(conf_path, '/');
	/* Not to wait for a writer if it is a FIFO. */
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	char *full;
	int fd;

	if (path[0] == '/' || slash == NULL)
		return open(path, flags);
	if (asprintf(&full, "%.*s/%s", (int)(slash - conf_path), conf_path,
		path) < 0)
		return -1;
	fd = open(full, flags);
	free(full);
	return fd;
}

/* A regular file, which only its owner can read if it is private; -1 with a
 * problem. */
static int
open_file(
    const char *conf_path, const char *path, bool private, char problem[128])
{
	struct stat st;
	int fd = open_beside(conf_path, path);

	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(problem, 128, "%s", strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		snprintf(problem, 128, "not a regular file");
	} else if (private && (st.st_mode & (S_IRGRP | S_IROTH)) != 0) {
		snprintf(problem, 128,
		    "readable by group or others (mode %04o): chmod 0600",
		    (unsigned int)(st.st_mode & 07777));
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

char *
conf_read_secret(const char *conf_path, const char *path, char problem[128])
{
	char line[SECRET_MAX + 2], *secret = NULL;
	ssize_t n;
	int fd = open_file(conf_path, path, true, problem);

	if (fd < 0)
		return NULL;
	n = read(fd, line, sizeof(line) - 1);
	if (n < 0) {
		snprintf(problem, 128, "%s", strerror(errno));
	} else if (memchr(line, '\0', (size_t)n) != NULL) {
		snprintf(problem, 128, "not a text file");
	} else {
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		secret = conf_strdup(line);
	}
	explicit_bzero(line, sizeof(line));
	close(fd);
	return secret;
}

char *
conf_read_file(
    const char *conf_path, const char *path, bool private, char problem[128])
{
	char text[TEXT_MAX + 1], *copy = NULL;
	ssize_t n;
	int fd = open_file(conf_path, path, private, problem);

	if (fd < 0)
		return NULL;
	n = read(fd, text, sizeof(text));
	if (n < 0) {
		snprintf(problem, 128, "%s", strerror(errno));
	} else if (n > TEXT_MAX) {
		snprintf(problem, 128, "file too large");
	} else if (memchr(text, '\0', (size_t)n) != NULL) {
		snprintf(problem, 128, "not a text file");
	} else {
		text[n] = '\0';
		copy = conf_strdup(text);
	}
	explicit_bzero(text, sizeof(text));
	close(fd);
	return copy;
}
