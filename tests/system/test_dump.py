# SPDX-License-Identifier: GPL-2.0-only
"""The memory of a failed machine, in drgn: what the kernel of the agency and our modules had at the end."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.deadline import Deadline
from harness.images.store import ImageSet
from harness.proc import run
from harness.scenario import dumped
from harness.scenario.result import Options, Result
from harness.scenario.runner import run_scenario
from harness.scenario.schema import read

_STUCK = """
about: A backend that stays in InitWait.
images: ref-virt64-faults
agency: {overlays: [vdummy-be-on], fault: be-stuck}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: {me: alpha, within: 4s}
  - expect.connected: {links: [alpha/vdummy], within: 4s}
"""
_SCRIPT = """
for link in links():
    print(link.devicetype.string_().decode(), link.otherend_id.value_(),
          link.state.format_(type_name=False), link.fe_state.format_(type_name=False))
reader = next(task for task in tasks() if task.comm.string_() == b"kthreadd")
print([frame.name for frame in prog.stack_trace(reader)])
print(links())
print(tasks())
raise SystemError("enough")
"""


def _failed(tmp_path: Path, images: ImageSet, *, dump: bool) -> Result:
    path = tmp_path / "stuck.yaml"
    path.write_text(_STUCK)
    result = run_scenario(read(path), images, Options(seed=7, run_root=tmp_path / "runs", dump=dump))
    assert result.rules[:1] == ("link.stalled",), result.reason
    return result


@pytest.fixture
def faults(images: Callable[[str], ImageSet]) -> ImageSet:
    return images("ref-virt64-faults")


def test_links_and_tasks_of_a_failed_run_are_there_in_drgn(tmp_path: Path, faults: ImageSet) -> None:
    run_dir = _failed(tmp_path, faults, dump=True).run_dir
    assert run_dir is not None
    assert "memory is in memory.elf: Linux 6." in (run_dir / "timeline.jsonl").read_text()
    script = tmp_path / "look.py"
    script.write_text(_SCRIPT)
    told = run([sys.executable, "-m", "harness.cli", "drgn", str(run_dir), "-x", str(script)],
               deadline=Deadline.after(60, "drgn"), check=False)
    link, stack, shown, *tasks = told.stdout.decode().splitlines()
    assert link == "vdummy 2 VBUS_INITWAIT VBUS_INITIALISED"
    assert "'kthreadd'" in stack
    assert shown.startswith("vdummy/2: BE INITWAIT, FE INITIALISED, struct vbus_device * 0xffff")
    assert tasks[0].startswith("     1 init, struct task_struct * 0xffff")
    # A mistake of the script is told without what is ours.
    assert told.status == 1
    assert re.fullmatch(r'Traceback \(most recent call last\):\n  File ".*look.py", line 9, .*\n(.*\n)?'
                        "SystemError: enough\n", told.stderr.decode())
    (run_dir / dumped.CORE).write_bytes(b"")
    assert main(["drgn", str(run_dir), "-x", str(script)]) == 2


def test_without_being_asked_no_memory_is_written(tmp_path: Path, faults: ImageSet,
                                                  capsys: pytest.CaptureFixture[str]) -> None:
    run_dir = _failed(tmp_path, faults, dump=False).run_dir
    assert run_dir is not None
    assert not (run_dir / dumped.CORE).exists()
    assert main(["drgn", str(run_dir)]) == 2
    assert "run its scenario with --dump-memory" in capsys.readouterr().err
