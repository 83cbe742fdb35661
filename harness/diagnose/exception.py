# SPDX-License-Identifier: GPL-2.0-only
"""What an exception of an AArch64 CPU means that takes it again and again (Arm ARM D17.2.37, ESR_EL1)."""

from __future__ import annotations

from harness.model.views import MeFault

_CLASS_SHIFT = 26
_FETCH = (0x20, 0x21)
_DATA = (0x24, 0x25)
_VECTORS = 0x800
_PAGE = 4096


def endless(fault: MeFault, pc: int) -> bool:
    """Whether the CPU faults in its own vectors: then it comes back to them for ever.

    Who is there for an interrupt, or for an exception of other code, is on the way through.
    """
    return fault.elr // _VECTORS == pc // _VECTORS


def of_page_tables(fault: MeFault, pc: int) -> str:
    """In words, if the CPU faults for ever because its tables do not map its own code; else empty.

    :param pc: where the CPU is: in its vectors
    """
    kind = fault.esr >> _CLASS_SHIFT & 0x3F
    if kind not in _FETCH or fault.far // _PAGE != pc // _PAGE:
        return ""
    where = f"{fault.far:#x} ({_status(fault.esr)})"
    return f"its page tables are damaged: they do not map its own code at {where}"


def describe(fault: MeFault) -> str:
    """An exception in words."""
    kind = fault.esr >> _CLASS_SHIFT & 0x3F
    what = "instruction fetch" if kind in _FETCH else "data access" if kind in _DATA else f"class {kind:#x}"
    return f"{what} at {fault.far:#x} failed ({_status(fault.esr)})" if kind in (*_FETCH, *_DATA) else what


def _status(esr: int) -> str:
    """The fault status code, bits 0 to 5."""
    code = esr & 0x3F
    kinds = {0: "address size fault", 1: "translation fault", 2: "access flag fault", 3: "permission fault"}
    return f"{kinds[code >> 2]}, level {code & 3}" if code >> 2 in kinds else f"fault status {code:#x}"
