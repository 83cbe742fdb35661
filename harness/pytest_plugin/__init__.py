# SPDX-License-Identifier: GPL-2.0-only
"""Scenarios as pytest items: options, collection, verdicts in reports, the table at the end.

`python3 -m harness run` is pytest with this plugin; `conftest.py` loads it for a bare `pytest`.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from harness.outcome import Verdict, exit_code
from harness.pytest_plugin.items import ScenarioFile, row_of
from harness.pytest_plugin.order import empty_shard, schedule
from harness.pytest_plugin.session import KEY, Session
from harness.pytest_plugin.signals import end_cleanly_on_sigterm
from harness.report.gather import RUNS
from harness.report.table import Row, table, totals
from harness.scenario.model import DEFAULT_IMAGES
from harness.scenario.result import Options
from harness.scenario.schema import FOLDER

pytest_plugins = [f"harness.pytest_plugin.{name}"
                  for name in ("fixtures", "order", "queue", "lost", "hosts", "signals", "junit")]

LONG = "long"
EXPLORED = "explored"
_SEEDS = 1_000_000
_BY_SIGNAL = 128
_ROWS = "soo-rows"
_WORKER_SEED = "soo_seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("soo", "SOO scenarios")
    group.addoption("--images", action="append", default=[], metavar="DIR", type=Path,
                    help="a further folder with image sets; may be given several times")
    group.addoption("--set", metavar="NAME", help=f"image set in place of {DEFAULT_IMAGES}")
    group.addoption("--seed", type=int, default=None, metavar="N",
                    help="everything random in a run follows from it; default: a new one, printed")
    group.addoption("--keep", action="store_true",
                    help="keep a failing machine and attach this terminal to its console")
    group.addoption("--cold", action="store_true", help="boot every machine, start none from a template")
    group.addoption("--deterministic", action="store_true",
                    help="run in lockstep, the same way each time; --seed varies the interleavings")
    group.addoption("--record", action="store_true", help="have QEMU record each run, for 'harness replay'")
    group.addoption("--gdb", action="store_true",
                    help="hold the machine before the first step, for 'harness attach RUN --gdb'")
    group.addoption("--pause-on-failure", action="store_true",
                    help="hold a failing machine until 'harness attach RUN --go-on'")
    group.addoption("--dump-memory", action="store_true",
                    help="write the memory of a failing machine into its run folder, for 'harness drgn'")
    group.addoption("--run-root", type=Path, default=Path("build/runs"), metavar="DIR",
                    help="folder for the folders of runs (default: build/runs)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "system(about, images, agency, mes, ...): what a Python scenario "
                                       "boots, with the keys of a YAML scenario; steps come before its body")
    config.addinivalue_line("markers", f"{LONG}: runs only when it is asked for, with -m {LONG} or by name")
    config.addinivalue_line("markers", f"{EXPLORED}: random orders, from a seed")
    config.pluginmanager.register(_Rows(), _ROWS)
    config.stash[KEY] = Session(Options(
        seed=_seed(config),
        run_root=config.getoption("--run-root"),
        images_dirs=tuple(config.getoption("--images")),
        image_set=config.getoption("--set"),
        keep=config.getoption("--keep"),
        cold=config.getoption("--cold"),
        deterministic=config.getoption("--deterministic"),
        record=config.getoption("--record"),
        gdb=config.getoption("--gdb"),
        pause=config.getoption("--pause-on-failure"),
        dump=config.getoption("--dump-memory"),
    ), config)
    end_cleanly_on_sigterm(config)


def _seed(config: pytest.Config) -> int:
    from_controller = getattr(config, "workerinput", {}).get(_WORKER_SEED)
    if from_controller is not None:
        return int(from_controller)
    asked = config.getoption("--seed")
    if asked is None and config.getoption("--deterministic"):
        return 0
    return int(asked) if asked is not None else random.SystemRandom().randrange(_SEEDS)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """xdist: all workers use the seed of the session."""
    node.workerinput[_WORKER_SEED] = node.config.stash[KEY].options.seed  # type: ignore[attr-defined]


def pytest_report_header(config: pytest.Config) -> str:
    return f"soo: seed {config.stash[KEY].options.seed}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".yaml" or not _is_scenario(file_path, parent.session):
        return None
    collector: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
    return collector


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config,
                                  items: list[pytest.Item]) -> None:
    """What is tagged `long` runs when it is asked for: a YAML file by its path, all by -k or -m long."""
    if LONG in config.getoption("markexpr"):
        return
    asked = config.getoption("keyword")
    long = [item for item in items if item.get_closest_marker(LONG) and item.name not in asked
            and not (item.path.suffix == ".yaml" and session.isinitpath(item.path))]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def _is_scenario(path: Path, session: pytest.Session) -> bool:
    """Whatever was named on the command line, itself or by its folder, and all below `scenarios`.

    Our own tests have YAML files of other kinds beside them.
    """
    if session.isinitpath(path) or FOLDER in path.parts:
        return True
    return "tests" not in path.parts and any(session.isinitpath(folder) for folder in path.parents)


class _Rows:
    """Collects the rows of the final table; in an xdist session the controller does.

    :ivar running: names of what has begun and not ended.
    :ivar interrupted: somebody has ended the session.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.running: list[str] = []
        self.interrupted = False

    def pytest_keyboard_interrupt(self) -> None:
        self.interrupted = True

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.running.append(nodeid.rpartition("::")[2])

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.running.remove(nodeid.rpartition("::")[2])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        row = row_of(report)
        if row is not None:
            self.rows.append(row)


def _collector(config: pytest.Config) -> _Rows:
    found = config.pluginmanager.getplugin(_ROWS)
    return found if isinstance(found, _Rows) else _Rows()


def _rows(config: pytest.Config) -> list[Row]:
    return sorted(_collector(config).rows, key=lambda row: row.name)  # workers end theirs in any order


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The exit status tells who must act: guests (1) before authors (2) before the host (3)."""
    rows = _rows(session.config)
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if exitstatus >= _BY_SIGNAL and reporter is not None:  # pytest has a summary for its own statuses only
        pytest_terminal_summary(reporter, pytest.ExitCode.INTERRUPTED, session.config)
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = exit_code(Verdict.PASS if empty_shard(session.config) else Verdict.ERROR)
    elif exitstatus == pytest.ExitCode.TESTS_FAILED and rows:
        bad = [row.exit_status for row in rows if row.exit_status]
        if len(bad) == session.testsfailed:
            session.exitstatus = min(bad)


def _interrupted(config: pytest.Config) -> str:
    """How far a session was that was ended before its time."""
    selected = len(schedule(config).names)
    running = ", ".join(sorted(set(_collector(config).running)))
    return (f"interrupted: {len(_rows(config))}{f' of {selected}' if selected else ''} had run"
            + (f"; {running} was running" if running else ""))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int,
                            config: pytest.Config) -> None:
    rows = _rows(config)
    interrupted = _collector(config).interrupted
    if rows or interrupted:
        terminalreporter.section("scenarios")
        for line in table(rows, terminalreporter._tw.fullwidth):
            terminalreporter.write_line(line)
        terminalreporter.write_line(totals(rows))
        if any(row.exit_status for row in rows) and config.getoption("--run-root") == RUNS:
            terminalreporter.write_line("the last failure: python3 -m harness show    "
                                        "all of them as a page: python3 -m harness report")
        if interrupted:
            terminalreporter.write_line(_interrupted(config))
    elif exitstatus in (pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.OK) and empty_shard(config):
        terminalreporter.write_line("no scenario is in this shard")
    elif exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        left_out = len(terminalreporter.stats.get("deselected", []))
        why = (f"-k, -m and the tag '{LONG}' leave none of the {left_out} that were found" if left_out
               else "there is none in these paths: scenarios are .yaml files, and tests in .py files")
        terminalreporter.write_line(f"ERROR: no scenario was selected; {why}", red=True)
