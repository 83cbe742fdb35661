# SPDX-License-Identifier: GPL-2.0-only
"""Looks for failure patterns in console output, at a speed that keeps up with a print storm.

Whole blocks of lines are searched for the literals of all patterns; only a line that has one is
tried against the expressions. A line that has not ended yet is tried when the console falls silent,
since more of it could change what it means.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.qemu.patterns import Pattern

# A line longer than this is tried in pieces that overlap.
_LONGEST_LINE = 4096  # bytes
_OVERLAP = 256


@dataclass(frozen=True, slots=True)
class PatternHit:
    """A failure pattern on a console.

    :param name: name of the pattern
    :param console: name of the console
    :param line: the line, without its end
    :param position: absolute position of the line
    :param time: when the line began to arrive, monotonic nanoseconds
    :param allowed: it came while `Console.allow` covered it
    """

    name: str
    console: str
    line: bytes
    position: int
    time: int
    allowed: bool = False


class Scanner:
    """The failure patterns of one console and the state of looking for them."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._tests = [(pattern, re.compile(pattern.regex)) for pattern in self.patterns]
        literals = {literal for pattern in self.patterns for literal in pattern.literals}
        # A literal that contains another one finds no line that the other does not.
        self._literals = [long for long in literals if not any(short in long for short in literals - {long})]
        self._try_all = any(not pattern.literals for pattern in self.patterns)
        self._counts: Counter[str] = Counter()
        self._pending = b""
        self._position = 0
        self._already: set[str] = set()

    @property
    def pending(self) -> bool:
        """Whether there is an unfinished line that `settle` should try."""
        return bool(self._pending)

    def reset_counts(self) -> None:
        """Forget the lines that patterns with a `max_count` have counted so far."""
        self._counts.clear()

    def feed(self, data: bytes) -> Iterator[tuple[str, bytes, int]]:
        """Take the next bytes; yield name, line and position of each failure in complete lines."""
        if not self.patterns:
            return
        block = self._pending + data if self._pending else data
        cut = block.rfind(b"\n") + 1
        start = self._position
        if cut:
            self._pending, self._position = block[cut:], start + cut
            yield from self._lines(block, cut, start)
            self._already.clear()
        else:
            self._pending = block
        if len(self._pending) > _LONGEST_LINE:
            yield from self._overlong()

    def settle(self) -> Iterator[tuple[str, bytes, int]]:
        """The console is silent or at its end: try the unfinished line too."""
        if self._pending:
            yield from self._line(self._pending, self._position)

    def _overlong(self) -> Iterator[tuple[str, bytes, int]]:
        """Try a line that does not end, and keep only its last part."""
        line, start = self._pending, self._position
        yield from self._line(line, start)
        self._pending, self._position = line[-_OVERLAP:], start + len(line) - _OVERLAP

    def _lines(self, block: bytes, cut: int, start: int) -> Iterator[tuple[str, bytes, int]]:
        """Failures in the complete lines block[:cut]."""
        for low in self._suspects(block, cut):
            if low > 0:
                self._already.clear()
            yield from self._line(block[low:block.index(b"\n", low)], start + low)

    def _suspects(self, block: bytes, cut: int) -> list[int]:
        """Offsets of the lines that have one of the literals, in order."""
        if self._try_all:
            return [0, *(found.end() for found in re.finditer(rb"\n", block[:cut - 1]))]
        lines: set[int] = set()
        for literal in self._literals:
            at = block.find(literal, 0, cut)
            while at >= 0:
                lines.add(block.rfind(b"\n", 0, at) + 1)
                at = block.find(literal, block.index(b"\n", at), cut)
        return sorted(lines)

    def _line(self, line: bytes, position: int) -> Iterator[tuple[str, bytes, int]]:
        """Failures in one line; what it was already blamed for while unfinished is not repeated."""
        line = line.strip(b"\r")
        for at in range(0, max(len(line) - _OVERLAP, 1), _LONGEST_LINE - _OVERLAP):
            piece = line[at:at + _LONGEST_LINE]
            for pattern, regex in self._tests:
                if pattern.name in self._already or not regex.search(piece):
                    continue
                self._already.add(pattern.name)
                self._counts[pattern.name] += 1
                if self._counts[pattern.name] > pattern.max_count:
                    yield pattern.name, piece, position + at
