#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# ike-offer.py SERVER SECONDS TRANSFORM...: what an IKEv1 server answers to the
# first packet of main mode with a pre-shared key (RFC 2409 5.4, RFC 2407 4.4),
# for offers that no IKE daemon at hand is able to make.  A TRANSFORM is
# "aes256-sha1-modp1024".  Prints the one that the server has chosen, or the
# name of its refusal, or "no answer".
import os
import socket
import struct
import sys

CIPHERS = {"des": (1, 0), "3des": (5, 0), "aes128": (7, 128),
           "aes256": (7, 256)}
HASHES = {"md5": 1, "sha1": 2, "sha256": 4, "sha384": 5, "sha512": 6}
GROUPS = {"modp1024": 2, "modp1536": 5, "modp2048": 14, "modp3072": 15,
          "ecp256": 19, "ecp384": 20}
REFUSALS = {14: "NO_PROPOSAL_CHOSEN", 15: "BAD_PROPOSAL_SYNTAX"}
LIFETIME = 28800
PRE_SHARED_KEY = 1
SA, NOTIFICATION = 1, 11


def attribute(kind, value):
    return struct.pack("!HH", 0x8000 | kind, value)


def transform(number, last, name):
    cipher, hash_, group = name.split("-")
    body = attribute(1, CIPHERS[cipher][0])
    if CIPHERS[cipher][1]:
        body += attribute(14, CIPHERS[cipher][1])
    body += attribute(2, HASHES[hash_]) + attribute(3, PRE_SHARED_KEY)
    body += attribute(4, GROUPS[group])
    body += attribute(11, 1) + attribute(12, LIFETIME)
    return struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(body), number,
                       1, 0) + body


def first_packet(names):
    body = b"".join(transform(i + 1, i + 1 == len(names), name)
                    for i, name in enumerate(names))
    body = struct.pack("!BBHBBBB", 0, 0, 8 + len(body), 1, 1, 0,
                       len(names)) + body
    body = struct.pack("!BBHII", 0, 0, 12 + len(body), 1, 1) + body
    return struct.pack("!8s8sBBBBII", os.urandom(8), bytes(8), SA, 0x10, 2, 0,
                       0, 28 + len(body)) + body


def chosen(packet, names):
    """The transform in a security association payload: the number is ours."""
    return names[packet[28 + 12 + 8 + 4] - 1]


def meaning(packet, names):
    if packet[16] == SA:
        return chosen(packet, names)
    if packet[16] == NOTIFICATION:
        kind = struct.unpack_from("!H", packet, 28 + 10)[0]
        return REFUSALS.get(kind, "notification %d" % kind)
    return "payload %d" % packet[16]


def main():
    server, seconds, names = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    request = first_packet(names)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(seconds)
        s.connect((server, 500))
        s.send(request)
        try:
            while True:
                answer = s.recv(2048)
                if answer[:8] == request[:8] and len(answer) >= 40:
                    print(meaning(answer, names))
                    return
        except (socket.timeout, ConnectionRefusedError):
            print("no answer")


main()
