# SPDX-License-Identifier: GPL-2.0-only
"""Scenarios that go on from a template: restored, not booted; each for itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cache.store import Cache
from harness.deadline import wall_clock
from harness.images.store import ImageSet
from harness.outcome import Verdict
from harness.scenario.clones.build import Maker
from harness.scenario.clones.plan import Cold, plan
from harness.scenario.prepare import prepare
from harness.scenario.result import Options, Result
from harness.scenario.runner import Run, run_steps
from harness.scenario.schema import read

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

HERE_AND_THERE = """
about: MEs inside for both machines, and one that migrates.
machines: [here, there]
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
  - {name: beta, overlays: [vdummy-fe-on]}
steps:
  - inject: alpha
  - inject: {me: beta, to: there}
  - send: {me: alpha, count: 500, window: 8}
  - send: {me: beta, count: 500, window: 8}
  - migrate: {me: alpha, to: there}
  - send: {me: alpha, count: 500, window: 8}
  - expect.links: [alpha/vdummy, beta/vdummy]
"""

HOSTILE = """
about: A hostile ME is in the template, and attacks in the clone.
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
  - {name: mallory, overlays: [vdummy-fe-on], hostile: true}
steps:
  - inject: [alpha, mallory]
  - attack: {me: mallory, kind: index-beyond}
  - expect.failed: {link: mallory/vdummy, because: impossible request index}
  - send: {me: alpha, count: 500, window: 8}
  - kill: mallory
  - expect.links: [alpha/vdummy]
"""

WHAT_DIFFERS = """
about: What must differ between two clones.
agency: {overlays: [vdummy-be-on]}
steps:
  - run: {command: "head -c 16 /dev/urandom | md5sum; cut -d ' ' -f 1 /proc/uptime; date +%s", contains: "-"}
"""

WRITE = """
about: A disk that can be written, in one clone and the next.
machines: [here, there]
agency: {overlays: [vdummy-be-on]}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - run: {on: here, command: "head -c 4 /dev/vdb | od -An -tx1", contains: "00 00 00 00"}
  - run: {on: here, command: "echo mine | dd of=/dev/vdb bs=512 conv=fsync; sync"}
  - run: {on: there, command: "dd if=/dev/vdb bs=512 count=1 iflag=direct | head -c 4", contains: "mine"}
"""

ANSWER = re.compile(rb"([0-9a-f]{32}) +-\s+(\d+)\.\d\d\s+(\d{10})\s")
CLONE = re.compile(r"clone of template-[0-9a-f]{32}")


def console(result: Result) -> bytes:
    assert result.run_dir is not None
    return (result.run_dir / "console-agency.log").read_bytes()


def passed(result: Result) -> str:
    """How a run that passed has begun."""
    assert result.verdict is Verdict.PASS, result.reason
    return CLONE.sub("clone", result.facts["start"])


def test_one_of_two_mes_is_inside(run_text: RunText) -> None:
    assert passed(run_text(TWO)) == "clone with alpha inside"


def test_each_of_two_machines_has_its_own_inside(run_text: RunText) -> None:
    assert passed(run_text(HERE_AND_THERE)) == "clone with alpha inside, clone with beta inside"


def test_a_hostile_me_is_inside_and_attacks_later(run_text: RunText) -> None:
    assert passed(run_text(HOSTILE)) == "clone with alpha, mallory inside"


def test_a_template_is_judged_without_excuses(tmp_path: Path, images: Callable[[str], ImageSet]) -> None:
    """What a scenario would excuse in a hostile ME keeps it out of a template."""
    path = tmp_path / "scenario.yaml"
    text = HOSTILE.replace("name: mallory", "name: mallory, fault: fe-connected-first")
    path.write_text(text + "images: ref-virt64-faults\n")
    scenario, faulty = read(path), images("ref-virt64-faults")
    prepared = prepare(scenario, faulty, tmp_path)
    chosen = plan(scenario, faulty, prepared, Options(seed=1, run_root=tmp_path))
    assert not isinstance(chosen, Cold)
    assert chosen["here"].inside == ("alpha",)  # by itself the plan leaves a planted defect out
    both = replace(chosen["here"], inside=("alpha", "mallory"), peopled=f"template-{'0' * 32}")
    told: list[str] = []
    made = Maker(scenario, faulty, prepared, Cache(), tmp_path, told.append).ensure(both)
    assert made.key == both.booted
    assert [line for line in told if line.startswith("no template with alpha, mallory inside: ")]


def test_what_a_scenario_expects_to_be_broken_is_not_inside(run_text: RunText) -> None:
    text = TWO.replace("steps:", "images: ref-virt64-faults\nsteps:", 1).replace(
        "  - send: {me: alpha, count: 1000, window: 32}", "  - expect.violation: ring.response_order", 1)
    assert CLONE.sub("clone", run_text(text).facts["start"]) == "clone"  # and it fails: nothing is broken


@pytest.mark.parametrize("where", ["agency: {", "{name: beta, "])
def test_a_planted_defect_leaves_the_agency_booted(run_text: RunText, where: str) -> None:
    fault = "be-entries-left" if where.startswith("agency") else "fe-suspended-early"
    text = TWO.replace("steps:", "images: ref-virt64-faults\nsteps:", 1)
    text = text.replace(where, f"{where}fault: {fault}, ", 1)
    inside = "" if where.startswith("agency") else " with alpha inside"
    assert CLONE.sub("clone", run_text(text).facts["start"]) == f"clone{inside}"


def test_asked_to_boot(run_text: RunText) -> None:
    assert passed(run_text(WHAT_DIFFERS, cold=True)) == "boot: asked for by --cold"
    result = run_text(WHAT_DIFFERS + "boot: cold\n")
    assert passed(result) == "boot: asked for by the scenario"
    assert result.note == ""


def test_clones_differ_in_random_numbers_and_have_the_time(run_text: RunText) -> None:
    """With one seed and with two: the monotonic clock goes on from the template, that of the day does not."""
    found, uptimes = set(), []
    for seed in (1, 1, 2):
        before = wall_clock().timestamp()
        result = run_text(WHAT_DIFFERS, seed=seed)
        assert passed(result) == "clone"
        match = ANSWER.search(console(result))
        assert match is not None
        assert before - 0.1 <= int(match[3]) + 1
        assert int(match[3]) <= wall_clock().timestamp() + 0.1
        found.add(match[1])
        uptimes.append(int(match[2]))
    assert len(found) == 3
    assert max(uptimes) - min(uptimes) <= 2  # it goes on where the template was stopped


def test_a_write_to_a_disk_stays_in_its_run(run_text: RunText) -> None:
    assert [passed(run_text(WRITE)) for _ in range(2)] == ["clone", "clone"]


def test_the_template_holds_no_disk(run_text: RunText, own_cache: Path) -> None:
    passed(run_text(WRITE))
    held = {path.name for entry in (own_cache / "entries").glob("template-*") for path in entry.iterdir()}
    assert held == {"ram", "state", "record.json", "made", ".complete"}


THREE = """
about: Three MEs inside, with traffic on all of them.
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
  - {name: beta, overlays: [vdummy-fe-on]}
  - {name: gamma, overlays: [vdummy-fe-on]}
steps:
  - inject: [alpha, beta, gamma]
  - send: {me: [alpha, beta, gamma], count: 1000, window: 16}
"""


def test_memory_of_a_clone(tmp_path: Path, images: Callable[[str], ImageSet]) -> None:
    """All that it has for itself: pages that it wrote, and QEMU's own."""
    path = tmp_path / "scenario.yaml"
    path.write_text(THREE)
    scenario = read(path)
    run = Run(scenario, images(scenario.images), Options(seed=1, run_root=tmp_path / "runs"))
    try:
        ctx = run.start()
        run_steps(ctx)
        rollup = Path(f"/proc/{ctx.machine.pid}/smaps_rollup").read_text()
    finally:
        run.close()
    found = re.search(r"^Private_Dirty: +(\d+) kB$", rollup, re.MULTILINE)
    assert found is not None
    print(f"private memory: {int(found[1]) >> 10} MiB")
    assert int(found[1]) < 80 << 10
