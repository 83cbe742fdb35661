# SPDX-License-Identifier: GPL-2.0-only
"""Finds a pattern in a growing stream without looking at the same bytes again and again."""

import re
from dataclasses import dataclass

from harness.qemu.stream import Stream

# A regular expression is tried again over this many bytes before new ones; a longer match that
# arrives in several reads may be missed.
_OVERLAP = 4096
# Bytes before the searched part that `^`, `\b` and look-behind get to see.
_CONTEXT = 64
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern was found.

    :param span: absolute positions of its first byte and of the one after its last
    :param text: the matched bytes
    :param groups: groups of the regular expression; a group that took no part is None
    :param named: the groups that have a name
    :param time: when the line of the match's last byte began to arrive, monotonic nanoseconds
    """

    span: tuple[int, int]
    text: bytes
    groups: tuple[bytes | None, ...]
    named: dict[str, bytes | None]
    time: int


class Search:
    """An incremental search for the first match at or after a position.

    :param pattern: bytes are searched for as they are; a compiled expression as such
    """

    def __init__(self, pattern: bytes | re.Pattern[bytes], start: int) -> None:
        if isinstance(pattern, bytes):
            self._regex = re.compile(re.escape(pattern))
            self._overlap = max(len(pattern) - 1, 0)
        else:
            self._regex = pattern
            self._overlap = _OVERLAP
        self._start = start
        self._done = start

    def advance(self, stream: Stream) -> Match | None:
        """Search what has come since the last call."""
        while self._done < stream.end:
            low = max(self._start, self._done - self._overlap)
            high = min(self._done + _PIECE, stream.end)
            before = max(low - _CONTEXT, 0)
            data, at = stream.window(before, high)
            found = self._regex.search(data, at + low - before, at + high - before)
            if found is not None:
                return self._match(found, before - at, stream)
            self._done = high
        return None

    def _match(self, found: re.Match[bytes], base: int, stream: Stream) -> Match:
        """`found` was searched in a buffer that may change: copy everything out of it."""
        groups = tuple(None if part is None else bytes(part) for part in found.groups())
        named = {name: None if part is None else bytes(part) for name, part in found.groupdict().items()}
        span = (found.start() + base, found.end() + base)
        return Match(span, bytes(found.group()), groups, named, stream.time_at(max(span[1] - 1, 0)))
