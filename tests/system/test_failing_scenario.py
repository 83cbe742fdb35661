# SPDX-License-Identifier: GPL-2.0-only
"""A failing scenario leaves one folder with everything in it, and the line that runs it again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.outcome import Verdict
from harness.report.trees import comparisons
from harness.scenario.result import Result

RunText = Callable[[str], Result]

FAILING = """\
about: Traffic, then an expectation that does not hold.
agency: {overlays: [vdummy-be-on]}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: alpha
  - send: {me: alpha, count: 40, window: 8}
  - expect.store: {path: "backend/vdummy/{alpha}/0/state", equals: 6, within: 100ms}
"""

CRASHING = """\
about: The agency panics at the injection.
images: ref-virt64-faults
agency: {overlays: [vdummy-be-on], fault: agency-panic}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: alpha
  - expect.connected: alpha/vdummy
"""


def folder_of(result: Result) -> Path:
    assert result.run_dir is not None
    return result.run_dir


def test_the_folder_of_a_failure(run_text: RunText) -> None:
    result = run_text(FAILING)
    assert (result.verdict, result.rules) == (Verdict.FAIL, ("expect.store",)), result.reason
    assert result.where.endswith("scenario.yaml:7")
    folder = folder_of(result)
    event = result.violations[0].event
    assert event is not None
    assert event in (folder / "events.log").read_text()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 7
    assert manifest["reproduce"].startswith("python3 -m harness run ")
    assert "-M virt" in manifest["command line"]
    assert set(manifest["trees"]) == {"agency", "alpha"}
    assert all(len(artifact["sha256"]) == 64 for artifact in manifest["artifacts"].values())
    assert manifest["versions"]
    assert "/backend/vdummy/2/0/state = 4" in (folder / "store.txt").read_text()
    assert "store write dom=2" in (folder / "events.log").read_text()
    assert "PC=" in (folder / "registers.txt").read_text()
    assert len((folder / "ring-2-1.bin").read_bytes()) == 4096
    assert "req_prod=40 req_cons=40 rsp_prod=40 rsp_cons=40" in (folder / "ring-2-1.txt").read_text()
    assert "pmemsave" in (folder / "qmp.jsonl").read_text()
    assert "vdummy_fe" in (folder / "alpha.dts").read_text()
    assert (folder / "alpha.itb").exists()
    told = {comparison.who: comparison.differences for comparison in comparisons(folder)}
    assert told == {"agency": (), "alpha": ()}


def test_the_time_line_has_everything_in_order(run_text: RunText) -> None:
    entries = [
        json.loads(line)
        for line in (folder_of(run_text(FAILING)) / "timeline.jsonl").read_text().splitlines()
    ]
    assert [entry["t"] for entry in entries] == sorted(entry["t"] for entry in entries)
    assert {entry["source"] for entry in entries} >= {
        "runner",
        "step",
        "agency",
        "me2",
        "soo.events",
        "qmp",
        "verdict",
    }


def test_a_crashed_machine_leaves_what_it_can(run_text: RunText) -> None:
    result = run_text(CRASHING)
    assert (result.verdict, result.rules) == (Verdict.CRASH, ("console.panic",)), result.reason
    folder = folder_of(result)
    assert "Kernel panic" in (folder / "console-agency.log").read_text()
    assert (folder / "events.log").stat().st_size > 0
    assert json.loads((folder / "result.json").read_text())["verdict"] == "CRASH"


@pytest.mark.parametrize(
    ("rule", "verdict"), [("ring.payload", Verdict.PASS), ("ring.response_lost", Verdict.FAIL)]
)
def test_an_expected_violation_must_be_the_named_one(run_text: RunText, rule: str, verdict: Verdict) -> None:
    text = CRASHING.replace("agency-panic", "be-flip").replace(
        "expect.connected: alpha/vdummy", "send: {me: alpha, count: 100, window: 4}"
    )
    result = run_text(f"{text}  - expect.violation: {{rule: {rule}, within: 2s}}\n")
    assert result.verdict is verdict, result.reason


def test_a_passing_run_leaves_little(run_text: RunText) -> None:
    text = FAILING.replace("equals: 6", "equals: 4")
    folder = folder_of(run_text(text))
    assert not list(folder.glob("*.itb"))
    assert not list(folder.glob("*.tree"))
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_000_000
