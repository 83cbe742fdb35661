# SPDX-License-Identifier: GPL-2.0-only
"""All that a console ever printed: the recent part in memory, everything in a file.

Positions are absolute: the number of bytes that came before. They are offsets in the file too.
"""

import os
from bisect import bisect_right
from pathlib import Path

# The memory is trimmed to the lower mark when it passes the upper one: then each byte moves once.
_KEEP = 4 << 20
_TRIM_AT = 8 << 20

# Stamps kept in memory; older ones are in the file only.
_STAMPS = 100_000

_Window = tuple[bytes | bytearray, int]


class Stream:
    """An append-only log of bytes with bounded memory. Not locked: the pump's lock guards it.

    Beside `path` a file `path`.times has a line `OFFSET NANOSECONDS` for each read that began a new
    line: the line at OFFSET, and all up to the next entry, came at that moment of the monotonic clock.

    :param path: file for the raw bytes; it is made anew
    :raise OSError: the files cannot be made
    """

    def __init__(self, path: Path, *, keep: int = _KEEP, trim_at: int = _TRIM_AT) -> None:
        self.path = path
        self.times_path = path.with_name(path.name + ".times")
        self._keep = keep
        self._trim_at = trim_at
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        self._times = os.open(self.times_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        self._recent = bytearray()
        self._start = 0
        self._stamp_offsets: list[int] = []
        self._stamp_times: list[int] = []
        self._line_begins = True
        self.end = 0
        self.line_end = 0

    def append(self, data: bytes, time_ns: int) -> None:
        """Add what was read at `time_ns`.

        :raise OSError: the file cannot be written, for instance because the disk is full; the bytes
            are kept in memory
        """
        first = self.end if self._line_begins else self.end + data.find(b"\n") + 1
        last = data.rfind(b"\n") + 1
        self._recent += data
        self.end += len(data)
        if last:
            self.line_end = self.end - len(data) + last
        begins = self._line_begins or 0 < last < len(data) or data.find(b"\n") + 1 < last
        self._line_begins = last == len(data)
        if len(self._recent) > self._trim_at:
            surplus = len(self._recent) - self._keep
            del self._recent[:surplus]
            self._start += surplus
        _write(self._file, data)
        if begins:
            self._stamp(first, time_ns)

    def _stamp(self, offset: int, time_ns: int) -> None:
        self._stamp_offsets.append(offset)
        self._stamp_times.append(time_ns)
        if len(self._stamp_offsets) > _STAMPS:
            del self._stamp_offsets[:_STAMPS // 2]
            del self._stamp_times[:_STAMPS // 2]
        _write(self._times, b"%d %d\n" % (offset, time_ns))

    def time_at(self, position: int) -> int:
        """When the line that has `position` began to arrive, in nanoseconds; 0 if forgotten."""
        index = bisect_right(self._stamp_offsets, position) - 1
        return self._stamp_times[index] if index >= 0 else 0

    def window(self, low: int, high: int) -> _Window:
        """Bytes from `low` to `high` and where in the returned object `low` is.

        The object may hold more than was asked for, and is valid until the next `append`.
        """
        if low >= self._start:
            return self._recent, low - self._start
        with self.path.open("rb") as file:
            file.seek(low)
            return file.read(high - low), 0

    def read(self, low: int, high: int) -> bytes:
        """A copy of the bytes from `low` to `high`."""
        low, high = max(low, 0), min(high, self.end)
        if low >= high:
            return b""
        data, at = self.window(low, high)
        return bytes(data[at:at + high - low])

    def last_line(self) -> bytes:
        """The last line that has anything but white space on it; at most 300 bytes of it."""
        lines = self.read(self.end - 2000, self.end).split(b"\n")
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), b"")

    def close(self) -> None:
        """Close the files. Everything stays readable as long as the file is there."""
        os.close(self._file)
        os.close(self._times)


def _write(file: int, data: bytes) -> None:
    written = os.write(file, data)
    while written < len(data):
        written += os.write(file, data[written:])
