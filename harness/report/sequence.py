# SPDX-License-Identifier: GPL-2.0-only
"""The handshake of each link as the rows of a sequence diagram; drawn by `harness.report.sequence_svg`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from harness.abi.vbus import state_text
from harness.check.violation import Violation
from harness.model.device import CREATED, Side
from harness.model.events import ErrorReport, StateRefused, StoreEvent, StoreOp, VbusEvent, WatchEvent
from harness.model.link import RING_ENTRIES, LinkKey, parse_entry
from harness.report.observed import Timed, link_of, me_names
from harness.report.stored import StoredRun

_MOST_ROWS = 44
_MOST_AFTER = 8
_MOST_LINKS = 6
_AGENCY = 0
_MADE = state_text(CREATED)


class Kind(Enum):
    """What a row of a diagram shows."""

    STATE = "state"
    NOTE = "note"
    ERROR = "error"
    VIOLATION = "violation"


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    :ivar t: seconds since the beginning of the run.
    :ivar seq: number of the event; -1 if it is none.
    :ivar side: whose lifeline it is at; None: both.
    :ivar told: STATE only: the peer was told of it.
    :ivar foreign: STATE only: it was the other side that wrote it, as the ME does when it makes the entries.
    """

    t: float
    seq: int
    kind: Kind
    side: Side | None
    text: str
    told: bool = False
    foreign: bool = False
    broken: bool = False

    @property
    def made(self) -> bool:
        """It is the state with which an ME makes an entry: nobody is there yet to be told."""
        return self.foreign or (self.text == _MADE and not self.told)


@dataclass(frozen=True, slots=True)
class Diagram:
    """A link's rows; `left_out` rows before them are not shown."""

    machine: str
    key: LinkKey
    me: str
    rows: tuple[Row, ...]
    left_out: int
    waits_for: str = ""

    @property
    def broken(self) -> bool:
        """A violation is marked in it."""
        return any(row.kind is Kind.VIOLATION for row in self.rows)


def diagrams(events: Sequence[Timed], run: StoredRun, end: float) -> list[Diagram]:
    """The links of a run, those with a violation first.

    :param end: when the run was judged, for what is broken by what did not happen
    """
    names = me_names(events)
    rows: dict[tuple[str, LinkKey], list[Row]] = {}
    for timed in events:
        key = link_of(timed.event)
        if key is None:
            continue
        mine = rows.setdefault((timed.machine, key), [])
        if isinstance(timed.event, WatchEvent):
            _tell(mine, timed.event)
        else:
            mine += _row(timed)
    waits = {link.link: link.waits_for for link in run.links}
    times = {timed.event.line: timed.t for timed in events}
    made = [_diagram(machine, key, names.get((machine, key.dom), ""), found, run.violations, times, end,
                     waits.get(str(key), "")) for (machine, key), found in rows.items() if found]
    return sorted(made, key=lambda one: (not one.broken, one.machine, one.key))[:_MOST_LINKS]


def _row(timed: Timed) -> Iterator[Row]:
    event = timed.event
    if isinstance(event, VbusEvent):
        yield Row(timed.t, event.seq, Kind.NOTE, Side.BE, f"{event.op.value}()")
    elif isinstance(event, ErrorReport):
        entry = parse_entry(event.dev)
        side = entry[1] if entry is not None else None
        yield Row(timed.t, event.seq, Kind.ERROR, side, f"error {event.code} {event.text}".strip())
    elif isinstance(event, StateRefused):
        yield Row(timed.t, event.seq, Kind.ERROR, Side.FE, f"refused: {_state(event.value)}")
    elif isinstance(event, StoreEvent) and event.op is StoreOp.WRITE:
        yield from _written(timed, event)


def _written(timed: Timed, event: StoreEvent) -> Iterator[Row]:
    entry = parse_entry(event.path)
    assert entry is not None
    _, side, rest = entry
    if rest == "state":
        writer = Side.BE if event.dom == _AGENCY else Side.FE
        yield Row(timed.t, event.seq, Kind.STATE, side, _state(event.value or ""), foreign=writer is not side)
    elif rest in RING_ENTRIES:
        yield Row(timed.t, event.seq, Kind.NOTE, side, f"{rest} = {event.value}")


def _state(value: str) -> str:
    return state_text(int(value)) if value.isascii() and value.isdecimal() and len(value) < 6 else value


def _tell(rows: list[Row], event: WatchEvent) -> None:
    """Mark the last write of the state that a watch is about as told."""
    entry = parse_entry(event.path)
    if entry is None or entry[2] != "state":
        return
    for at in range(len(rows) - 1, -1, -1):
        if rows[at].kind is Kind.STATE and rows[at].side is entry[1]:
            rows[at] = replace(rows[at], told=True)
            return


def _diagram(machine: str, key: LinkKey, me: str, rows: list[Row], violations: Sequence[Violation],
             times: Mapping[str, float], end: float, waits_for: str) -> Diagram:
    for violation in violations:
        rows = _marked(rows, key, me, violation, times.get(violation.event or "", end), end)
    first = next((at for at, row in enumerate(rows) if row.kind is Kind.VIOLATION), len(rows) - 1)
    until = min(len(rows), first + _MOST_AFTER + 1)
    since = max(0, until - _MOST_ROWS)
    return Diagram(machine, key, me, tuple(rows[since:until]), since, waits_for)


def _marked(rows: list[Row], key: LinkKey, me: str, violation: Violation, t: float,
            end: float) -> list[Row]:
    """The rows with a violation of this link among them: after its event, which was at `t`, or at the end."""
    seq = _number(violation.event)
    about = f"{violation.rule}: expected {violation.expected}, observed {violation.observed}"
    at = next((at for at, row in enumerate(rows) if row.seq == seq and row.kind is not Kind.VIOLATION), None)
    if violation.place.startswith(f"{key}:"):  # of what did not happen: its event is the last that did
        who = violation.place.partition(": ")[2]
        side = Side.FE if "for FE" in who else Side.BE if "for BE" in who else None
        return [*rows, Row(end, -1, Kind.VIOLATION, side, f"{violation.rule}: {who}")]
    if at is not None:
        broken = replace(rows[at], broken=True)
        return [*rows[:at], broken, Row(broken.t, -1, Kind.VIOLATION, broken.side, about), *rows[at + 1:]]
    if _of_link(violation.place, key, me):
        before = [row for row in rows if seq is not None and 0 <= row.seq <= seq]
        at = rows.index(before[-1]) + 1 if before else len(rows)
        return [*rows[:at], Row(t, -1, Kind.VIOLATION, None, about), *rows[at:]]
    return rows


def _of_link(place: str, key: LinkKey, me: str) -> bool:
    names = (str(key), key.be_path, key.fe_path, f"{me}/{key.type}")
    return any(place == one or place.startswith((f"{one}/", f"{one}:")) for one in names)


def _number(event: str | None) -> int | None:
    word = (event or "").partition(" ")[0]
    return int(word) if word.isascii() and word.isdecimal() else None

