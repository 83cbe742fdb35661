# SPDX-License-Identifier: GPL-2.0-only
"""What a Linux has noted about itself: where its tables are."""

import struct

import pytest

from harness.qemu.kernelnote import Tables, tables, within

_TEXT = b"""\
OSRELEASE=6.1.0-test
PAGESIZE=4096
SYMBOL(swapper_pg_dir)=ffff8000098a1000
OFFSET(list_head.next)=0
LENGTH(mem_section)=8192
NUMBER(VA_BITS)=48
NUMBER(kimage_voffset)=0xffff7fffc7e00000
NUMBER(PHYS_OFFSET)=0x40000000
KERNELOFFSET=0
"""


def test_where_the_tables_are() -> None:
    assert tables(_TEXT) == Tables(root=0x41AA1000, va_bits=48, page_size=4096)


@pytest.mark.parametrize("lacking", ["swapper_pg_dir", "kimage_voffset", "VA_BITS", "PAGESIZE"])
def test_a_note_that_does_not_tell(lacking: str) -> None:
    assert tables(_TEXT.replace(lacking.encode(), b"ANOTHER")) is None
    assert tables(b"") is None


def test_a_note_is_as_long_as_it_says() -> None:
    kept = struct.pack("<III", 11, len(_TEXT), 0) + b"VMCOREINFO\0\0" + _TEXT
    assert within(bytes(4096) + kept + b"KERNELOFFSET=7\n") == _TEXT
    assert within(bytes(4096) + kept[:20]) == b""
