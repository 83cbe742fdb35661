# SPDX-License-Identifier: GPL-2.0-only
"""How many trivial scenarios a second a run gets done, against the same run that boots each of them."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.bench.report import Figure
from harness.deadline import Deadline, now
from harness.proc import run

_ROOT = Path(__file__).resolve().parents[2]
_SCENARIO = """# SPDX-License-Identifier: GPL-2.0-only
about: A command and its answer.
steps:
  - run: {{command: "echo {number}", contains: "{number}"}}
"""
_JOBS = 2
_BUDGET_S = 600.0


def figures(workdir: Path, *, clones: int = 40, boots: int = 8) -> list[Figure]:
    """Run `clones` trivial scenarios from a template, and `boots` of them with a boot each.

    What starting a run takes by itself is measured with one scenario and taken off.

    :raise CommandFailed: a scenario did not pass
    """
    _run(workdir / "first", 1)  # makes the template
    rates = {}
    for name, count, options in (("clone", clones, ()), ("boot", boots, ("--cold",))):
        alone = _run(workdir / f"{name}-alone", _JOBS, *options)
        whole = _run(workdir / f"{name}-all", count + _JOBS, *options)
        rates[name] = count / (whole - alone)
    return [Figure("trivial scenarios a second", rates["clone"], "/s", rates["boot"],
                   f"{clones}, {_JOBS} at a time, start of the run taken off; baseline: {boots} with --cold")]


def _run(folder: Path, count: int, *options: str) -> float:
    """Seconds of a whole run."""
    scenarios = folder / "scenarios"
    scenarios.mkdir(parents=True)
    for number in range(count):
        (scenarios / f"trivial-{number}.yaml").write_text(_SCENARIO.format(number=number))
    argv = [sys.executable, "-m", "harness", "run", str(scenarios), "-j", str(_JOBS), *options]
    began = now()
    run(argv, deadline=Deadline.after(_BUDGET_S, "trivial scenarios"), cwd=_ROOT)
    return now() - began
