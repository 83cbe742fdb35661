# SPDX-License-Identifier: GPL-2.0-only
"""The memory that a failed run has left, in drgn: names of the kernel, types and names of our modules.

The kernel's names come from its own table, which the memory has. Its types are those that our modules know:
each module has the debug information of what it uses, such as `struct task_struct`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.errors import ToolMissing, UsageError
from harness.scenario.dumped import CORE, FACTS, is_dumped

try:
    import drgn
    from drgn.helpers.linux.kallsyms import load_vmlinux_kallsyms
    from drgn.helpers.linux.list import list_for_each_entry
except ImportError as error:  # it is installed where it has a wheel
    raise ToolMissing("drgn is not installed", where="drgn",
                      hint="it has packages for x86-64 only; elsewhere: pip install drgn, which compiles it"
                      ) from error

_FINDER = "soo"
_LINK, _TASK = "struct vbus_device", "struct task_struct"


def program(run_dir: Path, vmlinux: Path | None = None) -> drgn.Program:
    """drgn's view of the machine, with all names and types that are known.

    :param vmlinux: the kernel with its debug information, for all of drgn's helpers
    :raise UsageError: the run has left no memory, or not that of a Linux
    """
    if not is_dumped(run_dir):
        raise UsageError("the run has left no memory", where=str(run_dir),
                         hint="run its scenario with --dump-memory; it is written when it fails")
    try:
        facts = json.loads((run_dir / FACTS).read_text())
        release, modules, init_task = facts["release"], facts["modules"], facts["init_task"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError("is damaged", where=str(run_dir / FACTS), hint="run the scenario again") from error
    prog = drgn.Program()
    try:
        prog.set_core_dump(run_dir / CORE)
        prog.register_symbol_finder(_FINDER, load_vmlinux_kallsyms(prog), enable_index=0)
    except Exception as error:  # libelf's errors have no class of their own
        raise UsageError(f"drgn cannot read it: {error}", where=str(run_dir / CORE),
                         hint="it may be damaged: run the scenario again") from error
    if vmlinux is not None:
        _add_kernel(prog, vmlinux, release)
    for name, module in modules.items():
        _add(prog, name, Path(module["file"]), module["sections"])
    if init_task and vmlinux is None:
        prog.register_object_finder(_FINDER, _variables({"init_task": (_TASK, init_task)}),
                                    enable_index=0)
    return prog


def _add_kernel(prog: drgn.Program, vmlinux: Path, release: str) -> None:
    """:raise UsageError: it is no file with debug information, or that of another kernel"""
    with suppress(drgn.MissingDebugInfoError):
        prog.load_debug_info([vmlinux])
    kernel = next((module for module in prog.modules() if isinstance(module, drgn.MainModule)), None)
    if kernel is None or kernel.wants_debug_file():
        raise UsageError(f"has no debug information of kernel {release}", where=str(vmlinux),
                         hint=f"Debian has it in linux-image-{release}-dbg")


def _add(prog: drgn.Program, name: str, file: Path, sections: Mapping[str, int]) -> None:
    """A module of ours where the kernel has put it.

    :raise UsageError: the file is gone
    """
    if not file.is_file():
        raise UsageError(f"the file of module {name} is gone", where=str(file),
                         hint="python3 -m harness images build")
    module = prog.relocatable_module(name, sections[".text"], create=True)
    module.section_addresses.update(sections)
    module.try_file(file, force=True)


Find = Callable[[drgn.Program, str, drgn.FindObjectFlags, str | None], drgn.Object | None]


def _variables(known: Mapping[str, tuple[str, int]]) -> Find:
    """Finds variables of the kernel by name, type and address."""
    def find(prog: drgn.Program, name: str, flags: drgn.FindObjectFlags, file: str | None
             ) -> drgn.Object | None:
        if name not in known or not flags & drgn.FindObjectFlags.VARIABLE:
            return None
        kind, address = known[name]
        return drgn.Object(prog, kind, address=address)
    return find


def links(prog: drgn.Program) -> Iterator[drgn.Object]:
    """Each link of the agency, a `struct vbus_device *`."""
    yield from list_for_each_entry(_LINK, prog.variable("devices", "vbus_probe.c").address_of_(), "link")


def tasks(prog: drgn.Program) -> Iterator[drgn.Object]:
    """Each process of the agency, a `struct task_struct *`; `prog.stack_trace(task)` tells where it waits."""
    yield from list_for_each_entry(_TASK, prog["init_task"].tasks.address_of_(), "tasks")


def names(prog: drgn.Program) -> dict[str, Any]:  # Any: what a Python program has as its globals
    """What a script or the prompt has beside drgn's own."""
    return {"prog": prog, "links": lambda: Shown(links(prog), _link),
            "tasks": lambda: Shown(tasks(prog), _task)}


class Shown(list[drgn.Object]):
    """What is found; at a prompt a line for each."""

    def __init__(self, found: Iterable[drgn.Object], line: Callable[[drgn.Object], str]) -> None:
        super().__init__(found)
        self._line = line

    def __repr__(self) -> str:
        return "\n".join(map(self._line, self)) or "none"


def _link(link: drgn.Object) -> str:
    be, fe = (state.format_(type_name=False).removeprefix("VBUS_") for state in (link.state, link.fe_state))
    name = link.devicetype.string_().decode(errors="replace")
    return f"{name}/{link.otherend_id.value_()}: BE {be}, FE {fe}, {_at(link)}"


def _task(task: drgn.Object) -> str:
    name = task.comm.string_().decode(errors="replace")
    return f"{task.pid.value_():6} {name}, {_at(task)}"


def _at(pointer: drgn.Object) -> str:
    return f"{pointer.type_.type_name()} {pointer.value_():#x}"
