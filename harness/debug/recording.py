# SPDX-License-Identifier: GPL-2.0-only
"""A recorded run, read back from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.qemu import version
from harness.qemu.spec import ConsoleSpec, MachineSpec, Tape
from harness.scenario import recorded
from harness.wording import fault_of


@dataclass(frozen=True, slots=True)
class Recording:
    """A run with a record.

    :ivar run_dir: the folder of the run.
    :ivar spec: the machine, to be replayed.
    :ivar instructions: how many it has executed; 0: not known, for QEMU was gone at the end of the run.
    :ivar me: the program of its MEs, with symbols; None: there is none.
    :ivar mes: by name of each ME, the address of the page that it shares with the agency.
    :ivar events: console of the event stream, or None.
    """

    run_dir: Path
    spec: MachineSpec
    instructions: int
    me: Path | None
    mes: Mapping[str, int]
    events: str | None

    @property
    def folder(self) -> Path:
        """The folder of the record."""
        return self.run_dir / recorded.FOLDER

    def log_of(self, console: str) -> Path:
        """What a console of the run printed."""
        return self.run_dir / f"console-{console}.log"


def read(run_dir: Path) -> Recording:
    """The record in the folder of a run.

    :raise UsageError: there is none, a file of it is missing, or another QEMU has made it
    """
    folder = run_dir / recorded.FOLDER
    if not run_dir.is_dir():
        raise UsageError("no such run", where=str(run_dir), hint="give the folder of a run")
    try:
        facts = json.loads((run_dir / recorded.MACHINE).read_text())
        found = _recording(run_dir, folder, facts)
    except FileNotFoundError:
        raise UsageError("the run was not recorded to its end", where=str(run_dir),
                         hint="run its scenario with --record") from None
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"is no machine of a record: {fault_of(error)}",
                         where=str(run_dir / recorded.MACHINE)) from error
    _demand(found, str(facts["qemu"]))
    _demand_whole(found, facts.get("sizes", {}))
    return found


def _recording(run_dir: Path, folder: Path, facts: Mapping[str, Any]) -> Recording:  # Any: JSON
    machine = dict(facts["machine"])
    spec = MachineSpec(
        **machine, kernel=folder / facts["kernel"], initrd=folder / facts["initrd"],
        dtb=folder / facts["dtb"] if facts["dtb"] else None, tape=Tape("replay", folder / recorded.LOG),
        consoles=tuple(ConsoleSpec(**console) for console in facts["consoles"]),
    )
    me = folder / facts["me"] if facts["me"] else None
    return Recording(run_dir, spec, int(facts["instructions"]), me, dict(facts["mes"]), facts["events"])


def _demand_whole(found: Recording, sizes: Mapping[str, int]) -> None:
    """QEMU does not notice: it would stand still, or run something else."""
    for name, size in sizes.items():
        file = found.folder / Path(name).name
        now = file.stat().st_size if file.is_file() else 0
        if now != size:
            raise UsageError(f"the record is damaged: {file.name} has {now} bytes in place of {size}",
                             where=str(found.folder), hint="run the scenario with --record again")


def _demand(found: Recording, qemu: str) -> None:
    spec = found.spec
    files = (spec.kernel, spec.initrd, spec.dtb, spec.tape.file if spec.tape is not None else None, found.me)
    for file in files:
        if file is not None and not file.is_file():
            raise UsageError(f"the record lacks its file {file.name}", where=str(found.folder),
                             hint="run the scenario with --record again")
    here = version.find(spec.binary).text
    if here != qemu:
        raise UsageError(f"the record was made by another QEMU: {qemu}", where=str(found.folder),
                         hint=f"here is {here}; run the scenario with --record again")
