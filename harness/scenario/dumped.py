# SPDX-License-Identifier: GPL-2.0-only
"""The memory of a failed machine in its run folder, and what a debugger needs beside it.

``memory.elf`` is the core file, see `harness.qemu.coredump`; ``memory.json`` says which files have the
symbols, and where the kernel has put the sections of its modules.
"""

from __future__ import annotations

import json
from pathlib import Path

from harness.diagnose.sources import Sources
from harness.errors import HostError
from harness.qemu import coredump
from harness.scenario.context import Context

CORE = "memory.elf"
FACTS = "memory.json"


def write(ctx: Context, sources: Sources | None) -> None:
    """Of a stopped machine.

    :param sources: which has the files of its modules and their places; None: they are not known
    :raise HarnessError: QEMU is gone, or the files cannot be written
    """
    folder = ctx.site.run_dir
    core = coredump.dump(ctx.machine.qmp, folder / CORE)
    release = core.kernel.partition("\n")[0].removeprefix("OSRELEASE=")
    what = f"Linux {release}" if release else "no Linux was found in it"
    ctx.timeline.add("harness", f"memory is in {CORE}: {what}")
    modules = {} if sources is None else {
        name: {"file": str(file.resolve()), "sections": dict(sources.sections[name])}
        for name, file in sources.files.items() if name in sources.sections}
    tasks = sources.symbols.tasks if sources is not None else None
    facts = {"release": release, "modules": modules, "init_task": tasks.first if tasks is not None else 0}
    try:
        (folder / FACTS).write_text(json.dumps(facts, indent=1) + "\n")
    except OSError as error:
        raise HostError(f"cannot be written: {error.strerror}", where=str(folder / FACTS)) from error


def is_dumped(folder: Path) -> bool:
    """Whether a run has left its memory."""
    return (folder / FACTS).is_file() and (folder / CORE).is_file()
