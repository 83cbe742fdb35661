# SPDX-License-Identifier: GPL-2.0-only
"""The links as the agency has them: its devices, and the rings of their backends."""

from __future__ import annotations

from collections.abc import Iterator

import gdb

from harness.debug.gdbside import printers

_OUT_OF_SIGHT = "the agency's links are in sight when its kernel runs: stop in a function of it"


def devices() -> Iterator[gdb.Value]:
    """Each `struct vbus_device` of the agency.

    :raise gdb.GdbError: the agency's memory is not in sight
    """
    symbol = gdb.lookup_static_symbol("devices")
    if symbol is None:
        raise gdb.GdbError("no links: soo.ko has no symbols here")
    try:
        yield from printers.entries(symbol.value(), _device_type(), "link")
    except gdb.MemoryError:
        raise gdb.GdbError(_OUT_OF_SIGHT) from None


def _device_type() -> gdb.Type:
    """The agency's one, of two structures of that name."""
    function = gdb.lookup_global_symbol("vbus_switch_state_quietly")
    return function.type.fields()[0].type.target()


def ring_of(device: gdb.Value) -> gdb.Value | None:
    """The `struct vbus_ring` of a device's backend, or None before its probe."""
    private = device["dev"]["driver_data"]
    if not int(private):
        return None
    kind = gdb.lookup_type(f"struct {printers.text(device['devicetype'])}")
    return private.cast(kind.pointer()).dereference()["ring"]


class Links(gdb.Command):
    """soo-links [TYPE/DOMAIN]: the agency's links with their rings; $ring is the page of the last one told.

After it, watch -l $ring->rsp_prod stops at each write of the BE to that index."""

    def __init__(self) -> None:
        super().__init__("soo-links", gdb.COMMAND_DATA)

    def invoke(self, argument: str, from_tty: bool) -> None:
        wanted = argument.strip()
        told = 0
        for device in devices():
            name = f"{printers.text(device['devicetype'])}/{int(device['otherend_id'])}"
            if wanted and wanted != name:
                continue
            told += 1
            ring = ring_of(device)
            gdb.write(f"{name}  {printers.vbus_device(device)}\n")
            if ring is not None:
                gdb.write(f"  {printers.vbus_ring(ring)}\n")
                gdb.set_convenience_variable("ring", ring["ring"]["page"])
        if not told:
            raise gdb.GdbError(f"no link{f' {wanted}' if wanted else ''} now")


def register() -> None:
    """Add the command."""
    Links()
