# SPDX-License-Identifier: GPL-2.0-only
"""The history, and the end of a night, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.nights.drift import NAMES, Measure, Trend, trends
from harness.nights.failures import Episode, Failure, Sorted, Told, failures
from harness.nights.flakes import DEFINITION, Flake, flakes
from harness.nights.model import Night, Past
from harness.nights.quarantine import Judged
from harness.outcome import Verdict
from harness.wording import counted

_SHOWN_FIXED = 20
_REVISION = 10


def history_lines(past: Past, measure: Measure) -> Iterator[str]:
    """Nights, failures with their first bad night, flake rates, drift."""
    recent = past.last(measure.nights)
    for night in recent.nights:
        yield night_line(night)
    found = failures(past)
    for title, state, most in (("failures", True, None), ("fixed", False, _SHOWN_FIXED)):
        lines = [line for failure in found if failure.open is state for line in _failure(failure, past)]
        yield from _part(title, lines[:most])
    yield from _part("flaky", [flake_line(flake) for flake in flakes(recent)], DEFINITION)
    drifted = [drift_line(trend) for trend in trends(past, measure) if trend.drifted]
    yield from _part("drift", drifted, measure.definition)


def night_line(night: Night) -> str:
    """One night: how many ended in which way."""
    counts = [(verdict.name, sum(run.verdict is verdict for run in night.runs)) for verdict in Verdict]
    words = ", ".join(f"{count} {name}" for name, count in counts if count) or "nothing ran"
    left = sum(len(session.left_out) for session in night.sessions)
    more = f", {left} left out" if left else ""
    revision = f"  {night.revision[:_REVISION]}" if night.revision else ""
    return f"{night.date}  {words}{more}{revision}"


def _part(title: str, lines: Sequence[str], definition: str = "") -> Iterator[str]:
    yield ""
    yield f"{title}: none" if not lines else f"{title}:"
    for line in lines:
        yield f"  {line}"
    if definition:
        yield f"  ({definition})"


def _failure(failure: Failure, past: Past) -> Iterator[str]:
    yield f"{failure.title}: first bad night {failure.first_bad.night}"
    for episode in failure.episodes:
        good = f", last good {episode.last_good.night}" if episode.last_good is not None else ""
        state = f", fixed {episode.fixed_on}" if episode.fixed_on else f", last {episode.nights[-1]}"
        count = len(episode.nights)
        yield (f"  {episode.series}: first bad night {episode.nights[0]}{good}{state}, "
               f"{count} bad night{'s' if count > 1 else ''}")
        if revisions := episode.revisions(past):
            yield f"    git log {revisions}"


def flake_line(flake: Flake) -> str:
    """One flaky scenario with its rate."""
    return (f"{flake.series}: {100 * flake.rate:.0f} % ({flake.bad} of {counted(flake.runs, 'run')}), "
            f"{', '.join(flake.titles)}; last {flake.nights[-1]}")


def drift_line(trend: Trend) -> str:
    """One figure that has drifted."""
    title, unit, _ = NAMES[trend.name]
    return (f"{trend.series}: {title} {_figure(trend.before)} -> {_figure(trend.now)} {unit} "
            f"({trend.change or 0.0:+.0f} %, {'worse' if trend.worse else 'better'})")


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def night_end(past: Past, found: Sorted, judged: Judged) -> Iterator[str]:
    """What a person reads first in the morning: new, known, fixed, the quarantine, what was left out."""
    tonight = past.nights[-1]
    entries = [entry for _, entry in judged.excused]
    new, known = ([told for told in group if not any(entry.covers(told.run) for entry in entries)]
                  for group in (found.new, found.known))
    yield from _part("new failures", [line for told in new for line in told_lines(told)])
    yield from _part("known failures", [line for told in known for line in told_lines(told)])
    yield from _part("fixed", [_gone(episode) for episode in found.fixed])
    if found.passed_unchanged:
        yield from _part("passed with nothing changed, so flaky", [_gone(e) for e in found.passed_unchanged])
    if entries:
        yield from _part("failed in quarantine", [str(entry) for entry in dict.fromkeys(entries)])
    if judged.passing:
        yield from _part("quarantined, but they pass: remove the entries",
                         [f"{entry.place}: {entry}" for entry in judged.passing])
    if judged.expired:
        yield from _part("quarantine has expired, so these count again", [
            f"{entry.place}: {entry}" for entry in dict.fromkeys(entry for _, entry in judged.expired)])
    left = [f"{left.name}: {left.why}" for session in tonight.sessions[-1:] for left in session.left_out]
    if left:
        yield from _part("not run", left)
    yield ""
    yield night_line(tonight)


def told_lines(told: Told) -> Iterator[str]:
    """One failure of a night."""
    times = f", {told.bad} of {told.runs} runs" if told.runs > 1 else ""
    since = f", first bad night {told.first_bad}" if told.first_bad != told.run.night else ""
    good = f", last good {told.last_good}" if told.last_good else ""
    back = f", was there until {told.earlier}" if told.earlier else ""
    yield f"{told.run.title}: {told.run.series}{times}{since}{good}{back}"
    if told.run.reason and told.run.reason != told.run.title:
        yield f"  {told.run.reason[:300]}"
    if told.run.facts.reproduce:
        yield f"  reproduce  {told.run.facts.reproduce}"


def _gone(episode: Episode) -> str:
    return (f"{episode.title}: {episode.series}, bad from {episode.bad[0].night} "
            f"to {episode.bad[-1].night}")
