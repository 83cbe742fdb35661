# SPDX-License-Identifier: GPL-2.0-only
"""A headless Chromium that opens pages for measurements and tests, by DevTools' protocol over two pipes.

No driver, no port, no profile that stays: Chromium (a Debian package) speaks the protocol itself. It reads
from its descriptor 3 and writes to 4, each message ended by a NUL.
"""

from __future__ import annotations

import base64
import json
import os
import select
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.deadline import Deadline
from harness.errors import HostError
from harness.proc import Child, find_tool

_PACKAGE = "chromium"
_PATIENCE_S = 60.0
# Descriptors are inherited by number: this puts the two where Chromium wants them, and becomes it.
_SHIFT = ("import fcntl,os,sys;a,b=(fcntl.fcntl(int(n),fcntl.F_DUPFD,20) for n in sys.argv[1:3]);"
          "os.dup2(a,3);os.dup2(b,4);os.closerange(5,256);os.execv(sys.argv[3],sys.argv[3:])")
_OPTIONS = ("--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check",
            "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-extensions", "--disable-sync", "--mute-audio",
            "--hide-scrollbars")
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39, " ": 32}

Message = dict[str, Any]  # the protocol's JSON


class Browser:
    """A Chromium; leaving ends it.

    :param workdir: an empty folder for its profile and what it says
    :raise ToolMissing: there is no Chromium
    """

    def __init__(self, workdir: Path) -> None:
        self._workdir = workdir
        self._parts = ExitStack()
        self._number = 0
        self._buffer = b""
        self._pages: dict[str, Page] = {}

    def __enter__(self) -> Self:
        program = find_tool("chromium", _PACKAGE)
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses root otherwise
        with ExitStack() as starting:
            theirs_in, self._write = _pipe(starting)
            self._read, theirs_out = _pipe(starting)
            argv = [sys.executable, "-IS", "-c", _SHIFT, str(theirs_in), str(theirs_out), program, *_OPTIONS,
                    *sandbox, f"--user-data-dir={self._workdir / 'profile'}", "about:blank"]
            env = {**os.environ, "HOME": str(self._workdir), "XDG_CONFIG_HOME": str(self._workdir)}
            starting.enter_context(Child(argv, pass_fds=(theirs_in, theirs_out), env=env,
                                         stdout=self._said, stderr=self._said))
            self.call("Browser.getVersion")
            self._parts = starting.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> bool | None:
        return self._parts.__exit__(kind, exc, tb)

    @property
    def _said(self) -> Path:
        return self._workdir / "chromium.log"

    @contextmanager
    def page(self, width: int = 1280, height: int = 800, *, dark: bool = False,
             script: bool = True) -> Iterator[Page]:
        """A new tab of this size in CSS pixels, with this scheme of colours, with or without scripts."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 500)
        scheme = "dark" if dark else "light"
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.call("Emulation.setScriptExecutionDisabled", value=not script)
        try:
            yield page
        finally:
            self.call("Target.closeTarget", targetId=target)
            del self._pages[session]

    def call(self, method: str, session: str = "", **parameters: object) -> Message:
        """Have it do something, and wait for its answer.

        :raise HostError: it refuses, or has ended
        """
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = Deadline.after(_PATIENCE_S, f"answer to {method}")
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise HostError(f"{method}: {answer['error'].get('message')}", where="chromium")
                result: Message = answer["result"]
                return result

    def receive(self, deadline: Deadline) -> Message:
        """The next message; an event is given to its page too.

        :raise Expired: none came in time
        :raise HostError: Chromium has ended
        """
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        while b"\0" not in self._buffer:
            if not poll.poll(deadline.patience() * 1000):
                deadline.check()
                continue
            data = os.read(self._read, 1 << 20)
            if not data:
                tail = self._said.read_text(errors="replace").strip().splitlines()[-1:]
                raise HostError(f"it has ended: {' '.join(tail) or 'without a word'}", where="chromium")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: Message = json.loads(line)
        page = self._pages.get(message.get("sessionId", ""))
        if page is not None and "method" in message:
            page.take(message["method"], message["params"])
        return message


def _pipe(stack: ExitStack) -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        stack.callback(os.close, end)
    return ends


def _thrown(details: Message) -> str:
    return str(details.get("exception", {}).get("description", details["text"]))


class Page:
    """A tab.

    :ivar errors: what scripts threw, and what the browser refused or could not load.
    :ivar loaded: addresses that were asked for.
    """

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self._complete = False
        self.errors: list[str] = []
        self.loaded: list[str] = []

    def take(self, method: str, values: Message) -> None:
        """Note an event."""
        if method == "Runtime.exceptionThrown":
            self.errors.append(_thrown(values["exceptionDetails"]))
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.errors.append(str(values["entry"]["text"]))
        elif method == "Network.requestWillBeSent":
            self.loaded.append(str(values["request"]["url"]))
        elif method == "Page.loadEventFired":
            self._complete = True

    def call(self, method: str, **parameters: object) -> Message:
        """As `Browser.call`, for this tab."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, file: Path) -> None:
        """Open a file and wait until it is loaded.

        :raise HostError: it cannot be opened
        """
        self._complete = False
        answer = self.call("Page.navigate", url=file.resolve().as_uri())
        if answer.get("errorText"):
            raise HostError(f"cannot be opened: {answer['errorText']}", where=str(file))
        deadline = Deadline.after(_PATIENCE_S, f"loading {file.name}")
        while not self._complete:
            self._browser.receive(deadline)

    def value(self, expression: str) -> Any:  # Any: whatever the expression is
        """The value of an expression in the page; of a promise what it gives.

        :raise HostError: it throws
        """
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise HostError(_thrown(answer["exceptionDetails"]), where="page")
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key, by its name or as the character that it makes."""
        known: Message = {"key": key, "windowsVirtualKeyCode": _KEYS.get(key, ord(key[0].upper()))}
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        self.call("Input.dispatchKeyEvent", type="keyDown", **known, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **known)

    def screenshot(self, file: Path) -> None:
        """What is to be seen, as PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
