# SPDX-License-Identifier: GPL-2.0-only
"""vuart.h: a console over the bus, one character an entry."""

from __future__ import annotations

from harness.abi.codec import Layout

NAME = "vuart"
ENTRIES = 1024

VUART_REQUEST = Layout("vuart_request", (("c", "B"),))
VUART_RESPONSE = Layout("vuart_response", (("c", "B"),))
