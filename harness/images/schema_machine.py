# SPDX-License-Identifier: GPL-2.0-only
"""The part `machine` of an image set's manifest: which QEMU machine boots it, with what in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.images.types import DriveDesc, LoadDesc, MachineDesc
from harness.yamlnode import Node

MACHINE_KEYS = (
    *("binary", "machine", "cpu", "smp", "memory", "accel", "firmware", "kernel", "initrd", "dtb", "append"),
    *("loads", "starts", "drives", "extra"),
)
_MEMORY = re.compile(r"([0-9]+)\s*(M|MiB|G|GiB)")
_FORMATS = ("raw", "qcow2")
_CPUS = 512
_ADDRESS = (1 << 64) - 1


def read_machine(part: dict[str, Node], node: Node, artifacts: Iterable[str]) -> MachineDesc:
    """The machine, from its entries merged over all layers.

    :param node: the mapping itself, for messages about what is missing.
    :param artifacts: names that its files may have.
    """
    names = list(artifacts)
    for key in ("binary", "machine"):
        if key not in part:
            raise node.error(f"key '{key}' is missing")
    _contradictions(part)

    def text(key: str) -> str | None:
        return part[key].string() if key in part else None

    def artifact(key: str) -> str | None:
        return part[key].string(names) if key in part else None

    def items(key: str) -> list[Node]:
        return part[key].sequence() if key in part else []

    return MachineDesc(
        binary=part["binary"].string(),
        machine=part["machine"].string(),
        cpu=text("cpu"),
        smp=part["smp"].integer(1, _CPUS) if "smp" in part else 1,
        memory_mib=_memory(part["memory"]) if "memory" in part else 128,
        firmware=artifact("firmware"),
        kernel=artifact("kernel"),
        initrd=artifact("initrd"),
        dtb=artifact("dtb"),
        append=part["append"].string(empty=True) if "append" in part else None,
        accel=text("accel"),
        loads=tuple(_load(item, names) for item in items("loads")),
        starts=tuple(_start(item) for item in items("starts")),
        drives=tuple(_drive(item, names) for item in items("drives")),
        extra=tuple(item.scalar() for item in items("extra")),
    )


def _contradictions(part: dict[str, Node]) -> None:
    for key in ("append", "initrd"):
        if key in part and "kernel" not in part:
            raise part[key].error("it needs a 'kernel'")


def _memory(node: Node) -> int:
    match = _MEMORY.fullmatch(node.scalar())
    size = int(match[1]) * (1024 if match[2].startswith("G") else 1) if match else 0
    if size < 1:
        raise node.expected("a size with unit", "for instance 512M or 2G")
    return size


def _load(node: Node, artifacts: list[str]) -> LoadDesc:
    entries = node.mapping(required=("file",), optional=("address", "cpu"))
    return LoadDesc(
        artifact=entries["file"].string(artifacts),
        address=entries["address"].integer(0, _ADDRESS) if "address" in entries else None,
        cpu=entries["cpu"].integer(0, _CPUS - 1) if "cpu" in entries else None,
    )


def _start(node: Node) -> tuple[int, int]:
    entries = node.mapping(required=("cpu", "address"))
    return entries["cpu"].integer(0, _CPUS - 1), entries["address"].integer(0, _ADDRESS)


def _drive(node: Node, artifacts: list[str]) -> DriveDesc:
    entries = node.mapping(required=("file",), optional=("format", "interface", "readonly"))
    return DriveDesc(
        artifact=entries["file"].string(artifacts),
        format=entries["format"].string(_FORMATS) if "format" in entries else "raw",
        interface=entries["interface"].string() if "interface" in entries else "virtio",
        readonly=entries["readonly"].boolean() if "readonly" in entries else False,
    )
