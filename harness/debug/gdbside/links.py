# SPDX-License-Identifier: GPL-2.0-only
"""The links as the agency has them: its devices, and the rings of their backends."""

from __future__ import annotations

from collections.abc import Iterator

import gdb

from harness.debug.gdbside import printers, sight
from harness.debug.gdbside.images import variable
from harness.debug.gdbside.sight import Sight

_CORE = "soo"


def devices(look: Sight) -> Iterator[gdb.Value]:
    """Each `struct vbus_device` of the agency.

    :raise gdb.GdbError: soo.ko is not loaded
    :raise gdb.MemoryError: there are no links now
    """
    for device in printers.entries(variable(_CORE, "devices"), _device_type(), "link", look):
        yield look.target(device)


def _device_type() -> gdb.Type:
    """The agency's one, of two structures of that name."""
    function = variable(_CORE, "vbus_switch_state_quietly")
    return function.type.target().fields()[0].type.target()


def ring_of(device: gdb.Value, look: Sight) -> gdb.Value | None:
    """The `struct vbus_ring` of a device's backend; None before its probe, or if its module has no types."""
    private = device["dev"]["driver_data"]
    if not int(private):
        return None
    try:
        kind = gdb.lookup_type(f"struct {look.text(device['devicetype'])}")
    except gdb.error:
        return None
    return look.target(private.cast(kind.pointer()))["ring"]


class Links(gdb.Command):
    """soo-links [TYPE/DOMAIN]: the agency's links with their rings; $ring is the page of the last one told.

After it, watch -l $ring->rsp_prod stops at each write of the BE to that index."""

    def __init__(self) -> None:
        super().__init__("soo-links", gdb.COMMAND_DATA)

    def invoke(self, argument: str, from_tty: bool) -> None:
        try:
            told = _tell(argument.strip(), sight.agency())
        except gdb.MemoryError as error:
            raise gdb.GdbError(f"the links cannot be read now: {error}") from None
        if not told:
            raise gdb.GdbError(f"no link{f' {argument.strip()}' if argument else ''} now; "
                               "soo-store backend has what is left of one that ends")


def _tell(wanted: str, look: Sight) -> int:
    """Tell of these links, or of all; how many there were."""
    told = 0
    gdb.set_convenience_variable("ring", None)
    for device in devices(look):
        name = f"{look.text(device['devicetype'])}/{int(device['otherend_id'])}"
        if wanted and wanted != name:
            continue
        told += 1
        ring = ring_of(device, look)
        gdb.write(f"{name}  {printers.vbus_device(device, look)}\n")
        if ring is not None:
            gdb.write(f"  {printers.vbus_ring(ring, look)}\n")
            gdb.set_convenience_variable("ring", ring["ring"]["page"])
    return told


def register() -> None:
    """Add the command."""
    Links()
