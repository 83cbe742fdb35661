# SPDX-License-Identifier: GPL-2.0-only
"""Order and shard of the scenarios of a session, from recorded durations; how long they took this time."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import HostError, UsageError
from harness.outcome import Verdict
from harness.pytest_plugin.items import DURATION, IMAGES, NAME, ScenarioItem, row_of
from harness.pytest_plugin.session import KEY
from harness.report.gather import LAST
from harness.report.results import Results, found_below, write
from harness.report.table import Row
from harness.scenario.model import DEFAULT_IMAGES
from harness.scenario.schema import FOLDER, REPOSITORY, scenario_name
from harness.schedule.durations import Durations, key_of, read_file
from harness.schedule.order import Shard, fingerprint, longest_first, shard_of

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

STORED = REPOSITORY / FOLDER / "durations.json"
_INPUT = "soo_durations"
_OUTPUT = "soo_collected"


@dataclass
class Schedule:
    """What a session knows of durations, and what it has collected.

    :ivar seconds: known durations by key.
    :ivar names: all scenarios that were selected, in whatever shard.
    :ivar split: fingerprint of what they were split by.
    """

    seconds: Mapping[str, float]
    names: list[str] = field(default_factory=list)
    split: str = ""


SCHEDULE = pytest.StashKey[Schedule]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("soo", "SOO scenarios")
    group.addoption("--shard", type=_shard, metavar="I/N",
                    help="run the Ith of N parts; all parts must be made from the same durations")
    group.addoption("--durations-from", type=Path, metavar="FILE",
                    help="durations for order and shards, from 'harness durations --json FILE'; "
                         "default: those recorded here, for shards those of the repository")
    group.addoption("--results", type=Path, metavar="FILE", help="also write the results for 'harness merge'")


def _shard(text: str) -> Shard:
    try:
        return Shard.parse(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def schedule(config: pytest.Config) -> Schedule:
    """The one schedule of a session; workers have that of their controller."""
    if SCHEDULE not in config.stash:
        given = getattr(config, "workerinput", {}).get(_INPUT)
        config.stash[SCHEDULE] = Schedule(_durations(config) if given is None else given)
    return config.stash[SCHEDULE]


def _durations(config: pytest.Config) -> Mapping[str, float]:
    """Those of the file that was given, else those recorded here, else those of the repository.

    Shards on several hosts, or one after the other on this one, would be split by different records: without
    a file they use the repository's.
    """
    file: Path | None = config.getoption("--durations-from")
    if file is not None:
        try:
            return read_file(file)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
    stored = read_file(STORED) if STORED.exists() else {}
    return stored if config.getoption("--shard") is not None else {**stored, **_recorded(config).known()}


def _recorded(config: pytest.Config) -> Durations:
    return Durations(tell=lambda line: config.stash[KEY].tell(f"harness: {line}"))


def worker_input(config: pytest.Config) -> dict[str, object]:
    """What a worker gets from its controller."""
    return {_INPUT: dict(schedule(config).seconds)}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """All workers must come to the same order, so they get the same durations."""
    node.workerinput.update(worker_input(node.config))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Scenarios first, unknown ones before those that take longest; then all else, as it was."""
    named = [(item, name_and_images(item)) for item in items]
    scenarios = [(item, *found) for item, found in named if found is not None]
    others = [item for item, found in named if found is None]
    keys = [_key(config, name, images) for _, name, images in scenarios]
    plan = schedule(config)
    plan.names = [name for _, name, _ in scenarios]
    plan.split = fingerprint(keys, plan.seconds)
    order = longest_first(keys, plan.seconds)
    chosen = [scenarios[at][0] for at in order] + others
    shard: Shard | None = config.getoption("--shard")
    if shard is not None:
        all_keys = [keys[at] for at in order] + [item.nodeid for item in others]
        parts = shard_of(all_keys, plan.seconds, shard.count)
        config.hook.pytest_deselected(items=[item for item, part in zip(chosen, parts, strict=True)
                                             if part != shard.index])
        chosen = [item for item, part in zip(chosen, parts, strict=True) if part == shard.index]
    items[:] = chosen


def empty_shard(config: pytest.Config) -> bool:
    """Whether there are scenarios, but none of them is in this session's shard."""
    return config.getoption("--shard") is not None and bool(schedule(config).names)


def _key(config: pytest.Config, name: str, images: str) -> str:
    options = config.stash[KEY].options
    return key_of(name, options.set_for(images), cold=options.cold or options.record,
                  deterministic=options.deterministic)


def name_and_images(item: pytest.Item) -> tuple[str, str] | None:
    """What a scenario is called in its result, and the image set that it names; None for other tests."""
    if isinstance(item, ScenarioItem):
        return scenario_name(item.path), item.scenario.images if item.scenario else DEFAULT_IMAGES
    marker = item.get_closest_marker("system")
    if marker is None:
        return None
    return f"{scenario_name(item.path)}::{item.name}", str(marker.kwargs.get("images", DEFAULT_IMAGES))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Recorder(config))


class _Recorder:
    """Remembers durations, and writes the file of results; the controller does it for its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._rows: list[Row] = []
        self._worker = hasattr(config, "workerinput")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        row = row_of(report)
        if row is None or self._worker:
            return
        self._rows.append(row)
        found = dict(report.user_properties)
        if row.verdict not in (Verdict.SKIP, Verdict.ERROR) and found.get(IMAGES):
            key = _key(self._config, str(found[NAME]), str(found[IMAGES]))
            _recorded(self._config).record([(key, float(str(found[DURATION])))])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: WorkerController) -> None:
        """The controller collects nothing itself."""
        names, split = getattr(node, "workeroutput", {}).get(_OUTPUT, ([], ""))
        if names:
            schedule(self._config).names, schedule(self._config).split = names, split

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        plan = schedule(self._config)
        if self._worker:
            self._config.workeroutput[_OUTPUT] = (plan.names, plan.split)  # type: ignore[attr-defined]
            return
        shard = self._config.getoption("--shard") or Shard(1, 1)
        results = Results(str(shard), plan.split, tuple(sorted(plan.names)), tuple(self._rows))
        file = self._config.getoption("--results")
        if file is not None:
            write(replace(results, facts=found_below(self._rows)), file)
        if self._rows:
            # For `harness report`; where nothing can be written each run has said so already.
            with suppress(HostError):
                write(results, self._config.stash[KEY].options.run_root / LAST)


