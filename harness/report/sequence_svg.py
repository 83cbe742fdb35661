# SPDX-License-Identifier: GPL-2.0-only
"""Sequence diagrams as SVG, narrow enough for a phone and wide enough to be read there."""

from __future__ import annotations

from markupsafe import Markup

from harness.model.device import Side
from harness.report.sequence import Diagram, Kind, Row
from harness.report.svg import arrow, line, picture, text, wrapped
from harness.report.text import shortened

_WIDTH = 360
_X = {Side.BE: 92, Side.FE: 312}
_MIDDLE = (_X[Side.BE] + _X[Side.FE]) / 2
_HEAD = 40
_ROW = 25
_TALK = 13
_COLUMNS = 58
_LONGEST_NAME = 17


def draw(diagram: Diagram) -> Markup:
    """The lifelines of backend and frontend with all rows of a diagram."""
    y = float(_HEAD + 12)
    parts: list[Markup] = []
    if diagram.left_out:
        earlier = f"{diagram.left_out} earlier steps are in events.log"
        parts.append(text(_MIDDLE, y, earlier, "quiet", "middle"))
        y += _ROW
    for row in diagram.rows:
        drawn, height = _violation(row, y) if row.kind is Kind.VIOLATION else (_step(row, y), _ROW)
        parts.append(drawn)
        y += height
    lifelines = [line(x, _HEAD - 8, x, y, "life") for x in _X.values()]
    about = f"Handshake of {diagram.key}, {len(diagram.rows)} steps" + \
        (", a violation is marked" if diagram.broken else "")
    return picture(_WIDTH, y + 4, about, Markup().join([*lifelines, *_heads(diagram), *parts]), "sequence")


def _heads(diagram: Diagram) -> list[Markup]:
    me = diagram.me or f"domain {diagram.key.dom}"
    machine = f" on {diagram.machine}" if diagram.machine else ""
    boxes = [Markup('<rect class="who" x="{}" y="2" width="96" height="30" rx="5"/>').format(x - 48)
             for x in _X.values()]
    words = [(Side.BE, 15, "BE", "name"), (Side.BE, 27, f"agency{machine}", "quiet"),
             (Side.FE, 15, "FE", "name"), (Side.FE, 27, shortened(me, _LONGEST_NAME), "quiet")]
    return boxes + [text(_X[side], y, word, css, "middle") for side, y, word, css in words]


def _step(row: Row, y: float) -> Markup:
    stamp = text(2, y + 3, f"{row.t:.3f}", "time")
    css = "bad" if row.broken or row.kind is Kind.ERROR else "go"
    if row.side is None:
        return stamp + text(_MIDDLE, y + 3, row.text, css, "middle")
    x = _X[row.side]
    dot = Markup('<circle class="{}" cx="{}" cy="{}" r="3.5"/>').format(css, x, y)
    if row.kind is not Kind.STATE or row.made:
        words = f"{row.text} made by FE" if row.foreign and row.side is Side.BE else row.text
        at, anchor = (x + 9, "start") if row.side is Side.BE else (x - 9, "end")
        style = "bad" if css == "bad" else "state" if row.kind is Kind.STATE else "note"
        return stamp + dot + text(at, y + 3.5, wrapped(words, 40, 1)[0], style, anchor)
    # What the peer was never told of ends half way.
    end = _X[row.side.peer] if row.told else _MIDDLE
    return (stamp + dot + arrow(x, end, y, css if row.told else f"{css} untold")
            + text(_MIDDLE, y - 4, row.text, "bad" if css == "bad" else "state", "middle"))


def _violation(row: Row, y: float) -> tuple[Markup, float]:
    lines = wrapped(f"{row.t:.3f}  {row.text}", _COLUMNS, 5)
    height = 10 + _TALK * len(lines)
    top = y - 10
    box = Markup('<rect class="broken" x="1" y="{}" width="{}" height="{}" rx="5"/>').format(
        top, _WIDTH - 2, height)
    words = [text(8, top + 15 + at * _TALK, one, "broken") for at, one in enumerate(lines)]
    return box + Markup().join(words), height + 14
