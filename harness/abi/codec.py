# SPDX-License-Identifier: GPL-2.0-only
"""Little-endian structures with named fields and no hidden padding; the root of decoding errors."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from harness.errors import HarnessError

PAGE_SIZE = 4096
U32_MASK = 0xFFFFFFFF

_FORMAT = re.compile(r"([0-9]*)([BHIQisq])")

FieldValue = int | bytes | tuple[int, ...]


class AbiError(HarnessError):
    """Bytes that are no instance of the structure they should be."""


class Layout:
    """A C structure: its name, and each field's name, `struct` format and offset.

    :param name: as in the header, without `struct`
    :param fields: (name, format) in order; "16s" is bytes, "4I" a tuple, "I" one number
    """

    def __init__(self, name: str, fields: Sequence[tuple[str, str]]) -> None:
        self.name = name
        self.offsets: dict[str, int] = {}
        self._fields: list[tuple[str, struct.Struct, bool]] = []
        at = 0
        for field, text in fields:
            found = _FORMAT.fullmatch(text)
            if found is None:
                raise ValueError(f"{name}.{field}: no format {text!r}")
            packer = struct.Struct("<" + text)
            self.offsets[field] = at
            self._fields.append((field, packer, bool(found[1]) and found[2] != "s"))
            at += packer.size
        self.size = at

    def unpack(self, data: bytes, offset: int = 0) -> dict[str, FieldValue]:
        """Values of all fields of the structure at `offset` (bytes).

        :raise AbiError: the bytes end before the structure does
        """
        if offset < 0 or offset + self.size > len(data):
            have = max(0, len(data) - max(0, offset))
            raise AbiError(f"{self.name} needs {self.size} bytes, there are {have}", where=f"offset {offset}")
        values: dict[str, FieldValue] = {}
        for field, packer, several in self._fields:
            parts = packer.unpack_from(data, offset + self.offsets[field])
            values[field] = tuple(parts) if several else parts[0]
        return values

    def numbers(self, data: bytes, offset: int = 0) -> dict[str, int]:
        """The same, with the fields that are one number only.

        :raise AbiError: as for `unpack`
        """
        return {key: value for key, value in self.unpack(data, offset).items() if isinstance(value, int)}


def check_page(name: str, data: bytes, size: int = PAGE_SIZE) -> bytes:
    """A copy of the first `size` bytes.

    :raise AbiError: there are fewer
    """
    if len(data) < size:
        raise AbiError(f"{name} needs {size} bytes, there are {len(data)}")
    return bytes(data[:size])
