# SPDX-License-Identifier: GPL-2.0-only
"""A finding as a scenario file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from harness.explore.ending import BEGIN
from harness.explore.examples import Finding, Steps
from harness.explore.text import Setup, scenario, spell

_DEADLINE = 300
_LEAK = "expect.no_leak"
# Steps that state no expectation of their own; a scenario of nothing else is refused.
_SILENT = ("baseline", "inject", "kill", "shutdown", "run")


def write(folder: Path, setup: Setup, finding: Finding, seed: int) -> Path:
    """Write the scenario that runs the steps of a finding; its name tells what it breaks."""
    return _written(folder, setup, finding, seed, "")


def write_history(folder: Path, setup: Setup, finding: Finding, seed: int) -> Path:
    """Write all that its machine has run, for a failure that does not come again without it."""
    return _written(folder, setup, replace(finding, steps=finding.history), seed, "-history")


def _written(folder: Path, setup: Setup, finding: Finding, seed: int, suffix: str) -> Path:
    word = re.sub(r"[^a-z0-9]+", "-", finding.failure.rule.lower()).strip("-")
    file = folder / f"{word}-seed{seed}{suffix}.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(text_of(setup, finding, seed))
    return file


def text_of(setup: Setup, finding: Finding, seed: int) -> str:
    """The scenario, with the MEs that its steps name."""
    steps = needed(finding.steps)
    used = tuple(name for name in setup.mes if any(re.search(rf"\b{name}\b", step) for step in steps))
    return scenario(replace(setup, mes=used or setup.mes[:1]), steps, deadline=_DEADLINE,
                    about=" ".join(f"Found by exploration with seed {seed} - {finding.failure}.".split()))


def needed(steps: Steps) -> Steps:
    """The steps that a scenario needs to fail so: a baseline only if something is compared with it.

    If none of them states an expectation, one is added.
    """
    compared = any(_LEAK in step for step in steps)
    found = tuple(step for step in steps if compared or step not in map(spell, BEGIN))
    if all(step.startswith(_SILENT) for step in found):
        found = (*found, "expect.links: []")
    return found
