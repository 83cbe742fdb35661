# SPDX-License-Identifier: GPL-2.0-only
"""The merged trees of a scenario: a base, overlays, and what sets one ME apart from the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.deadline import Deadline
from harness.dt import overlay
from harness.dt.blob import Blob, check
from harness.dt.compile import compile_tree
from harness.dt.view import Tree
from harness.errors import DtError

ME_NODE = "/ME"
ME_NAME_SIZE = 40
"""Bytes of an ME's name with the final NUL, as in images/include/abi/soo.h."""

_COMPILED = (".dtb", ".dtbo")


@dataclass(frozen=True, slots=True)
class Merged:
    """A tree ready to boot, with its origin.

    :param dtb: flattened and packed
    :param tree: the same, to look at and to compare with what the guest sees
    :param sources: the files it was made of, the base first if it is one, overlays in order
    """

    dtb: bytes
    tree: Tree
    sources: tuple[Path, ...]


def load(path: Path, *, deadline: Deadline | None = None) -> bytes:
    """A flattened tree from a source (.dts, .dtso), compiled, or from a compiled file (.dtb, .dtbo).

    :raise DtError: it is missing, does not compile, or is damaged
    :raise ToolMissing: dtc is not installed
    """
    if path.suffix not in _COMPILED:
        return _compiled(path, deadline)
    try:
        return check(path.read_bytes(), str(path))
    except OSError as error:
        raise DtError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _compiled(path: Path, deadline: Deadline | None) -> bytes:
    """The same source is compiled once in this process, unless other files go into it."""
    try:
        text = path.read_bytes()
    except OSError:  # told by the compiler, as all that is wrong with a source
        return compile_tree(path, deadline=deadline)
    known = _known.get((path, text))
    if known is None:
        known = compile_tree(path, deadline=deadline)
        if not any(word in text for word in _INCLUDING):
            _known[path, text] = known
    return known


_known: dict[tuple[Path, bytes], bytes] = {}
_INCLUDING = (b"/include/", b"/incbin/")


def agency_tree(base: bytes, overlays: Sequence[Path], *, deadline: Deadline | None = None) -> Merged:
    """The agency's tree.

    :param base: the tree that QEMU dumped for exactly the machine that will run
    :param overlays: our base overlay, then those of the scenario
    :raise DtError: see `harness.dt.overlay.apply`
    """
    return _merge(base, "QEMU's tree", (), overlays, deadline)


def me_tree(base: Path, overlays: Sequence[Path], *, fault: str | None = None, spid: int | None = None,
            name: str | None = None, deadline: Deadline | None = None) -> Merged:
    """The tree of one ME.

    :param base: a source or compiled tree with the node /ME
    :param fault: planted defect that the ME shall show, a test build provided
    :param spid: its species identifier, 64 bits; None: as in `base`
    :param name: its name, at most 39 bytes; None: as in `base`
    :raise DtError: see `harness.dt.overlay.apply`; or a value does not fit
    """
    identity: dict[str, bytes] = {}
    if fault is not None:
        identity["fault"] = _string("fault", fault, 64)
    if spid is not None:
        if not 0 <= spid < 1 << 64:
            raise DtError(f"spid {spid:#x} does not fit in 64 bits", where=str(base))
        identity["spid"] = spid.to_bytes(8, "big")
    if name is not None:
        identity["me_name"] = _string("name", name, ME_NAME_SIZE)
    merged = _merge(load(base, deadline=deadline), str(base), (base,), overlays, deadline)
    if not identity:
        return merged
    dtb = set_properties(merged.dtb, {ME_NODE: identity}, name=str(base))
    return Merged(dtb, Tree.parse(dtb, str(base)), merged.sources)


def set_properties(dtb: bytes, values: Mapping[str, Mapping[str, bytes]], *,
                   name: str = "device tree") -> bytes:
    """A copy of a tree in which properties have new values; missing ones are made.

    :param values: path of an existing node -> property -> value
    :raise DtError: the tree is damaged, or a node does not exist
    """
    changed = Blob(dtb, name)
    for path, props in values.items():
        for prop, value in props.items():
            changed.set_property(path, prop, value)
    return changed.packed()


def _merge(base: bytes, name: str, sources: tuple[Path, ...], overlays: Sequence[Path],
           deadline: Deadline | None) -> Merged:
    compiled = [(str(path), load(path, deadline=deadline)) for path in overlays]
    dtb = overlay.apply(base, compiled, name=name)
    return Merged(dtb, Tree.parse(dtb, name), (*sources, *overlays))


def _string(what: str, text: str, size: int) -> bytes:
    value = text.encode() + b"\0"
    if not text or not text.isprintable() or not text.isascii() or len(value) > size:
        raise DtError(f"{what} {text!r} of an ME is not 1 to {size - 1} printable ASCII characters")
    return value
