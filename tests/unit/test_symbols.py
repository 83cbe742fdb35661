# SPDX-License-Identifier: GPL-2.0-only
"""Functions by address: tables of a kernel, files of an initramfs."""

from __future__ import annotations

import struct

import pytest

from harness.errors import UsageError
from harness.images.cpio import Archive
from harness.symbols.initramfs import files
from harness.symbols.kallsyms import read_kallsyms
from harness.symbols.system import Symbols, load
from harness.symbols.table import Spot, Symbol, Table

_LINKED = 0xFFFF_8000_0800_0000
_FIRST = _LINKED + 0x1000
_COUNT = 1500
_TOKENS = [chr(code) if 32 < code < 127 else f"long_token_{code}" for code in range(256)]


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 8)


def _kernel(*, told: int = 0, relocated: bool = True) -> bytes:
    """A boot image with nothing but tables: functions f0, f1, ... 16 bytes apart; every tenth is data."""
    offsets = _padded(b"".join(struct.pack("<I", 16 * number) for number in range(_COUNT)))
    names = b""
    for number in range(_COUNT):
        text = ("d" if number % 10 == 9 else "t") + f"f{number}"
        names += bytes([len(text)]) + text.encode()
    texts = [token.encode() + b"\0" for token in _TOKENS]
    starts = [sum(map(len, texts[:number])) for number in range(256)]
    table = _padded(b"".join(texts)) + struct.pack("<256H", *starts)
    front = b"\x5a" * 4096 + offsets
    image = front + struct.pack("<QQ", told, _COUNT) + _padded(names) + _padded(b"\x11" * 24) + table
    relocation = struct.pack("<QQQ", _LINKED + len(front), 0x403, _FIRST)
    return _padded(image) + (relocation if relocated else b"")


@pytest.mark.parametrize("image", [_kernel(), _kernel(told=_FIRST, relocated=False)], ids=["moved", "linked"])
def test_functions_of_a_kernel(image: bytes) -> None:
    table = Table("kernel", read_kallsyms(image))
    assert len(table) == _COUNT - _COUNT // 10
    assert table.find(_FIRST + 16 * 7 + 4) == Spot("kernel", "f7", 4)
    assert table.address("f1234") == _FIRST + 16 * 1234
    assert table.address("f9") is None


@pytest.mark.parametrize("image", [b"", b"no kernel" * 100, _kernel(relocated=False)])
def test_an_image_that_does_not_tell(image: bytes) -> None:
    with pytest.raises(UsageError, match="kernel's image"):
        read_kallsyms(image)


def test_what_is_between_functions_is_none() -> None:
    table = Table("me", [Symbol(0x1000, "first", 8), Symbol(0x2000, "last", 0), Symbol(0x2000, "_mark", 0)])
    assert table.find(0x0FFF) is None
    assert str(table.find(0x1007)) == "me:first+0x7"
    assert table.find(0x1008) is None
    assert str(table.find(0x2010)) == "me:last+0x10"
    assert table.find(0x2000 + 0x100000) is None


def test_files_of_an_initramfs() -> None:
    root = Archive()
    root.file("lib/soo/soo.ko", b"12345")
    root.link("bin/sh", "busybox")
    found = dict(files(root.tobytes()))
    assert found["lib/soo/soo.ko"] == b"12345"
    assert found["bin/sh"] == b"busybox"
    with pytest.raises(UsageError, match="offset 0: is no uncompressed initramfs"):
        list(files(b"\x1f\x8b" + b"\0" * 200))


def test_what_is_not_there_is_left_out() -> None:
    assert load(None, None, None, {}) == Symbols()
