/* SPDX-License-Identifier: ISC */
/* Sequence diagrams; contract in ladder.h. */

#include "ladder.h"

#include <string.h>

/* Columns: the client, and which of our programs speaks with it. */
enum {
	COLUMNS = 4,
	TEXT_COLUMN = 24,
	SVG_LEFT = 150,
	SVG_COLUMN = 190,
	SVG_ROW = 30,
	SVG_TOP = 96,
	SVG_WIDTH = SVG_LEFT + 3 * SVG_COLUMN + 480,
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

static void
print_rest(const struct story *s, size_t i, FILE *out)
{
	const struct story_event *e = &s->events[i];
	int64_t ms = round_trip(s, i);

	if (e->again > 0)
		fprintf(out, "  (%u times)", e->again + 1U);
	if (ms >= 0)
		fprintf(out, "  [answer after %lld ms]", (long long)ms);
	fputc('\n', out);
}

void
ladder_timeline(const struct story *s, FILE *out)
{
	static const char *const arrows[] = { "  ", "->", "<-" };
	size_t i;

	for (i = 0; i < s->n_events; i++) {
		const struct story_event *e = &s->events[i];

		if (i == STORY_FIRST && s->left_out > 0)
			fprintf(out, "           ... %u more events\n",
			    s->left_out);
		fprintf(out, "  %8.3f %-5s %s %s", seconds(s, e),
		    story_stage_name(e->stage), arrows[e->dir % 3], e->text);
		print_rest(s, i, out);
	}
}

void
ladder_text(const struct story *s, FILE *out)
{
	char line[COLUMNS * TEXT_COLUMN + 1];
	size_t i;
	int c, k;

	fprintf(out, "%10s", "");
	for (c = 0; c < COLUMNS; c++)
		fprintf(out, "%-*s", TEXT_COLUMN, columns[c]);
	fputc('\n', out);
	for (i = 0; i < s->n_events; i++) {
		const struct story_event *e = &s->events[i];
		int at = column(e) * TEXT_COLUMN;

		memset(line, ' ', sizeof(line) - 1);
		line[sizeof(line) - 1] = '\0';
		for (c = 0; c < COLUMNS; c++)
			line[c * TEXT_COLUMN] = '|';
		for (k = 1; k < at && e->dir != STORY_NOTE; k++)
			line[k] = '-';
		if (e->dir == STORY_IN)
			line[at - 1] = '>';
		else if (e->dir == STORY_OUT)
			line[1] = '<';
		else
			line[at] = '*';
		fprintf(out, "%9.3f %.*s %s", seconds(s, e),
		    (COLUMNS - 1) * TEXT_COLUMN + 1, line, e->text);
		print_rest(s, i, out);
	}
}

/* --- SVG --- */

/* Peers choose some of the texts. */
static void
put_xml(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fputc(*text, out);
	}
}

/* No style sheet: the page's policy forbids what stands in a document. */
#define SVG_BAD " fill=\"#c62828\""

static int
svg_x(int c)
{
	return SVG_LEFT + c * SVG_COLUMN;
}

static void
svg_head(const struct story *s, int height, FILE *out)
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
	    SVG_WIDTH, height);
	put_xml(s->user[0] != '\0' ? s->user : s->host, out);
	fprintf(out, " %s: ", lns_addr_text(&s->peer, ip));
	put_xml(story_result_name(s->result), out);
	fputs("</text>\n<text x=\"20\" y=\"50\"" SVG_BAD ">", out);
	put_xml(cause_text(s->cause), out);
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
	int64_t ms = round_trip(s, i);
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
	fprintf(out, "<text x=\"%d\" y=\"%d\"%s>", svg_x(3) + 14, y + 4,
	    e->cause != CAUSE_NONE ? SVG_BAD : "");
	put_xml(e->text, out);
	if (e->again > 0)
		fprintf(out, " (%u times)", e->again + 1U);
	if (ms >= 0)
		fprintf(out, " [%lld ms]", (long long)ms);
	fputs("</text>\n", out);
}

void
ladder_svg(const struct story *s, FILE *out)
{
	size_t i;

	svg_head(s, SVG_TOP + (int)s->n_events * SVG_ROW + 30, out);
	for (i = 0; i < s->n_events; i++)
		svg_row(s, i, out);
	fputs("</svg>\n", out);
}
