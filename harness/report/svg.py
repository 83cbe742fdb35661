# SPDX-License-Identifier: GPL-2.0-only
"""Small pieces of SVG; whatever text they take is escaped."""

from __future__ import annotations

import textwrap

from markupsafe import Markup

from harness.report.text import visible


def text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> Markup:
    """One line of text."""
    return Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(
        number(x), number(y), css, anchor, visible(words))


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> Markup:
    """A straight line."""
    return Markup('<path class="{}" d="M{} {}L{} {}"/>').format(
        css, number(x1), number(y1), number(x2), number(y2))


def arrow(x1: float, x2: float, y: float, css: str) -> Markup:
    """A horizontal line with a head at its end."""
    back = -5 if x2 > x1 else 5
    shaft = line(x1, y, x2 + back * 0.8, y, css)
    head = Markup('<path class="{} head" d="M{} {}l{} -3.2v6.4z"/>').format(
        css, number(x2), number(y), number(back))
    return shaft + head


def picture(width: float, height: float, about: str, content: Markup, css: str) -> Markup:
    """A whole drawing, with a name for those who do not see it."""
    return Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        css, number(width), number(height), visible(about), content)


def wrapped(words: str, columns: int, most: int) -> list[str]:
    """Lines of at most so many columns; the last one ends in dots if there would be more."""
    return textwrap.wrap(visible(words), columns, max_lines=most, placeholder=" …",
                         break_on_hyphens=False) or [""]


def number(value: float) -> str:
    """As short as it can be written."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
