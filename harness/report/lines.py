# SPDX-License-Identifier: GPL-2.0-only
"""The time line as text: one line each, those around the first bad event if there is no room for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.check.rules import RULES
from harness.check.stall import STANDSTILL
from harness.report.lanes import HOST
from harness.report.stored import Moment, StoredRun
from harness.report.text import visible

TIME_WIDTH = 11
_WIDEST_SOURCE = 20


@dataclass(frozen=True, slots=True)
class Lines:
    """Three parts of a text, the middle one the bad line if it is known.

    :ivar width: columns of the name of the source.
    :ivar left_out: how many lines there was no room for.
    """

    before: str
    bad: str
    after: str
    width: int
    left_out: int


def first_bad(run: StoredRun, moments: Sequence[Moment]) -> tuple[Moment | None, int | None]:
    """The first bad event of a run, and which line it is: as diagnosed, or what the first violation tells.

    A violation tells the event before it, or, if it is of a console, the line that was printed.
    """
    if run.first_bad is not None:
        return run.first_bad, _nearest(run.first_bad, moments)
    told = {run.violations[0].event, run.violations[0].observed.strip()} if run.violations else set()
    for at, moment in enumerate(moments):
        if moment.text in told and moment.source not in HOST:
            return moment, at
    verdicts = [at for at, moment in enumerate(moments) if moment.source == "verdict"]
    return (moments[verdicts[0]], verdicts[0]) if verdicts else (None, None)


def end_of(run: StoredRun, moments: Sequence[Moment]) -> float:
    """When a run was judged; what comes later is the look into its machines."""
    return next((moment.t for moment in reversed(moments) if moment.source == "verdict"), run.duration)


def what_it_is(run: StoredRun) -> str:
    """What the line that `first_bad` finds is called."""
    first = run.violations[0] if run.violations else None
    if first is not None and first.event and (run.first_bad is None or run.first_bad.text == first.event):
        if first.rule in STANDSTILL:
            return "Last event, then nothing"
        if first.rule not in RULES:  # of what a scenario expected and did not get
            return "Last event before it"
    return "First bad event" if run.first_bad is not None or run.violations else "The end"


def _nearest(wanted: Moment, moments: Sequence[Moment]) -> int | None:
    """The line that says it, else the last one at its time; None if a time line that was cut ends before."""
    same = [at for at, moment in enumerate(moments)
            if moment.source == wanted.source and moment.text == wanted.text]
    if same:
        return min(same, key=lambda at: abs(moments[at].t - wanted.t))
    before = [at for at, moment in enumerate(moments) if moment.t <= wanted.t]
    return before[-1] if before and len(before) < len(moments) else None


def lines(moments: Sequence[Moment], at: int | None, room: int) -> Lines:
    """The text of a time line, in at most about `room` characters.

    :param at: the line to which those that are shown are nearest; None: the last one
    """
    width = min(max((len(moment.source) for moment in moments), default=0), _WIDEST_SOURCE)
    texts = [f"{moment.t:{TIME_WIDTH}.6f} {visible(moment.source)[:width]:<{width}} {visible(moment.text)}"
             for moment in moments]
    kept = _kept(moments, texts, len(texts) - 1 if at is None else at, room)
    numbers = [number for number, keep in enumerate(kept) if keep]
    middle = at if at is not None else -1
    return Lines("\n".join(texts[number] for number in numbers if number < middle or at is None),
                 texts[middle] if at is not None else "",
                 "\n".join(texts[number] for number in numbers if at is not None and number > middle),
                 width, len(texts) - len(numbers))


def _kept(moments: Sequence[Moment], texts: Sequence[str], at: int, room: int) -> list[bool]:
    """What the harness did, then the lines nearest to `at`: those before it come first, two to one."""
    kept = [moment.source in HOST or number == at for number, moment in enumerate(moments)]
    room -= sum(len(text) + 1 for text, keep in zip(texts, kept, strict=True) if keep)
    before, after = at - 1, at + 1
    turn = 0
    while room > 0 and (before >= 0 or after < len(texts)):
        back = before >= 0 and (turn % 3 < 2 or after >= len(texts))
        number = before if back else after
        before, after, turn = before - back, after + (not back), turn + 1
        if not kept[number]:
            kept[number] = True
            room -= len(texts[number]) + 1
    return kept
