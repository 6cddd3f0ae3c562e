$ErrorActionPreference = 'Stop'
$name = 'VPN vpn.example.org'
$vpn = @{
	Name = $name
	ServerAddress = 'vpn.example.org'
	TunnelType = 'L2tp'
	L2tpPsk = 'battery staple'
	AuthenticationMethod = 'MSChapv2'
	EncryptionLevel = 'Required'
	SplitTunneling = $false
	RememberCredential = $true
	Force = $true
}
Get-VpnConnection | Where-Object { $_.Name -eq $name } |
	Remove-VpnConnection -Force
Add-VpnConnection @vpn
Write-Host 'The connection is in Settings > Network & internet > VPN; the user name is ' -NoNewline
Write-Host 'alice'
