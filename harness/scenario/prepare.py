# SPDX-License-Identifier: GPL-2.0-only
"""All files of a machine, made before it starts: device trees, ME images, the disk that carries them."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.dt.build import Merged, agency_tree, load, me_tree
from harness.errors import UsageError
from harness.fit.build import me_image
from harness.images.machine import machine_spec
from harness.images.store import ImageSet
from harness.qemu.cmdline import hardware
from harness.qemu.dumpdtb import dump_tree
from harness.qemu.spec import Drive, MachineSpec
from harness.scenario.faults import FEATURE
from harness.scenario.model import MeSpec, Scenario

_FAULT_ARGUMENT = "soo_fault"
_ME_TYPE = b"ME\0"
# Holds any snapshot of an ME of 16 MB; the file is sparse.
_EXCHANGE_MIB = 32
# The least size of the disk with the ME images; sparse too.
_DISK_MIB = 16
_dumped: dict[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class MeImage:
    """One ME image.

    :ivar file: its `.itb`.
    :ivar tree: the device tree inside, which the ME is expected to see.
    """

    spec: MeSpec
    file: Path
    tree: Merged


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a machine is started from.

    :ivar agency: the tree that the agency is expected to see; None if the image set has none of ours.
    :ivar mes: the ME images by name.
    """

    spec: MachineSpec
    agency: Merged | None = None
    mes: Mapping[str, MeImage] = field(default_factory=dict)


def prepare(scenario: Scenario, images: ImageSet, folder: Path) -> Prepared:
    """Make all files of the scenario's machine in `folder`.

    :raise UsageError: the scenario asks for what the image set cannot do, or a tree is wrong.
    :raise HostError: a tool is missing or fails.
    """
    _refuse_impossible(scenario, images)
    agency = _agency(scenario, images)
    dtb = None
    if agency is not None:
        dtb = folder / "agency.dtb"
        dtb.write_bytes(agency.dtb)
    mes = {spec.name: _me(spec, images, folder) for spec in scenario.mes}
    drives = [_disk(mes, folder / "me.tar")] if mes else []
    if len(scenario.machines) > 1:
        drives.append(_exchange(folder / "exchange.raw"))
    spec = machine_spec(images, dtb=dtb, append=_append(scenario), drives=drives)
    return Prepared(spec, agency, mes)


def _refuse_impossible(scenario: Scenario, images: ImageSet) -> None:
    where = str(scenario.path)
    manifest = images.manifest
    asks = scenario.agency
    if manifest.agency_tree is None and (asks.overlays or asks.base):
        raise UsageError(f"image set '{manifest.name}' has no agency tree to apply overlays to", where=where)
    if manifest.me is None and scenario.mes:
        raise UsageError(f"image set '{manifest.name}' has no MEs", where=where)
    faults = [asks.fault, *(me.fault for me in scenario.mes)]
    if any(faults) and FEATURE not in manifest.features:
        raise UsageError(f"image set '{manifest.name}' has no planted faults", where=where,
                         hint="use a set with the feature 'faults', such as ref-virt64-faults")


def _agency(scenario: Scenario, images: ImageSet) -> Merged | None:
    desc = images.manifest.agency_tree
    if desc is None:
        return None
    base = load(desc.base) if isinstance(desc.base, Path) else _qemu_tree(images)
    own = desc.overlays
    chosen = scenario.agency.base
    if chosen is not None and chosen.suffix == ".dtso":
        own = (chosen,)  # in place of the image set's own nodes, on the same machine
    elif chosen is not None:
        base, own = load(chosen), ()
    return agency_tree(base, (*own, *scenario.agency.overlays))


def _qemu_tree(images: ImageSet) -> bytes:
    """The tree that QEMU makes for this machine; the same for all runs of an image set on such a machine."""
    spec = machine_spec(images)
    key = f"{images.key} {hardware(spec)}"
    if key not in _dumped:
        _dumped[key] = dump_tree(spec)
    return _dumped[key]


def _append(scenario: Scenario) -> str:
    fault = scenario.agency.fault
    words = [scenario.agency.append, f"{_FAULT_ARGUMENT}={fault}" if fault else ""]
    return " ".join(word for word in words if word)


def _me(spec: MeSpec, images: ImageSet, folder: Path) -> MeImage:
    desc = images.manifest.me
    assert desc is not None
    tree = me_tree(spec.base or desc.base, spec.overlays, fault=spec.fault, spid=spec.spid, name=spec.name)
    file = folder / f"{spec.name}.itb"
    kernel = images.path(desc.kernel).read_bytes()
    me_image(kernel, tree.dtb, load=desc.load, entry=desc.entry, out=file)
    if spec.damage is not None:
        file.write_bytes(_damaged(file.read_bytes(), kernel, tree.dtb, spec.damage))
    return MeImage(spec, file, tree)


def _damaged(image: bytes, kernel: bytes, dtb: bytes, damage: str) -> bytes:
    if damage == "empty":
        return b""
    if damage == "no-fit":
        return dtb
    if damage == "truncated":
        return image[: len(image) // 2]
    if damage == "no-me":
        return image.replace(_ME_TYPE, b"no\0", 1)
    middle = image.index(kernel) + len(kernel) // 2
    return image[:middle] + bytes([image[middle] ^ 1]) + image[middle + 1:]


def _exchange(file: Path) -> Drive:
    """A raw disk that all machines share, second to the one with the MEs; it carries snapshots."""
    with file.open("wb") as empty:
        empty.truncate(_EXCHANGE_MIB << 20)
    return Drive(file, format="raw", readonly=False, shared=True)


def _disk(mes: Mapping[str, MeImage], file: Path) -> Drive:
    """A raw disk that is a tar archive: the agency needs no file system to unpack it."""
    with tarfile.open(file, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, me in mes.items():
            data = me.file.read_bytes()
            entry = tarfile.TarInfo(f"{name}.itb")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    # A clone sees another archive where its template had one: the disk keeps its size.
    size = _DISK_MIB << 20
    while size < file.stat().st_size:
        size *= 2
    os.truncate(file, size)
    return Drive(file, format="raw", readonly=True)
