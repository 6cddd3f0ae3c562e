/* SPDX-License-Identifier: ISC */
/* Text in columns; contract in table.h. */

#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
table_init(struct table *t, const struct table_column *columns, size_t n)
{
	*t = (struct table){ .columns = columns, .n_columns = n };
}

void
table_fini(struct table *t)
{
	free(t->cells);
}

/* An octet that begins a character of UTF-8, or is one. */
static bool
is_lead(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static size_t
width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += is_lead(*text);
	return n;
}

void
printable(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n < size - 1; text++)
		out[n++] =
		    (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text;
	if (*text != '\0') {
		n--;
		while (n > 0 && !is_lead(out[n]))
			n--;
		out[n++] = '~';
	}
	out[n] = '\0';
	/* C1 controls are two octets, 0xc2 and 0x80 to 0x9f. */
	for (n = 0; out[n] != '\0'; n++)
		if (out[n] == '\xc2' && (unsigned char)out[n + 1] >= 0x80 &&
		    (unsigned char)out[n + 1] < 0xa0)
			out[n] = out[n + 1] = '?';
}

void
table_put(struct table *t, const char *text)
{
	char(*more)[TABLE_CELL];

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 256 : 2 * t->cap;
		more = reallocarray(t->cells, t->cap, sizeof(*more));
		if (more == NULL) {
			fputs("lnsctl: out of memory\n", stderr);
			exit(1);
		}
		t->cells = more;
	}
	printable(t->cells[t->n++], TABLE_CELL, text[0] != '\0' ? text : "-");
}

void
table_printf(struct table *t, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	table_put(t, text);
}

static void
print_cell(FILE *out, const char *text, size_t wide, bool right, bool last)
{
	size_t w = width(text), pad = wide > w ? wide - w : 0;

	if (right)
		fprintf(out, "%*s%s", (int)pad, "", text);
	else
		fprintf(out, "%s%*s", text, last ? 0 : (int)pad, "");
	fputs(last ? "\n" : "  ", out);
}

void
table_print(const struct table *t, FILE *out, const char *none)
{
	size_t wide[TABLE_COLUMNS], i, w, k = t->n_columns;

	if (t->n == 0 || k == 0) {
		fprintf(out, "%s\n", none);
		return;
	}
	for (i = 0; i < k; i++)
		wide[i] = width(t->columns[i].title);
	for (i = 0; i < t->n; i++) {
		w = width(t->cells[i]);
		if (w > wide[i % k])
			wide[i % k] = w;
	}
	for (i = 0; i < k; i++)
		print_cell(out, t->columns[i].title, wide[i],
		    t->columns[i].right, i == k - 1);
	for (i = 0; i < t->n; i++)
		print_cell(out, t->cells[i], wide[i % k],
		    t->columns[i % k].right, i % k == k - 1);
}

const char *
amount_text(uint64_t n, char buf[16])
{
	static const char units[] = " kMGTPE";
	double v = (double)n;
	size_t unit = 0;

	while (v >= 999.5 && unit < sizeof(units) - 2) {
		v /= 1000;
		unit++;
	}
	if (unit == 0)
		snprintf(buf, 16, "%u", (unsigned int)n);
	else
		snprintf(
		    buf, 16, v < 9.95 ? "%.1f%c" : "%.0f%c", v, units[unit]);
	return buf;
}

const char *
duration_text(int64_t s, char buf[24])
{
	long long v = s < 0 ? 0 : s;

	if (v < 60)
		snprintf(buf, 24, "%llds", v);
	else if (v < 3600)
		snprintf(buf, 24, "%lldm%02llds", v / 60, v % 60);
	else if (v < 86400)
		snprintf(buf, 24, "%lldh%02lldm", v / 3600, v / 60 % 60);
	else
		snprintf(buf, 24, "%lldd%02lldh", v / 86400, v / 3600 % 24);
	return buf;
}

const char *
time_text(int64_t wall_s, char buf[32])
{
	time_t t = (time_t)wall_s;
	struct tm tm;

	buf[0] = '\0';
	if (localtime_r(&t, &tm) != NULL)
		(void)strftime(buf, 32, "%m-%d %H:%M:%S", &tm);
	return buf;
}
