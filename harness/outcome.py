# SPDX-License-Identifier: GPL-2.0-only
"""The five verdicts, how they combine, and what the shell gets to see."""

from collections.abc import Iterable
from enum import IntEnum

from harness.errors import ExpectationFailed, GuestLost, HarnessError


class Verdict(IntEnum):
    """How a run ended; a larger value is worse."""

    PASS = 0
    SKIP = 1
    ERROR = 2
    FAIL = 3
    CRASH = 4


_EXIT_CODES = {Verdict.PASS: 0, Verdict.SKIP: 0, Verdict.ERROR: 2, Verdict.FAIL: 1, Verdict.CRASH: 1}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of `verdicts`; ERROR if there is none, because nothing ran."""
    return max(verdicts, default=Verdict.ERROR)


def verdict_of(exc: BaseException) -> Verdict:
    """The verdict that an exception stands for; what is not in our tree is a harness bug: ERROR."""
    if isinstance(exc, GuestLost):
        return Verdict.CRASH
    if isinstance(exc, ExpectationFailed):
        return Verdict.FAIL
    return Verdict.ERROR


def exit_code(verdict: Verdict) -> int:
    """Exit status of the program for a run with this verdict."""
    return _EXIT_CODES[verdict]


def exit_code_of(exc: BaseException) -> int:
    """Exit status for an exception: tells the author's mistakes (2) from the host's (3)."""
    return exc.exit_status if isinstance(exc, HarnessError) else exit_code(Verdict.ERROR)
