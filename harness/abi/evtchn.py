# SPDX-License-Identifier: GPL-2.0-only
"""evtchn.h: event channels."""

from __future__ import annotations

from enum import IntEnum

EVTCHN_MAX = 128
"""Channels of a domain; number 0 is never given out."""


class EvtchnState(IntEnum):
    """State of one channel."""

    FREE = 0
    RESERVED = 1
    UNBOUND = 2
    INTERDOMAIN = 3
    VIRQ = 4
