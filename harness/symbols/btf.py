# SPDX-License-Identifier: GPL-2.0-only
"""Where the members of a kernel's structures are, from the type information in its boot image.

The kernel carries it for BPF programs (CONFIG_DEBUG_INFO_BTF; Documentation/bpf/btf.rst): a header, types
one after the other, texts. A type has three words and, by its kind, more.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping

from harness.errors import UsageError

_HEADER = struct.Struct("<HBBIIIII")
_MAGIC = struct.pack("<HBBI", 0xEB9F, 1, 0, _HEADER.size)
_WORDS = struct.Struct("<III")
_STRUCT = 4
# Bytes that follow a type of a kind: so many once, or for each of its members.
_ONCE = {1: 4, 3: 12, 14: 4, 17: 4}
_EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
_BIT_FIELDS = 1 << 31


def read_structures(image: bytes, names: Collection[str]) -> dict[str, Mapping[str, int]]:
    """Offsets in bytes of the members of structures, by their names.

    :raise UsageError: the image has no such information, or lacks one of the structures
    """
    start = image.find(_MAGIC)
    if start < 0:
        raise UsageError("no information on types in the kernel's image",
                         hint="it needs CONFIG_DEBUG_INFO_BTF")
    *_, types, size, texts, _ = _HEADER.unpack_from(image, start)
    front = start + _HEADER.size
    at, end = front + types, front + types + size
    wanted = {name.encode(): name for name in names}
    found: dict[str, Mapping[str, int]] = {}
    while at < end and len(found) < len(wanted):
        name, info, _ = _WORDS.unpack_from(image, at)
        kind, count = info >> 24 & 0x1F, info & 0xFFFF
        at += _WORDS.size
        if kind == _STRUCT and name:
            text = _text(image, front + texts + name)
            if text in wanted:
                found[wanted[text]] = _members(image, at, count, info, front + texts)
        at += _ONCE.get(kind, 0) + _EACH.get(kind, 0) * count
    if len(found) < len(wanted):
        raise UsageError(f"no structure {', '.join(sorted(set(names) - set(found)))} in the kernel's image")
    return found


def _members(image: bytes, at: int, count: int, info: int, texts: int) -> Mapping[str, int]:
    members = {}
    for number in range(count):
        name, _, bits = _WORDS.unpack_from(image, at + _WORDS.size * number)
        offset = bits & 0xFFFFFF if info & _BIT_FIELDS else bits
        members[_text(image, texts + name).decode()] = offset // 8
    return members


def _text(image: bytes, at: int) -> bytes:
    return image[at:image.index(b"\0", at)]
