# SPDX-License-Identifier: GPL-2.0-only
"""`harness test`: the environments of tox.ini, in this interpreter's environment, and a count at the end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tox.run
from junitparser import JUnitXml, JUnitXmlError

from harness.errors import UsageError
from harness.wording import counted
from harness.yamlnode import nearest

TOX_INI = Path(__file__).resolve().parents[2] / "tox.ini"
ENVIRONMENTS = ("lint", "types", "unit", "component", "system")
TESTED = ("unit", "component", "system")
_RESULTS = TOX_INI.parent / "build" / "test"


@dataclass(frozen=True, slots=True)
class Count:
    """Tests of one environment."""

    tests: int = 0
    failed: int = 0
    skipped: int = 0


def main(arguments: argparse.Namespace) -> int:
    """Run tox; 0 only if every environment succeeded and at least one test ran where any was due."""
    wanted = arguments.environments or list(TESTED if arguments.k else ENVIRONMENTS)
    for name in wanted:
        if name not in ENVIRONMENTS:
            raise UsageError(f"unknown environment '{name}'", hint=nearest(name, ENVIRONMENTS))
    for name in wanted:
        (_RESULTS / f"{name}.xml").unlink(missing_ok=True)
    # tox.ini runs this interpreter then, which has exactly what requirements.lock says, and installs
    # nothing into environments of its own.
    os.environ["SOO_HARNESS_PYTHON"] = sys.executable
    os.environ["SOO_HARNESS_DEPS"] = ""
    status = _tox(wanted, ["-k", arguments.k] if arguments.k else [])
    counts = {name: _count(_RESULTS / f"{name}.xml") for name in wanted if name in TESTED}
    return _summary(counts, status, selected=arguments.k is not None)


def _tox(names: Sequence[str], extra: Sequence[str]) -> int:
    argv = ["run", "-c", str(TOX_INI), "-e", ",".join(names)]
    return int(tox.run.main([*argv, "--", *extra] if extra else argv))


def _summary(counts: dict[str, Count], status: int, *, selected: bool) -> int:
    """Print the counts.

    :param selected: with `-k`, an environment without a matching test is no failure.
    """
    for name, count in counts.items():
        print(f"{name:<10} {_words(count)}")
    total = Count(
        sum(count.tests for count in counts.values()),
        sum(count.failed for count in counts.values()),
        sum(count.skipped for count in counts.values()),
    )
    if counts:
        print(f"{'total':<10} {_words(total)}")
    if counts and not total.tests:
        print("harness: no test ran", file=sys.stderr)
        return status or 1
    if selected and not total.failed:
        return 0
    return 1 if total.failed else status


def _words(count: Count) -> str:
    passed = count.tests - count.failed - count.skipped
    return f"{counted(count.tests, 'test')}: {passed} passed, {count.failed} failed, {count.skipped} skipped"


def _count(path: Path) -> Count:
    try:
        report = JUnitXml.fromfile(str(path))
    except (OSError, JUnitXmlError, SyntaxError):  # the environment broke before it could write one
        return Count()
    return Count(report.tests, report.failures + report.errors, report.skipped)
