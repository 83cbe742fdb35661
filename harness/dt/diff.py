# SPDX-License-Identifier: GPL-2.0-only
"""What differs between the tree that was asked for and the one that a guest sees."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness.dt.view import Tree

_SHOWN = 64  # bytes of a value that a text shows
_STRINGS = re.compile(rb"([\x20-\x7e]+\x00)+|\x00")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two trees differ, in readable form.

    :param path: the node
    :param prop: the property, or None: the whole node is only on one side
    :param expected: what it should be; None: it should not be there
    :param observed: what it is; None: it is not there
    """

    path: str
    prop: str | None
    expected: str | None
    observed: str | None

    def __str__(self) -> str:
        place = self.path if self.prop is None else f"{self.path.rstrip('/')}/{self.prop}"
        return f"{place}: expected {self.expected or 'nothing'}, observed {self.observed or 'nothing'}"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A property that is not compared, and why.

    :param path: the node
    :param prop: the property
    :param reason: why its value cannot be foretold, in words
    """

    path: str
    prop: str
    reason: str


LINUX_IGNORED = (
    Ignored("/chosen", "linux,initrd-start", "QEMU chooses where the ramdisk goes"),
    Ignored("/chosen", "linux,initrd-end", "QEMU chooses where the ramdisk goes"),
    Ignored("/chosen", "kaslr-seed", "random, and wiped by Linux; absent with dtb-randomness=off"),
    Ignored("/chosen", "rng-seed", "random, and wiped by Linux; absent with dtb-randomness=off"),
)


def diff(expected: Tree, effective: Tree, ignore: Collection[Ignored] = ()) -> list[Difference]:
    """Every difference, node by node, in the order of `expected`; what is too much comes last.

    A missing or surplus node is one difference, whatever is in it and below it.
    """
    ignored = {(entry.path, entry.prop) for entry in ignore}
    found: list[Difference] = []
    for path, props in expected.nodes.items():
        if path in effective.nodes:
            found += _properties(path, props, effective.nodes[path], ignored)
        elif _parent(path) in effective.nodes or path == "/":
            found.append(Difference(path, None, "a node", None))
    for path in effective.nodes:
        if path not in expected.nodes and (_parent(path) in expected.nodes or path == "/"):
            found.append(Difference(path, None, None, "a node"))
    return found


def _properties(path: str, expected: Mapping[str, bytes], observed: Mapping[str, bytes],
                ignored: Collection[tuple[str, str]]) -> list[Difference]:
    found = []
    for prop in dict.fromkeys((*expected, *observed)):
        want, have = expected.get(prop), observed.get(prop)
        if want != have and (path, prop) not in ignored:
            found.append(Difference(path, prop, *render_pair(want, have)))
    return found


def render_pair(one: bytes | None, other: bytes | None) -> tuple[str | None, str | None]:
    """Two values that differ, in the same notation; of long ones the part from the difference on."""
    present = [value for value in (one, other) if value is not None]
    textual = all(_STRINGS.fullmatch(value) for value in present)
    start = 0
    if len(present) == 2 and max(map(len, present)) > _SHOWN:
        start = _first_difference(*present) & ~3
    return (None if one is None else render(one, textual, start),
            None if other is None else render(other, textual, start))


def render(value: bytes, textual: bool | None = None, start: int = 0) -> str:
    """A value as a source would have it: strings in quotes, else cells, else bytes.

    :param textual: show it as strings; None: if it looks like strings
    :param start: offset of the first byte to show
    """
    if not value:
        return "a property without a value"
    if textual is None:
        textual = _STRINGS.fullmatch(value) is not None
    part = value[start:start + _SHOWN]
    if textual:
        shown = ", ".join(f'"{text.decode()}"' for text in part.rstrip(b"\0").split(b"\0"))
    elif len(value) % 4 == 0:
        shown = "<" + " ".join(f"0x{part[at:at + 4].hex()}" for at in range(0, len(part), 4)) + ">"
    else:
        shown = f"[{part.hex(' ')}]"
    if len(part) == len(value):
        return shown
    return f"{shown} (bytes {start} to {start + len(part)} of {len(value)})"


def _first_difference(one: bytes, other: bytes) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
                min(len(one), len(other)))


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"
