# SPDX-License-Identifier: GPL-2.0-only
"""Text that guests wrote, made fit to be shown: what acts on a terminal becomes something to read."""

from __future__ import annotations

import re
import unicodedata

_C0 = {number: 0x2400 + number for number in range(0x20)} | {0x7F: 0x2421}
# Control codes, overrides of direction, invisible and unassigned characters, halves of surrogate pairs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_VARIABLE = re.compile(r"0x[0-9a-fA-F]+|\d+(?:\.\d+)?")


def visible(text: str) -> str:
    """One line without anything that is not seen: control codes as their pictures, others as `\\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_seen(sign) for sign in text)


def _seen(sign: str) -> str:
    code = ord(sign)
    if code in _C0:
        return chr(_C0[code])
    if unicodedata.category(sign) in _UNSEEN:
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return sign


def shortened(text: str, most: int) -> str:
    """At most so many characters, with dots where some were left out."""
    return text if len(text) <= most else text[:most - 1].rstrip() + "…"


def general(text: str) -> str:
    """A text without the numbers that differ from run to run, so that equal failures are equal."""
    return _VARIABLE.sub("N", text)
