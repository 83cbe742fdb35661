# SPDX-License-Identifier: GPL-2.0-only
"""The functions of a Linux kernel, from its boot image alone.

A distribution strips its kernel, but the kernel names its functions itself, in oopses and in
/proc/kallsyms, from tables that are part of the image (scripts/kallsyms.c, CONFIG_KALLSYMS_BASE_RELATIVE;
order as in Linux 4.20 to 6.3). Each begins at a multiple of eight bytes:

    offsets      u32 for each symbol, from the base, ascending
    base         u64; in an image that can run anywhere, a relocation tells it
    count        u32
    names        for each symbol: length, then that many tokens; the first letter of the text is the type
    others       of no interest here
    token table  256 texts
    token index  256 times u16: where each token's text is

The digits stand for themselves as tokens, one after the other: that is how the tables are found.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.errors import UsageError
from harness.symbols.table import Symbol

_DIGITS = b"".join(bytes((digit, 0)) for digit in b"0123456789")
_TOKENS = 256
_LONGEST_TOKEN = 64
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_FEWEST, _MOST = 1_000, 1_000_000  # symbols of a kernel
_FUNCTIONS = "tTwW"
_R_AARCH64_RELATIVE = struct.pack("<Q", 0x403)
_ALIGNED = 0x1F_FFFF  # an arm64 kernel is linked to a multiple of 2 MB


def read_kallsyms(image: bytes) -> list[Symbol]:
    """The functions of a kernel, where it runs if nothing moves it (no KASLR).

    :param image: an uncompressed boot image
    :raise UsageError: no such tables are in it
    """
    for digits in _all(image, _DIGITS):
        for start in _table_starts(image, digits):
            tokens = _token_table(image, start)
            names = _names_start(image, start) if tokens else None
            if names is not None:
                return list(_symbols(image, names, tokens, _base(image, names - 16)))
    raise UsageError("no table of symbols in the kernel's image",
                     hint="it must be an uncompressed Linux from 4.20 to 6.3 with CONFIG_KALLSYMS")


def _all(image: bytes, what: bytes) -> Iterator[int]:
    position = image.find(what)
    while position >= 0:
        yield position
        position = image.find(what, position + 1)


def _table_starts(image: bytes, digits: int) -> Iterator[int]:
    """Where the first token may begin: go back to the second one, then over the aligned places before it."""
    second = digits
    for _ in range(ord("0") - 1):
        second = image.rfind(b"\0", 0, max(0, second - 1)) + 1
    last = (second - 2) & ~7
    yield from range(last, max(-1, last - _LONGEST_TOKEN), -8)


def _token_table(image: bytes, start: int) -> Sequence[str]:
    """The tokens; none if what follows is not their index."""
    texts = image[start:start + _TOKENS * _LONGEST_TOKEN].split(b"\0")[:_TOKENS]
    end = start + sum(len(text) + 1 for text in texts)
    index = image[-(-end // 8) * 8:][:6]
    sizes = [len(text) + 1 for text in texts]
    first = struct.pack("<3H", 0, sizes[0], sizes[0] + sizes[1]) if len(sizes) == _TOKENS else b""
    return [text.decode("ascii", "replace") for text in texts] if index == first else ()


def _names_start(image: bytes, before: int) -> int | None:
    """Where the names are: behind a count that fits to the offsets before it."""
    words = memoryview(image)[:before & ~7].cast("I")
    for at in range(len(words) - 2, 4, -2):
        count = words[at]
        if not _FEWEST < count < _MOST or words[at + 1]:
            continue
        first = at - 2 - (count + 1) // 2 * 2
        if first >= 0 and words[first] == 0 and _ascending(words[first:first + count]):
            return (at + 2) * 4
    return None


def _ascending(offsets: memoryview) -> bool:
    values = offsets.tolist()
    return values[-1] > 0 and all(one <= other for one, other in pairwise(values))


def _base(image: bytes, at: int) -> int:
    """What the word at `at` of the image is when the kernel runs.

    A relocation is address, kind, value (ELF64_Rela). Its address differs from `at` by where the image is
    linked to.
    """
    (told,) = _U64.unpack_from(image, at)
    if told:
        return int(told)
    low = struct.pack("<H", at & 0xFFFF)
    for match in re.finditer(re.escape(low) + b".{6}" + re.escape(_R_AARCH64_RELATIVE), image, re.DOTALL):
        address, _, value = struct.unpack_from("<QQQ", image, match.start())
        if not (address - at) & _ALIGNED and address - at <= value < address:
            return int(value)
    raise UsageError("the kernel's image does not tell where its symbols are",
                     hint="it must be linked to an address, or for arm64 with CONFIG_RELOCATABLE")


def _symbols(image: bytes, names: int, tokens: Sequence[str], base: int) -> Iterator[Symbol]:
    (count,) = _U32.unpack_from(image, names - 8)
    offsets = names - 16 - (count + 1) // 2 * 8
    for number in range(count):
        length = image[names]
        names += 1
        if length & 0x80:  # since Linux 6.1: names of more than 127 tokens
            length = length & 0x7F | image[names] << 7
            names += 1
        text = "".join(tokens[token] for token in image[names:names + length])
        names += length
        if text[:1] in _FUNCTIONS:
            yield Symbol(base + _U32.unpack_from(image, offsets + 4 * number)[0], text[1:])
