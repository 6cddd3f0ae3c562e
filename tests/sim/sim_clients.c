/* SPDX-License-Identifier: ISC */
/*
 * Whole dialogues, octet by octet: what each kind of client sends, errors
 * included, and what exactly the server must answer.  They are the files of
 * tests/data/clients/, whose README says how to read them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "lns.h"
#include "run.h"

#define DIR "tests/data/clients/"
#define RECORD_MAX 4096
#define OUT_MAX 16

static const char *const files[] = { "android.hex", "android-cut.hex",
	"android-challenge.hex", "android-secret.hex", "apple.hex",
	"windows.hex", "xl2tpd.hex", "lac-proxy.hex" };
#define NFILES (int)(sizeof(files) / sizeof(files[0]))

/* out: what the engine has said, "<hex" or "+NAME", and was not yet read. */
struct stage {
	const char *file;
	unsigned line;
	struct lns *lns;
	struct contract contract;
	struct lns_path path;
	struct mono now;
	uint32_t random;
	uint16_t tid, sid;    /* of the server, as they become known */
	struct lns_call call; /* of the last PPP_START */
	char out[OUT_MAX][RECORD_MAX];
	size_t n_out, at;
};

static struct stage stage;

static void
fill(void *arg, void *buf, size_t len)
{
	struct stage *s = arg;
	uint8_t *p = buf;

	while (len-- > 0) {
		s->random = s->random * 1103515245 + 12345;
		*p++ = (uint8_t)(s->random >> 16);
	}
}

_Noreturn static void
wrong(const struct stage *s, const char *what, const char *detail)
{
	ck_abort_msg("%s:%u: %s%s%s", s->file, s->line, what,
	    detail[0] != '\0' ? ": " : "", detail);
	abort();
}

/* NULL: not looked at here; the log has tests of its own. */
static const char *
effect_name(const struct lns_effect *e)
{
	static const char *const names[] = {
		[LNS_TUNNEL_OPEN] = "+TUNNEL_OPEN",
		[LNS_TUNNEL_UP] = "+TUNNEL_UP",
		[LNS_TUNNEL_CLOSE] = "+TUNNEL_CLOSE",
		[LNS_SESSION_OPEN] = "+SESSION_OPEN",
		[LNS_PPP_START] = "+PPP_START",
		[LNS_PPP_STOP] = "+PPP_STOP",
		[LNS_SESSION_CLOSE] = "+SESSION_CLOSE",
	};

	if (e->type == LNS_PPP_START && e->sequencing)
		return "+PPP_STARTsequencing";
	return (size_t)e->type < sizeof(names) / sizeof(names[0])
		   ? names[e->type]
		   : NULL;
}

/* Keeps it, and the ids that the server chooses. */
static void
note(struct stage *s, const struct lns_effect *e)
{
	char *out;

	if (e->type != LNS_SEND && effect_name(e) == NULL)
		return;
	if (s->n_out == OUT_MAX)
		wrong(s, "too many effects", "");
	out = s->out[s->n_out++];
	if (e->tid != 0)
		s->tid = e->tid;
	if (e->sid != 0)
		s->sid = e->sid;
	if (e->type == LNS_PPP_START && e->call != NULL)
		s->call = *e->call;
	if (e->type != LNS_SEND) {
		snprintf(out, RECORD_MAX, "%s", effect_name(e));
		return;
	}
	out[0] = '<';
	for (size_t i = 0; i < e->len && 2 * i + 4 < RECORD_MAX; i++)
		snprintf(out + 1 + 2 * i, 3, "%02x", e->data[i]);
	/* A call that is refused has an id in its CDN only: its last AVP. */
	if (e->len > 20 && e->data[19] == 14 && e->data[e->len - 3] == 14)
		s->sid =
		    (uint16_t)(e->data[e->len - 2] << 8 | e->data[e->len - 1]);
}

static void
drain(struct stage *s)
{
	struct lns_effect e;
	const char *error;

	while (lns_next_effect(s->lns, &e)) {
		if ((error = contract_effect(&s->contract, &e)) != NULL)
			wrong(s, error, "");
		note(s, &e);
	}
}

/* Puts the ids for TTTT and SSSS. */
static void
put_ids(const struct stage *s, char *text)
{
	char id[5];
	char *p;

	snprintf(id, sizeof(id), "%04x", s->tid);
	while ((p = strstr(text, "TTTT")) != NULL)
		memcpy(p, id, 4);
	snprintf(id, sizeof(id), "%04x", s->sid);
	while ((p = strstr(text, "SSSS")) != NULL)
		memcpy(p, id, 4);
}

/* Everything that the engine has said was expected. */
static void
nothing_more(struct stage *s)
{
	if (s->at < s->n_out)
		wrong(s, "the file does not expect", s->out[s->at]);
	s->at = s->n_out = 0;
}

static void
client_says(struct stage *s, const char *hex)
{
	uint8_t data[RECORD_MAX / 2];
	size_t len = strlen(hex) / 2;
	unsigned v;

	for (size_t i = 0; i < len; i++) {
		if (sscanf(hex + 2 * i, "%2x", &v) != 1)
			wrong(s, "not hex", hex);
		data[i] = (uint8_t)v;
	}
	/* The file's own mistakes are not the client's. */
	if (len < 12 || (size_t)(data[2] << 8 | data[3]) != len)
		wrong(s, "Length is not that of the packet", hex);
	lns_packet(s->lns, contract_socket(&s->contract, &s->path), &s->path,
	    data, len, s->now);
	drain(s);
}

static void
time_passes(struct stage *s, int64_t ms)
{
	struct mono until = mono_add_ms(s->now, ms);

	while (!mono_before(until, lns_deadline(s->lns))) {
		s->now = lns_deadline(s->lns);
		lns_expire(s->lns, s->now);
		drain(s);
	}
	s->now = until;
}

static void
ppp_exits(struct stage *s, const char *why)
{
	enum lns_ppp_end end = LNS_PPP_ADMIN;

	if (strcmp(why, "auth") == 0)
		end = LNS_PPP_AUTH;
	else if (strcmp(why, "peer") == 0)
		end = LNS_PPP_PEER;
	else
		wrong(s, "unknown end of PPP", why);
	contract_ppp_exited(&s->contract, s->tid, s->sid);
	lns_ppp_exited(s->lns, s->tid, s->sid, end, s->now);
	drain(s);
}

static void
new_engine(struct stage *s, const char *secret)
{
	struct lns_peer peer = { .name = "anyone", .any = true };
	const struct lns_config config = { .hostname = "vpn",
		.vendor = "lnsd",
		.firmware = 0x0100,
		.rws = 4,
		.peers = &peer,
		.n_peers = 1 };

	snprintf(peer.secret, sizeof(peer.secret), "%s", secret);
	lns_free(s->lns);
	s->lns = lns_new(&config, fill, s);
	ck_assert_ptr_nonnull(s->lns);
}

static void
octets_text(const struct lns_octets *o, char *out)
{
	for (size_t i = 0; i < o->len; i++)
		snprintf(out + 2 * i, 3, "%02x", o->data[i]);
}

/* A field of the call's record as text; false: there is none of that name. */
static bool
call_field(const struct lns_call *c, const char *name, char out[RECORD_MAX])
{
	const struct {
		const char *name, *text;
		uint32_t number;
		const struct lns_octets *octets;
	} fields[] = {
		{ "serial", NULL, c->serial, NULL },
		{ "bearer", NULL, c->bearer, NULL },
		{ "framing", NULL, c->framing, NULL },
		{ "channel", NULL, c->physical_channel, NULL },
		{ "tx", NULL, c->tx_bps, NULL },
		{ "rx", NULL, c->rx_bps, NULL },
		{ "called", c->called, 0, NULL },
		{ "calling", c->calling, 0, NULL },
		{ "sub-address", c->sub_address, 0, NULL },
		{ "group", c->private_group, 0, NULL },
		{ "first-received", NULL, 0, &c->first_received },
		{ "last-sent", NULL, 0, &c->last_sent },
		{ "last-received", NULL, 0, &c->last_received },
		{ "auth", NULL, (uint32_t)c->auth, NULL },
		{ "auth-id", NULL, c->auth_id, NULL },
		{ "auth-name", NULL, 0, &c->auth_name },
		{ "auth-challenge", NULL, 0, &c->auth_challenge },
		{ "auth-response", NULL, 0, &c->auth_response },
	};

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		if (fields[i].octets != NULL)
			octets_text(fields[i].octets, out);
		else if (fields[i].text != NULL)
			snprintf(out, RECORD_MAX, "%s", fields[i].text);
		else
			snprintf(out, RECORD_MAX, "%u", fields[i].number);
		return true;
	}
	return false;
}

static void
check_field(const struct stage *s, char *text)
{
	char value[RECORD_MAX];
	char *colon = strchr(text, ':');

	if (colon == NULL)
		wrong(s, "no colon", text);
	*colon = '\0';
	if (!call_field(&s->call, text, value))
		wrong(s, "no such field of a call", text);
	if (strcmp(value, colon + 1) != 0)
		wrong(s, text, value);
}

/* One record, without its blanks. */
static void
play(struct stage *s, char *text)
{
	put_ids(s, text);
	if (text[0] == '<' || text[0] == '+') {
		if (s->at == s->n_out)
			wrong(s, "the server does not say", text);
		if (strcmp(s->out[s->at], text) != 0) {
			fprintf(stderr, "expected %s\n", text);
			wrong(s, "the server says instead", s->out[s->at]);
		}
		s->at++;
		return;
	}
	if (text[0] == '=') {
		check_field(s, text + 1);
		return;
	}
	if (strcmp(text, "opened") == 0) {
		contract_session_opened(&s->contract, s->tid, s->sid, true);
		lns_session_opened(s->lns, s->tid, s->sid, true, s->now);
		drain(s);
		return;
	}
	nothing_more(s);
	if (text[0] == '>')
		client_says(s, text + 1);
	else if (strncmp(text, "wait", 4) == 0)
		time_passes(s, strtoll(text + 4, NULL, 10));
	else if (strncmp(text, "secret", 6) == 0)
		new_engine(s, text + 6);
	else if (strncmp(text, "ppp-exit", 8) == 0)
		ppp_exits(s, text + 8);
	else
		wrong(s, "unknown record", text);
}

static void
add_line(char *record, const char *line)
{
	size_t n = strlen(record);

	for (; *line != '\0' && *line != '#'; line++)
		if (!isspace((unsigned char)*line) && n + 1 < RECORD_MAX)
			record[n++] = *line;
	record[n] = '\0';
}

static void
play_file(struct stage *s, FILE *f)
{
	char record[RECORD_MAX] = "", line[512];
	unsigned at = 0;

	while (fgets(line, sizeof(line), f) != NULL) {
		at++;
		/* A record goes on in lines that begin with a blank. */
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (!isspace((unsigned char)line[0])) {
			if (record[0] != '\0')
				play(s, record);
			record[0] = '\0';
			s->line = at;
		}
		add_line(record, line);
	}
	if (record[0] != '\0')
		play(s, record);
	nothing_more(s);
}

static void
open_stage(struct stage *s, const char *path)
{
	memset(s, 0, sizeof(*s));
	s->file = path;
	s->now = (struct mono){ 1000 };
	s->path.local = (struct lns_addr){ 4, { 192, 0, 2, 1 }, 1701 };
	s->path.peer = (struct lns_addr){ 4, { 198, 51, 100, 7 }, 40000 };
	contract_init(&s->contract, 1);
	new_engine(s, "");
}

START_TEST(dialogue_is_answered_to_the_letter)
{
	struct stage *s = &stage;
	const char *error;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), DIR "%s", files[_i]);
	f = fopen(path, "r");
	if (f == NULL)
		ck_abort_msg("%s: %s", path, strerror(errno));
	open_stage(s, path);
	play_file(s, f);
	fclose(f);
	if ((error = contract_finish(&s->contract)) != NULL)
		wrong(s, error, "");
	ck_assert(lns_idle(s->lns));
	ck_assert(mono_is_never(lns_deadline(s->lns)));
	contract_fini(&s->contract);
	lns_free(s->lns);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("sim_clients");
	TCase *t = tcase_create("clients");

	tcase_add_loop_test(t, dialogue_is_answered_to_the_letter, 0, NFILES);
	suite_add_tcase(s, t);
	return run_main(argc, argv, s);
}
