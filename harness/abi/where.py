# SPDX-License-Identifier: GPL-2.0-only
"""where.h: where the threads of an ME are found in its memory."""

from __future__ import annotations

from harness.abi.codec import Layout

IMAGE_OFFSET = 0x80000
IMAGE_WHERE = 32
SIGNATURE = 0x5745524D

ME_WHERE = Layout("me_where", (
    ("signature", "I"),
    ("sp", "I"),
    ("name", "I"),
    ("link", "I"),
    ("state", "I"),
    ("reserved", "I"),
    ("threads", "Q"),
    ("current", "Q"),
))
