# SPDX-License-Identifier: GPL-2.0-only
"""Scenarios that go on from a template: restored, not booted; each for itself; honest when it cannot be."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cache.store import ROOT_VARIABLE, default_root
from harness.deadline import wall_clock
from harness.outcome import Verdict
from harness.scenario.result import Result

RunText = Callable[..., Result]

TWO = """
about: Two MEs, one of them in the template.
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
  - {name: beta, overlays: [vdummy-fe-on]}
steps:
  - inject: alpha
  - expect.states: {link: alpha/vdummy, order: [be InitWait, fe Initialised, be Connected, fe Connected]}
  - expect.console: {console: alpha, contains: "[vdummy] Frontend probe"}
  - send: {me: alpha, count: 1000, window: 32}
  - inject: beta
  - send: {me: beta, count: 1000, window: 32}
  - expect.links: [alpha/vdummy, beta/vdummy]
  - memory.agrees: alpha/vdummy
  - expect.tree: agency
  - kill: alpha
  - expect.no_entries: alpha/vdummy
"""

RANDOM = """
about: What must differ between two clones.
agency: {overlays: [vdummy-be-on]}
steps:
  - run: {command: "date +%s; cat /proc/sys/kernel/random/uuid", contains: "-"}
"""

ANSWER = re.compile(rb"^(\d{10})\s+([0-9a-f]{8}-[0-9a-f-]{27})\s", re.MULTILINE)


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own that has the images of the common one, and no template."""
    root = tmp_path / "cache"
    (root / "entries").mkdir(parents=True)
    for entry in (default_root() / "entries").iterdir():
        if not entry.name.startswith("template-"):
            (root / "entries" / entry.name).symlink_to(entry)
    monkeypatch.setenv(ROOT_VARIABLE, str(root))
    return root


def _templates(root: Path) -> list[Path]:
    return sorted((root / "entries").glob("template-*"))


def test_made_once_and_used(own_cache: Path, run_text: RunText) -> None:
    first = run_text(TWO)
    made = _templates(own_cache)
    stamps = [entry.stat().st_mtime_ns for entry in made]
    second = run_text(TWO)
    assert (first.verdict, second.verdict) == (Verdict.PASS, Verdict.PASS), (first.reason, second.reason)
    assert len(made) == 2  # the booted agency, and that with alpha inside
    assert [entry.stat().st_mtime_ns for entry in _templates(own_cache)] == stamps
    assert first.facts["start"] == second.facts["start"]
    assert first.facts["start"].startswith("clone of template-")


@pytest.mark.parametrize("name", ["ram", "state", "record.json"])
def test_a_damaged_template_is_made_again(own_cache: Path, run_text: RunText, name: str) -> None:
    assert run_text(TWO).verdict is Verdict.PASS
    for entry in _templates(own_cache):
        file = entry / name
        with file.open("r+b") as stream:
            stream.seek(file.stat().st_size // 2)
            byte = stream.read(1)
            stream.seek(-1, os.SEEK_CUR)
            stream.write(bytes([byte[0] ^ 1]))
    again = run_text(TWO)
    assert again.verdict is Verdict.PASS, again.reason
    assert again.facts["start"].startswith("clone of")
    assert len(list((own_cache / "broken").glob("template-*"))) == 2


def test_cold_on_demand(own_cache: Path, run_text: RunText) -> None:
    result = run_text(TWO, cold=True)
    assert result.verdict is Verdict.PASS, result.reason
    assert result.facts["start"] == "boot: asked for by --cold"
    assert _templates(own_cache) == []


def test_clones_differ_in_random_numbers_and_have_the_time(run_text: RunText) -> None:
    found = []
    for seed in (1, 2):
        before = wall_clock().timestamp()
        result = run_text(RANDOM, seed=seed)
        assert result.verdict is Verdict.PASS, result.reason
        assert result.run_dir is not None
        match = ANSWER.search((result.run_dir / "console-agency.log").read_bytes())
        assert match is not None
        assert before - 1 <= int(match[1]) <= wall_clock().timestamp() + 1
        found.append(match[2])
    assert found[0] != found[1]
