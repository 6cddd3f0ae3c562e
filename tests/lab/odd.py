#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""odd.py SERVER LAN-HOST CASE USER PASSWORD

Clients that ask for more than they get, over the L2TP of lac.py: what they
send and say is in CASES, after what real ones do.  Each thing that is refused
is one line on stdout, and so is each thing that happens; an address and an
answer from LAN-HOST show that the session came up all the same.
"""

import struct
import sys
import time

import lac

(CCP, IPV6CP, ACSCP, IPXCP) = (0x80FD, 0x8057, 0x8235, 0x802B)
(CBCP, MP, NEVER_HEARD_OF) = (0xC029, 0x003D, 0x8E01)
(REQUEST, ACK, NAK, REJECT, TERMINATE) = (1, 2, 3, 4, 5)
(PROTOCOL_REJECT, ECHO, ECHO_REPLY) = (8, 9, 10)
(IDENTIFICATION, TIME_REMAINING) = (12, 13)

MAGIC = b"\x0a\x0b\x0c\x0d"
MRU = b"\x01\x04\x05\x78"
PFC, ACFC, CALLBACK = b"\x07\x02", b"\x08\x02", b"\x0d\x03\x06"
MRRU, ENDPOINT = b"\x11\x04\x06\x4e", b"\x13\x09\x03\x02\x00\x00\x00\x00\x01"
ACCM = b"\x02\x06\x00\x00\x00\x00"
VJ = b"\x02\x06\x00\x2d\x0f\x01"
NAMES4 = b"".join(bytes((n, 6, 0, 0, 0, 0)) for n in (129, 130, 131, 132))
MPPE, DEFLATE = b"\x12\x06\x01\x00\x00\x60", b"\x1a\x04\x78\x00"
BSD, MPPC = b"\x15\x03\x2f", b"\x12\x06\x00\x00\x00\x01"

EAP, PAP = b"\x03\x04\xc2\x27", lac.AUTH_PAP
MD5, MSCHAP1 = lac.AUTH_MD5, b"\x03\x05\xc2\x23\x80"

# lcp: options besides the magic number; auth: what is asked for in the place of
# the server's, one after the other; said: LCP packets once LCP is up; ipcp:
# options besides the address; asked: requests of other protocols, when
# authenticated.
CASES = {
    "windows": dict(
        lcp=MRU + PFC + ACFC + CALLBACK + MRRU + ENDPOINT,
        auth=[MD5],
        said=[(IDENTIFICATION, MAGIC + b"MSRASV5.20"),
              (IDENTIFICATION, MAGIC + b"MSRAS-0-HOST"),
              (TIME_REMAINING, MAGIC + b"\x00\x00\x0e\x10later"),
              (ECHO, MAGIC + bytes(range(200)))],
        ipcp=NAMES4,
        asked=[(CCP, MPPE), (IPV6CP, b"\x01\x0a" + bytes(range(1, 9))),
               (CBCP, b"\x01\x02"), (MP, bytes(20))]),
    "apple": dict(
        lcp=ACCM + PFC + ACFC,
        auth=[PAP],
        said=[(ECHO, MAGIC)],
        ipcp=VJ + NAMES4,
        asked=[(ACSCP, b"\x01\x04\x00\x00"), (NEVER_HEARD_OF, b"")]),
    "android": dict(
        lcp=ACCM + PFC + ACFC,
        auth=[EAP, MD5],
        said=[],
        ipcp=VJ,
        asked=[(CCP, DEFLATE + BSD + MPPC), (IPXCP, b"")]),
    # Wants the server to say who it is.
    "mutual": dict(lcp=EAP, auth=[MD5], said=[], ipcp=b"", asked=[]),
    "mschap1": dict(
        lcp=b"", auth=[MSCHAP1] * 99, said=[], ipcp=b"", asked=[]),
}


class Odd(lac.Client):
    def __init__(self, call, host):
        super().__init__(call, host)
        case = CASES[call.case]
        self.lcp = case["lcp"] + lac.OWN_LCP[4:]
        self.auth = list(case["auth"])
        self.said, self.asked = case["said"], case["asked"]
        self.asks = case["ipcp"]
        self.mine = self.theirs = self.known = False

    def up(self):
        return self.mine and self.theirs

    def refuse(self, kind, data):
        """The options of a Nak or Reject; what is left of ours."""
        for number, option in lac.options(data):
            lac.say("%s option %d rejected" % (kind, number))
        refused = [number for number, _ in lac.options(data)]
        ours = self.lcp if kind == "LCP" else self.asks
        return b"".join(o for n, o in lac.options(ours) if n not in refused)

    def take_lcp(self, code, ident, data):
        if code == REQUEST:
            self.take_request(ident, data)
        elif code == ACK:
            self.mine = True
        elif code in (NAK, REJECT):
            self.lcp = self.refuse("LCP", data)
            self.retry_at = 0
        elif code == TERMINATE:
            lac.say("terminated: " + data.decode("ascii", "replace"))
            self.send(lac.LCP, 6, ident, b"")
        elif code == PROTOCOL_REJECT:
            lac.say("protocol %04x rejected" % struct.unpack("!H", data[:2]))
        elif code == ECHO:
            self.send(lac.LCP, ECHO_REPLY, ident, MAGIC)
        elif code == ECHO_REPLY:
            sent = [d for c, d in self.said if c == ECHO][0]
            lac.say("echo of %d octets: %s" % (len(data) - 4,
                "same" if data[4:] == sent[4:] else "others"))
        if self.up() and self.said and code in (REQUEST, ACK):
            for code, said in self.said:
                self.send(lac.LCP, code, 77, said)

    def take_request(self, ident, data):
        wanted = [o for n, o in lac.options(data) if n == 3]
        if self.auth and wanted and wanted[0] != self.auth[0]:
            lac.say("asked to authenticate by %s, nak" % wanted[0][2:].hex())
            self.send(lac.LCP, NAK, ident, self.auth[0])
            if len(self.auth) > 1:
                self.auth.pop(0)
            return
        self.send(lac.LCP, ACK, ident, data)
        self.theirs = True

    def take_chap(self, code, ident, data):
        super().take_chap(code, ident, data)
        self.know(code == 3)

    def take_pap(self, code, ident, data):
        self.know(code == 2)

    def know(self, good):
        if good and not self.known:
            self.known = True
            self.asks_ip = True
            self.retry_at = 0
            for protocol, data in self.asked:
                self.send(protocol, REQUEST, 1, data)

    def take_ipcp(self, code, ident, data):
        if code == REJECT:
            self.asks = self.refuse("IPCP", data)
            self.retry_at = 0
        elif code == NAK:
            given = dict(lac.options(data))
            self.asks = b"".join(given.get(n, o)
                                 for n, o in lac.options(self.asks))
            if 3 in given:
                super().take_ipcp(code, ident, given[3])
            self.retry_at = 0
        else:
            super().take_ipcp(code, ident, data)

    def retry(self):
        now = time.monotonic()
        if now < self.retry_at or not self.lac.peer_sid:
            return
        if not self.mine:
            self.send(lac.LCP, REQUEST, 1, self.lcp)
        elif self.theirs and not self.known and self.auth[0] == PAP:
            self.send(lac.PAP, REQUEST, 1, self.counted(self.lac.user) +
                      self.counted(self.lac.password))
        elif self.known:
            super().retry()
            return
        self.retry_at = now + lac.RETRY_S

    @staticmethod
    def counted(text):
        return bytes([len(text)]) + text


sys.exit(lac.main(Odd))
