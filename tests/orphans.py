# SPDX-License-Identifier: GPL-2.0-only
"""Finding what a process has started, and waiting until all of it is gone."""

import os
import select
from pathlib import Path

from harness.deadline import Deadline

# Written into the environment of the runner, so that all it starts can be found.
MARK = "SOO_TEST_MARK"


def marked(mark: str) -> list[int]:
    """Processes that have the mark; not those that are dead and wait for their parent."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:  # it ended meanwhile
                continue
            if wanted in environment.split(b"\0"):
                found.append(int(entry.name))
    return found


def qemus(mark: str) -> list[str]:
    """Names of the marked processes that are machines of QEMU; one may end while it is looked at."""
    names = []
    for pid in marked(mark):
        try:
            name = Path(f"/proc/{pid}/comm").read_text()
        except OSError:
            continue
        if name.startswith("qemu"):
            names.append(name)
    return names


def wait_until_gone(mark: str) -> list[int]:
    """Wait for the end of all marked processes; returns those that are left after ten seconds."""
    limit = Deadline.after(10, "end of orphans")
    while (left := marked(mark)) and not limit.expired():
        try:
            watch = os.pidfd_open(left[0])
        except ProcessLookupError:
            continue
        waiting = select.poll()
        waiting.register(watch, select.POLLIN)
        waiting.poll(limit.remaining() * 1000)
        os.close(watch)
    return left
