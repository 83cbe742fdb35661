# SPDX-License-Identifier: GPL-2.0-only
"""The agency's events out of a time line, with the times that all its lines have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.guest.observe import parse_event
from harness.model.events import (
    DomainEvent,
    DomainOp,
    ErrorReport,
    Event,
    RingSample,
    StateRefused,
    StoreEvent,
    VbusEvent,
    WatchEvent,
)
from harness.model.link import LinkKey, parse_entry
from harness.report.stored import Moment
from harness.scenario.stored import OBSERVER

_STREAM = "soo.events"


@dataclass(frozen=True, slots=True)
class Timed:
    """An event, the machine that reported it (empty if there is one only), and when its line came."""

    t: float
    machine: str
    event: Event


def stream_name(folder: Path) -> str:
    """Name of the port that carries the event stream."""
    try:
        log = str(json.loads((folder / OBSERVER).read_text())["log"])
    except (OSError, ValueError, KeyError, TypeError):
        return _STREAM
    return log.removeprefix("console-").removesuffix(".log") if log.startswith("console-") else _STREAM


def is_stream(moment: Moment, stream: str) -> bool:
    """Whether a line is one of the event stream of any machine."""
    return moment.source.rpartition("/")[2] == stream


def timed_events(moments: Sequence[Moment], stream: str) -> Iterator[Timed]:
    """The events among the lines; a line that was cut, or is none, is passed over."""
    for moment in moments:
        if is_stream(moment, stream):
            try:
                yield Timed(moment.t, moment.source.rpartition("/")[0], parse_event(moment.text))
            except HarnessError:
                continue


def link_of(event: Event) -> LinkKey | None:
    """The link that an event is about."""
    if isinstance(event, StoreEvent | StateRefused | WatchEvent):
        path = event.path
    elif isinstance(event, VbusEvent | RingSample | ErrorReport):
        path = event.dev
    else:
        return None
    entry = parse_entry(path)
    return entry[0] if entry is not None else None


def me_names(events: Sequence[Timed]) -> dict[tuple[str, int], str]:
    """What MEs call themselves, by machine and domain; the last one of each number."""
    made = [(timed.machine, timed.event) for timed in events if isinstance(timed.event, DomainEvent)]
    return {(machine, event.dom): event.name for machine, event in made
            if event.op is DomainOp.CREATE and event.name}
