# SPDX-License-Identifier: GPL-2.0-only
"""What a target's output says about the input that ended it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CHECK = re.compile(r"^hosttest: (?:\./)?(\S+?:\d+): (.*)$", re.MULTILINE)
_ADDRESS = re.compile(r"ERROR: AddressSanitizer:? (?:attempting )?([\w-]+)")
_UNDEFINED = re.compile(r"^(?:\./)?(\S+?:\d+):\d+: runtime error: (.*)$", re.MULTILINE)
_ENGINE = re.compile(r"ERROR: libFuzzer: (.*?)(?: \(|$)", re.MULTILINE)
_FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ in (\S+) (?:\./)?(images/\S+?:\d+)", re.MULTILINE)
_GUEST = re.compile(r"images/(?:agency|me|include)/")


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a target ended early.

    :ivar what: in a line.
    :ivar where: `file:line` of the first frame in the guests' code, else of the check; or None.
    :ivar function: the function there, or None.
    """

    what: str
    where: str | None
    function: str | None

    def __str__(self) -> str:
        place = f" in {self.function}" if self.function else ""
        return f"{self.what}{place} ({self.where})" if self.where else self.what


def read(output: str) -> Finding:
    """Judge what a target wrote to its standard error before it ended."""
    what, where = _reason(output)
    frame = next((found for found in _FRAME.finditer(output) if _GUEST.match(found[2])), None)
    if where is None or not _GUEST.match(where):
        # A check of the test's own: where it was noticed says less than what led there.
        return Finding(what, frame[2] if frame else where, frame[1] if frame else None)
    same = frame is not None and frame[2].split(":")[0] == where.split(":")[0]
    return Finding(what, where, frame[1] if frame and same else None)


def _reason(output: str) -> tuple[str, str | None]:
    if found := _CHECK.search(output):
        return found[2], found[1]
    if found := _UNDEFINED.search(output):
        return found[2], found[1]
    if found := _ADDRESS.search(output):
        return found[1], None
    if found := _ENGINE.search(output):
        return found[1], None
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return (lines[-1] if lines else "it ended without a word"), None
