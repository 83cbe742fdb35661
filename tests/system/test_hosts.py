# SPDX-License-Identifier: GPL-2.0-only
"""Scenarios on several hosts, which are all this one, each with an empty cache of its own."""

import json
import os
import re
import signal
import sys
from pathlib import Path

import pexpect
import psutil
import pytest

from harness.cache.store import Cache

REPOSITORY = Path(__file__).resolve().parents[2]
SCENARIOS = [f"scenarios/links/{name}.yaml" for name in ("both-on", "both-off", "be-on-fe-off", "five-mes")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hosts")
    lines = [f"{name} workers=1 cache={folder}/{name}\n" for name in ("local", "local-2")]
    (folder / "hosts").write_text("".join(lines))
    return folder


def started(folder: Path) -> "pexpect.spawn[str]":
    argv = ["-m", "harness.cli", "run", *SCENARIOS, "--hosts", str(folder / "hosts"),
            "--results", str(folder / "results.json")]
    return pexpect.spawn(sys.executable, argv, cwd=str(REPOSITORY), encoding="utf-8", timeout=240)


def ended(run: "pexpect.spawn[str]", folder: Path) -> tuple[str, dict[str, dict[str, object]]]:
    """What it printed, and its rows by name."""
    run.expect(pexpect.EOF)
    run.wait()
    assert run.exitstatus == 0, run.before
    rows = json.loads((folder / "results.json").read_text())["rows"]
    assert sorted(str(row["name"]) for row in rows) == sorted(Path(name).with_suffix("").as_posix()[10:]
                                                             for name in SCENARIOS)
    return str(run.before), {row["name"]: row for row in rows}


def test_what_a_worker_needs_goes_there_once(folder: Path) -> None:
    text, _ = ended(started(folder), folder)
    sent = re.findall(r"harness: (\S+) goes to (\S+)", text)
    assert len(set(sent)) == len(sent)
    assert {host for key, host in sent if key.startswith("reference-")} == {"local", "local-2"}
    for host in ("local", "local-2"):
        there = Cache(folder / host)
        assert there.keys()
        assert [key for key in there.keys() if there.verify(key)] == []  # noqa: SIM118 - a method of Cache
        assert not (folder / host / "debs").exists()
    text, _ = ended(started(folder), folder)
    assert set(re.findall(r"harness: (\S+) goes to (\S+)", text)).isdisjoint(sent)


def _has_machine(worker: psutil.Process) -> bool:
    try:
        return any(child.name().startswith("qemu") for child in worker.children())
    except psutil.NoSuchProcess:  # one that was there for a moment
        return False


def test_a_worker_that_is_killed_loses_nothing(folder: Path) -> None:
    run = started(folder)
    run.expect_exact("collected 4 items")
    victim = None
    while victim is None:  # a worker with a machine
        workers = psutil.Process(run.pid).children()
        victim = next((worker for worker in workers if _has_machine(worker)), None)
        assert run.isalive()
    os.kill(victim.pid, signal.SIGKILL)
    text, rows = ended(run, folder)
    assert {row["verdict"] for row in rows.values()} == {"PASS"}
    again = [row["reason"] for row in rows.values() if row["reason"]]
    assert len(again) == 1
    assert re.fullmatch(r"run again: worker local(-2)?:1 died while it ran", str(again[0]))
    assert "that was run again, once" in text
