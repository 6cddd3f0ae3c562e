/* SPDX-License-Identifier: ISC */
/* Sessions, live, in the terminal. */

#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "sessions.h"
#include "table.h"

#define REFRESH_MS 1000
/* From this width on there is room for all columns. */
#define WIDE 104

struct top_column {
	char key;  /* that sorts by it; '\0': none */
	bool wide; /* only where there is room */
	bool right;
	int width;
	const char *title, *member;
	int down; /* how it is sorted at first */
};

static const struct top_column columns[] = {
	{ 'u', false, false, 14, "USER", "user", 0 },
	{ 'c', false, false, 15, "CLIENT", "client_address", 0 },
	{ '\0', true, false, 5, "PORT", "client_port", 0 },
	{ 'a', false, false, 15, "ADDRESS", "address", 0 },
	{ 't', false, true, 6, "UP", "seconds", 1 },
	{ 'i', true, true, 6, "IDLE", "idle_seconds", 1 },
	{ 'r', false, true, 5, "RX/s", "rx_bps", 1 },
	{ 's', false, true, 5, "TX/s", "tx_bps", 1 },
	{ 'R', false, true, 5, "RX", "rx_octets", 1 },
	{ 'S', false, true, 5, "TX", "tx_octets", 1 },
	{ '\0', true, false, 8, "KIND", "client", 0 },
};

struct top {
	json_t *answer; /* the last; NULL: none yet */
	const struct top_column *by;
	int down;
	int first; /* row that is shown first */
};

static void
cell_text(char *out, size_t size, const json_t *s, const struct top_column *c)
{
	const json_t *v = json_object_get(s, c->member);
	char buf[24];

	if (json_is_string(v) && json_string_length(v) > 0)
		printable(out, size, json_string_value(v));
	else if (!json_is_integer(v))
		snprintf(out, size, "-");
	else if (strstr(c->member, "seconds") != NULL)
		snprintf(
		    out, size, "%s", duration_text(json_integer_value(v), buf));
	else if (strcmp(c->member, "client_port") == 0)
		snprintf(out, size, "%d", (int)json_integer_value(v));
	else
		snprintf(out, size, "%s",
		    amount_text((uint64_t)json_integer_value(v), buf));
}

/* s NULL: the titles. */
static void
draw_row(const struct top *t, int y, const json_t *s)
{
	const struct top_column *c;
	char text[32];
	size_t i, size;
	int x = 0;

	for (i = 0; i < nitems(columns); i++) {
		c = &columns[i];
		if (c->wide && COLS < WIDE)
			continue;
		size = (size_t)c->width + 1;
		if (s != NULL)
			cell_text(text, size, s, c);
		else
			snprintf(text, size, "%s", c->title);
		if (s == NULL && c == t->by)
			attron(A_BOLD | A_UNDERLINE);
		mvprintw(y, x, c->right ? "%*s" : "%-*s", c->width, text);
		attroff(A_BOLD | A_UNDERLINE);
		x += c->width + 1;
	}
}

static void
draw(struct top *t)
{
	const json_t *list = json_object_get(t->answer, "sessions");
	int n = (int)json_array_size(list), rows = LINES - 3, i;

	if (t->first > n - rows)
		t->first = n - rows;
	if (t->first < 0)
		t->first = 0;
	erase();
	mvprintw(
	    0, 0, "lnsd: %d session%s   rates in bit/s", n, n == 1 ? "" : "s");
	attron(A_REVERSE);
	mvhline(1, 0, ' ', COLS);
	draw_row(t, 1, NULL);
	attroff(A_REVERSE);
	for (i = 0; i < rows && t->first + i < n; i++)
		draw_row(t, 2 + i,
		    json_array_get(list, (size_t)t->first + (size_t)i));
	mvaddnstr(LINES - 1, 0,
	    "sort: u)ser c)lient a)ddress t)ime i)dle r)x/s s) tx/s R)X S) TX  "
	    "q)uit",
	    COLS - 1);
	refresh();
}

static void
sort_by(struct top *t, int key)
{
	size_t i;

	for (i = 0; i < nitems(columns); i++) {
		if (columns[i].key == '\0' || columns[i].key != key)
			continue;
		t->down = t->by == &columns[i] ? !t->down : columns[i].down;
		t->by = &columns[i];
	}
	sessions_sort(t->answer, t->by->member, t->down);
}

/* False: enough. */
static bool
take_key(struct top *t, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return false;
	case KEY_DOWN:
		t->first++;
		break;
	case KEY_UP:
		t->first--;
		break;
	case KEY_NPAGE:
		t->first += LINES - 3;
		break;
	case KEY_PPAGE:
		t->first -= LINES - 3;
		break;
	default:
		sort_by(t, key);
	}
	return true;
}

static bool
look(struct lnsctl *l, struct top *t, int *status)
{
	json_t *answer = lnsctl_ask(l, "sessions", NULL, NULL, NULL, status);

	if (answer == NULL)
		return false;
	sessions_add_rates(answer, t->answer);
	sessions_sort(answer, t->by->member, t->down);
	json_decref(t->answer);
	t->answer = answer;
	return true;
}

static int
live(struct lnsctl *l, struct top *t)
{
	bool goes_on = true;
	int status, key;

	while (goes_on && look(l, t, &status)) {
		draw(t);
		/* A key is served at once and does not put off the next look
		 * for ever: rates need their time. */
		timeout(REFRESH_MS);
		while (goes_on && (key = getch()) != ERR) {
			goes_on = take_key(t, key);
			draw(t);
		}
	}
	return goes_on ? status : EXIT_OK;
}

static int
cmd_top(struct lnsctl *l, int argc, char **argv)
{
	struct top t = { .by = &columns[0] };
	SCREEN *screen;
	int status;

	(void)argc;
	(void)argv;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		lnsctl_say("top needs a terminal: lnsctl show sessions");
		return EXIT_REFUSED;
	}
	/* What is wrong is said before the screen is taken. */
	if (!look(l, &t, &status))
		return status;
	(void)setlocale(LC_ALL, "");
	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL) {
		json_decref(t.answer);
		lnsctl_say("top does not know this terminal, TERM=%s: lnsctl "
			   "show sessions",
		    getenv("TERM") != NULL ? getenv("TERM") : "");
		return EXIT_REFUSED;
	}
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	status = live(l, &t);
	endwin();
	delscreen(screen);
	json_decref(t.answer);
	if (status != EXIT_OK)
		lnsctl_say("lnsd does not answer any more");
	return status;
}

const struct command top_commands[] = {
	{ "top", NULL, "sessions, live", cmd_top },
	{ NULL, NULL, NULL, NULL },
};
