# SPDX-License-Identifier: GPL-2.0-only
"""FIT images, read and verified; every error names the section that is at fault."""

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.dt import blob
from harness.dt.view import Tree
from harness.errors import DtError, FitError
from harness.fit.layout import cut_section

_EXTERNAL = ("data-offset", "data-position")
_HASHES: Mapping[str, Callable[[bytes], bytes]] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha384": lambda data: hashlib.sha384(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
}


@dataclass(frozen=True, slots=True)
class Image:
    """One image of a FIT; texts are empty and addresses None where the file does not say.

    :param kind: its `type`: "ME", "kernel", "flat_dt", "ramfs" and so on
    :param load: address that its data is copied to
    :param entry: address of its first instruction
    :param hashes: names of the algorithms whose value was found right
    """

    name: str
    kind: str
    arch: str
    os: str
    compression: str
    load: int | None
    entry: int | None
    data: bytes
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A verified FIT.

    :param images: all of them, by name
    :param configuration: name of the default configuration
    :param kernel: the kernel of that configuration
    :param fdt: its device tree
    :param ramdisk: its ramdisk, if it has one
    """

    description: str
    images: Mapping[str, Image]
    configuration: str
    kernel: Image
    fdt: Image
    ramdisk: Image | None


def verify(data: bytes, *, name: str = "FIT", kind: str = "ME") -> Fit:
    """Read a FIT and verify all of it: header, structure, data against hashes, configuration.

    Signatures are not verified. Zero bytes after the end are accepted, as loaders pad files.

    :param name: file or other origin, for error texts
    :param kind: the `type` that the kernel of the default configuration must have
    :raise FitError: names the first section that is damaged, cut, missing or of the wrong type
    """
    tree = _tree(data, name)
    for path in ("/images", "/configurations"):
        if path not in tree.nodes:
            raise FitError(f"node {path} is missing", where=name, hint="this tree is no FIT")
    images = {path.rpartition("/")[2]: _image(tree, path, name) for path in tree.children("/images")}
    if not images:
        raise FitError("node /images has no image", where=name)
    for image in images.values():
        if image.kind == "flat_dt":
            _check_dtb(image, name)
    return _configured(tree, images, name, kind)


def _tree(data: bytes, name: str) -> Tree:
    """The tree in `data`, of which the sizes have been verified."""
    start = data[:4]
    if not blob.MAGIC.to_bytes(4, "big").startswith(start):
        raise FitError(f"header: this is no FIT, it starts with {start.hex(' ')}", where=name)
    if len(data) < blob.HEADER_SIZE or blob.Header.read(data).totalsize > len(data):
        raise FitError(f"truncated after {len(data)} bytes, in section: {cut_section(data)}", where=name,
                       hint="build or copy the file again")
    size = blob.Header.read(data).totalsize
    try:
        tree = Tree.parse(data, name)
    except DtError as error:
        raise FitError(f"structure block: {error.what}", where=name) from error
    for path in tree.children("/images"):
        if any(prop in tree.nodes[path] for prop in _EXTERNAL):
            raise FitError(f"image '{path.rpartition('/')[2]}' has its data outside the tree, which is not "
                           "supported", where=name, hint="make it by mkimage without -E")
    if data[size:].strip(b"\0"):
        raise FitError(f"{len(data) - size} bytes after the end of the tree", where=name)
    return tree


def _image(tree: Tree, path: str, name: str) -> Image:
    label = path.rpartition("/")[2]
    props = tree.nodes[path]
    for prop in ("data", "type"):
        if prop not in props:
            raise FitError(f"image '{label}' has no {prop}", where=name)
    return Image(
        name=label, kind=tree.text(path, "type") or "", arch=tree.text(path, "arch") or "",
        os=tree.text(path, "os") or "", compression=tree.text(path, "compression") or "none",
        load=_address(tree, path, "load", name), entry=_address(tree, path, "entry", name),
        data=props["data"], hashes=_verified_hashes(tree, path, name))


def _address(tree: Tree, path: str, prop: str, name: str) -> int | None:
    value = tree.value(path, prop)
    if value is not None and len(value) not in (4, 8):
        raise FitError(f"image '{path.rpartition('/')[2]}' {prop}: {len(value)} bytes are no address",
                       where=name)
    return None if value is None else int.from_bytes(value, "big")


def _verified_hashes(tree: Tree, path: str, name: str) -> tuple[str, ...]:
    label = path.rpartition("/")[2]
    verified = []
    for node in tree.children(path):
        short = node.rpartition("/")[2]
        if short.partition("-")[0].partition("@")[0] != "hash":
            continue
        algo = tree.text(node, "algo") or ""
        if algo not in _HASHES:
            raise FitError(f"{short} of image '{label}': unknown algorithm {algo!r}", where=name,
                           hint=f"known: {', '.join(_HASHES)}")
        stored = tree.value(node, "value") or b""
        computed = _HASHES[algo](tree.nodes[path]["data"])
        if stored != computed:
            raise FitError(f"image '{label}' data: {algo} is {computed.hex()}, but {short} says "
                           f"{stored.hex() or 'nothing'}", where=name, hint="the file is damaged")
        verified.append(algo)
    return tuple(verified)


def _check_dtb(image: Image, name: str) -> None:
    try:
        Tree.parse(image.data, f"image '{image.name}'")
    except DtError as error:
        raise FitError(f"image '{image.name}' data: {error.what}", where=name) from error


def _configured(tree: Tree, images: Mapping[str, Image], name: str, kind: str) -> Fit:
    default = tree.text("/configurations", "default")
    if default is None:
        raise FitError("node /configurations has no default", where=name)
    path = f"/configurations/{default}"
    if path not in tree.nodes:
        raise FitError(f"default configuration '{default}' is missing", where=name)
    kernel = _member(tree, path, "kernel", images, name)
    fdt = _member(tree, path, "fdt", images, name)
    if kernel is None or fdt is None:
        missing = "kernel" if kernel is None else "fdt"
        raise FitError(f"configuration '{default}' names no {missing}", where=name)
    _check_types(kernel, fdt, kind, name)
    return Fit(tree.text("/", "description") or "", images, default, kernel, fdt,
               _member(tree, path, "ramdisk", images, name))


def _member(tree: Tree, path: str, prop: str, images: Mapping[str, Image], name: str) -> Image | None:
    wanted = tree.text(path, prop)
    if wanted is None:
        return None
    if wanted not in images:
        raise FitError(f"configuration '{path.rpartition('/')[2]}' names the {prop} '{wanted}', which is no "
                       "image", where=name, hint=f"images: {', '.join(images)}")
    return images[wanted]


def _check_types(kernel: Image, fdt: Image, kind: str, name: str) -> None:
    for image, wanted in ((kernel, kind), (fdt, "flat_dt")):
        if image.kind != wanted:
            raise FitError(f"image '{image.name}' has type \"{image.kind}\", not \"{wanted}\"", where=name)
        if image.compression != "none":
            raise FitError(f"image '{image.name}' is compressed ({image.compression}), which is not "
                           "supported", where=name)
    if kernel.load is None or kernel.entry is None:
        missing = "load" if kernel.load is None else "entry"
        raise FitError(f"image '{kernel.name}' has no {missing} address", where=name)
    if not kernel.load <= kernel.entry < kernel.load + len(kernel.data):
        raise FitError(f"image '{kernel.name}' entry 0x{kernel.entry:x} is outside its data", where=name)
