# SPDX-License-Identifier: GPL-2.0-only
"""A recorded run again: QEMU takes all input from its log, and ends by itself at the end of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from harness.deadline import Deadline
from harness.debug.recording import Recording
from harness.errors import Expired, GuestLost, HostError
from harness.qemu.machine import Machine

# A replay that executes no instruction for so long, in seconds, has come off its log.
_STILL_S = 30.0
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Replayed:
    """One replay.

    :ivar digest: SHA-256 over all consoles with their names.
    :ivar differences: a line for each console that is not as recorded; then `folder` is kept.
    """

    digest: str
    differences: tuple[str, ...]
    folder: Path


def digest(recording: Recording, folder: Path) -> str:
    """SHA-256 over all consoles whose logs are in `folder`, with their names."""
    whole = hashlib.sha256()
    for console in recording.spec.consoles:
        data = _log(folder, console.name).read_bytes()
        whole.update(f"{console.name} {len(data)}\n".encode() + data)
    return whole.hexdigest()


def replay(recording: Recording) -> Replayed:
    """Run it once more, to the end of its log.

    :raise GuestLost: QEMU came off the log, or ended in another way than by reaching its end
    :raise HostError: the folder of the run cannot be written
    """
    try:
        folder = Path(mkdtemp(prefix="replay-", dir=recording.run_dir))
    except OSError as error:
        raise HostError(f"cannot be written: {error.strerror}", where=str(recording.run_dir)) from error
    try:
        with Machine(recording.spec, folder) as machine:
            status = _end(machine)
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        raise
    if status != 0:
        raise GuestLost(f"QEMU ended with status {status} before the end of the log", where=str(folder))
    found = Replayed(digest(recording, folder), tuple(_differences(recording, folder)), folder)
    if not found.differences:
        shutil.rmtree(folder)
    return found


def _end(machine: Machine) -> int:
    """QEMU's status when it has come to the end of its log."""
    before = -1
    still = Deadline.after(_STILL_S, "progress of the replay")
    while True:
        try:
            return machine.wait_exit(Deadline.after_real(_LOOK_S, "end of the log"))
        except Expired:
            executed = _executed(machine)
        if executed != before:
            before, still = executed, Deadline.after(_STILL_S, still.what)
        elif still.expired():
            raise GuestLost(f"the replay stands still after {executed} instructions",
                            where=str(machine.run_dir), hint="the log does not fit to the machine") from None


def _executed(machine: Machine) -> int:
    try:
        return int(machine.qmp.execute("query-replay")["icount"])
    except GuestLost:  # it is at its end just now
        return -1


def _differences(recording: Recording, folder: Path) -> Iterator[str]:
    for console in recording.spec.consoles:
        then, now = (_log(place, console.name).read_bytes() for place in (recording.run_dir, folder))
        if then != now:
            at = next((i for i, (one, other) in enumerate(zip(then, now, strict=False)) if one != other),
                      min(len(then), len(now)))
            yield (f"console {console.name}: differs from byte {at} on: recorded {then[at:at + 40]!r}, "
                   f"replayed {now[at:at + 40]!r}")


def _log(folder: Path, console: str) -> Path:
    return folder / f"console-{console}.log"
