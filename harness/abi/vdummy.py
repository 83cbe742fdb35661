# SPDX-License-Identifier: GPL-2.0-only
"""vdummy.h: the device that answers each request with the same bytes."""

from __future__ import annotations

from harness.abi.codec import Layout
from harness.abi.ring import RingView

NAME = "vdummy"
PACKET_SIZE = 32

VDUMMY_REQUEST = Layout("vdummy_request", (("buffer", f"{PACKET_SIZE}s"),))
VDUMMY_RESPONSE = Layout("vdummy_response", (("buffer", f"{PACKET_SIZE}s"),))


def vdummy_ring(data: bytes) -> RingView:
    """The page of a vdummy link.

    :raise AbiError: less than a page
    """
    return RingView(data, PACKET_SIZE, PACKET_SIZE)
