# SPDX-License-Identifier: GPL-2.0-only
"""`harness check`: the always-on invariants judge the event logs of runs that are over."""

from __future__ import annotations

import argparse

from harness.outcome import Verdict, exit_code
from harness.scenario.stored import Judged, judge, logs_below


def main(arguments: argparse.Namespace) -> int:
    """Judge all logs named, and tell what each breaks.

    :return: 0 if no rule is broken, else 1.
    :raise UsageError: there is no log, or it is none.
    """
    judged = [judge(log) for run in arguments.runs for log in logs_below(run)]
    for one in judged:
        _tell(one)
    return exit_code(Verdict.FAIL if any(one.broken for one in judged) else Verdict.PASS)


def _tell(judged: Judged) -> None:
    notes = [f"{judged.events} events", f"{len(judged.broken)} violations"]
    notes += [f"{judged.lost} events lost: what they hid is not judged"] if judged.lost else []
    notes += ["its end is missing"] if judged.cut else []
    print(f"{judged.log}: {', '.join(notes)}")
    for violation in judged.broken:
        print(f"  {violation}")
    for violation in judged.awaited:
        print(f"  (asked for by the scenario) {violation}")
