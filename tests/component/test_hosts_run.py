# SPDX-License-Identifier: GPL-2.0-only
"""Sessions over several hosts, which are all this one: workers of their own with caches of their own."""

import json
import os
import shutil
from pathlib import Path

import pytest

from harness.cache.store import Cache
from tests.component.test_queue import DEADLY, HEAD, PLAIN, file, log, session

HOSTS = "local workers=1 cache={folder}/a\nlocal-2 workers=1 cache={folder}/b\n"
NEEDS_ENTRIES = HEAD + """
from harness.cache.store import Cache

def build(folder):
    note("built")
    (folder / "mine").write_text("x")

@pytest.mark.parametrize("number", range(2))
def test_entry(number):
    Cache().get("key", build)
    Cache().get("other", build)
    note("has them")
    while pathlib.Path("log").read_text().count("has them") < 2:
        os.sched_yield()  # until the other worker has had its item
"""


def hosts(folder: Path, text: str = HOSTS) -> tuple[str, str]:
    (folder / "hosts").write_text(text.format(folder=folder))
    return "--hosts", str(folder / "hosts")


def write_ours(folder: Path) -> None:
    (folder / "ours").write_text("from here")


def fake_ssh(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program called ssh, first on PATH."""
    (folder / "bin").mkdir()
    (folder / "bin" / "ssh").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin" / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}/bin{os.pathsep}{os.environ['PATH']}")


def test_each_item_runs_once_on_some_host(tmp_path: Path) -> None:
    for name in ("test_one", "test_two"):
        file(tmp_path, PLAIN, f"{name}.py")
    done = session(tmp_path, *hosts(tmp_path), "--junitxml", "x.xml", ".")
    assert done.status == 0, done.stdout.decode()
    lines = [line for line in log(tmp_path) if not line.startswith(("up", "down"))]
    names = ("test_one", "test_two")
    assert sorted(lines) == sorted(f"{name} {number}" for name in names for number in range(9))
    report = (tmp_path / "x.xml").read_text()
    assert report.count('value="local:1"') + report.count('value="local-2:1"') >= 18


def test_what_a_dead_worker_ran_is_run_elsewhere_once(tmp_path: Path) -> None:
    file(tmp_path, DEADLY.replace("TIMES", "1"))
    done = session(tmp_path, *hosts(tmp_path), "--results", "r.json", "scenarios")
    text = done.stdout.decode() + done.stderr.decode()
    assert done.status == 0, text
    assert ":1 is gone" in text
    assert "that was run again, once" in text
    lines = log(tmp_path)
    assert (lines.count("other"), lines.count("deadly")) == (20, 2)


def test_if_nobody_survives_the_rest_is_an_error(tmp_path: Path) -> None:
    scenarios = DEADLY.replace("TIMES", "99").replace(
        '@pytest.mark.parametrize("number", range(20))\ndef test_other(number)',
        '@pytest.mark.system(about="Nothing.", images="none")\ndef test_other()')
    file(tmp_path, scenarios)
    known = {"durations": {"none clone test_set::test_other": 1.0}}
    (tmp_path / "known.json").write_text(json.dumps(known))
    done = session(tmp_path, *hosts(tmp_path), "--results", "r.json", "--durations-from", "known.json",
                   "scenarios")
    text = done.stdout.decode() + done.stderr.decode()
    rows = {row["name"]: row for row in json.loads((tmp_path / "r.json").read_text())["rows"]}
    assert rows["test_set::test_deadly"]["verdict"] == "CRASH", text
    assert "died while it ran" in rows["test_set::test_deadly"]["reason"]
    assert done.status == 1
    assert log(tmp_path).count("deadly") == 2


def test_an_entry_goes_to_each_host_once(tmp_path: Path) -> None:
    file(tmp_path, NEEDS_ENTRIES)
    ours = Cache(tmp_path / "cache")
    ours.get("key", write_ours)
    done = session(tmp_path, *hosts(tmp_path), "scenarios")
    assert done.status == 0, done.stdout.decode()
    assert done.stderr.decode().count("key goes to local\n") == 1
    assert done.stderr.decode().count("key goes to local-2\n") == 1
    for name in ("a", "b"):
        assert (tmp_path / name / "entries" / "key" / "ours").read_text() == "from here"
        assert Cache(tmp_path / name).verify("key") == []
    assert log(tmp_path).count("built") == 2  # what nobody has is built, once by each


def test_another_state_of_the_files_is_refused(tmp_path: Path) -> None:
    file(tmp_path, PLAIN, "scenarios/test_one.py")
    (tmp_path / "other" / "scenarios").mkdir(parents=True)
    done = session(tmp_path, *hosts(tmp_path, "local folder={folder}/other\n"), "scenarios")
    text = done.stdout.decode()
    assert "harness: host local: scenarios/test_one.py is not the same there as here; bring" in text
    assert done.status == 2
    assert not (tmp_path / "log").exists()


def test_by_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file(tmp_path, PLAIN, "test_one.py")
    fake_ssh(tmp_path, 'echo "$@" >>ssh.log; for last; do :; done; exec sh -c "$last"', monkeypatch)
    done = session(tmp_path, *hosts(tmp_path, "build7 workers=2\n"), "test_one.py")
    assert done.status == 0, done.stdout.decode()
    assert len([line for line in log(tmp_path) if line.startswith("test_one")]) == 9
    calls = (tmp_path / "ssh.log").read_text().splitlines()
    assert len(calls) == 2
    assert all("BatchMode=yes" in call and " build7 " in call for call in calls)


def test_a_host_that_cannot_be_reached_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file(tmp_path, PLAIN, "test_one.py")
    fake_ssh(tmp_path, "exit 255", monkeypatch)
    done = session(tmp_path, *hosts(tmp_path, "build7\n"), "test_one.py")
    assert done.status == 3
    assert "harness: host build7: ssh does not reach it; try 'ssh build7 true'" in done.stdout.decode()
    assert "Traceback" not in done.stdout.decode()


BAD = "about: x\nimages: nothing\nsteps:\n  - run: version\n"
SET = """\
about: A machine that does not start.
artifacts:
  firmware: {file: blob}
machine: {binary: qemu-system-aarch64, machine: no-such-board, memory: 64M, firmware: firmware}
consoles:
  - {name: main, kind: serial, dialect: hush, prompt: "=> "}
boot: {console: main, deadline: 5s}
"""


def test_what_a_failed_run_has_left_comes_here(tmp_path: Path) -> None:
    (tmp_path / "there" / "images").mkdir(parents=True)
    (tmp_path / "there" / "scenarios").mkdir()
    (tmp_path / "there" / "scenarios" / "x.yaml").write_text(BAD)
    (tmp_path / "there" / "images" / "nothing.yaml").write_text(SET)
    (tmp_path / "there" / "images" / "blob").write_bytes(b"\1" * 16)
    for name in ("images", "scenarios"):
        shutil.copytree(tmp_path / "there" / name, tmp_path / name)
    there = hosts(tmp_path, "local workers=1 folder={folder}/there\n")
    done = session(tmp_path, *there, "--images", "images", "scenarios")
    text = done.stdout.decode()
    assert done.status != 0
    (result,) = (tmp_path / "build" / "runs").glob("*/result.json")
    assert f"folder     {result.parent.relative_to(tmp_path)}" in text, text
    (original,) = (tmp_path / "there" / "build" / "runs").glob("*/result.json")
    assert result.read_text() == original.read_text()
