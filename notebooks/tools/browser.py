"""A headless Chromium, controlled by its DevTools protocol without a driver program: open a page,
evaluate expressions, press keys, take screenshots.
"""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import watchdog
import websocket

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
RESPONSE_TIMEOUT_S = 60
SHIFT = 8


class Browser:
    """A context manager: Chromium with a temporary profile."""

    def __enter__(self):
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if not program:
            raise SystemExit("Chromium not found. Install it (Debian, Ubuntu: apt install chromium).")
        self._profile = tempfile.mkdtemp(prefix="sh-video-browser-")
        self._process = subprocess.Popen(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--no-first-run",
                "--remote-debugging-port=0",
                f"--user-data-dir={self._profile}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._watchdog = watchdog.over(self._process)
        port = Path(self._profile, "DevToolsActivePort")
        wait_for(lambda: port.exists() and port.read_text().strip(), "Chromium did not start")
        self._address = "http://127.0.0.1:" + port.read_text().split()[0]
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._watchdog.kill()
        shutil.rmtree(self._profile, ignore_errors=True)

    def page(self):
        request = urllib.request.Request(self._address + "/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request) as answer:
            return Page(json.load(answer)["webSocketDebuggerUrl"])


class Page:
    """One tab; `requests` are the addresses it requested."""

    def __init__(self, address):
        self._socket = websocket.create_connection(
            address, suppress_origin=True, timeout=RESPONSE_TIMEOUT_S, max_size=None
        )
        self._last = 0
        self.requests = []
        self._send("Page.enable")
        self._send("Network.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._send("Page.close")
        except (OSError, websocket.WebSocketException):
            pass
        self._socket.close()

    def open(self, url, width, height):
        self.resize(width, height)
        self._send("Page.navigate", url=url)

    def resize(self, width, height):
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def ask(self, expression):
        """The value of a JavaScript expression."""
        answer = self._send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def wait(self, expression, what, within_s=RESPONSE_TIMEOUT_S):
        """Waits until the expression is true."""
        wait_for(lambda: self.ask(expression), what, within_s)

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self._send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def shift_enter(self):
        for kind in ("rawKeyDown", "keyUp"):
            self._send(
                "Input.dispatchKeyEvent",
                type=kind,
                key="Enter",
                code="Enter",
                windowsVirtualKeyCode=13,
                modifiers=SHIFT,
            )

    def photograph(self, file, width, height):
        picture = self._send(
            "Page.captureScreenshot",
            format="png",
            clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
        )
        Path(file).write_bytes(base64.b64decode(picture["data"]))

    def _send(self, method, **parameters):
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            if message.get("id") == self._last:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]


def wait_for(condition, what, within_s=RESPONSE_TIMEOUT_S):
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)
