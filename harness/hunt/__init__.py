# SPDX-License-Identifier: GPL-2.0-only
"""Hunting races: one scenario under many interleavings, each of which comes again by its seed."""
