# SPDX-License-Identifier: GPL-2.0-only
"""`harness replay`: a recorded run again, compared with what its consoles printed, or under gdb."""

from __future__ import annotations

import argparse

from harness.deadline import host_now
from harness.debug import gdb
from harness.debug.recording import Recording, read
from harness.debug.replay import digest, replay
from harness.debug.replaying import Replaying
from harness.errors import UsageError
from harness.outcome import Verdict, exit_code
from harness.report.gather import last_having
from harness.scenario import recorded
from harness.schedule.admission import admitted


def main(arguments: argparse.Namespace) -> int:
    """Replay.

    :return: 0 if all consoles are the recorded ones to the byte, else 1
    """
    if arguments.x is not None and not arguments.gdb:
        raise UsageError("-x names a file of commands for --gdb", where="replay", hint="add --gdb")
    if arguments.x is not None and not arguments.x.is_file():
        raise UsageError("no such file of gdb's commands", where=str(arguments.x))
    recording = read(arguments.run or last_having(recorded.MACHINE, "was recorded"))
    if arguments.gdb:
        with admitted(recording.spec, "harness replay"), Replaying(recording) as replaying:
            return gdb.run(replaying.script, arguments.x)
    was = digest(recording, recording.run_dir)
    executed = f"{recording.instructions} instructions" if recording.instructions else "to the end of QEMU"
    print(f"recorded{'':12}{was}  {executed}")
    same = [_once(recording, number) for number in range(1, arguments.times + 1)]
    print(f"{sum(same)} of {len(same)} replays are identical, {len(recording.spec.consoles)} consoles each")
    return exit_code(Verdict.PASS if all(same) else Verdict.FAIL)


def _once(recording: Recording, number: int) -> bool:
    with admitted(recording.spec, "harness replay"):
        began = host_now()
        found = replay(recording)
    print(f"replay {number:3}  {host_now() - began:5.1f} s  {found.digest}", flush=True)
    for line in found.differences:
        print(f"  {line}")
    if found.differences:
        print(f"  kept: {found.folder}")
    return not found.differences
