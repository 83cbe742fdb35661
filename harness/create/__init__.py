# SPDX-License-Identifier: GPL-2.0-only
"""Beginnings that work: a scenario that passes, a device that comes to Connected."""
