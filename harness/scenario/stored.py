# SPDX-License-Identifier: GPL-2.0-only
"""Event logs of finished runs: what the observer knew beside them, and the same judgement again.

`observer.json` lies beside each event log:

    log          name of the event log
    backends     device types that the agency's tree enables
    stall_after  seconds on the agency's clock that a handshake may stand still
    end_ns       last moment on that clock that the observer has judged
    last         number of the last event that it has judged
    expected     rules whose violation the scenario asks for
    hostile      names of MEs that may break what they can of their own links
    denied       pairs of ns: a moment of the log, and how long until then the host kept the machine waiting
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.check.monitor import Monitor
from harness.check.violation import Violation
from harness.errors import HarnessError, UsageError
from harness.guest.observe import EventReader

OBSERVER = "observer.json"
EVENTS = "events.log"
_RAW = "console-soo.events.log"
_STALL_AFTER = 4.0


@dataclass(frozen=True, slots=True)
class Observer:
    """What a judgement depends on beside the events; the defaults are for a log that lies alone."""

    log: str = EVENTS
    backends: tuple[str, ...] | None = None
    stall_after: float = _STALL_AFTER
    end_ns: int | None = None
    last: int | None = None
    expected: tuple[str, ...] = ()
    hostile: tuple[str, ...] = ()
    denied: tuple[tuple[int, int], ...] = ()

    def write(self, folder: Path) -> None:
        """Write `observer.json`."""
        (folder / OBSERVER).write_text(json.dumps(asdict(self), indent=1) + "\n")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the monitor says of one log.

    :ivar events: how many were judged
    :ivar lost: how many are missing
    :ivar broken: violations, but for those that the scenario asks for
    :ivar awaited: violations that it asks for
    :ivar cut: its end is missing: the last line is not whole, or the observer has seen more
    """

    log: Path
    events: int
    lost: int
    broken: tuple[Violation, ...]
    awaited: tuple[Violation, ...]
    cut: bool


def logs_below(run: Path) -> list[Path]:
    """The event logs of a run, one per machine; a file is taken as one.

    :raise UsageError: there is none
    """
    if run.is_file():
        return [run]
    found = [log for folder in (run, *sorted(path for path in run.glob("*") if path.is_dir()))
             for log in _log_of(folder)]
    if not found:
        raise UsageError("no event log", where=str(run),
                         hint="name the folder of a run, or a file with an event stream")
    return found


def _log_of(folder: Path) -> Iterator[Path]:
    told = [_read(folder / OBSERVER).log] if (folder / OBSERVER).is_file() else []
    for name in (*told, EVENTS, _RAW):
        if (folder / name).is_file():
            yield folder / name
            return


def judge(log: Path) -> Judged:
    """Let the always-on invariants judge a log as they did when it was made.

    :raise UsageError: it cannot be read
    :raise HarnessError: a line of it is no event
    """
    beside = log.parent / OBSERVER
    facts = _read(beside) if beside.is_file() else Observer()
    monitor = Monitor(facts.backends, stall_after=facts.stall_after, hostile=facts.hostile)
    try:
        lines = log.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(log)) from error
    cut = lines.pop() != b""
    reader, events, found = EventReader(), 0, list[Violation]()
    denied = deque(facts.denied)
    for number, line in enumerate(lines, 1):
        try:
            for event in reader.feed(line):
                while denied and denied[0][0] <= event.ns:
                    monitor.deny(denied.popleft()[1])
                found += monitor.feed(event)
                events += 1
        except HarnessError as error:
            raise UsageError(error.what, where=f"{log}:{number}", hint="it is no event stream") from error
    for _, ns in denied:
        monitor.deny(ns)
    cut = cut or (facts.last is not None and reader.last < facts.last)
    found += [] if cut else monitor.finish(facts.end_ns)
    broken = tuple(violation for violation in found if violation.rule not in facts.expected)
    awaited = tuple(violation for violation in found if violation.rule in facts.expected)
    return Judged(log, events, monitor.lost, broken, awaited, cut)


def _read(path: Path) -> Observer:
    """:raise UsageError: it is no observer's file"""
    try:
        values = json.loads(path.read_text())
        return _observer(values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError("is no observer's file", where=str(path),
                         hint="remove it to judge the log with defaults") from error


def _observer(values: Mapping[str, object]) -> Observer:
    backends, expected = values["backends"], values["expected"]
    stall_after, end_ns = values["stall_after"], values["end_ns"]
    hostile, last = values.get("hostile", []), values.get("last")
    if not isinstance(expected, list) or not isinstance(stall_after, int | float):
        raise TypeError
    if not isinstance(backends, list | None) or not isinstance(end_ns, int | None):
        raise TypeError
    if not isinstance(last, int | None):
        raise TypeError
    if not isinstance(hostile, list):
        raise TypeError
    return Observer(Path(str(values["log"])).name, None if backends is None else tuple(map(str, backends)),
                    float(stall_after), end_ns, last, tuple(map(str, expected)), tuple(map(str, hostile)),
                    _pairs(values.get("denied", [])))


def _pairs(values: object) -> tuple[tuple[int, int], ...]:
    if not isinstance(values, list):
        raise TypeError
    return tuple((int(since), int(ns)) for since, ns in values)
