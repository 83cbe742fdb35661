# SPDX-License-Identifier: GPL-2.0-only
"""The scenarios that a session would run, without running them."""

from __future__ import annotations

import signal
from collections.abc import Sequence

import pytest

from harness.errors import UsageError
from harness.nights.plan import Unit
from harness.pytest_plugin import EXPLORED, LONG
from harness.pytest_plugin.items import shown
from harness.pytest_plugin.order import name_and_images
from harness.scenario.model import DEFAULT_IMAGES
from harness.scenario.schema import scenario_name
from harness.schedule.durations import Durations, key_of

# Long ones are left out by default, unless the expression names them.
ALL = f"{LONG} or not {LONG}"
_OPTIONS = ("--collect-only", "--assert=plain", "-p", "harness.pytest_plugin", "-p", "no:terminal",
            "-p", "no:cacheprovider", "-p", "no:hypothesispytest")


class _Collected:
    """Takes what pytest has collected."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.items = list(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
            self.failed.append(f"{report.nodeid}: {lines[-1].removeprefix('E').strip() if lines else '?'}")


def collected(paths: Sequence[str], words: Sequence[str], set_name: str | None) -> tuple[Unit, ...]:
    """All scenarios of these paths, long ones too.

    :param words: options about image sets, as `harness run` takes them.
    :raise UsageError: a file of Python cannot be read, or there is no scenario
    """
    taken = _Collected()
    handler = signal.getsignal(signal.SIGTERM)
    try:
        # Nothing runs, so no assertion needs pytest's care; and our plugin is imported already.
        pytest.main([*_OPTIONS, "-m", ALL, *words, *paths], plugins=[taken])
    finally:
        signal.signal(signal.SIGTERM, handler)  # the plugin has put its own in place
    if taken.failed:
        raise UsageError("cannot be collected", where=taken.failed[0], hint="'harness run' tells all of it")
    known = Durations().known()
    units = [unit for item in taken.items if (unit := _unit(item, known, set_name)) is not None]
    if not units:
        raise UsageError("no scenario", where=" ".join(paths))
    return tuple(units)


def _unit(item: pytest.Item, known: dict[str, float], set_name: str | None) -> Unit | None:
    # An item's own name of itself begins at pytest's root folder, which may be another than this one.
    target = f"{shown(item.path)}::{item.nodeid.partition('::')[2]}"
    found = name_and_images(item)
    if found is None:  # exploration is no scenario, but has a verdict as one
        explored = item.get_closest_marker(EXPLORED) is not None
        return Unit(scenario_name(item.path), target, None) if explored else None
    name, images = found
    used = set_name if set_name is not None and images == DEFAULT_IMAGES else images
    return Unit(name, target, known.get(key_of(name, used)), item.get_closest_marker(LONG) is not None)
