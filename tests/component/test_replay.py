# SPDX-License-Identifier: GPL-2.0-only
"""A replay that does not get on."""

from pathlib import Path

import pytest

from harness.debug import replay
from harness.errors import GuestLost
from harness.qemu.machine import Machine
from harness.qemu.spec import MachineSpec, Tape


def test_a_replay_that_executes_nothing_any_more_is_given_up(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_STILL_S", 0.5)
    spec = MachineSpec(icount="shift=4", tape=Tape("record", tmp_path / "log"))
    told = "the replay stands still after 0 instructions"
    with Machine(spec, tmp_path, paused=True) as machine, pytest.raises(GuestLost, match=told):
        replay._end(machine)
