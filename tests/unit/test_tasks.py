# SPDX-License-Identifier: GPL-2.0-only
"""A kernel's tasks in its memory: where its structures are, and the walk over them."""

from __future__ import annotations

import struct

import pytest

from harness.errors import UsageError
from harness.guest.tasks import Task, Tasks
from harness.symbols.btf import read_structures
from harness.symbols.inittask import first_task
from harness.symbols.system import TaskLayout
from harness.symbols.table import Symbol

_STRUCT, _INT, _PTR = 4, 1, 2


def _btf() -> bytes:
    """Types: an int, a pointer, `pair {a; b}` and `bits {x:4; y}` with bit fields."""
    texts = b"\0int\0pair\0a\0b\0bits\0x\0y\0"
    names = ("int", "pair", "a", "b", "bits", "x", "y")
    at = {name: texts.index(b"\0" + name.encode() + b"\0") + 1 for name in names}

    def kind(name: str, number: int, count: int = 0, flag: int = 0) -> bytes:
        return struct.pack("<III", at.get(name, 0), flag << 31 | number << 24 | count, 8)

    types = kind("int", _INT) + struct.pack("<I", 32) + kind("", _PTR)
    types += kind("pair", _STRUCT, 2) + struct.pack("<6I", at["a"], 1, 0, at["b"], 1, 64)
    types += kind("bits", _STRUCT, 2, flag=1) + struct.pack("<6I", at["x"], 1, 4 << 24 | 36, at["y"], 1, 128)
    header = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(texts))
    return b"\x55" * 100 + header + types + texts


def test_members_of_structures() -> None:
    assert read_structures(_btf(), ("bits", "pair")) == {"pair": {"a": 0, "b": 8}, "bits": {"x": 4, "y": 16}}
    with pytest.raises(UsageError, match="no structure task_struct in"):
        read_structures(_btf(), ("pair", "task_struct"))
    with pytest.raises(UsageError, match="CONFIG_DEBUG_INFO_BTF"):
        read_structures(b"\0" * 100, ("pair",))


def test_the_first_task_is_in_the_image() -> None:
    functions = [Symbol(0xFFFF800008010000, "first")]
    image = bytearray(0x4000)
    image[0x2010:0x2017] = b"swapper"
    assert first_task(bytes(image), functions, {"comm": 0x10}) == 0xFFFF800008002000
    image[0x3010:0x3017] = b"swapper"
    for broken in (bytes(image), bytes(100)):
        with pytest.raises(UsageError, match="might be its first task"):
            first_task(broken, functions, {"comm": 0x10})


_LAYOUT = TaskLayout(0x10000, {
    "task_struct": {"tasks": 0x10, "thread_node": 0x20, "signal": 0x30, "comm": 0x40, "pid": 0x50,
                    "__state": 0x54, "on_cpu": 0x58, "thread": 0x60},
    "thread_struct": {"cpu_context": 0},
    "cpu_context": {"fp": 0, "pc": 8},
    "signal_struct": {"thread_head": 0},
})


class _Memory:
    def __init__(self) -> None:
        self._words: dict[int, int] = {}

    def task(self, at: int, name: str, pid: int, *, following: int, thread: int = 0, state: int = 1,
             running: bool = False) -> None:
        """A task, its next leader, and its threads: itself and, if there is one, `thread`."""
        signal = at + 0x800
        self._words |= {at + 0x10: following + 0x10, at + 0x30: signal, at + 0x50: pid | state << 32,
                        at + 0x58: int(running), at + 0x60: at + 0x900, at + 0x68: at + 4, at + 0x900: 0,
                        at + 0x908: at + 0x104}
        padded = name.encode().ljust(16, b"\0")
        self._words |= {at + 0x40: int.from_bytes(padded[:8], "little"),
                        at + 0x48: int.from_bytes(padded[8:], "little")}
        links = [at + 0x20, *([thread + 0x20] if thread else []), signal]
        self._words |= dict(zip([signal, *links], links, strict=False))

    def read(self, address: int, size: int) -> bytes | None:
        start = address & ~7
        words = [self._words.get(start + 8 * number) for number in range((address - start + size + 7) // 8)]
        if None in words:
            return None
        data = b"".join((word or 0).to_bytes(8, "little") for word in words)
        return data[address - start:address - start + size]


def _memory() -> _Memory:
    memory = _Memory()
    memory.task(0x30000, "worker", 3, following=0x10000, running=True)
    memory.task(0x40000, "second", 5, following=0)
    memory.task(0x20000, "injector", 2, following=0x30000, thread=0x40000, state=2)
    memory.task(0x10000, "swapper/0", 0, following=0x20000)
    return memory


def test_tasks_and_their_threads_are_walked() -> None:
    found = list(Tasks(_memory().read, _LAYOUT).waiting())
    assert found == [Task("injector", 2, True, (0x20004, 0x20100)),
                     Task("second", 5, False, (0x40004, 0x40100))]


def test_a_list_that_is_damaged_ends() -> None:
    memory = _memory()
    memory.task(0x30000, "loop", 3, following=0x30000)
    assert len(list(Tasks(memory.read, _LAYOUT).waiting())) <= 1001
    assert list(Tasks(lambda address, size: None, _LAYOUT).waiting()) == []
