/* SPDX-License-Identifier: ISC */
/* Sequence diagrams; contract in ladder.h. */

#include "ladder.h"

#include <string.h>

#include "xml.h"

/* Columns: the client, and which of our programs speaks with it. */
enum {
	COLUMNS = 4,
	TEXT_TIME = 8,
	TEXT_COLUMN = 9,
	LINES_SIZE = (COLUMNS - 1) * TEXT_COLUMN + 2,
	SVG_LEFT = 150,
	SVG_COLUMN = 190,
	SVG_ROW = 30,
	SVG_TOP = 96,
	SVG_TEXT = SVG_LEFT + 3 * SVG_COLUMN + 14,
	SVG_CHAR = 7, /* of most texts */
	SVG_WIDTH = SVG_TEXT + 466,
};

static const char *const columns[COLUMNS] = { "client", "pluto", "lnsd",
	"pppd" };

static int
column(const struct story_event *e)
{
	if (e->stage == STORY_IKE || e->stage == STORY_ESP)
		return 1;
	if (e->stage == STORY_PPP ||
	    (e->stage == STORY_UP && e->dir == STORY_NOTE))
		return 3;
	return 2;
}

static double
seconds(const struct story *s, const struct story_event *e)
{
	return (double)mono_diff_ms(e->at, s->begun) / 1000;
}

/* Since what we sent last in this stage; -1: it answers nothing. */
static int64_t
round_trip(const struct story *s, size_t i)
{
	const struct story_event *e = &s->events[i];

	if (e->dir != STORY_IN || i == 0 || s->events[i - 1].dir != STORY_OUT ||
	    s->events[i - 1].stage != e->stage)
		return -1;
	return mono_diff_ms(e->at, s->events[i - 1].at);
}

/* With how often it was, and how long an answer took. */
static void
text_of_event(const struct story *s, size_t i, char *buf, size_t size)
{
	const struct story_event *e = &s->events[i];
	int64_t ms = round_trip(s, i);
	char times[24] = "", answer[48] = "";

	if (e->again > 0)
		snprintf(times, sizeof(times), "  (%u times)", e->again + 1U);
	if (ms >= 0)
		snprintf(answer, sizeof(answer), "  [answer after %lld ms]",
		    (long long)ms);
	snprintf(buf, size, "%s%s%s", e->text, times, answer);
}

/* --- text --- */

/* How many octets of text go into so many columns: to a space, if there is
 * one. */
static size_t
fitting(const char *text, int width)
{
	size_t at = 0, space = 0;

	while (text[at] != '\0' && width-- > 0) {
		if (text[at] == ' ')
			space = at;
		do
			at++;
		while ((text[at] & 0xc0) == 0x80); /* of one character */
	}
	if (text[at] == '\0' || text[at] == ' ' || space == 0)
		return at;
	return space;
}

/* Each line but the first after prefix. */
static void
wrap(const char *text, int width, const char *prefix, FILE *out)
{
	size_t n = fitting(text, width);

	fprintf(out, "%.*s\n", (int)n, text);
	for (text += n; *text != '\0'; text += n) {
		text += strspn(text, " ");
		n = fitting(text, width);
		fprintf(out, "%s%.*s\n", prefix, (int)n, text);
	}
}

void
ladder_wrapped(const char *text, int at, FILE *out)
{
	char prefix[LADDER_COLUMNS];

	snprintf(prefix, sizeof(prefix), "%*s", at, "");
	wrap(text, LADDER_COLUMNS - at, prefix, out);
}

void
ladder_timeline(const struct story *s, FILE *out)
{
	static const char *const arrows[] = { "  ", "->", "<-" };
	char text[2 * STORY_TEXT];
	size_t i;

	fputs("   seconds stage (-> from the client, <- to it)\n", out);
	for (i = 0; i < s->n_events; i++) {
		const struct story_event *e = &s->events[i];

		if (i == STORY_FIRST && s->left_out > 0)
			fprintf(out, "           ... %u more events\n",
			    s->left_out);
		text_of_event(s, i, text, sizeof(text));
		fprintf(out, "%10.3f %-5s %s ", seconds(s, e),
		    story_stage_name(e->stage), arrows[e->dir % 3]);
		ladder_wrapped(text, 20, out);
	}
}

/* The columns, and what e is between them. */
static void
draw_lines(const struct story_event *e, char line[LINES_SIZE])
{
	int at = column(e) * TEXT_COLUMN, c;

	memset(line, ' ', LINES_SIZE - 1);
	line[LINES_SIZE - 1] = '\0';
	for (c = 0; c < COLUMNS; c++)
		line[c * TEXT_COLUMN] = '|';
	if (e->dir == STORY_NOTE) {
		line[at] = '*';
		return;
	}
	memset(line + 1, '-', (size_t)at - 1);
	line[e->dir == STORY_IN ? at - 1 : 1] = e->dir == STORY_IN ? '>' : '<';
}

void
ladder_text(const struct story *s, FILE *out)
{
	static const struct story_event none = { .dir = STORY_NOTE };
	char line[LINES_SIZE], prefix[TEXT_TIME + LINES_SIZE + 2];
	char text[2 * STORY_TEXT];
	size_t i;
	int c;

	/* What goes on is without its mark. */
	draw_lines(&none, line);
	line[column(&none) * TEXT_COLUMN] = '|';
	snprintf(prefix, sizeof(prefix), "%*s %s ", TEXT_TIME, "", line);
	fprintf(out, "%*s ", TEXT_TIME, "seconds");
	for (c = 0; c < COLUMNS; c++)
		fprintf(
		    out, "%-*s", c < COLUMNS - 1 ? TEXT_COLUMN : 0, columns[c]);
	fputc('\n', out);
	for (i = 0; i < s->n_events; i++) {
		if (i == STORY_FIRST && s->left_out > 0)
			fprintf(
			    out, "%s... %u more events\n", prefix, s->left_out);
		draw_lines(&s->events[i], line);
		text_of_event(s, i, text, sizeof(text));
		fprintf(out, "%*.3f %s ", TEXT_TIME, seconds(s, &s->events[i]),
		    line);
		wrap(text, LADDER_COLUMNS - (int)strlen(prefix), prefix, out);
	}
}

/* --- SVG --- */

/* No style sheet: the page's policy forbids what stands in a document. */
#define SVG_BAD " fill=\"#c62828\""

static int
svg_x(int c)
{
	return SVG_LEFT + c * SVG_COLUMN;
}

static void
svg_head(const struct story *s, int width, int height, FILE *out)
{
	char ip[LNS_ADDR_TEXT];
	int c;

	fprintf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
	    "font-family=\"system-ui, sans-serif\" font-size=\"13\">\n"
	    "<defs><marker id=\"a\" markerWidth=\"9\" markerHeight=\"8\" "
	    "refX=\"8\" refY=\"4\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
	    "fill=\"#444\"/></marker></defs>\n"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
	    "<text x=\"20\" y=\"28\" font-size=\"17\">",
	    width, height);
	xml_text(out, s->user[0] != '\0' ? s->user : s->host);
	fprintf(out, " %s: ", lns_addr_text(&s->peer, ip));
	xml_text(out, story_result_name(s->result));
	fputs("</text>\n<text x=\"20\" y=\"50\"" SVG_BAD ">", out);
	xml_text(out, cause_text(s->cause));
	fputs("</text>\n", out);
	for (c = 0; c < COLUMNS; c++)
		fprintf(out,
		    "<text x=\"%d\" y=\"%d\" font-weight=\"600\" "
		    "text-anchor=\"middle\">%s</text>"
		    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
		    "stroke=\"#ccc\"/>\n",
		    svg_x(c), SVG_TOP - 18, columns[c], svg_x(c), SVG_TOP - 10,
		    svg_x(c), height - 16);
}

static void
svg_row(const struct story *s, size_t i, FILE *out)
{
	const struct story_event *e = &s->events[i];
	int y = SVG_TOP + (int)i * SVG_ROW + 10, x = svg_x(column(e));
	char text[2 * STORY_TEXT];
	bool in = e->dir == STORY_IN;

	fprintf(out,
	    "<text x=\"%d\" y=\"%d\" fill=\"#777\" text-anchor=\"end\">%.3f "
	    "s</text>",
	    SVG_LEFT - 24, y + 4, seconds(s, e));
	if (e->dir == STORY_NOTE)
		fprintf(out,
		    "<circle cx=\"%d\" cy=\"%d\" r=\"4\" fill=\"#777\"/>", x,
		    y);
	else
		fprintf(out,
		    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
		    "stroke=\"%s\" stroke-width=\"1.6\" "
		    "marker-end=\"url(#a)\"/>",
		    in ? svg_x(0) : x, y, in ? x : svg_x(0), y,
		    in ? "#1565c0" : "#2e7d32");
	fprintf(out, "<text x=\"%d\" y=\"%d\"%s>", SVG_TEXT, y + 4,
	    e->cause != CAUSE_NONE ? SVG_BAD : "");
	text_of_event(s, i, text, sizeof(text));
	xml_text(out, text);
	fputs("</text>\n", out);
}

/* So that the longest text has room. */
static int
svg_width(const struct story *s)
{
	char text[2 * STORY_TEXT];
	size_t i, longest = 0;

	for (i = 0; i < s->n_events; i++) {
		text_of_event(s, i, text, sizeof(text));
		if (strlen(text) > longest)
			longest = strlen(text);
	}
	i = SVG_TEXT + (longest + 2) * SVG_CHAR;
	return i > SVG_WIDTH ? (int)i : SVG_WIDTH;
}

void
ladder_svg(const struct story *s, FILE *out)
{
	size_t i;

	svg_head(
	    s, svg_width(s), SVG_TOP + (int)s->n_events * SVG_ROW + 30, out);
	for (i = 0; i < s->n_events; i++)
		svg_row(s, i, out);
	fputs("</svg>\n", out);
}
