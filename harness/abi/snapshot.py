# SPDX-License-Identifier: GPL-2.0-only
"""snapshot.h: a saved ME."""

from __future__ import annotations

from harness.abi.codec import PAGE_SIZE, Layout
from harness.abi.soo import ME_NAME_SIZE, ME_SHORTDESC_SIZE

REVISION = 1
CHECKED = 20
"""The checksum covers the bytes from here to the end."""
TYPED_MAX = 1024

SNAPSHOT_HEADER = Layout("snapshot_header", (
    ("signature", "I"),
    ("revision", "I"),
    ("length", "Q"),
    ("crc", "I"),
    ("header_size", "I"),
    ("spid", "Q"),
    ("ram_base", "Q"),
    ("ram_size", "Q"),
    ("shared", "Q"),
    ("avz_base", "Q"),
    ("uart_base", "Q"),
    ("gic_dist", "Q"),
    ("gic_redist", "Q"),
    ("avz_spi", "I"),
    ("uart_spi", "I"),
    ("incarnation", "I"),
    ("slot", "I"),
    ("nr_regs", "I"),
    ("nr_gic", "I"),
    ("nr_pages", "I"),
    ("uart_mask", "I"),
    ("typed", "I"),
    ("pad", "I"),
    ("name", f"{ME_NAME_SIZE}s"),
    ("shortdesc", f"{ME_SHORTDESC_SIZE}s"),
    ("typed_text", f"{TYPED_MAX}s"),
))

SNAPSHOT_REG = Layout("snapshot_reg", (("id", "Q"), ("value", "16s")))
SNAPSHOT_GIC = Layout("snapshot_gic", (("group", "I"), ("pad", "I"), ("attr", "Q"), ("value", "Q")))
SNAPSHOT_PAGE = Layout("snapshot_page", (("addr", "Q"), ("data", f"{PAGE_SIZE}s")))
