#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""
profile-values.py FILE [JSON]: what a client reads out of a profile, a line for
each: server, user, password, psk, all_traffic.  With a file JSON: whether it is
what that says, else 1, and the key.  Each format is read by somebody else's
parser, but the PowerShell script, of which just the part that lnsctl writes is
understood: anything else is an error.
"""

import json
import plistlib
import re
import sys

QUOTES = "'\u2018\u2019\u201a\u201b"


def apple(data):
    profile = plistlib.loads(data)
    (vpn,) = profile["PayloadContent"]
    assert profile["PayloadType"] == "Configuration"
    assert vpn["PayloadType"] == "com.apple.vpn.managed"
    assert vpn["VPNType"] == "L2TP"
    assert profile["PayloadVersion"] == vpn["PayloadVersion"] == 1
    assert profile["PayloadUUID"] != vpn["PayloadUUID"]
    assert vpn["IPSec"]["AuthenticationMethod"] == "SharedSecret"
    return {
        "name": vpn["UserDefinedName"],
        "server": vpn["PPP"]["CommRemoteAddress"],
        "user": vpn["PPP"]["AuthName"],
        "password": vpn["PPP"].get("AuthPassword"),
        "psk": vpn["IPSec"]["SharedSecret"].decode(),
        "all_traffic": vpn["IPv4"]["OverridePrimary"] == 1,
    }


def onc(data):
    (net,) = json.loads(data)["NetworkConfigurations"]
    vpn = net["VPN"]
    assert (net["Type"], vpn["Type"]) == ("VPN", "L2TP-IPsec")
    assert vpn["IPsec"]["IKEVersion"] == 1
    assert vpn["IPsec"]["AuthenticationType"] == "PSK"
    return {
        "name": net["Name"],
        "server": vpn["Host"],
        "user": vpn["L2TP"]["Username"],
        "password": vpn["L2TP"].get("Password"),
        "psk": vpn["IPsec"]["PSK"],
        "all_traffic": True,
    }


def literal(text, at):
    """A PowerShell string in single quotes: its value, and where it ends."""
    assert text[at] == "'", text[at:]
    out = ""
    at += 1
    while True:
        c = text[at]
        if c in QUOTES:
            at += 1
            if at == len(text) or text[at] not in QUOTES:
                return out, at
            c = text[at]
        out += c
        at += 1


def powershell(data):
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    start = re.match(r"\$ErrorActionPreference = 'Stop'\r\n\$name = ", text)
    name, at = literal(text, start.end())
    values = {"Name": name}
    start = re.compile(r"\r\n\$vpn = @\{\r\n\tName = \$name\r\n").match(text, at)
    at = start.end()
    while text[at] != "}":
        key = re.compile(r"\t(\w+) = ").match(text, at)
        at = key.end()
        if text[at] == "$":
            word = re.compile(r"\$(true|false)").match(text, at)
            value, at = word.group(1) == "true", word.end()
        else:
            value, at = literal(text, at)
        values[key.group(1)] = value
        assert text[at : at + 2] == "\r\n"
        at += 2
    assert values["TunnelType"] == "L2tp"
    assert "Add-VpnConnection @vpn\r\n" in text[at:]
    return {
        "name": name,
        "server": values["ServerAddress"],
        # Windows is told by its user: the last line says whom.
        "user": literal(text, text.rindex("Write-Host ") + 11)[0],
        "password": None,
        "psk": values["L2tpPsk"],
        "all_traffic": not values["SplitTunneling"],
        "method": values["AuthenticationMethod"],
    }


READERS = {"mobileconfig": apple, "onc": onc, "ps1": powershell}

path = sys.argv[1]
with open(path, "rb") as f:
    values = READERS[path.rsplit(".", 1)[1]](f.read())
if len(sys.argv) > 2:
    with open(sys.argv[2], encoding="utf-8") as f:
        meant = json.load(f)
    # Windows has the password from its user.
    if values["password"] is None:
        del meant["password"]
    others = [k for k in meant if values[k] != meant[k]]
    if others:
        sys.exit("another " + ", ".join(others))
else:
    for key in "server", "user", "password", "psk", "all_traffic":
        print(values[key])
