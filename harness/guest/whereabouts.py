# SPDX-License-Identifier: GPL-2.0-only
"""What guests say of where code is: modules in the boot log, threads of MEs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.model.views import MeFault, MeThread, MeWhere

_SECTION = re.compile(rb"^/sys/module/(\w+)/sections/(\.[\w.]+):0x([0-9a-f]+)\r*$", re.MULTILINE)
_SLOT = re.compile(r"slot (\d+): (.*)")
_CPU = re.compile(r"cpu pc=[0-9a-f]+ sp=[0-9a-f]+ pstate=[0-9a-f]+:((?: [0-9a-f]+)+)")
_FAULT = re.compile(r"fault esr=([0-9a-f]+) far=([0-9a-f]+) elr=([0-9a-f]+)")
_THREAD = re.compile(r"thread (\S+) (\w+|\?):((?: [0-9a-f]+)*)")
_INSTRUCTION = 4


def parse_sections(boot: bytes) -> dict[str, dict[str, int]]:
    """Where the kernel has put the sections of its modules, by module and section."""
    found: dict[str, dict[str, int]] = {}
    for module, section, address in _SECTION.findall(boot):
        found.setdefault(module.decode(), {})[section.decode()] = int(address, 16)
    return found


def parse_where(text: str) -> tuple[MeWhere, ...]:
    """What `mewhere` prints; lines that are something else are left out."""
    blocks: list[tuple[int, str, list[str]]] = []
    for line in text.splitlines():
        slot = _SLOT.fullmatch(line.strip())
        if slot is not None:
            blocks.append((int(slot[1]), slot[2], []))
        elif blocks:
            blocks[-1][2].append(line.strip())
    return tuple(MeWhere(slot, name, _cpu(lines), tuple(_threads(lines)), _fault(lines))
                 for slot, name, lines in blocks)


def _cpu(lines: list[str]) -> tuple[int, ...]:
    for line in lines:
        match = _CPU.fullmatch(line)
        if match is not None:
            at, *returns = (int(word, 16) for word in match[1].split())
            return (at, *(address - _INSTRUCTION for address in returns))
    return ()


def _fault(lines: list[str]) -> MeFault | None:
    found = next((match for line in lines if (match := _FAULT.fullmatch(line)) is not None), None)
    return MeFault(*(int(word, 16) for word in found.groups())) if found is not None else None


def _threads(lines: list[str]) -> Iterator[MeThread]:
    for line in lines:
        match = _THREAD.fullmatch(line)
        if match is not None:
            returns = (int(word, 16) for word in match[3].split())
            yield MeThread(match[1], match[2], tuple(address - _INSTRUCTION for address in returns))
