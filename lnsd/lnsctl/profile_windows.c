/* SPDX-License-Identifier: ISC */
/*
 * A PowerShell script for Windows 8 and later; contract in profile.h.  Windows
 * has no way to be given user name and password beforehand: it asks for them
 * once and keeps them.
 */

#include "profile.h"

#define EOL "\r\n"

/*
 * Encryption in PPP's sense.  IPsec is one for Windows, so it can be demanded;
 * but Windows takes that together with PAP or CHAP for a contradiction.
 */
static void
authentication(FILE *f, const struct profile_facts *facts)
{
	const char *method = "MSChapv2", *level = "Required";

	if (facts->auth == CONF_AUTH_CHAP)
		method = "Chap";
	else if (facts->auth == CONF_AUTH_PAP)
		method = "Pap";
	if (facts->auth != CONF_AUTH_MSCHAPV2)
		level = "Optional";
	fprintf(f, "\tAuthenticationMethod = '%s'" EOL, method);
	fprintf(f, "\tEncryptionLevel = '%s'" EOL, level);
}

static void
connection(FILE *f, const struct profile_facts *facts)
{
	fputs("$vpn = @{" EOL "\tName = $name" EOL "\tServerAddress = ", f);
	profile_powershell(f, facts->server);
	fputs(EOL "\tTunnelType = 'L2tp'" EOL, f);
	if (facts->psk != NULL) {
		fputs("\tL2tpPsk = ", f);
		profile_powershell(f, facts->psk);
		fputs(EOL, f);
	}
	authentication(f, facts);
	fprintf(f, "\tSplitTunneling = $%s" EOL,
	    facts->all_traffic ? "false" : "true");
	fputs("\tRememberCredential = $true" EOL "\tForce = $true" EOL "}" EOL
	      "Get-VpnConnection | Where-Object { $_.Name -eq $name } |" EOL
	      "\tRemove-VpnConnection -Force" EOL "Add-VpnConnection @vpn" EOL,
	    f);
	for (size_t i = 0; i < facts->n_routes && !facts->all_traffic; i++) {
		fputs("Add-VpnConnectionRoute -ConnectionName $name"
		      " -DestinationPrefix '",
		    f);
		profile_route(f, &facts->routes[i]);
		fputs("'" EOL, f);
	}
}

/* Windows forbids a server behind NAT unless it is told otherwise; read by the
 * IPsec service when it starts. */
static void
nat(FILE *f)
{
	fputs("$key = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\"
	      "PolicyAgent'" EOL
	      "$value = 'AssumeUDPEncapsulationContextOnSendRule'" EOL
	      "$old = (Get-ItemProperty -Path $key).$value" EOL
	      "if ($old -ne 2) {" EOL "\t# Needs an administrator, and takes "
	      "effect at the next start." EOL
	      "\t$set = \"Set-ItemProperty -Path '$key' -Name '$value'"
	      " -Value 2 -Type DWord\"" EOL
	      "\tStart-Process powershell -Verb RunAs -Wait"
	      " -ArgumentList '-NoProfile', '-Command', $set" EOL
	      "\tWrite-Host 'Restart this PC before you connect.'" EOL "}" EOL,
	    f);
}

int
profile_write_windows(FILE *f, const struct profile_facts *facts)
{
	fputs("\xef\xbb\xbf$ErrorActionPreference = 'Stop'" EOL "$name = ", f);
	profile_powershell(f, facts->name);
	fputs(EOL, f);
	connection(f, facts);
	if (facts->behind_nat)
		nat(f);
	fputs("Write-Host 'The connection is in Settings > Network & internet"
	      " > VPN; the user name is ' -NoNewline" EOL "Write-Host ",
	    f);
	profile_powershell(f, facts->user);
	fputs(EOL, f);
	return ferror(f) != 0 ? -1 : 0;
}
