# SPDX-License-Identifier: GPL-2.0-only
"""limits.h: how much of the agency one ME may use, and how fast."""

MAX_WATCHES = 64
MAX_NODES = 256
MAX_STORE_BYTES = 32768
"""Of values in the store, each with its NUL."""
MAX_REFUSALS = 20000
"""Requests refused, of all kinds, after which an ME is cut off."""
REFUSALS_FORGIVEN = 10
"""A second."""
REFUSALS_TOLD = 32
"""Refusals of which the store tells."""

RATE_WINDOW_MS = 100
"""Milliseconds for which the rates below are meant."""
RATE_CHANGES = 400
RATE_MESSAGES = 2000
RATE_DOORBELLS = 5000
RATE_DC_EVENTS = 20
