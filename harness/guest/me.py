# SPDX-License-Identifier: GPL-2.0-only
"""An ME, driven through the shell on its console."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.deadline import Deadline
from harness.errors import ExpectationFailed
from harness.guest.frame import CommandResult, Shell
from harness.guest.observe import parse_send_result
from harness.model.views import SendResult

_NO_END = 10**9  # messages; days of them
_PAIR = re.compile(r"(\w+)=(\S+)")


@dataclass(frozen=True, slots=True)
class SendOrder:
    """What an ME is told to send.

    :ivar count: None: until it is interrupted.
    :ivar size: bytes of payload, 1 to 32.
    :ivar window: messages under way at once, 1 to 64; above the ring's size it is found full.
    :ivar every_ms: from one event to the next at least, of the ME's time, at most 1000.
    """

    count: int | None
    size: int = 32
    window: int = 1
    pattern: str = "seq"
    seed: int = 1
    every_ms: int = 0

    def command(self) -> str:
        """The line for the ME's shell."""
        count = _NO_END if self.count is None else self.count
        every = f" every={self.every_ms}" if self.every_ms else ""
        return (f"send count={count} size={self.size} window={self.window} "
                f"pattern={self.pattern} seed={self.seed}{every}")


class Me:
    """The shell of one ME.

    :ivar name: its name in the scenario.
    :ivar domain: number of its domain, which is its slot.
    """

    def __init__(self, name: str, domain: int, shell: Shell) -> None:
        self.name = name
        self.domain = domain
        self.shell = shell

    def run(self, command: str, deadline: Deadline) -> CommandResult:
        """Run one line of its shell."""
        return self.shell.run(command, deadline)

    def send(self, order: SendOrder, deadline: Deadline) -> SendResult:
        """Send messages, wait for the echoes, and give the figures; judges nothing."""
        return parse_send_result(self.run(order.command(), deadline).output)

    def tree(self, deadline: Deadline) -> str:
        """Its own view of the device tree, one line per property."""
        return self._output("dt", deadline)

    def devices(self, deadline: Deadline) -> str:
        """The devices for which it found a driver."""
        return self._output("devices", deadline)

    def ring(self, kind: str, deadline: Deadline) -> dict[str, str]:
        """The ring of a device type as its frontend sees it: ``name=value`` pairs."""
        return dict(_PAIR.findall(self._output(f"ring {kind}", deadline)))

    def _output(self, command: str, deadline: Deadline) -> str:
        result = self.run(command, deadline)
        if result.status != 0:
            raise ExpectationFailed(f"'{command}' failed: {' '.join(result.output.split())}", where=self.name)
        return result.output
