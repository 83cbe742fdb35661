# SPDX-License-Identifier: GPL-2.0-only
"""What the device types of vbus have in their rings."""

from __future__ import annotations

from collections.abc import Mapping

from harness.abi import vdummy, vuart

SLOT_SIZES: Mapping[str, tuple[int, int]] = {
    vdummy.NAME: (vdummy.PACKET_SIZE, vdummy.PACKET_SIZE),
    vuart.NAME: (1, 1),
}
"""Bytes of a request and of a response slot, by device type."""

UNSOLICITED = frozenset({vuart.NAME})
"""Types whose responses come without requests: both directions of their ring run by themselves."""
