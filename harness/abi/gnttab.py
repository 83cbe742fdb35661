# SPDX-License-Identifier: GPL-2.0-only
"""gnttab.h: grants."""

from __future__ import annotations

from enum import IntEnum

GNTTAB_MAX = 64
"""References of a domain, the invalid one included."""
GNTTAB_INVALID_REF = 0


class GnttabState(IntEnum):
    """State of one reference."""

    FREE = 0
    GRANTED = 1
    MAPPED = 2
