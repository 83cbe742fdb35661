# SPDX-License-Identifier: GPL-2.0-only
"""The agency, driven through its shell: its commands and debugfs views."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.deadline import Deadline
from harness.errors import ExpectationFailed
from harness.guest.frame import CommandResult, Shell
from harness.guest.observe import parse_melist
from harness.guest.whereabouts import parse_where
from harness.model.views import MeSlot, MeWhere

ME_FOLDER = "/mnt/ME"
VIEWS = "/sys/kernel/debug/soo"
# No line of a view.
_BETWEEN = "--"
_INJECTED = re.compile(r"^ME in slot (\d+)$", re.MULTILINE)
_MEMORY = re.compile(r"^(\w+):\s+(\d+) kB$", re.MULTILINE)


class Agency:
    """The agency's shell. Methods return what was printed; they judge nothing, except where told."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    def run(self, command: str, deadline: Deadline) -> CommandResult:
        """Run one line of shell commands."""
        return self.shell.run(command, deadline)

    def inject(self, image: str, deadline: Deadline) -> CommandResult:
        """Inject the ME image of that name (without folder and suffix)."""
        return self.run(f"injector {ME_FOLDER}/{image}.itb", deadline)

    @staticmethod
    def injected(result: CommandResult) -> int | None:
        """The slot that an injector tells; None: it does not, as upstream's."""
        match = _INJECTED.search(result.output)
        return int(match[1]) if match else None

    def shutdown(self, slot: int, deadline: Deadline) -> CommandResult:
        """Ask the ME in `slot` to terminate."""
        return self.run(f"shutdownme {slot - 1}", deadline)

    def kill(self, slot: int, deadline: Deadline) -> CommandResult:
        """End the ME in `slot` whatever it does."""
        return self.run(f"mekill {slot - 1}", deadline)

    def suspend(self, slot: int | None, deadline: Deadline) -> CommandResult:
        """Suspend the ME in `slot`, or all of them."""
        return self.run(f"suspendme {_number(slot)}".rstrip(), deadline)

    def resume(self, slot: int | None, deadline: Deadline) -> CommandResult:
        """Resume the ME in `slot`, or all that rest."""
        return self.run(f"resumeme {_number(slot)}".rstrip(), deadline)

    def save(self, path: str, slot: int, deadline: Deadline) -> CommandResult:
        """Suspend the ME in `slot` and write its snapshot to a file or a block device."""
        return self.run(f"saveme {path} {slot}", deadline)

    def restore(self, path: str, slot: int, deadline: Deadline) -> CommandResult:
        """Make an ME in `slot` of a snapshot, and resume it."""
        return self.run(f"restoreme {path} {slot}", deadline)

    def slots(self, deadline: Deadline) -> tuple[MeSlot, ...]:
        """What `melist` shows, in the order of the slots."""
        return parse_melist(self.run("melist", deadline).output)

    def view(self, name: str, deadline: Deadline) -> str:
        """The text of one debugfs view, for instance ``store``.

        :raise ExpectationFailed: the agency has no such view.
        """
        return self.views((name,), deadline)[name]

    def views(self, names: Sequence[str], deadline: Deadline) -> dict[str, str]:
        """Several views by their names, read one after the other by one command.

        :raise ExpectationFailed: the agency lacks one of them.
        """
        result = self.run(f";echo {_BETWEEN};".join(f"ask look {VIEWS}/{name}" for name in names), deadline)
        texts = result.output.split(f"{_BETWEEN}\n")
        if result.status != 0 or len(texts) != len(names):
            shown = ", ".join(names)
            raise ExpectationFailed(f"view {shown} cannot be read: {result.output.strip()}", where="agency")
        return dict(zip(names, texts, strict=True))

    def where(self, deadline: Deadline) -> tuple[MeWhere, ...]:
        """Where each ME is, and each of its threads."""
        return parse_where(self.run("mewhere", deadline).output)

    def tree(self, deadline: Deadline) -> str:
        """The effective device tree, one line per property."""
        result = self.run("dtdump", deadline)
        if result.status != 0:
            said = result.output.strip()
            raise ExpectationFailed(f"the device tree cannot be read: {said}", where="agency")
        return result.output

    def memory(self, deadline: Deadline) -> dict[str, int]:
        """/proc/meminfo, in KiB."""
        text = self.run("cat /proc/meminfo", deadline).output
        return {name: int(kib) for name, kib in _MEMORY.findall(text)}


def _number(slot: int | None) -> str:
    """How commands name the ME in a slot; empty for all of them."""
    return "" if slot is None else str(slot - 1)
