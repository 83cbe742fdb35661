# SPDX-License-Identifier: GPL-2.0-only
"""The history as one HTML page that needs nothing else: no network, no script."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import jinja2
from markupsafe import Markup

from harness.errors import HostError
from harness.nights import svg
from harness.nights.drift import NAMES, Measure, Trend, trends
from harness.nights.failures import Episode, Failure, failures, sort_out
from harness.nights.flakes import DEFINITION, Flake, flakes
from harness.nights.model import Night, Past, Run
from harness.outcome import Verdict

_TEMPLATE = Path(__file__).with_name("page.html.j2")
# More curves than these tell nobody anything; all that drifted are shown.
_STEADY = 20

What = TypeVar("What", Episode, Flake)


@dataclass(frozen=True, slots=True)
class StripRow(Generic[What]):
    """A failure of one scenario, or a flaky scenario, with its nights drawn."""

    what: What
    strip: Markup


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A failure, and where it was seen."""

    what: Failure
    drawn: list[StripRow[Episode]]


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One figure."""

    trend: Trend
    name: str
    unit: str
    curve: Markup


@dataclass(frozen=True, slots=True)
class NightRow:
    """One night."""

    night: Night
    counts: Counter[str]
    left_out: int
    bar: Markup


def write_page(past: Past, file: Path, measure: Measure) -> None:
    """Write the page; a file of that name is replaced when the new one is complete.

    :raise HostError: it cannot be written
    """
    text = page(past, measure)
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.rename(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise HostError(f"cannot write the page: {error.strerror}", where=str(file)) from error


def page(past: Past, measure: Measure) -> str:
    """The page as text."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True)
    recent = past.last(measure.nights)
    dates = [night.date for night in recent.nights]
    found = [FailureRow(failure, [StripRow(episode, Markup(_failure_strip(recent, dates, episode)))
                                  for episode in failure.episodes]) for failure in failures(past)]
    all_trends = trends(past, measure)
    drifted = [trend for trend in all_trends if trend.drifted]
    steady = [trend for trend in all_trends if not trend.drifted][:_STEADY]
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        nights=list(reversed(_night_rows(recent))), sorted=sort_out(past), past=past,
        open=[row for row in found if row.what.open],
        fixed=[row for row in found if not row.what.open],
        flakes=[StripRow(flake, Markup(_flake_strip(recent, dates, flake))) for flake in flakes(recent)],
        drifted=[_trend_row(trend, measure) for trend in drifted],
        steady=[_trend_row(trend, measure) for trend in steady],
        legend=[(word, Markup(svg.strip([""], {"": state}, word))) for state, word in svg.WORDS.items()],
        flaky_definition=DEFINITION, drift_definition=measure.definition,
    )


def _failure_strip(past: Past, dates: list[str], episode: Episode) -> str:
    states = {night.date: _state([run for run in night.runs if run.series == episode.series], episode.title)
              for night in past.nights}
    return svg.strip(dates, states, f"nights of {episode.series} with {episode.title}")


def _flake_strip(past: Past, dates: list[str], flake: Flake) -> str:
    states = {night.date: _state([run for run in night.runs if run.series == flake.series], *flake.titles)
              for night in past.nights}
    return svg.strip(dates, states, f"nights of {flake.series}")


def _state(runs: list[Run], *titles: str) -> str:
    """What a scenario did on one night: whether it failed so, passed, both, or failed otherwise only."""
    bad = any(run.title in titles for run in runs)
    if any(run.verdict is Verdict.PASS for run in runs):
        return "both" if bad else "good"
    return "bad" if bad else "other" if any(run.failed for run in runs) else "none"


def _trend_row(trend: Trend, measure: Measure) -> TrendRow:
    name, unit, _ = NAMES[trend.name]
    return TrendRow(trend, name, unit, Markup(svg.curve(trend, measure.last)))


def _night_rows(past: Past) -> list[NightRow]:
    most = max((len(night.runs) for night in past.nights), default=1)
    return [_night_row(night, most) for night in past.nights]


def _night_row(night: Night, most: int) -> NightRow:
    counts = Counter(run.verdict.name for run in night.runs)
    bad = sum(run.failed for run in night.runs)
    parts = [("good", counts["PASS"]), ("bad", bad), ("none", counts["SKIP"])]
    return NightRow(night, counts, sum(len(session.left_out) for session in night.sessions),
                    Markup(svg.bar(parts, most, f"runs of {night.date}")))
