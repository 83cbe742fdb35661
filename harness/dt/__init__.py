# SPDX-License-Identifier: GPL-2.0-only
"""Device trees: compile (dtc), overlay (libfdt), view (pyfdt), compare with what a guest reports."""
