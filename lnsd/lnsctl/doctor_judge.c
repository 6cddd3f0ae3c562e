/* SPDX-License-Identifier: ISC */
/* What the facts mean: kernel, programs, configuration, server.  The network is
 * in doctor_judge_net.c. */

#include "doctor.h"
#include "ruleset.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Nobody has installed this before it was written. */
#define YEAR_2026 ((time_t)1767225600)
/* Two descriptors for each tunnel and three for each session. */
#define FILES_PER_CLIENT 5
#define FILES_FEW 4096

/* Names of processes, lines of others: no control characters, and UTF-8. */
static void
make_printable(char *s)
{
	size_t left = strlen(s), n, i;
	uint32_t code;

	for (; left > 0; s += n, left -= n) {
		n = utf8_char((const uint8_t *)s, left, &code);
		if (n > 0 && code >= 0x20 && (code < 0x7f || code >= 0xa0))
			continue;
		n = n > 0 ? n : 1;
		for (i = 0; i < n; i++)
			s[i] = '?';
	}
}

void
finding_add(struct findings *f, enum finding_state state, const char *check,
    const char *mend, const char *fmt, ...)
{
	struct finding *e;
	va_list ap;

	if (f->n == FINDINGS_MAX) {
		if (state != FINDING_FAIL)
			return;
		/* The exit status is to tell of it. */
		f->n--;
	}
	e = &f->list[f->n++];
	e->state = state;
	e->check = check;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	snprintf(e->mend, sizeof(e->mend), "%s", mend != NULL ? mend : "");
	make_printable(e->text);
	make_printable(e->mend);
}

static void
judge_missing_modules(const struct doctor_facts *f, struct findings *out)
{
	char mend[200];

	if (!f->has_module_dir)
		snprintf(mend, sizeof(mend),
		    "a newer kernel was installed: reboot; in a container, the "
		    "host has to load them: modprobe -a l2tp_ppp xfrm_user");
	else if (strstr(f->kernel, "cloud") != NULL)
		snprintf(mend, sizeof(mend),
		    "kernels for clouds leave them out: apt-get install "
		    "linux-image-amd64, remove the linux-image-cloud one, "
		    "reboot");
	else
		snprintf(mend, sizeof(mend),
		    "install all modules of this kernel: on Debian "
		    "linux-image-amd64, on Ubuntu "
		    "linux-modules-extra-%.60s",
		    f->kernel);
	finding_add(out, FINDING_FAIL, "modules", mend,
	    "the kernel %s has no modules %s", f->kernel, f->missing);
}

static void
judge_kernel(const struct doctor_facts *f, struct findings *out)
{
	if (f->missing[0] != '\0')
		judge_missing_modules(f, out);
	if (f->forbidden[0] != '\0')
		finding_add(out, FINDING_FAIL, "modules",
		    "grep -r install /etc/modprobe.d /lib/modprobe.d, take "
		    "that line out, lnsctl doctor",
		    "modprobe is told not to load %s", f->forbidden);
	if (!f->dev_ppp)
		finding_add(out, FINDING_FAIL, "ppp",
		    "modprobe ppp_generic; in a container, the host has to "
		    "give it /dev/ppp (--device /dev/ppp)",
		    "/dev/ppp cannot be opened");
	if (!f->l2tp)
		finding_add(out, FINDING_FAIL, "l2tp", "modprobe l2tp_ppp",
		    "the kernel makes no socket of PPP over L2TP");
	if (f->missing[0] == '\0' && f->forbidden[0] == '\0' && f->dev_ppp &&
	    f->l2tp)
		finding_add(out, FINDING_OK, "modules", NULL,
		    "kernel %s has PPP, L2TP, ESP and what the guard needs",
		    f->kernel);
	if (f->denied[0] != '\0')
		finding_add(out, FINDING_WARN, "apparmor",
		    "aa-complain the profile, or add what it lacks to its file "
		    "in /etc/apparmor.d/local",
		    "AppArmor has denied something: %s", f->denied);
}

static void
judge_pppd(const struct doctor_facts *f, struct findings *out)
{
	if (f->pppd[0] == '\0')
		finding_add(out, FINDING_FAIL, "pppd", "apt-get install ppp",
		    "pppd is not installed");
	else if (f->plugin_error[0] != '\0')
		finding_add(out, FINDING_FAIL, "pppd",
		    "install the lnsd that was built for this pppd: make clean "
		    "install with its ppp-dev",
		    "pppd %s does not load %s: %s", f->pppd, f->plugin,
		    f->plugin_error);
	else
		finding_add(out, FINDING_OK, "pppd", NULL,
		    "pppd %s loads the plugin of lnsd", f->pppd);
}

static void
judge_remarks(const struct doctor_facts *f, struct findings *out)
{
	char line[300];
	const char *p = f->remarks;
	size_t n;

	while (p != NULL && *p != '\0') {
		n = strcspn(p, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)n, p);
		p += n + (p[n] == '\n');
		if (strncmp(line, "remark: ", 8) == 0)
			memmove(line, line + 8, strlen(line) - 7);
		finding_add(out, FINDING_WARN, "libreswan",
		    "leave it if nobody has such a client; else a libreswan "
		    "that is built with them (USE_DH2=true)",
		    "%s", line);
	}
}

/* "certutil is not installed (package libnss3-tools)", "(module xfrm_user)". */
static void
judge_missing_ipsec(const char *what, struct findings *out)
{
	char mend[120] = "journalctl -u lnsd", name[64];
	const char *p = strrchr(what, '(');

	if (p != NULL && sscanf(p, "(package %63[^)])", name) == 1)
		snprintf(mend, sizeof(mend), "apt-get install %s", name);
	else if (p != NULL && sscanf(p, "(module %63[^)])", name) == 1)
		snprintf(mend, sizeof(mend), "modprobe %s", name);
	finding_add(out, FINDING_FAIL, "libreswan", mend, "%s", what);
}

static void
judge_libreswan(const struct doctor_facts *f, struct findings *out)
{
	if (f->ipsec_missing != NULL)
		judge_missing_ipsec(f->ipsec_missing, out);
	else if (f->libreswan[0] != '\0')
		finding_add(
		    out, FINDING_OK, "libreswan", NULL, "%s", f->libreswan);
	judge_remarks(f, out);
}

/* --- ports --- */

static const char *
mend_port(const char *name)
{
	if (strncmp(name, "charon", 6) == 0)
		return "systemctl disable --now strongswan-starter strongswan";
	if (strcmp(name, "pluto") == 0)
		return "systemctl disable --now ipsec; or mode = system in the "
		       "section ipsec, if its connections are needed";
	if (strcmp(name, "xl2tpd") == 0)
		return "systemctl disable --now xl2tpd";
	if (strcmp(name, "accel-pppd") == 0)
		return "systemctl disable --now accel-ppp";
	return "stop that program; ss -uapn shows it";
}

static void
judge_ports(const struct doctor_facts *f, struct findings *out)
{
	bool system, taken = false;
	size_t i;

	system = f->conf != NULL && f->conf->ipsec.mode == CONF_IPSEC_SYSTEM;
	for (i = 0; i < f->n_ports; i++) {
		const struct doctor_port *p = &f->ports[i];

		if (p->ours || (system && p->port != 1701 &&
				   strcmp(p->name, "pluto") == 0))
			continue;
		taken = true;
		finding_add(out, FINDING_FAIL, "ports", mend_port(p->name),
		    "UDP port %u is taken by %s (process %ld)", p->port,
		    p->name[0] != '\0' ? p->name : "an unknown program",
		    p->pid);
	}
	if (!taken)
		finding_add(out, FINDING_OK, "ports", NULL,
		    "nobody else has UDP 500, 4500 or 1701");
}

/* --- configuration --- */

#define ERRORS_SHOWN 12

static void
judge_conf_lines(const char *p, struct findings *out)
{
	size_t n, shown;

	for (shown = 0; p != NULL && *p != '\0' && shown < ERRORS_SHOWN;
	     shown++) {
		n = strcspn(p, "\n");
		finding_add(out, FINDING_FAIL, "configuration",
		    "mend that line, see lnsd.conf(5); lnsd -t tells all of "
		    "them",
		    "%.*s", (int)n, p);
		p += n + (p[n] == '\n');
	}
}

static void
judge_conf(const struct doctor_facts *f, struct findings *out)
{
	size_t i;

	if (!f->has_conf) {
		finding_add(out, FINDING_FAIL, "configuration", "lnsctl setup",
		    "there is no %s", f->conf_path);
		return;
	}
	judge_conf_lines(f->conf_errors, out);
	if (f->conf == NULL)
		return;
	for (i = 0; i < f->conf->n_warnings && i < ERRORS_SHOWN; i++)
		finding_add(out, FINDING_WARN, "configuration",
		    "see lnsd.conf(5)", "%s", f->conf->warnings[i]);
	if (i < f->conf->n_warnings)
		finding_add(out, FINDING_WARN, "configuration",
		    "lnsd -t tells all of them", "%zu more warnings",
		    f->conf->n_warnings - i);
	if (f->conf->ipsec.mode == CONF_IPSEC_OFF)
		finding_add(out, FINDING_WARN, "configuration",
		    "take mode = off out of the section ipsec",
		    "nothing is encrypted (mode = off)");
	finding_add(out, FINDING_OK, "configuration", NULL, "%s is valid",
	    f->conf_path);
	if (!f->run_dir_ok)
		finding_add(out, FINDING_FAIL, "directories",
		    "mount its file system writable, or set run-dir",
		    "run-dir %s cannot be written", f->conf->run_dir);
	if (!f->state_dir_ok)
		finding_add(out, FINDING_FAIL, "directories",
		    "mount its file system writable, or set state-dir",
		    "state-dir %s cannot be written", f->conf->state_dir);
}

static void
judge_group(const struct doctor_facts *f, struct findings *out)
{
	if (!f->has_group)
		finding_add(out, FINDING_WARN, "group",
		    "groupadd --system lnsd; systemctl restart lnsd",
		    "there is no group lnsd: only root may use lnsctl");
}

/* --- the server that runs --- */

static bool
has_table(const struct doctor_facts *f, const char *family, const char *name)
{
	return ruleset_has_table(f->firewall.rules, family, name);
}

static void
judge_protection(const struct doctor_facts *f, struct findings *out)
{
	bool guarded;

	if (f->conf == NULL || f->conf->ipsec.mode == CONF_IPSEC_OFF)
		return;
	guarded = f->firewall.rules == NULL ||
		  (has_table(f, "ip", "lnsd_guard") &&
		      has_table(f, "ip6", "lnsd_guard") &&
		      has_table(f, "ip", "lnsd"));
	if (!guarded)
		finding_add(out, FINDING_FAIL, "guard",
		    "systemctl restart lnsd, after whatever flushes the rule "
		    "set",
		    "the guard of UDP 1701 has been taken out of nftables");
	if (!f->pluto_answers)
		finding_add(out, FINDING_FAIL, "pluto",
		    f->conf->ipsec.mode == CONF_IPSEC_SYSTEM
			? "systemctl restart ipsec"
			: "systemctl restart lnsd; its log says why",
		    "pluto does not answer: no client gets through IKE");
	if (guarded && f->pluto_answers)
		finding_add(out, FINDING_OK, "pluto", NULL,
		    "pluto answers, and UDP 1701 is guarded");
}

static void
judge_limits(const struct doctor_facts *f, struct findings *out)
{
	unsigned long needed;
	char mend[120];

	if (f->conf == NULL || f->max_files == 0)
		return;
	needed = f->conf->max_tunnels == 0
		     ? FILES_FEW
		     : f->conf->max_tunnels * (unsigned long)FILES_PER_CLIENT;
	if (f->max_files >= needed)
		return;
	snprintf(mend, sizeof(mend),
	    "LimitNOFILE=65536 in the unit of lnsd, or ulimit -n before it is "
	    "started");
	finding_add(out, FINDING_WARN, "limits", mend,
	    "lnsd may open %lu files, which is enough for %lu clients",
	    f->max_files, f->max_files / FILES_PER_CLIENT);
}

static void
judge_server(const struct doctor_facts *f, struct findings *out)
{
	if (f->server[0] == '\0' && f->conf == NULL) {
		finding_add(out, FINDING_FAIL, "server",
		    "first the configuration, see above",
		    "lnsd does not answer: %s", f->server_error);
		return;
	}
	if (f->server[0] == '\0') {
		finding_add(out, FINDING_FAIL, "server",
		    f->systemd ? "systemctl enable --now lnsd; journalctl -u "
				 "lnsd says why if it ends"
			       : "start lnsd; its log says why if it ends",
		    "lnsd does not answer: %s", f->server_error);
		return;
	}
	if (strcmp(f->server, LNSD_VERSION) != 0)
		finding_add(out, FINDING_WARN, "server",
		    "systemctl restart lnsd",
		    "lnsd %s runs, but %s is installed", f->server,
		    LNSD_VERSION);
	else
		finding_add(out, FINDING_OK, "server", NULL,
		    "lnsd %s runs and answers", f->server);
	judge_protection(f, out);
	judge_limits(f, out);
	if (f->silent_radius[0] != '\0')
		finding_add(out, FINDING_FAIL, "radius",
		    "see that it runs, that it knows this server as a client "
		    "with the same secret, and that UDP 1812 and 1813 are "
		    "open on the way",
		    "no answer from the RADIUS server %s", f->silent_radius);
}

static void
judge_clock(const struct doctor_facts *f, struct findings *out)
{
	if (f->now < YEAR_2026)
		finding_add(out, FINDING_FAIL, "clock",
		    "date -s, and a time server: apt-get install "
		    "systemd-timesyncd",
		    "the clock is years behind: certificates seem not to be "
		    "valid yet");
	else if (!f->synchronised)
		finding_add(out, FINDING_WARN, "clock",
		    "apt-get install systemd-timesyncd (or chrony)",
		    "no time server sets the clock; RADIUS, certificates and "
		    "the log need it");
	else
		finding_add(out, FINDING_OK, "clock", NULL,
		    "the clock follows a time server");
}

void
doctor_judge_start(const struct doctor_facts *f, struct findings *out)
{
	judge_kernel(f, out);
	judge_pppd(f, out);
	judge_libreswan(f, out);
	judge_ports(f, out);
}

void
doctor_judge(const struct doctor_facts *f, struct findings *out)
{
	if (!f->root) {
		finding_add(out, FINDING_FAIL, "root", "sudo lnsctl doctor",
		    "not root: nothing of what matters can be seen");
		return;
	}
	doctor_judge_start(f, out);
	judge_conf(f, out);
	judge_group(f, out);
	doctor_judge_net(f, out);
	judge_clock(f, out);
	judge_server(f, out);
}
