# SPDX-License-Identifier: GPL-2.0-only
"""SIGKILL of the harness at any moment leaves no QEMU behind."""

import os
import random
import select
import sys
import uuid
from pathlib import Path

import pytest

from harness.deadline import Deadline, now
from harness.proc import Child
from tests.moment import wait_until
from tests.orphans import MARK, wait_until_gone

RUNNER = """
import itertools, pathlib, sys
from harness.qemu.machine import Machine
from harness.qemu.spec import ConsoleSpec, MachineSpec
spec = MachineSpec(machine="virt", cpu="cortex-a72", memory_mib=64, consoles=(ConsoleSpec("a"),))
for number in itertools.count():
    with Machine(spec, pathlib.Path(sys.argv[1]) / str(number)) as machine:
        machine.qmp.status()
"""

@pytest.mark.parametrize("seed", range(6))
def test_no_qemu_survives_its_runner(tmp_path: Path, seed: int) -> None:
    mark = str(uuid.uuid4())
    env = {**os.environ, MARK: mark, "SOO_TIME_SCALE": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    chance = random.Random(seed)
    with Child([sys.executable, "-c", RUNNER, str(tmp_path)], env=env) as runner:
        wait_until((tmp_path / "0" / "qmp.jsonl").exists, runner,  # then a QEMU is starting
                   Deadline.after(20, "first machine of the runner"))
        ended = select.poll()
        ended.register(runner.fileno(), select.POLLIN)
        assert not ended.poll(chance.uniform(0, 300)), "the runner ended by itself"
        os.kill(runner.pid, 9)
        killed = now()
        assert wait_until_gone(mark) == []
        assert now() - killed < 10
