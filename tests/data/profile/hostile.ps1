$ErrorActionPreference = 'Stop'
$name = 'Zoë & <Bob>''s
"VPN" ‘‘$x’’ \n ]]>'
$vpn = @{
	Name = $name
	ServerAddress = '2001:db8::1'
	TunnelType = 'L2tp'
	L2tpPsk = '0s''"<&>\ ü$`;#'
	AuthenticationMethod = 'Pap'
	EncryptionLevel = 'Optional'
	SplitTunneling = $true
	RememberCredential = $true
	Force = $true
}
Get-VpnConnection | Where-Object { $_.Name -eq $name } |
	Remove-VpnConnection -Force
Add-VpnConnection @vpn
Add-VpnConnectionRoute -ConnectionName $name -DestinationPrefix '192.168.100.0/24'
Add-VpnConnectionRoute -ConnectionName $name -DestinationPrefix '10.7.0.1/32'
$key = 'HKLM:\SYSTEM\CurrentControlSet\Services\PolicyAgent'
$value = 'AssumeUDPEncapsulationContextOnSendRule'
$old = (Get-ItemProperty -Path $key).$value
if ($old -ne 2) {
	# Needs an administrator, and takes effect at the next start.
	$set = "Set-ItemProperty -Path '$key' -Name '$value' -Value 2 -Type DWord"
	Start-Process powershell -Verb RunAs -Wait -ArgumentList '-NoProfile', '-Command', $set
	Write-Host 'Restart this PC before you connect.'
}
Write-Host 'The connection is in Settings > Network & internet > VPN; the user name is ' -NoNewline
Write-Host ' o''hara; <x> & "y" '
