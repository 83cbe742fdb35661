# SPDX-License-Identifier: GPL-2.0-only
"""The report as one HTML file that needs nothing else: no network, no other file, no script to be read.

All that comes from a run goes through Jinja's escaping, and the policy in the page's head lets a browser run
no script but the one whose hash it names, and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.abi.vbus import VbusState
from harness.check.rules import RULES
from harness.outcome import Verdict
from harness.report import rings, sequence, sequence_svg, trees
from harness.report.gather import groups
from harness.report.lanes import HOST, Lane, Span, lanes
from harness.report.lines import TIME_WIDTH, Lines, end_of, first_bad, lines, what_it_is
from harness.report.observed import stream_name, timed_events
from harness.report.stored import Moment, StoredRun, moments
from harness.report.text import shortened, visible
from harness.report.whole import write_whole

ASSETS = Path(__file__).parent / "assets"
# So many failed runs are shown with all that is known, and of one kind of failure so many.
MOST_DETAILED = 24
_MOST_ALIKE = 3
# Characters of time lines in a whole report, and in one run.
_ROOM = 2_000_000
_MOST_ROOM = 400_000
# Of a name that guests gave there may be any number.
_MOST_LANES = 40
_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Detail:
    """All that is drawn of one failed run."""

    lines: Lines
    bad: Moment | None
    span: Span
    lanes: tuple[Lane, ...]
    states: tuple[tuple[int, str], ...]
    sources: tuple[tuple[str, int], ...]
    links: tuple[tuple[sequence.Diagram, Markup], ...]
    rings: tuple[tuple[rings.Plot, Markup], ...]
    trees: tuple[trees.Comparison, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A failed run on the page; `detail` is None if others of its kind are shown in its place."""

    id: str
    run: StoredRun
    bad: Moment | None
    detail: Detail | None
    link: str


def write(runs: Sequence[StoredRun], out: Path) -> int:
    """Write the report, as a whole or not at all.

    :return: its size in bytes
    :raise HostError: it cannot be written
    """
    return write_whole(out, page(runs, out.parent), "the report")


def page(runs: Sequence[StoredRun], beside: Path) -> str:
    """The report of these runs.

    :param beside: the folder it will be in: links to run folders are relative to it
    """
    counts = Counter(run.verdict for run in runs)
    shown = {title: list(_shown(number, alike, beside, _share(runs)))
             for number, (title, alike) in enumerate(_limited(runs))}
    return _environment().get_template("page.html.j2").render(
        runs=runs, counts=[(verdict, counts[verdict]) for verdict in sorted(Verdict, reverse=True)],
        groups=shown, bad=sum(run.bad for run in runs), rules=RULES, script=_asset("script.js"),
        style=_asset("style.css"), policy=_policy(), TIME_WIDTH=TIME_WIDTH, HOST=HOST,
        seeds=sorted({run.seed for run in runs if run.folder}),
        images=sorted({run.facts["images"] for run in runs if run.facts.get("images")}),
        anchors={id(one.run): one.id for alike in shown.values() for one in alike},
        seconds=sum(run.duration for run in runs), id_of=id, what_it_is=what_it_is,
        verdict_class=lambda verdict: verdict.name.lower())


def _limited(runs: Sequence[StoredRun]) -> list[tuple[str, list[tuple[StoredRun, bool]]]]:
    """Failed runs by title, each with whether it is shown in detail: the first of each kind come first."""
    found = groups(runs)
    rounds = [run for at in range(_MOST_ALIKE) for _, alike in found for run in alike[at:at + 1]]
    chosen = {id(run) for run in rounds[:MOST_DETAILED]}
    return [(title, [(run, id(run) in chosen) for run in alike]) for title, alike in found]


def _share(runs: Sequence[StoredRun]) -> int:
    detailed = sum(detailed for _, alike in _limited(runs) for _, detailed in alike)
    return min(_MOST_ROOM, _ROOM // max(1, detailed))


def _shown(number: int, alike: Sequence[tuple[StoredRun, bool]], beside: Path, room: int) -> Iterator[Shown]:
    for at, (run, detailed) in enumerate(alike):
        if run.folder is None or not detailed:
            yield Shown(f"f{number}-{at}", run, run.first_bad, None, _relative(run.folder, beside))
            continue
        told = moments(run.folder)
        bad, line = first_bad(run, told)
        detail = _detail(run, run.folder, told, bad, line, room)
        yield Shown(f"f{number}-{at}", run, bad, detail, _relative(run.folder, beside))


def _relative(folder: Path | None, beside: Path) -> str:
    """The folder as a link from the report, so that both can be moved together."""
    return "" if folder is None else quote(os.path.relpath(folder, beside))


def _detail(run: StoredRun, folder: Path, told: list[Moment], bad: Moment | None, line: int | None,
            room: int) -> Detail:
    stream = stream_name(folder)
    events = list(timed_events(told, stream))
    drawn = lanes(told, events, stream, bad)[:_MOST_LANES]
    states = sorted({state for lane in drawn for state in lane.states})
    sources = Counter("host" if moment.source in HOST else moment.source for moment in told)
    return Detail(
        lines(told, line, room), bad, Span.of(told), tuple(drawn),
        tuple((state, VbusState(state).label) for state in states if state in VbusState.__members__.values()),
        tuple(sources.most_common(_MOST_LANES)),
        tuple((one, sequence_svg.draw(one)) for one in sequence.diagrams(events, run, end_of(run, told))),
        tuple((plot, rings.draw(plot)) for plot in rings.plots(events)[:_MOST_SHOWN]),
        tuple(trees.comparisons(folder)))


@cache
def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)
    made.filters["visible"] = lambda text: visible(str(text))
    made.filters["shortened"] = shortened
    return made


@cache
def _asset(name: str) -> Markup:
    return Markup((ASSETS / name).read_text(encoding="utf-8"))


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_asset("script.js").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"
