# SPDX-License-Identifier: GPL-2.0-only
"""Source files and lines of addresses, where a program was built with debug information; by addr2line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HarnessError
from harness.proc import run

_TOOL = "aarch64-linux-gnu-addr2line"
_SECONDS = 10.0
_LINE = re.compile(r"^(?P<file>.+):(?P<line>\d+)(?: \(.*\))?$")

Line = tuple[str, int]
"""A file as its program names it, and a line in it."""


class Lines:
    """Finds lines in ELF files.

    :param files: ELF files with debug information, by owner: `me`, or the name of a module
    :param sections: where the sections of each module are; an owner without any runs where it is linked
    """

    def __init__(self, files: Mapping[str, Path], sections: Mapping[str, Mapping[str, int]]) -> None:
        self._files = files
        self._sections = sections

    def find(self, owner: str, addresses: Sequence[int]) -> dict[int, Line]:
        """What is known of these addresses; nothing if the tool or the information is not there."""
        file, found = self._files.get(owner), dict[int, Line]()
        if file is None:
            return found
        by_section: dict[str, list[int]] = {}
        for address in dict.fromkeys(addresses):
            by_section.setdefault(self._section(owner, address), []).append(address)
        for section, those in by_section.items():
            start = self._sections.get(owner, {}).get(section, 0)
            with suppress(HarnessError):
                found |= _ask(file, section, start, those)
        return found

    def _section(self, owner: str, address: int) -> str:
        """The section that begins last before an address."""
        below = [(start, name) for name, start in self._sections.get(owner, {}).items() if start <= address]
        return max(below)[1] if below else ""


def _ask(file: Path, section: str, start: int, addresses: Sequence[int]) -> dict[int, Line]:
    """Of functions that were put into others, the line in the outermost one counts: it is the symbol's."""
    argv = [_TOOL, "-a", "-i", *(["-j", section] if section else []), "-e", str(file),
            *(f"{address - start:#x}" for address in addresses)]
    done = run(argv, deadline=Deadline.after(_SECONDS, "lines of addresses"))
    output = done.stdout.decode(errors="replace")
    found: dict[int, Line] = {}
    at = -1
    for line in output.splitlines():
        if line.startswith("0x"):
            at += 1
            continue
        match = _LINE.match(line)
        if match is not None and 0 <= at < len(addresses) and match["line"] != "0":
            found[addresses[at]] = match["file"], int(match["line"])
    return found
