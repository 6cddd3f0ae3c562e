#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""lac.py SERVER LAN-HOST CASE USER PASSWORD

A provider's LAC (RFC 2661): it has already negotiated LCP with its client and
seen him authenticate, hands the call over with the proxy AVPs of 4.4.5, and
then forwards what the client says.  The client is in here, too: he answers
LCP, PAP, CHAP-MD5 and IPCP (RFC 1661, 1334, 1994, 1332), gets an address and
pings LAN-HOST through the call.

CASE: chap, pap: proxied like this; wrong: CHAP with another password; large:
CHAP with packets larger than the server allows, so that it must begin anew;
deaf: without proxy AVPs, and the first Success of CHAP does not arrive.

Each thing that happens is one line on stdout.  Status 0: the call ended as it
began, by a word of either side.
"""

import hashlib
import os
import socket
import struct
import sys
import time

LIMIT_S = 60
RETRY_S = 1

(SCCRQ, SCCRP, SCCCN, STOPCCN, HELLO) = (1, 2, 3, 4, 6)
(ICRQ, ICRP, ICCN, CDN) = (10, 11, 12, 14)
(LCP, PAP, CHAP, IPCP, IP) = (0xC021, 0xC023, 0xC223, 0x8021, 0x0021)
NAMES = {LCP: "LCP", PAP: "PAP", CHAP: "CHAP", IPCP: "IPCP"}
CODES = {
    LCP: "Configure-Request Configure-Ack Configure-Nak Configure-Reject "
    "Terminate-Request Terminate-Ack Code-Reject Protocol-Reject "
    "Echo-Request Echo-Reply",
    PAP: "Request Ack Nak",
    CHAP: "Challenge Response Success Failure",
}
CODES[IPCP] = CODES[LCP]

AUTH_MD5 = b"\x03\x05\xc2\x23\x05"
AUTH_PAP = b"\x03\x04\xc0\x23"
LAC_MAGIC = b"\x05\x06\x1a\x1b\x1c\x1d"
OWN_LCP = b"\x01\x04\x05\x00\x05\x06\x0a\x0b\x0c\x0d"
CHAP_ID = 0x5A
PROXIED = ("chap", "pap", "wrong", "large")


def say(text):
    print(text, flush=True)


def avp(kind, value, mandatory=True):
    head = (0x8000 if mandatory else 0) | 6 + len(value)
    return struct.pack("!HHH", head, 0, kind) + value


def u16(value):
    return struct.pack("!H", value)


def u32(value):
    return struct.pack("!I", value)


def options(data):
    """The options of a Configure-Request: (type, all of it)."""
    while len(data) >= 2 and 2 <= data[1] <= len(data):
        yield data[0], data[: data[1]]
        data = data[data[1] :]


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Lac:
    """The control connection and one call in it."""

    def __init__(self, server, case, user, password):
        self.case, self.user, self.password = case, user, password
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("0.0.0.0", 1701))
        self.sock.connect((server, 1701))
        self.sock.settimeout(0.2)
        self.tid, self.sid = 4711, 815
        self.peer_tid = self.peer_sid = 0
        self.ns = self.nr = 0
        self.acked = 0
        self.unacked = []
        self.ended = None
        self.frames = []
        self.resend_at = 0

    def header(self, sid, length):
        return struct.pack("!HHHHHH", 0xC802, 12 + length, self.peer_tid, sid,
                           self.ns, self.nr)

    def ack(self):
        self.sock.send(self.header(0, 0))

    def tell(self, kind, avps=b"", sid=0):
        body = avp(0, u16(kind)) + avps
        message = self.header(sid, len(body)) + body
        self.unacked.append((self.ns, message))
        self.ns += 1
        self.resend_at = time.monotonic() + RETRY_S
        self.sock.send(message)

    def resend(self):
        if self.unacked and time.monotonic() > self.resend_at:
            self.resend_at = time.monotonic() + RETRY_S
            message = self.unacked[0][1]
            self.sock.send(message[:10] + u16(self.nr) + message[12:])

    def send_frame(self, protocol, data):
        self.sock.send(struct.pack("!HHHHH", 2, self.peer_tid, self.peer_sid,
                                   0xFF03, protocol) + data)

    def control(self, data):
        ns, nr = struct.unpack("!HH", data[8:12])
        self.unacked = [m for m in self.unacked if m[0] >= nr]
        if len(data) <= 12:
            return
        if ns == self.nr:
            self.nr += 1
            self.message(data[12:])
        self.ack()

    def message(self, body):
        values = {}
        while len(body) >= 6:
            length, vendor, kind = struct.unpack("!HHH", body[:6])
            values[kind] = body[6 : length & 0x3FF]
            body = body[length & 0x3FF :]
        kind = struct.unpack("!H", values[0])[0]
        if kind == SCCRP:
            self.peer_tid = struct.unpack("!H", values[9])[0]
            self.tell(SCCCN)
            self.tell(ICRQ, avp(14, u16(self.sid)) + avp(15, u32(1)))
        elif kind == ICRP:
            self.peer_sid = struct.unpack("!H", values[14])[0]
            self.tell(ICCN, avp(24, u32(64000)) + avp(19, u32(1)) +
                      self.proxy_avps(), self.peer_sid)
        elif kind in (CDN, STOPCCN):
            self.ended = "CDN" if kind == CDN else "StopCCN"
            say("recv " + self.ended)

    def proxy_avps(self):
        """What it has of its client, RFC 2661 4.4.5."""
        if self.case not in PROXIED:
            return b""
        mru = 1500 if self.case == "large" else 1280
        auth = AUTH_PAP if self.case == "pap" else AUTH_MD5
        sent = b"\x01\x04" + u16(mru) + auth + LAC_MAGIC
        avps = avp(26, OWN_LCP, False) + avp(27, sent, False)
        avps += avp(28, OWN_LCP, False)
        if self.case == "pap":
            answer = self.password
            avps += avp(29, u16(3), False)
        else:
            challenge = os.urandom(16)
            secret = self.password
            if self.case == "wrong":
                secret += b"x"
            answer = hashlib.md5(bytes([CHAP_ID]) + secret +
                                 challenge).digest()
            avps += avp(29, u16(2), False) + avp(31, challenge, False)
        return (avps + avp(30, self.user, False) +
                avp(32, u16(CHAP_ID), False) + avp(33, answer, False))

    def receive(self):
        try:
            data = self.sock.recv(4096)
        except (TimeoutError, socket.timeout, ConnectionRefusedError):
            return
        flags = struct.unpack("!H", data[:2])[0]
        if flags & 0x8000:
            self.control(data)
            return
        at = 8 if flags & 0x4000 else 6
        at += 4 if flags & 0x0800 else 0
        if flags & 0x0200:
            at += 2 + struct.unpack("!H", data[at : at + 2])[0]
        if data[at : at + 2] == b"\xff\x03":
            at += 2
        # RFC 1661 6.5: a protocol of one octet is odd.
        size = 1 if data[at] & 1 else 2
        self.frames.append((int.from_bytes(data[at : at + size], "big"),
                            data[at + size :]))


class Client:
    """Behind the LAC: PPP from when LCP and authentication are done."""

    def __init__(self, lac, host):
        self.lac = lac
        self.host = socket.inet_aton(host)
        self.address = None
        self.asks_lcp = self.asks_ip = self.agreed = False
        self.done = False
        self.deaf = self.waits = lac.case == "deaf"
        self.retry_at = 0
        self.asks = b""  # of IPCP, besides the address

    def send(self, protocol, code, ident, data):
        self.lac.send_frame(
            protocol, struct.pack("!BBH", code, ident, 4 + len(data)) + data)

    def take(self, protocol, data):
        if protocol == IP:
            self.take_ip(data)
            return
        code, ident, length = struct.unpack("!BBH", data[:4])
        data = data[4:length]
        if protocol not in NAMES:
            self.send(LCP, 8, 1, u16(protocol) + data)
            return
        words = CODES[protocol].split()
        say("recv %s %s id=%d" % (NAMES[protocol],
            words[code - 1] if code <= len(words) else code, ident))
        {LCP: self.take_lcp, CHAP: self.take_chap, PAP: self.take_pap,
         IPCP: self.take_ipcp}[protocol](code, ident, data)

    def take_lcp(self, code, ident, data):
        if code == 1:
            auth = [o for kind, o in options(data) if kind == 3]
            if auth and auth[0] != AUTH_MD5:
                self.send(LCP, 3, ident, AUTH_MD5)
            else:
                self.send(LCP, 2, ident, data)
            # Once: another would begin LCP anew.
            if not self.asks_lcp:
                self.send(LCP, 1, 1, OWN_LCP)
            self.asks_lcp = True
        elif code == 5:
            self.send(LCP, 6, ident, b"")
        elif code == 9:
            self.send(LCP, 10, ident, OWN_LCP[6:10])

    def take_chap(self, code, ident, data):
        if code == 1:
            challenge = data[1 : 1 + data[0]]
            answer = hashlib.md5(bytes([ident]) + self.lac.password +
                                 challenge).digest()
            self.send(CHAP, 2, ident, b"\x10" + answer + self.lac.user)
        elif code == 3 and self.deaf:
            self.deaf = False
        elif code == 3:
            self.waits = False

    def take_pap(self, code, ident, data):
        """It has said what it has to say."""

    def take_ipcp(self, code, ident, data):
        if self.waits:
            say("discarded: not authenticated yet")
        elif code == 1:
            strange = b"".join(o for kind, o in options(data) if kind != 3)
            self.send(IPCP, 4 if strange else 2, ident, strange or data)
            self.asks_ip = True
            self.retry_at = 0
        elif code == 3:
            self.address = data[2:6]
            self.retry_at = 0
        elif code == 2 and self.address and not self.agreed:
            self.agreed = True
            self.retry_at = 0
            say("address " + socket.inet_ntoa(self.address))

    def take_ip(self, packet):
        if packet[9] == 1 and packet[12:16] == self.host and packet[20] == 0:
            say("echo reply from " + socket.inet_ntoa(self.host))
            self.done = True

    def ping(self):
        icmp = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
        icmp = icmp[:2] + u16(checksum(icmp)) + icmp[4:]
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(icmp), 1, 0, 64, 1,
                           0) + self.address + self.host
        head = head[:10] + u16(checksum(head)) + head[12:]
        self.lac.send_frame(IP, head + icmp)

    def retry(self):
        if not self.asks_ip or time.monotonic() < self.retry_at:
            return
        self.retry_at = time.monotonic() + RETRY_S
        if self.agreed:
            self.ping()
        else:
            self.send(IPCP, 1, 2, b"\x03\x06" +
                      (self.address or bytes(4)) + self.asks)


def main(kind):
    """kind: of client."""
    server, host, case, user, password = sys.argv[1:]
    lac = Lac(server, case, user.encode(), password.encode())
    client = kind(lac, host)
    limit = time.monotonic() + LIMIT_S
    lac.tell(SCCRQ, avp(2, u16(0x0100)) + avp(7, b"lac.example") +
             avp(3, u32(3)) + avp(9, u16(lac.tid)) + avp(10, u16(8)))
    hung_up = False
    while time.monotonic() < limit:
        lac.receive()
        lac.resend()
        while lac.frames and not hung_up:
            client.take(*lac.frames.pop(0))
        client.retry()
        if (client.done or lac.ended) and not hung_up:
            hung_up = True
            if lac.ended != "StopCCN":
                lac.tell(STOPCCN, avp(9, u16(lac.tid)) + avp(1, u16(6)))
        if hung_up and not lac.unacked:
            say("over")
            return 0
    say("no end after %d s" % LIMIT_S)
    return 1


if __name__ == "__main__":
    sys.exit(main(Client))
