# SPDX-License-Identifier: GPL-2.0-only
"""`harness history`: failures with their first bad nights, flake rates and drift, as text or as a page."""

from __future__ import annotations

import argparse

from harness.deadline import wall_clock
from harness.errors import UsageError
from harness.nights.drift import Measure
from harness.nights.gather import fingerprint, gathered, new_to
from harness.nights.model import Session, date_of
from harness.nights.page import write_page
from harness.nights.revision import revision
from harness.nights.store import DEFAULT, History
from harness.nights.text import history_lines
from harness.wording import counted


def main(arguments: argparse.Namespace) -> int:
    """Record what is to be added; then tell, or write the page.

    :return: 0: what the history tells is no verdict
    :raise UsageError: no history, or nothing to add
    """
    history = History(arguments.history or DEFAULT)
    if arguments.night is not None and not arguments.add:
        raise UsageError("--night goes with --add", where="history", hint="'--nights N' shows the last N")
    if arguments.add:
        _add(history, arguments)
        if arguments.html is None:
            return 0
    past = history.read()
    measure = Measure(arguments.last, arguments.threshold, arguments.nights)
    if arguments.html is not None:
        write_page(past, arguments.html, measure)
        print(f"history: {counted(len(past.nights), 'night')} in {arguments.html}")
        return 0
    for line in history_lines(past, measure):
        print(line)
    return 0


def _add(history: History, arguments: argparse.Namespace) -> None:
    """Record what was not recorded before, and say how much it is."""
    found = gathered(arguments.add)
    runs, before = new_to(history.read(), found) if history.file.exists() else (found, None)
    if runs or before is None:
        night = date_of(arguments.night) if arguments.night else wall_clock().date().isoformat()
        before = history.record(Session(
            night, "added", runs, revision=revision(), seconds=sum(run.seconds for run in runs),
            fingerprint=fingerprint(found)))
        known = f", recorded before: {len(found) - len(runs)}" if len(runs) < len(found) else ""
        if before is None:
            print(f"history: {counted(len(runs), 'run')} recorded for the night {night}{known}")
    if before is not None:
        print(f"history: these results are recorded already, for the night {before}")
