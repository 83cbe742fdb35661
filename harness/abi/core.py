# SPDX-License-Identifier: GPL-2.0-only
"""core.h: structures of /dev/soo/core. Only their layout: the harness never sees one in memory."""

from __future__ import annotations

from harness.abi.codec import Layout
from harness.abi.soo import ME_NAME_SIZE, ME_SHORTDESC_SIZE

CORE_PATH = "/dev/soo/core"
HYPERCALL_END = 1
"""Answer to a hypercall after which the ME is not to run."""

SOO_DOMAIN_CREATE = Layout("soo_domain_create", (
    ("ram", "Q"),
    ("ram_size", "Q"),
    ("ram_base", "Q"),
    ("shared", "Q"),
    ("spid", "Q"),
    ("doorbell", "i"),
    ("irq", "i"),
    ("slot", "I"),
    ("incarnation", "I"),
    ("name", f"{ME_NAME_SIZE}s"),
    ("shortdesc", f"{ME_SHORTDESC_SIZE}s"),
))

SOO_ME_DESC = Layout("soo_me_desc", (
    ("slot", "I"),
    ("state", "i"),
    ("spid", "Q"),
    ("pid", "i"),
    ("incarnation", "I"),
    ("name", f"{ME_NAME_SIZE}s"),
    ("shortdesc", f"{ME_SHORTDESC_SIZE}s"),
))

SOO_ME_REQUEST = Layout("soo_me_request", (("slot", "I"), ("timeout_ms", "I")))
