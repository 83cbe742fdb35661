# SPDX-License-Identifier: GPL-2.0-only
"""Templates in the cache: made once, noticed when they are spoilt, and honest when they cannot be."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.cache.digest import LIST_NAME, write_list
from harness.cache.store import Cache
from harness.deadline import Deadline
from harness.images.manifest import find
from harness.images.store import ensure
from harness.outcome import Verdict
from harness.proc import Child, run
from harness.scenario.result import Options, Result
from harness.scenario.runner import run_scenario
from harness.scenario.schema import read
from tests.moment import wait_until
from tests.orphans import MARK, wait_until_gone

RunText = Callable[..., Result]
REPOSITORY = Path(__file__).resolve().parents[2]

SMALL = """
about: As little as can be.
agency: {overlays: [vdummy-be-on]}
steps:
  - run: {command: "echo hello", contains: "hello"}
"""

# QEMU cannot save an NVMe controller.
UNKEPT = """# SPDX-License-Identifier: GPL-2.0-only
about: The reference guests on a machine that QEMU cannot migrate.
extends: ref-virt64
features: [agency, me, vdummy, vuart, save]
machine: {extra: [-device, "nvme,serial=1"]}
"""


def templates(root: Path) -> list[Path]:
    return sorted((root / "entries").glob("template-*"))


def the_template(root: Path) -> Path:
    (found,) = templates(root)
    return found


def flip(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2)
        byte = stream.read(1)
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte[0] ^ 1]))


def halve(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def test_made_once_and_used(own_cache: Path, run_text: RunText) -> None:
    first = run_text(SMALL)
    made = the_template(own_cache).stat().st_mtime_ns
    second = run_text(SMALL)
    assert (first.verdict, second.verdict) == (Verdict.PASS, Verdict.PASS), (first.reason, second.reason)
    assert the_template(own_cache).stat().st_mtime_ns == made
    assert first.facts["start"] == second.facts["start"] == f"clone of {the_template(own_cache).name}"
    assert first.facts["template"] == f"making {the_template(own_cache).name}"
    assert "template" not in second.facts


def test_a_damaged_template_is_made_again(own_cache: Path, run_text: RunText) -> None:
    assert run_text(SMALL).verdict is Verdict.PASS
    for name in ("ram", "state", "record.json", LIST_NAME):
        for damage in (flip, halve, Path.unlink):
            damage(the_template(own_cache) / name)
            again = run_text(SMALL)
            assert again.verdict is Verdict.PASS, again.reason
            assert again.facts["start"].startswith("clone of"), (name, damage)
            assert "is damaged (" in again.facts["template"], (name, damage)
            assert again.note == ""


@pytest.mark.parametrize("name", ["state", "record.json"])
def test_a_template_that_is_not_what_it_says_is_made_again(own_cache: Path, run_text: RunText,
                                                           name: str) -> None:
    """Its list agrees with it, so only QEMU and the guest can tell."""
    assert run_text(SMALL).verdict is Verdict.PASS
    entry = the_template(own_cache)
    file = entry / name
    data = file.read_bytes()
    file.write_bytes(data[:4000] if name == "state" else data.replace(b'"nonce": "', b'"nonce": "0'))
    write_list(entry)
    again = run_text(SMALL)
    assert again.verdict is Verdict.PASS, again.reason
    assert again.facts["start"].startswith("clone of")
    assert "the template cannot be used" in again.facts["template"]
    assert "template" not in run_text(SMALL).facts


@pytest.fixture
def unkept(tmp_path: Path) -> Path:
    """A folder with an image set that QEMU cannot migrate."""
    folder = tmp_path / "sets"
    folder.mkdir()
    (folder / "unkept.yaml").write_text(UNKEPT)
    return folder


def test_what_qemu_cannot_keep_is_booted_and_told(own_cache: Path, tmp_path: Path, unkept: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(SMALL + "images: unkept\n")
    images = ensure(find("unkept", [unkept]))
    result = run_scenario(read(path), images, Options(seed=1, run_root=tmp_path / "runs"))
    assert result.verdict is Verdict.PASS, result.reason
    assert result.facts["start"].startswith("boot, in place of a clone: no template: ")
    assert result.note == result.facts["start"]
    assert templates(own_cache) == []


def test_the_table_tells_what_was_booted_in_place_of_a_clone(own_cache: Path, tmp_path: Path,
                                                             unkept: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL + "images: unkept\n")
    argv = [sys.executable, "-m", "harness.cli", "run", str(tmp_path / "small.yaml"), "--images", str(unkept)]
    said = run(argv, deadline=Deadline.after(60, "a run"), cwd=tmp_path,
               env={**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}).stdout.decode()
    assert "boot, in place of a clone: no template: " in said


def runner(folder: Path, mark: str = "") -> Child:
    """A process that runs the small scenario, with a folder of its own."""
    folder.mkdir()
    (folder / "small.yaml").write_text(SMALL)
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), MARK: mark}
    return Child([sys.executable, "-m", "harness.cli", "run", "small.yaml"], cwd=folder, env=env,
                 stdout=folder / "said")


def results(folder: Path) -> list[str]:
    return [path.read_text() for path in folder.glob("build/runs/*/result.json")]


def test_many_runners_make_it_once(own_cache: Path, tmp_path: Path) -> None:
    folders = [tmp_path / f"runner{number}" for number in range(4)]
    limit = Deadline.after(120, "four runners")
    with ExitStack() as running:
        children = [running.enter_context(runner(folder)) for folder in folders]
        statuses = [child.wait(limit) for child in children]
    assert statuses == [0, 0, 0, 0], [(folder / "said").read_text() for folder in folders]
    told = [text for folder in folders for text in results(folder)]
    assert sum('"start": "clone of template-' in text for text in told) == 4
    assert sum("making template-" in text for text in told) == 1


@pytest.mark.parametrize("moment", ["ram", "made/qmp.jsonl", "state"])
def test_a_maker_that_is_killed_hinders_nobody(own_cache: Path, tmp_path: Path, moment: str) -> None:
    mark = str(uuid.uuid4())
    with runner(tmp_path / "killed", mark) as child:
        wait_until(lambda: list((own_cache / "tmp").glob(f"template-*/content/{moment}")), child,
                   Deadline.after(60, "the making of a template"))
        os.kill(child.pid, 9)
    assert wait_until_gone(mark) == []
    with runner(tmp_path / "next") as child:
        assert child.wait(Deadline.after(60, "the next runner")) == 0
    (told,) = results(tmp_path / "next")
    assert '"start": "clone of template-' in told
    Cache(own_cache).sweep()
    assert list((own_cache / "tmp").iterdir()) == []
