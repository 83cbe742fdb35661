# SPDX-License-Identifier: GPL-2.0-only
"""Frames with file and line: functions by name or address, files from the root of the repository."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.diagnose.model import Frame
from harness.symbols.lines import Line, Lines
from harness.symbols.system import ME, Symbols
from harness.symbols.table import Spot

_ROOT = Path(__file__).resolve().parents[2]
# Where the folders are in which our guests are compiled, and from which their files are named.
_FOLDERS = {ME: "images/me"}
_MODULES = "images/agency/modules"

Call = tuple[int, Spot | None]
"""An address, and the function that has it."""


class Sources:
    """Tells file and line of frames, for one system.

    :ivar symbols: its functions
    :ivar files: ELF files with debug information, by owner
    :ivar sections: where the sections of its modules are
    """

    def __init__(self, symbols: Symbols, files: Mapping[str, Path],
                 sections: Mapping[str, Mapping[str, int]]) -> None:
        tables = (*symbols.agency, *([symbols.me] if symbols.me is not None else []))
        self._tables = {table.owner: table for table in tables}
        self.symbols, self.files, self.sections = symbols, files, sections
        self._lines = Lines(files, sections)

    def located(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Frames known by name alone, with files and lines as far as these are known."""
        wanted = [(self._address(frame), frame) for frame in frames]
        return self._with([(address, self._within(address, frame)) for address, frame in wanted])

    def frames(self, calls: Sequence[Sequence[Call]]) -> tuple[tuple[Frame, ...], ...]:
        """Addresses and their functions as frames: all stacks of a system at once."""
        flat = [(address, _frame(address, spot)) for stack in calls for address, spot in stack]
        found = iter(self._with(flat))
        return tuple(tuple(next(found) for _ in stack) for stack in calls)

    def me_frame(self, address: int) -> Frame | None:
        """The function of an ME at an address."""
        table = self._tables.get(ME)
        spot = table.find(address) if table is not None else None
        return Frame(spot.owner, spot.name, spot.offset) if spot is not None else None

    def _within(self, address: int | None, frame: Frame) -> Frame:
        """A call that a function ends with is in it, although the kernel names the next one."""
        spot = self._tables[frame.image].find(address) if address is not None and frame.offset < 0 else None
        return Frame(spot.owner, spot.name, spot.offset) if spot is not None else frame

    def _address(self, frame: Frame) -> int | None:
        table = self._tables.get(frame.image)
        start = table.sole_address(frame.function) if table is not None else None
        return start + frame.offset if start is not None else None

    def _with(self, frames: Sequence[tuple[int | None, Frame]]) -> tuple[Frame, ...]:
        wanted: dict[str, list[int]] = {}
        for address, frame in frames:
            if address is not None:
                wanted.setdefault(frame.image, []).append(address)
        found = {image: self._lines.find(image, addresses) for image, addresses in wanted.items()}
        return tuple(_at(frame, found.get(frame.image, {}).get(address or 0)) for address, frame in frames)


def _frame(address: int, spot: Spot | None) -> Frame:
    return Frame(spot.owner, spot.name, spot.offset) if spot is not None else Frame("", f"{address:#x}")


def _at(frame: Frame, line: Line | None) -> Frame:
    return replace(frame, file=shown(frame.image, line[0]), line=line[1]) if line is not None else frame


def shown(image: str, file: str) -> str:
    """A file of our guests from the root of the repository; another one as its program names it."""
    own = posixpath.normpath(file.rpartition("/./")[2])
    if posixpath.isabs(own):
        return file
    for folder in (_FOLDERS.get(image, _MODULES), "images/agency/modules", "images"):
        path = posixpath.normpath(f"{folder}/{own}")
        if (_ROOT / path).is_file():
            return path
    return own
