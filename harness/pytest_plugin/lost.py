# SPDX-License-Identifier: GPL-2.0-only
"""A worker dies: what it was running is run by another one, once, and the result says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import HostError
from harness.outcome import Verdict, exit_code
from harness.pytest_plugin.items import DURATION, NAME, REASON, STATUS, VERDICT
from harness.pytest_plugin.queue import Queue
from harness.scenario.schema import FOLDER, scenario_name

_AGAIN = "rerun"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Lost())


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """How the first of two runs is counted: neither passed nor failed."""
    return ("lost with its worker", "L", "LOST") if str(report.outcome) == _AGAIN else None


class Lost:
    """In the controller: who lost what."""

    def __init__(self) -> None:
        self._lost_by: dict[str, str] = {}
        self._ended: set[str] = set()

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: object) -> None:
        """A worker died while it ran an item; `report` says so."""
        worker = str(report.node.gateway.id)
        if crashitem in self._ended:  # its verdict is known: nothing but the tidying up was lost
            report.outcome = _AGAIN  # type: ignore[assignment]
            report.longrepr = f"worker {worker} died when {crashitem} had ended"
            report.user_properties = []
            return
        if crashitem in self._lost_by or not isinstance(sched, Queue):
            report.user_properties = _row(crashitem, f"worker {worker} died while it ran")
            return
        self._lost_by[crashitem] = worker
        report.outcome = _AGAIN  # type: ignore[assignment]
        report.user_properties = []
        report.longrepr = f"worker {worker} died while it ran {crashitem}: it is run again, once"
        sched.mark_test_pending(crashitem)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The result of the second run tells of the first."""
        if str(report.outcome) != _AGAIN and (report.when == "call" or not report.passed):
            self._ended.add(report.nodeid)
        first = self._lost_by.get(report.nodeid)
        if first is None or str(report.outcome) == _AGAIN:
            return
        note = f"run again: worker {first} died while it ran"
        report.user_properties = [
            (name, f"{note}; {value}".removesuffix("; ") if name == REASON else value)
            for name, value in report.user_properties
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for item, worker in sorted(self._lost_by.items()):
            terminalreporter.write_line(f"worker {worker} died while it ran {item}; that was run again, once")


def lost_for_good(item: str, reason: str, verdict: Verdict = Verdict.CRASH) -> pytest.TestReport:
    """The report of an item that nobody has run to its end."""
    path = item.partition("::")[0]
    report = pytest.TestReport(item, (path, None, item), {}, "failed", reason, "call")
    report.user_properties = _row(item, reason, verdict)
    return report


def _row(item: str, reason: str, verdict: Verdict = Verdict.CRASH) -> list[tuple[str, object]]:
    """What makes a row of the table; nothing if the item is no scenario."""
    path, _, test = item.partition("::")
    if FOLDER not in Path(path).parts and Path(path).suffix != ".yaml":
        return []
    name = scenario_name(Path(path))
    name = name if Path(path).suffix == ".yaml" else f"{name}::{test}"
    status = HostError.exit_status if verdict is Verdict.ERROR else exit_code(verdict)
    return [(NAME, name), (VERDICT, verdict.name), (REASON, reason), (DURATION, 0.0), (STATUS, status)]
