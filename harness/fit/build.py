# SPDX-License-Identifier: GPL-2.0-only
"""ME images: a FIT with kernel and device tree, its data embedded.

    /images/me                type "ME", arch, os, compression "none", load, entry, data
    /images/me/hash-1         algo "crc32", value
    /images/fdt               type "flat_dt", data, and so on
    /configurations/conf-1    kernel "me", fdt "fdt"; /configurations: default "conf-1"

The same input gives the same bytes: there is no time stamp but 0.
"""

import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import libfdt

from harness.errors import FitError, HostError
from harness.output import beside, deliver

ME_IMAGE = "me"
FDT_IMAGE = "fdt"
CONFIGURATION = "conf-1"


@dataclass(frozen=True, slots=True)
class Part:
    """One image of a FIT.

    :param kind: its `type`, for instance "ME" or "flat_dt"
    :param load: address it is copied to; None: left to the loader
    :param entry: address of its first instruction; None: it is no program
    """

    name: str
    kind: str
    description: str
    data: bytes
    load: int | None = None
    entry: int | None = None


def me_image(kernel: bytes, dtb: bytes, *, load: int, entry: int, out: Path) -> None:
    """Write an ME image; the file appears complete or not at all.

    :param load: address of the kernel's first byte in the ME's memory
    :param entry: address of its first instruction, within the kernel
    :raise FitError: `entry` is outside the kernel, or an address has more than 64 bits
    :raise HostError: the file cannot be written
    """
    if not (0 <= load <= entry < load + len(kernel) and load + len(kernel) <= 1 << 64):
        raise FitError(f"entry 0x{entry:x} is outside the kernel of {len(kernel)} bytes at 0x{load:x}",
                       where=str(out))
    parts = (Part(ME_IMAGE, "ME", "Mobile entity", kernel, load, entry),
             Part(FDT_IMAGE, "flat_dt", "Device tree of the mobile entity", dtb))
    _write(out, assemble(parts, "SOO mobile entity"))


def assemble(parts: tuple[Part, Part], description: str) -> bytes:
    """The bytes of a FIT with one program and its device tree, in this order."""
    kernel, fdt = parts
    wide = any(part.load is not None and part.load >> 32 for part in parts)
    fit = libfdt.FdtSw(sum(len(part.data) for part in parts) + 4096)
    fit.finish_reservemap()
    with fit.add_node(""):
        fit.property_u32("timestamp", 0)
        fit.property_string("description", description)
        fit.property_u32("#address-cells", 2 if wide else 1)
        with fit.add_node("images"):
            for part in parts:
                _add(fit, part, wide)
        with fit.add_node("configurations"):
            fit.property_string("default", CONFIGURATION)
            with fit.add_node(CONFIGURATION):
                fit.property_string("description", description)
                fit.property_string("kernel", kernel.name)
                fit.property_string("fdt", fdt.name)
    tree = fit.as_fdt()
    tree.pack()
    return bytes(tree.as_bytearray())


def _add(fit: libfdt.FdtSw, part: Part, wide: bool) -> None:
    with fit.add_node(part.name):
        fit.property_string("description", part.description)
        fit.property("data", part.data)
        fit.property_string("type", part.kind)
        fit.property_string("arch", "arm64")
        fit.property_string("os", "so3")
        fit.property_string("compression", "none")
        for name, address in (("load", part.load), ("entry", part.entry)):
            if address is not None:
                fit.property(name, address.to_bytes(8 if wide else 4, "big"))
        with fit.add_node("hash-1"):
            fit.property_string("algo", "crc32")
            fit.property("value", zlib.crc32(part.data).to_bytes(4, "big"))


def _write(out: Path, data: bytes) -> None:
    """Write beside and rename, so that nobody sees half a file."""
    partial = beside(out)
    try:
        partial.write_bytes(data)
        deliver(partial, out)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise HostError(f"cannot write: {error.strerror}", where=str(out)) from error
