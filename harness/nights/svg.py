# SPDX-License-Identifier: GPL-2.0-only
"""Small drawings for the page: a strip of nights, and a figure over the nights. Colours are the page's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from harness.nights.drift import NAMES, Trend

_CELL, _GAP, _HIGH = 12, 3, 14
_WIDE, _TALL, _EDGE = 260, 44, 5


def strip(nights: Sequence[str], states: Mapping[str, str], label: str) -> str:
    """A square for each night; its class is the state: one of `WORDS`."""
    cells = []
    for at, night in enumerate(nights):
        state = states.get(night, "none")
        x = at * (_CELL + _GAP)
        cells.append(f'<rect class="{state}" x="{x}" y="1" width="{_CELL}" height="{_CELL}" rx="2">'
                     f'<title>{escape(night)}: {WORDS[state]}</title></rect>')
    wide = max(1, len(nights)) * (_CELL + _GAP) - _GAP
    return (f'<svg role="img" aria-label="{escape(label)}" class="strip" width="{wide}" height="{_HIGH}" '
            f'viewBox="0 0 {wide} {_HIGH}">{"".join(cells)}</svg>')


WORDS = {"good": "passed", "bad": "failed", "both": "passed and failed", "other": "failed otherwise",
         "none": "did not run"}


def curve(trend: Trend, last: int) -> str:
    """The values of a figure, and the two medians that are compared as lines."""
    figures = [value for _, value in trend.values]
    low, high = min(figures), max(figures)
    if trend.before is not None and trend.now is not None:
        low, high = min(low, trend.before, trend.now), max(high, trend.before, trend.now)
    span = high - low or abs(high) or 1.0

    def x(at: float) -> float:
        return round(_EDGE + at * (_WIDE - 2 * _EDGE) / max(1, len(figures) - 1), 1)

    def y(value: float) -> float:
        return round(_TALL - _EDGE - (value - low) / span * (_TALL - 2 * _EDGE), 1)

    title, unit, _ = NAMES[trend.name]
    points = " ".join(f"{x(at)},{y(value)}" for at, value in enumerate(figures))
    dots = "".join(f'<circle cx="{x(at)}" cy="{y(value)}" r="2.5"><title>{escape(night)}: {value:,.4g} {unit}'
                   "</title></circle>" for at, (night, value) in enumerate(trend.values))
    lines = ""
    if trend.before is not None and trend.now is not None:
        split = x(len(figures) - last - 0.5)
        now = "worse" if trend.drifted and trend.worse else "now"
        for name, begin, end, value in (("before", x(0), split, trend.before),
                                        (now, split, x(len(figures) - 1), trend.now)):
            lines += f'<line class="{name}" x1="{begin}" x2="{end}" y1="{y(value)}" y2="{y(value)}"/>'
    label = f"{title} of {trend.series} over {len(figures)} nights"
    return (f'<svg role="img" aria-label="{escape(label)}" class="curve" width="{_WIDE}" height="{_TALL}" '
            f'viewBox="0 0 {_WIDE} {_TALL}"><polyline points="{points}"/>{dots}{lines}</svg>')


def bar(parts: Sequence[tuple[str, int]], most: int, label: str) -> str:
    """Counts side by side, each with its class, to the scale of `most`."""
    cells, at = [], 0.0
    for state, count in parts:
        wide = round(_WIDE * count / max(1, most), 1)
        if wide:
            cells.append(f'<rect class="{state}" x="{at:.1f}" y="1" width="{wide}" height="{_CELL}">'
                         f"<title>{count} {state}</title></rect>")
        at += wide
    return (f'<svg role="img" aria-label="{escape(label)}" class="bar" width="{_WIDE}" height="{_HIGH}" '
            f'viewBox="0 0 {_WIDE} {_HIGH}">{"".join(cells)}</svg>')
