# SPDX-License-Identifier: GPL-2.0-only
"""How long a skewed set of scenarios takes on two workers: our queue, xdist's schedulers, and the bound.

The scenarios only wait, so that nothing but the order and the handing out counts. The bound is half of
all waiting: no order can be faster.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.bench.report import Figure
from harness.deadline import Deadline
from harness.proc import run
from harness.schedule.durations import key_of, write_file

_WORKERS = 2
# Seconds, in the order of the file: a few long ones among many short ones.
_SET = (*[0.1] * 10, 0.5, 1.5, *[0.1] * 5, 0.5, 0.5, *[0.05] * 10, 1.0, 0.5, *[0.1] * 5, 3.0, 0.2, 0.2, 0.1)
_ITEM = """\
@pytest.mark.system(about="Waits.")
def test_{number:02d}(): wait({seconds})


"""
_HEAD = """\
import os, select, time
import pytest


def wait(seconds):
    began = time.monotonic()
    select.select([], [], [], seconds)
    log = os.open("log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, f"{began} {time.monotonic()}\\n".encode())


"""
_PLUGIN = ("-p", "harness.pytest_plugin", "--durations-from", "durations.json")
_WAYS = {
    "our queue": (*_PLUGIN, "--dist", "load"),
    "xdist load": ("--dist", "load"),
    "xdist load, our order": (*_PLUGIN, "-p", "no:harness.pytest_plugin.queue", "--dist", "load"),
    "xdist worksteal": ("--dist", "worksteal"),
    "xdist worksteal, our order": (*_PLUGIN, "--dist", "worksteal"),
}


def figures(workdir: Path, *, scale: float = 1.0, ways: Sequence[str] = tuple(_WAYS)) -> list[Figure]:
    """Run the set in each way: first start of an item to last end, beside the bound.

    :param scale: makes all waits longer or shorter
    """
    folder = workdir / "queue"
    folder.mkdir()
    waits = [round(seconds * scale, 4) for seconds in _SET]
    tests = [_ITEM.format(number=number, seconds=wait) for number, wait in enumerate(waits)]
    (folder / "test_set.py").write_text(_HEAD + "".join(tests))
    names = [f"test_set::test_{number:02d}" for number in range(len(waits))]
    keys = [key_of(name, "ref-virt64") for name in names]
    write_file(folder / "durations.json", dict(zip(keys, waits, strict=True)))
    bound = max(max(waits), sum(waits) / _WORKERS)
    note = f"{len(waits)} waiting scenarios on {_WORKERS} workers; baseline: the bound"
    return [Figure(f"makespan, {way}", _makespan(folder, _WAYS[way], len(waits)), "s", bound, note)
            for way in ways]


def _makespan(folder: Path, options: Sequence[str], count: int) -> float:
    log = folder / "log"
    log.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "pytest", "-q", "-W", "ignore", "-n", str(_WORKERS)]
    root = str(Path(__file__).resolve().parents[2])
    env = {**os.environ, "PYTHONPATH": root, "SOO_HARNESS_CACHE": str(folder / "cache")}
    run([*argv, "-p", "no:cacheprovider", *options, "test_set.py"], cwd=folder, env=env,
        deadline=Deadline.after(120, "a skewed set"))
    times = [json.loads(f"[{line.replace(' ', ', ')}]") for line in log.read_text().splitlines()]
    assert len(times) == count, f"{len(times)} of {count} have run"
    return float(max(end for _, end in times) - min(began for began, _ in times))
