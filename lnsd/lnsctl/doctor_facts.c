/* SPDX-License-Identifier: ISC */
/* Looks at the machine for doctor.h, and decides nothing. */

#include "doctor.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor_ports.h"
#include "ipsec.h"
#include "pppox.h"
#include "rpc.h"
#include "../ctl.h"

#define PPPD "/usr/sbin/pppd"
#define WHACK "/usr/libexec/ipsec/whack"

bool
doctor_is_listed(const char *list, const char *word)
{
	size_t n = strlen(word);
	const char *p;

	for (p = list; n > 0 && (p = strstr(p, word)) != NULL; p++)
		if ((p == list || p[-1] == ' ') &&
		    (p[n] == ',' || p[n] == '\0'))
			return true;
	return false;
}

static void
append(char *buf, size_t size, const char *word)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s%s", len > 0 ? ", " : "", word);
}

/* The last line of said. */
static void
keep_last_line(char *buf, size_t size, const char *said)
{
	const char *p, *last = said;

	for (p = said; (p = strchr(p, '\n')) != NULL && p[1] != '\0';)
		last = ++p;
	snprintf(buf, size, "%.*s", (int)strcspn(last, "\n"), last);
}

/* --- kernel --- */

bool
doctor_is_forbidden(const char *said)
{
	return strncmp(said, "install ", 8) == 0 ||
	       strstr(said, "\ninstall ") != NULL;
}

static void
look_module(struct doctor_facts *f, const char *name)
{
	const char *const argv[] = { "modprobe", "-n", "-v", "--show-depends",
		name, NULL };
	char path[80];
	char *said;
	int status;

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (access(path, F_OK) == 0)
		return;
	status = machine_run(&said, argv);
	if (status != 0)
		append(f->missing, sizeof(f->missing), name);
	else if (said != NULL && doctor_is_forbidden(said))
		append(f->forbidden, sizeof(f->forbidden), name);
	free(said);
}

static int
sysctl_int(const char *name)
{
	char path[120], line[40];

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	return machine_line(path, line, sizeof(line)) ? atoi(line) : 0;
}

static int
rp_filter_of(const char *ifname)
{
	char name[80];
	int all = sysctl_int("ipv4/conf/all/rp_filter"), own;

	snprintf(name, sizeof(name), "ipv4/conf/%s/rp_filter", ifname);
	own = sysctl_int(name);
	return own > all ? own : all;
}

static void
look_denials(struct doctor_facts *f)
{
	static const char *const argv[] = { "dmesg", NULL };
	char *said, *p, *line;

	(void)machine_run(&said, argv);
	for (p = said; p != NULL && (line = strsep(&p, "\n")) != NULL;)
		if (strstr(line, "apparmor=\"DENIED\"") != NULL &&
		    (strstr(line, "pluto") != NULL ||
			strstr(line, "pppd") != NULL ||
			strstr(line, "lnsd") != NULL))
			snprintf(f->denied, sizeof(f->denied), "%s", line);
	free(said);
}

static void
look_kernel(struct doctor_facts *f)
{
	static const char *const modules[] = { "ppp_generic", "l2tp_ppp",
		"xfrm_user", "esp4", "esp6", "nf_tables", "nft_xfrm",
		"nft_fib_inet", "nft_ct" };
	struct utsname u;
	char path[160];
	const char *why;
	size_t i;

	if (uname(&u) == 0)
		snprintf(f->kernel, sizeof(f->kernel), "%s", u.release);
	snprintf(path, sizeof(path), "/lib/modules/%s", f->kernel);
	f->has_module_dir = access(path, F_OK) == 0;
	for (i = 0; i < nitems(modules); i++)
		look_module(f, modules[i]);
	why = pppox_missing();
	f->dev_ppp = why == NULL || strstr(why, "/dev/ppp") == NULL;
	f->l2tp = why == NULL || !f->dev_ppp;
	f->ip_forward = sysctl_int("ipv4/ip_forward") != 0;
	f->ipv6_forward = sysctl_int("ipv6/conf/all/forwarding") != 0;
	if (f->machine.uplink[0] != '\0')
		f->rp_filter = rp_filter_of(f->machine.uplink);
	look_denials(f);
}

/* --- programs --- */

static void
look_pppd(struct doctor_facts *f)
{
	const char *const version[] = { PPPD, "--version", NULL };
	const char *const load[] = { PPPD, "plugin", f->plugin, "--version",
		NULL };
	char *said, *p;

	if (access(PPPD, X_OK) == -1)
		return;
	snprintf(f->pppd, sizeof(f->pppd), "?");
	(void)machine_run(&said, version);
	p = said != NULL ? strstr(said, "version ") : NULL;
	if (p != NULL)
		snprintf(f->pppd, sizeof(f->pppd), "%.*s",
		    (int)strcspn(p + 8, "\n"), p + 8);
	free(said);
	if (machine_run(&said, load) != 0 && said != NULL)
		keep_last_line(f->plugin_error, sizeof(f->plugin_error), said);
	free(said);
}

static void
look_libreswan(struct doctor_facts *f)
{
	static const char *const argv[] = { "/usr/libexec/ipsec/pluto",
		"--version", NULL };
	static const struct conf managed;
	const struct conf *c = f->conf != NULL ? f->conf : &managed;
	char *said = NULL, *remarks = NULL;
	size_t len;
	FILE *out;

	f->ipsec_missing = ipsec_missing(c);
	if (access(argv[0], X_OK) == 0 && machine_run(&said, argv) == 0 &&
	    said != NULL)
		/* "Libreswan 4.10 ..." */
		snprintf(f->libreswan, sizeof(f->libreswan), "%.*s",
		    (int)(10 + strcspn(said + (strlen(said) < 10 ? strlen(said)
								 : 10),
				   " \n")),
		    said);
	free(said);
	out = open_memstream(&remarks, &len);
	if (out == NULL)
		return;
	ipsec_remarks(c, out);
	fclose(out);
	f->remarks = remarks;
}

static void
look_firewalld(struct firewall *fw)
{
	static const char *const ipsec[] = { "firewall-cmd", "-q",
		"--query-service=ipsec", NULL };
	static const char *const l2tp[] = { "firewall-cmd", "-q",
		"--query-port=1701/udp", NULL };
	static const char *const had_ipsec[] = { "firewall-cmd", "-q",
		"--permanent", "--query-service=ipsec", NULL };
	static const char *const had_l2tp[] = { "firewall-cmd", "-q",
		"--permanent", "--query-port=1701/udp", NULL };

	fw->keeper = KEEPER_FIREWALLD;
	fw->keeper_open[FIREWALL_INPUT] =
	    machine_run(NULL, ipsec) == 0 && machine_run(NULL, l2tp) == 0;
	fw->had_ipsec = machine_run(NULL, had_ipsec) == 0;
	fw->had_l2tp = machine_run(NULL, had_l2tp) == 0;
}

static void
look_keeper(struct firewall *fw)
{
	static const char *const ufw[] = { "ufw", "status", NULL };
	static const char *const fwd[] = { "firewall-cmd", "--state", NULL };
	char *said;

	if (machine_run(&said, ufw) == 0 && said != NULL &&
	    strstr(said, "Status: active") != NULL) {
		fw->keeper = KEEPER_UFW;
		fw->keeper_open[FIREWALL_INPUT] =
		    firewall_ufw_allows(said, "4500");
		fw->keeper_open[FIREWALL_FORWARD] =
		    firewall_ufw_allows(said, "ppp+");
	}
	free(said);
	if (fw->keeper == KEEPER_NONE && machine_run(NULL, fwd) == 0)
		look_firewalld(fw);
}

static void
look_firewall(struct doctor_facts *f)
{
	static const char *const nft[] = { "nft", "-j", "list", "ruleset",
		NULL };
	json_error_t error;
	char *said;

	if (machine_run(&said, nft) == 0 && said != NULL)
		f->firewall.rules = json_loads(said, 0, &error);
	free(said);
	look_keeper(&f->firewall);
}

/* --- configuration --- */

static bool
can_write(const char *dir)
{
	char up[128];
	char *slash;

	snprintf(up, sizeof(up), "%s", dir);
	while (access(up, F_OK) == -1 && errno == ENOENT &&
	       (slash = strrchr(up, '/')) != NULL && slash != up)
		*slash = '\0';
	return access(up, W_OK | X_OK) == 0;
}

static void
look_conf(struct doctor_facts *f)
{
	char *errors = NULL;
	size_t len;
	FILE *out;

	f->has_group = getgrnam(CTL_GROUP) != NULL;
	f->has_conf = access(f->conf_path, F_OK) == 0;
	if (!f->has_conf)
		return;
	out = open_memstream(&errors, &len);
	if (out == NULL)
		return;
	f->conf = conf_load(f->conf_path, out);
	fclose(out);
	f->conf_errors = errors;
	if (f->conf == NULL)
		return;
	f->run_dir_ok = can_write(f->conf->run_dir);
	f->state_dir_ok = can_write(f->conf->state_dir);
}

/* --- the server --- */

static void
look_files(struct doctor_facts *f)
{
	char path[160], line[200];
	FILE *limits;

	snprintf(path, sizeof(path), "%s/lnsd.pid", f->conf->run_dir);
	if (!machine_line(path, line, sizeof(line)))
		return;
	snprintf(path, sizeof(path), "/proc/%ld/limits", atol(line));
	limits = fopen(path, "re");
	if (limits == NULL)
		return;
	while (fgets(line, sizeof(line), limits) != NULL)
		(void)sscanf(line, "Max open files %lu", &f->max_files);
	fclose(limits);
}

static void
look_pluto(struct doctor_facts *f)
{
	char path[120];
	const char *const argv[] = { WHACK, "--ctlsocket", path, "--status",
		NULL };

	ipsec_pluto_socket(f->conf, path, sizeof(path));
	f->pluto_answers = machine_run(NULL, argv) == 0;
}

/* As far as lnsd has asked them. */
static void
look_radius(struct doctor_facts *f, struct rpc *rpc)
{
	json_t *answer = rpc_call(rpc, "counters", NULL, NULL, NULL);
	const json_t *radius =
	    json_object_get(json_object_get(answer, "result"), "radius");
	const char *server, *state;
	size_t i;

	for (i = 0; i < json_array_size(radius); i++) {
		const json_t *o = json_array_get(radius, i);

		server = json_string_value(json_object_get(o, "server"));
		state = json_string_value(json_object_get(o, "state"));
		if (server != NULL && state != NULL &&
		    strcmp(state, "silent") == 0 &&
		    !doctor_is_listed(f->silent_radius, server))
			append(
			    f->silent_radius, sizeof(f->silent_radius), server);
	}
	json_decref(answer);
}

static void
look_server(struct doctor_facts *f, const char *socket)
{
	static const char *const enabled[] = { "systemctl", "is-enabled", "-q",
		"lnsd", NULL };
	static const char *const active[] = { "systemctl", "is-active", "-q",
		"lnsd", NULL };
	char path[160] = "/run/lnsd/" CTL_SOCKET;
	json_t *answer = NULL;
	struct rpc *rpc;

	f->systemd = access("/run/systemd/system", F_OK) == 0;
	f->unit_enabled = f->systemd && machine_run(NULL, enabled) == 0;
	f->unit_active = f->systemd && machine_run(NULL, active) == 0;

	if (socket != NULL)
		snprintf(path, sizeof(path), "%s", socket);
	else if (f->conf != NULL)
		snprintf(
		    path, sizeof(path), "%s/" CTL_SOCKET, f->conf->run_dir);
	rpc = rpc_open(path);
	if (rpc != NULL)
		answer = rpc_call(rpc, "version", NULL, NULL, NULL);
	snprintf(f->server_error, sizeof(f->server_error), "%.70s: %s", path,
	    strerror(errno));
	if (answer != NULL)
		snprintf(f->server, sizeof(f->server), "%s",
		    json_string_value(json_object_get(
			json_object_get(answer, "result"), "version")));
	json_decref(answer);
	if (f->server[0] != '\0')
		look_radius(f, rpc);
	rpc_close(rpc);
	if (f->conf == NULL || f->server[0] == '\0')
		return;
	look_files(f);
	if (f->conf->ipsec.mode != CONF_IPSEC_OFF)
		look_pluto(f);
}

/* --- name servers --- */

/* For the root's name servers; every server answers that, if only to refuse. */
static bool
dns_answers(struct in_addr a)
{
	static const uint8_t query[] = { 0x4c, 0x4e, 1, 0, 0, 1, 0, 0, 0, 0, 0,
		0, 0, 0, 2, 0, 1 };
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(53), .sin_addr = a
	};
	struct pollfd pfd = { .events = POLLIN };
	uint8_t answer[16];
	bool ok;

	pfd.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (pfd.fd == -1)
		return true;
	ok = connect(pfd.fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	     send(pfd.fd, query, sizeof(query), 0) == sizeof(query) &&
	     poll(&pfd, 1, 2000) == 1 &&
	     recv(pfd.fd, answer, sizeof(answer), 0) > 2;
	close(pfd.fd);
	return ok;
}

static void
look_dns(struct doctor_facts *f)
{
	const struct conf_ppp *p;
	size_t i, j;

	for (i = 0; f->conf != NULL && i < f->conf->n_ppp; i++) {
		p = &f->conf->ppp[i];
		for (j = 0; j < p->n_dns; j++)
			if (!doctor_is_listed(
				f->dead_dns, machine_ip(p->dns[j])) &&
			    !dns_answers(p->dns[j]))
				append(f->dead_dns, sizeof(f->dead_dns),
				    machine_ip(p->dns[j]));
	}
}

struct doctor_facts *
doctor_look(const char *conf_path, const char *socket, const char *plugin)
{
	struct timex t = { .modes = 0 };
	struct doctor_facts *f;

	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->conf_path = conf_path;
	f->plugin = plugin;
	f->root = geteuid() == 0;
	if (!f->root)
		return f;
	machine_look(&f->machine);
	look_conf(f);
	look_kernel(f);
	look_pppd(f);
	look_libreswan(f);
	doctor_look_ports(f);
	look_firewall(f);
	look_server(f, socket);
	look_dns(f);
	f->now = time(NULL);
	f->synchronised =
	    adjtimex(&t) != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
	return f;
}

void
doctor_facts_free(struct doctor_facts *f)
{
	if (f == NULL)
		return;
	conf_free((struct conf *)(uintptr_t)f->conf);
	free((char *)(uintptr_t)f->conf_errors);
	free((char *)(uintptr_t)f->remarks);
	json_decref((json_t *)(uintptr_t)f->firewall.rules);
	free(f);
}
