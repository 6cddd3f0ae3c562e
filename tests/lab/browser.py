#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""browser.py URL DIR WIDTHxHEIGHT...: opens a page in headless Chromium once.

When the page says that it is ready (data-ready of its body), what its document
has become goes to DIR/page.html, and how it looks at each size to
DIR/page-WIDTH.png.  The protocol is Chromium's own (DevTools) over a pipe: one
start of the browser for all, which is what takes the time."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time

CHROMIUM = [
    "chromium", "--headless", "--no-sandbox", "--disable-gpu",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe", "about:blank"]


class Browser:
    def __init__(self, profile, log):
        # It reads from descriptor 3 and writes to 4.
        r, self.out = os.pipe()
        self.into, w = os.pipe()
        os.dup2(r, 13)
        os.dup2(w, 14)
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec "$@" 3<&13 4>&14 13<&- 14>&-', "bash"] +
            CHROMIUM + ["--user-data-dir=" + profile],
            pass_fds=(13, 14), stdout=log, stderr=log)
        for fd in (r, w, 13, 14):
            os.close(fd)
        self.pending = b""
        self.n = 0
        self.session = {}
        targets = self.call("Target.getTargets")["targetInfos"]
        page = [t for t in targets if t["type"] == "page"][0]["targetId"]
        self.session = {"sessionId": self.call("Target.attachToTarget",
            targetId=page, flatten=True)["sessionId"]}

    def call(self, method, **params):
        self.n += 1
        message = {"id": self.n, "method": method, "params": params}
        message.update(self.session)
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.n:
                return answer["result"]

    def read(self):
        while b"\0" not in self.pending:
            more = os.read(self.into, 1 << 20)
            if not more:
                sys.exit("the browser has ended")
            self.pending += more
        one, self.pending = self.pending.split(b"\0", 1)
        return json.loads(one)

    def evaluate(self, text):
        return self.call("Runtime.evaluate",
            expression=text)["result"].get("value")

    def until(self, text, seconds):
        end = time.time() + seconds
        while not self.evaluate(text):
            if time.time() > end:
                sys.exit("not within %d s: %s" % (seconds, text))
            time.sleep(0.2)


def main(url, folder, sizes):
    with open(folder + "/chromium.log", "wb") as log, \
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        b = Browser(profile, log)
        b.call("Page.navigate", url=url)
        b.until("document.body && document.body.dataset.ready === 'yes' && "
                "[...document.images].every((i) => i.complete)", 120)
        with open(folder + "/page.html", "w", encoding="utf-8") as f:
            f.write(b.evaluate("document.documentElement.outerHTML"))
        for size in sizes:
            width, height = map(int, size.split("x"))
            b.call("Emulation.setDeviceMetricsOverride", width=width,
                height=height, deviceScaleFactor=1, mobile=False)
            b.until("innerWidth === %d" % width, 30)
            # Nothing sticks out, whatever the width.
            if b.evaluate("document.documentElement.scrollWidth") > width:
                sys.exit("the page is wider than %d pixels" % width)
            shot = b.call("Page.captureScreenshot", format="png")["data"]
            with open("%s/page-%d.png" % (folder, width), "wb") as f:
                f.write(base64.b64decode(shot))
        b.call("Browser.close")
        b.process.wait()


main(sys.argv[1], sys.argv[2], sys.argv[3:])
