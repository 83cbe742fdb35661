# SPDX-License-Identifier: GPL-2.0-only
"""A run in the terminal: the cause on the first screen, then what led to it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from harness.check.stall import STANDSTILL
from harness.outcome import Verdict
from harness.report.lines import end_of, first_bad, what_it_is
from harness.report.observed import stream_name, timed_events
from harness.report.sequence import Diagram, Kind, Row, diagrams
from harness.report.stored import Moment, StoredRun, moments
from harness.report.text import shortened, visible

_BEFORE, _AFTER = 8, 3
_MOST_VIOLATIONS = 3
_MOST_PLACES = 10
_LAST_STATES = 6
_LABEL = 11


def show(run: StoredRun, width: int) -> Iterator[str]:
    """The lines of a run: none is wider than `width`, but for those that are to be copied."""
    told = moments(run.folder) if run.folder is not None else []
    bad, at = first_bad(run, told)
    title = f"{run.verdict.name}  {run.name}  {run.duration:.1f} s"
    yield visible(title)
    if run.sentence:
        yield from ("", *_wrapped(shortened(run.sentence, 6 * width), width, ""))
    if run.title and run.title != run.sentence:
        yield from _wrapped(f"[{run.title}]", width, "")
    yield ""
    if bad is not None and run.bad:
        yield from _wrapped(f"{what_it_is(run)}, at {bad.t:.3f} s, {bad.source}:", width, "")
        yield from _wrapped(shortened(bad.text, 3 * width), width, "    ")
        yield ""
    if run.where:
        yield from _labelled("step", run.where, width)
    if run.reproduce:
        yield f"{'reproduce':<{_LABEL}}{visible(run.reproduce)}"
    if run.note:
        yield from _labelled("note", run.note, width)
    yield from _violations(run, width)
    yield from _standing(run, width)
    if run.folder is not None:
        yield f"{'folder':<{_LABEL}}{visible(str(run.folder))}"
    if run.bad and run.folder is not None:
        events = list(timed_events(told, stream_name(run.folder)))
        yield from _handshakes(diagrams(events, run, end_of(run, told)), width)
        yield from _around(told, at, width)
    if run.traceback:
        yield from ("", "this is a bug of the harness:", *map(visible, run.traceback.splitlines()))


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(visible(text), width, initial_indent=indent, subsequent_indent=indent,
                         break_on_hyphens=False)


def _labelled(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(visible(shortened(text, 4 * width)), width, initial_indent=f"{label:<{_LABEL}}",
                         subsequent_indent=" " * _LABEL, break_on_hyphens=False)


def _violations(run: StoredRun, width: int) -> Iterator[str]:
    for violation in run.violations[:_MOST_VIOLATIONS]:
        yield from _labelled("rule", f"{violation.rule} at {violation.place}", width)
        yield from _labelled("  expected", violation.expected, width)
        yield from _labelled("  observed", violation.observed, width)
    if len(run.violations) > _MOST_VIOLATIONS:
        yield f"{'':<{_LABEL}}and {len(run.violations) - _MOST_VIOLATIONS} more broken rules"


def _standing(run: StoredRun, width: int) -> Iterator[str]:
    for link in run.links:
        waits = f", waits for {link.waits_for}" if link.waits_for else ""
        me = f" ({link.me})" if link.me else ""
        yield from _labelled("link", f"{link.link}{me}: BE {link.be}, FE {link.fe}{waits}", width)
    busy = [place for place in run.places if not place.idle]
    if run.places and not busy and not _hangs(run):
        yield from _labelled("idle", "; ".join(place.who for place in run.places), width)
        return
    for place in (busy or run.places)[:_MOST_PLACES]:
        state = " ".join(filter(None, (place.state, place.waits_for)))
        frames = " <- ".join(place.frames[:4])
        yield from _labelled("place", f"{place.who}: {' '.join(filter(None, (state, frames)))}", width)
    if busy and len(busy) < len(run.places):
        yield f"{'':<{_LABEL}}and {len(run.places) - len(busy)} idle"


def _hangs(run: StoredRun) -> bool:
    """Whether it matters where all stand that have nothing to do."""
    return run.verdict is not Verdict.FAIL or any(one.rule in STANDSTILL for one in run.violations[:1])


def _handshakes(found: Sequence[Diagram], width: int) -> Iterator[str]:
    for diagram in found:
        if not diagram.broken:
            continue
        yield from ("", f"handshake of {visible(str(diagram.key))}:")
        steps = [row for row in diagram.rows if row.kind is not Kind.NOTE]
        yield from (shortened(f"  {row.t:9.3f}  {_step(row)}", width) for row in steps[-_LAST_STATES:])


def _step(row: Row) -> str:
    side = row.side.value if row.side is not None else ""
    if row.kind is Kind.STATE:
        untold = "" if row.told or row.made else "  (the other side was not told)"
        return f"{side} {visible(row.text)}{untold}"
    return f"{'!!' if row.kind is Kind.VIOLATION else side} {visible(row.text)}"


def _around(told: Sequence[Moment], at: int | None, width: int) -> Iterator[str]:
    if not told:
        return
    middle = len(told) - 1 if at is None else at
    yield from ("", "time line around it:" if at is not None else "last lines of the time line:")
    for number in range(max(0, middle - _BEFORE), min(len(told), middle + _AFTER + 1)):
        moment = told[number]
        sign = ">" if number == at else " "
        line = f"{sign}{moment.t:9.3f}  {visible(moment.source):<10} {visible(moment.text)}"
        yield shortened(line, width)
