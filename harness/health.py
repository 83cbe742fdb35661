# SPDX-License-Identifier: GPL-2.0-only
"""What `harness doctor` tells: one line for each thing that it has looked at.

Standard library only: half of it is told before anything is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

OK, NOTE, WRONG = "ok", "note", "WRONG"
_HOST_LACKS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing on this host.

    :ivar level: `OK`; `NOTE`, which stops nobody; or `WRONG`: runs fail, or worse.
    :ivar hint: what to do about it.
    """

    level: str
    about: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.text}; {self.hint}" if self.hint else self.text
        return f"{self.level:<6} {self.about:<12} {' '.join(text.split())}"


def tell(checks: Iterable[Callable[[], Finding]]) -> int:
    """Make the checks, one after the other, and print each finding as it is known.

    :return: exit status: 0, or 3 if something is wrong
    """
    wrong = False
    for check in checks:
        finding = check()
        wrong |= finding.level == WRONG
        print(finding, flush=True)
    return _HOST_LACKS if wrong else 0
