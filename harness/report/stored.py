# SPDX-License-Identifier: GPL-2.0-only
"""A run as its folder tells it: result, diagnosis if there is one, and the merged time line.

Everything in a folder is text that guests had a hand in. Here it is only checked for its shape; who shows it
makes it fit to be shown, see `harness.report.text`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.check.rules import RULES
from harness.check.violation import Violation
from harness.errors import UsageError
from harness.outcome import Verdict
from harness.report.text import general, shortened

RESULT = "result.json"
DIAGNOSIS = "diagnosis.json"
TIMELINE = "timeline.jsonl"
_LONGEST_TITLE = 90
# What reading values from JSON of another shape raises.
_DAMAGED = (ValueError, KeyError, TypeError, AttributeError)

Values = Mapping[str, Any]  # what JSON gives; each value is converted where it is taken out


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the time line: seconds from the beginning of the run, where it is from, what it says."""

    t: float
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a CPU, a thread or a task stands; `frames` innermost first."""

    who: str
    state: str
    waits_for: str
    frames: tuple[str, ...]

    @property
    def idle(self) -> bool:
        """It waits for something to do, as it should."""
        return self.state == "idle"


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link at the end of a run."""

    link: str
    me: str
    be: str
    fe: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run that is over, or was broken off: then the verdict is ERROR and the sentence says so.

    :ivar title: the same for failures of one kind; empty if it passed.
    :ivar sentence: what went wrong, in one sentence; empty if it passed.
    :ivar folder: None if the run left none.
    :ivar places: those that are idle come last.
    :ivar first_bad: the first event that should not have been, if it is known.
    """

    name: str
    verdict: Verdict
    folder: Path | None = None
    title: str = ""
    sentence: str = ""
    reason: str = ""
    note: str = ""
    where: str = ""
    duration: float = 0.0
    reproduce: str = ""
    seed: int = 0
    violations: tuple[Violation, ...] = ()
    places: tuple[Place, ...] = ()
    links: tuple[LinkState, ...] = ()
    first_bad: Moment | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    traceback: str = ""

    @property
    def bad(self) -> bool:
        """Somebody has to look at it."""
        return self.verdict not in (Verdict.PASS, Verdict.SKIP)


def read_run(folder: Path) -> StoredRun:
    """What the folder of a run tells.

    :raise UsageError: a file in it is damaged
    """
    file = folder / RESULT
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        undiagnosed = _run(folder, values, {})
    except (OSError, *_DAMAGED) as error:
        raise UsageError("is no result of a run, or a damaged one", where=str(file),
                         hint="name a folder below build/runs, as 'harness run' makes them") from error
    return _diagnosed(folder, values) if (folder / DIAGNOSIS).is_file() else undiagnosed


def broken_off(folder: Path) -> StoredRun:
    """A folder without a result: its run was killed, or is still going on."""
    return StoredRun(folder.name, Verdict.ERROR, folder, title="no result",
                     sentence="the run was killed before its end, or is still going on",
                     reason=f"no {RESULT}")


def moments(folder: Path) -> list[Moment]:
    """The time line, in its order; half a line, as a killed run may leave, is passed over."""
    file = folder / TIMELINE
    return list(_moments(file)) if file.is_file() else []


def _moments(file: Path) -> Iterator[Moment]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                values = json.loads(line)
                yield Moment(float(values["t"]), str(values["source"]), str(values["text"]))
            except (ValueError, KeyError, TypeError):
                continue


def _diagnosed(folder: Path, values: Values) -> StoredRun:
    """:raise UsageError: the diagnosis is damaged"""
    file = folder / DIAGNOSIS
    try:
        return _run(folder, values, json.loads(file.read_text(encoding="utf-8")))
    except (OSError, *_DAMAGED) as error:
        raise UsageError("is no diagnosis, or a damaged one", where=str(file),
                         hint="remove it to have the report without") from error


def _run(folder: Path, values: Values, found: Values) -> StoredRun:
    verdict = Verdict[values["verdict"]]
    violations = tuple(_violation(one) for one in values["violations"])
    reason = str(values["reason"])
    bad = verdict not in (Verdict.PASS, Verdict.SKIP)
    title = str(found.get("title") or values.get("title") or (_title(violations, reason) if bad else ""))
    sentence = str(found.get("sentence") or values.get("sentence") or (reason if bad else ""))
    places = tuple(_place(one) for one in found.get("places", ())) or \
        tuple(_told_place(str(line)) for line in values.get("places", ()))
    return StoredRun(
        str(values["name"]), verdict, folder, title, sentence, reason, str(values.get("note", "")),
        str(values.get("where", "")), float(values["duration_s"]), str(values.get("reproduce", "")),
        int(values.get("seed", 0)), violations,
        tuple(sorted(places, key=lambda place: place.idle)),
        tuple(_link(one) for one in found.get("links", ())),
        _moment(found.get("first_bad")),
        {str(name): str(text) for name, text in values.get("facts", {}).items()},
        str(values.get("traceback", "")))


def _title(violations: tuple[Violation, ...], reason: str) -> str:
    """What failures of this kind are called, if no diagnosis does."""
    if violations:
        rule = violations[0].rule
        return f"{rule}: {RULES[rule]}" if rule in RULES else rule
    return shortened(general(reason), _LONGEST_TITLE) or "no reason told"


def _violation(values: Values) -> Violation:
    event = values.get("event")
    return Violation(str(values["rule"]), str(values["place"]), str(values["expected"]),
                     str(values["observed"]), None if event is None else str(event))


def _moment(values: Values | None) -> Moment | None:
    if not values:
        return None
    return Moment(float(values["t"]), str(values["source"]), str(values["text"]))


def _place(values: Values) -> Place:
    frames = tuple(_frame(frame) for frame in values.get("frames", ()))
    return Place(str(values["who"]), str(values.get("state", "")), str(values.get("waits_for", "")), frames)


def _frame(values: Values) -> str:
    at = f" ({values['file']}:{values['line']})" if values.get("file") else ""
    return f"{values['image']}:{values['function']}+{int(values['offset']):#x}{at}"


def _told_place(line: str) -> Place:
    """A line such as `cpu0: kernel:f+0x1c <- kernel:g+0x2c`."""
    who, colon, rest = line.partition(": ")
    if not colon:
        return Place("", "", line, ())
    return Place(who, "", "", tuple(rest.split(" <- "))) if " <- " in rest or "+0x" in rest else \
        Place(who, rest, "", ())


def _link(values: Values) -> LinkState:
    return LinkState(*(str(values.get(name, "")) for name in ("link", "me", "be", "fe", "waits_for")))
