# SPDX-License-Identifier: GPL-2.0-only
"""What the harness did and when; at a failure merged with all consoles into one line of time."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from pathlib import Path

from harness.deadline import now_ns

# The merged file holds the last lines of each source: it is for reading, the logs have everything.
_MOST_LINES = 5000
_LONGEST = 500


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One line. `ns` is on the harness' monotonic clock."""

    ns: int
    source: str
    text: str


class Timeline:
    """The harness' own entries, in order. `began` is the zero of the times that are shown."""

    def __init__(self) -> None:
        self.began = now_ns()
        self._entries: deque[Entry] = deque(maxlen=_MOST_LINES)

    def restart(self) -> None:
        """From now on another time is told, that of a guest; what was noted before is as old as it."""
        self.began = now_ns()
        earlier = [Entry(self.began, entry.source, entry.text) for entry in self._entries]
        self._entries.clear()
        self._entries.extend(earlier)

    def add(self, source: str, text: str) -> None:
        """Note that something happens now."""
        self._entries.append(Entry(now_ns(), source, text))

    def entries(self) -> list[Entry]:
        """All so far, or the last ones of very many."""
        return list(self._entries)

    def write(self, file: Path, logs: Iterable[tuple[str, Path]],
              qmp: Iterable[tuple[str, Path]] = ()) -> None:
        """Write everything as JSON lines, ordered by time.

        :param logs: consoles by name with their raw logs, beside which lie ``.times`` files.
        :param qmp: monitors by name with the logs of their traffic.
        """
        sources = [self.entries(), *(list(console_entries(name, log)) for name, log in logs),
                   *(sorted(qmp_entries(name, log)) for name, log in qmp)]
        with file.open("w", encoding="utf-8") as out:
            for entry in merge(*sources):
                seconds = (entry.ns - self.began) / 1e9
                out.write(json.dumps({"t": round(seconds, 6), "source": entry.source,
                                      "text": entry.text}) + "\n")


def source_of(run_dir: Path, log: Path) -> str:
    """Name of a console, or of the monitor, by its log; of further machines with the machine before it."""
    return str(log.relative_to(run_dir).with_name(log.stem.removeprefix("console-")))


def console_entries(name: str, log: Path) -> Iterator[Entry]:
    """The lines of a console with the times at which they began to arrive.

    Lines that came in one read have one time: that of the last entry at or before their offset.
    """
    data = log.read_bytes() if log.is_file() else b""
    stamps = list(_stamps(log.with_name(log.name + ".times")))
    lines: deque[tuple[int, bytes]] = deque(maxlen=_MOST_LINES)
    offset = 0
    for line in data.splitlines(keepends=True):
        lines.append((offset, line))
        offset += len(line)
    at = 0
    for offset, line in lines:
        while at + 1 < len(stamps) and stamps[at + 1][0] <= offset:
            at += 1
        text = line.decode("utf-8", "replace").strip()
        if text and stamps:
            yield Entry(stamps[at][1], name, text[:_LONGEST])


def qmp_entries(name: str, log: Path) -> Iterator[Entry]:
    """What was said to QEMU's monitor (>) and what it said (<), the last lines of it."""
    if not log.is_file():
        return
    with log.open(encoding="utf-8", errors="replace") as file:
        for line in deque(file, maxlen=_MOST_LINES):
            with suppress(ValueError, KeyError, TypeError):  # a killed run may leave half a line
                values = json.loads(line)
                sign = ">" if values["direction"] == "out" else "<"
                text = json.dumps(values["message"], ensure_ascii=False)
                yield Entry(int(values["ns"]), name, f"{sign} {text}"[:_LONGEST])


def _stamps(file: Path) -> Iterator[tuple[int, int]]:
    if file.is_file():
        for line in file.read_bytes().splitlines():
            offset, _, ns = line.partition(b" ")
            if offset.isdigit() and ns.isdigit():
                yield int(offset), int(ns)
