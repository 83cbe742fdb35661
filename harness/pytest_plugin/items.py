# SPDX-License-Identifier: GPL-2.0-only
"""A scenario file as a pytest item."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import HarnessError, SchemaError
from harness.outcome import Verdict, exit_code_of, verdict_of
from harness.pytest_plugin.session import KEY
from harness.report.block import facts_block, failure_block
from harness.report.table import Row
from harness.scenario.model import Scenario
from harness.scenario.recorded import MACHINE
from harness.scenario.result import Options, Result, reproduction
from harness.scenario.runner import run_scenario
from harness.scenario.schema import read, scenario_name

# Properties of a report; they also go into JUnit's file, and from an xdist worker to its controller.
VERDICT, REASON, NAME, DURATION, STATUS = "verdict", "reason", "scenario", "duration", "exit_status"
IMAGES, FOLDER, REPRODUCE = "images", "folder", "reproduce"
FILE, WHERE = "file", "where"


class ScenarioFailed(Exception):
    """Carries the result of a scenario that did not pass through pytest; rendered without traceback."""

    def __init__(self, result: Result) -> None:
        super().__init__(failure_block(result))
        self.result = result


class ScenarioFile(pytest.File):
    """A YAML file with one scenario."""

    def collect(self) -> Iterator[pytest.Item]:
        session = self.config.stash[KEY]
        try:
            found: Scenario | SchemaError = read(
                shown(self.path), image_sets=session.image_names(), features=session.features)
        except SchemaError as error:
            found = error
        item = ScenarioItem.from_parent(self, name=scenario_name(self.path).rpartition("/")[2])
        item.take(found)
        yield item


class ScenarioItem(pytest.Item):
    """Runs one scenario; one whose file is wrong fails when it is run, so that the others run too."""

    scenario: Scenario | None = None
    error: SchemaError | None = None

    def take(self, found: Scenario | SchemaError) -> None:
        """What the file holds: a scenario, or the reason why not."""
        if isinstance(found, SchemaError):
            self.error = found
            return
        self.scenario = found
        for tag in found.tags:
            self.config.addinivalue_line("markers", f"{tag}: tag of scenarios")
            self.add_marker(tag)

    def setup(self) -> None:
        if self.scenario is None:
            return
        session = self.config.stash[KEY]
        try:
            session.images(self.scenario.images)
        except HarnessError as error:
            self._conclude(not_run(self.path, error, session.options))

    def runtest(self) -> None:
        session = self.config.stash[KEY]
        if self.scenario is None:
            assert self.error is not None
            self._conclude(not_run(self.path, self.error, session.options))
            return
        self._conclude(run_scenario(self.scenario, session.images(self.scenario.images), session.options,
                                    keeper=session.keeper(), opener=session.opener(),
                                    passing=(pytest.exit.Exception,)))

    def _conclude(self, result: Result) -> None:
        print(facts_block(result))
        conclude(self, result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return "".join(traceback.format_exception(excinfo.value))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, self.name


def conclude(item: pytest.Item, result: Result) -> None:
    """Hand a result over to pytest.

    :raise ScenarioFailed: neither passed nor skipped.
    """
    item.user_properties += [
        (NAME, result.name),
        (VERDICT, result.verdict.name),
        (REASON, result.sentence or result.reason or result.note),
        (DURATION, round(result.duration, 3)),
        (STATUS, result.exit_status),
        (IMAGES, result.facts.get("images", "")),
        (FOLDER, str(result.run_dir or "")),
        ("seed", result.seed),
        (REPRODUCE, result.reproduce),
        (FILE, str(shown(item.path))),
        (WHERE, result.where),
    ]
    if result.run_dir is not None and (result.run_dir / MACHINE).is_file():
        item.config.stash[KEY].tell(f"harness: recorded: python3 -m harness replay {result.run_dir}")
    if result.verdict is Verdict.SKIP:
        pytest.skip(result.reason)
    if result.verdict is not Verdict.PASS:
        raise ScenarioFailed(result)


def shown(path: Path) -> Path:
    """A path as a person would type it: relative if it is below the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def not_run(path: Path, error: HarnessError, options: Options, test: str = "") -> Result:
    """The result of a scenario that could not even be started.

    :param test: name of its function, if it is one in Python.
    """
    name = f"{scenario_name(path)}::{test}" if test else scenario_name(path)
    return Result(name=name, verdict=verdict_of(error), reason=str(error), seed=options.seed,
                  exit_status=exit_code_of(error), reproduce=reproduction(path, options, test))


def row_of(report: pytest.TestReport) -> Row | None:
    """The table's row for a report; None if it is not about a scenario, or not the one that counts."""
    properties = dict(report.user_properties)
    # What xdist reports of a worker that died is of no phase.
    counts = report.outcome != "passed" if report.when == "setup" else report.when != "teardown"
    if VERDICT not in properties or not counts:
        return None
    return Row(str(properties[NAME]), Verdict[str(properties[VERDICT])], float(str(properties[DURATION])),
               str(properties[REASON]), int(str(properties[STATUS])), str(properties.get(FOLDER, "")),
               str(properties.get(REPRODUCE, "")))
