# SPDX-License-Identifier: GPL-2.0-only
"""Where the sections of a FIT lie in its file, and which of them a cut goes through.

A FIT is a flattened tree: header, memory reservations, structure block (with the images' data in
it), strings block. A file that is cut short cannot be parsed by libfdt, so the tokens of the
structure block are walked here, as far as there are any.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

from harness.dt.blob import HEADER_SIZE, Header

_BEGIN, _END, _PROP, _NOP, _FINISH = 1, 2, 3, 4, 9
_LONG = 256  # a value of this length in an image is its data: the names of properties come after the cut


@dataclass(frozen=True, slots=True)
class _Span:
    """A property's value: its node and where it lies in the file."""

    path: str
    start: int
    length: int


def cut_section(data: bytes) -> str:
    """Name of the first section that is not complete in `data`.

    :param data: the file, shorter than a header or than its header says; its magic number is right
    """
    if len(data) < HEADER_SIZE:
        return "header"
    header = Header.read(data)
    structure = header.off_dt_struct + header.size_dt_struct
    strings = header.off_dt_strings + header.size_dt_strings
    ends = [(header.off_dt_struct, "memory reservations"), (structure, "structure block"),
            (strings, "strings block"), (header.totalsize, "free space at the end")]
    end, name = next(pair for pair in sorted(ends, key=itemgetter(0)) if pair[0] > len(data))
    return _in_structure(data, header.off_dt_struct) if end == structure else name


def _in_structure(data: bytes, start: int) -> str:
    last = "/"
    for span in _values(data, start):
        last = span.path
        if span.start + span.length > len(data):
            return _named(span.path, span.length >= _LONG)
    return _named(last, False)


def _named(path: str, long: bool) -> str:
    parts = path.split("/")
    if len(parts) >= 3 and parts[1] == "images":
        if len(parts) > 3:
            return f"{parts[3]} of image '{parts[2]}'"
        return f"image '{parts[2]}' data" if long else f"image '{parts[2]}'"
    return "structure block"


def _values(data: bytes, at: int) -> Iterator[_Span]:
    """Values in file order until the data or the sense ends; the last one may reach beyond the end."""
    path: list[str] = []
    while at + 4 <= len(data):
        token = struct.unpack_from(">I", data, at)[0]
        at += 4
        if token == _BEGIN:
            end = data.find(b"\0", at)
            if end < 0:
                return
            path.append(data[at:end].decode("ascii", "replace"))
            at = (end + 4) & ~3
        elif token == _END:
            if not path:
                return
            path.pop()
        elif token == _PROP:
            if at + 8 > len(data):
                return
            length = struct.unpack_from(">I", data, at)[0]
            yield _Span("/".join(path) or "/", at + 8, length)
            at = (at + 8 + length + 3) & ~3
        elif token != _NOP:
            return
