/* SPDX-License-Identifier: ISC */
/* From answers to files and commands; contracts in setup.h. */

#include "setup.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "firewall.h"

#define SYSCTL_FILE "/etc/sysctl.d/60-lnsd.conf"
#define DROP_IN "/etc/systemd/system/lnsd.service.d/nat.conf"
#define NFT_CONF "/etc/nftables.conf"

/* --- texts --- */

/* In single quotes, where nothing but these two has a meaning. */
static void
write_quoted(FILE *f, const char *s)
{
	fputc('\'', f);
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('\'', f);
}

static void
write_profile(FILE *f, const struct setup *s)
{
	size_t i;

	fprintf(f,
	    "ppp \"clients\" {\n\tlocal-address = \"%s\"\n\tpool = { "
	    "\"%s-%s\" }\n",
	    machine_ip(s->local_address), machine_ip(s->pool.first),
	    machine_ip(s->pool.last));
	for (i = 0; i < s->n_dns; i++)
		fprintf(f, "%s\"%s\"", i == 0 ? "\tdns = { " : ", ",
		    machine_ip(s->dns[i]));
	fprintf(f, "%s\tproxy-arp = %s\n}\n\n", s->n_dns > 0 ? " }\n" : "",
	    s->proxy_arp ? "yes" : "no");
}

void
setup_write_conf(FILE *f, const struct setup *s)
{
	fputs("# Written by lnsctl setup; see lnsd.conf(5).\n"
	      "# After a change: lnsd -t, and systemctl reload lnsd.\n\n",
	    f);
	if (s->behind.s_addr != 0)
		fprintf(f,
		    "# The router has to forward UDP 500 and 4500 to us.\n"
		    "listen = { \"%s\" }\nuplink \"%s\" { public-address = "
		    "\"%s\" }\n\n",
		    machine_ip(s->behind), machine_ip(s->behind),
		    machine_ip(s->dialled));
	write_profile(f, s);
	fputs("user ", f);
	write_quoted(f, s->user);
	fputs(" { password = ", f);
	write_quoted(f, s->password);
	fputs(" }\n\npeer \"anyone\" {\n\taddress = any\n\tpsk = ", f);
	write_quoted(f, s->psk);
	fputs("\n\tkeepalive { }\n}\n", f);
}

static char *printf_like(1, 2) text_of(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&p, fmt, ap);
	va_end(ap);
	return n == -1 ? NULL : p;
}

/* --- steps --- */

static struct setup_step *
step(struct setup_plan *p, const char *what, const char *undo)
{
	struct setup_step *st = &p->steps[p->n];

	if (p->n + 1 < SETUP_STEPS)
		p->n++;
	snprintf(st->what, sizeof(st->what), "%s", what);
	snprintf(st->undo, sizeof(st->undo), "%s", undo);
	return st;
}

/* Takes text.  NULL: there is none. */
static struct setup_step *
file_step(struct setup_plan *p, const char *path, unsigned int mode, char *text)
{
	struct setup_step *st;
	char what[250];

	snprintf(what, sizeof(what), "write %s", path);
	st = step(p, what, "");
	snprintf(st->path, sizeof(st->path), "%s", path);
	st->mode = mode;
	st->text = text;
	return text != NULL ? st : NULL;
}

/* The command that makes use of its file. */
static void
follow(struct setup_step *st, const char *command, const char *undo,
    const char *there)
{
	snprintf(st->command, sizeof(st->command), "%s", command);
	snprintf(st->undo, sizeof(st->undo), "%s", undo);
	snprintf(st->there, sizeof(st->there), "%s", there);
}

static void
command_step(struct setup_plan *p, const char *command, const char *undo,
    const char *there)
{
	follow(step(p, command, undo), command, undo, there);
}

static void
note(struct setup_plan *p, const char *text)
{
	if (p->n_notes < nitems(p->notes))
		snprintf(
		    p->notes[p->n_notes++], sizeof(p->notes[0]), "%s", text);
}

static bool
plan_conf(
    const struct setup *s, const struct doctor_facts *f, struct setup_plan *p)
{
	struct setup_step *st;
	char *text = NULL;
	size_t len;
	FILE *out;

	out = open_memstream(&text, &len);
	if (out == NULL)
		return false;
	setup_write_conf(out, s);
	if (fclose(out) != 0)
		return false;
	st = file_step(p, s->conf, 0600, text);
	if (st == NULL)
		return false;
	if (s->backup != NULL)
		snprintf(st->backup, sizeof(st->backup), "%s", s->backup);
	/* The one that ran before, by the configuration of before. */
	if (s->systemd && s->start_command == NULL && f->unit_active) {
		snprintf(st->undo, sizeof(st->undo), "systemctl restart lnsd");
		snprintf(st->there, sizeof(st->there), "test -e %s", s->conf);
	}
	return true;
}

static bool
plan_forwarding(const struct doctor_facts *f, struct setup_plan *p)
{
	if (file_step(p, SYSCTL_FILE, 0644,
		text_of("# lnsd: packets of its clients.\n"
			"net.ipv4.ip_forward = 1\n")) == NULL)
		return false;
	if (!f->ip_forward)
		command_step(p, "sysctl -qw net.ipv4.ip_forward=1",
		    "sysctl -qw net.ipv4.ip_forward=0",
		    "test \"$(sysctl -n net.ipv4.ip_forward)\" = 1 && "
		    "! grep -rqs --exclude=60-lnsd.conf "
		    "'^ *net.ipv4.ip_forward *= *1' /etc/sysctl.conf "
		    "/etc/sysctl.d");
	return true;
}

/* "/etc/lnsd/NAME", beside the configuration. */
static void
beside(const struct setup *s, const char *name, char *buf, size_t size)
{
	const char *slash = strrchr(s->conf, '/');

	snprintf(buf, size, "%.*s%s",
	    slash == NULL ? 0 : (int)(slash + 1 - s->conf), s->conf, name);
}

static bool
plan_masquerade(const struct setup *s, struct setup_plan *p)
{
	struct setup_step *st;
	char path[150], command[200];

	if (!s->masquerade)
		return true;
	beside(s, "nat.nft", path, sizeof(path));
	st = file_step(p, path, 0644,
	    text_of("table ip lnsd_nat\ndelete table ip lnsd_nat\n"
		    "table ip lnsd_nat {\n\tchain postrouting {\n"
		    "\t\ttype nat hook postrouting priority srcnat\n"
		    "\t\tip saddr %s-%s oifname != \"ppp*\" masquerade\n"
		    "\t}\n}\n",
		machine_ip(s->pool.first), machine_ip(s->pool.last)));
	if (st == NULL)
		return false;
	snprintf(command, sizeof(command), "nft -f %s", path);
	follow(st, command, "nft delete table ip lnsd_nat",
	    "nft list table ip lnsd_nat");
	if (!s->systemd) {
		snprintf(command, sizeof(command),
		    "at each boot, before lnsd: nft -f %s", path);
		note(p, command);
		return true;
	}
	st = file_step(p, DROP_IN, 0644,
	    text_of("[Service]\nExecStartPre=/usr/sbin/nft -f %s\n", path));
	if (st == NULL)
		return false;
	follow(st, "systemctl daemon-reload", "systemctl daemon-reload", "");
	return true;
}

/* --- the firewall: only what somebody has agreed to --- */

/*
 * The rules that are lacking, as commands of nft, and those of an earlier
 * setup, whose file this one takes the place of; NULL: none, or no memory.
 */
static char *
lacking_rules(const struct firewall *as_it_is)
{
	json_t *rules = ruleset_without(as_it_is->rules, FIREWALL_COMMENT);
	struct firewall fw = *as_it_is;
	struct firewall_found found;
	char *text = NULL;
	size_t len;
	FILE *out;

	fw.rules = rules;
	firewall_find(&fw, &found);
	json_decref(rules);
	out = found.n == 0 ? NULL : open_memstream(&text, &len);
	if (out == NULL)
		return NULL;
	firewall_write_rules(out, &found);
	fclose(out);
	return text;
}

/*
 * From the next boot on, too.  nft refuses /etc/nftables.conf as a whole, and
 * the machine has no firewall, if a file that it names has gone with the
 * package (a pattern that nothing matches is right), or if a chain is not there
 * yet, as Docker's.
 */
static void
follow_nft(struct setup_step *st, const struct setup *s, const char path[150])
{
	char pattern[150], take_out[250], command[1250];

	beside(s, "firewall?nft", pattern, sizeof(pattern));
	snprintf(take_out, sizeof(take_out),
	    "sed -i --follow-symlinks '\\|^include \"%s\"$|d' " NFT_CONF,
	    pattern);
	snprintf(command, sizeof(command),
	    "nft -f %s && { grep -qxF 'include \"%s\"' " NFT_CONF
	    " || { test -z \"$(tail -c1 " NFT_CONF ")\" || echo >>" NFT_CONF
	    "; echo 'include \"%s\"' >>" NFT_CONF "; }; nft -c -f " NFT_CONF
	    " || { %s; echo 'not at boot: some of these chains are made later; "
	    "then: nft -f %s' >&2; }; }",
	    path, pattern, pattern, take_out, path);
	follow(st, command, take_out, "test -e " NFT_CONF);
	st->rules = true;
}

static bool
plan_nft(const struct setup *s, char *rules, struct setup_plan *p)
{
	struct setup_step *st;
	char path[150];

	beside(s, "firewall.nft", path, sizeof(path));
	st = file_step(p, path, 0644, rules);
	if (st == NULL)
		return false;
	snprintf(st->what, sizeof(st->what),
	    "write %.140s, load it, and include it in " NFT_CONF, path);
	follow_nft(st, s, path);
	return true;
}

static void
plan_keeper(const struct setup *s, const struct firewall *fw,
    const struct firewall_found *found, struct setup_plan *p)
{
	char text[400], there[60];
	const char *command;
	int hook;

	for (hook = 0; hook < FIREWALL_HOOKS; hook++) {
		command = firewall_keeper_opens(fw->keeper, hook);
		if (command == NULL || !firewall_is_closed(fw, found, hook))
			continue;
		if (s->firewall) {
			/* It may have been removed since. */
			snprintf(there, sizeof(there), "command -v %.*s",
			    (int)strcspn(command, " "), command);
			command_step(
			    p, command, firewall_keeper_undo(fw, hook), there);
			continue;
		}
		snprintf(text, sizeof(text),
		    "%s is active and was not touched (--firewall does it): %s",
		    firewall_keeper_name(fw->keeper), command);
		note(p, text);
	}
}

static void
note_lacks(const struct firewall_found *found, struct setup_plan *p)
{
	char text[400];
	size_t i, n;

	snprintf(text, sizeof(text), "the firewall here drops");
	for (i = 0; i < found->n; i++) {
		n = strlen(text);
		if (n > 250)
			break;
		snprintf(text + n, sizeof(text) - n, "%s %s%s",
		    i > 0 ? "," : "", found->lacks[i].need->what,
		    found->lacks[i].ipv6 ? " over IPv6" : "");
	}
	n = strlen(text);
	snprintf(text + n, sizeof(text) - n,
	    "%s, and was not touched: --firewall opens it, and lnsctl doctor "
	    "tells each rule",
	    i < found->n ? " and more" : "");
	note(p, text);
}

static bool
plan_firewall(
    const struct setup *s, const struct doctor_facts *f, struct setup_plan *p)
{
	struct firewall fw = f->firewall;
	struct firewall_found found;

	fw.uplink = f->machine.uplink;
	fw.dialled_ipv6 = f->machine.has_ipv6 && s->behind.s_addr == 0;
	firewall_find(&fw, &found);
	if (fw.keeper != KEEPER_NONE) {
		plan_keeper(s, &fw, &found, p);
		return true;
	}
	if (found.n == 0)
		return true;
	if (!s->firewall) {
		note_lacks(&found, p);
		return true;
	}
	return plan_nft(s, lacking_rules(&fw), p);
}

const char *
setup_wrong_path(const struct setup *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-";

	if (s->conf[0] != '/' || strlen(s->conf) >= 120 ||
	    s->conf[strspn(s->conf, plain)] != '\0')
		return "has to be an absolute path of letters, digits and ._-, "
		       "119 characters at most";
	if (s->systemd && s->start_command == NULL &&
	    strcmp(s->conf, LNSD_CONF) != 0)
		return "is not what systemd starts lnsd with, " LNSD_CONF
		       ": leave out -c, or say --start-command";
	return NULL;
}

static void
plan_start(
    const struct setup *s, const struct doctor_facts *f, struct setup_plan *p)
{
	char stop[250];

	if (s->start_command != NULL) {
		/* Wherever it was built. */
		if (strchr(s->self, '\'') == NULL)
			snprintf(stop, sizeof(stop), "'%s' stop", s->self);
		else
			snprintf(stop, sizeof(stop), "lnsctl stop");
		command_step(
		    p, s->start_command, stop, "test -e /run/lnsd/lnsd.pid");
	} else if (!s->systemd) {
		note(p, "systemd does not run here; start the server with: "
			"lnsd");
	} else if (f->unit_enabled) {
		command_step(p, "systemctl restart lnsd",
		    f->unit_active ? "" : "systemctl stop lnsd", "");
	} else {
		command_step(p,
		    "systemctl enable -q lnsd && systemctl restart lnsd",
		    f->unit_active ? "systemctl disable -q lnsd"
				   : "systemctl disable -q --now lnsd",
		    "");
	}
}

bool
setup_plan(
    const struct setup *s, const struct doctor_facts *f, struct setup_plan *p)
{
	char text[300];

	memset(p, 0, sizeof(*p));
	if (!plan_conf(s, f, p) || !plan_forwarding(f, p))
		return false;
	if (!f->has_group)
		command_step(p, "groupadd --system lnsd", "groupdel lnsd",
		    "getent group lnsd | grep -q ':$'");
	if (!plan_masquerade(s, p) || !plan_firewall(s, f, p))
		return false;
	plan_start(s, f, p);
	if (s->behind.s_addr != 0) {
		snprintf(text, sizeof(text),
		    "let the router forward UDP 500 and 4500 of %s to %s",
		    machine_ip(s->dialled), machine_ip(s->behind));
		note(p, text);
	}
	return true;
}

void
setup_plan_free(struct setup_plan *p)
{
	size_t i;

	for (i = 0; i < nitems(p->steps); i++) {
		if (p->steps[i].text != NULL)
			explicit_bzero(
			    p->steps[i].text, strlen(p->steps[i].text));
		free(p->steps[i].text);
	}
	memset(p, 0, sizeof(*p));
}
