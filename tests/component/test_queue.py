# SPDX-License-Identifier: GPL-2.0-only
"""Order, queue, shards and lost workers in real pytest sessions. Nothing is booted here."""

import json
import os
import sys
from pathlib import Path

import pytest

from harness.bench import queue
from harness.deadline import Deadline
from harness.proc import Completed, run
from harness.scenario.schema import REPOSITORY
from harness.schedule.durations import write_file

HEAD = """
import os, signal, pathlib
import pytest

def note(text):
    log = os.open("log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, f"{text}\\n".encode())

@pytest.fixture(scope="module")
def shared(request):
    note(f"up {request.module.__name__}")
    yield
    note(f"down {request.module.__name__}")
"""
PLAIN = HEAD + """
@pytest.mark.parametrize("number", range(9))
def test_plain(number, shared):
    note(f"{__name__} {number}")
"""
SCENARIOS = HEAD + "".join(f"""
@pytest.mark.system(about="Nothing.")
def test_{name}(): note("{name}")
""" for name in "abcdef")
DEADLY = HEAD + """
@pytest.mark.system(about="Ends its worker.", images="none")
def test_deadly():
    note("deadly")
    if pathlib.Path("log").read_text().count("deadly") <= TIMES:
        os.kill(os.getpid(), signal.SIGKILL)

@pytest.mark.parametrize("number", range(20))
def test_other(number): note("other")
"""


def session(folder: Path, *arguments: str) -> Completed:
    argv = [sys.executable, "-m", "pytest", "-p", "harness.pytest_plugin", "-p", "no:cacheprovider"]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "SOO_HARNESS_CACHE": str(folder / "cache")}
    return run([*argv, *arguments], deadline=Deadline.after(60, "pytest"), cwd=folder, env=env, check=False)


def log(folder: Path) -> list[str]:
    lines = (folder / "log").read_text().splitlines()
    (folder / "log").unlink()
    return lines


def file(folder: Path, text: str, name: str = "scenarios/test_set.py") -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def known(folder: Path, **seconds: float) -> str:
    keys = {f"ref-virt64 clone test_set::test_{name}": value for name, value in seconds.items()}
    write_file(folder / "known.json", keys)
    return str(folder / "known.json")


def test_each_item_runs_once_and_what_modules_share_is_torn_down(tmp_path: Path) -> None:
    for name in ("test_one", "test_two", "test_three"):
        file(tmp_path, PLAIN, f"{name}.py")
    done = session(tmp_path, "-n", "2", ".")
    assert done.status == 0, done.stdout.decode()
    lines = log(tmp_path)
    ups = [line.split()[1] for line in lines if line.startswith("up")]
    downs = [line.split()[1] for line in lines if line.startswith("down")]
    assert sorted(line for line in lines if not line.startswith(("up", "down"))) == sorted(
        f"{name} {number}" for name in ("test_one", "test_two", "test_three") for number in range(9))
    assert sorted(ups) == sorted(downs)
    assert 3 <= len(ups) <= 6  # once a worker, not once an item


@pytest.mark.parametrize("workers", [(), ("-n", "1"), ("-n", "3")])
def test_longest_first_unknown_before(tmp_path: Path, workers: tuple[str, ...]) -> None:
    file(tmp_path, SCENARIOS)
    done = session(tmp_path, "scenarios", *workers, "--durations-from", known(tmp_path, a=1, c=9, d=2, f=0.1))
    assert done.status == 0, done.stdout.decode()
    order = log(tmp_path)
    assert sorted(order) == list("abcdef")
    if "3" not in workers:
        assert order == list("becdaf")


def test_shards_have_each_scenario_once_and_merge(tmp_path: Path) -> None:
    file(tmp_path, SCENARIOS)
    durations = known(tmp_path, a=1, b=1, c=3, d=1)
    for number, workers in ((1, ()), (2, ("-n", "2")), (3, ())):
        session(tmp_path, "scenarios", "--shard", f"{number}/3", "--durations-from", durations, *workers,
                "--results", f"parts/{number}.json")
    assert sorted(log(tmp_path)) == list("abcdef")
    parts = [json.loads((tmp_path / "parts" / f"{number}.json").read_text()) for number in (1, 2, 3)]
    assert len({part["split"] for part in parts}) == 1
    assert all(len(part["selected"]) == 6 for part in parts)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_an_empty_shard_is_no_failure_but_an_empty_set_is(tmp_path: Path, workers: tuple[str, ...]) -> None:
    file(tmp_path, SCENARIOS)
    options = ("scenarios", "--durations-from", known(tmp_path, a=1), *workers)
    shards = [("--shard", f"{number}/2", "--results", f"{number}.json") for number in (1, 2)]
    done = [session(tmp_path, *options, "-k", "test_a", *shard) for shard in shards]
    assert [one.status for one in done] == [0, 0], done[1].stdout.decode()
    assert "no scenario is in this shard" in done[1].stdout.decode()
    assert json.loads((tmp_path / "2.json").read_text())["selected"] == ["test_set::test_a"]
    assert session(tmp_path, *options, "-k", "nothing", "--shard", "1/2").status == 2


def test_a_bad_shard_is_one_line(tmp_path: Path) -> None:
    file(tmp_path, SCENARIOS)
    done = session(tmp_path, "scenarios", "--shard", "4/3")
    assert done.status != 0
    assert "is no shard; 1/3 is the first of three" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_lost_scenario_is_run_again_once_and_says_so(tmp_path: Path) -> None:
    file(tmp_path, DEADLY.replace("TIMES", "1"))
    done = session(tmp_path, "scenarios", "-n", "2")
    text = done.stdout.decode()
    assert done.status == 0, text
    assert "that was run again, once" in text
    lines = log(tmp_path)
    assert lines.count("other") == 20
    assert len(lines) == 22


def test_a_scenario_that_no_worker_survives_is_a_crash(tmp_path: Path) -> None:
    file(tmp_path, DEADLY.replace("TIMES", "99"))
    done = session(tmp_path, "scenarios", "-n", "2", "--results", "results.json")
    text = done.stdout.decode()
    assert done.status == 1, text
    assert "CRASH" in text
    (row,) = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert (row["name"], row["verdict"]) == ("test_set::test_deadly", "CRASH")
    assert "died while it ran" in row["reason"]
    lines = log(tmp_path)
    assert lines.count("other") == 20
    assert len(lines) == 22


def test_who_dies_after_the_verdict_loses_nothing(tmp_path: Path) -> None:
    text = HEAD + """
@pytest.fixture
def deadly():
    yield
    os.kill(os.getpid(), signal.SIGKILL)

@pytest.mark.system(about="Ends its worker.", images="none")
def test_deadly(deadly): note("deadly")

@pytest.mark.parametrize("number", range(5))
def test_other(number): note("other")
"""
    file(tmp_path, text)
    done = session(tmp_path, "scenarios", "-n", "2")
    assert done.status == 0, done.stdout.decode()
    lines = log(tmp_path)
    assert (lines.count("deadly"), lines.count("other")) == (1, 5)


def test_the_first_failure_can_end_it(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.parametrize('n', range(200))\ndef test_bad(n): assert n < 3\n"
    file(tmp_path, text, "test_bad.py")
    text = session(tmp_path, "-n", "2", "-x", "test_bad.py").stdout.decode()
    assert "1 failed" in text or "2 failed" in text, text


def test_our_queue_comes_closer_to_the_bound_than_load(tmp_path: Path) -> None:
    ours, load = queue.figures(tmp_path, scale=0.3, ways=("our queue", "xdist load"))
    assert ours.ratio is not None
    assert load.ratio is not None
    assert 1.0 <= ours.ratio < load.ratio
