# SPDX-License-Identifier: GPL-2.0-only
"""The guests' C code on this host: nothing is found as it is, and every planted defect is."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cache.store import Cache
from harness.commands.fuzz import line_of
from harness.hosttest import build, fuzz
from harness.hosttest.coverage import line_coverage
from harness.hosttest.targets import TARGETS, chosen

_RUNS = 2_000
_ORDER = fuzz.Order(runs=_RUNS, seed=7)


def _silent(text: str) -> None:
    pass


@pytest.fixture(scope="module")
def programs() -> Path:
    return build.programs(Cache(), "fuzz", _silent)


@pytest.fixture(scope="module")
def faulty() -> Path:
    return build.programs(Cache(), "fuzz", _silent, faults=True)


@pytest.mark.parametrize("name", [target.name for target in TARGETS])
def test_nothing_is_found(programs: Path, tmp_path: Path, name: str) -> None:
    (target,) = chosen([name])
    outcome = fuzz.fuzz(programs / name, target, _ORDER, tmp_path)
    assert outcome.finding is None, line_of(outcome)
    assert outcome.executed >= _RUNS
    assert outcome.edges > 100


@pytest.mark.parametrize(("name", "fault", "what", "where"), [
    ("store_page", "vbs-length-unchecked", "heap-buffer-overflow", "vbstore/vbs_page.c"),
    ("store_model", "vbs-watch-kept", "heap-use-after-free", "vbstore/vbs_watch.c"),
    ("store_model", "vbs-tx0-wakes", "too much", "store_model.c"),
    ("store_model", "vbs-owner-unchecked", "not -13", "store_model.c"),
    ("backend", "be-ring-off-by-one", "", "backend.c"),
    ("frontend", "fe-link-kept", "free", "images/"),
    ("snapshot", "snapshot-length-unchecked", "heap-buffer-overflow", "vmm/snapshot_read.c"),
])
def test_a_planted_defect_is_found(
    faulty: Path, tmp_path: Path, name: str, fault: str, what: str, where: str
) -> None:
    (target,) = chosen([name])
    order = fuzz.Order(runs=20_000, seed=7, fault=fault)
    outcome = fuzz.fuzz(faulty / name, target, order, tmp_path)
    assert outcome.finding is not None, f"{fault} was not found"
    assert what in outcome.finding.what
    assert where in (outcome.finding.where or "")
    assert outcome.reproducer is not None
    again = fuzz.once(faulty / name, target, outcome.reproducer, fault)
    assert str(again.finding) == str(outcome.finding)
    assert fuzz.once(faulty / name, target, outcome.reproducer).finding is None


def test_the_same_seed_gives_the_same_inputs(programs: Path, tmp_path: Path) -> None:
    (target,) = chosen(["snapshot"])
    first, second = (fuzz.fuzz(programs / target.name, target, _ORDER, tmp_path) for _ in range(2))
    assert (first.executed, first.edges) == (second.executed, second.edges)


def test_most_lines_of_store_and_rings_are_run() -> None:
    lines = {one.path: one.percent for one in line_coverage(Cache(), _silent)}
    for path in ("images/agency/modules/vbstore/vbstorage.c", "images/agency/modules/vbstore/vbs_page.c",
                 "images/include/abi/ring.h", "images/me/soo/vbstore/vbs.c"):
        assert lines[path] > 90.0, path
