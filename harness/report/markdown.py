# SPDX-License-Identifier: GPL-2.0-only
"""A summary in Markdown, for the pages of CI systems: verdicts, then failures by kind with their cause."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from harness.outcome import Verdict
from harness.report.gather import groups
from harness.report.stored import StoredRun
from harness.report.text import shortened, visible
from harness.wording import counted

_MOST_KINDS = 30
_MOST_ALIKE = 5
_LONGEST = 500
_MARKS = re.compile(r"([\\`*_\[\]<>#|~&$]|^[-+]|:(?=//|\w+:)|(?<=\bwww)\.)")


def summary(runs: Sequence[StoredRun]) -> str:
    """The summary of these runs. No more than a few hundred lines, whatever they were."""
    return "\n".join(_lines(runs)) + "\n"


def _lines(runs: Sequence[StoredRun]) -> Iterator[str]:
    counts = Counter(run.verdict for run in runs)
    bad = sum(run.bad for run in runs)
    all_of_them = counted(len(runs), "scenario")
    yield f"## {bad} of {all_of_them} failed" if bad else f"## {all_of_them}, none failed"
    yield ""
    named = [verdict for verdict in sorted(Verdict, reverse=True) if counts[verdict]]
    yield "| " + " | ".join(verdict.name for verdict in named) + " | time |"
    yield "|" + " ---: |" * (len(named) + 1)
    seconds = sum(run.duration for run in runs)
    yield "| " + " | ".join(str(counts[verdict]) for verdict in named) + f" | {seconds:.0f} s |"
    found = groups(runs)
    for title, alike in found[:_MOST_KINDS]:
        yield from _kind(title, alike)
    if len(found) > _MOST_KINDS:
        yield from ("", f"and {len(found) - _MOST_KINDS} more kinds of failure")
    skipped = [run for run in runs if run.verdict is Verdict.SKIP]
    if skipped:
        yield from ("", "<details><summary>Skipped</summary>", "")
        yield from (f"- {plain(run.name)}: {plain(run.reason or run.note)}" for run in skipped)
        yield from ("", "</details>")


def _kind(title: str, alike: Sequence[StoredRun]) -> Iterator[str]:
    times = f" ({len(alike)} times)" if len(alike) > 1 else ""
    yield from ("", f"### {alike[0].verdict.name}: {plain(title)}{times}", "", plain(alike[0].sentence), "")
    for run in alike[:_MOST_ALIKE]:
        step = f", step {plain(run.where)}" if run.where else ""
        why = f": {plain(run.sentence)}" if run.sentence != alike[0].sentence else ""
        yield f"- **{plain(run.name)}**, {run.duration:.1f} s{step}{why}"
        if run.reproduce:
            yield from ("", *_code(run.reproduce), "")
    if len(alike) > _MOST_ALIKE:
        yield f"- and {len(alike) - _MOST_ALIKE} more: " + ", ".join(
            plain(run.name) for run in alike[_MOST_ALIKE:_MOST_ALIKE + 20])


def plain(text: str) -> str:
    """Text that Markdown takes for nothing but text: no link, no tag, no mention of a person."""
    return _MARKS.sub(r"\\\1", shortened(visible(text), _LONGEST)).replace("@", "@\u2060")


def _code(text: str) -> Iterator[str]:
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    yield from (f"  {fence}sh", f"  {visible(text)}", f"  {fence}")
