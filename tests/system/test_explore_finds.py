# SPDX-License-Identifier: GPL-2.0-only
"""Exploration alone finds planted defects that need a history, and makes a short scenario of each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.explore.search import Plan, explore
from harness.explore.text import Setup
from harness.images.store import ImageSet
from harness.outcome import Verdict
from harness.scenario.faults import AGENCY_FAULTS, EXPLORED
from harness.scenario.result import Options
from harness.scenario.schema import read

_IMAGES = "ref-virt64-faults"
_MOST_STEPS = 6


@dataclass(frozen=True)
class Hidden:
    """A defect, the rule that it breaks, and the seed of an exploration that comes upon it soon."""

    fault: str
    rule: str
    seed: int
    examples: int


HIDDEN = (
    Hidden("be-refusal-rests", "domain.state_early", seed=3, examples=4),
    Hidden("be-grant-left-after-moves", "grant.leaked", seed=5, examples=8),
    Hidden("fe-refusal-forgets-identity", "domain.entries_missing", seed=6, examples=6),
)


def _setup(fault: str) -> Setup:
    agency = fault if fault in AGENCY_FAULTS else None
    return Setup(_IMAGES, ("alpha",), ("here",), agency, None if agency else fault)


@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda hidden: hidden.fault)
def test_found_and_shrunk(hidden: Hidden, images: Callable[[str], ImageSet], tmp_path: Path) -> None:
    plan = Plan(_setup(hidden.fault), hidden.seed, hidden.examples, folder=tmp_path)
    report = explore(plan, images(_IMAGES), Options(hidden.seed, tmp_path / "runs"), print)
    found = report.found
    assert found is not None
    assert (report.verdict, found.best.failure.rule) == (Verdict.FAIL, hidden.rule)
    assert found.repeated
    assert len(read(found.file).steps) <= _MOST_STEPS < len(found.first.steps)
    assert found.reproduced, f"run from its file it showed {found.again}"


def test_every_hidden_defect_is_known() -> None:
    assert {hidden.fault for hidden in HIDDEN} == EXPLORED
